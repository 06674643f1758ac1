"""The look of a cell: one integer inside the engine, a named tuple for whoever paints.

An integer is quick to change (a whole SGR sequence is one `and` and one `or`), to compare and to
keep; `attr_of` tells what it means. 0 is the default look.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

Color = int | None
"""None: the default; 0 to 255: the palette; from RGB on: 24 bits."""

RGB: Final = 1 << 24

BOLD, DIM, ITALIC, BLINK, REVERSE, CONCEAL, STRIKE, OVERLINE, PROTECTED = (
    1 << bit for bit in range(9)
)

# Where the parts stand in the integer. A colour takes 25 bits: 0 is the default, 1 to 256 the
# palette, and bit 24 marks 24-bit colours.
BG_SHIFT: Final = 25
FLAG_SHIFT: Final = 50
UNDERLINE_SHIFT: Final = 59
COLOR_SHIFT: Final = 62
LINK_SHIFT: Final = 87

COLOR_BITS: Final = (1 << 25) - 1
FG_MASK: Final = COLOR_BITS
BG_MASK: Final = COLOR_BITS << BG_SHIFT
UNDERLINE_MASK: Final = 7 << UNDERLINE_SHIFT
UNDERLINE_COLOR_MASK: Final = COLOR_BITS << COLOR_SHIFT
LINK_MASK: Final = 0xFFFF << LINK_SHIFT
PROTECTED_BIT: Final = PROTECTED << FLAG_SHIFT
ALL_SIZE: Final = LINK_SHIFT + 16
ALL_BITS: Final = (1 << ALL_SIZE) - 1


class Attr(NamedTuple):
    """How a cell looks. Equal attributes are the same object while they are in use."""

    fg: Color = None
    bg: Color = None
    flags: int = 0
    underline: int = 0
    """0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed."""
    underline_color: Color = None
    link: int = 0
    """Number of a hyperlink, 0 = none."""


DEFAULT: Final = Attr()


def pack_color(color: Color) -> int:
    """A colour as it stands in the integer."""
    return 0 if color is None else color if color >= RGB else color + 1


def _color(field: int) -> Color:
    return None if not field else field if field >= RGB else field - 1


@lru_cache(8192)
def attr_of(pen: int) -> Attr:
    """What an integer means."""
    if not pen:
        return DEFAULT
    return Attr(
        _color(pen & COLOR_BITS),
        _color(pen >> BG_SHIFT & COLOR_BITS),
        pen >> FLAG_SHIFT & 0x1FF,
        pen >> UNDERLINE_SHIFT & 7,
        _color(pen >> COLOR_SHIFT & COLOR_BITS),
        pen >> LINK_SHIFT & 0xFFFF,
    )
