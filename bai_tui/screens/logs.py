"""What a session printed: loaded, followed while shown, searched, saved."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.diagnosis import explain
from bai_tui.screens.text import TextView
from bai_tui.widgets.card import Card
from bai_tui.widgets.logview import LIMIT, LogView, clean_lines

INTERVAL: Final = 2
"""Seconds between two readings while following; the floor of all polling."""
MAX_BYTES: Final = 16 * 1024 * 1024
"""Bytes of a task log that are shown, the last ones."""
UNSEEN: Final = "--:--:--"


class LogsView(TextView):
    """The container log of one session, or the log of its batch task (rest-sessions.md 4.5, 4.6).

    Args:
        name: the session. owner: its owner's key when it is somebody else's.
        session_id: its id, for its log where servers take ids. task_id: the same of its task.
    """

    CRUMB = "logs"
    SCOPES: ClassVar[tuple[str, ...]] = ("log", "logs")
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("logs")]

    def __init__(
        self, name: str, owner: str | None, session_id: str = "", task_id: str = ""
    ) -> None:
        super().__init__()
        self._session_name = name
        self._owner = owner
        self._session_id = session_id
        self._task_id = task_id
        self._of_task = False
        self._times = False
        self._printed: list[str] = []
        self._seen: list[str] = []
        self._seconds = 0
        self._focused = True
        self._loaded = False

    def crumbs(self) -> list[str]:
        """With the session's name."""
        above = [crumb for crumb in super().crumbs()[:-1] if crumb != self._session_name]
        return [*above, self._session_name, "task log" if self._of_task else "logs"]

    def file_name(self) -> str:
        """Name of the session."""
        return f"{self._session_name}-{'task' if self._of_task else 'log'}"

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
        task = self._of_task
        try:
            text = await self._read(task)
        except Exception as error:
            self.connection.suspect(error)
            problem = explain(error)
            if self._loaded:
                self.log_view.set_follow(False)
                self.flash(f"the log is not followed any more: {problem.line}", "warning")
            else:
                self._show_card(problem.what, problem.why, problem.steps)
            return
        if task != self._of_task:
            return  # the other log was wished meanwhile
        self._loaded = True
        self._show_text(text)
        if text:
            self.query_one(Card).display, self.log_view.display = False, True
            self.focus_body()
        else:
            self._show_card("the session has printed nothing yet")
        self.refresh_bars()

    async def _read(self, task: bool) -> str:
        session = self.connection.session
        if task:
            pieces = [piece async for piece in session.Kernel.get_task_logs(self._task_id)]
            return b"".join(pieces)[-MAX_BYTES:].decode("utf-8", "replace")
        by_id = session.generation.session_by_id and self._session_id
        which = self._session_id if by_id else self._session_name
        answer = await session.Kernel(which, self._owner).get_logs()
        result = answer.get("result") if isinstance(answer, dict) else None
        return str((result or {}).get("logs") or "")

    def _show_text(self, text: str) -> None:
        """The lines, with the time at which each was seen first; logs themselves have none."""
        lines = clean_lines(text)[-LIMIT:]
        known = len(self._printed)
        if lines[:known] != self._printed or not known:
            self._seen = [UNSEEN] * len(lines)
        else:
            self._seen += [f"{datetime.now():%H:%M:%S}"] * (len(lines) - known)
        self._printed = lines
        self._draw_lines()

    def _draw_lines(self) -> None:
        if self._times:
            shown = [f"{at} {line}" for at, line in zip(self._seen, self._printed, strict=True)]
        else:
            shown = self._printed
        self.log_view.follow_lines(list(shown))

    def do_logs_times(self, argument: str) -> None:
        """Times before the lines, or none."""
        self._times = not self._times
        self._draw_lines()
        if self._times:
            self.flash(f"when bai-tui saw a line first; {UNSEEN}: before the log was opened")

    def do_logs_task(self, argument: str) -> None:
        """The other log."""
        self._of_task, self._loaded = not self._of_task, False
        self._printed, self._seen = [], []
        self.log_view.set_lines(())
        self._show_card("loading the task log…" if self._of_task else "loading the log…")
        self.reload()

    def why_not(self, action: Action) -> str:
        """Task logs are in the caller's own folder `.logs`."""
        if action.id == "logs.task" and not self._task_id:
            return "the session's id is not known"
        if action.id == "logs.task" and self._owner and not self._of_task:
            return "the task log is in its owner's folder .logs"
        return super().why_not(action)

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
