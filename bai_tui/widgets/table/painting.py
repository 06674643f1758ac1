"""Rows as lines of styled text: no state of the table lives here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from bai_tui.widgets.table.columns import GAP, Cell, Layout, Span, cell_of, fit_cell
from bai_tui.widgets.text import cell_len, pad, truncate

__all__ = ["ARROWS", "GUTTER", "Line", "Look", "Palette", "header_strip", "show_selection", "slide"]

GUTTER = 2
"""Cells left of the first column: the mark or cursor sign, and a space."""

ARROWS = {False: "▲", True: "▼"}
"""Sort arrows by `reverse`."""

# (cursor, marked) -> sign; a row in a range that is still being drawn counts as marked.
_SIGNS = {
    (False, False): "  ",
    (True, False): "▸ ",
    (False, True): "● ",
    (True, True): "◉ ",
}


class Look(NamedTuple):
    """Everything but the content that decides how a row's line looks."""

    cursor: bool = False
    marked: bool = False
    changed: frozenset[str] = frozenset()
    """Columns to highlight."""


class Palette:
    """Styles by meaning, and their mixtures, made once per theme and focus."""

    def __init__(self, base: Style, component: Callable[[str], Style], *, stale: bool) -> None:
        self.base = base
        self.header = component("header")
        self.picked = component("picked")
        self.placeholder = component("placeholder")
        self.skeleton = component("skeleton")
        self.error = component("error")
        self._cursor = component("cursor")
        self._changed = component("changed")
        self._marked = component("marked")
        self._tones: Mapping[str, Style] = {
            tone: component(tone)
            for tone in ("muted", "accent", "success", "warning", "error", "strong")
        }
        self._stale = stale
        self._mixed: dict[tuple[Any, ...], Style] = {}

    def cell(self, row_tone: str, cell_tone: str, look: Look, changed: bool) -> Style:
        """The style of one cell."""
        key = (row_tone, cell_tone, look.cursor, look.marked, changed)
        style = self._mixed.get(key)
        if style is None:
            style = self._mixed[key] = self._mix(row_tone, cell_tone, look, changed)
        return style

    def _mix(self, row_tone: str, cell_tone: str, look: Look, changed: bool) -> Style:
        style = self.base
        tone = cell_tone or row_tone
        if tone in self._tones:
            style += _foreground(self._tones[tone])
        if look.marked and not cell_tone:
            style += _foreground(self._marked)
        if changed:
            style += _foreground(self._changed)
        if look.cursor:
            # The cursor's own colours have contrast in every theme; tones on it may not.
            style += self._cursor
        if self._stale:
            style += Style(dim=True)
        return style


def _foreground(style: Style) -> Style:
    """A style without its background, so that it can be laid over another."""
    return Style(
        color=style.color,
        bold=style.bold or None,
        italic=style.italic or None,
        underline=style.underline or None,
        dim=style.dim or None,
        reverse=style.reverse or None,
    )


class Line:
    """The cells of one row, fitted to a layout, and the strips painted from them."""

    __slots__ = ("_strips", "layout", "palette", "row_tone", "texts", "tick", "tones", "version")

    def __init__(self, row: Any, row_tone: str, layout: Layout, version: int, tick: int) -> None:
        self.layout = layout
        self.version = version
        self.tick = tick
        self.row_tone = row_tone
        self.palette: Palette | None = None
        self._strips: dict[Look, Strip] = {}
        cells = [cell_of(span.column, row) for span in layout.spans]
        self.texts = [_fitted(cell, span) for cell, span in zip(cells, layout.spans, strict=True)]
        self.tones = [cell.tone for cell in cells]

    @property
    def text(self) -> str:
        """The whole line, gutter included."""
        return " " * GUTTER + (" " * GAP).join(self.texts)

    def differences(self, other: Line) -> list[int]:
        """Indices of the cells that look different; all of them if the row's tone changed."""
        if self.layout is not other.layout or self.row_tone != other.row_tone:
            return list(range(len(self.texts)))
        return [
            index
            for index in range(len(self.texts))
            if self.texts[index] != other.texts[index] or self.tones[index] != other.tones[index]
        ]

    def retick(self, row: Any, tick: int) -> list[int]:
        """Render the columns that depend on the clock again; returns the cells that changed."""
        self.tick = tick
        changed: list[int] = []
        for index, span in enumerate(self.layout.spans):
            if span.column.live:
                cell = cell_of(span.column, row)
                text = _fitted(cell, span)
                if text != self.texts[index] or cell.tone != self.tones[index]:
                    self.texts[index], self.tones[index] = text, cell.tone
                    changed.append(index)
        if changed:
            self._strips.clear()
        return changed

    def strip(self, look: Look, palette: Palette) -> Strip:
        """The painted line, as wide as the layout."""
        if palette is not self.palette:
            self._strips.clear()
            self.palette = palette
        strip = self._strips.get(look)
        if strip is None:
            strip = self._strips[look] = self._paint(look, palette)
        return strip

    def _paint(self, look: Look, palette: Palette) -> Strip:
        plain = palette.cell(self.row_tone, "", look, False)
        gap = " " * GAP
        parts: list[tuple[Style, str]] = [(plain, _SIGNS[look.cursor, look.marked])]
        for index, (text, tone, span) in enumerate(
            zip(self.texts, self.tones, self.layout.spans, strict=True)
        ):
            if index:
                parts.append((plain, gap))
            changed = span.column.key in look.changed
            style = palette.cell(self.row_tone, tone, look, changed)
            parts.append((style, text))
        return Strip(_merged(parts), self.layout.width)


def _fitted(cell: Cell, span: Span) -> str:
    return fit_cell(cell, span.width, span.column.align, span.column.cut)


def _merged(parts: Iterable[tuple[Style, str]]) -> list[Segment]:
    """Segments of neighbours of one style: fewer escape sequences on the way to the terminal."""
    return [
        Segment("".join(text for _, text in group), style)
        for style, group in groupby(parts, key=lambda part: part[0])
    ]


def header_strip(
    layout: Layout, palette: Palette, sort: str | None, reverse: bool, picked: str | None
) -> Strip:
    """The header line: labels, the arrow of the sorted column, the picked column in reverse."""
    parts: list[tuple[Style, str]] = [(palette.header, " " * GUTTER)]
    for index, span in enumerate(layout.spans):
        if index:
            parts.append((palette.header, " " * GAP))
        label = span.column.label
        if span.column.key == sort:
            label = truncate(label, max(0, span.width - 1)) + ARROWS[reverse]
        text = pad(truncate(label, span.width), span.width, span.column.align)
        parts.append((palette.picked if span.column.key == picked else palette.header, text))
    return Strip(_merged(parts), layout.width)


def slide(strip: Strip, x: int, width: int, pinned: int, fill: Style, y: int | None) -> Strip:
    """The part of a line that is in view, with the offsets text selection needs.

    Args:
        strip: The whole line.
        x: Cells scrolled sideways.
        width: Cells in view.
        pinned: Leading cells that stay.
        fill: Style of the space after the line.
        y: The row's index, or `None` for lines that can't be selected.
    """
    if x == 0:
        shown = strip.crop_extend(0, width, fill)
        return shown if y is None else shown.apply_offsets(0, y)
    left = strip.crop(0, pinned)
    right = strip.crop(pinned + x, x + width)
    if y is not None:
        left = left.apply_offsets(0, y)
        right = right.apply_offsets(len(strip.crop(0, pinned + x).text), y)
    return Strip.join([left, right]).crop_extend(0, width, fill)


def show_selection(strip: Strip, start: int, end: int, style: Style) -> Strip:
    """Lay `style` over the characters `start` to `end` (-1: the last) of a line."""
    text = strip.text
    from_cell = cell_len(text[:start])
    to_cell = strip.cell_length if end == -1 else cell_len(text[:end])
    middle = [
        Segment(segment.text, (segment.style or Style()) + style)
        for segment in strip.crop(from_cell, to_cell)
    ]
    return Strip.join(
        [strip.crop(0, from_cell), Strip(middle), strip.crop(to_cell, strip.cell_length)]
    )
