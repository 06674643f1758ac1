"""Waiting for conditions, never for time to pass."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

T = TypeVar("T")


async def until(condition: Callable[[], Any], what: str = "", timeout: float = 15.0) -> Any:
    """The first true result of `condition`, asked again and again until `timeout` seconds.

    A condition may be a coroutine function.
    """
    deadline = time.monotonic() + timeout
    while True:
        result = condition()
        if isinstance(result, Awaitable):
            result = await result
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"{what or condition} did not come true in {timeout} s")
        await asyncio.sleep(0.01)


def until_blocking(condition: Callable[[], T], what: str = "", timeout: float = 15.0) -> T:
    """The same without an event loop."""
    deadline = time.monotonic() + timeout
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what or condition} did not come true in {timeout} s")
        time.sleep(0.01)
    return result
