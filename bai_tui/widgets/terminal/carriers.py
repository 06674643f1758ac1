"""What carries a terminal: the `pty` stream, or the session's `ttyd` service through a tunnel.

Which one is decided by what the server delivers. The stream opens on every release, but from 25.x
on it stays silent with real sessions; the service is absent from old images.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

import aiohttp

from bai_tui.api.exceptions import BackendAPIError, BackendClientError
from bai_tui.widgets.terminal.link import Carrier, Connect, ShellEnded

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.api.functions.kernel import Kernel, StreamPty

SERVICE: Final = "ttyd"
SILENCE: Final = 1.0
"""Seconds in which a `pty` stream has to print something to be believed in."""
ROUND_TRIPS: Final = 6
"""Or as many times what the handshake took, on slow networks."""
STARTING: Final = 1.0
"""Seconds in which what ttyd runs has to print something before it is typed into all the same."""

_RESTARTED: Final = re.compile(rb"(?:\A|\n|exit\r\n|logout\r\n)Restarting\.\.\.\r\n\Z")
_FRESH: Final = b"\x18\x1b[!p\x1b>\x1b[?1049l\x1b[?1000;1002;1003;1004;1005;1006;2004l\x1b[0 q"
"""Switches off what a program that is gone had switched on."""


class PtyCarrier:
    """The `stream_pty` websocket (rest-streams.md 2)."""

    name = "pty"

    def __init__(self, pty: StreamPty, size: tuple[int, int]) -> None:
        self._pty = pty
        self._stream = pty.output()
        self._first: asyncio.Task[bytes | None] = asyncio.create_task(self._next())
        self._size = size
        self._tail = b""
        self.restarts = 0

    async def _next(self) -> bytes | None:
        return await anext(self._stream, None)

    async def speaks(self, seconds: float) -> bool:
        """Whether it prints something within that time.

        A change of size makes shells and full-screen programs draw themselves anew.
        """
        columns, lines = self._size
        for width in (max(2, columns - 1), columns):
            await self.resize(width, lines)
            await asyncio.wait({self._first}, timeout=seconds / 2)
            if self._first.done():
                break
        done = self._first.done() and self._first.exception() is None
        return done and self._first.result() is not None

    async def output(self) -> AsyncIterator[bytes]:
        """What it prints."""
        data = await self._first
        while data is not None:
            self._tail = (self._tail + data)[-64:]
            yield data
            if _RESTARTED.search(self._tail):
                self._tail = b""
                self.restarts += 1
                yield _FRESH
            data = await self._next()

    async def send(self, data: bytes) -> None:
        """Type `data`."""
        await self._pty.send_stdin(data)

    async def resize(self, columns: int, lines: int) -> None:
        """Tell the size."""
        self._size = columns, lines
        await self._pty.resize(lines, columns)

    def drop(self) -> None:
        """Wait for nothing any more."""
        self._first.cancel()


class TtydCarrier:
    """The protocol of ttyd: the first byte of a message says what the rest is."""

    name = "ttyd"
    restarts = 0

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        self._websocket = websocket
        self._printing = asyncio.Event()

    async def output(self) -> AsyncIterator[bytes]:
        """What it prints.

        Raises:
            ShellEnded: the program that ttyd runs is over.
        """
        async for message in self._websocket:
            if message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT):
                data = message.data.encode() if isinstance(message.data, str) else message.data
                if data[:1] == b"0":
                    self._printing.set()
                    yield data[1:]
        if self._websocket.close_code == aiohttp.WSCloseCode.OK:
            raise ShellEnded

    async def send(self, data: bytes) -> None:
        """Type `data`, as soon as there is something to type into.

        ttyd starts a program for every connection, with real sessions tmux, and what comes before
        that has taken over its terminal is thrown away.
        """
        if not self._printing.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(STARTING):
                    await self._printing.wait()
            self._printing.set()
        await self._websocket.send_bytes(b"0" + data)

    async def resize(self, columns: int, lines: int) -> None:
        """Tell the size."""
        await self._websocket.send_bytes(b"1" + _size(columns, lines))


def _size(columns: int, lines: int, **more: str) -> bytes:
    return json.dumps({**more, "columns": columns, "rows": lines}).encode()


@asynccontextmanager
async def open_pty(kernel: Kernel, size: tuple[int, int]) -> AsyncIterator[PtyCarrier]:
    """The stream, whether it speaks or not."""
    async with kernel.stream_pty() as pty:
        carrier = PtyCarrier(pty, size)
        try:
            yield carrier
        finally:
            carrier.drop()


@asynccontextmanager
async def open_ttyd(kernel: Kernel, size: tuple[int, int]) -> AsyncIterator[TtydCarrier]:
    """The service, through a tunnel that ends at a socket nobody else can reach.

    Raises:
        BackendAPIError: the server has no such session or service.
        BackendClientError: the service does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="bai-") as directory:
        path = f"{directory}/{SERVICE}"
        async with (
            kernel.tunnel(SERVICE, path=path) as tunnel,
            aiohttp.ClientSession(connector=aiohttp.UnixConnector(path)) as http,
        ):
            try:
                websocket = await http.ws_connect(
                    "http://localhost/ws",
                    protocols=("tty",),
                    max_msg_size=0,
                    timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
                )
            except (aiohttp.ClientError, OSError) as error:
                raise tunnel.error or BackendClientError(
                    f"The service {SERVICE} of the session does not answer: {error}"
                ) from None
            async with websocket:
                await websocket.send_bytes(_size(*size, AuthToken=""))
                yield TtydCarrier(websocket)


class Terminal:
    """Opens the terminal of a session by whatever carries it; remembers what did.

    Args:
        only: pty or ttyd, to use no other.
    """

    def __init__(self, kernel: Kernel, only: str = "") -> None:
        self._kernel = kernel
        self._proven = only

    @asynccontextmanager
    async def connect(self, size: tuple[int, int]) -> AsyncIterator[Carrier]:
        """One connection, at that size in columns and lines."""
        async with AsyncExitStack() as stack:
            yield await self._open(stack, size)

    async def _open(self, stack: AsyncExitStack, size: tuple[int, int]) -> Carrier:
        if self._proven == "pty":
            return await stack.enter_async_context(open_pty(self._kernel, size))
        if self._proven == "ttyd":
            return await stack.enter_async_context(open_ttyd(self._kernel, size))
        if not self._kernel.session.generation.pty_takes_keys:
            with suppress(BackendAPIError, BackendClientError):
                ttyd = await stack.enter_async_context(open_ttyd(self._kernel, size))
                self._proven = "ttyd"
                return ttyd
        trial = AsyncExitStack()
        pty: PtyCarrier | None = None
        try:
            began = time.monotonic()
            try:
                pty = await trial.enter_async_context(open_pty(self._kernel, size))
                patience = max(SILENCE, ROUND_TRIPS * (time.monotonic() - began))
                if await pty.speaks(patience):
                    stack.push_async_exit(trial.pop_all())
                    self._proven = "pty"
                    return pty
                refusal: Exception | None = None
            except BackendAPIError as error:
                refusal = error
            try:
                ttyd = await stack.enter_async_context(open_ttyd(self._kernel, size))
            except (BackendAPIError, BackendClientError):
                if pty is None or refusal is not None:
                    raise refusal or BackendClientError("The session has no terminal.") from None
                # Silent, but there is nothing better; it may be waiting for something.
                stack.push_async_exit(trial.pop_all())
                return pty
            self._proven = "ttyd"
            return ttyd
        finally:
            await trial.aclose()


def open_terminal(
    session: AsyncSession, name: str, owner: str | None = None, only: str = ""
) -> Connect:
    """How to connect to the terminal of the session `name`."""
    return Terminal(session.Kernel(name, owner), only).connect
