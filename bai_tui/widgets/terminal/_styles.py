"""From cell attributes to Rich styles and strips. No control character gets through here."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

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


@lru_cache(8192)
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
    chars, attrs = row.chars, row.attrs
    end = min(columns, len(chars))
    if end and end < len(chars) and chars[end] == "":
        chars = [*chars[: end - 1], " "]
        attrs = attrs[:end]
    overlay: dict[int, Style] = {}
    if selected is not None:
        overlay.update(dict.fromkeys(range(selected[0], min(selected[1], end)), SELECTED))
    for start, stop in marked:
        overlay.update(dict.fromkeys(range(start, min(stop, end)), _MARK))
    if cursor is not None and cursor[0] < end:
        overlay[cursor[0]] = _CURSORS[cursor[1]]
        if chars[cursor[0] + 1 : cursor[0] + 2] == [""]:
            overlay[cursor[0] + 1] = _CURSORS[cursor[1]]
    segments: list[Segment] = []
    start = 0
    while start < end:
        attr, over = attrs[start], overlay.get(start)
        stop = start + 1
        while stop < end and attrs[stop] is attr and overlay.get(stop) is over:
            stop += 1
        text = "".join(chars[start:stop])
        if attr.flags & CONCEAL:
            text = " " * (stop - start)
        style = style_of(attr, base, reverse)
        segments.append(Segment(text, style + over if over is not None else style))
        start = stop
    if end < columns:
        segments.append(Segment(" " * (columns - end), base))
    return Strip(segments, columns)


_MARK: Final = Style(color="black", bgcolor="yellow")
_CURSORS: Final = {
    "block": Style(reverse=True),
    "underline": Style(underline2=True, bold=True),
    "bar": Style(reverse=True, dim=True),
    "hollow": Style(underline=True, dim=True),
}
