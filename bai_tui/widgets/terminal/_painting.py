"""The part of the pane that shows: repaints the lines that changed, in time, and at once.

Textual would paint some turns of the event loop after it was asked to, at its own clock. Here the
lines are made and painted when it is decided to, so that what is shown is whole.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from bai_tui.widgets.terminal._history import CopyMode, Selection
from bai_tui.widgets.terminal._ink import Inks, Painted
from bai_tui.widgets.terminal._styles import Span, strip_of
from bai_tui.widgets.terminal.emulator import Emulator, Row
from bai_tui.widgets.terminal.link import Link, LinkState

FRAME: Final = 1 / 60
"""Seconds from one painting to the next, on the average and at the most frequent."""
FLOODED: Final = 1 / 25
"""The same while output comes faster than it can be shown: nobody reads it."""
SHARE: Final = 4
"""While flooded, painting takes one part in this many of the time."""
BEHIND: Final = 64 * 1024
"""Bytes that wait to be shown in a flood, at the least."""
PICTURES: Final = 4 * 4
"""Bytes for each cell that are no flood: some pictures in which every other word is coloured."""
GRACE: Final = 0.020
"""Seconds in which a key is answered before a flood goes on."""
HOLD: Final = 0.15
"""Seconds a program may hold painting back (mode 2026)."""
HOLD_MOST: Final = 1.0
"""The same while more of its output waits: the end of its picture may be there."""
CACHE: Final = 512


class _Mark(NamedTuple):
    """Everything the picture of a row depends on; what is equal looks equal."""

    version: int
    cursor: tuple[int, str] | None
    selected: Span | None
    matches: tuple[Span, ...]


class Painting(Widget):
    """Shows what the engine holds."""

    def __init__(
        self, link: Link, scrollback: int, name: str | None, id: str | None, classes: str | None
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.link = link
        self.emulator = Emulator(80, 24, scrollback)
        self._offset = 0
        """Lines the view is scrolled up."""
        self._copy: CopyMode | None = None
        self._selection: Selection | None = None
        self._matches: dict[int, tuple[Span, ...]] = {}
        self._due = 0.0
        """When the next painting may be."""
        self._paint_timer: asyncio.TimerHandle | None = None
        self._held_since = 0.0
        self._marks: list[_Mark | None] = []
        """What the lines shown depend on; empty: they have to be made anew."""
        self._lines: list[Strip] = []
        self._strips: OrderedDict[_Mark, Strip] = OrderedDict()
        self._inks: Inks | None = None

    # When to paint.

    def _schedule_paint(self) -> None:
        now = time.perf_counter()
        if self.emulator.modes.synchronized:
            if not self._held_since:
                self._held_since = now
                self._cancel_paint()
                self._paint_later(HOLD, self._paint_held)
            return
        if self._held_since:
            self._held_since = 0.0
            self._cancel_paint()
        if self._paint_timer is not None:
            return
        if self._due > now:
            self._paint_later(self._due - now)
        else:
            self._paint_now()

    def _paint_later(self, seconds: float, paint: Callable[[], None] | None = None) -> None:
        loop = asyncio.get_running_loop()
        self._paint_timer = loop.call_later(seconds, paint or self._paint_now)

    def _paint_held(self) -> None:
        """The program took its time for a picture, or ended within it."""
        if self.link.waiting and time.perf_counter() - self._held_since < HOLD_MOST:
            self._paint_later(HOLD, self._paint_held)
        else:
            self._paint_now()

    def _cancel_paint(self) -> None:
        if self._paint_timer is not None:
            self._paint_timer.cancel()
            self._paint_timer = None

    def _paint_now(self) -> None:
        self._paint_timer = None
        if not self.is_attached:
            return
        if getattr(self.app, "output_waits", False):
            # The outer terminal is slow. More pictures would only make it later with everything.
            self._paint_later(FRAME)
        elif (grace := self._grace()) and self._behind:
            self._paint_later(grace)
        else:
            self._paint()

    @property
    def _behind(self) -> bool:
        """Whether output comes faster than it can be shown."""
        emulator = self.emulator
        return self.link.waiting > max(BEHIND, PICTURES * emulator.columns * emulator.lines)

    def _grace(self) -> float:
        """Seconds left for a key that was just pressed to be answered in, before all else."""
        pressed: float = getattr(self.app, "key_at", -1.0)
        return max(0.0, pressed + GRACE - time.perf_counter())

    def _paint(self) -> None:
        """Repaint the lines that changed since the last painting."""
        if not self.is_attached:
            return
        self._held_since = 0.0
        began = time.perf_counter()
        if not self.is_on_screen:
            self._marks = []
        elif changed := self._renew():
            self._show(changed)
        now = time.perf_counter()
        if self._behind:
            self._due = now + max(FLOODED, (now - began) * (SHARE - 1))
        else:
            # A picture that is late does not make the next one late.
            self._due = max(self._due, began - FRAME) + FRAME

    def _show(self, changed: list[int]) -> None:
        """Paint these rows, and whatever else on the screen waits to be painted."""
        if self.app._batch_count or not self._is_mounted:
            self.refresh()
            return
        if len(changed) * 2 > len(self._lines):
            self._set_dirty()
        else:
            width = self.size.width
            self._set_dirty(*(Region(0, y, width, 1) for y in changed))
        screen = self.screen
        screen._dirty_widgets.add(self)
        try:
            screen._on_timer_update()
        except Exception as error:  # as where Textual calls it
            self.app._handle_exception(error)

    def _repaint(self) -> None:
        """Everything may look different: paint all of it when Textual does."""
        self._marks = []
        self.refresh()

    # Rows.

    def _line(self, y: int) -> int:
        """Line of the emulator shown at row `y`: negative in the scrollback."""
        return y - self._offset

    def _mark(self, y: int) -> _Mark | None:
        """The state of a row; None where there is no line."""
        emulator = self.emulator
        line = self._line(y)
        if line >= emulator.lines or line < -emulator.history_size:
            return None
        return _Mark(
            emulator.version(line),
            self._cursor_at(line),
            self._span(line),
            self._matches.get(self._absolute(line), ()),
        )

    def _absolute(self, line: int) -> int:
        """A number that stays with a line when it scrolls."""
        return self.emulator.scrolled + line

    def _cursor_at(self, line: int) -> tuple[int, str] | None:
        emulator = self.emulator
        if self._copy is not None:
            point = self._copy.point
            return (point.x, "block") if point.line == self._absolute(line) else None
        x, y = emulator.cursor
        if line != y or not emulator.modes.cursor_visible:
            return None
        live = self.has_focus and self.link.state is LinkState.LIVE
        return x, emulator.modes.cursor_shape if live else "hollow"

    def _span(self, line: int) -> Span | None:
        selection = self._copy.selection if self._copy is not None else self._selection
        if selection is None:
            return None
        return selection.span(self._absolute(line), self.emulator.columns)

    def _renew(self) -> list[int]:
        """Make the lines that changed; returns their rows."""
        old = self._marks
        width, height = self.size
        marks = self._marks = [self._mark(y) for y in range(height)]
        inks = self._current_inks()
        if inks is not self._inks or len(old) != len(marks):
            self._inks = inks
            self._strips.clear()
            old = []
            changed = list(range(height))
            self._lines = [Strip.blank(width, inks.base)] * height
        else:
            changed = [y for y, mark in enumerate(marks) if mark != old[y]]
        for y in changed:
            self._lines[y] = self._made(inks, marks[y], y, width)
        return changed

    def _made(self, inks: Inks, mark: _Mark | None, y: int, width: int) -> Strip:
        """One row, from the cache where it was shown before."""
        if mark is None:
            return Strip(inks.filtered([Segment(" " * width, inks.base)]), width)
        strip = self._strips.get(mark)
        if strip is None:
            row = self.emulator.line(self._line(y))
            if mark.selected is None and not mark.matches and row.width == width:
                strip = Painted(
                    inks.write(row, mark.cursor),
                    width,
                    lambda: _segments(inks, row, width, mark, True),
                )
            else:
                strip = Strip(_segments(inks, row, width, mark, True), width)
            self._strips[mark] = strip
            if len(self._strips) > CACHE:
                self._strips.popitem(last=False)
        return strip

    def _current_inks(self) -> Inks:
        """The ones in use, if nothing they depend on has changed."""
        style = self.rich_style
        if self.link.state is not LinkState.LIVE:
            style += Style(dim=True)
        return Inks.of(
            self._inks,
            style,
            self.emulator.modes.reverse_screen,
            tuple(self.get_line_filters()),
            self.background_colors[1],
            self.app.console._color_system or ColorSystem.TRUECOLOR,
            self.emulator.colors.changes,
        )

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines as they were painted last: between two paintings a picture is not whole."""
        if len(self._marks) != self.size.height or self._current_inks() is not self._inks:
            self._renew()
        lines = self._lines[crop.y : crop.bottom]
        if crop.column_span == (0, self.size.width):
            return lines
        return [strip.crop(crop.x, crop.right) for strip in lines]

    def render_line(self, y: int) -> Strip:
        """One row as it is now, in the colours of the session."""
        width, inks, mark = self.size.width, self._current_inks(), self._mark(y)
        if mark is None:
            return Strip.blank(width, inks.base)
        row = self.emulator.line(self._line(y))
        return Strip(_segments(inks, row, width, mark, False), width)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """As wide as there is room."""
        return container.width

    def notify_style_update(self) -> None:
        """The theme changed, and with it what programs are told that colours are."""
        super().notify_style_update()
        self._marks = []
        front, back = self.styles.color, self.background_colors[1]
        text = back.get_contrast_text(1)
        self.emulator.recolor(
            fg=_number(front if front.a == 1 else text), bg=_number(back), cursor=_number(text)
        )
        if replies := self.emulator.replies():
            self.link.send(replies)


def _segments(inks: Inks, row: Row, width: int, mark: _Mark, filtered: bool) -> list[Segment]:
    strip = strip_of(
        row,
        width,
        inks.base,
        cursor=mark.cursor,
        selected=mark.selected,
        marked=mark.matches,
        reverse=inks.reverse,
    )
    return inks.filtered(list(strip)) if filtered else list(strip)


def _number(color: Color) -> int:
    return color.r << 16 | color.g << 8 | color.b
