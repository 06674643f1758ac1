"""The supervisor: `python -m bai_tui.local.runner FD`, one per session.

The first message on the channel describes the session; the end of the channel ends everything.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bai_tui.local.runner import frames, processes
from bai_tui.local.runner.runs import Batches, Queries
from bai_tui.local.runner.services import Services
from bai_tui.local.runner.terminal import Terminal

if TYPE_CHECKING:
    from bai_tui.local.runner.ttyd import Ttyd

LOG_LIMIT = 1024 * 1024
"""Bytes of the session's log; the older half is dropped when it is full."""

HIGH_WATER = 4 * 1024 * 1024
"""Bytes waiting for the cluster after which the shell has to wait."""


class Log:
    """The session's log: a file of bounded size."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "ab+", buffering=0)  # noqa: SIM115 - open for the process's life
        os.chmod(path, 0o600)

    def write(self, text: str) -> None:
        """Append text."""
        self._file.write(text.encode("utf-8", "backslashreplace"))
        if self._file.tell() > LOG_LIMIT:
            self._file.seek(-LOG_LIMIT // 2, os.SEEK_END)
            rest = self._file.read()
            self._file.truncate(0)
            self._file.write(rest[rest.find(b"\n") + 1 :])

    def note(self, text: str) -> None:
        """Append a line of our own, with the time."""
        self.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {text}\n")


def task_log(work: str, env: dict[str, str]) -> Log | None:
    """The log of the startup command, in the user's folder `.logs` when there is one.

    Its place is made of the container's id (rest-sessions.md 4.6).
    """
    kernel_id = env.get(processes.MARK, "").replace("-", "")
    if not kernel_id or not os.path.isdir(f"{work}/.logs"):
        return None
    directory = f"{work}/.logs/task/{kernel_id[:2]}/{kernel_id[2:4]}"
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        return Log(f"{directory}/{kernel_id[4:]}.log")
    except OSError:
        return None  # a full or read-only folder is no reason not to run the command


class Supervisor:
    """Owns the shell, the interpreter and the commands of one session."""

    def __init__(self, writer: asyncio.StreamWriter, start: frames.Header) -> None:
        self._writer = writer
        self._task_log: Log | None = None
        env: dict[str, str] = start["env"]
        work: str = start["work"]
        self._work, self._env = work, env
        self.log = Log(start["log"])
        self.terminal = Terminal(start["shell"], env, work, self._output, self._shell_ended)
        self.ttyd: Ttyd | None = None
        self.queries = Queries(self.send, env, work)
        self.batches = Batches(self.send, env, work)
        self.services = Services(self.send, env, work, {"ttyd": self._start_ttyd})
        self._tasks: set[asyncio.Task[Any]] = set()
        self._runs: dict[str, float] = {}

    def send(self, header: frames.Header, payload: bytes = b"") -> None:
        """Send a message to the cluster; what it prints also goes to the log."""
        operation = header["op"]
        if operation == "console" and header["kind"] in ("stdout", "stderr"):
            self.log.write(header["data"])
            if header["run"] == "startup" and self._task_log is not None:
                self._task_log.write(header["data"])
        elif operation == "finished":
            took = time.monotonic() - self._runs.pop(header["run"], time.monotonic())
            self.log.note(f"run {header['run']} ended with {header['exit']} after {took:.2f} s")
        self._writer.write(frames.encode(header, payload))

    async def _start_ttyd(self, path: str) -> None:
        # Loaded now: most sessions never need a web server.
        from bai_tui.local.runner.ttyd import Ttyd

        self.ttyd = Ttyd(self.terminal)
        await self.ttyd.start(path)

    def _shell_ended(self) -> None:
        if self.ttyd is not None:
            self.ttyd.shell_ended()

    def _output(self, data: bytes) -> None:
        if self.ttyd is not None:
            self.ttyd.output(data)
        self._writer.write(frames.encode({"op": "pty"}, data))
        if self._writer.transport.get_write_buffer_size() > HIGH_WATER:
            self.terminal.pause()
            self._later(self._drain())

    async def _drain(self) -> None:
        with suppress(ConnectionError):
            await self._writer.drain()
        self.terminal.resume()

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _begin(self, run: str, what: str) -> None:
        self._runs[run] = time.monotonic()
        self.log.note(f"run {run} began ({what})")

    async def handle(self, header: frames.Header, payload: bytes) -> None:
        """Do what one message asks."""
        match header["op"]:
            case "pty-open":
                self.terminal.open()
            case "pty-write":
                self.terminal.write(payload)
            case "pty-resize":
                self.terminal.resize(header["rows"], header["cols"])
            case "pty-restart":
                self.terminal.restart()
            case "execute":
                self._begin(header["run"], "query")
                await self.queries.execute(header["run"], payload)
            case "batch":
                self._begin(header["run"], "batch")
                self._later(self.batches.execute(header["run"], header["steps"]))
            case "startup":
                self._begin("startup", payload.decode())
                self._task_log = task_log(self._work, self._env)
                self._later(self._startup(payload.decode()))
            case "input":
                await self.queries.input(payload)
            case "complete":
                await self.queries.complete(header["id"], header.get("options"), payload)
            case "service":
                self._later(self.services.start(header["id"], header["name"]))
            case "interrupt":
                self.queries.interrupt()
                self.batches.interrupt()

    async def _startup(self, command: str) -> None:
        code = await self.batches.command("startup", command)
        self.send({"op": "finished", "run": "startup", "exit": code})

    def end(self) -> None:
        """Kill everything below."""
        self.terminal.close()
        self.log.note("session ends")
        groups = self.terminal.groups | self.queries.groups | self.batches.groups
        processes.kill_all(groups | self.services.groups)
        self.services.close()


async def supervise(channel: socket.socket) -> None:
    """Serve one session until the channel closes."""
    reader, writer = await asyncio.open_connection(sock=channel, limit=1 << 20)
    first = await frames.read(reader)
    if first is None:
        return
    supervisor = Supervisor(writer, first[0])
    supervisor.log.note(
        f"session starts, shell {first[0]['shell'][0]}, Python {sys.version.split()[0]}"
    )
    supervisor.send({"op": "ready", "pid": os.getpid()})
    try:
        while (message := await frames.read(reader)) is not None:
            await supervisor.handle(*message)
    finally:
        supervisor.end()


def main() -> None:
    """Run the supervisor on the descriptor given as the first argument."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # The cluster ends us by closing the channel; a signal to the group is not for us. A handler
        # that does nothing, since an ignored signal would stay ignored in every child.
        signal.signal(number, lambda number, frame: None)
    channel = socket.socket(fileno=int(sys.argv[1]))
    os.set_inheritable(channel.fileno(), False)
    processes.adopt_orphans()
    try:
        asyncio.run(supervise(channel))
    finally:
        # Threads that wait for children would keep the process; everything is already dead.
        os._exit(0)


if __name__ == "__main__":
    main()
