"""From lines to what the outer terminal is sent, without a segment for every run of a flood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from bai_tui.widgets.terminal._styles import STYLES, style_of
from bai_tui.widgets.terminal.emulator import CONCEAL, Attr, Row

_RESET: Final = "\x1b[0m"
PAIRS: Final = 65_536
"""Sequences from one look to another that are kept: gradients make any number."""


class Painted(Strip):
    """A line that is ready to be sent. Its segments are made when someone asks for them."""

    __slots__ = ("_made", "_make")

    def __init__(self, sequences: str, width: int, make: Callable[[], list[Segment]]) -> None:
        self._make = make
        self._made: list[Segment] | None = None
        super().__init__((), width)
        self._render_cache = sequences

    @property
    def _segments(self) -> list[Segment]:
        if self._made is None:
            self._made = self._make()
        return self._made

    @_segments.setter
    def _segments(self, segments: list[Segment]) -> None:
        self._made = segments or None


class _Ink:
    """One look: what selects it, after each of the looks it ever followed."""

    __slots__ = ("after", "attributes", "back", "front", "hidden")

    def __init__(self, style: Style, system: ColorSystem, hidden: bool) -> None:
        front, back = style.color, style.bgcolor
        self.attributes = Strip.render_ansi(style.without_color, system)
        self.front = ";".join(front.downgrade(system).get_ansi_codes()) if front else "39"
        self.back = ";".join(back.downgrade(system).get_ansi_codes(False)) if back else "49"
        self.hidden = hidden
        self.after: dict[_Ink | None, str] = {}

    def follow(self, before: _Ink | None) -> str:
        """The shortest sequence."""
        if before is not None and before.attributes == self.attributes:
            codes = [
                *([self.front] if self.front != before.front else ()),
                *([self.back] if self.back != before.back else ()),
            ]
        else:
            codes = ["0", *([self.attributes] if self.attributes else ()), self.front, self.back]
        return f"\x1b[{';'.join(codes)}m" if codes else ""


class Inks:
    """How looks are written upon one style of the widget.

    Args:
        base: the widget's own style. reverse: the screen is in reverse video (DECSCNM).
        filters: what Textual would do to colours, upon `background`.
        system: the colours the outer terminal has.
    """

    def __init__(
        self,
        base: Style,
        reverse: bool,
        filters: Sequence[LineFilter],
        background: Color,
        system: ColorSystem,
    ) -> None:
        self._key = (base, reverse, filters, background, system)
        self.base, self.reverse = base, reverse
        self._filters, self._background = filters, background
        self._system = system
        self._inks: dict[Attr, _Ink] = {}
        self._pairs = 0

    @classmethod
    def of(
        cls,
        known: Inks | None,
        base: Style,
        reverse: bool,
        filters: Sequence[LineFilter],
        background: Color,
        system: ColorSystem,
    ) -> Inks:
        """`known` if it is for the same, or new ones."""
        key = (base, reverse, filters, background, system)
        return known if known is not None and known._key == key else cls(*key)

    def filtered(self, segments: list[Segment]) -> list[Segment]:
        """Segments with the colours the outer terminal shall show."""
        for line_filter in self._filters:
            segments = line_filter.apply(segments, self._background)
        return segments

    def write(self, row: Row) -> str:
        """A whole line; it begins and ends without any look."""
        inks, before = self._inks, None
        parts: list[str] = []
        for text, attr in row.runs():
            ink = inks.get(attr) or self._ink(attr)
            sequence = ink.after.get(before)
            if sequence is None:
                sequence = ink.after[before] = ink.follow(before)
                self._pairs += 1
            parts.append(sequence)
            parts.append(" " * cell_len(text) if ink.hidden else text)
            before = ink
        parts.append(_RESET)
        if self._pairs > PAIRS:
            self._inks.clear()
            self._pairs = 0
        return "".join(parts)

    def _ink(self, attr: Attr) -> _Ink:
        if len(self._inks) >= STYLES:
            self._inks.clear()
            self._pairs = 0
        style = style_of(attr, self.base, self.reverse)
        style = self.filtered([Segment("", style)])[0].style or Style.null()
        ink = self._inks[attr] = _Ink(style, self._system, bool(attr.flags & CONCEAL))
        return ink
