"""A carrier that is a real shell on a real pseudo-terminal of this machine."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import signal
import struct
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bai_tui.widgets.terminal.link import Carrier


class LocalPty:
    name = "local"
    restarts = 0

    def __init__(self, master: int) -> None:
        self._master = master
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()
        self.sent = b""
        self.sizes: list[tuple[int, int]] = []
        asyncio.get_running_loop().add_reader(master, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._master, 65536)
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._master)
        self._queue.put_nowait(data)

    async def output(self) -> AsyncIterator[bytes]:
        while data := await self._queue.get():
            yield data

    async def send(self, data: bytes) -> None:
        self.sent += data
        os.write(self._master, data)

    async def resize(self, columns: int, lines: int) -> None:
        self.sizes.append((columns, lines))
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


class Shell:
    """`connect` opens a shell; `carrier` is the last one."""

    def __init__(self, *argv: str) -> None:
        self.argv = list(argv) or ["/bin/sh", "-i"]
        self.carrier: LocalPty | None = None

    @asynccontextmanager
    async def connect(self, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Carrier]:
        pid, master = pty.fork()
        if pid == 0:
            env = {"PS1": "$ ", "TERM": "xterm-256color", "PATH": os.environ["PATH"],
                   "LANG": "C.UTF-8", "HOME": "/tmp"}  # fmt: skip
            os.execvpe(self.argv[0], self.argv, env)
        self.carrier = LocalPty(master)
        try:
            yield self.carrier
        finally:
            asyncio.get_running_loop().remove_reader(master)
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            os.close(master)
            await asyncio.to_thread(os.waitpid, pid, 0)
