"""Running code: query mode in the persistent interpreter, batch mode as shell commands."""

from __future__ import annotations

import asyncio
import codecs
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from contextlib import suppress

from bai_tui.local.runner import frames

Send = Callable[[frames.Header, bytes], None]
DEFAULTS = {
    "clean": "",
    "build": "if [ -f setup.py ]; then python setup.py install --user; fi",
    "exec": "if [ -f main.py ]; then python main.py; "
    "else echo 'no main.py to run' >&2; exit 127; fi",
}
"""What `*` stands for in each step of batch mode (the image is a Python one)."""


async def pump(
    stream: asyncio.StreamReader, sink: Callable[[str], None], idle: asyncio.Event | None = None
) -> None:
    """Pass on text as it comes, cut anywhere but inside a character."""
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    while data := await stream.read(65536):
        if text := decode(data):
            sink(text)
    if text := decode(b"", True):
        sink(text)
    if idle is not None:
        idle.set()


class Queries:
    """Query mode: one interpreter process, started when first needed."""

    def __init__(self, send: Send, env: dict[str, str], cwd: str) -> None:
        self._send = send
        self._env = env
        self._cwd = cwd
        self._process: Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._run = ""
        self._starting = asyncio.Lock()
        self._completions: set[int] = set()

    @property
    def groups(self) -> set[int]:
        """Process groups to be killed at the end."""
        return {self._process.pid} if self._process else set()

    async def _start(self) -> asyncio.StreamWriter:
        async with self._starting:
            if self._writer is not None:
                return self._writer
            ours, theirs = socket.socketpair()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "bai_tui.local.runner.interpreter",
                str(theirs.fileno()),
                cwd=self._cwd,
                env=self._env | {"PYTHONPATH": os.environ.get("PYTHONPATH", "")},
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=PIPE,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
            theirs.close()
            reader, writer = await asyncio.open_connection(sock=ours)
            self._writer = writer
            self._reading = asyncio.create_task(self._serve(self._process, reader))
            return writer

    async def _serve(self, process: Process, reader: asyncio.StreamReader) -> None:
        """Pass on what the interpreter says; report its end."""
        assert process.stdout is not None
        assert process.stderr is not None
        pumps = [
            asyncio.create_task(pump(process.stdout, lambda text: self._record("stdout", text))),
            asyncio.create_task(pump(process.stderr, lambda text: self._record("stderr", text))),
        ]
        while (message := await frames.read(reader)) is not None:
            header, payload = message
            if header["op"] == "completions":
                self._completions.discard(header["id"])
            if header["op"] == "finished":
                # What programs started by the code wrote travels through pipes; let it pass first.
                await asyncio.sleep(0)
                self._run = ""
            self._send(header, payload)
        code = await process.wait()
        await asyncio.gather(*pumps)
        if self._writer is not None:
            self._writer.close()
        self._writer = self._process = None
        for number in self._completions:
            self._send({"op": "completions", "id": number, "items": []}, b"")
        self._completions.clear()
        if self._run:
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            text = f"The interpreter ended ({how}); its variables are lost.\n"
            self._record("stderr", text)
            exit_code = 128 - code if code < 0 else code
            self._send({"op": "finished", "run": self._run, "exit": exit_code}, b"")
            self._run = ""

    def _record(self, kind: str, text: str) -> None:
        header = {"op": "console", "run": self._run, "kind": kind, "data": text}
        self._send(header, b"")

    async def execute(self, run: str, code: bytes) -> None:
        """Begin a run."""
        writer = await self._start()
        self._run = run
        writer.write(frames.encode({"op": "execute", "run": run}, code))

    async def input(self, line: bytes) -> None:
        """Answer the code's question."""
        if self._writer is not None and self._run:
            self._writer.write(frames.encode({"op": "input"}, line))

    async def complete(self, number: int, options: object, code: bytes) -> None:
        """Ask for completions; nothing is known while code runs."""
        if self._run:
            self._send({"op": "completions", "id": number, "items": []}, b"")
            return
        writer = await self._start()
        self._completions.add(number)
        writer.write(frames.encode({"op": "complete", "id": number, "options": options}, code))

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the code."""
        if self._process is not None and self._run:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGINT)


class Batches:
    """Batch mode: clean, build and exec as commands of the shell, one after the other."""

    def __init__(self, send: Send, env: dict[str, str], cwd: str) -> None:
        self._send = send
        self._env = env
        self._cwd = cwd
        self._process: Process | None = None
        self._interrupted = False

    @property
    def groups(self) -> set[int]:
        """Process groups to be killed at the end."""
        return {self._process.pid} if self._process else set()

    async def execute(self, run: str, steps: dict[str, str | None]) -> None:
        """Run the three steps and report each."""
        self._interrupted = False
        code = 0
        for step in ("clean", "build", "exec"):
            command = steps.get(step) or ""
            if command == "*":
                command = DEFAULTS[step]
            code = await self.command(run, command) if command else 0
            if step != "exec":
                status = f"{step}-finished"
                self._send({"op": "step", "run": run, "status": status, "exit": code}, b"")
            if self._interrupted:
                break
        self._send({"op": "finished", "run": run, "exit": code}, b"")

    async def command(self, run: str, command: str) -> int:
        """Run one command; returns its exit code."""
        process = await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            command,
            cwd=self._cwd,
            env=self._env,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            start_new_session=True,
        )
        self._process = process
        assert process.stdout is not None
        assert process.stderr is not None

        def sink(kind: str) -> Callable[[str], None]:
            def take(text: str) -> None:
                self._send({"op": "console", "run": run, "kind": kind, "data": text}, b"")

            return take

        pumps = asyncio.gather(
            pump(process.stdout, sink("stdout")), pump(process.stderr, sink("stderr"))
        )
        code = await process.wait()
        # A daemon it left behind may hold the pipes open for ever.
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await asyncio.shield(pumps)
        if not pumps.done():
            pumps.cancel()
            with suppress(asyncio.CancelledError):
                await pumps
        self._process = None
        return 128 - code if code < 0 else code

    def interrupt(self) -> None:
        """Interrupt the running step; the following ones are skipped."""
        if self._process is not None:
            self._interrupted = True
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGINT)
