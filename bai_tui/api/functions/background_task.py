"""Background tasks of the server: rescans, clones, commits (rest-streams.md 7)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from bai_tui.api.exceptions import BackendClientError, StreamClosedError
from bai_tui.api.functions.base import BaseFunction
from bai_tui.api.models import parse_decimal, parse_json
from bai_tui.api.request import Request

if TYPE_CHECKING:
    from bai_tui.api.session import AsyncSession

ENDS: Final = frozenset({"done", "partial_success", "cancelled", "failed"})


class TaskProgress(NamedTuple):
    """Where a background task stands.

    Attributes:
        state: updated, or how it ended: done, partial_success, cancelled, failed.
        message: in the server's words.
        current: of `total`; units are the task's own. total: 0 when not known.
        errors: what failed of a task that succeeded in part.
    """

    state: str
    message: str = ""
    current: float = 0.0
    total: float = 0.0
    errors: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ENDS

    @classmethod
    def parse(cls, state: str, data: str | None) -> TaskProgress:
        """Read the data of an event; what is not there is empty."""
        record = parse_json(data)
        record = record if isinstance(record, dict) else {}
        errors = record.get("errors")
        return cls(
            state,
            str(record.get("message") or ""),
            float(parse_decimal(record.get("current_progress")) or 0),
            float(parse_decimal(record.get("total_progress")) or 0),
            tuple(map(str, errors)) if isinstance(errors, list) else (),
        )


class BackgroundTask(BaseFunction):
    """One task, by the id that the call which began it answered with."""

    def __init__(self, session: AsyncSession, task_id: str) -> None:
        super().__init__(session)
        self.task_id = task_id

    async def progress(self) -> AsyncIterator[TaskProgress]:
        """How it goes on, up to and with its end.

        Raises:
            UnsupportedByServerError: the server has no background tasks.
            NotFoundError: no such task (26.8 says nothing instead, until the stream ends).
        """
        from bai_tui.api.events import EventStream

        self.session.need("BackgroundTask")
        request = Request(
            self.session, "GET", "events/background-task", params={"task_id": self.task_id}
        )
        prefix = self.session.generation.task_events
        async with EventStream(request, reconnect=False) as stream:
            try:
                async for event in stream:
                    state = str(event.event or "").removeprefix(prefix).removeprefix("task_")
                    step = TaskProgress.parse(state, event.data)
                    yield step
                    if step.ended:
                        return
            except StreamClosedError:
                return

    async def wait(self, report: Callable[[TaskProgress], None] | None = None) -> TaskProgress:
        """Wait for its end; `report` is called with every step.

        Raises:
            BackendClientError: the server stopped telling before the task ended.
        """
        async for step in self.progress():
            if report is not None:
                report(step)
            if step.ended:
                return step
        raise BackendClientError(f"The server tells nothing more of the task {self.task_id}.")


class BackgroundTaskAPI(BaseFunction):
    """`session.BackgroundTask`; called with an id it is that task."""

    def __call__(self, task_id: str) -> BackgroundTask:
        """The task of that id; nothing is sent."""
        return BackgroundTask(self.session, task_id)
