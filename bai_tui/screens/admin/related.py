"""Compute sessions as they belong to something: a user, a keypair, an agent, an image, a group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from bai_tui.screens.admin import columns
from bai_tui.screens.admin.resource import EVERYBODY, Fetch, Item, Relation, Resource, Scope, Wire
from bai_tui.screens.admin.view import ResourceView
from bai_tui.screens.sessions.columns import STATUS, short_image
from bai_tui.widgets.table.columns import Cell, Column

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession, SessionInfo
    from bai_tui.identity import Identity


def _wire(info: SessionInfo) -> Wire:
    """What the columns and relations need."""
    return {
        "id": info.id,
        "name": info.name,
        "status": info.status,
        "image": info.image,
        "user_email": info.user_email or info.access_key,
        "access_key": info.access_key,
        "group_name": info.group_name,
        "agent": info.agent,
        "scaling_group": info.scaling_group,
        "occupied_slots": {name: str(amount) for name, amount in info.occupied_slots.items()},
        "created_at": info.created_at.isoformat() if info.created_at else None,
        "status_info": info.status_info,
    }


def _status(item: Item) -> Cell:
    tone, glyph = STATUS.get(item.text("status"), ("", "·"))
    return Cell(item.text("status"), tone, glyph)


async def load(
    session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
) -> Sequence[Wire]:
    """Living sessions that belong to what the scope says."""
    narrowed: dict[str, dict[str, Any]] = {
        "keypair": {"access_key": scope.value},
        "group": {"group_id": scope.value},
        "domain": {"domain_name": scope.value},
    }
    infos = await session.Kernel.list(**narrowed.get(scope.kind, {}))
    same = {
        "user": lambda info: info.user_email,
        "agent": lambda info: info.agent,
        "image": lambda info: info.image,
        "scaling": lambda info: info.scaling_group,
    }.get(scope.kind)
    if scope.kind == "service":
        routes = scope.item.data.get("routings") if scope.item else None
        mine = {str(route.get("session")) for route in routes or ()}
        return [_wire(info) for info in infos if info.id in mine]
    return [_wire(info) for info in infos if same is None or same(info) == scope.value]


RESOURCE: Final = Resource(
    name="related-sessions",
    one="session",
    about="Compute sessions of something.",
    viewers=EVERYBODY,
    columns=(
        columns.text("name", "NAME", least=18, most=40, priority=100, pinned=True, flex=2,
                     cut="middle"),
        Column(key="status", label="STATUS", width=14, priority=98, render=_status, watch=True),
        Column(key="image", label="IMAGE", min_width=16, max_width=34, priority=80, cut="middle",
               render=lambda item: short_image(item.text("image")),
               value=lambda item: item.text("image")),
        columns.slots("occupied_slots", "RESOURCES", least=14, priority=70, none="-"),
        columns.text("user_email", "OWNER", least=16, most=30, priority=75, cut="middle"),
        columns.text("agent", "AGENT", least=10, most=24, priority=72, cut="middle"),
        columns.text("group_name", "GROUP", least=8, most=20, priority=40, flex=0.5),
        columns.text("scaling_group", "SCALING", least=8, most=20, priority=35, flex=0.5),
        columns.age(priority=90),
    ),
    load=load,
    key=lambda data: str(data.get("id")),
    title=lambda item: item.text("name"),
    relations=(
        Relation(action="agents", target="agents", label="the agent it runs on",
                 value=lambda item: item.text("agent")),
        Relation(action="keypairs", target="keypairs", label="its keypair",
                 value=lambda item: item.text("access_key")),
        Relation(action="users", target="users", label="its owner",
                 value=lambda item: item.text("user_email")),
        Relation(action="scaling", target="scaling-groups", label="its scaling group",
                 value=lambda item: item.text("scaling_group")),
    ),
    interval=5,
    scopes=("related-session",),
    sort="created_at",
    hint="Those that ended are in :sessions, t there.",
)  # fmt: skip


class RelatedSessionsView(ResourceView):
    """Living sessions of one thing."""

    RESOURCE = RESOURCE
    CRUMB = "sessions"

    def do_related_session(self, argument: str) -> None:
        """To the list of sessions, with the cursor on it."""
        item = self.current()
        if item is not None:
            self.host.show_view("sessions", f"@{item.text('name')}")
