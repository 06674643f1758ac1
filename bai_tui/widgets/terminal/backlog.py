"""Output that waits to be shown: always taken from the network, bounded, cut where it is safe.

The server drops output silently for a reader that stalls, so reading never waits for painting.
What piles up beyond the bound is skipped, the oldest first, and counted.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Final

LIMIT: Final = 4 * 1024 * 1024
"""Bytes that may wait."""

KEPT: Final = 1024 * 1024
"""Bytes that are left when the limit was passed: about what a full scrollback holds."""

HURRIED: Final = 32 * 1024
"""Bytes that are left in a hurry, and half of what may wait then."""

LOOK_BACK: Final = 1 << 16
"""Bytes in which the beginning of a string sequence is looked for."""

_MODES: Final = re.compile(rb"\x1b\[\?([\d;]{1,64})([hl])")
_STRING: Final = re.compile(rb"\x1b[]P_^X]")
_STRING_END: Final = re.compile(rb"\x07|\x1b\\|\x18|\x1a")
CAN: Final = b"\x18"
"""Ends a sequence that lost its end."""


class Backlog:
    """A queue of bytes.

    Attributes:
        size: bytes that wait. skipped: bytes that were skipped since this was set to 0.
    """

    def __init__(self, limit: int = LIMIT, kept: int = KEPT, hurried: int = HURRIED) -> None:
        self.size = 0
        self.skipped = 0
        self._usual = self._bounds = limit, kept
        self._hurried = 2 * hurried, hurried
        self._chunks: deque[bytes] = deque()
        self._at = 0
        """Bytes of the first chunk that were taken."""

    def put(self, data: bytes) -> None:
        """Add output."""
        self._chunks.append(data)
        self.size += len(data)
        if self.size > self._bounds[0]:
            self._skip()

    def put_back(self, data: bytes) -> None:
        """Put bytes that were taken before all others again."""
        if self._at:
            self._chunks[0] = self._chunks[0][self._at :]
            self._at = 0
        self._chunks.appendleft(data)
        self.size += len(data)

    def take(self, size: int) -> bytes:
        """The oldest bytes, at most `size` of them; empty when there are none."""
        chunks, taken = self._chunks, []
        while chunks and size:
            chunk, at = chunks[0], self._at
            piece = chunk[at : at + size] if at or size < len(chunk) else chunk
            self._at = at + len(piece)
            if self._at == len(chunk):
                chunks.popleft()
                self._at = 0
            taken.append(piece)
            size -= len(piece)
            self.size -= len(piece)
        return taken[0] if len(taken) == 1 else b"".join(taken)

    def hurry(self, on: bool) -> bool:
        """Keep only the newest output: whoever interrupts a flood wants to see what follows.

        Returns whether there was more than that.
        """
        self._bounds = self._hurried if on else self._usual
        over = self.size > self._bounds[0]
        if over:
            self._skip()
        return over

    def _skip(self) -> None:
        data = b"".join(self._chunks)
        start = safe_start(data, len(data) - self._bounds[1])
        rest = CAN + modes_set(data[self._at : start]) + data[start:]
        self.skipped += start - self._at
        self._chunks = deque((rest,))
        self._at = 0
        self.size = len(rest)


def safe_start(data: bytes, at: int) -> int:
    """The beginning of the first line after `at` that does not lie inside a string sequence."""
    newline = data.find(b"\n", at)
    while newline >= 0:
        opened = deque(_STRING.finditer(data, max(0, newline - LOOK_BACK), newline), maxlen=1)
        if not opened or _STRING_END.search(data, opened[0].end(), newline):
            return newline + 1
        end = _STRING_END.search(data, newline)
        if end is None:
            break
        newline = data.find(b"\n", end.end())
    # No line ends: a program that paints. Any sequence will do as a beginning.
    sequence = data.find(b"\x1b[", at)
    return sequence if sequence >= 0 else at


def modes_set(data: bytes) -> bytes:
    """The private modes that `data` leaves switched on or off, as sequences."""
    last: dict[bytes, bytes] = {}
    for match in _MODES.finditer(data):
        for number in match[1].split(b";"):
            if number and len(number) < 6 and (number in last or len(last) < 64):
                last.pop(number, None)
                last[number] = match[2]
    return b"".join(b"\x1b[?%b%b" % item for item in last.items())
