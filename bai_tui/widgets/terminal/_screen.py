"""The screen: cells, cursor, margins, scrolling, erasing. What a sequence means is in `emulator`.

A subclass of pyte's screen that keeps its vocabulary (margins, modes, tab stops, method names) and
replaces its storage: rows of lists instead of dictionaries of tuples.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import pyte

from bai_tui.widgets.terminal._cells import (
    DEFAULT,
    NARROW,
    PROTECTED,
    VS16,
    ZWJ,
    Attr,
    Packed,
    Row,
    blank_of,
    widens,
    width,
)
from bai_tui.widgets.terminal._charsets import TABLES, Table
from bai_tui.widgets.terminal._reflow import Place, reflow

BIDI_CONTROLS: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""They would turn round what the outer terminal shows beside them, so they are never kept."""

MAX_CLUSTER: Final = 32
"""Code points one cell may hold; further combining marks are dropped."""


@dataclass(slots=True)
class Saved:
    """What DECSC keeps; there is one slot per screen."""

    x: int
    y: int
    attr: Attr
    pending: bool
    origin: bool
    charsets: list[str]
    active: int


class TerminalScreen(pyte.Screen):
    """The screen of a terminal of `columns` by `lines` cells with `scrollback` lines above."""

    def __init__(self, columns: int, lines: int, scrollback: int) -> None:
        self.history_rows: deque[Packed] = deque(maxlen=scrollback)
        self.scrolled = 0
        """Lines that ever left the top of the main screen; grows only."""
        self.rows: list[Row] = []
        super().__init__(columns, lines)

    # State.

    def reset(self) -> None:
        """Everything as when the terminal was switched on; the scrollback stays."""
        self.rows = [Row.blank(self.columns) for _ in range(self.lines)]
        self.other: list[Row] | None = None
        self.saved: list[Saved | None] = [None, None]
        self.x = self.y = 0
        self.attr = DEFAULT
        self.pending = False
        self.joining = False
        self.autowrap = True
        self.origin = False
        self.insert = False
        self.newline = False
        self.last = ""
        self.margins = None
        self.charsets = ["B", "B", "B", "B"]
        self.active = 0
        self.table: Table = None
        self.reset_tabs()

    def reset_tabs(self) -> None:
        """A tab stop at every eighth column."""
        self.tabstops = set(range(8, self.columns, 8))

    @property
    def alternate(self) -> bool:
        """Whether the alternate screen is shown."""
        return self.other is not None

    @property
    def top(self) -> int:
        """First line of the scroll region."""
        return self.margins.top if self.margins else 0

    @property
    def bottom(self) -> int:
        """Last line of the scroll region."""
        return self.margins.bottom if self.margins else self.lines - 1

    def _blank(self) -> Row:
        return Row.blank(self.columns, blank_of(self.attr))

    # Text.

    def draw(self, text: str) -> None:
        """Print text at the cursor."""
        if self.table is not None:
            text = text.translate(self.table)
        position, end = 0, len(text)
        while position < end:
            if match := NARROW.match(text, position):
                if self.joining:
                    self._cluster(text[position])
                    position += 1
                    continue
                self._narrow(match[0])
                position = match.end()
            else:
                self._cluster(text[position])
                position += 1

    def _wrap(self) -> None:
        self.rows[self.y].wrapped = True
        self.x = 0
        self.pending = False
        self.index()

    def _narrow(self, text: str) -> None:
        """Print characters of one cell each."""
        columns = self.columns
        attr = self.attr
        position, end = 0, len(text)
        while position < end:
            if self.pending:
                self._wrap()
            row = self.rows[self.y]
            x = self.x
            count = min(end - position, columns - x)
            if self.insert:
                self._shift(row, x, count)
            chars = row.chars
            stop = x + count
            if chars[x] == "":
                chars[x - 1] = " "
            if stop < columns and chars[stop] == "":
                chars[stop] = " "
            chars[x:stop] = text[position : position + count]
            row.attrs[x:stop] = [attr] * count
            row.touch()
            position += count
            if stop < columns:
                self.x = stop
            else:
                self.x = columns - 1
                if self.autowrap:
                    self.pending = True
                else:
                    # Everything that is left goes into the last cell, one over the other.
                    if position < end:
                        chars[-1] = text[-1]
                    position = end
        self.last = text[-1]

    def _cluster(self, character: str) -> None:
        """Print one character that may be wide, or belong to the cell before."""
        if character == ZWJ:
            self.joining = self._before() is not None
            return
        if self.joining:
            self.joining = False
            self._append(ZWJ + character)
            return
        if character == VS16:
            self._emoji()
            return
        cells = width(character)
        if cells == 0:
            self._append(character)
            return
        if cells == 1:
            self._narrow(character)
            return
        if self.columns < 2:
            return
        if self.pending or self.x == self.columns - 1:
            if not self.autowrap:
                return
            if not self.pending:
                self.rows[self.y].fill(self.x, self.x + 1, blank_of(self.attr))
            self._wrap()
        self._wide(character)
        self.last = character

    def _wide(self, text: str) -> None:
        row, x = self.rows[self.y], self.x
        if self.insert:
            self._shift(row, x, 2)
        row.clear_half(x)
        row.clear_half(x + 2)
        row.chars[x : x + 2] = [text, ""]
        row.attrs[x : x + 2] = [self.attr, self.attr]
        row.touch()
        if x + 2 < self.columns:
            self.x = x + 2
        else:
            self.x = self.columns - 1
            self.pending = self.autowrap

    def _before(self) -> tuple[Row, int] | None:
        """The cell before the cursor, which a combining character belongs to."""
        row = self.rows[self.y]
        x = self.x if self.pending else self.x - 1
        if x >= 0 and row.chars[x] == "":
            x -= 1
        return (row, x) if x >= 0 else None

    def _append(self, text: str) -> None:
        cell = self._before()
        if cell is None or not BIDI_CONTROLS.isdisjoint(text):
            return
        row, x = cell
        if len(row.chars[x]) < MAX_CLUSTER:
            row.chars[x] += text
            row.touch()

    def _emoji(self) -> None:
        """VS16: the character before becomes wide, if it is one of those that do."""
        cell = self._before()
        if cell is None:
            return
        row, x = cell
        if not widens(row.chars[x]):
            self._append(VS16)
        elif x + 1 < self.columns and not self.pending:
            text = row.chars[x] + VS16
            attr, self.attr = self.attr, row.attrs[x]
            self.x = x
            insert, self.insert = self.insert, False
            self._wide(text)
            self.attr, self.insert = attr, insert
        # In the last column there is no room for two cells: the character stays as it is.

    def _shift(self, row: Row, x: int, count: int) -> None:
        """Move the rest of a row to the right."""
        count = min(count, self.columns - x)
        row.clear_half(x)
        row.clear_half(self.columns - count)
        blank = blank_of(self.attr)
        row.chars[x:] = [" "] * count + row.chars[x : self.columns - count]
        row.attrs[x:] = [blank] * count + row.attrs[x : self.columns - count]
        row.touch()

    # The cursor.

    def move(self, x: int, y: int) -> None:
        """Put the cursor into a cell of the screen."""
        self.x = max(0, min(x, self.columns - 1))
        self.y = max(0, min(y, self.lines - 1))
        self.pending = False

    def goto(self, line: int, column: int) -> None:
        """Put the cursor at 1-based coordinates, relative to the margins in origin mode."""
        if self.origin:
            self.move(column - 1, min(self.top + line - 1, self.bottom))
        else:
            self.move(column - 1, line - 1)

    def up(self, count: int) -> None:
        """Move up, not beyond the margin."""
        limit = self.top if self.y >= self.top else 0
        self.move(self.x, max(limit, self.y - count))

    def down(self, count: int) -> None:
        """Move down, not beyond the margin."""
        limit = self.bottom if self.y <= self.bottom else self.lines - 1
        self.move(self.x, min(limit, self.y + count))

    def index(self) -> None:
        """Move down, scrolling at the bottom margin."""
        self.pending = False
        if self.y == self.bottom:
            self.scroll_up(1)
        elif self.y < self.lines - 1:
            self.y += 1

    def reverse_index(self) -> None:
        """Move up, scrolling at the top margin."""
        self.pending = False
        if self.y == self.top:
            self.scroll_down(1)
        elif self.y > 0:
            self.y -= 1

    def tab_forward(self, count: int) -> None:
        """Go to the next tab stop, `count` times."""
        for stop in sorted(stop for stop in self.tabstops if stop > self.x)[:count]:
            self.x = stop
            count -= 1
        if count:
            self.x = self.columns - 1
        self.pending = False

    def tab_back(self, count: int) -> None:
        """Go to the tab stop before, `count` times."""
        stops = sorted((stop for stop in self.tabstops if stop < self.x), reverse=True)
        for stop in stops[:count]:
            self.x = stop
            count -= 1
        if count:
            self.x = 0
        self.pending = False

    def save(self) -> None:
        """DECSC."""
        self.saved[self.alternate] = Saved(
            self.x, self.y, self.attr, self.pending, self.origin, list(self.charsets), self.active
        )

    def restore(self) -> None:
        """DECRC; without DECSC the home position."""
        saved = self.saved[self.alternate]
        if saved is None:
            self.origin = False
            self.attr = DEFAULT
            self.charsets, self.active = ["B", "B", "B", "B"], 0
            self.move(0, 0)
        else:
            self.origin, self.attr = saved.origin, saved.attr
            self.charsets, self.active = list(saved.charsets), saved.active
            self.move(saved.x, saved.y)
            self.pending = saved.pending and self.x == self.columns - 1
        self.select(self.active)

    def select(self, active: int) -> None:
        """Use one of the four designated character sets."""
        self.active = active
        self.table = TABLES.get(self.charsets[active])

    # Scrolling.

    def scroll_up(self, count: int) -> None:
        """Lines leave the region at its top; from the main screen's top into the scrollback."""
        top, bottom = self.top, self.bottom
        count = min(count, bottom - top + 1)
        if count <= 0:
            return
        if top == 0 and not self.alternate:
            self.scrolled += count
            if self.history_rows.maxlen:
                self.history_rows.extend(row.pack() for row in self.rows[:count])
        del self.rows[top : top + count]
        self.rows[bottom - count + 1 : bottom - count + 1] = [self._blank() for _ in range(count)]

    def scroll_down(self, count: int) -> None:
        """Blank lines enter the scroll region at its top."""
        top, bottom = self.top, self.bottom
        count = min(count, bottom - top + 1)
        if count <= 0:
            return
        del self.rows[bottom - count + 1 : bottom + 1]
        self.rows[top:top] = [self._blank() for _ in range(count)]

    def insert_lines(self, count: int | None = None) -> None:
        """Insert blank lines at the cursor."""
        if not self.top <= self.y <= self.bottom:
            return
        count = min(count or 1, self.bottom - self.y + 1)
        del self.rows[self.bottom - count + 1 : self.bottom + 1]
        self.rows[self.y : self.y] = [self._blank() for _ in range(count)]
        self.x, self.pending = 0, False

    def delete_lines(self, count: int | None = None) -> None:
        """Delete lines at the cursor."""
        if not self.top <= self.y <= self.bottom:
            return
        count = min(count or 1, self.bottom - self.y + 1)
        del self.rows[self.y : self.y + count]
        where = self.bottom - count + 1
        self.rows[where:where] = [self._blank() for _ in range(count)]
        self.x, self.pending = 0, False

    # Erasing.

    def insert_characters(self, count: int | None = None) -> None:
        """Insert blanks at the cursor."""
        self._shift(self.rows[self.y], self.x, count or 1)
        self.pending = False

    def delete_characters(self, count: int | None = None) -> None:
        """Delete cells at the cursor; the rest moves left."""
        row, x = self.rows[self.y], self.x
        count = min(count or 1, self.columns - x)
        row.clear_half(x)
        row.clear_half(x + count)
        blank = blank_of(self.attr)
        row.chars[x:] = row.chars[x + count :] + [" "] * count
        row.attrs[x:] = row.attrs[x + count :] + [blank] * count
        row.touch()
        self.pending = False

    def erase(self, row: Row, start: int, stop: int, selective: bool = False) -> None:
        """Make cells of a row blank; `selective` spares protected ones."""
        attr = blank_of(self.attr)
        if not selective:
            row.fill(start, stop, attr)
            return
        for x in range(start, stop):
            if not row.attrs[x].flags & PROTECTED and row.chars[x] not in (" ", ""):
                row.fill(x, x + (2 if row.chars[x + 1 : x + 2] == [""] else 1), row.attrs[x])

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """EL: 0 to the end, 1 to the cursor, 2 the whole line."""
        row = self.rows[self.y]
        start = 0 if how else self.x
        stop = self.x + 1 if how == 1 else self.columns
        self.erase(row, start, stop, private)
        if how != 1:
            row.wrapped = False
        self.pending = False

    def erase_in_display(self, how: int = 0, private: bool = False) -> None:
        """ED: 0 to the end, 1 to the cursor, 2 the whole screen, 3 the scrollback."""
        if how == 3:
            self.history_rows.clear()
            return
        if how not in (0, 1, 2):
            return
        lines = range(self.y) if how == 1 else range(self.y + 1 if how == 0 else 0, self.lines)
        for y in lines:
            if private:
                self.erase(self.rows[y], 0, self.columns, selective=True)
            else:
                self.rows[y] = self._blank()
        if how != 2:
            pending = self.pending
            self.erase_in_line(how, private)
            self.pending = pending and how == 1
        else:
            self.pending = False

    def alignment_display(self) -> None:
        """DECALN: the screen full of E."""
        self.margins = None
        self.move(0, 0)
        for y in range(self.lines):
            self.rows[y] = Row(["E"] * self.columns, [DEFAULT] * self.columns)

    # The alternate screen and the size.

    def show_alternate(self, clear: bool) -> None:
        """Switch to the alternate screen."""
        if self.other is None:
            self.other = self.rows
            self.rows = [self._blank() for _ in range(self.lines)]
        elif clear:
            self.rows = [self._blank() for _ in range(self.lines)]

    def show_main(self) -> None:
        """Switch back to the main screen."""
        if self.other is not None:
            self.rows, self.other = self.other, None

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """Change the size; the main screen is wrapped anew, the alternate one is cut."""
        lines, columns = lines or self.lines, columns or self.columns
        if (lines, columns) == (self.lines, self.columns):
            return
        alternate = self.rows if self.alternate else None
        main = self.other if self.other is not None else self.rows
        saved = self.saved[0]
        cursor = Place(self.y, self.x)
        if alternate is not None:
            cursor = Place(saved.y, saved.x) if saved else Place(0, 0)
        main, cursor = self._resize_main(main, lines, columns, cursor)
        if alternate is not None:
            self.rows, self.other = _crop(alternate, lines, columns), main
            if saved is not None:
                saved.y, saved.x = cursor
        else:
            self.rows, self.other = main, None
        wide = columns > self.columns
        self.lines, self.columns = lines, columns
        self.margins = None
        if wide:
            self.tabstops |= set(range(8, columns, 8))
        if alternate is None:
            self.move(cursor.x, cursor.row)
        else:
            self.move(self.x, self.y)

    def _resize_main(
        self, rows: list[Row], lines: int, columns: int, cursor: Place
    ) -> tuple[list[Row], Place]:
        # Blank lines below the cursor are room, not content.
        end = len(rows)
        while end > cursor.row + 1 and not rows[end - 1].length():
            end -= 1
        rows = rows[:end]
        if columns != self.columns:
            # Lines of the scrollback that go on in the screen are wrapped together with it.
            above: list[Row] = []
            while self.history_rows and self.history_rows[-1].wrapped:
                above.append(self.history_rows.pop().unpack(self.columns))
            above.reverse()
            place = Place(cursor.row + len(above), cursor.x)
            rows, cursor = reflow([*above, *rows], columns, place)
            self._reflow_history(columns)
        surplus = len(rows) - lines
        if surplus > 0:
            # The cursor must stay visible.
            surplus = min(surplus, cursor.row)
            self.history_rows.extend(row.pack() for row in rows[:surplus])
            self.scrolled += surplus
            rows = rows[surplus:][:lines]
            cursor = Place(cursor.row - surplus, cursor.x)
        pulled = 0
        while len(rows) < lines and self.history_rows:
            rows.insert(0, self.history_rows.pop().unpack(columns))
            pulled += 1
        rows += [Row.blank(columns) for _ in range(lines - len(rows))]
        return rows, Place(cursor.row + pulled, cursor.x)

    def _reflow_history(self, columns: int) -> None:
        """Wrap the scrollback anew; only lines that are too long or go on cost anything."""
        history = list(self.history_rows)
        result: list[Packed] = []
        line: list[Row] = []
        for packed in history:
            if not line and not packed.wrapped and len(packed.cells) <= columns:
                result.append(packed)
                continue
            line.append(packed.unpack(self.columns if packed.wrapped else 0))
            if not packed.wrapped:
                result += [row.pack() for row in reflow(line, columns, Place(-1, 0))[0]]
                line = []
        result += [row.pack() for row in reflow(line, columns, Place(-1, 0))[0]]
        self.history_rows.clear()
        self.history_rows.extend(result)


def _crop(rows: list[Row], lines: int, columns: int) -> list[Row]:
    """Cut or pad rows to a size."""
    result = []
    for row in rows[:lines]:
        missing = columns - len(row.chars)
        if missing < 0:
            row.clear_half(columns)
            cells, looks = row.chars[:columns], row.attrs[:columns]
        else:
            cells, looks = row.chars + [" "] * missing, row.attrs + [DEFAULT] * missing
        result.append(Row(cells, looks))
    return result + [Row.blank(columns) for _ in range(lines - len(result))]
