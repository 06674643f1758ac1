"""Character sets of the 7-bit world, as translation tables for `str.translate`."""

from __future__ import annotations

from typing import Final

from pyte.charsets import IBMPC_MAP, LAT1_MAP, VAX42_MAP, VT100_MAP

Table = dict[int, str] | None


def _table(source: str) -> Table:
    changed = {
        code: character
        for code, character in enumerate(source)
        if 32 <= code < 127 and character != chr(code)
    }
    return changed or None


LINES: Final = _table(VT100_MAP)

TABLES: Final[dict[str, Table]] = {
    "B": _table(LAT1_MAP),
    "0": LINES,
    "2": LINES,
    "A": {ord("#"): "£"},
    "U": _table(IBMPC_MAP),
    "V": _table(VAX42_MAP),
}
"""Final character of a designation to its table; None is ASCII."""
