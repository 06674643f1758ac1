"""Storage hosts: the volumes folders lie on, and how full they are (20.09 and later)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from bai_tui.api.models import parse_decimal, parse_json
from bai_tui.screens.admin import columns
from bai_tui.screens.admin.resource import SUPERADMIN, Fetch, Item, Relation, Resource, Scope, Wire
from bai_tui.screens.admin.view import ResourceView
from bai_tui.widgets.table.columns import Cell, Column

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.identity import Identity

FIELDS: Final = (
    "id", "backend", "path", "fsprefix", "capabilities", "usage", "proxy", "name",
)  # fmt: skip
PAGE: Final = 100
BAR: Final = 10


async def load(
    session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
) -> Sequence[Wire]:
    """All hosts, page after page."""
    found: list[Wire] = []
    while True:
        page: list[Wire] = await fetch(partial(session.Storage.list, PAGE, len(found)), FIELDS)
        found += page
        if len(page) < PAGE:
            return [_wire(row) for row in found]


def _wire(row: Wire) -> Wire:
    usage = parse_json(row.get("usage"))
    usage = usage if isinstance(usage, dict) else {}
    rest = {key: value for key, value in row.items() if key != "usage"}
    return {**rest, "used_bytes": usage.get("used_bytes"),
            "capacity_bytes": usage.get("capacity_bytes") or None}  # fmt: skip


def share(item: Item) -> float | None:
    """How full it is, from 0 to 1; None when that is not told."""
    used = parse_decimal(item.data.get("used_bytes"))
    whole = parse_decimal(item.data.get("capacity_bytes"))
    return float(used / whole) if used is not None and whole else None


def _bar(item: Item) -> Cell:
    part = share(item)
    if part is None:
        return Cell("not told", "muted")
    tone = "error" if part >= 0.95 else "warning" if part >= 0.85 else "success"
    full = min(BAR, int(part * BAR))
    return Cell(f"{'█' * full}{'░' * (BAR - full)} {int(part * 100):3}%", tone)


RESOURCE: Final = Resource(
    name="storage-hosts",
    one="storage host",
    about="Volumes that folders lie on, and how full they are.",
    viewers=SUPERADMIN,
    columns=(
        columns.text("id", "HOST", least=16, most=40, priority=100, pinned=True, cut="middle"),
        Column(key="full", label="FULL", width=15, priority=95, render=_bar, sort_key=share,
               value=share, descending=True, watch=True),
        columns.number("used_bytes", "USED", width=7, priority=85, size=True),
        columns.number("capacity_bytes", "CAPACITY", width=8, priority=80, size=True),
        columns.text("backend", "BACKEND", least=8, most=16, priority=90, flex=0.2),
        columns.names("capabilities", "CAN", least=10, most=40, priority=60),
        columns.text("path", "PATH", least=12, most=60, priority=50, cut="start", flex=2),
        columns.text("fsprefix", "PREFIX", least=6, most=20, priority=20, flex=0.2),
    ),
    load=load,
    key=lambda data: str(data.get("id")),
    relations=(
        Relation(action="quotas", target="quotas", label="quotas on the host", scope="host",
                 value=lambda item: item.key, offer="QuotaScopeAPI"),
    ),
    interval=30,
    sort="id",
    hint="Storage proxies announce them.",
    offer="StorageAPI",
)  # fmt: skip


class StorageHostsView(ResourceView):
    """The storage hosts."""

    RESOURCE = RESOURCE
