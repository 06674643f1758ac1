"""A session's terminal in the whole window. Every key is the session's, but for the leader."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from bai_tui.screens.host import Entry
from bai_tui.screens.view import View
from bai_tui.widgets.bars import Crumbs, Hint, Hints, Level
from bai_tui.widgets.dialog import Confirm
from bai_tui.widgets.terminal.carriers import open_terminal
from bai_tui.widgets.terminal.link import Link, LinkState
from bai_tui.widgets.terminal.pane import TerminalPane

MESSAGE_SECONDS = 6.0

LEADER_HELP = (
    ("ctrl+] d", "leave; the session goes on"),
    ("ctrl+] c", "copy mode: move, select, y copies"),
    ("ctrl+] /", "search in the scrollback"),
    ("ctrl+] f", "full screen, and back"),
    ("ctrl+] ctrl+]", "send ctrl+] to the session"),
    ("shift+pgup", "scroll back"),
)


class TerminalView(View):
    """Closes when the user leaves; the session is not touched by that."""

    CRUMB = "shell"
    SCOPES: ClassVar[tuple[str, ...]] = ()
    CSS_PATH = "../assets/terminal.tcss"

    def __init__(self, name: str, owner: str | None) -> None:
        super().__init__()
        self._session_name = name
        self._owner = owner
        self._said: tuple[str, Level] | None = None

    def compose_body(self) -> ComposeResult:
        """The pane."""
        session = self.connection.session
        yield TerminalPane(
            Link(open_terminal(session, self._session_name, self._owner), name=self._session_name)
        )

    @property
    def pane(self) -> TerminalPane:
        """The pane."""
        return self.query_one(TerminalPane)

    def setup(self) -> None:
        """Keys go to the pane."""
        self.focus_body()

    def focus_body(self) -> None:
        """Keys go to the pane."""
        self.pane.focus()

    def crumbs(self) -> list[str]:
        """Name, and what the program calls its window."""
        title = self.pane.title if self.is_mounted else ""
        return [*super().crumbs()[:-1], self._session_name, *([title] if title else ["shell"])]

    def hints(self) -> list[Hint]:
        """One line: the last message, or how the terminal is, with the key that leaves."""
        if not self.is_mounted:
            return []
        if self._said is not None:
            return [Hint("·", self._said[0])]
        if self.pane.link.state is LinkState.ENDED:
            return [Hint("esc", "back", "app.back"), Hint("·", self.pane.status)]
        state, _, rest = self.pane.status.partition(" · ")
        return [Hint("●" if state == "live" else "○", self.pane.status if not rest else state)] + [
            Hint("", part) for part in ([rest] if rest else [])
        ]

    def show_entry(self, entry: Entry) -> None:
        """Messages stand in the lowest line; there is no other."""
        self._said = (entry.text, entry.level)
        self.refresh_bars()
        self.set_timer(MESSAGE_SECONDS, self._unsay)

    def _unsay(self) -> None:
        self._said = None
        self.refresh_bars()

    def tick(self) -> None:
        """Countdowns go on."""
        self.refresh_bars()

    def on_terminal_pane_state_changed(self) -> None:
        """Show it."""
        self.refresh_bars()

    def on_terminal_pane_leave_requested(self) -> None:
        """Leave."""
        self.dismiss()

    def on_terminal_pane_ended(self, event: TerminalPane.Ended) -> None:
        """Say so; what was printed stays to be read."""
        self.set_focus(None)
        self.flash(f"the terminal of {self._session_name} ended: {event.reason}", "warning")

    def on_terminal_pane_full_screen_requested(self) -> None:
        """All rows for the terminal, or the bars again."""
        bars = self.query_one(Crumbs), self.query_one(Hints)
        on = not bars[0].display
        for bar in bars:
            bar.display = on
        if not on:
            self.flash("full screen: ctrl+] f brings the bars back")

    def on_terminal_pane_help_requested(self) -> None:
        """The leader's keys."""
        from bai_tui.screens.help import Sheet

        self.app.push_screen(Sheet("terminal", LEADER_HELP))

    def on_terminal_pane_copied(self, event: TerminalPane.Copied) -> None:
        """Copy what was selected."""
        self.copy(event.text)

    def on_terminal_pane_clipboard_requested(self, event: TerminalPane.ClipboardRequested) -> None:
        """A program wants the clipboard; only the user may give it."""

        def answered(yes: bool | None) -> None:
            if yes:
                self.copy(event.text)

        first = event.text[:60].splitlines()[0] if event.text.strip() else ""
        self.app.push_screen(
            Confirm(
                "Copy for the session?",
                f"A program in {self._session_name} wants to put {len(event.text):,} characters "
                "into your clipboard:",
                names=[first],
                verb="Copy",
            ),
            answered,
        )

    def on_terminal_pane_link_clicked(self, event: TerminalPane.LinkClicked) -> None:
        """Open web addresses; anything else is only shown."""
        if event.address.startswith(("http://", "https://")):
            self.app.open_url(event.address)
        else:
            self.flash(f"not opened: {event.address}", "warning")
