"""The frame of every full-size view: crumbs, header, body, flash or prompt, hints; and messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from bai_tui.diagnosis import explain
from bai_tui.screens.host import Entry, Host, Running
from bai_tui.screens.status import badges, task_badge, transfer_badge
from bai_tui.widgets.bars import Crumbs, Flash, Hint, Hints, Level
from bai_tui.widgets.plain import Ground, Plain
from bai_tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from bai_tui.apps.proxy import Proxy
    from bai_tui.connection import Connection
    from bai_tui.feed import ClusterEvent
    from bai_tui.sweeps.case import Case
    from bai_tui.sweeps.sweep import Sweep
    from bai_tui.tasks import Task
    from bai_tui.transfers import Transfer

MINIMUM = (60, 16)
"""Columns and rows below which only a notice is drawn."""


class Frame(Ground, Screen[None]):
    """What a view looks like, is told by the app, and says; what it does is in `View`."""

    CRUMB: ClassVar[str] = ""
    ROOT: ClassVar[bool] = False
    """A main view: `q` leaves the program here and goes back elsewhere."""
    AUTO_FOCUS = ""
    # As those of `Screen`, which Textual does not look for behind the mixin.
    COMPONENT_CLASSES: ClassVar[set[str]] = {"screen--selection"}

    painted = False
    """Whether the view was ever on the screen. What it asks the server for waits for that."""

    def _compositor_refresh(self) -> None:
        # While pictures are held back Textual draws them all the same.
        if self.app._batch_count:
            return
        super()._compositor_refresh()
        if not self.painted:
            self.painted = True
            self.call_later(self._after_paint)

    # Composition.

    def compose(self) -> ComposeResult:
        """The frame."""
        yield Crumbs(id="crumbs")
        with Plain(id="body"):
            yield from self.compose_body()
        yield Flash(id="flash")
        yield Prompt(id="prompt")
        yield Hints(id="hints")
        yield Static(f"bai-tui needs {MINIMUM[0]}x{MINIMUM[1]} cells", id="too-small", markup=False)

    def compose_body(self) -> ComposeResult:
        """The view itself."""
        yield from ()

    @property
    def prompt(self) -> Prompt:
        """Where one types in place of the flash line."""
        return self.query_one(Prompt)

    @property
    def host(self) -> Host:
        """The app."""
        return cast(Host, self.app)

    @property
    def connection(self) -> Connection:
        """The connection to the cluster."""
        return self.host.connection

    # What the app tells every view.

    def on_mount(self) -> None:
        """First drawing of the bars; a subclass prepares itself in `setup`."""
        if not self.being_closed:
            self.setup()
            self.refresh_bars()

    @property
    def being_closed(self) -> bool:
        """Whether it is being left: its parts go one by one then, while begun work goes on."""
        return bool(self._pruning) or not self.is_attached or not self.children

    def _after_paint(self) -> None:
        if not self.being_closed:
            self.first_painted()

    def setup(self) -> None:
        """Prepare widgets, once; whatever takes long belongs into `first_painted`."""

    def first_painted(self) -> None:
        """Seen for the first time: make what is hidden, ask for what is missing."""
        self.prompt.prepare()
        # A view that is first shown on a living connection hears of no change of it.
        self.connection_changed()

    def connection_changed(self) -> None:
        """Health, identity or read-only mode changed."""
        self.refresh_bars()

    def cluster_events(self, events: Sequence[ClusterEvent]) -> None:
        """Events came; called on every view, shown or not."""

    def sweep_changed(self, sweep: Sweep, cases: Sequence[Case]) -> None:
        """A sweep changed, and these of its cases; called on every view, shown or not."""

    def app_changed(self, proxy: Proxy | None) -> None:
        """A proxy changed, or (None) one came or went; called on every view, shown or not."""

    def transfer_changed(self, transfer: Transfer) -> None:
        """A transfer changed its state; called on every view, shown or not."""

    def running(self) -> Sequence[Running]:
        """What goes on in this view and ends with it, for asking before that."""
        return ()

    def task_changed(self, task: Task) -> None:
        """A background task changed; called on every view, shown or not."""

    def tick(self) -> None:
        """A second passed; called on the shown view only."""
        self.refresh_crumbs()

    def app_focus_changed(self, focused: bool) -> None:
        """The terminal window got or lost the focus."""

    def open_with(self, argument: str) -> None:
        """The view was chosen with an argument at the prompt."""

    def on_screen_resume(self) -> None:
        """Shown; whether for the first time is known here only."""
        if self.painted and self.is_mounted:
            self.resumed()

    def resumed(self) -> None:
        """Shown again: what changed meanwhile is drawn or asked for."""
        self.refresh_bars()

    # Bars.

    @property
    def crumb(self) -> str:
        """What it is called in the path of the views over it."""
        return self.CRUMB

    def crumbs(self) -> list[str]:
        """The path of views."""
        above = [v.crumb for v in self.app.screen_stack if isinstance(v, Frame) and v is not self]
        return [self.connection.label, *above, self.CRUMB]

    def counts(self) -> str:
        """What is shown of how many, for the right end."""
        return ""

    def stale_since(self) -> float | None:
        """Loop time of the last full refresh of the data shown; None when it is up to date."""
        return None

    def refresh_crumbs(self) -> None:
        """Draw the upper bar if it changed."""
        # A view that is being closed hears of changes while its bars are gone already.
        for bar in self.query(Crumbs) if self.is_mounted else ():
            shown = badges(self.connection, self.stale_since(), self.counts())
            shown[:0] = transfer_badge(self.host.transfers) + task_badge(self.host.tasks.running)
            bar.update(self.crumbs(), shown, getattr(self.connection.target, "color", ""))

    def hints(self) -> list[Hint]:
        """Keys worth showing."""
        return []

    def refresh_bars(self) -> None:
        """Draw both bars if they changed."""
        self.refresh_crumbs()
        for bar in self.query(Hints) if self.is_mounted else ():
            bar.update(self.hints())

    # Messages.

    def flash(self, text: str, level: Level = "info", details: str = "") -> None:
        """Say something in one line, and keep it with its details."""
        entry = Entry(level, text, details)
        self.host.journal.add(entry)
        # Without any screen the program is being left.
        shown = self.app.screen_stack[-1] if self.app.screen_stack else self
        (shown if isinstance(shown, Frame) else self).show_entry(entry)

    def show_entry(self, entry: Entry) -> None:
        """Show a message that is in the journal already."""
        for line in self.query(Flash) if self.is_mounted else ():
            line.say(entry.text, entry.level)

    def report(self, error: BaseException, doing: str = "") -> None:
        """Explain an error in the flash line; the whole of it goes to the messages."""
        self.connection.suspect(error)
        problem = explain(error)
        text = f"{doing}: {problem.line}" if doing else problem.line
        details = "\n".join([problem.why, "", *(f"▸ {step}" for step in problem.steps)])
        self.flash(text, "error", details)

    def attempt(self, work: Coroutine[Any, Any, None], label: str) -> None:
        """Run remote work; its error is shown here and kept in the messages."""

        async def guarded() -> None:
            try:
                await work
            except Exception as error:
                self.report(error, label)

        self.run_worker(guarded(), group=f"do-{label}", exit_on_error=False)

    def in_background(self, work: Callable[[], Awaitable[None]], group: str) -> None:
        """Run remote work that shows its own errors; a newer one of the group replaces it."""
        # Not the coroutine itself: a worker that is replaced at once would never await it.
        self.run_worker(work, group=group, exclusive=True, exit_on_error=False)

    # Clipboard.

    def copy(self, text: str, what: str = "") -> None:
        """Copy to the clipboard and say what was done."""
        from bai_tui.clipboard import copy_text

        self.flash(copy_text(self.app, text, what), "success")
