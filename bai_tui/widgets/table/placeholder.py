"""What a table without rows shows: a skeleton while loading, a sentence, or an error card."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from bai_tui.widgets.table.columns import GAP, Layout
from bai_tui.widgets.table.painting import GUTTER, Palette
from bai_tui.widgets.text import fit, pad, wrap

__all__ = ["card", "loading_text", "skeleton"]

_SHARES = (0.9, 0.6, 0.75, 0.5, 0.8)


def loading_text(what: str, seconds: float) -> str:
    """`loading sessions… 1.2 s`; whole seconds after ten, so that it changes more slowly."""
    return f"loading {what}… {seconds:.{1 if seconds < 10 else 0}f} s"


def skeleton(layout: Layout, palette: Palette, line: int) -> Strip:
    """A line of bars in the places of the columns, fading downwards."""
    parts = [" " * GUTTER]
    for index, span in enumerate(layout.spans):
        # No randomness: the same picture at every repaint.
        length = max(1, int(span.width * _SHARES[(line * 3 + index * 2) % len(_SHARES)]))
        parts.append(pad("─" * length if line < 6 else "", span.width, span.column.align))
        parts.append(" " * GAP)
    text = "".join(parts)[: layout.width]
    return Strip([Segment(text, palette.skeleton)])


def card(text: str, width: int, height: int, first: Style, rest: Style) -> dict[int, Strip]:
    """Centre a text of several lines in `width` x `height` cells, a little above the middle.

    Returns:
        Strips by line; lines without text are missing.
    """
    lines = wrap(text, max(1, min(width - 4, 76)))[:height]
    top = max(0, (height - len(lines)) // 3)
    return {
        top + index: Strip([Segment(fit(line, width, "center"), rest if index else first)], width)
        for index, line in enumerate(lines)
    }
