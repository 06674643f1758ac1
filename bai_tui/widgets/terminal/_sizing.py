"""The two screens, and a size that changes."""

from __future__ import annotations

from dataclasses import replace

from bai_tui.widgets.terminal._areas import Areas
from bai_tui.widgets.terminal._reflow import Place, reflow, reflow_stored
from bai_tui.widgets.terminal._rows import Row
from bai_tui.widgets.terminal._scrollback import goes_on


class Sizing(Areas):
    """The screens."""

    def show_alternate(self) -> None:
        """Switch to the alternate screen as it was left."""
        self.rows, self.hidden = self.hidden, self.rows
        self.alternate = True

    def show_main(self) -> None:
        """Switch back to the main screen."""
        self.rows, self.hidden = self.hidden, self.rows
        self.alternate = False

    def clear_alternate(self) -> None:
        """Make the alternate screen blank."""
        fresh = [self.blank_row() for _ in range(self.lines)]
        if self.alternate:
            self.rows = fresh
        else:
            self.hidden = fresh

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """Change the size: the main screen is wrapped anew, the alternate one is cut."""
        lines, columns = lines or self.lines, columns or self.columns
        if (lines, columns) == (self.lines, self.columns):
            return
        cursor, saved = self.cursor, self.saved[0]
        main, other = (self.hidden, self.rows) if self.alternate else (self.rows, self.hidden)
        place = Place(saved.y, saved.x) if self.alternate else Place(cursor.y, cursor.x)
        main, place = self._resize_main(main, lines, columns, place)
        other = _crop(other, lines, columns)
        if columns > self.columns:
            self.tabstops |= set(range((self.columns + 7) // 8 * 8 or 8, columns, 8))
        self.lines, self.columns = lines, columns
        self.top, self.bottom, self.left, self.right = 0, lines - 1, 0, columns - 1
        self.settle()
        pending = self.pending
        if self.alternate:
            self.rows, self.hidden = other, main
            x, waits = self._behind(place.x, saved.pending)
            self.saved[0] = replace(saved, x=x, y=place.row, pending=waits)
            place = Place(cursor.y, min(cursor.x, columns - 1))
        else:
            self.rows, self.hidden = main, other
        x, pending = self._behind(place.x, pending)
        self.goto(x, place.row)
        self.pending = pending

    def _behind(self, x: int, pending: bool) -> tuple[int, bool]:
        """Column of a cursor that was on the character before it, if it was `pending` there.

        Returns also whether it still is.
        """
        if pending and x < self.columns - 1:
            return x + 1, False
        return x, pending

    def _resize_main(
        self, rows: list[Row], lines: int, columns: int, cursor: Place
    ) -> tuple[list[Row], Place]:
        scrollback = self.scrollback
        # Blank lines below the cursor are room, not content.
        end = len(rows)
        while end > cursor.row + 1 and not rows[end - 1].length():
            end -= 1
        rows = rows[:end]
        if columns != self.columns:
            # Lines of the scrollback that go on in the screen are wrapped together with it.
            above: list[Row] = []
            while len(scrollback) and goes_on(scrollback.lines[-1]):
                above.append(scrollback.pop())
            above.reverse()
            self.scrolled -= len(above)
            place = Place(cursor.row + len(above), cursor.x)
            rows, cursor = reflow([*above, *rows], self.columns, columns, place)
            scrollback.replace(reflow_stored(scrollback.lines, self.columns, columns))
        # The cursor must stay visible.
        surplus = max(0, min(len(rows) - lines, cursor.row))
        for row in rows[:surplus]:
            scrollback.append(row)
        rows = rows[surplus:][:lines]
        pulled: list[Row] = []
        while len(rows) + len(pulled) < lines and len(scrollback):
            pulled.append(scrollback.pop())
        pulled.reverse()
        self.scrolled += surplus - len(pulled)
        rows = [*pulled, *rows]
        rows += [Row() for _ in range(lines - len(rows))]
        return rows, Place(min(cursor.row - surplus + len(pulled), lines - 1), cursor.x)


def _crop(rows: list[Row], lines: int, columns: int) -> list[Row]:
    """Cut or pad rows to a size."""
    rows = rows[:lines]
    for row in rows:
        if len(row.text) > columns:
            row.fill(columns, len(row.text), 0)
        row.wrapped = False
        row.version = 0
    return rows + [Row() for _ in range(lines - len(rows))]
