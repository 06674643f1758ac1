"""A carrier that runs a program of this machine on a pseudo-terminal, such as the user's editor."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import signal
import struct
import termios
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from bai_tui.widgets.terminal.link import Carrier, Connect, ShellEnded, Size

# The shell leads a session of its own, so the first terminal it opens becomes its terminal; then
# it becomes the program. Nothing of ours has to run between fork and exec.
_TAKE_TERMINAL = 'exec <"$0" >"$0" 2>&1; exec '


class LocalPty:
    """The near end of a pseudo-terminal."""

    name = "local"
    restarts = 0

    def __init__(self, master: int) -> None:
        self._master = master
        self._output: asyncio.Queue[bytes] = asyncio.Queue()
        os.set_blocking(master, False)
        asyncio.get_running_loop().add_reader(master, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._master, 65536)
        except BlockingIOError:
            return
        except OSError:  # Linux tells by an error that the last program has closed it
            data = b""
        if not data:
            self.close()
        self._output.put_nowait(data)

    def close(self) -> None:
        """Read no more."""
        asyncio.get_running_loop().remove_reader(self._master)

    async def output(self) -> AsyncIterator[bytes]:
        """What the program prints, until it ends."""
        while data := await self._output.get():
            yield data

    async def send(self, data: bytes) -> None:
        """Type; what the program does not take yet waits."""
        while data:
            try:
                data = data[os.write(self._master, data) :]
            except BlockingIOError:
                await asyncio.sleep(0.01)
            except OSError:
                return  # it has ended; the reader tells

    async def resize(self, columns: int, lines: int) -> None:
        """Tell the size."""
        size = struct.pack("HHHH", lines, columns, 0, 0)
        with suppress(OSError):
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)


def run_program(
    command: str, arguments: Sequence[str] = (), environ: Mapping[str, str] | None = None
) -> Connect:
    """How to run a program: `command` as one types it into a shell, `arguments` as they are.

    Its end is the end of the link.
    """

    @asynccontextmanager
    async def connect(size: Size) -> AsyncIterator[Carrier]:
        master, slave = pty.openpty()
        try:
            process = await asyncio.create_subprocess_exec(
                "/bin/sh",
                "-c",
                f'{_TAKE_TERMINAL}{command} "$@"',
                os.ttyname(slave),
                *arguments,
                env=dict(os.environ if environ is None else environ),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
            carrier = LocalPty(master)
            await carrier.resize(*size)
            ended = asyncio.create_task(process.wait())
            # Our own handle keeps the terminal open until the program has had time to open it.
            ended.add_done_callback(lambda _: os.close(slave))
            try:
                yield carrier
                await ended
            finally:
                carrier.close()
                if process.returncode is None:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGHUP)
                    try:
                        async with asyncio.timeout(1):
                            await asyncio.shield(ended)
                    except TimeoutError:
                        with suppress(ProcessLookupError):
                            os.killpg(process.pid, signal.SIGKILL)
                        await ended
        finally:
            os.close(master)
        raise ShellEnded

    return connect
