"""What a session printed: loaded, followed while shown, searched, saved."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult

from bai_tui.diagnosis import explain
from bai_tui.screens.text import TextView
from bai_tui.widgets.card import Card
from bai_tui.widgets.logview import LogView

INTERVAL: Final = 2
"""Seconds between two readings while following; the floor of all polling."""


class LogsView(TextView):
    """The container log of one session (rest-sessions.md 4.5)."""

    CRUMB = "logs"

    def __init__(self, name: str, owner: str | None) -> None:
        super().__init__()
        self._session_name = name
        self._owner = owner
        self._seconds = 0
        self._focused = True
        self._loaded = False

    def crumbs(self) -> list[str]:
        """With the session's name."""
        return [*super().crumbs()[:-1], self._session_name, "logs"]

    def file_name(self) -> str:
        """Name of the session."""
        return f"{self._session_name}-log"

    def compose_body(self) -> ComposeResult:
        """The text, or a card while there is none."""
        yield Card(id="card")
        yield LogView(id="text")

    def setup(self) -> None:
        """Load."""
        super().setup()
        self._show_card("loading the log…")
        self.reload()

    def _show_card(self, title: str, why: str = "", steps: tuple[str, ...] = ()) -> None:
        card = self.query_one(Card)
        style = "$text-warning" if why else "$text-muted"
        card.tell(title, why, style=style, steps=steps, keys=(("ctrl+r", "retry"), ("esc", "back")))
        card.display, self.log_view.display = True, False

    def reload(self) -> None:
        """Read the log again; an answer on its way is waited for."""
        self.run_worker(self._load(), group="load", exclusive=False, exit_on_error=False)

    async def _load(self) -> None:
        if not self.connection.ready:
            if not self._loaded:
                self._show_card("no log: there is no connection", "It is loaded when it is back.")
            return
        kernel = self.connection.session.Kernel(self._session_name, self._owner)
        try:
            answer = await kernel.get_logs()
        except Exception as error:
            self.connection.suspect(error)
            problem = explain(error)
            if self._loaded:
                self.log_view.set_follow(False)
                self.flash(f"the log is not followed any more: {problem.line}", "warning")
            else:
                self._show_card(problem.what, problem.why, problem.steps)
            return
        result = answer.get("result") if isinstance(answer, dict) else None
        text = str((result or {}).get("logs") or "")
        self._loaded = True
        self.log_view.set_text(text)
        if text:
            self.query_one(Card).display, self.log_view.display = False, True
            self.focus_body()
        else:
            self._show_card("the session has printed nothing yet")
        self.refresh_bars()

    def connection_changed(self) -> None:
        """Load when the connection is (back)."""
        super().connection_changed()
        if self.connection.ready:
            self.reload()

    def app_focus_changed(self, focused: bool) -> None:
        """Nobody looks: nothing is asked."""
        self._focused = focused

    def tick(self) -> None:
        """Follow."""
        super().tick()
        self._seconds += 1
        if self._seconds % INTERVAL == 0 and self._focused and self.log_view.follow:
            self.reload()
