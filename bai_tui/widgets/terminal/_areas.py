"""Rectangles of cells: filled, erased, copied, given other looks, summed up."""

from __future__ import annotations

from bai_tui.widgets.terminal import _sgr
from bai_tui.widgets.terminal._attrs import (
    BLINK,
    BOLD,
    CONCEAL,
    FLAG_SHIFT,
    PROTECTED_BIT,
    REVERSE,
    UNDERLINE_MASK,
)
from bai_tui.widgets.terminal._editing import DEC, Editing

Area = tuple[int, int, int, int]
"""Top, left, bottom, right; as parameters 1-based, or 0 for what is missing."""

_REVERSIBLE = (1, 4, 5, 7, 8)
_CHANGED = (0, 1, 4, 5, 7, 8, 22, 24, 25, 27, 28)


class Areas(Editing):
    """The grid with rectangles."""

    def reset(self) -> None:
        """Also the shape of areas."""
        super().reset()
        self.area_extent = 0
        """DECSACE: DECCARA and DECRARA work on a rectangle if it is 2, else on the text between
        two points."""

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
            self.area_extent = how

    def change_area(self, keep: int, add: int, flip: int, area: Area) -> None:
        """Change the looks of cells."""
        if self.area_extent != 2:
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

    def change_looks(self, top: int = 0, left: int = 0, bottom: int = 0, right: int = 0,
                     *codes: int) -> None:  # fmt: skip
        """DECCARA: bold, underline, blink and reverse, on or off."""
        keep, add = _sgr.change(";".join(str(code) for code in codes if code in _CHANGED) or "0")
        self.change_area(keep | PROTECTED_BIT, add, 0, (top, left, bottom, right))

    def reverse_looks(self, top: int = 0, left: int = 0, bottom: int = 0, right: int = 0,
                      *codes: int) -> None:  # fmt: skip
        """DECRARA."""
        flip = 0
        for code in codes or (1, 4, 5, 7):
            for one in (1, 4, 5, 7) if code == 0 else (code,):
                if one in _REVERSIBLE:
                    flip ^= _sgr.change(str(one))[1]
        self.change_area(-1, 0, flip, (top, left, bottom, right))
