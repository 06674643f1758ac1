"""App tunnel: a local TCP port carried to a service of a session (rest-streams.md 4).

Each local connection has a websocket of its own. Bytes are read only as fast as the other side
takes them, so that nothing piles up here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from bai_tui.api.bodies import PIECE
from bai_tui.api.exceptions import BackendClientError, BackendError

if TYPE_CHECKING:
    from bai_tui.api.request import Request
    from bai_tui.api.websocket import WebSocketResponse

PROTOCOLS: Final = ("tcp", "http")
GRACE: Final = 2.0
"""Seconds a connection has to flush what was received when the tunnel closes."""
LINGER: Final = 2.0
"""Seconds without an answer after which a connection ends whose local side sends no more."""


class TunnelError(BackendClientError, OSError):
    """The local port cannot be opened."""

    hint = "Choose another port, or 0 for any that is free."

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class AppTunnel:
    """Listens on a local port while it is open: `async with kernel.tunnel("jupyter") as tunnel`.

    Attributes:
        app: name of the service. host, port: where it listens; the port is known once open.
        path: of the socket it listens on instead, if it does.
        connections: open connections. total: all there have been.
        sent, received: bytes to and from the service.
        error: why the last connection failed, None when it did not.

    Raises on entering:
        TunnelError: the port is in use, or not ours to open.
    """

    def __init__(
        self,
        request: Callable[[], Request],
        app: str,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        path: str | None = None,
        on_change: Callable[[AppTunnel], None] | None = None,
    ) -> None:
        if not 0 <= port <= 65535:
            raise ValueError(f"{port} is not a port")
        self._request = request
        self._on_change = on_change
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.app: str = app
        self.host: str = host
        self.port: int = port
        self.path: str | None = path
        self.connections: int = 0
        self.total: int = 0
        self.sent: int = 0
        self.received: int = 0
        self.error: BackendError | None = None

    async def __aenter__(self) -> AppTunnel:
        where = self.path or f"{self.host}:{self.port}"
        try:
            if self.path is not None:
                self._server = await asyncio.start_unix_server(
                    self._accept, self.path, limit=PIECE, backlog=512
                )
                return self
            self._server = await asyncio.start_server(
                self._accept, self.host, self.port, limit=PIECE, backlog=512
            )
        except OSError as error:
            reason = error.strerror or str(error)
            raise TunnelError(f"{where} cannot be opened: {reason}.") from None
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def __enter__(self) -> AppTunnel:
        """For blocking sessions: it works in the thread that carries out their calls."""
        from bai_tui.api.blocking import run

        return run(self.__aenter__())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        from bai_tui.api.blocking import run

        run(self.close())

    async def close(self) -> None:
        """Stop listening and end all connections."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.total += 1
        self._changed()
        try:
            await self._serve(reader, writer)
            self.error = None
        except BackendError as error:
            self.error = error
            writer.write(_refusal(self._request(), error))
        except OSError:
            pass  # The local side went away in the middle.
        except asyncio.CancelledError:
            pass  # By `close` alone; asyncio 3.11 would log a cancelled handler as an error.
        finally:
            self._tasks.discard(task)
            self.connections -= 1
            self._changed()
            await _end(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with self._request().connect_websocket() as websocket:
            sending = asyncio.create_task(self._send(reader, websocket))
            receiving = asyncio.create_task(self._receive(websocket, writer))
            try:
                done, _ = await asyncio.wait(
                    {sending, receiving}, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    await task
                if not receiving.done():
                    await self._linger(receiving)
            finally:
                for task in (sending, receiving):
                    task.cancel()
                await asyncio.gather(sending, receiving, return_exceptions=True)

    async def _linger(self, receiving: asyncio.Task[None]) -> None:
        """The local side has said all it has to say, and may still wait for the answer.

        The websocket knows no half close, and a local program that is gone looks the same as one
        that listens: so this ends when nothing has come for a while.
        """
        while not receiving.done():
            before = self.received
            await asyncio.wait({receiving}, timeout=LINGER)
            if self.received == before and not receiving.done():
                return
        await receiving

    async def _send(self, reader: asyncio.StreamReader, websocket: WebSocketResponse) -> None:
        """Local to remote."""
        while data := await reader.read(PIECE):
            await websocket.send_bytes(data)
            self.sent += len(data)

    async def _receive(self, websocket: WebSocketResponse, writer: asyncio.StreamWriter) -> None:
        async for message in websocket:
            if message.type is aiohttp.WSMsgType.BINARY:
                writer.write(message.data)
                self.received += len(message.data)
                await writer.drain()
        if websocket.close_code in (1011, 1013, 1014):
            raise BackendClientError(
                f"The service {self.app} of the session does not accept connections."
            )

    def _changed(self) -> None:
        if self._on_change is not None:
            self._on_change(self)


def _refusal(request: Request, error: BackendError) -> bytes:
    """What a browser can show; nothing for services that do not speak HTTP."""
    if not request.path.endswith("httpproxy"):
        return b""
    text = f"The service cannot be reached: {error}\n".encode()
    return (
        b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Length: %d\r\n\r\n" % len(text)
    ) + text


async def _end(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError, TimeoutError, asyncio.CancelledError):
        async with asyncio.timeout(GRACE):
            await writer.wait_closed()
    transport: Any = writer.transport
    transport.abort()
