"""Scrolling: lines that come and go, the cursor that makes them, the scrollback above."""

from __future__ import annotations

from bai_tui.widgets.terminal._attrs import BG_MASK
from bai_tui.widgets.terminal._grid import Grid


class Scrolling(Grid):
    """The grid that scrolls."""

    def linefeed(self) -> None:
        """LF, VT, FF."""
        self.rows[self.cursor.y].wrapped = False
        self.index()
        if self.newline:
            self.carriage_return()

    def next_line(self) -> None:
        """NEL."""
        self.index()
        self.carriage_return()

    def index(self) -> None:
        """IND: down, scrolling at the bottom margin."""
        self.pending = False
        cursor = self.cursor
        if cursor.y == self.bottom:
            self.scroll_line()
        elif cursor.y < self.lines - 1:
            cursor.y += 1

    def reverse_index(self) -> None:
        """RI: up, scrolling at the top margin."""
        self.pending = False
        cursor = self.cursor
        if cursor.y == self.top:
            if self.left <= cursor.x <= self.right:
                self.scroll_down(1)
        elif cursor.y > 0:
            cursor.y -= 1

    def scroll_line(self) -> None:
        """Scroll up by one line, as at each line feed at the bottom."""
        if not self._full_width or self.pen & BG_MASK:
            if self.left <= self.cursor.x <= self.right:
                self.scroll_up(1)
            return
        # The row is used again: making one costs more than cleaning one.
        row = self.rows.pop(self.top)
        if self.top == 0 and not self.alternate:
            self.scrollback.append(row)
            self.scrolled += 1
        row.clear()
        self.rows.insert(self.bottom, row)

    @property
    def _full_width(self) -> bool:
        return self.left == 0 and self.right == self.columns - 1

    def scroll_up(self, count: int = 0) -> None:
        """SU: lines leave the region at its top; from the main screen's top into the scrollback."""
        top, bottom, rows = self.top, self.bottom, self.rows
        count = min(count or 1, bottom - top + 1)
        if not self._full_width:
            self.move_lines(top, -count)
            return
        if top == 0 and not self.alternate:
            self.scrolled += count
            for row in rows[:count]:
                self.scrollback.append(row)
        del rows[top : top + count]
        rows[bottom - count + 1 : bottom - count + 1] = [self.blank_row() for _ in range(count)]

    def scroll_down(self, count: int = 0, *more: int) -> None:
        """SD: blank lines enter the region at its top."""
        if not more:  # With more parameters it is highlight mouse tracking.
            self.move_lines(self.top, min(count or 1, self.bottom - self.top + 1))

    def move_lines(self, first: int, count: int) -> None:
        """Move the lines from `first` to the bottom margin down, or with a negative count up."""
        rows, bottom = self.rows, self.bottom
        size = min(abs(count), bottom - first + 1)
        if self._full_width:
            fresh = [self.blank_row() for _ in range(size)]
            if count > 0:
                del rows[bottom - size + 1 : bottom + 1]
                rows[first:first] = fresh
            else:
                del rows[first : first + size]
                rows[bottom - size + 1 : bottom - size + 1] = fresh
            return
        start, stop = self.left, self.right + 1
        pieces = [row.take(start, stop) for row in rows[first : bottom + 1]]
        blanks = [(" " * (stop - start), [self.blank] * (stop - start))] * size
        pieces = blanks + pieces[:-size] if count > 0 else pieces[size:] + blanks
        for row, (piece, looks) in zip(rows[first : bottom + 1], pieces, strict=True):
            row.paste(start, piece, looks)

    def _inside(self) -> bool:
        """Whether the cursor is within the margins."""
        cursor = self.cursor
        return self.top <= cursor.y <= self.bottom and self.left <= cursor.x <= self.right

    def insert_lines(self, count: int | None = None) -> None:
        """IL."""
        if self._inside():
            self.move_lines(self.cursor.y, count or 1)
            self.carriage_return()

    def delete_lines(self, count: int | None = None) -> None:
        """DL."""
        if self._inside():
            self.move_lines(self.cursor.y, -(count or 1))
            self.carriage_return()
