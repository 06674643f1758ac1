"""How many cells a character takes: the answers of Rich, which measures what we paint.

Rich's rules: a character takes 0, 1 or 2 cells; ZWJ takes the next character into the cell before;
VS16 widens certain narrow characters. Nothing else joins.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from rich._unicode_data import load as load_cell_table
from rich.cells import get_character_cell_size

ZWJ: Final = "\u200d"
VS16: Final = "\ufe0f"

DROPPED: Final = frozenset(
    "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""Characters without a width that turn round or break what stands beside them in the terminal we
paint on: they never reach a cell."""

_BMP: Final = 0x10000


@lru_cache(8192)
def width(character: str) -> int:
    """Cells one character takes: 0, 1 or 2."""
    return 0 if character in DROPPED else get_character_cell_size(character)


@lru_cache(1)
def widened() -> frozenset[str]:
    """The characters VS16 makes two cells wide."""
    return frozenset(load_cell_table("auto").narrow_to_wide)


def _ranges() -> tuple[str, str]:
    """Character classes of the narrow and of the wide characters of the basic plane."""
    narrow: list[str] = []
    wide: list[str] = []
    following = 0x20

    def add(target: list[str], start: int, end: int) -> None:
        if start <= end:
            target.append(f"\\u{start:04x}-\\u{end:04x}")

    gaps = [(0x7F, 0x9F, 0), (0xD800, 0xDFFF, 0), (0x2028, 0x2029, 0)]
    for start, end, cells in sorted([*load_cell_table("auto").widths, *gaps]):
        if start >= _BMP:
            if cells == 2:
                wide.append(f"\\U{start:08x}-\\U{end:08x}")
            continue
        start, end = max(start, 0x20), min(end, _BMP - 1)
        add(narrow, following, start - 1)
        if cells == 2:
            add(wide, max(start, following), end)
        elif cells == 1:
            add(narrow, max(start, following), end)
        following = max(following, end + 1)
    add(narrow, following, _BMP - 1)
    return "".join(narrow), "".join(wide)


_NARROW, _WIDE = _ranges()

NARROW: Final = re.compile(f"[{_NARROW}]+")
"""A run of characters of one cell each, none of which joins the one before."""

MEASURED: Final = re.compile(f"([{_NARROW}{_WIDE}]+)|(.)", re.DOTALL)
"""Text as runs of characters whose width needs no asking, and single others."""

LINES: Final = re.compile(f"[{_NARROW}{_WIDE}\r\n\t]*")
"""Lines of nothing else."""

PIECES: Final = re.compile(f"([{_NARROW}]+)|([{_WIDE}]+)")
"""The parts of such a run by width."""

HALF: Final = "\0"
"""The right half of a wide character."""


_BEYOND = re.compile("[^\x00-\u10ff]+")
_SHORT: Final = 200


class _Cells(dict[int, str]):
    """Code points to cells, for `str.translate`; made when first asked for."""

    def __missing__(self, code: int) -> str:
        if len(self) > _BMP // 4:
            self.clear()
        character = chr(code)
        value = self[code] = character + HALF if width(character) == 2 else character
        return value


_CELLS: Final = _Cells()


def cells(text: str) -> str:
    """Measured text as cells: a wide character is followed by its right half."""
    if text.isascii():
        return text
    if len(text) < _SHORT:
        return text.translate(_CELLS)
    # Below U+1100 nothing is wide; passing over it is ten times faster than translating it.
    return _BEYOND.sub(_beyond, text)


def _beyond(match: re.Match[str]) -> str:
    return match[0].translate(_CELLS)
