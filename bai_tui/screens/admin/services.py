"""Model services: models that answer requests, in so many sessions (23.03 and later)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from bai_tui.api.models import parse_json
from bai_tui.screens.admin import columns, offers
from bai_tui.screens.admin.images import reference
from bai_tui.screens.admin.kinds import Flag, Integer, Slots, Text, wire_slots
from bai_tui.screens.admin.resource import (
    EVERYBODY,
    Call,
    Fetch,
    Field,
    Item,
    Relation,
    Resource,
    Scope,
    Values,
    Wire,
)
from bai_tui.screens.admin.view import ResourceView
from bai_tui.widgets.picker import Choice
from bai_tui.widgets.table.columns import Cell, Column

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.identity import Identity

PAGE: Final = 100
_STATUS: Final = {
    "HEALTHY": ("success", "●"),
    "READY": ("success", "●"),
    "PROVISIONING": ("accent", "◔"),
    "DEGRADED": ("warning", "⚠"),
    "UNHEALTHY": ("error", "✗"),
    "DESTROYING": ("muted", "○"),
}
NAME: Final = Text(4, 64, r"\w[\w-]*\w", "4 or more of a-z 0-9 _ -")


async def load(
    session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
) -> Sequence[Wire]:
    """The services the caller may see that are not over, page after page."""
    from bai_tui.api.functions.service import FIELDS

    found: list[Wire] = []
    while True:
        page: dict[str, Any] = await fetch(
            partial(session.Service.paginated_list, PAGE, len(found)), FIELDS
        )
        found += page["items"]
        if len(page["items"]) < PAGE:
            return [_wire(row) for row in found if not _over(row)]


def _stage(row: Wire) -> str:
    return str(row.get("lifecycle_stage") or "").rpartition(".")[2].upper()


def _over(row: Wire) -> bool:
    return _stage(row) == "DESTROYED"


def _wire(row: Wire) -> Wire:
    """Flat, with what the switch and the form look at."""
    routes = [route for route in row.get("routings") or () if isinstance(route, dict)]
    wanted = row.get("desired_session_count") or 0
    return {
        **row,
        "lifecycle_stage": _stage(row),
        "is_active": bool(wanted),
        "up": sum(route.get("status") in ("HEALTHY", "healthy") for route in routes),
        "resource_slots": parse_json(row.get("resource_slots")),
        "failures": [
            str(error.get("repr") or error.get("name"))
            for entry in row.get("errors") or ()
            if isinstance(entry, dict)
            for error in entry.get("errors") or ()
        ],
    }


def _status(item: Item) -> Cell:
    if item.doing:
        return Cell(f"{item.doing}…", "accent", "…")
    if item.note:
        return Cell("failed", "error", "✗")
    if not item.data.get("is_active"):
        return Cell("stopped", "muted", "○")
    status = item.text("status") or item.text("lifecycle_stage")
    return Cell(status, *_STATUS.get(status.upper(), ("", "·")))


def _replicas(item: Item) -> Cell:
    up, wanted = item.data.get("up") or 0, item.data.get("desired_session_count") or 0
    return Cell(f"{up}/{wanted}", "" if up == wanted else "warning")


def _failures(item: Item) -> int:
    return len(item.data.get("failures") or ())


def _errors(item: Item) -> Cell:
    count = _failures(item)
    return Cell(str(count), "error", "✗") if count else Cell("-", "muted")


async def _models(session: AsyncSession, identity: Identity) -> Sequence[Choice]:
    """Folders that hold models."""
    rows = await session.VFolder.list()
    return [
        Choice(str(row["name"]), str(row["name"]), str(row.get("host") or ""))
        for row in rows
        if row.get("usage_mode") == "model" and not str(row.get("status")).startswith("delete")
    ]


async def _images(session: AsyncSession, identity: Identity) -> Sequence[Choice]:
    found = await session.Image.list(fields=("name", "registry", "tag"))
    return [Choice(reference(image), reference(image)) for image in found]


async def _groups(session: AsyncSession, identity: Identity) -> Sequence[Choice]:
    return [Choice(group.name, group.name) for group in identity.groups]


async def _scaling(session: AsyncSession, identity: Identity) -> Sequence[Choice]:
    group = identity.groups[0].name if identity.groups else ""
    answer = await session.ScalingGroup.list_available(group)
    rows = answer.get("scaling_groups") or ()
    return [Choice(str(row["name"]), str(row["name"])) for row in rows]


def create(values: Values) -> Call:
    """A new service."""
    first = tuple(values[name] for name in ("name", "model", "image"))
    more = {key: value for key, value in values.items() if key not in ("name", "model", "image")}
    if more.get("resources"):
        more["resources"] = wire_slots(more["resources"])
    given = {key: value for key, value in more.items() if value not in ("", None)}
    return Call("Service.create", first, given, title=values["name"])


RESOURCE: Final = Resource(
    name="services",
    one="model service",
    about="Models that answer requests, in so many sessions.",
    viewers=EVERYBODY,
    editors=EVERYBODY,
    columns=(
        columns.text("name", "NAME", least=14, most=36, priority=100, pinned=True, flex=2,
                     cut="middle"),
        Column(key="status", label="STATUS", width=14, priority=98, render=_status, watch=True),
        Column(key="replicas", label="UP", width=6, align="right", priority=96, render=_replicas,
               sort_key=lambda item: item.data.get("desired_session_count"), watch=True),
        columns.text("url", "ADDRESS", least=18, most=60, priority=90, flex=2, cut="middle"),
        columns.flag("open_to_public", "PUBLIC", priority=70),
        columns.text("session_owner_email", "OWNER", least=14, most=30, priority=75, cut="middle"),
        Column(key="failures", label="ERRORS", width=7, align="right", priority=65,
               render=_errors, sort_key=_failures),
        columns.slots("resource_slots", "RESOURCES", least=12, priority=50, none="-"),
        columns.text("image", "IMAGE", least=14, most=50, priority=40, cut="middle"),
        columns.text("resource_group", "SCALING", least=8, most=20, priority=30, flex=0.3),
        columns.age(priority=80),
    ),
    load=load,
    key=lambda data: str(data.get("endpoint_id")),
    title=lambda item: item.text("name"),
    fields=(
        Field(key="name", label="Name", kind=NAME, required=True, when="create"),
        Field(key="model", label="Model folder", kind=Text(), required=True, when="create",
              offer=_models, help="a folder of the kind model"),
        Field(key="image", label="Image", kind=Text(), required=True, when="create",
              offer=_images),
        Field(key="replicas", label="Sessions", kind=Integer(0, 1000), default=1, required=True,
              source="desired_session_count", help="0: stopped, keeps address"),
        Field(key="resources", label="Resources", kind=Slots(1), required=True, when="create",
              default={"cpu": "1", "mem": "1g"}, help="of each session"),
        Field(key="group", label="Group", kind=Text(), required=True, when="create",
              offer=_groups),
        Field(key="scaling_group", label="Scaling group", kind=Text(), required=True,
              when="create", offer=_scaling),
        Field(key="public", label="Public", kind=Flag(), choices=offers.YES_NO, default=False,
              when="create", help="yes: nobody needs a token"),
        Field(key="definition", label="Definition", kind=Text(0, 255), when="create",
              help="else model-definition.yml"),
    ),
    create=create,
    update=lambda item, changes: Call("Service.scale", (item.key, changes["replicas"])),
    toggle=lambda item: Call("Service.scale", (item.key, 0 if item.data.get("is_active") else 1)),
    verb="Delete",
    remove=lambda item: Call("Service.delete", (item.key,)),
    removing="Its sessions end, and its address is gone. The folder with the model stays.",
    relations=(
        Relation(action="sessions", target="related-sessions", label="its sessions",
                 scope="service", value=lambda item: item.key),
        Relation(action="users", target="users", label="its owner",
                 value=lambda item: item.text("session_owner_email")),
    ),
    interval=5,
    scopes=("services",),
    sort="name",
    hint="n starts one from a folder with a model.",
    offer="ServiceAPI",
)  # fmt: skip


class ServicesView(ResourceView):
    """The model services."""

    RESOURCE = RESOURCE

    def do_service_sync(self, argument: str) -> None:
        """Tell the app proxy anew."""
        items = self.chosen()
        self.start("Sync", "syncing", items, lambda item: Call("Service.sync", (item.key,)))

    def do_service_clear(self, argument: str) -> None:
        """Forget the failures."""
        items = self.chosen()
        self.start(
            "Clear", "clearing", items, lambda item: Call("Service.clear_errors", (item.key,))
        )
