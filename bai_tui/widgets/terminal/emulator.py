"""The terminal engine: bytes of a program in, a screen out. Knows neither Textual nor the network.

Painting: `line(y)` gives a row of the screen, with a negative number one of the scrollback (-1 is
the newest). Its `runs()` are pieces of text with one `Attr` each, together exactly as wide as the
screen; `chars` and `attrs` are the same cell by cell, `text` is the whole, `wrapped` tells that it
goes on in the next line. `version(y)` is cheap; equal versions mean equal content, so what was
painted for a version can be kept, also while lines scroll. `scrolled` counts the lines that left
the top of the screen, so `scrolled + y` is a number that stays with a line until the width changes.

Layers: `_attrs`, `_width`, `_rows` (cells) < `_scrollback`, `_reflow` < `_grid`, `_scrolling`,
`_printing`, `_editing`, `_areas`, `_sizing`, `_switches`, `_answers`, `_reports`, `_machine` (one
class on pyte's screen, a layer of meaning each) < `_stream`, `_bulk` (the parser, on pyte's) <
this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bai_tui.widgets.terminal._attrs import (
    BLINK,
    BOLD,
    CONCEAL,
    DEFAULT,
    DIM,
    ITALIC,
    OVERLINE,
    PROTECTED,
    REVERSE,
    RGB,
    STRIKE,
    Attr,
    Color,
)
from bai_tui.widgets.terminal._colors import Colors
from bai_tui.widgets.terminal._machine import Machine
from bai_tui.widgets.terminal._modes import Modes
from bai_tui.widgets.terminal._rows import VERSIONS
from bai_tui.widgets.terminal._rows import Line as Row
from bai_tui.widgets.terminal._scrollback import unpack
from bai_tui.widgets.terminal._stream import Stream

__all__ = [
    "BLINK",
    "BOLD",
    "CONCEAL",
    "DEFAULT",
    "DIM",
    "ITALIC",
    "OVERLINE",
    "PROTECTED",
    "REVERSE",
    "RGB",
    "STRIKE",
    "Attr",
    "Cell",
    "Color",
    "Colors",
    "Emulator",
    "Modes",
    "Row",
]

MAX_SIZE: Final = 1000
"""Columns and lines at the most."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text (empty for the right half of a wide character) and look."""

    text: str
    attr: Attr

    @property
    def fg(self) -> Color:
        """Foreground colour."""
        return self.attr.fg

    @property
    def bg(self) -> Color:
        """Background colour."""
        return self.attr.bg


class Emulator:
    """A terminal of `columns` by `lines` cells; `scrollback` lines are kept above the screen."""

    def __init__(self, columns: int, lines: int, scrollback: int = 10_000) -> None:
        columns, lines = (max(1, min(size, MAX_SIZE)) for size in (columns, lines))
        self.screen = Machine(columns, lines, scrollback)
        self._stream = Stream(self.screen)
        self._asked: list[int] = []

    def feed(self, data: bytes) -> None:
        """Take output of the program; any bytes, cut anywhere."""
        self._stream.feed(data)

    def resize(self, columns: int, lines: int) -> None:
        """Change the size; text is wrapped anew as modern terminals do."""
        columns, lines = (max(1, min(size, MAX_SIZE)) for size in (columns, lines))
        self.screen.resize(lines, columns)
        self._asked = []

    def replies(self) -> bytes:
        """Answers for the program; whoever takes them has to send them."""
        data = bytes(self.screen.answers)
        self.screen.answers.clear()
        return data

    # The screen.

    @property
    def columns(self) -> int:
        """Width in cells."""
        return self.screen.columns

    @property
    def lines(self) -> int:
        """Height in cells."""
        return self.screen.lines

    @property
    def display(self) -> list[str]:
        """The screen as text, each line exactly as wide as the screen."""
        return self.screen.display

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and line of the cursor, from 0."""
        return self.screen.cursor.x, self.screen.cursor.y

    def cell(self, x: int, y: int) -> Cell:
        """A cell of the screen."""
        row = self.screen.rows[y]
        if not 0 <= x < self.columns:
            raise IndexError(f"column {x} of {self.columns}")
        return Cell(self.screen.clusters.cell(row.cell(x)), self.screen.colors.attr(row.look(x)))

    @property
    def dirty(self) -> set[int]:
        """Lines that changed since this was asked last."""
        versions = [self.version(y) for y in range(self.lines)]
        old, self._asked = self._asked, versions
        if len(old) != len(versions):
            return set(range(len(versions)))
        return {y for y, version in enumerate(versions) if version != old[y]}

    # Painting.

    def line(self, y: int) -> Row:
        """A row of the screen, or with a negative number of the scrollback (-1 is its newest).

        Raises:
            IndexError: there is no such line.
        """
        screen = self.screen
        row = screen.rows[y] if y >= 0 else unpack(screen.scrollback.lines[y])
        return Row(row, screen.columns, self.version(y), screen.colors.attr, screen.clusters)

    def version(self, y: int) -> int:
        """A number for the content of a line: equal numbers, equal content."""
        if y < 0:
            return self.screen.scrollback.version(y)
        row = self.screen.rows[y]
        if not row.version:
            row.version = next(VERSIONS)
        return row.version

    @property
    def history(self) -> list[str]:
        """The scrollback as text, oldest line first, without blanks at the end."""
        return self.screen.scrollback.texts(self.screen.clusters)

    @property
    def history_size(self) -> int:
        """Lines in the scrollback."""
        return len(self.screen.scrollback)

    @property
    def scrolled(self) -> int:
        """Lines that left the top of the screen (less those a resize brought back)."""
        return self.screen.scrolled

    @property
    def in_sequence(self) -> bool:
        """Whether the next byte belongs to a sequence that has begun."""
        return self._stream.in_sequence

    # What the program said.

    @property
    def modes(self) -> Modes:
        """What the program asked of the terminal."""
        return self.screen.modes

    @property
    def title(self) -> str:
        """What the program called its window; without control characters."""
        return self.screen.title

    @property
    def bell(self) -> int:
        """How often the bell rang."""
        return self.screen.rings

    @property
    def hyperlinks(self) -> dict[int, str]:
        """Number of an `Attr.link` to its address."""
        return self.screen.links

    @property
    def working_directory(self) -> str:
        """What OSC 7 told, unchecked."""
        return self.screen.directory

    @property
    def colors(self) -> Colors:
        """The colours in force: the defaults as programs changed them."""
        return self.screen.colors

    def recolor(self, *, fg: int, bg: int, cursor: int) -> None:
        """Whoever paints has these default colours, 0xRRGGBB; a program may want to know."""
        self.screen.recolor(fg=fg, bg=bg, cursor=cursor)

    @property
    def on_clipboard(self) -> Callable[[str], None] | None:
        """Called with text that the program wants in the clipboard (never read from it)."""
        return self.screen.on_clipboard

    @on_clipboard.setter
    def on_clipboard(self, callback: Callable[[str], None] | None) -> None:
        self.screen.on_clipboard = callback
