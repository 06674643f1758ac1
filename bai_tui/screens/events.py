"""The live event log: every event since the program was started, filtered, followed or paused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.feed import GAP, LIMIT, POLL, ClusterEvent
from bai_tui.screens.listing import ListView
from bai_tui.screens.sessions.columns import STATUS
from bai_tui.widgets.table import LiveTable
from bai_tui.widgets.table.columns import Cell, Column


def _name(event: ClusterEvent) -> Cell:
    if event.name == GAP:
        return Cell("gap", "warning", "┄")
    good = {"success": ("success", "✓"), "failure": ("error", "✗")}
    tone, glyph = good.get(event.verb) or STATUS.get(event.status, ("", "·"))
    return Cell(event.verb, tone, glyph)


COLUMNS: Final[tuple[Column[ClusterEvent], ...]] = (
    Column(key="time", label="TIME", width=8, priority=100,
           render=lambda e: f"{e.at.astimezone():%H:%M:%S}",
           sort_key=lambda e: e.number, value=lambda e: e.at),
    Column(key="event", label="EVENT", width=14, priority=100, render=_name,
           value=lambda e: e.name),
    Column(key="session", label="SESSION", min_width=14, max_width=44, flex=2, priority=95,
           cut="middle", render=lambda e: e.session),
    Column(key="reason", label="REASON", min_width=16, flex=3, priority=80,
           render=lambda e: Cell(e.reason, "warning" if e.name == GAP else "muted")),
    Column(key="owner", label="OWNER", width=20, priority=60, cut="middle",
           render=lambda e: Cell(e.owner, "muted")),
)  # fmt: skip


class EventsView(ListView):
    """The second main view."""

    CRUMB = "events"
    ROOT = True
    SCOPES: ClassVar[tuple[str, ...]] = ("events", "table")
    REMEMBER = "events"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings("table"),
        *actions.bindings("events"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._follow = True
        self._at = 0
        """Number of the event the cursor was seen on last."""
        self._filtered_by = ""
        self._oldest = 0
        self._gaps = 0
        """Marks of missing events seen; told even where a filter hides them."""

    def compose_body(self) -> ComposeResult:
        """The table."""
        yield LiveTable(
            COLUMNS,
            key=lambda event: event.number,
            row_tone=lambda event: "warning" if event.name == GAP else "",
            what="events",
            empty="No events yet. They appear here as sessions start, change and end.",
            id_of=lambda event: event.session,
            id="table",
        )

    def setup(self) -> None:
        """Everything the feed has kept."""
        super().setup()
        self.table.set_rows(self.connection.feed)
        self._gaps = sum(event.name == GAP for event in self.connection.feed)
        self._to_end()

    def counts(self) -> str:
        """With follow or pause, and that something is missing."""
        gaps = f"┄ {self._gaps} gap{'s' if self._gaps > 1 else ''}  " if self._gaps else ""
        return f"{gaps}{super().counts()}  {'following' if self._follow else 'paused'}"

    def cluster_events(self, events: Sequence[ClusterEvent]) -> None:
        """Append; the oldest go when there are too many."""
        if not self.is_mounted:
            return
        new = [event for event in events if event.name != POLL]
        if not new:
            return
        self._settle()  # before the end is elsewhere
        self.table.upsert(new)
        self._gaps += sum(event.name == GAP for event in new)
        first = max(0, new[-1].number - LIMIT)
        if first > self._oldest:
            self.table.remove(range(self._oldest, first + 1))
            self._oldest = first
        self._to_end()
        self.refresh_crumbs()

    def _to_end(self) -> None:
        if self._follow and self.table.shown_count:
            self.table.move_cursor(self.table.shown_count - 1)
            self._at = self._under_cursor()

    def _under_cursor(self) -> int:
        row = self.table.cursor_row
        return row.number if row is not None else 0

    def _settle(self) -> None:
        """Moving up pauses, reaching the end follows again; another filter does neither."""
        if self._filtered_by != self.table.filter_text:
            self._filtered_by = self.table.filter_text
            self._at = self._under_cursor()
        if self._at != self._under_cursor():
            self._at = self._under_cursor()
            self._follow = self.table.cursor_index >= self.table.shown_count - 1

    def on_row_highlighted(self, event: LiveTable.RowHighlighted) -> None:
        """The cursor was moved."""
        before = self._follow
        self._settle()
        if self._follow != before:
            self.refresh_bars()

    def open_with(self, argument: str) -> None:
        """`:events /filter`."""
        if argument:
            self.table.set_filter(argument.removeprefix("/"))

    def why_not(self, action: Action) -> str:
        """Gaps have no session."""
        row = self.table.cursor_row
        if action.id == "events.jump" and row is not None and not row.session:
            return "this is no event of a session"
        return ""

    def do_events_follow(self, argument: str) -> None:
        """Follow or pause."""
        self._follow = not self._follow
        self._to_end()
        self.refresh_bars()

    def do_events_only(self, argument: str) -> None:
        """Choose what to show."""
        from bai_tui.screens.eventfilter import EventFilter

        def chosen(text: str | None) -> None:
            if text is not None:
                self.table.set_filter(text)
                self._to_end()

        row: ClusterEvent | None = self.table.cursor_row
        values = {} if row is None else {
            "session": row.session, "owner": row.owner, "reason": row.reason
        }  # fmt: skip
        types = {event.verb for event in self.connection.feed}
        self.app.push_screen(EventFilter(self.table.filter_text, sorted(types), values), chosen)

    def do_events_jump(self, argument: str) -> None:
        """Go to the session."""
        row = self.table.cursor_row
        if row is not None:
            self.host.show_view("sessions", f"@{row.session}")

    def on_row_opened(self, event: LiveTable.RowOpened) -> None:
        """Enter does the same."""
        self.perform(actions.BY_ID["events.jump"])

    def do_events_clear(self, argument: str) -> None:
        """Forget."""
        self.connection.feed.clear()
        self.table.clear()
        self._gaps = 0
        self.refresh_bars()

    def do_table_describe(self, argument: str) -> None:
        """All of the event."""
        from bai_tui.screens.help import Sheet

        row = self.table.cursor_row
        if row is not None:
            told = {
                "received": f"{row.at.astimezone():%Y-%m-%d %H:%M:%S.%f}",
                "session": row.session,
                "id": row.session_id,
                "owner": row.owner,
                "reason": row.reason,
            }
            self.app.push_screen(
                Sheet(row.name, [(name, text) for name, text in told.items() if text], what="event")
            )
