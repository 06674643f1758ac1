"""Selections, the keyboard's copy mode, and search in what a terminal has shown. No Textual here.

Lines are counted as the engine's `scrolled` does, so that a place stays with its line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from bai_tui.widgets.terminal.emulator import Emulator


class Point(NamedTuple):
    """A cell: its line, counted from the very first one, and its column."""

    line: int
    x: int


class Selection(NamedTuple):
    """Cells from one point to another, both included, as text runs."""

    start: Point
    end: Point

    @property
    def ordered(self) -> tuple[Point, Point]:
        """The earlier point first."""
        return (self.start, self.end) if self.start <= self.end else (self.end, self.start)

    def span(self, line: int, columns: int) -> tuple[int, int] | None:
        """The selected cells of a line."""
        first, last = self.ordered
        if not first.line <= line <= last.line:
            return None
        start = first.x if line == first.line else 0
        stop = last.x + 1 if line == last.line else columns
        return start, stop


def oldest(emulator: Emulator) -> int:
    """The first line that is still there."""
    return emulator.scrolled - emulator.history_size


def newest(emulator: Emulator) -> int:
    """The last line of the screen."""
    return emulator.scrolled + emulator.lines - 1


def text_of(emulator: Emulator, selection: Selection) -> str:
    """The selected text; wrapped lines are joined, blanks at the end of lines are left out."""
    first, last = selection.ordered
    parts: list[str] = []
    for line in range(max(first.line, oldest(emulator)), min(last.line, newest(emulator)) + 1):
        row = emulator.line(line - emulator.scrolled)
        span = selection.span(line, len(row.chars))
        assert span is not None
        text = "".join(row.chars[span[0] : span[1]])
        goes_on = row.wrapped and line < last.line
        parts.append(text if goes_on else f"{text.rstrip()}\n")
    return "".join(parts).removesuffix("\n")


def word_at(emulator: Emulator, point: Point, *, whole: bool = False) -> Selection:
    """The run of characters that are no blanks (or all blanks) around a point, or its line."""
    chars = emulator.line(point.line - emulator.scrolled).chars
    first, last = 0, len(chars) - 1
    if not whole:
        blank = chars[point.x].isspace()
        first = last = point.x
        while first > 0 and chars[first - 1].isspace() == blank:
            first -= 1
        while last < len(chars) - 1 and chars[last + 1].isspace() == blank:
            last += 1
    return Selection(Point(point.line, first), Point(point.line, last))


_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'`|\\^{}]+")
_AFTER_ADDRESS: Final = ".,;:!?)]>"


def address_at(emulator: Emulator, line: int, x: int) -> str:
    """The address at a cell: of a hyperlink, or written out; empty when there is none."""
    if not -emulator.history_size <= line < emulator.lines:
        return ""
    row = emulator.line(line)
    if not 0 <= x < len(row.chars):
        return ""
    number = row.attrs[x].link
    if number:
        return emulator.hyperlinks.get(number, "")
    # Cells of several characters, or of none, must not shift the others.
    text = "".join(cell if len(cell) == 1 else " " for cell in row.chars)
    for match in _ADDRESS.finditer(text):
        found = match[0].rstrip(_AFTER_ADDRESS)
        if match.start() <= x < match.start() + len(found):
            return found
    return ""


def find(emulator: Emulator, pattern: str) -> dict[int, tuple[tuple[int, int], ...]]:
    """Cells where `pattern` stands, by line; letters of any case unless it has capitals."""
    if not pattern:
        return {}
    exact = pattern != pattern.lower()
    wanted = pattern if exact else pattern.lower()
    found: dict[int, tuple[tuple[int, int], ...]] = {}
    for line in range(-emulator.history_size, emulator.lines):
        row = emulator.line(line)
        text = "".join(row.chars)
        hay = text if exact else text.lower()
        if wanted not in hay or len(hay) != len(text):
            continue
        # From characters to cells: a cell may hold several or, beside a wide one, none.
        cells = [x for x, cell in enumerate(row.chars) for _ in cell]
        spans, position = [], hay.find(wanted)
        while position >= 0:
            stop = cells[position + len(wanted) - 1] + 1
            spans.append((cells[position], stop))
            position = hay.find(wanted, position + len(wanted))
        found[line + emulator.scrolled] = tuple(spans)
    return found


@dataclass
class CopyMode:
    """A cursor that walks through the scrollback, a selection, and a search."""

    point: Point
    anchor: Point | None = None
    pattern: str = ""
    typing: bool = False

    @property
    def selection(self) -> Selection | None:
        """What is selected."""
        return None if self.anchor is None else Selection(self.anchor, self.point)

    @property
    def status(self) -> str:
        """What the keys do now."""
        if self.typing:
            return f"search: {self.pattern}▏ enter finds · esc ends"
        if self.anchor is not None:
            return "copy: arrows extend · y or enter copies · esc ends"
        return "copy: arrows move · v selects · / searches · n N next, previous · esc ends"

    def begin_search(self) -> None:
        """The next keys are the pattern."""
        self.typing, self.pattern = True, ""

    def key(self, key: str, character: str | None, emulator: Emulator) -> str:
        """Handle a key; returns what the pane has to do: search, next, previous, copy, end."""
        if self.typing:
            return self._type(key, character)
        low, high = oldest(emulator), newest(emulator)
        line, x = self.point
        page = max(1, emulator.lines - 1)
        match key:
            case "escape" | "q":
                return "end"
            case "up" | "k":
                line -= 1
            case "down" | "j":
                line += 1
            case "left" | "h":
                x -= 1
            case "right" | "l":
                x += 1
            case "home" | "0":
                x = 0
            case "end" | "dollar_sign":
                x = emulator.columns - 1
            case "pageup" | "ctrl+b" | "ctrl+u":
                line -= page
            case "pagedown" | "ctrl+f" | "ctrl+d":
                line += page
            case "g":
                line = low
            case "upper_g" | "G":
                line = high
            case "v" | "space":
                self.anchor = None if self.anchor is not None else self.point
            case "upper_v" | "V":
                self.anchor = Point(line, 0)
                x = emulator.columns - 1
            case "y" | "enter":
                return "copy"
            case "slash":
                self.begin_search()
            case "n":
                return "next"
            case "upper_n" | "N":
                return "previous"
        self.point = Point(max(low, min(line, high)), max(0, min(x, emulator.columns - 1)))
        return ""

    def _type(self, key: str, character: str | None) -> str:
        if key == "escape":
            self.typing = False
        elif key == "enter":
            self.typing = False
            return "search" if self.pattern else ""
        elif key == "backspace":
            self.pattern = self.pattern[:-1]
        elif character and character.isprintable():
            self.pattern += character
        return ""

    def jump(
        self,
        lines: Sequence[int],
        *,
        backwards: bool,
        spans: Mapping[int, Sequence[tuple[int, int]]],
    ) -> bool:
        """Go to the next match before (or after) the cursor, round the end if need be."""
        points = [Point(line, span[0]) for line in lines for span in spans[line]]
        if not points:
            return False
        if backwards:
            before = [point for point in points if point < self.point]
            self.point = before[-1] if before else points[-1]
        else:
            after = [point for point in points if point > self.point]
            self.point = after[0] if after else points[0]
        return True
