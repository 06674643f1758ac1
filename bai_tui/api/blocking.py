"""What the blocking facade stands on: one loop in a thread of its own, for the whole process.

Calls may come from any number of threads, also from inside a running loop (as in notebooks): each
call is one future on that loop. Ctrl+C cancels the call it interrupts and nothing else.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from bai_tui.api.exceptions import BackendClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aiohttp

    from bai_tui.api.request import Response

T = TypeVar("T")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_thread: threading.Thread | None = None


def loop_thread() -> tuple[asyncio.AbstractEventLoop, threading.Thread]:
    """The loop that runs all blocking calls, and its thread; begun on first use."""
    global _loop, _thread
    with _lock:
        if _loop is None or _thread is None or not _thread.is_alive():
            _loop = asyncio.new_event_loop()
            # A daemon: a program that forgets to close its session still ends.
            _thread = threading.Thread(target=_loop.run_forever, name="bai_tui.api", daemon=True)
            _thread.start()
        return _loop, _thread


def _forget() -> None:
    """A forked child has the loop but not its thread."""
    global _loop, _thread, _lock
    _loop = _thread = None
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Wait for a coroutine on the common loop.

    Raises:
        BackendClientError: called from a callback on that loop, which would wait for itself.
    """
    loop, thread = loop_thread()
    if threading.current_thread() is thread:
        work.close()
        raise BackendClientError(
            "A blocking call cannot be made from a callback of another one.",
            hint="Use AsyncSession in coroutines, or call from another thread.",
        )
    future = asyncio.run_coroutine_threadsafe(work, loop)
    try:
        return future.result()
    except BaseException:
        # Ctrl+C, or the answer's own error, for which this changes nothing.
        future.cancel()
        raise


def iterate(items: AsyncIterator[T]) -> Iterator[T]:
    """An asynchronous iterator as an ordinary one; left early, it is closed."""

    async def following() -> tuple[bool, T | None]:
        try:
            return True, await anext(items)
        except StopAsyncIteration:
            return False, None

    async def close() -> None:
        with suppress(AttributeError):
            await items.aclose()  # type: ignore[attr-defined]

    try:
        while True:
            more, item = run(following())
            if not more:
                return
            yield item  # type: ignore[misc]
    finally:
        run(close())


class BlockingResponse:
    """An answer whose reading methods block; what `with request.fetch() as response` gives."""

    def __init__(self, response: Response) -> None:
        self._response = response

    @property
    def status(self) -> int:
        """HTTP status."""
        return self._response.status

    @property
    def reason(self) -> str:
        """HTTP reason phrase."""
        return self._response.reason

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of the answer."""
        return self._response.headers

    @property
    def content_type(self) -> str:
        """Media type without parameters."""
        return self._response.content_type

    @property
    def content_length(self) -> int | None:
        """Length the server announced."""
        return self._response.content_length

    @property
    def raw_response(self) -> aiohttp.ClientResponse:
        """The object of the HTTP library; its coroutines belong to the common loop."""
        return self._response.raw_response

    def read(self, n: int = -1) -> bytes:
        """Read at most `n` bytes; empty at the end. Everything when `n` is negative."""
        return run(self._response.aread(n))

    def readall(self) -> bytes:
        """The whole body."""
        return self.read()

    def text(self) -> str:
        """The body as text; bytes that are no UTF-8 become U+FFFD."""
        return run(self._response.text())

    def json(self, *, loads: Callable[..., Any] = json.loads) -> Any:
        """The body as JSON; objects are `OrderedDict`s.

        Raises:
            InvalidResponseError: it is none.
        """
        return run(self._response.json(loads=loads))
