"""What a program prints, piece by piece, as lines that are fit to be shown.

A piece may end anywhere: in a line, in an escape sequence, before the carriage return that lets a
progress bar begin anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bai_tui.widgets.code import Span
from bai_tui.widgets.logview import LONGEST, clean_lines

_UNFINISHED = re.compile(r"\x1b(?:|\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?)\Z")
_MAX_SEQUENCE = 4096


class Line(str):
    """A printable line that knows what it is.

    Attributes:
        kind: stdout, stderr, log, source, note, good, bad, link or picture.
        spans: parts in the style of a component class.
        pixels: of a picture's row: colours of the upper and the lower half of each cell.
        target: of a link: where it leads.
    """

    kind: str
    spans: tuple[Span, ...]
    pixels: tuple[tuple[str, str], ...]
    target: str

    @classmethod
    def of(
        cls,
        text: str,
        kind: str = "stdout",
        *,
        spans: Iterable[Span] = (),
        pixels: Iterable[tuple[str, str]] = (),
        target: str = "",
    ) -> Line:
        """Make one."""
        line = cls(text)
        line.kind, line.target = kind, target
        line.spans, line.pixels = tuple(spans), tuple(pixels)
        return line


class OutputBuffer:
    """Turns pieces into lines.

    Attributes:
        open: the last line given is not complete: the next piece replaces it.
    """

    def __init__(self) -> None:
        self.open = False
        self._kind = ""
        self._rest = ""
        self._held = ""

    def feed(self, kind: str, text: str) -> list[Line]:
        """Lines to be shown in place of the open one (if there is one) and after it."""
        lines: list[Line] = []
        if kind != self._kind:
            if self.open:
                lines += self._lines(self._rest)
            self._rest = self._held = ""
            self._kind = kind
        text = self._held + text
        cut = _UNFINISHED.search(text)
        self._held = ""
        if cut is not None and len(text) - cut.start() <= _MAX_SEQUENCE:
            self._held, text = text[cut.start() :], text[: cut.start()]
        whole, newline, rest = (self._rest + text).rpartition("\n")
        if newline:
            lines += self._lines(whole + newline)
        # Of an open line only what is after the last return can ever be seen.
        head, returned, tail = rest.rstrip("\r").rpartition("\r")
        del head
        end = "\r" if rest.endswith("\r") else ""
        self._rest = (returned + tail + end if returned else rest)[: 2 * LONGEST]
        self.open = bool(rest)
        if self.open:
            lines += self._lines(self._rest)[-1:] or [Line.of("", kind)]
        return lines

    def finish(self) -> None:
        """What follows begins a new line."""
        self.open = False
        self._kind = self._rest = self._held = ""

    def _lines(self, text: str) -> list[Line]:
        return [Line.of(line, self._kind) for line in clean_lines(text)]
