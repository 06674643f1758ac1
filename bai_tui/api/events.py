"""The reconnecting event stream: a small state machine around one signed GET per attempt."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Callable
from enum import StrEnum
from types import TracebackType
from typing import TYPE_CHECKING, Final

import aiohttp

from bai_tui.api.delivery import FAILURES, attempt, describe
from bai_tui.api.exceptions import (
    BackendAPIError,
    BackendError,
    InvalidResponseError,
    StreamClosedError,
    TLSError,
)
from bai_tui.api.request import Request, api_error
from bai_tui.api.sse import Event, EventTooLargeError, SSEDecoder

if TYPE_CHECKING:
    from yarl import URL

IDLE_TIMEOUT: Final = 45.0
"""Seconds without a byte after which a stream counts as lost; servers ping every 15 s."""
FIRST_DELAY: Final = 1.0
MAX_DELAY: Final = 30.0
MAX_SERVER_DELAY: Final = 300.0


class StreamState(StrEnum):
    """Where an event stream stands."""

    CONNECTING = "connecting"
    LIVE = "live"
    WAITING = "waiting"
    ENDED = "ended"


class EventStream:
    """Server-sent events that survive a lost connection.

    Each attempt is signed anew and tells the server the last event id. A refusal (4xx other than
    408 and 429) ends the stream with that error, and so does a certificate that is not accepted;
    anything else is tried again after the time the server asked for, or an increasing one with
    jitter.

    Attributes:
        state: where it stands; `on_state` is called after each change.
        retry_at: loop time of the next attempt while waiting.
        last_error: why the connection was lost.
        attempts: connections made or tried so far.
    """

    def __init__(
        self,
        request: Request,
        *,
        on_state: Callable[[EventStream], None] | None = None,
        reconnect: bool = True,
        idle_timeout: float = IDLE_TIMEOUT,
    ) -> None:
        self.request = request
        self.state: StreamState = StreamState.CONNECTING
        self.retry_at: float | None = None
        self.last_error: BackendError | None = None
        self.attempts: int = 0
        self._on_state = on_state
        self._reconnect = reconnect
        self._idle_timeout = idle_timeout
        self._last_event_id = ""
        self._retry: int | None = None
        self._failures = 0
        self._raw: aiohttp.ClientResponse | None = None
        self._decoder = SSEDecoder()
        self._ready: deque[Event] = deque()
        self._wake = asyncio.Event()

    async def __aenter__(self) -> EventStream:
        """Connect; the first refusal or failure is raised here.

        Raises:
            BackendAPIError: refused. BackendClientError: no connection (not when reconnecting).
        """
        self.request.session.prepare()
        try:
            await self._connect()
        except BackendError as error:
            if not self._may_retry(error):
                self._set(StreamState.ENDED)
                raise
            self._lost(error)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._drop()
        self._set(StreamState.ENDED)

    def retry_now(self) -> None:
        """End the waiting for the next attempt."""
        self._wake.set()

    def drop(self) -> None:
        """Give the connection up as lost; whoever reads sees what a broken one would show."""
        if self._raw is not None:
            self._raw.close()

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            while self._ready:
                event = self._ready.popleft()
                if event.event == "server_close":
                    self._drop()
                    self._set(StreamState.ENDED)
                    return
                yield event
            if self._over():
                return
            try:
                if self._raw is None:
                    await self._wait()
                    await self._connect()
                    if self._raw is None:
                        return
                await self._read()
            except BackendError as error:
                self._drop()
                if self._over():
                    return  # somebody left the stream while it was being read
                if not self._may_retry(error):
                    self._set(StreamState.ENDED)
                    raise
                self._lost(error)

    fetch_events = __aiter__

    def _over(self) -> bool:
        return self.state is StreamState.ENDED

    def _may_retry(self, error: BackendError) -> bool:
        if not self._reconnect or self.request.session.closed:
            return False
        if isinstance(error, BackendAPIError):
            return error.status >= 500 or error.status in (408, 429)
        return not isinstance(error, (InvalidResponseError, TLSError))

    def _set(self, state: StreamState) -> None:
        if state is not self.state:
            self.state = state
            if self._on_state is not None:
                self._on_state(self)

    def _drop(self) -> None:
        if self._raw is not None:
            self._raw.close()
            self._raw = None

    def _lost(self, error: BackendError) -> None:
        self.last_error = error
        self._failures += 1
        if self._retry is not None:
            delay = min(self._retry / 1000 * 2 ** (self._failures - 1), MAX_SERVER_DELAY)
        else:
            delay = min(FIRST_DELAY * 2 ** (self._failures - 1), MAX_DELAY)
        delay *= random.uniform(0.8, 1.2)
        self._wake.clear()
        self.retry_at = asyncio.get_running_loop().time() + delay
        self._set(StreamState.WAITING)

    async def _wait(self) -> None:
        if self.retry_at is None:
            return
        left = self.retry_at - asyncio.get_running_loop().time()
        if left > 0:
            try:
                async with asyncio.timeout(left):
                    await self._wake.wait()
            except TimeoutError:
                pass
        self.retry_at = None

    async def _connect(self) -> None:
        self._set(StreamState.CONNECTING)
        self.attempts += 1
        request = self.request
        corrected = False
        while True:
            raw = await attempt(request, self._get)
            skewed = request.session.learn_clock(raw.headers.get("Date"))
            if raw.status == 204:
                raw.close()
                self._set(StreamState.ENDED)
                return
            if raw.status == 200:
                break
            refusal = await api_error(raw)
            raw.close()
            if raw.status == 400 and skewed and not corrected:
                corrected = True
                continue
            raise refusal
        if raw.content_type != "text/event-stream":
            raw.close()
            raise InvalidResponseError(
                f"GET /{request.path} answered {raw.content_type or 'no type'}, "
                "not an event stream."
            )
        self._raw = raw
        self._decoder = SSEDecoder()
        self._decoder.last_event_id = self._last_event_id
        self._set(StreamState.LIVE)

    async def _get(self, url: URL) -> aiohttp.ClientResponse:
        request = self.request
        headers = request.sign(url, "application/octet-stream")
        headers |= {"Accept": "text/event-stream", "Cache-Control": "no-cache"}
        if self._last_event_id:
            headers["Last-Event-ID"] = self._last_event_id
        return await request.session.streams.get(
            url,
            proxy=request.session.proxies.of(url),
            headers=headers,
            allow_redirects=False,
            skip_auto_headers=("Content-Type",),
            timeout=aiohttp.ClientTimeout(
                total=None,
                sock_connect=request.config.connection_timeout,
                sock_read=self._idle_timeout,
            ),
        )

    async def _read(self) -> None:
        raw = self._raw
        assert raw is not None
        try:
            chunk = await raw.content.readany()
        except aiohttp.ClientPayloadError as error:
            raise StreamClosedError("The event stream was cut off.") from error
        except FAILURES as error:
            raise describe(error, self.request, raw.url) from error
        if not chunk:
            raise StreamClosedError("The server ended the event stream.")
        try:
            events = self._decoder.feed(chunk)
        except EventTooLargeError as error:
            raise InvalidResponseError(f"GET /{self.request.path}: {error}.") from None
        self._retry = self._decoder.retry if self._decoder.retry is not None else self._retry
        self._last_event_id = self._decoder.last_event_id
        if events:
            self._failures = 0
            self._ready.extend(events)


SSEContextManager = EventStream
SSEResponse = EventStream

__all__ = [
    "Event",
    "EventStream",
    "SSEContextManager",
    "SSEResponse",
    "StreamState",
]
