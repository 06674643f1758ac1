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
from bai_tui.widgets.text import printable

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.connection import Target


class AttachApp(CrashReports, KeepsRawKeys, App[str], inherit_bindings=False):
    """A terminal and one line that says how it is. Returns why it ended, empty when detached."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []
    CSS = """
    #state { dock: bottom; height: 1; background: $panel; color: $text-muted; }
    """

    def __init__(self, target: Target, session: str, owner: str | None = None) -> None:
        super().__init__()
        self._target = target
        self._kernel = session
        self._owner = owner
        self._session: AsyncSession | None = None
        self._pane: TerminalPane | None = None

    def compose(self) -> ComposeResult:
        """The line; the terminal follows once there is a connection."""
        yield Static(Content(f"{printable(self._kernel)} · connecting…"), id="state")

    def on_mount(self) -> None:
        """Connect after the first paint."""
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
            info = await self._session.Kernel.get(
                self._kernel, access_key=self._owner, statistics=False
            )
        except (BackendError, ValueError) as error:
            hint = getattr(error, "hint", "")
            self.exit(f"{error} {hint}".strip(), return_code=1)
            return
        if info is None:
            self.exit(f"there is no session {printable(self._kernel)}", return_code=1)
            return
        link = Link(open_terminal(self._session, self._kernel, self._owner), name=self._kernel)
        self._pane = TerminalPane(link)
        await self.mount(self._pane)
        self._pane.focus()
        self.set_interval(1.0, self.show_state)

    async def on_unmount(self) -> None:
        """Leave nothing open."""
        if self._session is not None:
            await self._session.close()
        await self._target.close()

    def show_state(self) -> None:
        """Write the line anew."""
        if self._pane is not None:
            title = f" · {printable(self._pane.title)}" if self._pane.title else ""
            text = f"{printable(self._kernel)}{title} · {printable(self._pane.status)}"
            self.query_one("#state", Static).update(Content(text))

    def on_terminal_pane_state_changed(self) -> None:
        """The pane has something to say."""
        self.show_state()

    def on_terminal_pane_leave_requested(self) -> None:
        """Detach: the session goes on."""
        self.exit("")

    def on_terminal_pane_ended(self, event: TerminalPane.Ended) -> None:
        """The session is over."""
        self.exit(f"{printable(self._kernel)}: {printable(event.reason)}", return_code=1)

    def on_terminal_pane_copied(self, event: TerminalPane.Copied) -> None:
        """Into the clipboard."""
        self.copy_to_clipboard(event.text)


def run_attach(target: Target, session: str, owner: str | None = None) -> int:
    """Run the terminal; returns the exit code and says on standard output why it ended."""
    app = AttachApp(target, session, owner)
    reason = app.run()
    if reason:
        print(f"bai-tui: {reason}")
    elif app.return_code == 0:
        print(f"detached from {printable(session)}; it goes on")
    return app.return_code or 0
