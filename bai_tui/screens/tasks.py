"""The background tasks this program began on the server: clones, commits, rescans."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType

from bai_tui import actions
from bai_tui.screens.help import Sheet
from bai_tui.screens.host import Entry
from bai_tui.screens.listing import ListView
from bai_tui.tasks import State, Task
from bai_tui.widgets.table import Cell, Column, LiveTable
from bai_tui.widgets.text import format_age, printable

STATES: Final = {
    State.RUNNING: ("accent", "▸"),
    State.DONE: ("success", "✓"),
    State.PARTLY: ("warning", "⚠"),
    State.FAILED: ("error", "✗"),
    State.CANCELLED: ("muted", "⊘"),
    State.UNKNOWN: ("warning", "?"),
}
BAR: Final = 10


def bar_cell(task: Task) -> Cell:
    """Share as a bar and a number; a plain word while it is not told."""
    if task.share is None:
        return Cell("not told" if task.state is State.RUNNING else "", "muted")
    full = int(task.share * BAR)
    tone = STATES[task.state][0]
    return Cell(f"{'█' * full}{'░' * (BAR - full)} {int(task.share * 100):3}%", tone)


def _note(task: Task) -> Cell:
    """What the server says of it; what failed first."""
    text = task.errors[0] if task.errors else task.message
    return Cell(text, "error" if task.state is State.FAILED else "muted")


COLUMNS: Final[tuple[Column[Task], ...]] = (
    Column(key="what", label="TASK", min_width=18, max_width=50, flex=2, priority=100,
           cut="middle", render=lambda task: task.what),
    Column(key="state", label="STATE", width=14, priority=99,
           render=lambda task: Cell(task.state.value, *STATES[task.state])),
    Column(key="share", label="PROGRESS", width=15, priority=98, render=bar_cell,
           sort_key=lambda task: task.share, value=lambda task: task.share, searchable=False),
    Column(key="message", label="MESSAGE", min_width=16, flex=4, priority=90, render=_note),
    Column(key="took", label="TIME", width=6, align="right", priority=80, live=True,
           render=lambda task: format_age(task.seconds), sort_key=lambda task: task.seconds,
           searchable=False),
    Column(key="began", label="BEGAN", width=8, priority=60,
           render=lambda task: f"{task.began.astimezone():%H:%M:%S}",
           sort_key=lambda task: task.number),
    Column(key="cluster", label="CLUSTER", min_width=8, max_width=24, priority=20, flex=0.5,
           render=lambda task: task.cluster, optional=True),
)  # fmt: skip


class TasksView(ListView):
    """The main view."""

    CRUMB = "tasks"
    ROOT = True
    SCOPES: ClassVar[tuple[str, ...]] = ("tasks", "table")
    REMEMBER = "tasks"
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("table"), *actions.bindings("tasks")]

    def compose_body(self) -> ComposeResult:
        """The table."""
        yield LiveTable(
            COLUMNS,
            key=lambda task: task.number,
            row_tone=lambda task: "" if task.state is State.RUNNING else "muted",
            what="tasks",
            empty="Nothing was begun. Committing a session, cloning a folder and rescanning "
            "images begin tasks.",
            id_of=lambda task: task.what,
            id="table",
        )

    def setup(self) -> None:
        """The newest first."""
        self.table.sort("began", True)
        super().setup()
        self._show()

    def _show(self) -> None:
        tasks = list(self.host.tasks)
        self.table.set_rows(tasks)
        self.table.error_text = "" if tasks else self._refusal()

    def _refusal(self) -> str:
        """Why this server has none, naming the release that has."""
        if not self.connection.ready:
            return ""
        session = self.connection.session
        return session.generation.refusal("BackgroundTask", session.release)

    def connection_changed(self) -> None:
        """Another server may have tasks."""
        super().connection_changed()
        if self.is_mounted and self.query(LiveTable):
            self._show()

    def task_changed(self, task: Task) -> None:
        """Its row."""
        if self.is_mounted:
            self.table.set_rows(self.host.tasks)
            self.table.error_text = ""
            self.table.refresh_rows()
            self.refresh_bars()

    def do_tasks_forget(self, argument: str) -> None:
        """Those that are over."""
        self.host.tasks.forget()
        self._show()
        self.refresh_bars()

    def on_row_highlighted(self) -> None:
        """Other hints."""
        self.refresh_bars()

    def on_row_opened(self, event: LiveTable.RowOpened) -> None:
        """All about it."""
        self._tell(event.row)

    def do_table_describe(self, argument: str) -> None:
        """All about it."""
        task = self.table.cursor_row
        if task is not None:
            self._tell(task)

    def _tell(self, task: Task) -> None:
        self.app.push_screen(Sheet(task.what, describe(task), what="background task"))

    def open_with(self, argument: str) -> None:
        """`/filter`."""
        if argument.startswith("/"):
            self.table.set_filter(argument[1:])


def describe(task: Task) -> list[tuple[str, str]]:
    """Names and values."""
    facts = [
        ("state", f"{STATES[task.state][1]} {task.state.value}"),
        ("progress", f"{task.current:g} of {task.total:g}" if task.total else "not told"),
        ("message", printable(task.message) or "-"),
        ("cluster", task.cluster),
        ("began", f"{task.began.astimezone():%Y-%m-%d %H:%M:%S}"),
        ("took" if task.ended else "runs", format_age(task.seconds)),
        ("task id", task.id),
    ]
    return [*facts, *(("failed", printable(error)) for error in task.errors)]


def outcome(task: Task) -> Entry | None:
    """The message about a task that is over; None while it runs."""
    details = "\n".join(task.errors)
    took = format_age(task.seconds)
    match task.state:
        case State.RUNNING:
            return None
        case State.DONE:
            return Entry("success", f"{task.what}: done in {took}", task.message)
        case State.FAILED | State.CANCELLED:
            return Entry("error", f"{task.what} {task.state}: {task.message or took}", details)
        case _:
            return Entry("warning", f"{task.what} {task.state}: {task.message}", details)
