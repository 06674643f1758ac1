"""Printing: characters of no, one or two cells, and those that join the cell before."""

from __future__ import annotations

import re

from bai_tui.widgets.terminal._modes import MORE_FIX
from bai_tui.widgets.terminal._rows import MAX_CLUSTER, STAND_INS, Row
from bai_tui.widgets.terminal._scrolling import Scrolling
from bai_tui.widgets.terminal._width import (
    DROPPED,
    HALF,
    MEASURED,
    PIECES,
    VS16,
    ZWJ,
    cells,
    widened,
    width,
)

_STAND_INS = re.compile("[\U00100000-\U0010ffff]")


class Printing(Scrolling):
    """The grid that prints."""

    def draw(self, data: str) -> None:
        """Print text at the cursor, in any state."""
        if self.single >= 0:
            table = self.translation(self.single)
            first = data[0].translate(table) if table else data[0]
            self.single = -1
            self.settle()
            data = first + (data[1:].translate(self.table) if self.table else data[1:])
        elif self.table is not None:
            data = data.translate(self.table)
        while self.joining and data:
            self._character(data[0])
            data = data[1:]
        if data.isascii():
            if data:
                self._narrow(data)
            return
        for match in MEASURED.finditer(data):
            text = match[0]
            while text and (self.joining or match.lastindex == 2):
                self._character(text[0])
                text = text[1:]
            if text:
                self._measured(text)

    def _measured(self, text: str) -> None:
        """Print characters of one and of two cells."""
        if self.simple and not self.pending:
            row = cells(text)
            cursor = self.cursor
            stop = cursor.x + len(row)
            if stop < self.columns:
                self.rows[cursor.y].put(cursor.x, row, self.pen)
                cursor.x = stop
                self.last = text
                return
        for match in PIECES.finditer(text):
            if match.lastindex == 1:
                self._narrow(match[0])
            else:
                self._wide(match[0])

    def lay(self, text: str, looks: list[int]) -> None:
        """Print characters of one cell each, with a look each, where text goes the short way."""
        cursor, columns = self.cursor, self.columns
        position, end = 0, len(text)
        while position < end:
            if self.pending:
                self.pen = looks[position]  # a line that comes in has its background
                self._wrap()
            x = cursor.x
            stop = position + min(end - position, columns - x)
            self.rows[cursor.y].lay(x, text[position:stop], looks[position:stop])
            x += stop - position
            position = stop
            self.pending = x == columns
            cursor.x = x - self.pending
        self.last = text

    def tab(self) -> None:
        """HT; behind the last column it goes on in the next line if mode 41 says so."""
        if self.pending and MORE_FIX << 5 in self.mode:
            self._wrap()
        self.tab_forward(1)

    def _wrap(self) -> None:
        if self.right == self.columns - 1:
            self.rows[self.cursor.y].wrapped = True
        self.index()  # before the column changes: outside the side margins nothing scrolls
        self.cursor.x = self.left

    def _narrow(self, text: str) -> None:
        """Print characters of one cell each."""
        cursor, look = self.cursor, self.pen
        position, end = 0, len(text)
        while position < end:
            if self.pending:
                self._wrap()
            row, x = self.rows[cursor.y], cursor.x
            edge = self._edge(x)
            count = min(end - position, edge - x)
            if self.insert:
                if x < self.left:  # nothing is shifted there
                    count = min(count, self.left - x)
                else:
                    row.insert(x, count, edge, self.blank)
            row.put(x, text[position : position + count], look)
            position += count
            if x + count < edge:
                cursor.x = x + count
                continue
            cursor.x = edge - 1
            self.pending = self.autowrap
            if position < end and not self.autowrap:
                # What is left goes into the last cell, one over the other.
                row.put(edge - 1, text[-1], look)
                break
        self.last = text

    def _wide(self, text: str) -> None:
        """Print characters of two cells each."""
        cursor = self.cursor
        position, end = 0, len(text)
        while position < end:
            if self.pending:
                self._wrap()
            x = cursor.x
            edge = self._edge(x)
            count = min(end - position, (edge - x) // 2)
            if not count:
                # One column is left: the character goes to the next line, if it fits there.
                if not self.autowrap or edge - self.left < 2 or x == self.left:
                    self.last = text[:position] or self.last
                    return
                self.rows[cursor.y].put(x, " ", self.pen)
                self._wrap()
                continue
            row = self.rows[cursor.y]
            if self.insert:
                if x < self.left:
                    count = min(count, (self.left - x + 1) // 2)
                else:
                    row.insert(x, 2 * count, edge, self.blank)
            row.put(x, HALF.join(text[position : position + count]) + HALF, self.pen)
            self._advance(x + 2 * count, edge)
            position += count
        self.last = text

    def _advance(self, x: int, edge: int) -> None:
        if x < edge:
            self.cursor.x = x
        else:
            self.cursor.x = edge - 1
            self.pending = self.autowrap

    def _character(self, character: str) -> None:
        """Print one character that has to be measured, or belongs to the cell before."""
        if character == ZWJ:
            self.joining = self._before() is not None
            self.settle()
        elif self.joining:
            self.joining = False
            self.settle()
            self._append(ZWJ + character)
        elif character == VS16:
            self._emoji()
        else:
            size = width(character)
            if size and ord(character) >= STAND_INS:
                # A character of the plane of the stand-ins needs one itself.
                character = self._stand_in(character) or "\ufffd"
            if size == 1:
                self._narrow(character)
            elif size == 2:
                self._wide(character)
            elif character not in DROPPED:
                self._append(character)

    def _before(self) -> tuple[Row, int] | None:
        """The cell before the cursor, which a combining character belongs to."""
        row = self.rows[self.cursor.y]
        x = self.cursor.x if self.pending else self.cursor.x - 1
        if x > 0 and row.cell(x) == HALF:
            x -= 1
        return (row, x) if x >= 0 else None

    def _stand_in(self, text: str) -> str:
        return self.clusters.add(text, self._stand_ins_in_use)

    def _stand_ins_in_use(self) -> set[str]:
        used: set[str] = set()
        for row in (*self.rows, *self.hidden):
            used.update(_STAND_INS.findall(row.text))
        for line in self.scrollback.lines:
            used.update(_STAND_INS.findall(line if isinstance(line, str) else line.text))
        return used

    def _append(self, text: str) -> None:
        """Add code points without a width to the cell before the cursor."""
        place = self._before()
        if place is None or not DROPPED.isdisjoint(text):
            return
        row, x = place
        whole = self.clusters.cell(row.cell(x)) + text
        cell = self._stand_in(whole) if len(whole) <= MAX_CLUSTER else ""
        if cell:
            row.text = row.text[:x].ljust(x) + cell + row.text[x + 1 :]
            row.version = 0
            self.last = cell

    def _emoji(self) -> None:
        """VS16: the character before becomes wide, if it is one of those that do."""
        place = self._before()
        if place is None:
            return
        row, x = place
        text = self.clusters.cell(row.cell(x))
        if text[0] not in widened() or row.cell(x + 1) == HALF:
            self._append(VS16)
            return
        edge = self._edge(x)
        if x + 1 >= edge or self.pending:
            return  # There is no room for two cells: it stays as it is.
        cell = self._stand_in(text + VS16) if len(text) < MAX_CLUSTER else ""
        if cell:
            if self.insert:
                row.insert(x + 1, 1, edge, self.blank)
            row.put(x, cell + HALF, row.look(x))
            self._advance(x + 2, edge)
            self.last = cell

    def repeat(self, count: int = 0) -> None:
        """REP."""
        if self.last:
            character = self.last[-1]
            count = min(count or 1, self.columns * self.lines)
            if width(self.clusters.cell(character)[0]) == 2 or ord(character) >= STAND_INS:
                wide = self._is_wide(character)
                (self._wide if wide else self._narrow)(character * count)
            else:
                self._narrow(character * count)

    def _is_wide(self, cell: str) -> bool:
        text = self.clusters.cell(cell)
        return width(text[0]) == 2 or (VS16 in text and text[0] in widened())

    def stop_joining(self) -> None:
        """A control came after a zero width joiner."""
        if self.joining:
            self.joining = False
            self.settle()
