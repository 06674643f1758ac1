"""Quota scopes: what users and projects store on a host, and their limits (23.09 and later)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from bai_tui.api.models import parse_decimal
from bai_tui.screens.admin import columns, offers
from bai_tui.screens.admin.resource import (
    ADMINS,
    Call,
    Fetch,
    Field,
    Item,
    Resource,
    Scope,
    Values,
    Wire,
)
from bai_tui.screens.admin.storagepolicies import Limit
from bai_tui.screens.admin.view import ResourceView
from bai_tui.widgets.table.columns import Cell, Column

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.identity import Identity

MEASURED: Final = 1000
"""Scopes whose figures are asked for; the figures of more come when fewer are shown."""


async def load(
    session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
) -> Sequence[Wire]:
    """Every user and project on every host; of a host, a user or a group alone."""
    hosts, owners = await asyncio.gather(
        _hosts(session, identity, scope), _owners(session, identity, scope)
    )
    rows = [
        {"host": host, "scope": f"{kind}:{id}", "kind": kind, "name": name}
        for host in hosts
        for kind, id, name in owners
    ]
    places = [(row["host"], row["scope"]) for row in rows[:MEASURED]]
    figures = await session.QuotaScope.get_many(places)
    return [{**row, **(figures[n] if n < len(figures) else {})} for n, row in enumerate(rows)]


async def _hosts(session: AsyncSession, identity: Identity, scope: Scope) -> list[str]:
    if scope.kind == "host":
        return [scope.value]
    return [choice.value for choice in await offers.hosts(session, identity)]


async def _owners(
    session: AsyncSession, identity: Identity, scope: Scope
) -> list[tuple[str, str, str]]:
    """(user or project, id, name)."""
    if scope.kind == "user":
        return [("user", scope.value, scope.label)]
    if scope.kind == "group":
        return [("project", scope.value, scope.label)]
    users, groups = await asyncio.gather(
        session.User.list(fields=("uuid", "email")), offers.groups(session, identity)
    )
    return [
        *(("project", choice.value, choice.label) for choice in groups),
        *(("user", str(user["uuid"]), str(user["email"])) for user in users),
    ]


def share(item: Item) -> float | None:
    """How much of its limit is used; None without a limit, or when it is not told."""
    used = parse_decimal(item.data.get("usage_bytes"))
    most = parse_decimal(item.data.get("hard_limit_bytes"))
    return float(used / most) if used is not None and most and most > 0 else None


def _share(item: Item) -> Cell:
    if item.doing:
        return Cell(f"{item.doing}…", "accent", "…")
    if item.note:
        return Cell("failed", "error", "✗")
    part = share(item)
    if part is None:
        return Cell("-", "muted")
    tone = "error" if part >= 1 else "warning" if part >= 0.9 else ""
    return Cell(f"{part * 100:.0f}%", tone)


def update(item: Item, changes: Values) -> Call:
    """Set the limit, or end it when it is left empty."""
    place, limit = (item.text("host"), item.text("scope")), changes["hard_limit_bytes"]
    if limit is None:
        return Call("QuotaScope.unset", place)
    return Call("QuotaScope.set", (*place, limit))


RESOURCE: Final = Resource(
    name="quotas",
    one="quota",
    about="What users and projects store on a host, and their limits.",
    viewers=ADMINS,
    editors=ADMINS,
    columns=(
        columns.text("name", "OWNER", least=18, most=40, priority=100, pinned=True, flex=2,
                     cut="middle"),
        columns.text("kind", "KIND", width=8, priority=90),
        columns.text("host", "HOST", least=14, most=30, priority=95, cut="middle"),
        columns.number("usage_bytes", "USED", width=8, priority=92, size=True),
        columns.number("hard_limit_bytes", "LIMIT", width=8, priority=93, size=True, below="none"),
        Column(key="share", label="USED%", width=10, align="right", priority=85, render=_share,
               sort_key=share, value=share, descending=True, watch=True),
        columns.number("usage_count", "FILES", width=9, priority=60),
        columns.text("scope", "SCOPE", least=20, most=46, priority=20, cut="middle"),
    ),
    load=load,
    key=lambda data: f"{data.get('host')} {data.get('scope')}",
    title=lambda item: f"{item.text('name')} on {item.text('host')}",
    fields=(
        Field(key="hard_limit_bytes", label="Limit", kind=Limit(), default=None,
              help="such as 100g; empty: none"),
    ),
    update=update,
    verb="Unlimit",
    remove=lambda item: Call("QuotaScope.unset", (item.text("host"), item.text("scope"))),
    removing="As much can be stored there as the host has room for.",
    interval=60,
    sort="name",
    hint="There are no users and groups to see.",
    offer="QuotaScopeAPI",
)  # fmt: skip


class QuotasView(ResourceView):
    """The quota scopes."""

    RESOURCE = RESOURCE

    async def submit(self, call: Call, item: Item | None) -> Any:
        """Send it; hosts without quotas take a limit and forget it, which is said."""
        answer = await super().submit(call, item)
        if item is not None and call.method == "QuotaScope.set":
            now: Mapping[str, Any] = self._items[item.key].data if item.key in self._items else {}
            if parse_decimal(now.get("hard_limit_bytes")) != call.args[-1]:
                self.flash(
                    f"{item.text('host')} took the limit but tells of none: "
                    "its storage may have no quotas",
                    "warning",
                )
        return answer
