"""Cells, their attributes, rows of them. Widths are those of Rich, which measures our painting."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache
from typing import Final, NamedTuple

from rich._unicode_data import load as load_cell_table
from rich.cells import get_character_cell_size

Color = int | None
"""None: the default; 0 to 255: the palette; from RGB on: 24 bits."""

RGB: Final = 1 << 24

BOLD, DIM, ITALIC, BLINK, REVERSE, CONCEAL, STRIKE, OVERLINE, PROTECTED = (
    1 << bit for bit in range(9)
)


class Attr(NamedTuple):
    """How a cell looks. Equal attributes are the same object, see `intern`."""

    fg: Color = None
    bg: Color = None
    flags: int = 0
    underline: int = 0
    """0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed."""
    underline_color: Color = None
    link: int = 0
    """Number of a hyperlink, 0 = none."""


DEFAULT: Final = Attr()


@lru_cache(8192)
def intern(attr: Attr) -> Attr:
    """The one object for equal attributes, so that they can be compared by identity."""
    return attr


intern(DEFAULT)


@lru_cache(256)
def blank_of(attr: Attr) -> Attr:
    """What erased cells look like: the background of `attr` and nothing else."""
    return DEFAULT if attr.bg is None else intern(Attr(bg=attr.bg))


VERSIONS = itertools.count(1)
"""Every change of a row takes a new number, so that equal numbers mean equal content."""


class Row:
    """A row of the screen: text and attribute per cell; the right half of a wide one is empty."""

    __slots__ = ("attrs", "chars", "version", "wrapped")

    def __init__(self, chars: list[str], attrs: list[Attr], wrapped: bool = False) -> None:
        self.chars = chars
        self.attrs = attrs
        self.wrapped = wrapped
        self.version = next(VERSIONS)

    @classmethod
    def blank(cls, columns: int, attr: Attr = DEFAULT) -> Row:
        """A row of spaces."""
        return cls([" "] * columns, [attr] * columns)

    def touch(self) -> None:
        """Note a change."""
        self.version = next(VERSIONS)

    def runs(self) -> list[tuple[str, Attr]]:
        """Text by equal attributes, from left to right."""
        return group(self.chars, self.attrs)

    def clear_half(self, x: int) -> None:
        """Before a cut at `x`: a wide character that would lose a half becomes spaces."""
        if 0 < x < len(self.chars) and self.chars[x] == "":
            self.chars[x - 1] = self.chars[x] = " "

    def fill(self, start: int, stop: int, attr: Attr) -> None:
        """Make cells blank."""
        self.clear_half(start)
        self.clear_half(stop)
        count = stop - start
        if count > 0:
            self.chars[start:stop] = [" "] * count
            self.attrs[start:stop] = [attr] * count
        self.touch()

    def length(self) -> int:
        """Cells up to the last one that is not a plain blank."""
        chars, attrs = self.chars, self.attrs
        end = len(chars)
        while end and chars[end - 1] == " " and attrs[end - 1] is DEFAULT:
            end -= 1
        return end

    def pack(self) -> Packed:
        """A compact copy for the scrollback."""
        columns = len(self.chars)
        if self.attrs == plain_attrs(columns):
            text = "".join(self.chars)
            if len(text) == columns and "" not in self.chars:
                # The common case, at the speed of C.
                return Packed(text.rstrip(" "), (), self.wrapped, self.version)
        end = self.length()
        chars = self.chars[:end]
        text = "".join(chars)
        # One character per cell, or the cells one by one.
        cells = text if len(text) == end and "" not in chars else tuple(chars)
        attrs = self.attrs[:end]
        lengths: tuple[tuple[int, Attr], ...] = ()
        if any(attr is not DEFAULT for attr in attrs):
            lengths = tuple((len(list(same)), attr) for attr, same in itertools.groupby(attrs))
        return Packed(cells, lengths, self.wrapped, self.version)


@lru_cache(64)
def plain_attrs(columns: int) -> list[Attr]:
    """Default attributes for a whole row; only to be compared with."""
    return [DEFAULT] * columns


class Packed(NamedTuple):
    """A row of the scrollback: 150 bytes for a plain line."""

    cells: str | tuple[str, ...]
    lengths: tuple[tuple[int, Attr], ...]
    wrapped: bool
    version: int

    @property
    def text(self) -> str:
        """Its text, without blanks at the end."""
        return self.cells if isinstance(self.cells, str) else "".join(self.cells)

    def unpack(self, columns: int) -> Row:
        """The row again, at least `columns` wide; its version stays."""
        chars = list(self.cells)
        attrs: list[Attr] = []
        for count, attr in self.lengths:
            attrs += [attr] * count
        attrs += [DEFAULT] * (len(chars) - len(attrs))
        missing = columns - len(chars)
        if missing > 0:
            chars += [" "] * missing
            attrs += [DEFAULT] * missing
        row = Row(chars, attrs, self.wrapped)
        row.version = self.version
        return row


def group(chars: list[str], attrs: list[Attr]) -> list[tuple[str, Attr]]:
    """Text by equal attributes."""
    found = []
    start, count = 0, len(chars)
    while start < count:
        attr = attrs[start]
        stop = start + 1
        while stop < count and attrs[stop] is attr:
            stop += 1
        found.append(("".join(chars[start:stop]), attr))
        start = stop
    return found


ZWJ: Final = "\u200d"
VS16: Final = "\ufe0f"

NARROW: Final = re.compile(
    # Blocks in which every character takes one cell and none joins its neighbour.
    "[\x20-\x7e\u00a1-\u00a8\u00aa-\u00ac\u00af-\u02ff\u0391-\u0482\u048a-\u0587"
    "\u2500-\u25a9\u2800-\u28ff]+"
)
"""A run of characters that need no measuring."""


def width(character: str) -> int:
    """Cells one character takes."""
    return get_character_cell_size(character)


@lru_cache(1)
def _widened() -> frozenset[str]:
    return frozenset(load_cell_table("auto").narrow_to_wide)


def widens(text: str) -> bool:
    """Whether VS16 makes the cluster `text` two cells wide."""
    return bool(text) and text[-1] in _widened()
