"""Rows of cells as the engine keeps them, and as it shows them to whoever paints.

A row is a string with one code point per cell: the right half of a wide character is NUL, and a
cell with several code points is a stand-in from the last private plane, which `Clusters` resolves.
What a string ends before is blank. Looks are integers, see `_attrs`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import compress, count
from operator import ne
from typing import Final

from bai_tui.widgets.terminal._attrs import Attr
from bai_tui.widgets.terminal._width import HALF

VERSIONS = count(1)
"""A row that changed takes a new number when it is asked for its version."""

MAX_CLUSTER: Final = 32
"""Code points one cell may hold; further ones are dropped."""

STAND_INS: Final = 0x100000
RESOLVED: Final = re.compile("[\0\U00100000-\U0010ffff]")
"""Cells that are not their own text."""
MAX_CLUSTERS: Final = 16_384
PATIENCE: Final = 4096
"""Refusals before stand-ins that are free again are looked for once more."""


class Clusters:
    """The texts behind stand-ins."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {0: ""}
        """Code point to text, as `str.translate` wants it; the right half of a cell is nothing."""
        self._numbers: dict[str, int] = {}
        self._free: list[int] = []
        self._refused = PATIENCE

    def add(self, text: str, used: Callable[[], set[str]]) -> str:
        """The stand-in for a text; empty when there are too many. `used` tells what is shown."""
        number = self._numbers.get(text)
        if number is None:
            if len(self._numbers) < MAX_CLUSTERS:
                number = self._free.pop() if self._free else STAND_INS + len(self._numbers)
            else:
                self._refused += 1
                if self._refused <= PATIENCE:
                    return ""
                self._refused = 0
                self._collect(used())
                return self.add(text, used) if self._free else ""
            self._numbers[text] = number
            self.texts[number] = text
        return chr(number)

    def _collect(self, used: set[str]) -> None:
        for number in [n for n in self.texts if n and chr(n) not in used]:
            del self._numbers[self.texts.pop(number)]
            self._free.append(number)

    def text(self, cells: str) -> str:
        """Cells as text."""
        return cells if cells.isascii() and HALF not in cells else cells.translate(self.texts)

    def cell(self, cell: str) -> str:
        """One cell as text."""
        return self.texts.get(ord(cell), cell)


class Row:
    """A row of the screen."""

    __slots__ = ("looks", "mark", "text", "version", "wrapped")

    def __init__(self, text: str = "", looks: list[int] | None = None) -> None:
        self.text = text
        self.looks = looks
        """Never longer than the text; None, or what is missing at the end, is the default."""
        self.wrapped = False
        self.mark = ""
        self.version = 0
        """0 after a change, until someone asks."""

    def clear(self) -> None:
        """As new."""
        self.text = ""
        self.looks = None
        self.wrapped = False
        self.mark = ""
        self.version = 0

    def clear_half(self, x: int) -> None:
        """Before a cut at `x`: a wide character that would lose a half becomes spaces."""
        text = self.text
        if 0 < x < len(text) and text[x] == HALF:
            self.text = f"{text[: x - 1]}  {text[x + 1 :]}"

    def put(self, x: int, cells: str, look: int) -> None:
        """Overwrite cells."""
        stop = x + len(cells)
        old = self.text
        if not old.isascii() and HALF in old:
            self.clear_half(x)
            self.clear_half(stop)
            old = self.text
        size = len(old)
        self.text = old[:x] + cells + old[stop:] if x < size else old.ljust(x) + cells
        self.version = 0
        looks = self.looks
        if looks is None:
            if not look:
                return
            looks = self.looks = []
        elif not look and x >= len(looks):
            return
        if len(looks) < x:
            looks += [0] * (x - len(looks))
        looks[x:stop] = [look] * (stop - x)

    def lay(self, x: int, cells: str, looks: list[int]) -> None:
        """Overwrite cells, each with a look of its own."""
        stop = x + len(cells)
        old = self.text
        if not old.isascii() and HALF in old:
            self.clear_half(x)
            self.clear_half(stop)
            old = self.text
        self.text = old[:x].ljust(x) + cells + old[stop:]
        self.version = 0
        if self.looks is None:
            if not any(looks):
                return
            self.looks = []
        if len(self.looks) < x:
            self.looks += [0] * (x - len(self.looks))
        self.looks[x:stop] = looks

    def fill(self, start: int, stop: int, look: int) -> None:
        """Make cells blank."""
        if look or stop < len(self.text):
            self.put(start, " " * (stop - start), look)
            return
        self.clear_half(start)
        self.text = self.text[:start]
        if self.looks is not None:
            del self.looks[start:]
        self.version = 0

    def take(self, start: int, stop: int) -> tuple[str, list[int]]:
        """A copy of cells; halves of characters become spaces."""
        text = self.text.ljust(stop)
        cells = text[start:stop]
        if cells[:1] == HALF:
            cells = f" {cells[1:]}"
        if text[stop : stop + 1] == HALF and cells:
            cells = f"{cells[:-1]} "
        looks = self.looks[start:stop] if self.looks is not None else []
        return cells, looks + [0] * (stop - start - len(looks))

    def paste(self, x: int, cells: str, looks: list[int]) -> None:
        """Overwrite cells with such a copy."""
        self.put(x, cells, 0)
        if self.looks is None:
            if not any(looks):
                return
            self.looks = []
        self.looks += [0] * (x - len(self.looks))
        self.looks[x : x + len(looks)] = looks

    def insert(self, x: int, count: int, end: int, look: int) -> None:
        """Shift cells from `x` up to `end` to the right, and make the room blank."""
        count = min(count, end - x)
        cells, looks = self.take(x, end - count)
        if self.text[x:end] or look:
            self.paste(x + count, cells, looks)
            self.fill(x, x + count, look)

    def delete(self, x: int, count: int, end: int, look: int) -> None:
        """Shift cells up to `end` to the left, on to `x`; blanks come in at the end."""
        count = min(count, end - x)
        cells, looks = self.take(x + count, end)
        if self.text[x:end] or look:
            self.paste(x, cells, looks)
            self.fill(end - count, end, look)

    def look(self, x: int) -> int:
        """The look of a cell."""
        looks = self.looks
        return looks[x] if looks is not None and x < len(looks) else 0

    def cell(self, x: int) -> str:
        """The code point of a cell."""
        return self.text[x] if x < len(self.text) else " "

    def length(self) -> int:
        """Cells up to the last one that is not a plain blank."""
        end = len(self.text.rstrip(" "))
        looks = self.looks
        if looks is not None:
            last = len(looks)
            while last > end and not looks[last - 1]:
                last -= 1
            end = max(end, last)
        return end


class Line:
    """A line as it looked when it was asked for: text and attribute by cell, or by runs."""

    __slots__ = ("_attr", "_attrs", "_cells", "_chars", "_clusters", "_looks", "mark", "version",
                 "wrapped")  # fmt: skip

    def __init__(
        self,
        row: Row,
        columns: int,
        version: int,
        attr: Callable[[int], Attr],
        clusters: Clusters,
    ) -> None:
        self._cells = row.text.ljust(columns)
        looks = self._looks = [*(row.looks or ())]
        if len(looks) < len(self._cells):
            looks += [0] * (len(self._cells) - len(looks))
        self._attr = attr
        self._clusters = clusters
        self._chars: list[str] | None = None
        self._attrs: list[Attr] | None = None
        self.wrapped = row.wrapped
        """Whether it goes on in the next line."""
        self.mark = row.mark
        """What a shell told of it (OSC 133): A prompt, B command, C output, D end; or nothing."""
        self.version = version

    @property
    def width(self) -> int:
        """Cells."""
        return len(self._cells)

    @property
    def text(self) -> str:
        """The whole line."""
        return self._clusters.text(self._cells)

    @property
    def chars(self) -> list[str]:
        """Text by cell; the right half of a wide character is empty."""
        if self._chars is None:
            get = self._clusters.texts.get
            cells = self._cells
            self._chars = list(cells) if cells.isascii() else [get(ord(c), c) for c in cells]
        return self._chars

    @property
    def attrs(self) -> list[Attr]:
        """Attributes by cell."""
        if self._attrs is None:
            attr = self._attr
            found = {look: attr(look) for look in set(self._looks)}
            self._attrs = [found[look] for look in self._looks]
        return self._attrs

    def character(self, x: int) -> tuple[int, int]:
        """The cells of the character at `x`: from, up to but not including."""
        cells = self._cells
        start = x - 1 if x and cells[x : x + 1] == HALF else x
        stop = start + 1 + (cells[start + 1 : start + 2] == HALF)
        return start, min(stop, len(cells))

    def pieces(self, over: tuple[int, int] | None = None) -> tuple[list[str], list[int]]:
        """Text by equal looks, from left to right, and the looks.

        Args:
            over: a column, and bits that the look of the character there has besides its own.
        """
        looks, cells = self._looks, self._cells
        if over is not None:
            looks = [*looks]
            for x in range(*self.character(over[0])):
                looks[x] |= over[1]
        # Where a look differs from the one before it, found without a step for each cell.
        ends = [*compress(count(1), map(ne, looks, looks[1:])), len(looks)]
        starts = [0, *ends[:-1]]
        texts = [cells[start:stop] for start, stop in zip(starts, ends, strict=True)]
        if not cells.isascii() and RESOLVED.search(cells):
            texts = [*map(self._clusters.text, texts)]
        return texts, [looks[start] for start in starts]

    def attr(self, look: int) -> Attr:
        """What such a look is."""
        return self._attr(look)

    def runs(self) -> list[tuple[str, Attr]]:
        """Text by equal attributes, from left to right."""
        texts, looks = self.pieces()
        return [*zip(texts, map(self._attr, looks), strict=True)]
