"""Long text that grows: virtual lines, wrap, follow, search with matches marked, selection.

Server text is shown, never obeyed: colour sequences are dropped, other controls made visible.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from bai_tui.widgets.text import cell_len, printable, truncate

LIMIT = 50_000
"""Lines kept; the oldest go first."""
SLACK = 5_000
"""Lines beyond the limit that are let in before the oldest go: laying out anew is dear."""
SIZE_LIMIT = 32_000_000
"""Characters kept of all lines together."""
LONGEST = 10_000
"""Characters of one line that are shown."""

_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")


def clean_lines(text: str) -> list[str]:
    """Text of a program as lines, without escape sequences and what was overwritten (CR)."""
    lines = _SEQUENCE.sub("", text).replace("\r\n", "\n").split("\n")
    if lines and not lines[-1]:
        del lines[-1]
    return [
        printable(line.rstrip("\r").rpartition("\r")[2].expandtabs(8)[:LONGEST]) for line in lines
    ]


class LogView(ScrollView, can_focus=True):
    """Lines of text.

    Attributes:
        wrap: long lines are continued on the next row instead of scrolled sideways.
        follow: new lines scroll into view; scrolling up ends it.
    """

    ALLOW_SELECT = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {"logview--match", "logview--current"}
    DEFAULT_CSS = """
    LogView {
        height: 1fr; padding: 0 1; scrollbar-size: 1 1; background: $background;
        .logview--match { background: $warning 30%; color: $foreground; }
        .logview--current { background: $warning; color: $background; text-style: bold; }
    }
    """

    class Moved(Message):
        """Follow was switched, by a key or by scrolling up."""

    def __init__(self, *, id: str | None = None, wrap: bool = True) -> None:
        super().__init__(id=id)
        self.lines: list[str] = []
        self.wrap = wrap
        self.follow = True
        self._rows: list[tuple[int, int, int]] = []
        self._width = 0
        self._widest = 0
        self._characters = 0
        self._needle = ""
        self._matches: list[int] = []
        self._match = -1

    # Content.

    def set_text(self, text: str) -> bool:
        """Show `text`; what goes on from the text shown is appended. Tells whether it changed."""
        return self.follow_lines(clean_lines(text)[-LIMIT:])

    def follow_lines(self, lines: list[str]) -> bool:
        """Show `lines`; what goes on from those shown is appended. Tells whether it changed."""
        if lines == self.lines:
            return False
        common = len(self.lines) if lines[: len(self.lines)] == self.lines else 0
        if common:
            self.append(lines[common:])
        else:
            self.set_lines(lines)
        return True

    def set_lines(self, lines: Iterable[str]) -> None:
        """Show other printable lines."""
        self.lines = []
        self._characters = 0
        self._rows = []
        self._matches = []
        self._widest = 0
        self.append(lines)

    def append(self, lines: Iterable[str]) -> None:
        """Add printable lines."""
        self.replace_tail(len(self.lines), lines)

    def replace_tail(self, first: int, lines: Iterable[str]) -> None:
        """Put printable lines in the place of those from `first` on; costs what is replaced."""
        self._characters -= sum(map(len, self.lines[first:]))
        del self.lines[first:]
        while self._rows and self._rows[-1][0] >= first:
            self._rows.pop()
        while self._matches and self._matches[-1] >= first:
            self._matches.pop()
        self._match = min(self._match, len(self._matches) - 1)
        self.lines.extend(lines)
        self._characters += sum(map(len, self.lines[first:]))
        if len(self.lines) > LIMIT + SLACK or self._characters > SIZE_LIMIT:
            self._forget()
            return
        self._add_rows(first)
        self._find(first)
        self._resized()

    def _forget(self) -> None:
        """Let the oldest lines go, more than needed so that it is not done again at once."""
        count, size = max(0, len(self.lines) - LIMIT), self._characters
        size -= sum(map(len, self.lines[:count]))
        while size > SIZE_LIMIT * 3 // 4 and count < len(self.lines) - 1:
            size -= len(self.lines[count])
            count += 1
        del self.lines[:count]
        self._characters = size
        self._lay_out()

    def _lay_out(self) -> None:
        self._rows = []
        self._matches = []
        self._widest = 0
        self._add_rows(0)
        self._find(0)
        self._resized()

    def _add_rows(self, first: int) -> None:
        width = max(1, self.scrollable_content_region.width)
        self._width = width
        for index in range(first, len(self.lines)):
            line = self.lines[index]
            cells = cell_len(line)
            self._widest = max(self._widest, cells)
            if cells <= width or not self.wraps(line):
                self._rows.append((index, 0, len(line)))
                continue
            start = 0
            while start < len(line):
                part = line[start : start + width]
                while cell_len(part) > width:
                    part = part[:-1]
                end = start + max(1, len(part))
                self._rows.append((index, start, end))
                start = end

    def wraps(self, line: str) -> bool:
        """Whether a line that is too long goes on in the next row."""
        return self.wrap

    def _resized(self) -> None:
        width = self._width if self.wrap else self._widest
        self.virtual_size = Size(width, len(self._rows))
        if self.follow:
            self.scroll_end(animate=False, immediate=True, x_axis=False)
        self.refresh()

    def on_resize(self) -> None:
        """Wrap anew when the width changed."""
        if self.wrap and max(1, self.scrollable_content_region.width) != self._width:
            self._lay_out()

    def set_wrap(self, on: bool) -> None:
        """Wrap long lines or not, keeping the first line shown."""
        self.wrap = on
        top = self._rows[self.scroll_offset.y][0] if self._rows else 0
        self._lay_out()
        if not self.follow:
            self._show_line(top, first=True)

    def set_follow(self, on: bool) -> None:
        """Follow new lines or not."""
        if on != self.follow:
            self.follow = on
            self.post_message(self.Moved())
        if on:
            self.scroll_end(animate=False, immediate=True, x_axis=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolling up by hand stops following; scrolling to the end does not start it."""
        super().watch_scroll_y(old_value, new_value)
        if self.follow and new_value < old_value and new_value < self.max_scroll_y:
            self.set_follow(False)

    # Search.

    def search(self, text: str) -> int:
        """Mark `text`, letters of either case, and go to the first match at or after the top.

        Returns the number of lines that match.
        """
        self._needle = text.casefold()
        self._matches = []
        self._find(0)
        self._match = -1
        self.refresh()
        if self._matches:
            top = self._rows[min(self.scroll_offset.y, len(self._rows) - 1)][0]
            after = [i for i, line in enumerate(self._matches) if line >= top]
            self.go_to_match(after[0] if after else 0)
        return len(self._matches)

    def _find(self, first: int) -> None:
        if self._needle:
            self._matches += [
                i for i in range(first, len(self.lines)) if self._needle in self.lines[i].casefold()
            ]

    @property
    def position(self) -> tuple[int, int]:
        """Number of the match shown (from 1) and of all."""
        return self._match + 1, len(self._matches)

    def go_to_match(self, index: int) -> None:
        """Show a match; the numbers go round."""
        if self._matches:
            self._match = index % len(self._matches)
            self.set_follow(False)
            self._show_line(self._matches[self._match])
            self.refresh()

    def next_match(self, step: int = 1) -> None:
        """Show the match after (or before)."""
        self.go_to_match(self._match + step)

    def _show_line(self, line: int, *, first: bool = False) -> None:
        row = next((i for i, (index, _, _) in enumerate(self._rows) if index >= line), 0)
        if first:
            self.scroll_to(y=row, animate=False, immediate=True)
        else:
            self.scroll_to_region(
                Region(0, row, 1, 1), animate=False, immediate=True, center=True, x_axis=False
            )

    # Drawing.

    def render_line(self, y: int) -> Strip:
        """One row."""
        scroll_x, scroll_y = self.scroll_offset
        width = self.scrollable_content_region.width
        base = self.rich_style
        if scroll_y + y >= len(self._rows):
            return Strip.blank(width, base)
        index, start, end = self._rows[scroll_y + y]
        line = self.lines[index]
        base = self.style_of(line, base)
        strip = Strip(self._segments(index, line, start, end, base))
        left = 0 if self.wrap else scroll_x
        return strip.crop_extend(left, left + width, base).apply_offsets(start + left, index)

    def style_of(self, line: str, base: Style) -> Style:
        """Style of a whole line; for subclasses whose lines differ."""
        return base

    def marks_of(self, line: str) -> list[tuple[int, int, Style]]:
        """Begin, end and style of parts of a line; for subclasses."""
        return []

    def _segments(
        self, index: int, line: str, start: int, end: int, base: Style
    ) -> Sequence[Segment]:
        marks = self.marks_of(line)
        if self._needle:
            current = self._match >= 0 and self._matches[self._match] == index
            name = "logview--current" if current else "logview--match"
            style = self.get_component_rich_style(name)
            folded, at = line.casefold(), 0
            # Folding may lengthen odd letters; marks are then a little off, the text is not.
            while (at := folded.find(self._needle, at)) >= 0:
                marks.append((at, at + len(self._needle), style))
                at += len(self._needle)
        selection = self.text_selection
        span = selection.get_span(index) if selection is not None else None
        if span is not None:
            last = len(line) if span[1] == -1 else span[1]
            chosen = self.screen.get_component_rich_style("screen--selection")
            marks.append((span[0], last, chosen))
        if not marks:
            return [Segment(line[start:end], base)]
        edges = sorted({start, end, *(e for m in marks for e in m[:2] if start < e < end)})
        parts = []
        for left, right in pairwise(edges):
            style = base
            for begin, stop, mark in marks:
                if begin <= left < stop:
                    style += mark
            parts.append(Segment(line[left:right], style))
        return parts

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text."""
        return selection.extract("\n".join(self.lines)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the selection."""
        self.refresh()

    def describe(self) -> str:
        """Lines, wrap and follow in words, for a status line."""
        count = len(self.lines)
        parts = [f"{count:,} line{'s' if count != 1 else ''}"]
        if self._needle:
            place, found = self.position
            shown = truncate(self._needle, 20)
            parts.append(f"/{shown} {place}/{found}" if found else f"/{shown} not found")
        parts.append("following" if self.follow else "paused")
        return " · ".join(parts)
