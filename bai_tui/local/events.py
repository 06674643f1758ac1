"""The event bus: life-cycle events of sessions, to every open event stream."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bai_tui.local.context import Context

QUEUE_SIZE = 4096
"""Events a slow reader may be behind; then its stream ends and it has to reconnect."""


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """One event with what the filters of a stream look at."""

    name: str
    session: str
    access_key: str
    user: str
    domain: str
    group_id: str
    reason: str | None


Subscription = asyncio.Queue[SessionEvent | None]
"""Events in order; None says that there will be no more."""


class EventBus:
    """Publishes to all subscribers without ever waiting for one of them."""

    def __init__(self, ctx: Context) -> None:
        self._subscribers: set[Subscription] = set()
        self._closed = False

    def publish(self, name: str, row: dict[str, Any], reason: str | None = None) -> None:
        """Tell all subscribers that something happened to the session of `row`."""
        event = SessionEvent(
            name,
            row["sess_id"],
            row["access_key"],
            row["user_uuid"],
            row["domain_name"],
            row["group_id"],
            reason,
        )
        for queue in tuple(self._subscribers):
            try:
                queue.put_nowait(event)
            except asyncio.QueueFull:
                self._end(queue)

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """Receive events while the block runs."""
        queue: Subscription = asyncio.Queue(QUEUE_SIZE)
        if self._closed:
            queue.put_nowait(None)
        self._subscribers.add(queue)
        try:
            yield queue
        finally:
            self._subscribers.discard(queue)

    def _end(self, queue: Subscription) -> None:
        self._subscribers.discard(queue)
        while queue.full():
            queue.get_nowait()
        queue.put_nowait(None)

    async def close(self) -> None:
        """End all streams."""
        self._closed = True
        for queue in tuple(self._subscribers):
            self._end(queue)
