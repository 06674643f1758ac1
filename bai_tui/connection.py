"""The one connection to a cluster: session, who am I, event feed, health. Every screen asks it.

Nothing heavy is imported before `start`: the client (aiohttp) is loaded in a thread.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from bai_tui.diagnosis import Problem, explain
from bai_tui.feed import ClusterEvent, Feed

if TYPE_CHECKING:
    from bai_tui.api import APIConfig, AsyncSession
    from bai_tui.api.events import EventStream
    from bai_tui.identity import Identity

T = TypeVar("T")

DELAYS: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds before each further attempt, with up to a fifth more or less."""
REFUSED_DELAY: Final = 60.0
"""Seconds before a server that said no is asked again by itself."""
BATCH: Final = 0.05
"""Seconds for which events are collected, so that a burst is one message."""
MANY, SLOWER = 25, 0.2
"""Events of a batch that are a flood, and how long the next one is collected then: every batch is a
picture of the whole log, and nobody reads twenty of those a second."""
POLL: Final = 5.0
"""Seconds between two refreshes on servers without an event stream."""
STREAM_RETRY: Final = 60.0
"""Seconds before a server that had no event stream is asked for it again."""


class Target(Protocol):
    """Something that knows how to reach a cluster: environment, profile, embedded cluster."""

    label: str

    async def resolve(self) -> APIConfig:
        """How to reach it now; may start it. Called before every attempt, so it must be cheap."""
        ...

    async def close(self) -> None:
        """Stop what `resolve` started."""
        ...


class Health(StrEnum):
    """How the connection is."""

    STARTING = "starting"
    CONNECTING = "connecting"
    LIVE = "live"
    OFFLINE = "offline"
    REFUSED = "refused"


class LoginNeededError(Exception):
    """A web server has no login of ours and the profile knows no password."""


async def log_in(session: AsyncSession, target: Target, *, again: bool = False) -> None:
    """In session mode be logged in: by the login kept from before, else with the profile's words.

    A web server refuses a login where one holds, so with words at hand one request answers
    whether the kept one does, and replaces it where not. `again`: with a session that was logged
    in before, so that the server need not refuse anything.

    Raises:
        LoginNeededError: neither was enough. BackendError: as the calls themselves.
    """
    if session.config.endpoint_type != "session":
        return
    from bai_tui.api.exceptions import AuthenticationError, InvalidRequestError
    from bai_tui.api.logins import Logins

    known: Callable[[], Awaitable[tuple[str, str]]] | None = getattr(target, "credentials", None)
    user, password = await known() if known is not None else ("", "")
    name = await asyncio.to_thread(Logins().username, session.config.endpoints)
    if user and name not in ("", user):
        session.cookie_jar.clear()  # somebody else's, with another profile
    kept, words = len(session.cookie_jar) > 0, bool(user and password)
    if kept and (again or not words) and await _holds(session):
        return
    if not words:
        raise LoginNeededError(
            f"{session.config.endpoint} wants a login, and no user name and password are kept"
        )
    with suppress(AuthenticationError):  # later servers say it by the status
        try:
            answer = await session.Auth.login(user, password)
        except InvalidRequestError as error:
            # All releases refuse it with these words; others would cost one question more.
            if kept and ("already logged in" in str(error) or await _holds(session)):
                return
            raise
        if answer.get("authenticated"):
            return
    raise LoginNeededError(f"{session.config.endpoint} did not accept {user} and the password")


async def _holds(session: AsyncSession) -> bool:
    """Whether the kept login holds."""
    return bool((await session.Auth.login_check()).get("authenticated"))


class NotWritableError(Exception):
    """A change was not sent: read-only mode, or no connection. The text says which."""


class Connection:
    """One session to one cluster, kept alive for ever.

    Attributes:
        health: how it is; `on_change` is called after every change of anything here.
        problem: why it is offline or refused.
        retry_at: loop time of the next attempt while offline or refused.
        lost_at: loop time at which the last live connection was lost.
        polling: live, but the server has no event stream for us.
        identity: who we are, once known; stays while offline.
        generation: counts successful connections; a change means: reconcile everything.
        feed: the events of this run of the program.
        read_only: no change is sent.
    """

    def __init__(
        self,
        target: Target,
        *,
        read_only: bool = False,
        on_change: Callable[[], None] = lambda: None,
        on_events: Callable[[tuple[ClusterEvent, ...]], None] = lambda events: None,
    ) -> None:
        self.target = target
        self.read_only = read_only
        self.on_change = on_change
        self.on_events = on_events
        self.health = Health.STARTING
        self.problem: Problem | None = None
        self.retry_at: float | None = None
        self.lost_at: float | None = None
        self.polling = False
        self.identity: Identity | None = None
        self.generation = 0
        self.feed = Feed()
        self._session: AsyncSession | None = None
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._flood = False
        self._flush: asyncio.TimerHandle | None = None
        self._batch: list[ClusterEvent] = []

    # What screens ask for.

    @property
    def label(self) -> str:
        """Name of the cluster."""
        return self.target.label

    @property
    def endpoint(self) -> str:
        """Where it is; empty before the first attempt."""
        return str(self._session.config.endpoint) if self._session else ""

    @property
    def session(self) -> AsyncSession:
        """The session for reading.

        Raises:
            NotWritableError: there was no connection yet.
        """
        if self._session is None:
            raise NotWritableError("there is no connection yet")
        return self._session

    @property
    def ready(self) -> bool:
        """Whether there is a session and it is not known to be broken."""
        return self.health is Health.LIVE and self._session is not None

    @property
    def first_try(self) -> bool:
        """Whether it is being made for the first time, with nothing known against it."""
        begun = self.health in (Health.STARTING, Health.CONNECTING)
        return begun and self.generation == 0 and self.problem is None

    @property
    def clock_offset(self) -> float:
        """Server clock minus ours, in seconds."""
        return self._session.clock_offset if self._session else 0.0

    @property
    def server(self) -> str:
        """Release and API version of the server; empty before it is known."""
        info = self._session.server if self._session else None
        return f"{info.manager} ({info.version})" if info else ""

    @property
    def spoken(self) -> str:
        """Generation of servers that is spoken, such as `API v4 (19.09)`; empty before it is known.

        The session speaks the newest version that both know.
        """
        info = self._session.server if self._session else None
        if info is None:
            return ""
        return f"API v{info.generation.number} ({info.generation.releases})"

    def refusal(self) -> str:
        """Why nothing can be changed now; empty when it can."""
        if self.read_only:
            return "read-only mode (:readonly off ends it)"
        if not self.ready:
            return f"not sent: {self.health.value}"
        return ""

    async def write(self, change: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Do something that changes the cluster. Every change goes through here.

        Raises:
            NotWritableError: read-only mode or no connection; nothing was sent.
            BackendError: as the call itself.
        """
        reason = self.refusal()
        if reason:
            raise NotWritableError(reason)
        return await change(self.session)

    def suspect(self, error: BaseException) -> None:
        """Hear of a call that failed for want of a connection: look after it now."""
        from bai_tui.api.exceptions import BackendConnectionError

        if isinstance(error, BackendConnectionError) and self.health is Health.LIVE:
            self._wake.set()

    def retry_now(self) -> None:
        """End the waiting for the next attempt."""
        if self.health in (Health.OFFLINE, Health.REFUSED):
            self._wake.set()

    # Life.

    def start(self) -> None:
        """Begin to connect; call it once, after the first paint."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="connection")

    async def stop(self) -> None:
        """End everything, also what the target started."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if self._flush is not None:
            self._flush.cancel()
        await self._close_session()
        await self.target.close()

    async def _run(self) -> None:
        await asyncio.to_thread(_load_client)
        failures = 0
        while True:
            self._wake.clear()
            self._set(Health.CONNECTING)
            began = asyncio.get_running_loop().time()
            generation = self.generation
            try:
                await self._connect_and_listen()
            except Exception as error:
                # Whatever a server or a network does must not end the program.
                lived = asyncio.get_running_loop().time() - began
                failures = 0 if self.generation != generation and lived > 5 else failures + 1
                await self._wait(explain(error), failures)
            else:
                failures = 0

    async def _wait(self, problem: Problem, failures: int) -> None:
        loop = asyncio.get_running_loop()
        self.problem = problem
        delay = REFUSED_DELAY if problem.refused else DELAYS[min(failures, len(DELAYS)) - 1]
        if failures == 0:
            delay = DELAYS[0]
        delay *= random.uniform(0.8, 1.2)
        self.retry_at = loop.time() + delay
        self._wake.clear()
        self._set(Health.REFUSED if problem.refused else Health.OFFLINE)
        with suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await self._wake.wait()
        self.retry_at = None

    async def _connect_and_listen(self) -> None:
        from bai_tui.identity import identify

        session = await self._open()
        stream = session.Kernel.events(reconnect=False)
        who = asyncio.create_task(identify(session))
        reading: asyncio.Task[None] | None = None
        try:
            listening = await self._enter(stream)
            self.identity = await who
            self._live(polling=not listening)
            reading = asyncio.create_task(self._read(stream) if listening else self._poll())
            # Whoever suspects that the connection is lost wakes us; reading ends only by loss.
            woken = asyncio.create_task(self._wake.wait())
            try:
                await asyncio.wait({reading, woken}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                woken.cancel()
            if reading.done():
                reading.result()
        finally:
            for task in (who, reading):
                if task is not None:
                    task.cancel()
                    with suppress(BaseException):
                        await task
            await stream.__aexit__(None, None, None)
            if self.health is Health.LIVE:
                self.lost_at = asyncio.get_running_loop().time()

    async def _read(self, stream: EventStream) -> None:
        async for event in stream:
            self._collect(ClusterEvent.parse(event.event, event.data))
        raise ConnectionResetError("the server ended the event stream")

    async def _open(self) -> AsyncSession:
        """The session in use if its server is still the right one and answers, else a new one."""
        from bai_tui.api.session import AsyncSession

        config = await self.target.resolve()
        old = self._session
        if old is not None and (
            old.config.endpoints != config.endpoints or old.config.access_key != config.access_key
        ):
            await self._close_session()
            old = None
        session = AsyncSession(config=config) if old is None else old
        # A login needs no version: the two questions travel together.
        login = asyncio.create_task(log_in(session, self.target, again=old is not None))
        try:
            await (session.open() if old is None else session.negotiate())
            self._session = session
            await login
        finally:
            if login.cancel():
                await asyncio.wait({login})
        return session

    async def _close_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _enter(self, stream: EventStream) -> bool:
        """Open the event stream; False when this server does not give us one."""
        from bai_tui.api.exceptions import NotFoundError, PermissionDeniedError

        try:
            await stream.__aenter__()
        except (NotFoundError, PermissionDeniedError):
            return False
        return True

    def _live(self, *, polling: bool) -> None:
        self.polling = polling
        self.problem = None
        self.generation += 1
        if self.generation > 1:
            loop = asyncio.get_running_loop()
            away = loop.time() - self.lost_at if self.lost_at is not None else 0.0
            self._collect(ClusterEvent.gap(away))
        self._set(Health.LIVE)

    async def _poll(self) -> None:
        """Without a stream: say at every interval that things may have changed."""
        loop = asyncio.get_running_loop()
        until = loop.time() + STREAM_RETRY
        while loop.time() < until:
            await asyncio.sleep(POLL)
            await self.session.negotiate()
            self._collect(ClusterEvent.poll())

    def _collect(self, event: ClusterEvent) -> None:
        self._batch.append(event)
        if self._flush is None:
            wait = SLOWER if self._flood else BATCH
            self._flush = asyncio.get_running_loop().call_later(wait, self._deliver)

    def _deliver(self) -> None:
        self._flush = None
        batch, self._batch = tuple(self._batch), []
        self._flood = len(batch) >= MANY
        self.on_events(self.feed.add(batch))

    def _set(self, health: Health) -> None:
        self.health = health
        self.on_change()


def _load_client() -> None:
    """Import what the first requests need; runs in a thread, beside the first paint."""
    import bai_tui.api.events
    import bai_tui.api.functions.admin
    import bai_tui.api.functions.kernel
    import bai_tui.api.session
    import bai_tui.identity  # noqa: F401
