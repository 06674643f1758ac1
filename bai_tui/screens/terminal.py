"""The terminals that are open: in tabs or side by side. They live on when the view is left."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from bai_tui.actions import Action
from bai_tui.screens.host import Entry, Running
from bai_tui.screens.view import View
from bai_tui.widgets.bars import Crumbs, Hint, Hints, Level
from bai_tui.widgets.card import Card
from bai_tui.widgets.terminal.carriers import open_terminal
from bai_tui.widgets.terminal.link import Link, LinkState
from bai_tui.widgets.terminal.pane import TerminalPane
from bai_tui.widgets.text import printable

MESSAGE_SECONDS: Final = 6.0
SIDE_WIDTH: Final = 40
"""Columns a terminal has at least when several stand side by side."""
TITLE_WIDTH: Final = 30

LEADER_HELP: Final = (
    ("ctrl+] d", "leave; the terminals and their sessions go on"),
    ("ctrl+] n p 1-9", "next, previous, or that terminal"),
    ("ctrl+] s", "side by side, or in tabs"),
    ("ctrl+] x", "close this terminal; the session goes on"),
    ("ctrl+] c", "copy mode: move, select, y copies"),
    ("ctrl+] /", "search in the scrollback"),
    ("ctrl+] y n", "let programs here copy to your clipboard, or never"),
    ("ctrl+] f", "full screen, and back"),
    ("ctrl+] ctrl+]", "send ctrl+] to the session"),
    ("shift+pgup", "scroll back; shift+end returns"),
    ("ctrl+click", "open a link"),
)

STEPS: Final = {"n": 1, "right": 1, "tab": 1, "p": -1, "left": -1}


class Tile(Vertical):
    """One terminal, with its name, title and state on the border."""

    def __init__(self, name: str, owner: str | None, pane: TerminalPane) -> None:
        super().__init__()
        self.session_name, self.owner = name, owner
        self.pane = pane

    def compose(self) -> ComposeResult:
        """The pane."""
        yield self.pane

    @property
    def label(self) -> str:
        """Name and title, short enough for a tab."""
        title = printable(self.pane.title)
        title = title if len(title) <= TITLE_WIDTH else f"{title[: TITLE_WIDTH - 1]}…"
        ended = " ended" if self.pane.link.state is LinkState.ENDED else ""
        bell = " ♪" if self.pane.rang else ""
        return f"{printable(self.session_name)}{f' · {title}' if title else ''}{ended}{bell}"

    def show_state(self) -> None:
        """Write the border anew."""
        self.border_title = Content(f"{self.label} · {printable(self.pane.status)}")


class TabLine(Static):
    """The terminals in one line; a click chooses."""

    class Picked(Message):
        """A tab was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self) -> None:
        super().__init__(id="tabs")
        self._ends: list[int] = []

    def show(self, labels: list[str], current: int) -> None:
        """Draw the tabs."""
        parts: list[Content] = []
        self._ends = []
        for index, label in enumerate(labels):
            style = "bold $text-primary reverse" if index == current else "$text-muted"
            parts.append(Content.styled(f" {index + 1} {label} ", style))
            self._ends.append((self._ends[-1] if self._ends else 0) + parts[-1].cell_length)
        self.update(Content("").join(parts), layout=False)

    def on_click(self, event: events.Click) -> None:
        """Choose."""
        index = next((i for i, end in enumerate(self._ends) if event.x < end), None)
        if index is not None:
            self.post_message(self.Picked(index))


class TerminalsView(View):
    """All open terminals; every key is the session's, but for the leader."""

    CRUMB = "terminals"
    SCOPES: ClassVar[tuple[str, ...]] = ("terminals",)
    CSS_PATH = "../assets/terminal.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._tiles: list[Tile] = []
        self._current = 0
        self._side = False
        self._full = False
        self._said: tuple[str, Level] | None = None
        self._wanted: list[tuple[str, str | None]] = []

    def compose_body(self) -> ComposeResult:
        """Tabs and terminals."""
        yield TabLine()
        none = Card(id="none")
        none.tell(
            "No terminal is open",
            "A terminal is a shell in a session. It goes on while you look at other views.",
            keys=[("2", "shows the sessions"), ("s", "on one of them opens a terminal")],
        )
        yield none
        yield Horizontal(id="tiles")

    def setup(self) -> None:
        """What was asked for before there were widgets."""
        self._arrange()
        wanted, self._wanted = self._wanted, []
        for name, owner in wanted:
            self.open(name, owner)

    # Terminals.

    @property
    def tile(self) -> Tile | None:
        """The terminal that has the keys."""
        return self._tiles[self._current] if self._tiles else None

    def open_with(self, argument: str) -> None:
        """`:terminals SESSION [ACCESS_KEY]` opens one, or shows it when it is open."""
        name, _, owner = argument.strip().partition(" ")
        if name and self.is_mounted:
            self.open(name, owner.strip() or None)
        elif name:
            self._wanted.append((name, owner.strip() or None))

    def open(self, name: str, owner: str | None) -> None:
        """Show the terminal of a session; connects if there is none yet."""
        for index, tile in enumerate(self._tiles):
            if (tile.session_name, tile.owner) == (name, owner):
                if tile.pane.link.state is LinkState.ENDED:
                    tile.pane.link.start()
                self.choose(index)
                return
        if self.connection.read_only:
            self.flash(f"no terminal of {name}: {self.connection.refusal()}", "warning")
            return
        link = Link(open_terminal(self.connection.session, name, owner), name=name)
        tile = Tile(name, owner, TerminalPane(link))
        self._tiles.append(tile)
        self.query_one("#tiles").mount(tile)
        self.choose(len(self._tiles) - 1)

    def choose(self, index: int) -> None:
        """Give the keys to a terminal."""
        if 0 <= index < len(self._tiles):
            self._current = index
            self._arrange()

    def _arrange(self) -> None:
        """Show the right terminals, and draw everything around them."""
        several = len(self._tiles) > 1
        room = max(1, self.size.width // SIDE_WIDTH) if self._side else 1
        first = max(0, min(self._current - room // 2, len(self._tiles) - room))
        for index, tile in enumerate(self._tiles):
            tile.display = first <= index < first + room
            tile.set_class(index == self._current, "-current")
        self.set_class(self._full, "-only-terminal")
        self.query_one("#none").display = not self._tiles
        self.query_one("#tiles").display = bool(self._tiles)
        self.query_one("#tabs").display = several and not self._full
        for bar in (self.query_one(Crumbs), self.query_one(Hints)):
            bar.display = not self._full
        # At once, for the next key may be there; again, for one that is only being mounted.
        self.focus_body()
        self.call_after_refresh(self.focus_body)
        self.refresh_bars()

    def on_resize(self) -> None:
        """More or fewer may fit."""
        if self.is_mounted and self._side:
            self._arrange()

    def focus_body(self) -> None:
        """Keys go to the terminal."""
        self.set_focus(self.tile.pane if self.tile is not None else None)

    def resumed(self) -> None:
        """The keys go to the terminal again."""
        self.focus_body()
        super().resumed()

    def on_tab_line_picked(self, event: TabLine.Picked) -> None:
        """A tab was clicked."""
        self.choose(event.index)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A terminal beside was clicked."""
        for index, tile in enumerate(self._tiles):
            # The focus may have moved on since; to follow it back would never end.
            if tile.pane is event.widget is self.focused and index != self._current:
                self.choose(index)

    def running(self) -> list[Running]:
        """Terminals that are connected."""
        closed = "is closed; its session goes on"
        return [
            Running(f"▸ terminal of {tile.label}", closed, closed)
            for tile in self._tiles
            if tile.pane.link.state is not LinkState.ENDED
        ]

    # Bars.

    def crumbs(self) -> list[str]:
        """Name and title."""
        above = super().crumbs()[:-1]
        return [*above, self.CRUMB, *([self.tile.label] if self.tile is not None else [])]

    def counts(self) -> str:
        """How many there are."""
        return f"{self._current + 1}/{len(self._tiles)}" if len(self._tiles) > 1 else ""

    def hints(self) -> list[Hint]:
        """The last message, or how the terminal is, with the key that leaves."""
        tile = self.tile
        asking = tile is not None and tile.pane.asking
        if self._said is not None and not asking:
            return [Hint("·", self._said[0])]
        if tile is None:
            return super().hints()
        state, _, rest = tile.pane.status.partition(" · ctrl+] ")
        live = tile.pane.link.state is LinkState.LIVE
        if asking or not live or not rest:
            return [Hint("●" if live else "○", tile.pane.status)]
        more = [Hint("ctrl+] n", "next"), Hint("ctrl+] s", "side by side")]
        return [
            Hint("●", state),
            Hint("ctrl+] d", "leave"),
            *(more if len(self._tiles) > 1 else ()),
            Hint("ctrl+] c", "copy"),
            Hint("ctrl+] ?", "help"),
        ]

    def refresh_bars(self) -> None:
        """The borders and the tabs, too."""
        if self.is_mounted:
            for tile in self._tiles:
                tile.show_state()
            labels = [tile.label for tile in self._tiles]
            if sum(len(label) + 4 for label in labels) > self.size.width:
                # The titles stand on the borders, too.
                labels = [
                    printable(t.session_name) + (" ♪" if t.pane.rang else "") for t in self._tiles
                ]
            self.query_one(TabLine).show(labels, self._current)
        super().refresh_bars()

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

    # Actions: at the `:` prompt without a terminal, behind the leader with one.

    def absent(self, action: Action) -> str:
        """Nothing can be done with terminals that are not there."""
        if action.scope == "terminals" and not self._tiles:
            return "no terminal is open"
        return super().absent(action)

    def do_app_back(self, argument: str = "") -> None:
        """To the view before, as it was left."""
        self.host.last_view()

    def do_app_quit(self, argument: str = "") -> None:
        """The same: terminals are not ended by a key that is easily hit."""
        self.host.last_view()

    def do_terminals_next(self, argument: str = "", step: int = 1) -> None:
        """The next one, round the end."""
        self.choose((self._current + step) % max(1, len(self._tiles)))

    def do_terminals_side(self, argument: str = "") -> None:
        """Side by side, or in tabs."""
        self._side = not self._side
        self._arrange()

    def do_terminals_close(self, argument: str = "") -> None:
        """Close the current one."""
        tile = self.tile
        if tile is None:
            return
        self._tiles.remove(tile)
        self._current = max(0, min(self._current, len(self._tiles) - 1))
        self._arrange()  # moves the focus, before the one that has it goes
        tile.remove()
        if not self._tiles:
            self.host.last_view()

    # What panes tell.

    def on_terminal_pane_state_changed(self) -> None:
        """Show it."""
        self.refresh_bars()

    def on_terminal_pane_leave_requested(self) -> None:
        """Leave."""
        self.host.last_view()

    def on_terminal_pane_commanded(self, event: TerminalPane.Commanded) -> None:
        """The leader and a key of ours."""
        key = event.key
        if key in STEPS:
            self.do_terminals_next(step=STEPS[key])
        elif key.isdecimal():
            self.choose(int(key) - 1)
        elif key == "s":
            self.do_terminals_side()
        elif key == "x":
            self.do_terminals_close()
        elif key == "grave_accent":
            self.host.last_view()
        else:
            self.flash("ctrl+] ? shows the keys that may follow ctrl+]", "warning")

    def on_terminal_pane_ended(self, event: TerminalPane.Ended) -> None:
        """Say so; what was printed stays to be read."""
        self.flash(f"the terminal of {event.pane.link.name} ended: {event.reason}", "warning")

    def on_terminal_pane_full_screen_requested(self) -> None:
        """All rows for the terminal, or the bars again."""
        self._full = not self._full
        self._arrange()

    def on_terminal_pane_help_requested(self) -> None:
        """The leader's keys."""
        from bai_tui.screens.help import Sheet

        self.app.push_screen(Sheet("terminals", LEADER_HELP))

    def on_terminal_pane_copied(self, event: TerminalPane.Copied) -> None:
        """Copy what was selected."""
        self.copy(event.text)

    def on_terminal_pane_link_clicked(self, event: TerminalPane.LinkClicked) -> None:
        """Open web addresses; anything else is only shown."""
        if event.is_web:
            self.app.open_url(event.address)
        self.flash(f"{'opened' if event.is_web else 'not opened'}: {event.address}")
