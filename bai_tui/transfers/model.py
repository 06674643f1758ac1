"""A transfer: what was asked for, and how far it is. Data only."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from bai_tui.files.model import Place, base
from bai_tui.transfers.ways import Way

if TYPE_CHECKING:
    from bai_tui.transfers.kept import Kept
    from bai_tui.transfers.pieces import Piece

Direction = Literal["upload", "download"]
Existing = Literal["replace", "skip", "update"]
"""What becomes of files that are there: `update` replaces those that differ or are older."""

SAMPLE: Final = 0.25
"""Seconds between two measurements of the rate."""
WINDOW: Final = 24
"""Measurements the rate is taken from: the last six seconds."""
FAILURES: Final = 100
"""Failures of single files that are kept in words."""


class State(StrEnum):
    """What a transfer is doing."""

    QUEUED = "queued"
    PREPARING = "preparing"
    RUNNING = "running"
    WAITING = "waiting"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED: Final = frozenset(
    {State.QUEUED, State.PREPARING, State.RUNNING, State.WAITING, State.PAUSED}
)
ACTIVE: Final = frozenset({State.PREPARING, State.RUNNING})


class Mark(NamedTuple):
    """A file as it was moved: its path at the place, bytes, and when the original was changed.

    The last is in nanoseconds for uploads, in seconds for downloads: what each side tells.
    """

    name: str
    size: int
    modified: int


class Ticket(NamedTuple):
    """An upload that the server may still know, of a file that was so when it began."""

    mark: Mark
    text: str


@dataclass(frozen=True)
class Order:
    """What to move.

    Attributes:
        direction: upload or download, seen from this machine.
        gate: the way to the cluster. place: the remote place.
        names: what to move, all in `source`. source, target: directories, each in its place's
            spelling; those of this machine are absolute.
        existing: what to do with files that are there already.
        renamed: pairs of a name of `names` and the one it gets in the target.
    """

    direction: Direction
    gate: Way
    place: Place
    names: tuple[str, ...]
    source: str
    target: str
    existing: Existing = "replace"
    renamed: tuple[tuple[str, str], ...] = ()

    def called(self, path: str) -> str:
        """What a path below the source is called below the target."""
        top, slash, rest = path.partition("/")
        return dict(self.renamed).get(top, top) + slash + rest

    @property
    def same(self) -> tuple[object, ...]:
        """Equal for orders that would write the same files."""
        return (
            self.direction,
            self.gate,
            self.place.kind,
            self.place.label,
            self.names,
            self.target,
            self.renamed,
        )


@dataclass(eq=False)
class Transfer:
    """One entry of the queue.

    Attributes:
        done, total: bytes. files_done, files: files; both grow while it is being prepared.
        skipped: files left out because they were there.
        current: the file that moved last.
        note: why it waits, is paused or failed.
        failures: file and reason, of those that failed by themselves; the first hundred.
        failed_files: how many failed.
        retry_at: monotonic time of the next attempt while it waits on a timer.
        finished: files that are whole, by their path at the place. tickets: uploads begun, too.
        kept: its record on disk. recovered: bytes that an earlier run of the program moved.
    """

    number: int
    order: Order
    state: State = State.QUEUED
    done: int = 0
    total: int = 0
    files_done: int = 0
    files: int = 0
    skipped: int = 0
    current: str = ""
    note: str = ""
    failures: list[tuple[str, str]] = field(default_factory=list)
    failed_files: int = 0
    added: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: datetime | None = None
    retry_at: float | None = None
    tries: int = 0
    seconds: float = 0.0
    plan: list[Piece] | None = None
    finished: dict[str, Mark] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    kept: Kept | None = None
    recovered: int = 0
    _samples: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=WINDOW))
    _began: float = 0.0

    @property
    def title(self) -> str:
        """What moves, in a few words."""
        names = self.order.names
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        return f"{base(names[0])}{more}"

    @property
    def over(self) -> bool:
        """Whether nothing happens with it any more by itself."""
        return self.state not in UNFINISHED

    @property
    def share(self) -> float | None:
        """From 0 to 1; None while it is not known."""
        if self.state is State.DONE:
            return 1.0
        if self.total:
            return min(1.0, self.done / self.total)
        if self.files and self.plan is not None:
            return self.files_done / self.files
        return None

    def moved(self, count: int, name: str) -> None:
        """Bytes have moved; less than none when they have to be sent again."""
        self.done += count
        self.current = name
        now = time.monotonic()
        if not self._samples or now - self._samples[-1][0] >= SAMPLE:
            self._samples.append((now, self.done))

    def whole(self, marks: Sequence[Mark]) -> None:
        """These files need not be moved again, not by a later run of the program either."""
        self.finished.update((mark.name, mark) for mark in marks)
        if self.kept is not None:
            self.kept.done(marks)

    def began_upload(self, mark: Mark, text: str) -> None:
        """The server takes a file piece by piece; with the ticket it goes on another day."""
        self.tickets[mark.name] = Ticket(mark, text)
        if self.kept is not None:
            self.kept.ticket(mark, text)

    def counted(self) -> None:
        """What is to be moved is known."""
        if self.kept is not None:
            self.kept.note({"total": self.total, "files": self.files})

    def recover(self, count: int) -> None:
        """These bytes were moved by an earlier attempt: they say nothing of the rate."""
        self.recovered += count
        self._samples.clear()

    def begin(self) -> None:
        """The clock starts."""
        self._began = time.monotonic()
        self._samples.clear()
        self._samples.append((self._began, self.done))

    def end(self) -> None:
        """The clock stops; it goes on when the transfer does."""
        if self._began:
            self.seconds += time.monotonic() - self._began
            self._began = 0.0

    @property
    def rate(self) -> float | None:
        """Bytes per second, of the last seconds while it runs, else of all its time."""
        if self.state is not State.RUNNING:
            return (
                (self.done - self.recovered) / self.seconds if self.seconds and self.over else None
            )
        if not self._samples:
            return None
        at, done = self._samples[0]
        seconds = time.monotonic() - at
        return max(0.0, (self.done - done) / seconds) if seconds >= SAMPLE else None

    @property
    def eta(self) -> float | None:
        """Seconds that are left, as far as one can tell."""
        rate = self.rate
        if self.state is not State.RUNNING or not rate:
            return None
        return max(0, self.total - self.done) / rate


Report = Callable[[int, str], None]
