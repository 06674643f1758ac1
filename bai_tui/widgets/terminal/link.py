"""The link between a terminal pane and a session: connects, always reads, reconnects, tells."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, suppress
from enum import StrEnum
from typing import Final, Protocol

from bai_tui.widgets.terminal.backlog import Backlog

RESIZE_DELAY: Final = 0.12
"""Seconds of quiet before a new size is sent: the server passes it through an agent."""

INTERRUPTS: Final = re.compile(b"[\x03\x1a\x1c]")
"""Keys that end or stop a program: ctrl+c, ctrl+z, ctrl+\\."""
READ: Final = 64 * 1024
READ_REST: Final = 0.001
"""Seconds between two readings of so many bytes in a flood: what is read without a pause makes
every turn of the event loop long. This is still more than programs print."""
QUIET: Final = 0.15
"""Seconds without output after which a hurry is over: old output is skipped no more."""
HURRY: Final = 3.0
"""Seconds a hurry lasts at the longest."""
SETTLED: Final = 0.02
"""Seconds without output after which the old one is thought to be through."""
SETTLING: Final = 0.3
"""Seconds that are waited for it at the longest."""

DELAYS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)


class LinkState(StrEnum):
    """How a link is."""

    CONNECTING = "connecting"
    LIVE = "live"
    WAITING = "waiting"
    ENDED = "ended"


class ShellEnded(Exception):
    """The shell is over; a new connection would start another one."""


class Carrier(Protocol):
    """One connection to a terminal."""

    @property
    def name(self) -> str:
        """What it is called in the state line."""
        ...

    @property
    def restarts(self) -> int:
        """How often the shell ended and another one took its place."""
        ...

    def output(self) -> AsyncIterator[bytes]:
        """What it prints, until the connection ends; `ShellEnded` when the shell does."""
        ...

    async def send(self, data: bytes) -> None:
        """Type `data`."""
        ...

    async def resize(self, columns: int, lines: int) -> None:
        """Tell the size."""
        ...


Size = tuple[int, int]
"""Columns and lines."""

Connect = Callable[[Size], AbstractAsyncContextManager[Carrier]]
"""Opens a connection for a terminal of that size; errors say why it cannot be."""


class Link:
    """Keeps one terminal connected.

    Attributes:
        state: how it is. reason: why it waits or ended. retry_at: loop time of the next attempt.
        connections: how often it was connected. carrier: what carries it.
        restarts: how often the shell was replaced. shell_ended: whether it ended for good.
        on_state: called after every change. on_data: called when output waits in the backlog.
    """

    def __init__(self, connect: Connect, *, name: str = "") -> None:
        self.name = name
        self.carrier = ""
        self.state = LinkState.CONNECTING
        self.reason = ""
        self.retry_at: float | None = None
        self.connections = 0
        self.restarts = 0
        self.shell_ended = False
        self.on_state: Callable[[], None] = lambda: None
        self.on_data: Callable[[], None] = lambda: None
        self._connect = connect
        self._carrier: Carrier | None = None
        self._size: Size = (80, 24)
        self._backlog = Backlog()
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue(1024)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._hurrying: asyncio.TimerHandle | None = None
        self._hurried_at = 0.0
        self._settling = False
        self._arrived_at = 0.0
        self._resizing: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to connect, also after the end."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """End the connection."""
        for timer in (self._resizing, self._hurrying):
            if timer is not None:
                timer.cancel()
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
        """At most `size` bytes of output that wait; empty when there are none."""
        return self._backlog.take(size)

    def put_back(self, data: bytes) -> None:
        """Let output wait again that was taken too early."""
        self._backlog.put_back(data)

    def take_skipped(self) -> int:
        """Bytes that were skipped before what waits now; asking forgets them."""
        skipped, self._backlog.skipped = self._backlog.skipped, 0
        return skipped

    @property
    def skipped(self) -> int:
        """The same, without forgetting them."""
        return self._backlog.skipped

    @property
    def waiting(self) -> int:
        """Bytes of output that wait."""
        return self._backlog.size

    @property
    def hurrying(self) -> bool:
        """Whether old output is skipped because the user wants to see what follows."""
        return self._hurrying is not None

    @property
    def settling(self) -> bool:
        """Whether output from before the user's key still comes."""
        if self._settling:
            now = time.perf_counter()
            self._settling = now - self._arrived_at < SETTLED and now - self._hurried_at < SETTLING
        return self._settling

    def _arrived(self, data: bytes) -> None:
        self._arrived_at = time.perf_counter()
        self._backlog.put(data)
        self.on_data()

    # Input.

    def send(self, data: bytes) -> bool:
        """Type `data`; False (and nothing is kept) when there is no connection."""
        if self.state is not LinkState.LIVE:
            return False
        if INTERRUPTS.search(data):
            self.hurry()
        try:
            self._outgoing.put_nowait(data)
        except asyncio.QueueFull:
            return False
        return True

    def hurry(self) -> None:
        """Skip output that waits or is on its way, so that what follows is soon seen."""
        self._hurried_at = time.perf_counter()
        self._settling = self._backlog.hurry(True)
        if self._hurrying is None:
            self._look_later(QUIET)

    def _look_later(self, seconds: float) -> None:
        self._hurrying = asyncio.get_running_loop().call_later(seconds, self._calm_down)

    def _calm_down(self) -> None:
        """End the hurry when the flood is over, or goes on in spite of all."""
        now = time.perf_counter()
        quiet = now - self._arrived_at
        if quiet < QUIET and now - self._hurried_at < HURRY:
            self._look_later(QUIET - quiet)
        else:
            self._hurrying = None
            self._backlog.hurry(False)

    def resize(self, columns: int, lines: int) -> None:
        """The size changed; sent after a moment of quiet, the last one wins."""
        size = max(2, columns), max(1, lines)
        if size == self._size:
            return
        self._size = size
        self._send_size_later()

    def nudge(self) -> None:
        """Make programs paint themselves anew: they do when the size changes."""
        columns, lines = self._size
        self._send_size((max(2, columns - 1), lines))
        self._send_size_later()

    def _send_size_later(self) -> None:
        if self._resizing is not None:
            self._resizing.cancel()
        loop = asyncio.get_running_loop()
        self._resizing = loop.call_later(RESIZE_DELAY, self._resized)

    def _resized(self) -> None:
        self._resizing = None
        self._send_size(self._size)

    def _send_size(self, size: Size) -> None:
        carrier = self._carrier
        if carrier is None:
            return

        async def send() -> None:
            with suppress(Exception):  # a lost connection is noticed by its reader
                await carrier.resize(*size)

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
                async with self._connect(self._size) as carrier:
                    connected = True
                    failures = 0
                    await self._serve(carrier)
                    reason = "the connection was closed"
            except ShellEnded:
                self.shell_ended = True
                self._set(LinkState.ENDED, "the shell ended")
                return
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
        self._carrier = carrier
        self.carrier = carrier.name
        self.connections += 1
        self.shell_ended = False
        restarts = carrier.restarts
        self.nudge()  # what was printed before is not told again
        self._set(LinkState.LIVE)
        sending = asyncio.create_task(self._send_all(carrier))
        read = 0
        try:
            async for data in carrier.output():
                self._arrived(data)
                read += len(data)
                if read >= READ:
                    read = 0
                    if self.waiting > READ and not self.hurrying:
                        await asyncio.sleep(READ_REST)
                if carrier.restarts != restarts:
                    restarts = carrier.restarts
                    self.restarts += 1
                    self.on_state()
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
