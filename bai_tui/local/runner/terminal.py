"""The shell of a session on a pseudo-terminal. It is started again whenever it ends."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import pty
import signal
import struct
import termios
from collections.abc import Callable
from contextlib import suppress

READ_SIZE = 65536
RATE = 16_000_000
"""Bytes a second that are read on the average: more than a network carries for a terminal. What
prints without end would take the whole machine otherwise."""
BURST = 256 * 1024
"""Bytes that are read at any speed."""
MIN_LIFE = 1.0
"""Seconds; a shell that ends sooner is restarted only after a pause, lest it spins."""


class Terminal:
    """One shell on one pseudo-terminal; all clients share it.

    Args:
        argv: the shell. env, cwd: its environment and directory.
        output: called with what it prints.
        ended: called when the shell ended, before the next one starts.
    """

    def __init__(
        self,
        argv: list[str],
        env: dict[str, str],
        cwd: str,
        output: Callable[[bytes], None],
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self.argv = argv
        self.env = env
        self.cwd = cwd
        self.size = (24, 80)
        self._output, self._ended = output, ended
        self._master: int | None = None
        self._pid = 0
        self._started = 0.0
        self._pending = bytearray()
        self._paused = False
        self._resting = False
        self._ahead = 0.0
        """Bytes that were read before their time."""
        self._read_at = 0.0
        self._closed = False
        self._task: asyncio.Task[None] | None = None

    @property
    def groups(self) -> set[int]:
        """Process groups to be killed at the end."""
        return {self._pid} if self._pid else set()

    def open(self) -> None:
        """Start the shell if it does not run."""
        if self._master is not None or self._closed:
            return
        loop = asyncio.get_running_loop()
        pid, master = pty.fork()
        if pid == 0:
            try:
                os.chdir(self.cwd)
                os.execvpe(self.argv[0], self.argv, self.env)
            except OSError as error:
                os.write(2, f"{self.argv[0]}: {error.strerror}\r\n".encode())
            os._exit(127)
        self._pid, self._master = pid, master
        self._started = loop.time()
        os.set_blocking(master, False)
        self.resize(*self.size)
        self._watch(not self._paused)
        self._task = loop.create_task(self._reap(pid))

    async def _reap(self, pid: int) -> None:
        await asyncio.to_thread(_wait, pid)
        self._read()
        loop = asyncio.get_running_loop()
        life = loop.time() - self._started
        self._drop()
        self._pid = 0
        if self._closed:
            return
        self._ended()
        self._output(b"\x1b[0m\x1b[?1049l\x1b[?25h\r\nRestarting...\r\n")
        if life < MIN_LIFE:
            await asyncio.sleep(MIN_LIFE)
        self.open()

    def pause(self) -> None:
        """Stop reading: the reader of our output is slow, so the program shall wait."""
        self._paused = True
        self._watch(False)

    def resume(self) -> None:
        """Read again."""
        self._paused = False
        self._watch(True)

    def _read(self) -> None:
        parts, size, master = [], 0, self._master
        while master is not None and size < READ_SIZE:
            try:
                data = os.read(master, READ_SIZE - size)
            except BlockingIOError:
                break
            except OSError as error:
                # Linux reports the end of the other side as EIO.
                if error.errno == errno.EIO:
                    asyncio.get_running_loop().remove_reader(master)
                break
            if not data:
                break
            parts.append(data)
            size += len(data)
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._ahead = max(0.0, self._ahead - (now - self._read_at) * RATE) + size
        self._read_at = now
        if self._ahead > BURST and not self._resting:
            self._resting = True
            self._watch(False)
            loop.call_later(BURST / 2 / RATE, self._rested)
        if parts:
            self._output(b"".join(parts))

    def _rested(self) -> None:
        self._resting = False
        self._watch(not self._paused)

    def _watch(self, on: bool) -> None:
        """Read what is printed, or let it wait."""
        if self._master is None:
            return
        loop = asyncio.get_running_loop()
        if on and not self._resting:
            loop.add_reader(self._master, self._read)
        else:
            loop.remove_reader(self._master)

    def write(self, data: bytes) -> None:
        """Type `data`."""
        self.open()
        self._pending += data
        self._flush()

    def _flush(self) -> None:
        if self._master is None:
            return
        loop = asyncio.get_running_loop()
        with suppress(BlockingIOError, OSError):
            while self._pending:
                written = os.write(self._master, self._pending[:4096])
                del self._pending[:written]
        if self._pending:
            loop.add_writer(self._master, self._flush)
        else:
            loop.remove_writer(self._master)

    def resize(self, rows: int, columns: int) -> None:
        """Tell the terminal its size; the programs in it get SIGWINCH."""
        self.size = (rows, columns)
        if self._master is not None:
            with suppress(OSError):
                fcntl.ioctl(
                    self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0)
                )

    def restart(self) -> None:
        """End the shell; a new one follows."""
        if self._pid:
            with suppress(ProcessLookupError):
                os.killpg(self._pid, signal.SIGKILL)

    def _drop(self) -> None:
        if self._master is not None:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._master)
            loop.remove_writer(self._master)
            os.close(self._master)
            self._master = None
            self._pending.clear()

    def close(self) -> None:
        """Start no shell any more."""
        self._closed = True


def _wait(pid: int) -> None:
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)
