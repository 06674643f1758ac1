"""Server events as the screens see them, and the bounded log of this run of the program."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from sys import intern
from typing import Final

from bai_tui.api.versioning import EVENT_STATUS, OF_ONE_CONTAINER

LIMIT: Final = 10_000
"""Events kept; the oldest go first."""

GAP: Final = "gap"
POLL: Final = "poll"


@dataclass(frozen=True, slots=True)
class ClusterEvent:
    """One event of the server, or a mark that events are missing (`gap`).

    Attributes:
        number: counts the events of this run of the program; 0 before the feed took it.
        at: when it reached us.
        name: such as `kernel_started`; names of later generations are kept as they are.
        session: name of the session. owner: access key of its owner.
        session_id: unique id, from servers that send it.
        reason: why, in the server's words.
        container: whether it tells of one container, on servers that tell sessions apart from them.
    """

    at: datetime
    name: str
    session: str = ""
    owner: str = ""
    session_id: str = ""
    reason: str = ""
    number: int = 0
    container: bool = False

    @classmethod
    def parse(cls, name: str | None, data: str | None) -> ClusterEvent:
        """Read a record of the stream; whatever is unusable in it becomes the reason."""
        now = datetime.now(UTC)
        try:
            record = json.loads(data or "{}")
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict):
            return cls(now, str(name or "message"), reason=str(data))

        def text(*keys: str) -> str:
            # Events are many and kept long, and what they say is much the same: it is kept once.
            return intern(next((str(record[k]) for k in keys if record.get(k) is not None), ""))

        # 19.09 calls the name sessionId; later servers have both, and sessionId is the uuid.
        named = "sessionName" in record
        # 23.09 tells the id of a container with the events of whole sessions, too.
        container = "kernelId" in record and not str(name).startswith("session_")
        return cls(
            now,
            intern(str(name or "message")),
            session=text("sessionName") if named else text("sessionId"),
            owner=text("ownerAccessKey"),
            session_id=text("sessionId") if named else "",
            reason=text("reason"),
            container=container,
        )

    @classmethod
    def gap(cls, seconds: float) -> ClusterEvent:
        """The mark of a time without connection."""
        return cls(
            datetime.now(UTC), GAP, reason=f"offline for {seconds:.0f} s: events may be missing"
        )

    @classmethod
    def poll(cls) -> ClusterEvent:
        """Things may have changed; sent at an interval on servers without a stream."""
        return cls(datetime.now(UTC), POLL)

    @property
    def verb(self) -> str:
        """The name without its `kernel_` or `session_`."""
        return self.name.removeprefix("kernel_").removeprefix("session_")

    @property
    def status(self) -> str:
        """The session's status after this event; empty when the event does not tell."""
        if self.container and self.verb in OF_ONE_CONTAINER:
            return ""
        return EVENT_STATUS.get(self.verb, "")


class Feed:
    """The last `LIMIT` events, numbered from 1."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._events: deque[ClusterEvent] = deque(maxlen=limit)
        self.count = 0

    def add(self, events: tuple[ClusterEvent, ...]) -> tuple[ClusterEvent, ...]:
        """Number and keep events; returns them numbered. Polls pass through unkept."""
        numbered = []
        for event in events:
            if event.name != POLL:
                self.count += 1
                event = replace(event, number=self.count)
                self._events.append(event)
            numbered.append(event)
        return tuple(numbered)

    def clear(self) -> None:
        """Forget all events; numbers go on."""
        self._events.clear()

    def __iter__(self) -> Iterator[ClusterEvent]:
        return iter(self._events)

    def __len__(self) -> int:
        return len(self._events)

    def of_session(self, name: str, owner: str = "") -> list[ClusterEvent]:
        """The events of one session, oldest first, with the gaps between them."""
        found = [
            e
            for e in self._events
            if e.name == GAP or (e.session == name and (not owner or e.owner in ("", owner)))
        ]
        first = next((i for i, e in enumerate(found) if e.name != GAP), len(found))
        return found[first:]
