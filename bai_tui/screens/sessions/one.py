"""One session in full: its details, and everything one does with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from bai_tui import actions
from bai_tui.feed import ClusterEvent
from bai_tui.screens.sessions.acts import SessionActs
from bai_tui.screens.sessions.detail import DetailPane
from bai_tui.screens.sessions.model import Row

if TYPE_CHECKING:
    from bai_tui.screens.sessions.view import SessionsView


class OneSessionView(SessionActs):
    """One session in full; it follows the list it was opened from."""

    CRUMB = "session"
    SCOPES: ClassVar[tuple[str, ...]] = ("session", "detail")
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings("session"),
        *actions.bindings("detail"),
        ("tab", "run('table.tab')", "next tab"),
    ]

    def __init__(self, source: SessionsView, row: Row) -> None:
        super().__init__()
        self._source = source
        self._row = row
        self._seconds = 0
        self._app_focused = True

    def compose_body(self) -> ComposeResult:
        """The details, nothing else."""
        yield DetailPane(id="detail")

    def setup(self) -> None:
        """Fill it."""
        self._show()
        self.focus_body()

    def focus_body(self) -> None:
        """Arrows scroll the facts."""
        self.query_one("#facts").focus()

    @property
    def crumb(self) -> str:
        """The name."""
        return self._row.name

    def crumbs(self) -> list[str]:
        """With the name."""
        return [*super().crumbs()[:-1], self._row.name]

    def current(self) -> Row | None:
        """The session."""
        return self._row

    def note(self, keys: Sequence[str], *, doing: str = "", note: str = "") -> None:
        """Through the list."""
        self._source.note(keys, doing=doing, note=note)

    def done_with(self, rows: Sequence[Row]) -> None:
        """Through the list."""
        self._source.done_with(rows)

    def reload(self) -> None:
        """Through the list."""
        self._source.reload()

    def row_changed(self, renamed: Mapping[str, str]) -> None:
        """The list changed; a session that left it keeps its last state here."""
        key = renamed.get(self._row.key, self._row.key)
        self._row = self._source.model.rows.get(key, self._row)
        if self.is_mounted:
            self._show()
            self.refresh_bars()

    def cluster_events(self, events: Sequence[ClusterEvent]) -> None:
        """Its events."""
        if self.is_mounted:
            self._show()

    def _show(self) -> None:
        feed = self.connection.feed
        self.query_one(DetailPane).show_row(
            self._row, feed.of_session(self._row.name, self._row.info.access_key)
        )

    def do_table_tab(self, argument: str) -> None:
        """Next tab."""
        self.query_one(DetailPane).next_tab()

    def app_focus_changed(self, focused: bool) -> None:
        """Statistics are for those who look."""
        self._app_focused = focused

    def tick(self) -> None:
        """Ages and statistics."""
        super().tick()
        self._seconds += 1
        detail = self.query_one(DetailPane)
        if self._seconds % round(self._source.statistics_interval) == 0:
            detail.redraw()
            if detail.polls and self._app_focused and self.connection.ready:
                self.run_worker(
                    self._source.measure(detail),
                    group="measure",
                    exclusive=True,
                    exit_on_error=False,
                )
