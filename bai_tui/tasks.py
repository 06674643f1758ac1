"""Background tasks of the server that this program began: how far they are, how they ended.

They run on the server: nothing is lost when the program ends, or the connection does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from bai_tui.api.exceptions import BackendAPIError, BackendClientError, UnsupportedByServerError

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.api.functions.background_task import TaskProgress

KEPT: Final = 200
"""Tasks remembered; of more the oldest that are over go."""
PAUSES: Final = (0.5, 1.0, 2.0, 4.0)
"""Seconds before the server is asked again when its answer ended before the task did."""


class State(StrEnum):
    """How a task is."""

    RUNNING = "running"
    DONE = "done"
    PARTLY = "done in part"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    """The server tells nothing more of it."""


_ENDS: Final = {
    "done": State.DONE,
    "partial_success": State.PARTLY,
    "failed": State.FAILED,
    "cancelled": State.CANCELLED,
}


class Connected(Protocol):
    """What is needed of the connection."""

    @property
    def ready(self) -> bool:
        """Whether the server can be asked."""
        ...

    @property
    def session(self) -> AsyncSession:
        """The session in use."""
        ...

    @property
    def label(self) -> str:
        """Name of the cluster."""
        ...


@dataclass(eq=False)
class Task:
    """A background task.

    Attributes:
        id: by which the server knows it. kind: clone, commit, … what: in words.
        current: of `total`, in units of its own; total 0: not known.
        message: the server's last. errors: of a task that succeeded in part.
    """

    number: int
    id: str
    kind: str
    what: str
    cluster: str = ""
    state: State = State.RUNNING
    current: float = 0.0
    total: float = 0.0
    message: str = ""
    errors: tuple[str, ...] = ()
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: datetime | None = None

    @property
    def share(self) -> float | None:
        """How far it is, from 0 to 1; None while that is not told."""
        if self.state is State.DONE:
            return 1.0
        return min(1.0, self.current / self.total) if self.total > 0 else None

    @property
    def seconds(self) -> float:
        """How long it took, or runs."""
        return ((self.ended or datetime.now(UTC)) - self.began).total_seconds()

    def take(self, step: TaskProgress) -> None:
        """What the server told."""
        if step.message not in ("", "None"):  # so says 26.9 when it has nothing to say
            self.message = step.message
        self.errors = step.errors or self.errors
        if step.total:
            self.current, self.total = step.current, step.total
        if step.ended:
            self.end(_ENDS.get(step.state, State.DONE))

    def end(self, state: State, message: str = "") -> None:
        """It is over."""
        self.state, self.ended = state, datetime.now(UTC)
        self.message = message or self.message


class Tasks:
    """The tasks, oldest first.

    Args:
        connection: the connection in use, asked for each time.
        on_change: called with a task that changed.
    """

    def __init__(
        self,
        connection: Callable[[], Connected],
        on_change: Callable[[Task], None] = lambda task: None,
    ) -> None:
        self.on_change = on_change
        self._connection = connection
        self._tasks: dict[int, Task] = {}
        self._count = 0
        self._watches: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()

    def __iter__(self) -> Iterator[Task]:
        return iter(self._tasks.values())

    @property
    def running(self) -> list[Task]:
        """Those that are not over."""
        return [task for task in self if task.state is State.RUNNING]

    def follow(self, kind: str, what: str, task_id: str) -> Task:
        """Keep an eye on a task that a call began."""
        connection = self._connection()
        self._count += 1
        task = Task(self._count, task_id, kind, what, connection.label)
        self._tasks[task.number] = task
        over = [t.number for t in self if t.state is not State.RUNNING]
        for number in over[: max(0, len(self._tasks) - KEPT)]:
            del self._tasks[number]
        watch = asyncio.create_task(self._watch(task, connection), name=f"task {task_id}")
        self._watches.add(watch)
        watch.add_done_callback(self._watches.discard)
        self.on_change(task)
        return task

    def forget(self) -> None:
        """Remove those that are over."""
        self._tasks = {t.number: t for t in self if t.state is State.RUNNING}

    def connection_changed(self) -> None:
        """The server may be asked again."""
        self._wake.set()

    async def close(self) -> None:
        """Look no more; the server goes on."""
        for watch in list(self._watches):
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)

    async def _watch(self, task: Task, connection: Connected) -> None:
        misses = 0
        while task.state is State.RUNNING:
            if self._connection() is not connection:
                task.end(State.UNKNOWN, f"it belongs to {task.cluster}, which is not in use")
            elif not connection.ready:
                self._wake.clear()
                await self._wake.wait()
                continue
            else:
                heard = await self._listen(task, connection.session)
                misses = 0 if heard else misses + 1
                if task.state is State.RUNNING and misses >= len(PAUSES):
                    task.end(State.UNKNOWN, "the server tells nothing more of it")
                elif task.state is State.RUNNING:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._wake.wait(), PAUSES[misses])
                    continue
            self.on_change(task)

    async def _listen(self, task: Task, session: AsyncSession) -> bool:
        """Until the server stops telling; whether it told anything."""
        heard = False
        try:
            async for step in session.BackgroundTask(task.id).progress():
                heard = True
                task.take(step)
                if not step.ended:
                    self.on_change(task)
        except (UnsupportedByServerError, BackendAPIError) as error:
            task.end(State.UNKNOWN, str(error))
        except (BackendClientError, OSError) as error:
            task.message = str(error)
        return heard
