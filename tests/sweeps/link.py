"""A connection for runners, without the dashboard around it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bai_tui.api import AsyncSession
from bai_tui.identity import Identity

T = TypeVar("T")


class PlainLink:
    """Always ready, unless told otherwise."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.ready = True
        self.identity: Identity | None = Identity(str(session.config.access_key))
        self.reason = ""
        self.suspected: list[BaseException] = []

    def refusal(self) -> str:
        return self.reason

    async def write(self, change: Callable[[AsyncSession], Awaitable[T]]) -> T:
        return await change(self.session)

    def suspect(self, error: BaseException) -> None:
        self.suspected.append(error)
