"""The grid: cells, cursor, margins and scrolling.

A subclass of pyte's screen that keeps its vocabulary (method names, 1-based coordinates, 0 or None
for a missing count) and replaces its storage.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import pyte
from pyte.screens import Cursor

from bai_tui.widgets.terminal._attrs import BG_MASK
from bai_tui.widgets.terminal._charsets import NATIONAL, TABLES, Table
from bai_tui.widgets.terminal._rows import Clusters, Row
from bai_tui.widgets.terminal._scrollback import Scrollback

ASCII: Final = ("B", "B", "B", "B")


@dataclass(frozen=True, slots=True)
class Saved:
    """What DECSC keeps; there is one slot per screen."""

    x: int = 0
    y: int = 0
    pen: int = 0
    pending: bool = False
    origin: bool = False
    charsets: tuple[str, ...] = field(default=ASCII)
    active: int = 0
    single: int = -1


HOME: Final = Saved()


class Grid(pyte.Screen):
    """`columns` by `lines` cells with `scrollback` lines above."""

    def __init__(self, columns: int, lines: int, scrollback: int) -> None:
        self.scrollback = Scrollback(scrollback)
        self.clusters = Clusters()
        self.scrolled = 0
        """Lines that left the top of the main screen, less those a resize brought back."""
        super().__init__(columns, lines)
        # pyte's own storage stays empty.
        del self.buffer

    def reset(self) -> None:
        """As when the terminal was switched on; the scrollback stays."""
        self.rows = [Row() for _ in range(self.lines)]
        self.hidden = [Row() for _ in range(self.lines)]
        """The rows of the screen that is not shown."""
        self.alternate = False
        self.saved = [HOME, HOME]
        self.cursor = Cursor(0, 0)
        self.pen = 0
        self.last = ""
        """Text that ends with the character REP repeats."""
        self.pending = False
        """The last column was written; the next character goes to the next line."""
        self.joining = False
        """A zero width joiner waits for its character."""
        self.autowrap = True
        self.origin = self.insert = self.newline = False
        self.reverse_wrap = self.reverse_wrap_always = False
        self.national = False
        """DECNRCM: other sets of 94 characters than ASCII may be national ones."""
        self.top, self.bottom, self.left, self.right = 0, self.lines - 1, 0, self.columns - 1
        self.charsets = list(ASCII)
        self.tabstops = set(range(8, self.columns, 8))
        self.single = -1
        self.select(0)

    def settle(self) -> None:
        """After a change of state: whether text goes the short way."""
        self.simple = (
            self.autowrap
            and self.table is None
            and self.single < 0
            and not self.insert
            and not self.joining
            and self.left == 0
            and self.right == self.columns - 1
        )

    @property
    def display(self) -> list[str]:
        """The screen as text, each line exactly as wide as the screen."""
        columns, text = self.columns, self.clusters.text
        return [text(row.text.ljust(columns)) for row in self.rows]

    @property
    def blank(self) -> int:
        """What erased cells look like: the background and nothing else."""
        return self.pen & BG_MASK

    def blank_row(self) -> Row:
        """A row of blanks."""
        look = self.blank
        return Row(" " * self.columns, [look] * self.columns) if look else Row()

    # The cursor.

    def _edge(self, x: int) -> int:
        """The column before which a line that is at `x` ends."""
        return self.right + 1 if x <= self.right else self.columns

    def goto(self, x: int, y: int) -> None:
        """Put the cursor into a cell of the screen."""
        self.cursor.x = max(0, min(x, self.columns - 1))
        self.cursor.y = max(0, min(y, self.lines - 1))
        self.pending = False

    def cursor_position(self, line: int | None = None, column: int | None = None) -> None:
        """CUP: relative to the margins, and within them, in origin mode."""
        y, x = (line or 1) - 1, (column or 1) - 1
        if self.origin:
            x, y = min(self.left + x, self.right), min(self.top + y, self.bottom)
        self.goto(x, y)

    def cursor_to_column(self, column: int | None = None) -> None:
        """CHA, HPA."""
        x = (column or 1) - 1
        if self.origin:
            x = min(self.left + x, self.right)
        self.goto(x, self.cursor.y)

    def cursor_to_line(self, line: int | None = None) -> None:
        """VPA."""
        y = (line or 1) - 1
        if self.origin:
            y = min(self.top + y, self.bottom)
        self.goto(self.cursor.x, y)

    def cursor_right(self, count: int = 0) -> None:
        """HPR."""
        self.goto(self.cursor.x + (count or 1), self.cursor.y)

    def cursor_lower(self, count: int = 0) -> None:
        """VPR."""
        self.goto(self.cursor.x, self.cursor.y + (count or 1))

    def cursor_up(self, count: int | None = None) -> None:
        """CUU: not beyond the margin."""
        y = self.cursor.y
        self.goto(self.cursor.x, max(self.top if y >= self.top else 0, y - (count or 1)))

    def cursor_down(self, count: int | None = None) -> None:
        """CUD: not beyond the margin."""
        y = self.cursor.y
        limit = self.bottom if y <= self.bottom else self.lines - 1
        self.goto(self.cursor.x, min(limit, y + (count or 1)))

    def cursor_up1(self, count: int | None = None) -> None:
        """CPL."""
        self.cursor_up(count)
        self.carriage_return()

    def cursor_down1(self, count: int | None = None) -> None:
        """CNL."""
        self.cursor_down(count)
        self.carriage_return()

    def cursor_forward(self, count: int | None = None) -> None:
        """CUF: not beyond the margin."""
        x = self.cursor.x
        self.goto(min(self._edge(x) - 1, x + (count or 1)), self.cursor.y)

    def cursor_back(self, count: int | None = None) -> None:
        """CUB: not beyond the margin, unless a mode lets it go on in the line above."""
        count = count or 1
        if (self.reverse_wrap or self.reverse_wrap_always) and self.autowrap:
            self._back(min(count, self.columns * self.lines))
            return
        x = self.cursor.x
        self.goto(max(self.left if x >= self.left else 0, x - count), self.cursor.y)

    def _back(self, count: int) -> None:
        """Modes 45 (only where a line was wrapped) and 1045 (anywhere)."""
        cursor = self.cursor
        if self.pending:
            # The cursor is thought to be behind the last column.
            self.pending = False
            count -= 1
        while count:
            edge = self.left if cursor.x >= self.left else 0
            step = min(count, cursor.x - edge)
            cursor.x -= step
            count -= step
            if not count:
                return
            y = cursor.y - 1
            if cursor.y == self.top or y < 0:
                if not self.reverse_wrap_always:
                    return
                y = self.bottom
            elif not self.reverse_wrap_always and not self.rows[y].wrapped:
                return
            cursor.x, cursor.y = self.right, y
            count -= 1

    def backspace(self) -> None:
        """BS."""
        self.cursor_back(1)

    def carriage_return(self) -> None:
        """CR."""
        inside = self.origin or self.cursor.x >= self.left
        self.cursor.x = self.left if inside else 0
        self.pending = False

    def tab_forward(self, count: int = 0) -> None:
        """CHT: not beyond the margin."""
        x = self.cursor.x
        last = self._edge(x) - 1
        for _ in range(min(count or 1, self.columns)):
            x += 1
            while x < last and x not in self.tabstops:
                x += 1
        self.cursor.x = min(x, last)
        # A tab in the last column keeps what is pending there, as in xterm.

    def tab_back(self, count: int = 0) -> None:
        """CBT."""
        x = self.cursor.x
        first = self.left if self.origin else 0
        for _ in range(min(count or 1, self.columns)):
            x -= 1
            while x > first and x not in self.tabstops:
                x -= 1
        self.goto(max(x, first), self.cursor.y)

    def save_cursor(self) -> None:
        """DECSC."""
        cursor = self.cursor
        self.saved[self.alternate] = Saved(
            cursor.x, cursor.y, self.pen, self.pending, self.origin, tuple(self.charsets),
            self.active, self.single,
        )  # fmt: skip

    def restore_cursor(self) -> None:
        """DECRC; without DECSC the home position."""
        saved = self.saved[self.alternate]
        self.origin, self.pen, self.single = saved.origin, saved.pen, saved.single
        self.charsets = list(saved.charsets)
        self.select(saved.active)
        x, y = saved.x, saved.y
        if self.origin:
            x = max(self.left, min(x, self.right))
            y = max(self.top, min(y, self.bottom))
        self.goto(x, y)
        self.pending = saved.pending and self.autowrap and x == self._edge(x) - 1

    def select(self, active: int) -> None:
        """Use one of the four designated character sets."""
        self.active = active
        self.table: Table = self.translation(active)
        self.settle()

    def translation(self, slot: int) -> Table:
        """What a designated set makes of ASCII."""
        code = self.charsets[slot]
        return TABLES.get(code) if self.national or code not in NATIONAL else None

    def debug(self, *args: Any, **kwargs: Any) -> None:
        """Sequences nobody knows are ignored."""
