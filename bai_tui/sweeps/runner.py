"""Running a sweep: send what may be sent, see what became of it, fetch its output; again and again.

Every round asks the server how things are, so that a lost connection, a restarted server or a
restarted program change nothing but the time it takes. A case that was sent and not answered is
looked for by its name before it is sent again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from bai_tui.sweeps.case import ALIVE, Case, State
from bai_tui.sweeps.output import Output
from bai_tui.sweeps.spec import Combination, SweepError, exit_status, last_line, session_command
from bai_tui.sweeps.sweep import Sweep

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession, SessionInfo
    from bai_tui.identity import Identity

T = TypeVar("T")

INTERVAL: Final = 2.0
"""Seconds between two looks at the server, when no event asks for one earlier."""
SOON: Final = 0.25
"""Seconds after an event, so that a burst of them is one look."""
SENT_AT_ONCE: Final = 8
LOGS_AT_ONCE: Final = 8
"""Logs of running cases read in a round; with more of them they take turns."""
MISSES: Final = 3
"""Looks at the server without a session before it is taken for lost."""
REFUSALS: Final = 3
"""Cases refused one after the other before the rest is held back."""
OVER_STATUSES: Final = "TERMINATED,CANCELLED,ERROR"


class Link(Protocol):
    """What a runner needs of the connection."""

    @property
    def ready(self) -> bool:
        """Whether the server can be asked."""
        ...

    @property
    def session(self) -> AsyncSession:
        """For reading."""
        ...

    @property
    def identity(self) -> Identity | None:
        """Who we are, once known."""
        ...

    def refusal(self) -> str:
        """Why nothing can be changed now; empty when it can."""
        ...

    async def write(self, change: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Change something; raises NotWritableError when it was not sent."""
        ...

    def suspect(self, error: BaseException) -> None:
        """Hear of a call that failed."""
        ...


class Runner:
    """Keeps one sweep going in a task of its own."""

    def __init__(self, sweep: Sweep, link: Callable[[], Link]) -> None:
        self.sweep = sweep
        self._get_link = link
        self._output = Output(sweep)
        self._plan: dict[int, Combination] = {c.number: c for c in sweep.spec.combinations()}
        self._misses: dict[int, int] = {}
        self._turn = 0
        self._refused = 0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def _link(self) -> Link:
        """The connection in use now."""
        return self._get_link()

    @property
    def running(self) -> bool:
        """Whether somebody looks after the sweep."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Begin, or go on."""
        self._refused = 0
        self.sweep.set_hold("")
        if not self.running:
            self._task = asyncio.create_task(self._run(), name=f"sweep {self.sweep.id}")
        self._wake.set()

    def wake(self) -> None:
        """Something happened to one of its sessions."""
        self._wake.set()

    async def close(self) -> None:
        """Stop looking after it; what runs on the server goes on."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self.sweep.journal.close()

    async def _run(self) -> None:
        sweep = self.sweep
        while sweep.unfinished:
            self._wake.clear()
            identity = self._link.identity
            if not self._link.ready or identity is None:
                sweep.set_hold("no connection; it goes on when it is back")
            elif identity.access_key != sweep.access_key:
                sweep.set_hold(f"it belongs to {sweep.access_key} at {sweep.cluster}")
            else:
                await self._guarded_round()
            if not sweep.unfinished:
                break
            with suppress(TimeoutError):
                async with asyncio.timeout(INTERVAL):
                    await self._wake.wait()
                await asyncio.sleep(SOON)
        sweep.stopping = False
        if sweep.over:
            with suppress(SweepError):
                sweep.set_active(False)
        sweep.on_change(sweep, ())

    async def _guarded_round(self) -> None:
        from bai_tui.api.exceptions import BackendError

        try:
            await self._round()
        except SweepError as error:
            # A full disk: what is not written down would be run twice, so nothing more is sent.
            self.sweep.active = False
            self.sweep.set_hold(str(error))
        except (BackendError, OSError) as error:
            self._link.suspect(error)
            self.sweep.set_hold(str(error))

    async def _round(self) -> None:
        sweep = self.sweep
        if sweep.count(ALIVE):
            await self._look()
        if sweep.stopping:
            await self._end_all()
        refusal = self._link.refusal()
        if sweep.active and not refusal:
            await self._send_some()
        elif refusal and sweep.active:
            sweep.set_hold(refusal)

    # Looking.

    async def _look(self) -> None:
        kernels = self._link.session.Kernel
        key = self.sweep.access_key or None
        alive = {info.name: info for info in await kernels.list(access_key=key)}
        missing = [case for case in self.sweep.alive if case.session not in alive]
        over: Mapping[str, SessionInfo] = {}
        if missing:
            found = await kernels.list(
                status=OVER_STATUSES, access_key=key, limit=max(200, 4 * len(missing))
            )
            # Newest first, so that of two sessions of one name the newest counts.
            over = {info.name: info for info in reversed(found)}
        for case in self.sweep.alive:
            info = alive.get(case.session) or over.get(case.session)
            if info is None:
                self._miss(case)
            else:
                self._misses.pop(case.number, None)
                await self._seen(case, info)
        await self._read_logs()

    def _miss(self, case: Case) -> None:
        """The server knows no such session."""
        if case.state is State.SENDING:
            self.sweep.change(case, State.WAITING)
            return
        self._misses[case.number] = self._misses.get(case.number, 0) + 1
        if self._misses[case.number] >= MISSES:
            note = "the server does not know its session any more"
            self.sweep.change(case, State.FAILED, ended=time.time(), note=note)

    async def _seen(self, case: Case, info: SessionInfo) -> None:
        changes: dict[str, Any] = {}
        if info.id and case.session_id != info.id:
            changes["session_id"] = info.id
        if not info.is_alive or info.status == "ERROR":
            await self._finish(case, info, changes)
            return
        state = State.RUNNING if info.status == "RUNNING" else State.QUEUED
        if case.state is State.RUNNING:
            state = State.RUNNING
        if state is State.RUNNING and case.began is None:
            changes["began"] = time.time()
        if state is not case.state or changes:
            self.sweep.change(case, state, **changes)

    async def _finish(self, case: Case, info: SessionInfo, changes: dict[str, Any]) -> None:
        stored = self._link.session.generation.keeps_logs
        if not case.log and stored and info.status != "CANCELLED":
            from bai_tui.api.exceptions import BackendAPIError

            try:
                text = await self._log(info.id or case.session)
            except BackendAPIError as error:
                changes["note"] = f"its log could not be fetched: {error}"
            else:
                changes |= await self._output.keep(case, text)
        code = changes.get("exit_code", case.exit_code)
        good = info.result == "SUCCESS" or (code == 0 and info.result != "FAILURE")
        if good:
            state = State.DONE
            changes.setdefault("exit_code", 0 if code is None else code)
        elif self.sweep.stopping and code is None and info.result != "FAILURE":
            state = State.STOPPED
        else:
            state = State.FAILED
            if code is None:
                changes.setdefault("note", info.status_info or info.status.lower())
        changes["ended"] = info.terminated_at.timestamp() if info.terminated_at else time.time()
        if case.began is None and info.created_at is not None:
            changes["began"] = info.created_at.timestamp()
        self.sweep.change(case, state, **changes)

    async def _log(self, session: str) -> str:
        answer = await self._link.session.Kernel(session).get_logs()
        result = answer.get("result") if isinstance(answer, Mapping) else None
        return str((result or {}).get("logs") or "") if isinstance(result, Mapping) else ""

    async def _read_logs(self) -> None:
        running = [c for c in self.sweep.alive if c.state is State.RUNNING and not c.log]
        if not running:
            return
        start = self._turn % len(running)
        chosen = (running[start:] + running[:start])[:LOGS_AT_ONCE]
        self._turn += len(chosen)
        await asyncio.gather(*(self._read_log(case) for case in chosen))

    async def _read_log(self, case: Case) -> None:
        from bai_tui.api.exceptions import BackendAPIError

        try:
            text = await self._log(case.session)
        except BackendAPIError:
            return  # It has just ended; the next look says how.
        self.sweep.see(case, last_line(text))
        if exit_status(text) is not None:
            changes = await self._output.keep(case, text)
            if self._waits:
                changes |= await self._output.collect(case, self._link.session)
            self.sweep.change(case, **{"note": "", **changes})

    @property
    def _waits(self) -> bool:
        """Whether cases wait at their end until their output was fetched."""
        keeps = self._link.session.generation.keeps_logs
        return bool(self.sweep.spec.outputs) or not keeps

    # Sending.

    async def _send_some(self) -> None:
        sweep = self.sweep
        room = sweep.spec.concurrency - sweep.count(ALIVE)
        waiting = (case for case in sweep.cases if case.state is State.WAITING)
        reason = ""
        while room > 0 and not reason and sweep.active:
            batch = [case for _, case in zip(range(min(room, SENT_AT_ONCE)), waiting, strict=False)]
            if not batch:
                break
            room -= len(batch)
            reasons = await asyncio.gather(*(self._send(case) for case in batch))
            reason = next(filter(None, reasons), "")
        sweep.set_hold(reason)

    async def _send(self, case: Case) -> str:
        """Send one case; returns why no more should be sent now."""
        from bai_tui.api.exceptions import (
            BackendAPIError,
            BackendClientError,
            ConflictError,
            QuotaExceededError,
            RateLimitedError,
            ServerError,
        )
        from bai_tui.connection import NotWritableError

        sweep = self.sweep
        sweep.change(case, State.SENDING, session=sweep.session_name(case))
        try:
            await self._create(self._plan[case.number], case.session)
        except ConflictError:
            pass  # It was sent before; looking at the server will show it.
        except (NotWritableError, QuotaExceededError, RateLimitedError) as error:
            sweep.change(case, State.WAITING)
            return str(error)
        except (ServerError, BackendClientError) as error:
            # It may have arrived: it stays in doubt until the server was looked at.
            self._link.suspect(error)
            return str(error)
        except (BackendAPIError, ValueError) as error:
            sweep.change(case, State.FAILED, note=str(error), ended=time.time())
            return self._refusal(str(error))
        self._refused = 0
        sweep.change(case, State.QUEUED)
        return ""

    def _refusal(self, reason: str) -> str:
        self._refused += 1
        if self._refused < REFUSALS:
            return ""
        self.sweep.set_active(False)
        return f"held back after {self._refused} refusals: {reason}"

    async def _create(self, plan: Combination, name: str) -> None:
        spec = self.sweep.spec
        await self._link.write(
            lambda session: session.Kernel.get_or_create(
                spec.image,
                client_token=name,
                type_="batch",
                startup_command=session_command(plan.command, wait=self._waits),
                envs={**plan.environ, "BAI_CASE": f"{plan.number:04d}"},
                resources=dict(spec.resources) or None,
                mounts=list(spec.mounts) or None,
                group_name=spec.group or None,
                scaling_group=spec.scaling_group or None,
                tag=self.sweep.id,
                enqueue_only=True,
                no_reuse=True,
            )
        )

    # Ending.

    async def _end_all(self) -> None:
        alive: Sequence[Case] = self.sweep.alive if self.sweep.spec.remove else ()
        await asyncio.gather(*(self._end(case) for case in alive))

    async def _end(self, case: Case) -> None:
        from bai_tui.api.exceptions import BackendAPIError, NotFoundError
        from bai_tui.connection import NotWritableError

        try:
            await self._link.write(lambda session: session.Kernel(case.session).destroy())
        except NotFoundError:
            return  # It has ended by itself.
        except (NotWritableError, BackendAPIError) as error:
            self.sweep.change(case, note=f"not ended yet: {error}")
