"""Errors that clients reported to the server, on servers that keep them (from 20.03 on)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from bai_tui.screens.admin import columns
from bai_tui.screens.admin.pages import PAGE, PagedView
from bai_tui.screens.admin.resource import EVERYBODY, Call, Fetch, Item, Resource, Scope, Wire
from bai_tui.widgets.dialog import Confirm
from bai_tui.widgets.table.columns import Cell, Column

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.identity import Identity

_TONES: Final = {"critical": ("error", "✗"), "error": ("error", "✗"), "warning": ("warning", "⚠")}


def _severity(item: Item) -> Cell:
    if item.doing:
        return Cell(f"{item.doing}…", "accent", "…")
    tone, glyph = _TONES.get(item.text("severity"), ("", "·"))
    return Cell(item.text("severity"), tone, glyph)


async def load(
    session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
) -> Sequence[Wire]:
    """One page, the newest first; `scope.value` is its number."""
    answer = await session.ErrorLog.list(page=int(scope.value or 1), size=PAGE)
    found: list[Wire] = [_wire(entry) for entry in answer.get("logs") or ()]
    return found


def _wire(entry: dict[str, Any]) -> Wire:
    at = entry.get("created_at")
    created = datetime.fromtimestamp(at, UTC).isoformat() if isinstance(at, (int, float)) else at
    return {**entry, "created_at": created}


RESOURCE: Final = Resource(
    name="server-logs",
    one="entry",
    about="Errors that were reported to the server.",
    viewers=EVERYBODY,
    editors=EVERYBODY,
    columns=(
        Column(key="severity", label="SEVERITY", width=10, priority=100, render=_severity),
        columns.text("source", "SOURCE", least=10, most=24, priority=80, flex=0.5),
        columns.text("message", "MESSAGE", least=24, most=120, priority=95, flex=4),
        columns.text("request_url", "REQUEST", least=14, most=50, priority=50, cut="middle"),
        columns.text("request_status", "HTTP", width=5, priority=60),
        columns.text("user", "USER", least=12, most=36, priority=40, cut="middle"),
        columns.flag("is_cleared", "CLEARED", width=7, priority=45),
        columns.age(priority=90),
    ),
    load=load,
    key=lambda data: str(data.get("log_id")),
    title=lambda item: item.text("message") or item.key,
    scopes=("pages", "serverlog"),
    interval=30,
    hint="Clients report none.",
    offer="ErrorLogAPI",
)


class ServerLogsView(PagedView):
    """A page of the log."""

    RESOURCE = RESOURCE

    def do_serverlog_clear(self, argument: str) -> None:
        """Mark as dealt with, after asking."""
        items = self.chosen()

        def answered(yes: bool | None) -> None:
            if yes:
                self.start(
                    "Clear", "clearing", items, lambda item: Call("ErrorLog.clear", (item.key,))
                )
            else:
                self.flash("clear: cancelled, nothing was done")

        self.app.push_screen(
            Confirm(
                "Clear the entry?" if len(items) == 1 else f"Clear {len(items)} entries?",
                "They are marked as dealt with; owners no longer see them.",
                names=[self.RESOURCE.title(item) for item in items],
                verb="Clear",
            ),
            answered,
        )
