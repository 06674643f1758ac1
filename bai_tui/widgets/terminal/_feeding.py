"""The part of the pane that takes output: in slices of time, fair to everything else.

A key passes through a dozen turns of the event loop until what it changed is painted. So the
engine is not fed in every turn, but after some in which there was time for all others.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

from bai_tui.widgets.terminal._painting import Painting
from bai_tui.widgets.terminal.link import Link

SLICE: Final = 0.006
"""Seconds of work on output at a time."""
TURNS: Final = 16
"""Turns of the event loop between two slices: a key needs as many to be answered."""
REST: Final = 0.010
"""Seconds between two slices at the most, if turns are long."""
BITES: Final = (2 * 1024, 64 * 1024)
"""Bytes that are given to the engine at once, at the least and the most."""
SKIPS_EVERY: Final = 0.25
"""Seconds between two notes about skipped output."""
REDRAWN_EVERY: Final = 1.0
"""Seconds between two requests to paint anew, for programs whose output was skipped."""
RELEASE: Final = b"\x1b[?2026l"
"""Ends a picture that a program drew as a whole."""


class Feeding(Painting):
    """Takes what comes over a link."""

    def __init__(
        self, link: Link, scrollback: int, name: str | None, id: str | None, classes: str | None
    ) -> None:
        super().__init__(link, scrollback, name, id, classes)
        self._feeding = False
        self._bite = BITES[0]
        self._tail = b""
        """The last bytes fed: a sequence may be cut."""
        self._whole = False
        """A picture is whole, and is to be painted before the next one is begun."""
        self._noted_at = self._redrawn_at = -1.0
        self._torn = False
        """A program that paints lost some of its output."""

    # What the pane does about it.

    def _say_skipped(self, count: int) -> None:
        """Output was lost on purpose."""

    def _say_broken(self, error: Exception) -> None:
        """A part of the output could not be taken."""

    def _fed(self) -> None:
        """Output was taken: the title or the bell may be different."""

    # Slices.

    def _data_arrived(self) -> None:
        if not self._feeding:
            self._feeding = True
            asyncio.get_running_loop().call_soon(self._slice)

    def _rest(self, turns: int, until: float) -> None:
        """Leave some turns of the loop to others, and all of them to a key."""
        loop, now = asyncio.get_running_loop(), time.perf_counter()
        if turns and now < until:
            loop.call_soon(self._rest, turns - 1, until)
        elif self.is_attached and (grace := self._grace()):
            loop.call_later(grace, self._rest, 0, until)
        else:
            self._slice()

    def _slice(self) -> None:
        """Feed what waits, for one slice of time; paint by the clock."""
        if not self.is_attached:
            self._feeding = False
            return
        loop, link, emulator = asyncio.get_running_loop(), self.link, self.emulator
        if link.settling:
            # After ctrl+c old output pours in; it is not worth to be shown.
            loop.call_later(REST, self._slice)
            return
        if self._whole:
            self._whole = False
            self._cancel_paint()
            self._paint_now()
        self._note_skipped()
        before = emulator.scrolled
        began = now = time.perf_counter()
        while not self._whole and now - began < SLICE and (data := link.take(self._bite)):
            self._feed(data)
            took, now = -now, time.perf_counter()
            took += now
            if took > SLICE / 3:
                self._bite = max(BITES[0], self._bite // 2)
            elif took < SLICE / 8 and len(data) == self._bite:
                self._bite = min(BITES[1], self._bite * 2)
        if self._offset:
            # The lines looked at stay where they are.
            self._offset = min(self._offset + emulator.scrolled - before, emulator.history_size)
        if answer := emulator.replies():
            link.send(answer)
        self._fed()
        self._schedule_paint()
        early = self._due - time.perf_counter()
        self._whole = self._whole and self._paint_timer is not None and early > 0
        if self._whole:
            loop.call_later(early, self._slice)
        elif link.waiting:
            loop.call_soon(self._rest, TURNS, time.perf_counter() + REST)
        else:
            self._feeding = False
            self._redraw(self._torn)

    def _feed(self, data: bytes) -> None:
        """Give output to the engine, no further than to the end of a picture."""
        known = self._tail + data
        found = known.find(RELEASE)
        # In a flood most pictures are never painted, but one that is, is whole.
        if found >= 0 and (not self._behind or self._due <= time.perf_counter()):
            end = found + len(RELEASE) - len(self._tail)
            if end < len(data):
                self.link.put_back(data[end:])
                data = data[:end]
            self._whole = True
        self._tail = (self._tail + data)[-len(RELEASE) + 1 :]
        try:
            self.emulator.feed(data)
        except Exception as error:  # what a session prints must not end the program
            self.log.error(error)
            self._say_broken(error)

    # Skipped output.

    def _note_skipped(self) -> None:
        link, now = self.link, time.perf_counter()
        if link.skipped and (not link.hurrying or now - self._noted_at > SKIPS_EVERY):
            self._noted_at = now
            if self.emulator.modes.alternate:
                self._torn = True
            self._say_skipped(link.take_skipped())
        if self._torn and now - self._redrawn_at > REDRAWN_EVERY:
            self._redraw(True)

    def _redraw(self, torn: bool) -> None:
        """Ask a program that lost some of its output to paint anew."""
        if torn:
            self._torn = False
            self._redrawn_at = time.perf_counter()
            self.link.nudge()
