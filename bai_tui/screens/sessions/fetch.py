"""Asking the server for sessions: the whole list, or only those that events named, coalesced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession, SessionInfo

SOON: Final = 0.12
"""Seconds in which events are gathered before anything is asked."""
FEW: Final = 8
"""Sessions asked for one by one; more of them are one list."""

Dirty = tuple[str, str]
"""Name and owner's access key."""


class Fetcher:
    """At most one question at a time; what is named meanwhile is asked next.

    Args:
        single: called with the sessions found and those of the names that are not alive any more.
        whole: called when the list is to be loaded instead.
        failed: called with an error of a single question.
    """

    def __init__(
        self,
        session: Callable[[], AsyncSession],
        single: Callable[[list[SessionInfo], list[Dirty]], None],
        whole: Callable[[], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._session = session
        self._single = single
        self._whole = whole
        self._failed = failed
        self._dirty: set[Dirty] = set()
        self._task: asyncio.Task[None] | None = None

    def touch(self, name: str, owner: str) -> None:
        """A session may have changed."""
        self._dirty.add((name, owner))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="fetch sessions")

    def cancel(self) -> None:
        """Forget everything."""
        self._dirty.clear()
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while self._dirty:
            await asyncio.sleep(SOON)
            dirty, self._dirty = self._dirty, set()
            if len(dirty) > FEW:
                self._whole()
                continue
            try:
                await self._ask(dirty)
            except Exception as error:
                self._failed(error)
                return

    async def _ask(self, dirty: set[Dirty]) -> None:
        kernels = self._session().Kernel
        answers = await asyncio.gather(
            *(
                kernels.get(name, access_key=owner or None, statistics=False)
                for name, owner in dirty
            )
        )
        found = [info for info in answers if info is not None]
        gone = [key for key, info in zip(dirty, answers, strict=True) if info is None]
        self._single(found, gone)
