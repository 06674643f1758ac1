"""Cells of code and what they printed, one after the other; grows at its end only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style

from bai_tui.widgets.code import CLASSES, CSS, spans
from bai_tui.widgets.logview import LogView
from bai_tui.widgets.output import Line, OutputBuffer
from bai_tui.widgets.text import printable

_KINDS = ("stderr", "log", "source", "prompt", "note", "good", "bad", "link")


class CellsView(LogView):
    """A log whose lines differ in style; the last one may still be growing."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"cells--{kind}" for kind in _KINDS} | CLASSES
    DEFAULT_CSS = (
        """
    CellsView {
        .cells--source { background: $surface; }
        .cells--prompt { color: $text-accent; text-style: bold; }
        .cells--stderr { color: $text-warning; }
        .cells--log, .cells--note { color: $text-muted; }
        .cells--good { color: $text-success; }
        .cells--bad { color: $text-error; }
        .cells--link { color: $text-accent; text-style: underline; }
    """
        + CSS
        + "}"
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._buffer = OutputBuffer()

    # Content.

    def add_source(self, label: str, source: str, language: str) -> None:
        """The code of a cell, with its label in the margin."""
        margin = f"[{label}] "
        lines = []
        for index, (text, marks) in enumerate(
            zip(source.split("\n"), spans(source, language), strict=False)
        ):
            lead = margin if index == 0 else " " * len(margin)
            shown = printable(text.expandtabs(8))
            moved = [(b + len(lead), e + len(lead), kind) for b, e, kind in marks]
            # Spans count the characters of the source: they fit as long as nothing was replaced.
            kept = moved if shown == text else []
            lines.append(
                Line.of(lead + shown, "source", spans=[(0, len(lead), "cells--prompt"), *kept])
            )
        self.add(lines)

    def add(self, lines: Iterable[Line]) -> None:
        """Complete lines after what was printed."""
        self._buffer.finish()
        self.append(lines)

    def say(self, text: str, kind: str = "note") -> None:
        """A line of our own."""
        self.add([Line.of(printable(text), kind)])

    def print(self, kind: str, text: str) -> None:
        """A piece of output."""
        first = len(self.lines) - (1 if self._buffer.open else 0)
        self.replace_tail(first, self._buffer.feed(kind, text))

    def finish(self) -> None:
        """The line that grows is complete."""
        self._buffer.finish()

    def clear(self) -> None:
        """Show nothing."""
        self._buffer.finish()
        self.set_lines(())

    # Drawing.

    def wraps(self, line: str) -> bool:
        """Rows of pictures are cut."""
        return self.wrap and not (isinstance(line, Line) and line.pixels)

    def style_of(self, line: str, base: Style) -> Style:
        """By kind."""
        if isinstance(line, Line) and line.kind in _KINDS:
            style = self.get_component_rich_style(f"cells--{line.kind}")
            return style + Style(link=line.target) if line.target else style
        return base

    def marks_of(self, line: str) -> list[tuple[int, int, Style]]:
        """Parts of code."""
        if not isinstance(line, Line) or not line.spans:
            return []
        # The colour alone: the ground is the line's.
        return [
            (begin, end, self.get_component_rich_style(name, partial=True))
            for begin, end, name in line.spans
        ]

    def _segments(
        self, index: int, line: str, start: int, end: int, base: Style
    ) -> Sequence[Segment]:
        if isinstance(line, Line) and line.pixels and self.text_selection is None:
            return [
                Segment(line[0], Style(color=upper, bgcolor=lower)) for upper, lower in line.pixels
            ]
        return super()._segments(index, line, start, end, base)
