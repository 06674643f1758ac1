"""From cell attributes to Rich styles and strips. No control character gets through here."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from rich.cells import cell_len
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from bai_tui.widgets.terminal.emulator import (
    BLINK,
    BOLD,
    CONCEAL,
    DIM,
    ITALIC,
    OVERLINE,
    REVERSE,
    RGB,
    STRIKE,
    Attr,
    Color,
    Row,
)

Span = tuple[int, int]
"""Cells from, up to but not including."""

SELECTED: Final = Style(reverse=True)


@lru_cache(4096)
def _color(color: Color) -> RichColor | None:
    if color is None:
        return None
    if color >= RGB:
        return RichColor.from_rgb(color >> 16 & 255, color >> 8 & 255, color & 255)
    return RichColor.from_ansi(color)


STYLES: Final = 8192
"""Styles that are kept for each look of the widget itself: a gradient makes any number."""


@lru_cache(16)
def _styles(base: Style, reverse: bool) -> dict[Attr, Style]:
    """The styles made so far."""
    return {}


def style_of(attr: Attr, base: Style, reverse: bool) -> Style:
    """The style of an attribute upon the widget's own."""
    flags = attr.flags
    style = Style.from_color(_color(attr.fg), _color(attr.bg)) + Style(
        bold=bool(flags & BOLD) or None,
        dim=bool(flags & DIM) or None,
        italic=bool(flags & ITALIC) or None,
        blink=bool(flags & BLINK) or None,
        strike=bool(flags & STRIKE) or None,
        overline=bool(flags & OVERLINE) or None,
        underline=attr.underline in (1, 3, 4, 5) or bool(attr.link) or None,
        underline2=attr.underline == 2 or None,
    )
    style = base + style
    if bool(flags & REVERSE) != reverse:
        style = Style.from_color(style.bgcolor, style.color) + style.without_color
    return style


def strip_of(
    row: Row,
    columns: int,
    base: Style,
    *,
    cursor: tuple[int, str] | None = None,
    selected: Span | None = None,
    marked: tuple[Span, ...] = (),
    reverse: bool = False,
) -> Strip:
    """One line as Textual paints it, exactly `columns` wide.

    Args:
        cursor: column and shape of the cursor, if it stands here.
        selected: cells that are selected. marked: matches of a search.
        reverse: the whole screen is in reverse video (DECSCNM).
    """
    segments: list[Segment] = []
    width = 0
    styles = _styles(base, reverse)
    for text, attr in row.runs():
        style = styles.get(attr)
        if style is None:
            if len(styles) >= STYLES:
                styles.clear()
            style = styles[attr] = style_of(attr, base, reverse)
        cells = len(text) if text.isascii() else cell_len(text)
        if attr.flags & CONCEAL:
            text = " " * cells
        segments.append(Segment(text, style))
        width += cells
    strip = Strip(segments, width)
    if width != columns:
        strip = strip.adjust_cell_length(columns, base)
    overlays = [(*selected, SELECTED)] if selected is not None else []
    overlays += [(start, stop, _MARK) for start, stop in marked]
    if cursor is not None and cursor[0] < columns:
        overlays.append((*row.character(cursor[0]), CURSORS[cursor[1]]))
    for start, stop, style in overlays:
        strip = _laid_over(strip, start, min(stop, columns), style)
    return strip


def _laid_over(strip: Strip, start: int, stop: int, style: Style) -> Strip:
    """The same strip with a style on some of its cells."""
    middle = [
        Segment(text, (own + style) if own is not None else style)
        for text, own, _ in strip.crop(start, stop)
    ]
    parts = (strip.crop(0, start), Strip(middle, stop - start), strip.crop(stop))
    return Strip.join(part for part in parts if part.cell_length)


_MARK: Final = Style(color="black", bgcolor="yellow")
CURSORS: Final = {
    "block": Style(reverse=True),
    "underline": Style(underline2=True, bold=True),
    "bar": Style(reverse=True, dim=True),
    "hollow": Style(underline=True, dim=True),
}
