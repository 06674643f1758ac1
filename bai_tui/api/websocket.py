"""Websockets: opened with a signed handshake, by the same rules of failover as requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import aiohttp

from bai_tui.api.delivery import FAILURES, attempt
from bai_tui.api.exceptions import (
    BackendAPIError,
    ClockSkewError,
    InvalidResponseError,
    StreamClosedError,
)
from bai_tui.api.request import Request, api_error

if TYPE_CHECKING:
    from yarl import URL

    from bai_tui.api.session import AsyncSession

HEARTBEAT: Final = 30.0
"""Seconds between the pings that keep a websocket known to be alive."""
HANDSHAKE: Final = 60.0
"""Seconds a server has to accept a websocket; it may have to start a service for it."""
MAX_FRAME: Final = 16 * 1024 * 1024


class WebSocketResponse:
    """An open websocket; iterate it for raw messages."""

    def __init__(self, request: Request, raw: aiohttp.ClientWebSocketResponse) -> None:
        self.request = request
        self.session: AsyncSession = request.session
        self.raw_websocket = raw

    @property
    def raw_weboscket(self) -> aiohttp.ClientWebSocketResponse:
        """The raw object, as the manual's client spells it."""
        return self.raw_websocket

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self.raw_websocket.closed

    @property
    def close_code(self) -> int | None:
        """Why it was closed, see RFC 6455 7.4; None while open."""
        return self.raw_websocket.close_code

    async def close(self) -> None:
        """Close it; harmless when closed."""
        await self.raw_websocket.close()

    def exception(self) -> BaseException | None:
        """What broke the connection, if anything did."""
        return self.raw_websocket.exception()

    async def __aiter__(self) -> AsyncIterator[aiohttp.WSMessage]:
        async for message in self.raw_websocket:
            yield message

    async def _send(self, sending: Awaitable[None]) -> None:
        try:
            await sending
        except (ConnectionError, aiohttp.ClientError, RuntimeError) as error:
            raise StreamClosedError(f"/{self.request.path} is closed.") from error

    async def send_str(self, data: str) -> None:
        """Send a text frame.

        Raises:
            StreamClosedError: the websocket is closed.
        """
        await self._send(self.raw_websocket.send_str(data))

    send_text = send_str

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame; raises StreamClosedError when closed."""
        await self._send(self.raw_websocket.send_bytes(data))

    async def send_json(self, data: Any) -> None:
        """Send a text frame holding JSON; raises StreamClosedError when closed."""
        await self.send_str(json.dumps(data))

    async def _receive(self, kind: aiohttp.WSMsgType) -> Any:
        message = await self.raw_websocket.receive()
        if message.type != kind:
            raise StreamClosedError(
                f"/{self.request.path}: expected {kind.name}, got {message.type.name}."
            )
        return message.data

    async def receive_str(self) -> str:
        """The next text frame; raises StreamClosedError when something else comes."""
        return str(await self._receive(aiohttp.WSMsgType.TEXT))

    async def receive_bytes(self) -> bytes:
        """The next binary frame; raises StreamClosedError when something else comes."""
        return bytes(await self._receive(aiohttp.WSMsgType.BINARY))

    async def receive_json(self) -> Any:
        """The JSON of the next text frame; raises StreamClosedError when something else comes.

        Raises:
            InvalidResponseError: the text is no JSON.
        """
        text = await self.receive_str()
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise InvalidResponseError(
                f"/{self.request.path} sent a text that is no JSON."
            ) from None


W = TypeVar("W", bound=WebSocketResponse)


class WebSocketContextManager(Generic[W]):
    """Opens the websocket on entering and closes it on leaving.

    Raises on entering:
        BackendAPIError: the server refused the handshake, with the status and what it said.
        InvalidResponseError: it answered with something else.
        BackendClientError: no connection.
    """

    def __init__(
        self,
        request: Request,
        *,
        on_enter: Callable[[W], Awaitable[None]] | None = None,
        response_cls: type[W] = WebSocketResponse,  # type: ignore[assignment]
        protocols: Sequence[str] = (),
    ) -> None:
        self.request = request
        self.on_enter = on_enter
        self.response_cls = response_cls
        self.protocols = protocols
        self._ws: W | None = None

    async def __aenter__(self) -> W:
        request = self.request
        session = request.session
        session.prepare()
        corrected = False
        while True:
            assumed = session.clock_offset
            try:
                raw = await attempt(request, self._connect)
                break
            except aiohttp.WSServerHandshakeError as error:
                # The body is lost with a refused handshake: ask again as a plain request.
                if error.status < 300:
                    raise InvalidResponseError(
                        f"GET /{request.path} is answered by {error.status}, not by a websocket."
                    ) from None
                session.learn_clock(error.headers.get("Date") if error.headers else None)
                skewed = session.clock_offset != assumed
                refusal = await self._refusal(error)
                if isinstance(refusal, ClockSkewError) and skewed and not corrected:
                    corrected = True
                    continue
                raise refusal from None
        self._ws = self.response_cls(request, raw)
        if self.on_enter is not None:
            try:
                await self.on_enter(self._ws)
            except BaseException:
                await self._ws.close()
                raise
        return self._ws

    async def _connect(self, url: URL) -> aiohttp.ClientWebSocketResponse:
        session = self.request.session
        async with asyncio.timeout(HANDSHAKE):
            return await session.streams.ws_connect(
                url,
                headers=self.request.sign(url, "application/octet-stream"),
                proxy=session.proxies.of(url),
                heartbeat=HEARTBEAT,
                max_msg_size=MAX_FRAME,
                protocols=self.protocols,
                timeout=aiohttp.ClientWSTimeout(ws_close=5.0),
            )

    async def _refusal(self, error: aiohttp.WSServerHandshakeError) -> BackendAPIError:
        plain = Request(self.request.session, "GET", self.request.path, params=self.request.params)
        url = plain.url()
        headers = plain.sign(url, "application/octet-stream")
        with suppress(*FAILURES):
            async with plain.session.http.get(
                url,
                headers=headers,
                allow_redirects=False,
                proxy=plain.session.proxies.of(url),
                skip_auto_headers=("Content-Type",),
                timeout=aiohttp.ClientTimeout(total=10),
            ) as raw:
                if raw.status == error.status:
                    return await api_error(raw)
        return BackendAPIError.of(error.status, error.message or "refused")

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._ws is not None:
            await self._ws.close()
            self._ws = None
