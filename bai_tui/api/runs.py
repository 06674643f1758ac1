"""One run of code, whichever way it travels: the websocket, or the loop of REST requests.

Both give the same results (rest-sessions.md 5, rest-streams.md 3). The websocket is quicker and
ends the run when it is lost; the loop survives a lost connection, and is all there is for the
sessions of other owners on old servers.

Batch mode on servers since 20.03 needs care. When a step is over, their agents throw away what
the next steps say until somebody asks again: a quick command is never seen to end, and a run that
is not seen to end blocks all later ones. Only what the first step says is safe. So each command
goes as the first step of a run of its own, and that run's last step is a pause, which is still
going on when the next request arrives; its end ends the run.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from enum import StrEnum
from typing import Any, Final

from bai_tui.api.exceptions import (
    BackendAPIError,
    BackendConnectionError,
    BackendTimeoutError,
    ConnectionLostError,
    InvalidResponseError,
    StreamClosedError,
)
from bai_tui.api.functions.base import Item
from bai_tui.api.functions.kernel import Kernel, StreamExecute

OVER: Final = frozenset({"finished", "exec-timeout"})
"""Statuses after which nothing follows."""

DELAYS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between the attempts to go on with a run whose connection was lost."""

END_SECONDS: Final = 20.0
"""Seconds after the command's end in which its run has to end, too."""

STEPS: Final = {"clean": "clean-finished", "build": "build-finished", "exec": "finished"}
"""The steps of batch mode in their order, and the status at the end of each."""

DEFAULTS: Final = {
    "clean": ":",
    "build": "if [ -f Makefile ]; then make; "
    "elif [ -f setup.py ]; then $(command -v python || echo python3) -m pip install --user -e .; "
    "else echo 'neither Makefile nor setup.py: nothing to build' >&2; fi",
    "exec": "if [ -f main.py ]; then $(command -v python || echo python3) main.py; "
    "else echo 'no main.py: give a command' >&2; exit 127; fi",
}
"""What `*` stands for where runs go step by step: the same as in the servers' Python images."""

ASKING: Final = "export _BACKEND_BATCH_MODE=1\n"
"""Set by servers for the last step only: makes Python's `input()` ask the client."""

UNENDED: Final = (
    "The command ended (exit code {result[exitCode]}), but the server does not end its run. Later "
    "code in this session may wait for ever: terminate the session and create a new one."
)


class Carrier(StrEnum):
    """How a run travels; `AUTO` is the websocket where it can be had."""

    AUTO = "auto"
    STREAM = "stream"
    REST = "rest"


PAUSES: Final = {Carrier.STREAM: "sleep 1", Carrier.REST: "sleep 2"}
"""By carrier: a command that outlives the time in which a server listens to nobody."""


class CodeRun:
    """One run: iterate `results` once; `answer` and `interrupt` it meanwhile.

    Args:
        kernel: the session.
        code: source of query mode.
        mode: query or batch. opts: for batch {clean, build, exec}.
        carrier: how to travel.

    Attributes:
        carrier: how it travels in fact; known when the first result came.
        fallback: why the websocket was not taken though `AUTO` was wished; empty when it was.

    Example:
        >>> from bai_tui.api.runs import CodeRun
        >>> kernel = await session.Kernel.get_or_create(
        ...     "python", client_token="docs-runs", resources={"cpu": 1, "mem": "256m"}
        ... )
        >>> run = CodeRun(kernel, "print(6 * 7)")
        >>> "".join([text async for result in run.results() for _, text in result["console"]])
        '42\\n'
        >>> str(run.carrier)
        'stream'
        >>> await kernel.destroy() is not None
        True
    """

    def __init__(
        self,
        kernel: Kernel,
        code: str = "",
        *,
        mode: str = "query",
        opts: Mapping[str, Any] | None = None,
        carrier: Carrier = Carrier.AUTO,
    ) -> None:
        self.kernel: Kernel = kernel
        self.code: str = code
        self.mode: str = mode
        self.opts: dict[str, Any] = dict(opts or {})
        self.carrier: Carrier = carrier
        self.fallback: str = ""
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        self._stream: StreamExecute | None = None
        self._command: str | None = None
        self._interrupted = False

    async def results(self) -> AsyncIterator[Item]:
        """The results in their order; the last one is `finished` or `exec-timeout`.

        A result may have an item `lost`: how often the connection was lost before it came.
        In batch mode a step without a command may report its end, or not.

        Raises:
            StreamClosedError: the websocket was lost; the server interrupts the code then.
            BackendClientError: the session ended, or no connection for half a minute.
            BackendAPIError: the server refused.
            InvalidResponseError: a batch command ended, but the server does not end the run.
        """
        stepwise = self.kernel.session.generation.stepwise_batch
        parts = self._stepwise() if self.mode == "batch" and stepwise else self._whole()
        async with aclosing(parts):
            async for result in parts:
                yield result

    async def _stepwise(self) -> AsyncGenerator[Item]:
        result: Item = {"status": "finished", "exitCode": 0, "options": None, "console": []}
        for step in STEPS:
            command = self.opts.get(step)
            if not command:
                continue
            if self._interrupted:
                break
            if step == "exec" and result["status"] == "build-finished" and result["exitCode"]:
                # As these servers do it themselves, but saying why.
                text = f"the build ended with {result['exitCode']}: nothing is run\n"
                result = {**result, "exitCode": 127, "console": [["stderr", text]]}
                break
            async with aclosing(self._step(step, command)) as part:
                async for result in part:
                    yield result
                    if result["status"] in OVER:
                        return
        yield {**result, "status": "finished"}

    async def _step(self, step: str, command: str) -> AsyncGenerator[Item]:
        """What one command says and its end, which is told when its run is over."""
        command = DEFAULTS[step] if command == "*" else command
        self._command = ASKING + command if step == "exec" else command
        async with aclosing(self._whole()) as parts:
            async for result in parts:
                if result["status"] == "clean-finished":
                    break
                yield result
            else:
                return
            yield {**result, "status": "continued", "exitCode": None}
            try:
                async with asyncio.timeout(END_SECONDS):
                    async for _ in parts:
                        pass
            except TimeoutError as error:
                raise InvalidResponseError(UNENDED.format(result=result)) from error
            yield {**result, "status": STEPS[step], "console": []}

    def _options(self, carrier: Carrier) -> dict[str, Any]:
        if self._command is None:
            return self.opts
        return {"clean": self._command, "build": "", "exec": PAUSES[carrier]}

    async def _whole(self) -> AsyncGenerator[Item]:
        """One run as the server sees it."""
        if self.carrier is Carrier.AUTO:
            self.fallback = self._no_stream()
            self.carrier = Carrier.REST if self.fallback else Carrier.AUTO
        if self.carrier is Carrier.REST:
            async for result in self._loop():
                yield result
            return
        options = self._options(Carrier.STREAM)
        opening = self.kernel.stream_execute(self.code, mode=self.mode, opts=options)
        try:
            stream = await opening.__aenter__()
        except (BackendAPIError, BackendTimeoutError) as error:
            # Nothing was sent yet: a refused websocket (by a proxy, say) is no refused run.
            if self.carrier is Carrier.STREAM:
                raise
            self.fallback = str(error)
            self.carrier = Carrier.REST
            async for result in self._loop():
                yield result
            return
        self.carrier = Carrier.STREAM
        self._stream = stream
        try:
            async for result in self._streamed(stream):
                yield result
        finally:
            self._stream = None
            await opening.__aexit__(None, None, None)

    def _no_stream(self) -> str:
        kernel = self.kernel
        if kernel.owner_access_key and not kernel.session.generation.foreign_streams:
            return "this server's streams reach one's own sessions only"
        return ""

    async def _streamed(self, stream: StreamExecute) -> AsyncGenerator[Item]:
        answering: asyncio.Task[None] | None = None
        try:
            async for result in stream.results():
                if result["status"] == "waiting-input" and answering is None:
                    answering = asyncio.create_task(self._send_answers(stream))
                yield result
                if result["status"] in OVER:
                    return
        finally:
            if answering is not None:
                answering.cancel()
        raise StreamClosedError(
            "The connection was lost while the code ran; the server interrupts it then."
        )

    async def _send_answers(self, stream: StreamExecute) -> None:
        while True:
            await stream.send_str(await self._lines.get())

    async def _loop(self) -> AsyncGenerator[Item]:
        kernel = self.kernel
        options = self._options(Carrier.REST)
        result = await kernel.execute(None, self.code, self.mode, options)
        while True:
            yield result
            if result["status"] in OVER:
                return
            run_id = str(result.get("runId") or "")
            if result["status"] == "waiting-input":
                result = await kernel.execute(run_id, await self._lines.get(), "input")
            else:
                result = await self._go_on(run_id)

    async def _go_on(self, run_id: str) -> Item:
        """Ask for what is next; the run goes on in the session while nobody can ask."""
        for attempt, delay in enumerate((*DELAYS, None)):
            try:
                result = await self.kernel.execute(run_id, "", "continue")
            except (BackendConnectionError, ConnectionLostError, BackendTimeoutError):
                if delay is None:
                    raise
                await asyncio.sleep(delay)
            else:
                return {**result, "lost": attempt} if attempt else result
        raise AssertionError("unreachable")

    def answer(self, line: str) -> None:
        """Give the line that a result with the status `waiting-input` asks for."""
        self._lines.put_nowait(line)

    async def interrupt(self) -> None:
        """Interrupt the code; its last result follows."""
        self._interrupted = True
        await self.kernel.interrupt()


async def completions(
    kernel: Kernel, code: str, row: int = 0, column: int | None = None
) -> list[str]:
    """What may stand at a place of `code`, as the session's interpreter says.

    19.09 fails at the path made for it; the execution mode `complete` does the same there.

    Args:
        kernel: the session.
        code: all lines. row, column: the place, from 0; column None: the end of the row.

    Returns:
        Whole words that replace the one before the place; `[]` when there are none.
    """
    lines = code.split("\n")
    line = lines[row] if row < len(lines) else ""
    column = len(line) if column is None else column
    options = {"row": row, "col": column, "line": line, "post": line[column:]}
    try:
        answer: Any = await kernel.complete(code, options)
    except BackendAPIError as error:
        if error.status < 500:
            raise
        answer = await kernel.execute(None, code, "complete", options)
    return _completed(answer)


def _completed(answer: Any) -> list[str]:
    """The words in any of the shapes servers have answered with."""
    result = answer.get("result", answer) if isinstance(answer, Mapping) else None
    if not isinstance(result, Mapping):
        return []
    found: Any = result.get("completions")
    if found is None:
        records = [r for r in result.get("console") or () if len(r) > 1 and r[0] == "completion"]
        found = records[-1][1] if records else ()
    if isinstance(found, Mapping):
        found = found.get("suggestions") or found.get("matches") or ()
    if not isinstance(found, Sequence) or isinstance(found, str):
        return []
    return [str(word) for word in found]
