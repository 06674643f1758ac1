"""The audit log: who did what, on servers that keep one (25.01 and later)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from bai_tui.screens.admin import columns
from bai_tui.screens.admin.pages import PAGE, PagedView
from bai_tui.screens.admin.resource import SUPERADMIN, Fetch, Item, Relation, Resource, Scope, Wire
from bai_tui.widgets.table.columns import Cell, Column
from bai_tui.widgets.text import format_age

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.identity import Identity

FIELDS: Final = (
    "row_id", "created_at", "operation", "entity_type", "entity_id", "status", "description",
    "duration", "triggered_by", "request_id",
)  # fmt: skip
DURATION: Final = re.compile(r"(?:(\d+) days?, )?(\d+):(\d\d):(\d\d(?:\.\d+)?)")
_STATUS: Final = {
    "success": ("success", "✓"),
    "error": ("error", "✗"),
    "running": ("accent", "▸"),
    "denied": ("warning", "⊘"),
}


async def load(
    session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
) -> Sequence[Wire]:
    """One page, the newest first, with the e-mail addresses of those who did it."""
    start = (int(scope.value or 1) - 1) * PAGE
    found: list[Wire] = await fetch(
        lambda fields: session.AuditLog.list(PAGE, start, fields), FIELDS
    )
    names = await _names(session, {str(row.get("triggered_by") or "") for row in found} - {""})
    return [{"who": names.get(str(row.get("triggered_by")), ""), **row} for row in found]


async def _names(session: AsyncSession, ids: set[str]) -> dict[str, str]:
    """E-mail addresses by id, in one request; of those who are gone there are none."""
    from bai_tui.api.exceptions import BackendAPIError

    asked = sorted(ids)
    if not asked:
        return {}
    declared = ", ".join(f"$u{n}: ID" for n in range(len(asked)))
    fields = " ".join(
        f"u{n}: user_from_uuid(user_id: $u{n}) {{ email }}" for n in range(len(asked))
    )
    variables = {f"u{n}": user for n, user in enumerate(asked)}
    try:
        data = await session.Admin.query(f"query({declared}) {{ {fields} }}", variables)
    except BackendAPIError:
        return {}
    rows = {user: data.get(f"u{n}") for n, user in enumerate(asked)}
    return {user: str(row["email"]) for user, row in rows.items() if isinstance(row, dict)}


def _status(item: Item) -> Cell:
    tone, glyph = _STATUS.get(item.text("status"), ("", "·"))
    return Cell(item.text("status"), tone, glyph)


def _who(item: Item) -> str:
    return item.text("who") or item.text("triggered_by")


def took(text: str) -> str:
    """How long, in at most six cells, of `0:00:00.071772` or `1 day, 2:03:04`."""
    found = DURATION.fullmatch(text.strip())
    if found is None:
        return text
    days, hours, minutes, seconds = found.groups("0")
    total = float(seconds) + 60 * (int(minutes) + 60 * (int(hours) + 24 * int(days)))
    if total < 0.9995:
        return f"{total * 1000:.0f}ms"
    return f"{total:.1f}s" if total < 9.95 else format_age(total)


def _took(item: Item) -> str:
    return took(item.text("duration"))


RESOURCE: Final = Resource(
    name="audit",
    one="entry",
    about="Who did what on the cluster, and how it ended.",
    viewers=SUPERADMIN,
    columns=(
        columns.age(label="AGO", priority=100),
        columns.text("operation", "OPERATION", least=10, most=24, priority=98, flex=0.5),
        columns.text("entity_type", "KIND", least=10, most=24, priority=97, flex=0.5),
        Column(key="status", label="STATUS", width=10, priority=95, render=_status),
        Column(key="who", label="BY", min_width=14, max_width=36, priority=90, cut="middle",
               render=_who),
        columns.text("entity_id", "OBJECT", least=12, most=38, priority=70, cut="middle"),
        columns.text("description", "DESCRIPTION", least=12, most=80, priority=60, flex=2),
        Column(key="took", label="TOOK", width=6, align="right", priority=50, render=_took,
               sort_key=lambda item: item.text("duration")),
        columns.text("request_id", "REQUEST", least=12, most=38, priority=10, optional=True),
    ),
    load=load,
    key=lambda data: str(data.get("row_id")),
    title=lambda item: f"{item.text('operation')} {item.text('entity_type')}",
    relations=(
        Relation(action="users", target="users", label="who did it",
                 value=lambda item: item.text("who")),
    ),
    scopes=("pages",),
    hint="Nothing was done yet.",
    offer="AuditLogAPI",
)  # fmt: skip


class AuditView(PagedView):
    """A page of the log."""

    RESOURCE = RESOURCE
