"""Output that waits to be shown: always taken from the network, bounded, cut where it is safe.

The server drops output silently for a reader that stalls, so reading never waits for painting.
What piles up beyond the bound is skipped, the oldest first, and counted.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Final

LIMIT: Final = 8 * 1024 * 1024
"""Bytes that may wait."""

KEPT: Final = 128 * 1024
"""Bytes that are left when the limit was passed."""

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
        size: bytes that wait.
    """

    def __init__(self, limit: int = LIMIT, kept: int = KEPT) -> None:
        self.size = 0
        self._usual = self._limit = limit
        self._kept = kept
        self._chunks: deque[bytes] = deque()
        self._skipped = 0

    def put(self, data: bytes) -> None:
        """Add output."""
        self._chunks.append(data)
        self.size += len(data)
        if self.size > self._limit:
            self._skip()

    def take(self, size: int) -> bytes:
        """The oldest bytes, about `size` of them; empty when there are none."""
        chunks = self._chunks
        taken: list[bytes] = []
        length = 0
        while chunks and length < size:
            taken.append(chunks.popleft())
            length += len(taken[-1])
        self.size -= length
        return taken[0] if len(taken) == 1 else b"".join(taken)

    def take_skipped(self) -> int:
        """Bytes skipped before those that wait; asking forgets them."""
        skipped, self._skipped = self._skipped, 0
        return skipped

    def hurry(self, on: bool) -> None:
        """Keep only the newest output: whoever interrupts a flood wants to see what follows."""
        self._limit = 2 * self._kept if on else self._usual
        if self.size > self._limit:
            self._skip()

    def _skip(self) -> None:
        data = b"".join(self._chunks)
        start = safe_start(data, len(data) - self._kept)
        rest = CAN + modes_set(data[:start]) + data[start:]
        self._chunks = deque((rest,))
        self.size = len(rest)
        self._skipped += start


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
