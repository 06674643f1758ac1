"""Erasing, inserting and deleting in lines, columns and rectangles."""

from __future__ import annotations

from typing import Any, Final

from bai_tui.widgets.terminal._attrs import (
    PROTECTED_BIT,
)
from bai_tui.widgets.terminal._printing import Printing
from bai_tui.widgets.terminal._rows import Row
from bai_tui.widgets.terminal._width import HALF

OFF: Final = 0
DEC: Final = 1
ISO: Final = 2
"""Kinds of protection: none yet; DECSCA, which selective erasing spares; SPA, which all erasing
spares. As in xterm the last one used says of which kind all protected cells are."""


class Editing(Printing):
    """The grid with editing."""

    def reset(self) -> None:
        """Also protection."""
        super().reset()
        self.protection = OFF

    # Erasing.

    def _erase(self, row: Row, start: int, stop: int, selective: bool) -> None:
        spares = self.protection == ISO or (selective and self.protection == DEC)
        if not spares or row.looks is None:
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
