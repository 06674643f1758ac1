"""A running session as the agent sees it: its supervisor process and the channel to it."""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import bai_tui
from bai_tui.local.execution import Run
from bai_tui.local.runner import frames
from bai_tui.local.runner.outlet import Outlet

READY_TIMEOUT = 20.0
END_TIMEOUT = 6.0
MAX_RUNS = 32
"""Finished or forgotten runs that are kept for `continue`."""


class ContainerError(Exception):
    """The supervisor could not be started, or is gone."""


class Container:
    """One session's supervisor.

    Args:
        scratch: directory of the session; `work` in it is the home of its user.
        ended: called with this container when the supervisor is gone.
        startup_done: called with the exit code of the startup command.
    """

    def __init__(
        self,
        scratch: Path,
        ended: Callable[[Container], None],
        startup_done: Callable[[Container, int], None],
    ) -> None:
        self.scratch = scratch
        self.work = scratch / "work"
        self.log = scratch / "container.log"
        self.active_at = 0.0
        self.alive = False
        self._ended = ended
        self._startup_done = startup_done
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._clients: set[Outlet] = set()
        self._runs: dict[str, Run] = {}
        self._completions: dict[int, asyncio.Future[list[str]]] = {}
        self._services: dict[int, asyncio.Future[str]] = {}
        self._numbers = itertools.count()
        self._current: Run | None = None

    @property
    def pid(self) -> int:
        """Process id of the supervisor."""
        return self._process.pid if self._process else 0

    async def start(self, env: dict[str, str], shell: list[str]) -> None:
        """Start the supervisor and wait until it is ready.

        Raises:
            ContainerError: it did not start in time.
        """
        ours, theirs = socket.socketpair()
        root = str(Path(bai_tui.__file__).parents[1])
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "bai_tui.local.runner",
                str(theirs.fileno()),
                cwd=self.work,
                env={"PYTHONPATH": root, "PATH": os.environ.get("PATH", os.defpath)},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            raise ContainerError(f"cannot start a process: {error.strerror}") from error
        finally:
            theirs.close()
        reader, self._writer = await asyncio.open_connection(sock=ours, limit=1 << 20)
        work, log = str(self.work), str(self.log)
        self._send({"op": "start", "env": env, "work": work, "log": log, "shell": shell})
        try:
            async with asyncio.timeout(READY_TIMEOUT):
                first = await frames.read(reader)
        except TimeoutError:
            first = None
        if first is None or first[0]["op"] != "ready":
            await self._close()
            raise ContainerError("the session's supervisor did not answer")
        self.alive = True
        self._reading = asyncio.create_task(self._read(reader))

    def _send(self, header: frames.Header, payload: bytes = b"") -> None:
        if self._writer is None or self._writer.is_closing():
            raise ContainerError("the session's processes are gone")
        self._writer.write(frames.encode(header, payload))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while (message := await frames.read(reader)) is not None:
            header, payload = message
            match header["op"]:
                case "pty":
                    for client in self._clients:
                        client.put(payload)
                case "console":
                    if run := self._runs.get(header["run"]):
                        run.print(header["kind"], header["data"])
                case "waiting-input":
                    if run := self._runs.get(header["run"]):
                        run.change("waiting-input", None, {"is_password": header["password"]})
                case "step":
                    if run := self._runs.get(header["run"]):
                        run.change(header["status"], header["exit"])
                case "finished" if header["run"] == "startup":
                    self._startup_done(self, header["exit"])
                case "finished":
                    if run := self._runs.get(header["run"]):
                        run.change("finished", header["exit"])
                    self._current = None
                case "service":
                    starting = self._services.pop(header["id"], None)
                    if starting is not None and not starting.done():
                        if "error" in header:
                            starting.set_exception(ContainerError(header["error"]))
                        else:
                            starting.set_result(header["socket"])
                case "completions":
                    future = self._completions.pop(header["id"], None)
                    if future is not None and not future.done():
                        future.set_result(header["items"])
        self.alive = False
        for client in self._clients:
            client.end()
        for run in self._runs.values():
            run.change("finished", 130)
        for future in self._completions.values():
            future.cancel()
        for starting in self._services.values():
            if not starting.done():
                starting.set_exception(ContainerError("the session ended"))
        await self._close()
        self._ended(self)

    async def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            with suppress(ConnectionError):
                await self._writer.wait_closed()
        if self._process is not None:
            try:
                async with asyncio.timeout(END_TIMEOUT):
                    await self._process.wait()
            except TimeoutError:
                with suppress(ProcessLookupError):
                    self._process.kill()
                await self._process.wait()

    async def stop(self) -> None:
        """End the supervisor and everything below it."""
        if self._writer is not None:
            self._writer.close()
        if self._reading is not None:
            await asyncio.shield(self._reading)

    def touch(self) -> None:
        """Somebody used the session."""
        self.active_at = asyncio.get_running_loop().time()

    def attach(self) -> Outlet:
        """Join the terminal; the shell is started if it does not run yet."""
        self._send({"op": "pty-open"})
        client = Outlet()
        self._clients.add(client)
        return client

    def detach(self, client: Outlet) -> None:
        """Leave the terminal."""
        self._clients.discard(client)

    def type(self, data: bytes) -> None:
        """Write to the terminal."""
        self._send({"op": "pty-write"}, data)

    def resize(self, rows: int, columns: int) -> None:
        """Tell the terminal its size."""
        self._send({"op": "pty-resize", "rows": rows, "cols": columns})

    def restart_shell(self) -> None:
        """End the shell; a new one follows."""
        self._send({"op": "pty-restart"})

    def execute(self, run_id: str, code: str) -> Run:
        """Begin a run of query mode."""
        run = self._new_run(run_id)
        self._send({"op": "execute", "run": run_id}, code.encode("utf-8", "surrogatepass"))
        return run

    def batch(self, run_id: str, steps: dict[str, str | None]) -> Run:
        """Begin a run of batch mode."""
        run = self._new_run(run_id)
        self._send({"op": "batch", "run": run_id, "steps": steps})
        return run

    def _new_run(self, run_id: str) -> Run:
        run = self._runs[run_id] = self._current = Run(run_id)
        while len(self._runs) > MAX_RUNS:
            del self._runs[next(iter(self._runs))]
        return run

    def find_run(self, run_id: str) -> Run | None:
        """A run that was begun and not forgotten."""
        return self._runs.get(run_id)

    @property
    def busy(self) -> bool:
        """Whether code runs."""
        return self._current is not None

    def forget_run(self, run: Run) -> None:
        """Its last result was taken."""
        if self._runs.get(run.id) is run:
            del self._runs[run.id]

    def input(self, line: str) -> None:
        """Answer a question of the code."""
        self._send({"op": "input"}, line.encode("utf-8", "surrogatepass"))

    def interrupt(self) -> None:
        """Interrupt the code that runs."""
        self._send({"op": "interrupt"})

    def startup(self, command: str) -> None:
        """Run the command of a batch session."""
        self._send({"op": "startup"}, command.encode("utf-8", "surrogatepass"))

    async def complete(self, code: str, options: dict[str, Any]) -> list[str]:
        """Names that may follow; empty while code runs."""
        number = next(self._numbers)
        future: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        self._completions[number] = future
        self._send({"op": "complete", "id": number, "options": options}, code.encode())
        async with asyncio.timeout(10):
            return await future

    async def service(self, name: str) -> str:
        """Path of the socket of a service, which is started if it does not run.

        Raises:
            ContainerError: it did not start.
        """
        self.touch()
        number = next(self._numbers)
        starting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._services[number] = starting
        self._send({"op": "service", "id": number, "name": name})
        return await starting
