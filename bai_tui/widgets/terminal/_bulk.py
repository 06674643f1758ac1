"""Floods of plain lines, the short way: what leaves the screen within a chunk never is a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bai_tui.widgets.terminal._machine import Machine
from bai_tui.widgets.terminal._scrollback import WRAPPED, Stored, unpack
from bai_tui.widgets.terminal._width import HALF, LINES, cells

_PLAIN: Final = bytes(range(0x20, 0x7F)) + b"\r\n\t"


def take_lines(screen: Machine, text: str, run: Callable[[str], None]) -> bool:
    """Do a chunk, if it is whole lines of plain text for the whole screen; else return False."""
    columns, height = screen.columns, screen.lines
    if (
        len(text) < columns
        or not screen.simple
        or screen.pen
        or screen.alternate
        or screen.top
        or screen.bottom != height - 1
        or not _plain(text)
    ):
        return False
    # A line break may be cut in two by the edges of the chunk.
    start, stop = text[:1] == "\n", len(text) - (text[-1] == "\r")
    whole = text[start:stop]
    lines = whole.split("\r\n")
    breaks = len(lines) - 1
    if (
        breaks <= height
        or text.count("\r", start, stop) != breaks
        or text.count("\n", start, stop) != breaks
    ):
        return False
    # Up to the bottom of the screen, and what follows the last line break, as always.
    head = height - screen.cursor.y - (1 if start else 0)
    head = max(head, 1)
    as_cells = lines if whole.isascii() else cells(whole).split("\r\n")
    body: list[Stored] | None = list(as_cells[head:-1])
    if "\t" in text:
        if screen.tabstops != set(range(8, columns, 8)):
            return False
        body = _expanded(as_cells[head:-1], columns)
    elif body and max(map(len, as_cells)) > columns:
        body = _wrapped(as_cells[head:-1], columns)
    if body is None:
        return False
    run("\n" * start + "\r\n".join([*lines[:head], ""]))
    count, rows = len(body), screen.rows
    screen.scrolled += count
    # The last row is blank: the cursor is in it, at its beginning.
    gone = rows[: min(count, height - 1)]
    for row in gone:
        screen.scrollback.append(row)
    over = max(0, count - (height - 1))
    if over:
        limit = screen.scrollback.lines.maxlen or 0
        screen.scrollback.extend(map(_stored, body[max(0, over - limit) : over]), over)
    screen.rows = [*rows[len(gone) : -1], *(unpack(line) for line in body[over:]), rows[-1]]
    if tail := lines[-1] + text[stop:]:
        run(tail)
    return True


def _plain(text: str) -> bool:
    """Whether there is nothing but characters of a known width, line breaks and tabs."""
    if text.isascii():
        return not text.encode("ascii").translate(None, _PLAIN)
    return "\x1b" not in text and LINES.fullmatch(text) is not None


def _stored(line: Stored) -> Stored:
    return line if line[-1:] == WRAPPED else line.rstrip(" ") if isinstance(line, str) else line


def _expanded(lines: list[str], columns: int) -> list[Stored] | None:
    """Lines without their tabs; None when there is one at the margin, where it is no blank."""
    result: list[str] = []
    for line in lines:
        tabs = line.rpartition("\t")
        if tabs[1]:
            indent = (tabs[0] + "\t").expandtabs(8)
            if len(indent) >= columns:
                return None
            line = indent + tabs[2]
        result.append(line)
    return _wrapped(result, columns)


def _wrapped(lines: list[str], columns: int) -> list[Stored] | None:
    """Lines cut at the width, as the scrollback keeps them; None where that takes more."""
    result: list[Stored] = []
    for line in lines:
        if len(line) <= columns:
            result.append(line)
            continue
        if HALF in line:
            return None
        cuts = range(0, len(line), columns)
        result += [line[cut : cut + columns] + WRAPPED for cut in cuts[:-1]]
        result.append(line[cuts[-1] :])
    return result
