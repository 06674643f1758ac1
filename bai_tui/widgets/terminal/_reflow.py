"""Wrapping text anew when the width changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from bai_tui.widgets.terminal._cells import DEFAULT, Attr, Row


class Place(NamedTuple):
    """A cell: index of the row, column."""

    row: int
    x: int


def reflow(rows: Iterable[Row], columns: int, cursor: Place) -> tuple[list[Row], Place]:
    """The rows wrapped at `columns`, and where the cell under the cursor went.

    Rows that neither continue nor are too long are kept as they are.
    """
    result: list[Row] = []
    place = cursor
    line: list[Row] = []
    first = 0
    for index, row in enumerate(rows):
        if not line:
            first = index
        line.append(row)
        if row.wrapped:
            continue
        moved = _line(line, columns, result, Place(cursor.row - first, cursor.x))
        if moved is not None:
            place = moved
        line = []
    if line:
        moved = _line(line, columns, result, Place(cursor.row - first, cursor.x))
        if moved is not None:
            place = moved
    return result, place


def _line(line: list[Row], columns: int, result: list[Row], cursor: Place) -> Place | None:
    """Append one logical line; returns the cursor's new place when it is in this line."""
    here = 0 <= cursor.row < len(line)
    chars: list[str] = []
    attrs: list[Attr] = []
    offset = 0
    for number, row in enumerate(line):
        if number == cursor.row:
            offset = len(chars) + cursor.x
        last = number == len(line) - 1
        end = row.length() if last else len(row.chars)
        chars += row.chars[:end]
        attrs += row.attrs[:end]
    base = len(result)
    starts = [0]
    position = 0
    while len(chars) - position > columns:
        cut = position + columns
        if chars[cut] == "":
            cut -= 1  # a wide character does not fit any more
        if cut <= position:
            cut = position + columns
        starts.append(cut)
        position = cut
    # The cursor may stand behind the text; it shall have a row of its own there.
    while here and offset - starts[-1] >= columns and offset < len(chars) + columns:
        starts.append(starts[-1] + columns)
    for number, start in enumerate(starts):
        stop = starts[number + 1] if number + 1 < len(starts) else len(chars)
        cells, looks = chars[start:stop], attrs[start:stop]
        missing = columns - len(cells)
        result.append(
            Row(cells + [" "] * missing, looks + [DEFAULT] * missing, number + 1 < len(starts))
        )
    if not here:
        return None
    place = max(number for number, start in enumerate(starts) if start <= offset or number == 0)
    return Place(base + place, min(offset - starts[place], columns - 1))
