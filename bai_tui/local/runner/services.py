"""Services of a session: programs that answer on a socket of their own, started when first used."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path

from bai_tui.local.runner import frames

START_TIMEOUT = 15.0
"""Seconds a service has to answer."""

MODULES = {"files": "bai_tui.local.runner.fileserver", "sshd": "bai_tui.local.runner.sshd"}
"""Module of each service; called with the path of its socket and run in the working directory."""


def command(name: str, path: str) -> list[str]:
    """The program of a service, listening on the socket of that path.

    Raises:
        OSError: it is not installed.
    """
    if name in MODULES:
        return [sys.executable, "-P", "-m", MODULES[name], path]
    jupyter = shutil.which("jupyter-lab") or shutil.which("jupyter-notebook")
    if name != "jupyter" or jupyter is None:
        raise OSError(f"{name} is not installed")
    # Only the session's user reaches the socket, so there is nothing a token would keep out.
    options = ("token=", "password=", "allow_remote_access=True", "allow_root=True")
    return [jupyter, f"--sock={path}", "--no-browser", *(f"--ServerApp.{o}" for o in options)]


Inside = Callable[[str], Awaitable[None]]
"""Starts a service within the supervisor, on the socket of that path."""


class Services:
    """The services of one session.

    Their sockets lie in a directory that only the session's user can enter: unlike a port, nobody
    else on this machine can reach them. It is a temporary one because such paths must be short.
    """

    def __init__(
        self,
        send: Callable[[frames.Header], None],
        env: dict[str, str],
        work: str,
        inside: Mapping[str, Inside],
    ) -> None:
        self._send, self._env, self._work = send, env, work
        self._inside = inside
        self._begun: set[str] = set()
        self._directory: str | None = None
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._lock = asyncio.Lock()

    @property
    def groups(self) -> set[int]:
        """Process groups to be killed at the end."""
        return {process.pid for process in self._processes.values()}

    async def start(self, number: int, name: str) -> None:
        """Start a service unless it runs; tells the path of its socket, or why there is none."""
        answer: frames.Header = {"op": "service", "id": number}
        try:
            async with self._lock:
                answer["socket"] = await self._running(name)
        except (OSError, TimeoutError) as error:
            answer["error"] = str(error) or "it did not answer in time"
        self._send(answer)

    async def _running(self, name: str) -> str:
        if self._directory is None:
            self._directory = tempfile.mkdtemp(prefix="bai-")
        path = f"{self._directory}/{name}"
        if name in self._inside:
            if name not in self._begun:
                await self._inside[name](path)
                self._begun.add(name)
            return path
        process = self._processes.get(name)
        if process is None or process.returncode is not None:
            with suppress(FileNotFoundError):
                os.unlink(path)
            root = str(Path(__file__).parents[3])
            process = self._processes[name] = await asyncio.create_subprocess_exec(
                *command(name, path),
                cwd=self._work,
                env={**self._env, "PYTHONPATH": root},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
            async with asyncio.timeout(START_TIMEOUT):
                await self._answers(process, path)
        return path

    async def _answers(self, process: asyncio.subprocess.Process, path: str) -> None:
        while True:
            if process.returncode is not None:
                raise OSError(f"the program ended with {process.returncode}")
            with suppress(OSError):
                _, writer = await asyncio.open_unix_connection(path)
                writer.close()
                return
            await asyncio.sleep(0.02)

    def close(self) -> None:
        """Remove the sockets; the programs are killed with the rest of the session."""
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
