"""From lines to what the outer terminal is sent, without a segment for every run of a flood."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, cast

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.cache import FIFOCache
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from bai_tui.widgets.terminal._attrs import ALL_BITS, ALL_SIZE
from bai_tui.widgets.terminal._styles import CURSORS, STYLES, style_of
from bai_tui.widgets.terminal.emulator import CONCEAL, Row

_CURSOR_STYLES: Final = (Style.null(), *CURSORS.values())
_CURSOR_BITS: Final = {shape: n << ALL_SIZE for n, shape in enumerate(CURSORS, 1)}
"""A cell with the cursor on it has a look of its own, beyond those a program can select."""

_RESET: Final = "\x1b[0m"
_NONE: Final = -1
"""In the place of a look: there was none before."""
PAIRS: Final = 65_536
"""Sequences from one look to another that are kept: gradients make any number."""


class Painted(Strip):
    """A line that is ready to be sent. Its segments are made when someone asks for them."""

    __slots__ = ("_made", "_make")

    def __init__(self, sequences: str, width: int, make: Callable[[], list[Segment]]) -> None:
        # Thousands are made in a second. The caches of a strip cost more than the rest of it,
        # and hardly any of these lines is ever cut.
        self._make = make
        self._made: list[Segment] | None = None
        self._cell_length = width
        self._render_cache = sequences
        self._link_ids = None
        self._cell_count = None

    def __getattr__(self, name: str) -> FIFOCache[Any, Any]:
        """A cache that was not needed before."""
        if not name.endswith("_cache"):
            raise AttributeError(name)
        cache: FIFOCache[Any, Any] = FIFOCache(4)
        setattr(self, name, cache)
        return cache

    @property
    def _segments(self) -> list[Segment]:
        if self._made is None:
            self._made = self._make()
        return self._made

    @_segments.setter
    def _segments(self, segments: list[Segment]) -> None:
        self._made = segments or None

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """Parts of it; all of it is no other line."""
        cuts = [*cuts]
        return [self] if cuts == [self._cell_length] else super().divide(cuts)


class _Ink:
    """One look, as parameters of the sequences that select it."""

    __slots__ = ("attributes", "back", "front")

    def __init__(self, style: Style, system: ColorSystem) -> None:
        front, back = style.color, style.bgcolor
        self.attributes = Strip.render_ansi(style.without_color, system)
        self.front = ";".join(front.downgrade(system).get_ansi_codes()) if front else "39"
        self.back = ";".join(back.downgrade(system).get_ansi_codes(False)) if back else "49"

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
        palette: the state of the colours that programs may change.
    """

    def __init__(
        self,
        base: Style,
        reverse: bool,
        filters: Sequence[LineFilter],
        background: Color,
        system: ColorSystem,
        palette: int = 0,
    ) -> None:
        self._key = (base, reverse, filters, background, system, palette)
        self.base, self.reverse = base, reverse
        self._filters, self._background = filters, background
        self._system = system
        self._inks: dict[int, _Ink] = {}
        self._hidden: set[int] = set()
        """Looks whose text is not to be seen."""
        self._sequences: dict[tuple[int, int], str] = {}
        """What leads from one look to another."""

    @classmethod
    def of(
        cls,
        known: Inks | None,
        base: Style,
        reverse: bool,
        filters: Sequence[LineFilter],
        background: Color,
        system: ColorSystem,
        palette: int,
    ) -> Inks:
        """`known` if it is for the same, or new ones."""
        key = (base, reverse, filters, background, system, palette)
        return known if known is not None and known._key == key else cls(*key)

    def filtered(self, segments: list[Segment]) -> list[Segment]:
        """Segments with the colours the outer terminal shall show."""
        for line_filter in self._filters:
            segments = line_filter.apply(segments, self._background)
        return segments

    def write(self, row: Row, cursor: tuple[int, str] | None = None) -> str:
        """A whole line; it begins and ends without any look.

        Args:
            cursor: column and shape of the cursor, if it stands here.
        """
        texts, looks = row.pieces(None if cursor is None else (cursor[0], _CURSOR_BITS[cursor[1]]))
        before = [_NONE, *looks]
        # A screen may have thousands of looks: what is known is joined without a step for each.
        sequences = [*map(self._sequences.get, zip(before, looks, strict=False))]
        if None in sequences:
            sequences = [
                self._sequence(row, *step) if known is None else known
                for known, *step in zip(sequences, before, looks, strict=False)
            ]
        if not self._hidden.isdisjoint(looks):
            texts = [
                " " * cell_len(text) if look in self._hidden else text
                for text, look in zip(texts, looks, strict=True)
            ]
        parts: list[str | None] = [_RESET] * (2 * len(texts) + 1)
        parts[:-1:2], parts[1::2] = sequences, texts
        return "".join(cast("list[str]", parts))

    def _sequence(self, row: Row, before: int, look: int) -> str:
        if len(self._sequences) >= PAIRS:
            self._sequences.clear()
        ink = self._ink(row, look)
        sequence = ink.follow(None if before == _NONE else self._ink(row, before))
        self._sequences[before, look] = sequence
        return sequence

    def _ink(self, row: Row, look: int) -> _Ink:
        ink = self._inks.get(look)
        if ink is None:
            if len(self._inks) >= STYLES:
                self._inks.clear()
                self._hidden.clear()
                self._sequences.clear()
            attr = row.attr(look & ALL_BITS)
            style = style_of(attr, self.base, self.reverse) + _CURSOR_STYLES[look >> ALL_SIZE]
            style = self.filtered([Segment("", style)])[0].style or Style.null()
            ink = self._inks[look] = _Ink(style, self._system)
            if attr.flags & CONCEAL:
                self._hidden.add(look)
        return ink
