"""The lines that left the screen: a plain one costs little more than its characters."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final, NamedTuple

from bai_tui.widgets.terminal._rows import Clusters, Row

WRAPPED: Final = "\n"
"""Ends a plain line that goes on in the next one; no cell ever holds it."""

_EPOCH: Final = 1 << 48


class Rich(NamedTuple):
    """A line with looks, or with a mark."""

    text: str
    looks: tuple[int, ...] | None
    """A tuple, which the collector of garbage looks through only once."""
    wrapped: bool
    mark: str


Stored = str | Rich


def pack(row: Row) -> Stored:
    """A row as it is kept; the row must not be used any more, but it may be cleared."""
    text = row.text
    if row.looks is None and not row.mark:
        return text + WRAPPED if row.wrapped else text.rstrip(" ")
    looks = tuple(row.looks) if row.looks is not None else None
    return Rich(text, looks, row.wrapped, row.mark)


def unpack(stored: Stored) -> Row:
    """The row again."""
    if isinstance(stored, str):
        row = Row(stored.removesuffix(WRAPPED))
        row.wrapped = stored[-1:] == WRAPPED
        return row
    row = Row(stored.text, list(stored.looks) if stored.looks is not None else None)
    row.wrapped, row.mark = stored.wrapped, stored.mark
    return row


def goes_on(stored: Stored) -> bool:
    """Whether the next line continues this one."""
    return stored[-1:] == WRAPPED if isinstance(stored, str) else stored.wrapped


class Scrollback:
    """At most `size` lines.

    Attributes:
        lines: oldest first. total: lines that ever came, less those taken back.
    """

    def __init__(self, size: int) -> None:
        self.lines: deque[Stored] = deque(maxlen=max(0, size))
        self.total = 0
        self._epoch = 1

    def __len__(self) -> int:
        return len(self.lines)

    def append(self, row: Row) -> None:
        """Take a row, which must not be used any more."""
        self.lines.append(pack(row))
        self.total += 1

    def extend(self, lines: Iterable[Stored], count: int) -> None:
        """Take lines as they are kept; `count` may be more than there are, when others are gone."""
        self.lines.extend(lines)
        self.total += count

    def pop(self) -> Row:
        """Give the newest line back."""
        self.total -= 1
        self._epoch += 1
        return unpack(self.lines.pop())

    def clear(self) -> None:
        """Forget all."""
        self.lines.clear()
        self._epoch += 1

    def replace(self, lines: Iterable[Stored]) -> None:
        """Other lines instead, as when the width changed."""
        self.lines = deque(lines, maxlen=self.lines.maxlen)
        self._epoch += 1

    def touch(self) -> None:
        """All lines look different now."""
        self._epoch += 1

    def version(self, y: int) -> int:
        """A number for line `y` (negative): below 0, unlike those of the screen."""
        if not -len(self.lines) <= y < 0:
            raise IndexError(f"line {y} of {len(self.lines)} in the scrollback")
        return -(self._epoch * _EPOCH + self.total + y)

    def texts(self, clusters: Clusters) -> list[str]:
        """All lines as text, without blanks at the end."""
        texts = (line if isinstance(line, str) else line.text for line in self.lines)
        return [clusters.text(text.removesuffix(WRAPPED)).rstrip(" ") for text in texts]
