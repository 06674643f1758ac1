"""One run of code as the cluster sees it: what was printed, and how it stands."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

MAX_PENDING = 16 * 1024 * 1024
"""Characters kept for a client that does not ask; the oldest go first, with a note."""


@dataclass(slots=True)
class _Step:
    """What was printed until the status changed."""

    console: deque[list[Any]] = field(default_factory=deque)
    size: int = 0
    dropped: int = 0
    status: str = "continued"
    exit_code: int | None = None
    options: dict[str, Any] | None = None


class Run:
    """Output and status of one run; results are taken one after the other.

    Attributes:
        id: what the client calls it.
        over: whether it has finished and everything was taken.
    """

    def __init__(self, run_id: str) -> None:
        self.id = run_id
        self.over = False
        self._steps: deque[_Step] = deque([_Step()])
        self._changed = asyncio.Event()

    def print(self, kind: str, data: Any) -> None:
        """Something was printed; texts of one kind in a row become one record."""
        step = self._steps[-1]
        size = len(data) if isinstance(data, str) else len(str(data))
        last = step.console[-1] if step.console else None
        if last and last[0] == kind and isinstance(data, str) and len(last[1]) < 65536:
            last[1] += data
        else:
            step.console.append([kind, data])
        step.size += size
        while step.size > MAX_PENDING and len(step.console) > 1:
            _, lost = step.console.popleft()
            length = len(lost) if isinstance(lost, str) else len(str(lost))
            step.size -= length
            step.dropped += length

    def change(
        self, status: str, exit_code: int | None = None, options: dict[str, Any] | None = None
    ) -> None:
        """The status changed: what follows belongs to the next result."""
        step = self._steps[-1]
        step.status, step.exit_code, step.options = status, exit_code, options
        self._steps.append(_Step())
        self._changed.set()

    async def result(self, flush: float) -> dict[str, Any]:
        """The next result: at a change of status, or after `flush` seconds."""
        if len(self._steps) == 1:
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(flush):
                    await self._changed.wait()
        step = self._steps.popleft()
        if not self._steps:
            self._steps.append(_Step())
        self.over = step.status in ("finished", "exec-timeout")
        console = list(step.console)
        if step.dropped:
            note = f"[{step.dropped} characters of output were dropped]\n"
            console.insert(0, ["stderr", note])
        return {
            "status": step.status,
            "console": console,
            "exitCode": step.exit_code,
            "options": step.options,
            "files": None,
        }
