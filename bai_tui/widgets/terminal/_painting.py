"""The part of the pane that shows: feeds the engine in slices, repaints what changed, in time."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import Final, NamedTuple

from rich.style import Style
from textual.color import Color
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from bai_tui.widgets.terminal._history import CopyMode, Selection
from bai_tui.widgets.terminal._styles import Span, strip_of
from bai_tui.widgets.terminal.emulator import Emulator
from bai_tui.widgets.terminal.link import Link, LinkState

FRAME: Final = 1 / 60
"""Seconds between two paintings at the most frequent."""
SLICE: Final = 0.006
"""Seconds of work on output per turn of the event loop: what keeps keys answered in a flood."""
BITE: Final = 16 * 1024
HOLD: Final = 0.15
"""Seconds a program may hold painting back (mode 2026)."""
CACHE: Final = 1024
RELEASE: Final = b"\x1b[?2026l"


class _Mark(NamedTuple):
    """Everything the picture of a row depends on; what is equal looks equal."""

    version: int
    cursor: tuple[int, str] | None
    selected: Span | None
    matches: tuple[Span, ...]
    reverse: bool


class Painting(Widget):
    """Shows what comes over a link."""

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
        self._pumping = False
        self._rest = b""
        """Output behind the end of a picture that a program drew as a whole."""
        self._painted_at = 0.0
        self._paint_timer: asyncio.TimerHandle | None = None
        self._held_since = 0.0
        self._shown: list[_Mark | None] = []
        self._strips: OrderedDict[tuple[_Mark, int, Style], Strip] = OrderedDict()

    # What the pane does about it.

    def _say_skipped(self, count: int) -> None:
        """Output was lost on purpose."""

    def _say_broken(self, error: Exception) -> None:
        """A part of the output could not be taken."""

    def _fed(self) -> None:
        """Output was taken: the title or the bell may be different."""

    # Output.

    def _data_arrived(self) -> None:
        if not self._pumping:
            self._pumping = True
            asyncio.get_running_loop().call_soon(self._pump)

    def _take(self) -> bytes:
        if self._rest:
            data, self._rest = self._rest, b""
            return data
        return self.link.take(BITE)

    def _pump(self) -> None:
        """Feed what waits, for one slice of time; paint by the clock."""
        began = time.perf_counter()
        emulator, link = self.emulator, self.link
        before = emulator.scrolled
        if skipped := link.take_skipped():
            self._say_skipped(skipped)
        while data := self._take():
            whole = data.find(RELEASE) + 1
            if whole and began - self._painted_at >= FRAME:
                # A picture is whole here: it is painted before the next one is begun.
                end = whole - 1 + len(RELEASE)
                data, self._rest = data[:end], data[end:]
            try:
                emulator.feed(data)
            except Exception as error:  # what a session prints must not end the program
                self.log.error(error)
                self._say_broken(error)
            if self._rest or time.perf_counter() - began > SLICE:
                break
        if self._offset:
            # The lines looked at stay where they are.
            self._offset = min(self._offset + emulator.scrolled - before, emulator.history_size)
        if answer := emulator.replies():
            link.send(answer)
        self._schedule_paint()
        if (self._rest or link.waiting) and self.is_attached:
            asyncio.get_running_loop().call_later(0.001, self._pump)
        else:
            self._pumping = False
        self._fed()

    def _schedule_paint(self) -> None:
        now = time.perf_counter()
        if self.emulator.modes.synchronized:
            if not self._held_since:
                self._held_since = now
                self._cancel_paint()
                self._paint_later(HOLD)
            return
        elif self._held_since:
            self._held_since = 0.0
            self._cancel_paint()
        if self._paint_timer is not None:
            return
        wait = self._painted_at + FRAME - now
        if wait > 0:
            self._paint_later(wait)
        else:
            self._paint()

    def _paint_later(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._paint_timer = loop.call_later(seconds, self._paint_now)

    def _cancel_paint(self) -> None:
        if self._paint_timer is not None:
            self._paint_timer.cancel()
            self._paint_timer = None

    def _paint_now(self) -> None:
        self._paint_timer = None
        self._paint()

    def _paint(self) -> None:
        """Repaint the lines that changed since the last painting."""
        if not self.is_attached:
            return
        self._held_since = 0.0
        self._painted_at = time.perf_counter()
        marks = [self._mark(y) for y in range(self.size.height)]
        old, self._shown = self._shown, marks
        if len(old) != len(marks):
            self.refresh()
            return
        width = self.size.width
        changed = [y for y, mark in enumerate(marks) if mark != old[y]]
        if len(changed) * 2 > len(marks):
            self.refresh()
        elif changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

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
            emulator.modes.reverse_screen,
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

    def render_line(self, y: int) -> Strip:
        """One row, from the cache where nothing changed."""
        width = self.size.width
        base = self._base()
        mark = self._mark(y)
        if mark is None:
            return Strip.blank(width, base)
        key = (mark, width, base)
        strip = self._strips.get(key)
        if strip is None:
            strip = strip_of(
                self.emulator.line(self._line(y)),
                width,
                base,
                cursor=mark.cursor,
                selected=mark.selected,
                marked=mark.matches,
                reverse=mark.reverse,
            )
            self._strips[key] = strip
            if len(self._strips) > CACHE:
                self._strips.popitem(last=False)
        return strip

    def _base(self) -> Style:
        style = self.rich_style
        return style + Style(dim=True) if self.link.state is not LinkState.LIVE else style

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """As wide as there is room."""
        return container.width

    def notify_style_update(self) -> None:
        """The theme changed, and with it what programs are told that colours are."""
        super().notify_style_update()
        self._strips.clear()
        front, back = self.styles.color, self.background_colors[1]
        text = back.get_contrast_text(1)
        self.emulator.recolor(
            fg=_number(front if front.a == 1 else text), bg=_number(back), cursor=_number(text)
        )
        if replies := self.emulator.replies():
            self.link.send(replies)


def _number(color: Color) -> int:
    return color.r << 16 | color.g << 8 | color.b
