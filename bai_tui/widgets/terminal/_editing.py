"""Erasing, inserting and deleting in lines, columns and rectangles."""

from __future__ import annotations

from typing import Any, Final

from bai_tui.widgets.terminal._attrs import (
    BLINK,
    BOLD,
    CONCEAL,
    FLAG_SHIFT,
    PROTECTED_BIT,
    REVERSE,
    UNDERLINE_MASK,
)
from bai_tui.widgets.terminal._printing import Printing
from bai_tui.widgets.terminal._rows import Row
from bai_tui.widgets.terminal._width import HALF

OFF: Final = 0
DEC: Final = 1
ISO: Final = 2
"""Kinds of protection: none yet; DECSCA, which selective erasing spares; SPA, which all erasing
spares."""

Area = tuple[int, int, int, int]
"""Top, left, bottom, right; as parameters 1-based, or 0 for what is missing."""


class Editing(Printing):
    """The grid with editing."""

    def reset(self) -> None:
        """Also protection."""
        super().reset()
        self.protection = OFF
        self.area_wraps = True
        """DECSACE: DECCARA and DECRARA work on the text between two points, not on a rectangle."""

    # Erasing.

    def _erase(self, row: Row, start: int, stop: int, selective: bool) -> None:
        spared = DEC if selective else ISO
        if self.protection != spared or row.looks is None:
            row.fill(start, stop, self.blank)
            return
        for x in range(start, stop):
            if not row.look(x) & PROTECTED_BIT and row.cell(x) != HALF:
                row.fill(x, x + (2 if row.cell(x + 1) == HALF else 1), self.blank)

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """EL, DECSEL: 0 to the end, 1 to the cursor, 2 the whole line."""
        if how > 2 or (how == 0 and self.pending):
            # Behind the last column there is nothing to erase. grep and compilers end every piece
            # of colour with EL, also there; erasing the last cell would lose a character.
            return
        row, x = self.rows[self.cursor.y], self.cursor.x
        self._erase(row, 0 if how else x, x + 1 if how == 1 else self.columns, private)
        if how != 1:
            row.wrapped = False

    def erase_in_line_selectively(self, how: int = 0) -> None:
        """DECSEL."""
        self.erase_in_line(how, private=True)

    def erase_in_display(self, how: int = 0, *args: Any, **kwargs: Any) -> None:
        """ED, DECSED: 0 to the end, 1 to the cursor, 2 the whole screen, 3 the scrollback."""
        private = bool(kwargs.get("private"))
        if how == 3 and not private:
            self.scrollback.clear()
        if how > 2:
            return
        y = self.cursor.y
        for row in self.rows[:y] if how == 1 else self.rows[0 if how else y + 1 :]:
            self._erase(row, 0, self.columns, private)
            row.wrapped = False
            if not row.text:
                row.mark = ""
        if how != 2:
            self.erase_in_line(how, private)

    def erase_in_display_selectively(self, how: int = 0) -> None:
        """DECSED."""
        self.erase_in_display(how, private=True)

    def erase_characters(self, count: int | None = None) -> None:
        """ECH."""
        x = self.cursor.x
        stop = min(self.columns, x + (count or 1))
        self._erase(self.rows[self.cursor.y], x, stop, selective=False)
        self.pending = False

    def protect(self, how: int = 0) -> None:
        """DECSCA."""
        if how == 1:
            self.pen |= PROTECTED_BIT
            self.protection = DEC
        elif how in (0, 2):
            self.pen &= ~PROTECTED_BIT

    def start_protected(self) -> None:
        """SPA."""
        self.pen |= PROTECTED_BIT
        self.protection = ISO

    def end_protected(self) -> None:
        """EPA."""
        self.pen &= ~PROTECTED_BIT

    # Inserting and deleting.

    def insert_characters(self, count: int | None = None) -> None:
        """ICH."""
        x = self.cursor.x
        if self.left <= x <= self.right:
            self.rows[self.cursor.y].insert(x, count or 1, self.right + 1, self.blank)
        self.pending = False

    def delete_characters(self, count: int | None = None) -> None:
        """DCH."""
        x = self.cursor.x
        if self.left <= x <= self.right:
            self.rows[self.cursor.y].delete(x, count or 1, self.right + 1, self.blank)
        self.pending = False

    def _shift_columns(self, x: int, count: int) -> None:
        """Move the columns from `x` to the right margin; to the left if `count` is negative."""
        end, look = self.right + 1, self.blank
        for row in self.rows[self.top : self.bottom + 1]:
            if count > 0:
                row.insert(x, count, end, look)
            else:
                row.delete(x, -count, end, look)

    def insert_columns(self, count: int = 0) -> None:
        """DECIC."""
        if self._inside():
            self._shift_columns(self.cursor.x, count or 1)

    def delete_columns(self, count: int = 0) -> None:
        """DECDC."""
        if self._inside():
            self._shift_columns(self.cursor.x, -(count or 1))

    def scroll_left(self, count: int = 0) -> None:
        """SL."""
        if self._inside():
            self._shift_columns(self.left, -(count or 1))

    def scroll_right(self, count: int = 0) -> None:
        """SR."""
        if self._inside():
            self._shift_columns(self.left, count or 1)

    def back_index(self) -> None:
        """DECBI."""
        x = self.cursor.x
        if x != self.left:
            self.goto(x - 1, self.cursor.y)
        elif self._inside():
            self._shift_columns(x, 1)

    def forward_index(self) -> None:
        """DECFI."""
        x = self.cursor.x
        if x != self.right:
            self.goto(x + 1, self.cursor.y)
        elif self._inside():
            self._shift_columns(self.left, -1)

    def alignment_display(self) -> None:
        """DECALN: the screen full of E."""
        self.top, self.bottom, self.left, self.right = 0, self.lines - 1, 0, self.columns - 1
        self.origin = False
        self.settle()
        self.goto(0, 0)
        for row in self.rows:
            row.clear()
            row.text = "E" * self.columns

    # Rectangles.

    def _area(self, area: Area) -> Area | None:
        """A rectangle as indices, both ends included; None if there is none."""
        top, left, bottom, right = area
        dy, dx, last_y, last_x = 0, 0, self.lines - 1, self.columns - 1
        if self.origin:
            dy, dx, last_y, last_x = self.top, self.left, self.bottom, self.right
        y0, x0 = dy + (top or 1) - 1, dx + (left or 1) - 1
        y1 = min(last_y, dy + bottom - 1) if bottom else last_y
        x1 = min(last_x, dx + right - 1) if right else last_x
        return (y0, x0, y1, x1) if y0 <= y1 and x0 <= x1 else None

    def fill_area(
        self, code: int = 0, top: int = 0, left: int = 0, bottom: int = 0, right: int = 0
    ) -> None:
        """DECFRA."""
        place = self._area((top, left, bottom, right))
        if place and (32 <= code <= 126 or 160 <= code <= 255):
            y0, x0, y1, x1 = place
            text = chr(code) * (x1 - x0 + 1)
            if self.table is not None:
                text = text.translate(self.table)
            for row in self.rows[y0 : y1 + 1]:
                row.put(x0, text, self.pen)

    def erase_area(self, top: int = 0, left: int = 0, bottom: int = 0, right: int = 0) -> None:
        """DECERA."""
        if place := self._area((top, left, bottom, right)):
            y0, x0, y1, x1 = place
            for row in self.rows[y0 : y1 + 1]:
                row.fill(x0, x1 + 1, self.blank)

    def erase_area_selectively(
        self, top: int = 0, left: int = 0, bottom: int = 0, right: int = 0
    ) -> None:
        """DECSERA: blanks that keep their looks; as in xterm SPA does not protect from it."""
        spared = PROTECTED_BIT if self.protection == DEC else 0
        if place := self._area((top, left, bottom, right)):
            y0, x0, y1, x1 = place
            for row in self.rows[y0 : y1 + 1]:
                for x in range(x0, x1 + 1):
                    if not row.look(x) & spared and row.cell(x) != " ":
                        row.put(x, " ", row.look(x))

    def copy_area(
        self,
        top: int = 0,
        left: int = 0,
        bottom: int = 0,
        right: int = 0,
        _page: int = 0,
        to_top: int = 0,
        to_left: int = 0,
    ) -> None:
        """DECCRA."""
        source = self._area((top, left, bottom, right))
        target = self._area((to_top, to_left, 0, 0))
        if source is None or target is None:
            return
        y0, x0, y1, x1 = source
        to_y, to_x, last_y, last_x = target
        width = min(x1 - x0, last_x - to_x) + 1
        height = min(y1 - y0, last_y - to_y) + 1
        pieces = [row.take(x0, x0 + width) for row in self.rows[y0 : y0 + height]]
        for row, (cells, looks) in zip(self.rows[to_y : to_y + height], pieces, strict=True):
            row.paste(to_x, cells, looks)

    def select_area(self, how: int = 0) -> None:
        """DECSACE."""
        if how <= 2:
            self.area_wraps = how != 2

    def change_area(self, keep: int, add: int, flip: int, area: Area) -> None:
        """Change the looks of cells."""
        if self.area_wraps:
            # The points need not be ordered as the corners of a rectangle.
            first = self._area((area[0], area[1], 0, 0))
            last = self._area((1, 1, area[2], area[3]))
            if first is None or last is None or first[:2] > last[2:]:
                return
            (y0, x0), (y1, x1) = first[:2], last[2:]
            spans = [(y, x0 if y == y0 else 0, x1 + 1 if y == y1 else self.columns)
                     for y in range(y0, y1 + 1)]  # fmt: skip
        else:
            place = self._area(area)
            if place is None:
                return
            spans = [(y, place[1], place[3] + 1) for y in range(place[0], place[2] + 1)]
        for y, start, stop in spans:
            cells, looks = self.rows[y].take(start, stop)
            self.rows[y].paste(start, cells, [look & keep ^ flip | add for look in looks])

    def checksum(self, area: Area) -> int:
        """DECRQCRA: the sum of characters and looks, negated, as the VT420 has it."""
        place = self._area(area)
        if place is None:
            return 0
        total = 0
        y0, x0, y1, x1 = place
        for row in self.rows[y0 : y1 + 1]:
            for x in range(x0, x1 + 1):
                look = row.look(x)
                flags = look >> FLAG_SHIFT
                total += ord((self.clusters.cell(row.cell(x)) or " ")[0])
                total += 4 * bool(look & PROTECTED_BIT) + 8 * bool(flags & CONCEAL)
                total += 16 * bool(look & UNDERLINE_MASK) + 32 * bool(flags & REVERSE)
                total += 64 * bool(flags & BLINK) + 128 * bool(flags & BOLD)
        return -total & 0xFFFF
