"""Containers that are nothing but ground: no border, no padding, no text of their own.

Textual renders every widget line by line, also those that others cover. Frames inside of frames
are most of a first picture then.
"""

from __future__ import annotations

from textual.containers import Vertical
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

__all__ = ["Ground", "Plain"]


class Ground(Widget):
    """A mixin for widgets that only show their background. Put it before the widget's class."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """One blank line, as often as it is needed."""
        # As Textual does for `BLANK` widgets, but for the filters (NO_COLOR is one).
        strip = Strip.blank(crop.width, self.visual_style.rich_style)
        for line_filter in self.get_line_filters():
            strip = strip.apply_filter(line_filter, self.background_colors[1])
        return [strip] * crop.height


class Plain(Ground, Vertical):
    """Widgets below each other (or as its CSS says)."""
