"""The link between a terminal pane and a session: connects, always reads, reconnects, tells."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.api.functions.kernel import StreamPty

MAX_BACKLOG: Final = 8 * 1024 * 1024
"""Bytes of output that may wait to be shown; beyond, the older part is skipped, and it is said."""

RESIZE_DELAY: Final = 0.12
"""Seconds of quiet before a new size is sent: the server passes it through an agent."""

DELAYS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)


class LinkState(StrEnum):
    """How a link is."""

    CONNECTING = "connecting"
    LIVE = "live"
    WAITING = "waiting"
    ENDED = "ended"


class Carrier(Protocol):
    """One connection to a terminal."""

    def output(self) -> AsyncIterator[bytes]:
        """What it prints, until the connection ends."""
        ...

    async def send(self, data: bytes) -> None:
        """Type `data`."""
        ...

    async def resize(self, columns: int, lines: int) -> None:
        """Tell the size."""
        ...


Connect = Callable[[], AbstractAsyncContextManager[Carrier]]
"""Opens a connection; errors say why it cannot be."""


class PtyCarrier:
    """The `stream_pty` websocket (rest-streams.md 2)."""

    name = "pty"

    def __init__(self, pty: StreamPty) -> None:
        self._pty = pty
        self.output = pty.output
        self.send = pty.send_stdin

    async def resize(self, columns: int, lines: int) -> None:
        """Tell the size."""
        await self._pty.resize(lines, columns)


def stream_pty(session: AsyncSession, name: str, owner: str | None = None) -> Connect:
    """How to connect to the terminal of a session."""

    @asynccontextmanager
    async def connect() -> AsyncIterator[Carrier]:
        async with session.Kernel(name, owner).stream_pty() as pty:
            yield PtyCarrier(pty)

    return connect


class Link:
    """Keeps one terminal connected.

    Attributes:
        state: how it is. reason: why it waits or ended. retry_at: loop time of the next attempt.
        connections: how often it was connected.
        on_state: called after every change. on_data: called when output waits in the backlog.
    """

    def __init__(self, connect: Connect, *, name: str = "", carrier: str = "pty") -> None:
        self.name = name
        self.carrier = carrier
        self.state = LinkState.CONNECTING
        self.reason = ""
        self.retry_at: float | None = None
        self.connections = 0
        self.on_state: Callable[[], None] = lambda: None
        self.on_data: Callable[[], None] = lambda: None
        self._connect = connect
        self._carrier: Carrier | None = None
        self._size = (80, 24)
        self._chunks: list[bytes] = []
        self._backlog = 0
        self._skipped = 0
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue(1024)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._resizing: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to connect."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """End the connection."""
        if self._resizing is not None:
            self._resizing.cancel()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._set(LinkState.ENDED, self.reason or "closed")

    def retry_now(self) -> None:
        """End the waiting for the next attempt."""
        self._wake.set()

    # Output.

    def take(self, size: int) -> bytes:
        """Up to about `size` bytes of output that wait; empty when there are none."""
        if not self._chunks:
            return b""
        taken, length = 0, 0
        while taken < len(self._chunks) and length < size:
            length += len(self._chunks[taken])
            taken += 1
        data = b"".join(self._chunks[:taken])
        del self._chunks[:taken]
        self._backlog -= len(data)
        if self._skipped:
            # CAN ends a sequence that lost its end.
            note = f"\x18\x1b[0m\r\n[{self._skipped / 2**20:.1f} MB of output skipped]\r\n"
            data = note.encode() + data
            self._skipped = 0
        return data

    @property
    def waiting(self) -> int:
        """Bytes of output that wait."""
        return self._backlog

    def _arrived(self, data: bytes) -> None:
        self._chunks.append(data)
        self._backlog += len(data)
        if self._backlog > MAX_BACKLOG:
            self._skip()
        self.on_data()

    def _skip(self) -> None:
        """Drop the older part, up to the beginning of a line."""
        rest = b"".join(self._chunks)
        keep = rest[-MAX_BACKLOG // 4 :]
        keep = keep[keep.find(b"\n") + 1 :]
        self._skipped += len(rest) - len(keep)
        self._chunks = [keep]
        self._backlog = len(keep)

    # Input.

    def send(self, data: bytes) -> bool:
        """Type `data`; False (and nothing is kept) when there is no connection."""
        if self.state is not LinkState.LIVE:
            return False
        try:
            self._outgoing.put_nowait(data)
        except asyncio.QueueFull:
            return False
        return True

    def resize(self, columns: int, lines: int) -> None:
        """The size changed; sent after a moment of quiet, the last one wins."""
        if (columns, lines) == self._size:
            return
        self._size = (columns, lines)
        if self._resizing is not None:
            self._resizing.cancel()
        loop = asyncio.get_running_loop()
        self._resizing = loop.call_later(RESIZE_DELAY, self._send_size)

    def _send_size(self) -> None:
        self._resizing = None
        carrier = self._carrier
        if carrier is None:
            return

        async def send() -> None:
            with suppress(Exception):  # a lost connection is noticed by its reader
                await carrier.resize(*self._size)

        task = asyncio.create_task(send())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Life.

    def _set(self, state: LinkState, reason: str = "") -> None:
        self.state, self.reason = state, reason
        self.on_state()

    async def _run(self) -> None:
        failures = 0
        while True:
            self._set(LinkState.CONNECTING, self.reason)
            connected = False
            try:
                async with self._connect() as carrier:
                    connected = True
                    failures = 0
                    await self._serve(carrier)
                    reason = "the connection was closed"
            except Exception as error:  # whatever goes wrong is shown, and tried again
                if _is_final(error):
                    self._set(LinkState.ENDED, str(error))
                    return
                reason = str(error) or type(error).__name__
            finally:
                self._carrier = None
            if not connected:
                failures += 1
            delay = DELAYS[min(failures, len(DELAYS) - 1)] * random.uniform(0.8, 1.2)
            self.retry_at = asyncio.get_running_loop().time() + delay
            self._wake.clear()
            self._set(LinkState.WAITING, reason)
            with suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._wake.wait()
            self.retry_at = None

    async def _serve(self, carrier: Carrier) -> None:
        while not self._outgoing.empty():
            self._outgoing.get_nowait()
        columns, lines = self._size
        if self.connections:
            # A program that fills the screen paints itself anew when the size changes.
            await carrier.resize(max(2, columns - 1), lines)
        await carrier.resize(columns, lines)
        self._carrier = carrier
        self.connections += 1
        self._set(LinkState.LIVE)
        sending = asyncio.create_task(self._send_all(carrier))
        try:
            async for data in carrier.output():
                self._arrived(data)
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await sending

    async def _send_all(self, carrier: Carrier) -> None:
        while True:
            data = await self._outgoing.get()
            # Keys of one moment travel in one message.
            while not self._outgoing.empty() and len(data) < 1024:
                data += self._outgoing.get_nowait()
            await carrier.send(data)


def _is_final(error: BaseException) -> bool:
    """Whether trying again is of no use: the session is over, or not ours."""
    from bai_tui.api.exceptions import BackendAPIError

    return isinstance(error, BackendAPIError) and error.status in (400, 401, 403, 404)
