"""`bai-tui attach SESSION`: one session's terminal in the whole window, without the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from bai_tui.crash import CrashReports
from bai_tui.driver import KeepsRawKeys
from bai_tui.widgets.terminal.link import Link
from bai_tui.widgets.terminal.pane import TerminalPane
from bai_tui.widgets.text import cell_len, printable, truncate

if TYPE_CHECKING:
    from textual.timer import Timer

    from bai_tui.api import AsyncSession
    from bai_tui.connection import Target

NOTICE_SECONDS = 6.0


class AttachApp(CrashReports, KeepsRawKeys, App[str], inherit_bindings=False):
    """A terminal and one line that says how it is. Returns what to print at the end."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []
    CSS = """
    #state { dock: bottom; width: 100%; height: 1; background: $panel; color: $text-muted; }
    """

    def __init__(
        self, target: Target, session: str, owner: str | None = None, carrier: str = ""
    ) -> None:
        super().__init__()
        self._target = target
        self._kernel = session
        self._owner, self._carrier = owner, carrier
        self._session: AsyncSession | None = None
        self._pane: TerminalPane | None = None
        self._said = ""
        self._saying: Timer | None = None
        self._line = ""

    @property
    def shown_name(self) -> str:
        """The session's name, without anything a terminal would obey."""
        return printable(self._kernel)

    def compose(self) -> ComposeResult:
        """The line; the terminal follows once there is a connection."""
        yield Static(Content(f"{self.shown_name} · connecting…"), id="state")

    def on_mount(self) -> None:
        """Connect after the first paint."""
        self.animation_level = "none"
        self.connect()

    @work
    async def connect(self) -> None:
        """Open the session of the API and the terminal on it."""
        from bai_tui.api import AsyncSession
        from bai_tui.api.exceptions import BackendError
        from bai_tui.widgets.terminal.carriers import open_terminal

        try:
            config = await self._target.resolve()
            self._session = AsyncSession(config=config)
            await self._session.open()
        except (BackendError, ValueError) as error:
            hint = getattr(error, "hint", "")
            self.exit(printable(f"{error} {hint}".strip()), return_code=1)
            return
        connect = open_terminal(self._session, self._kernel, self._owner, self._carrier)
        link = Link(connect, name=self._kernel)
        self._pane = TerminalPane(link)
        await self.mount(self._pane)
        self._pane.focus()
        self.set_interval(1.0, self.show_state)

    async def on_unmount(self) -> None:
        """Leave nothing open."""
        if self._session is not None:
            await self._session.close()
        await self._target.close()

    def say(self, text: str) -> None:
        """Show a sentence in the line for some seconds."""
        self._said = text
        self.show_state()
        if self._saying is not None:
            self._saying.stop()
        self._saying = self.set_timer(NOTICE_SECONDS, self._unsay)

    def _unsay(self) -> None:
        self._said = ""
        self.show_state()

    def show_state(self) -> None:
        """Write the line anew."""
        if self._pane is not None and self.is_running:
            text = self._pane.status
            if self._said and not self._pane.asking:
                text = self._said
            line = self._fitting(self.shown_name, printable(self._pane.title), printable(text))
            if line != self._line:
                self._line = line
                self.query_one("#state", Static).update(Content(line), layout=False)

    def _fitting(self, name: str, title: str, text: str) -> str:
        """What can be done matters more than what it is called."""
        width = self.size.width
        for parts in ((name, title, text), (name, text)):
            line = " · ".join(part for part in parts if part)
            if cell_len(line) <= width:
                return line
        return truncate(text, width)

    def on_terminal_pane_state_changed(self, event: TerminalPane.StateChanged) -> None:
        """The pane has something to say; with the shell it is over, as with ssh."""
        self.show_state()
        if event.pane.link.restarts:
            self.exit(f"the shell of {self.shown_name} ended")

    def on_terminal_pane_ended(self, event: TerminalPane.Ended) -> None:
        """The shell or the session is over."""
        if event.pane.link.shell_ended:
            self.exit(f"the shell of {self.shown_name} ended")
        else:
            self.exit(f"{self.shown_name}: {printable(event.reason)}", return_code=1)

    def on_terminal_pane_leave_requested(self) -> None:
        """Detach: the session goes on."""
        self.exit(f"detached from {self.shown_name}; it goes on")

    def on_terminal_pane_full_screen_requested(self) -> None:
        """The line goes, or comes back."""
        state = self.query_one("#state")
        state.display = not state.display

    def on_terminal_pane_help_requested(self) -> None:
        """The keys of the leader, in the line."""
        self.say("ctrl+] d leaves · c copies · / searches · f hides this line · ctrl+] is sent")

    def on_terminal_pane_copied(self, event: TerminalPane.Copied) -> None:
        """Into the clipboard, and say how."""
        from bai_tui.clipboard import copy_text

        self.say(copy_text(self, event.text))

    def on_terminal_pane_link_clicked(self, event: TerminalPane.LinkClicked) -> None:
        """Open web addresses; anything else is only shown."""
        if event.is_web:
            self.open_url(event.address)
        self.say(f"{'opened' if event.is_web else 'not opened'}: {event.address}")


def run_attach(target: Target, session: str, owner: str | None = None, carrier: str = "") -> int:
    """Run the terminal; returns the exit code and says on standard output why it ended."""
    app = AttachApp(target, session, owner, carrier)
    reason = app.run()
    code = app.return_code or 0
    if reason:
        print(f"bai-tui: {reason}" if code else reason)
    return code
