"""Lines that were wrapped at one width, wrapped at another one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bai_tui.widgets.terminal._rows import Row
from bai_tui.widgets.terminal._scrollback import Stored, goes_on, pack, unpack
from bai_tui.widgets.terminal._width import HALF

_WIDE = re.compile(".\0", re.DOTALL)


class Place(NamedTuple):
    """A cell: index of the row, column."""

    row: int
    x: int


NOWHERE = Place(-1, 0)


def reflow(
    rows: Iterable[Row], before: int, columns: int, cursor: Place = NOWHERE
) -> tuple[list[Row], Place]:
    """Rows of width `before`, wrapped at `columns`, and where the cell under the cursor went."""
    result: list[Row] = []
    place = cursor
    line: list[Row] = []
    first = 0
    for row in rows:
        line.append(row)
        if not row.wrapped:
            moved = _line(line, before, columns, result, Place(cursor.row - first, cursor.x))
            place = moved or place
            first += len(line)
            line = []
    if line:
        place = _line(line, before, columns, result, Place(cursor.row - first, cursor.x)) or place
    return result, place


def reflow_stored(lines: Iterable[Stored], before: int, columns: int) -> Iterator[Stored]:
    """The same for the scrollback; lines that need nothing cost next to nothing."""
    line: list[Row] = []
    for stored in lines:
        wrapped = goes_on(stored)
        text = stored if isinstance(stored, str) else stored.text
        if not line and not wrapped and len(text) <= columns:
            yield stored
            continue
        line.append(unpack(stored))
        if not wrapped:
            yield from map(pack, reflow(line, before, columns)[0])
            line = []
    yield from map(pack, reflow(line, before, columns)[0])


def _line(
    line: list[Row], before: int, columns: int, result: list[Row], cursor: Place
) -> Place | None:
    """Append one logical line; returns the cursor's new place when it is in this line."""
    here = 0 <= cursor.row < len(line)
    text, looks, offset = "", [], 0
    for number, row in enumerate(line):
        if here and number == cursor.row:
            offset = len(text) + cursor.x
        end = row.length()
        if number < len(line) - 1:
            # A column that was too narrow for the wide character after it is no blank.
            gap = end == before - 1 and line[number + 1].text[1:2] == HALF
            end = end if gap else before
        looks += ((row.looks or [])[:end] + [0] * end)[:end]
        text += row.text[:end].ljust(end)
    if columns < 2:
        text = _WIDE.sub("  ", text)  # In one column there is no room for wide characters.
    starts = [0]
    while len(text) - starts[-1] > columns:
        cut = starts[-1] + columns
        if text[cut] == HALF:
            cut -= 1  # A wide character does not fit any more.
        starts.append(cut)
    # The cursor may stand behind the text; it shall have a row of its own there.
    while here and offset - starts[-1] >= columns and offset <= len(text) + columns:
        starts.append(starts[-1] + columns)
    base = len(result)
    for number, start in enumerate(starts):
        stop = starts[number + 1] if number + 1 < len(starts) else len(text)
        piece = looks[start:stop]
        row = Row(text[start:stop], piece if any(piece) else None)
        row.wrapped = number + 1 < len(starts)
        row.mark = line[0].mark if not number else ""
        result.append(row)
    if not here:
        return None
    at = max(number for number, start in enumerate(starts) if start <= offset or not number)
    return Place(base + at, min(offset - starts[at], columns - 1))
