"""Sessions: one configuration, one connection pool, and typed accessors to every function."""

from __future__ import annotations

import asyncio
import socket
import warnings
from abc import ABC, abstractmethod
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, cast

from bai_tui.api.accessors import Accessors
from bai_tui.api.config import APIConfig, get_config
from bai_tui.api.exceptions import (
    BackendAPIError,
    BackendClientError,
    UnsupportedByServerError,
)
from bai_tui.api.versioning import (
    OFFERS,
    V4,
    Generation,
    ServerInfo,
    generation_of,
    negotiate,
    server_info,
)

if TYPE_CHECKING:
    import aiohttp
    from aiohttp import AddrInfoType, ClientTimeout

    from bai_tui.api.delivery import RetryPolicy
    from bai_tui.api.proxies import Proxies

POOL: Final = 100
"""Requests that are carried out at the same time; further ones wait."""

KEEPALIVE: Final = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
"""Seconds of silence before the other side is asked whether it is there, and how often."""

SKEW_TOLERANCE: Final = 30.0
"""Seconds of difference that are taken for the way of the answer, not for a wrong clock."""


def _kept_alive(info: AddrInfoType) -> socket.socket:
    """A socket that notices when the other machine is gone, also while nothing is to be sent.

    Answers may take as long as they like (a session waits for its resources), so that silence
    alone tells nothing.
    """
    family, kind, protocol, *_ = info
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in KEEPALIVE.items():
        if hasattr(socket, option):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return made


async def _close(connector: aiohttp.BaseConnector) -> None:
    await connector.close()


class BaseSession(ABC):
    """What both kinds of sessions tell about themselves."""

    def __init__(self, *, config: APIConfig | None = None) -> None:
        self._config = config or get_config()

    @property
    @abstractmethod
    def asynchronous(self) -> AsyncSession:
        """The session that does the work."""

    @property
    def config(self) -> APIConfig:
        """The configuration in use."""
        return self._config

    @property
    def closed(self) -> bool:
        """Whether it was closed; a closed session cannot be used again."""
        return self.asynchronous._closed

    @property
    def server(self) -> ServerInfo | None:
        """What the server told of itself; None before the session is open."""
        return self.asynchronous._server

    @property
    def api_version(self) -> str:
        """The API version that is spoken."""
        if self._config.explicit_version:
            return self._config.version
        return self.asynchronous._negotiated or V4.newest

    @property
    def generation(self) -> Generation:
        """The names the server uses."""
        # The server's release decides what things are called, whatever version is spoken.
        return generation_of(self.api_version) if self.server is None else self.server.generation

    @property
    def release(self) -> str:
        """The server's release, for people: `26.9.6 (v9.20250722)`."""
        if self.server is None:
            return self.api_version
        return f"{self.server.manager} ({self.server.version})"

    def offers(self, function: str) -> bool:
        """Whether this server can do `function`, such as `VFolder.clone` (see docs)."""
        return self.generation.offers(function)

    def need(self, function: str) -> None:
        """Refuse what this server cannot do, before it is asked.

        Raises:
            UnsupportedByServerError: naming the server and the release that can.
        """
        refusal = self.generation.refusal(function, self.release)
        if refusal:
            raise UnsupportedByServerError(refusal, hint=OFFERS[function].instead)

    @property
    def clock_offset(self) -> float:
        """Seconds the server's clock is ahead of ours; 0 when they agree."""
        return self.asynchronous._clock_offset

    @property
    def retry_policy(self) -> RetryPolicy:
        """Decides what may be sent again."""
        return self.asynchronous._retry_policy

    @abstractmethod
    def close(self) -> Any:
        """End all connections."""


class AsyncSession(Accessors, BaseSession):
    """A session for coroutines: `async with AsyncSession() as session`.

    Opening it asks the server for its version. The accessors (`session.Kernel`, …) hold this
    session, so that several sessions to several servers work side by side, from any task.

    Raises on opening:
        BackendConnectionError, BackendTimeoutError, InvalidResponseError: no usable server.

    Example:
        >>> async with AsyncSession(config=config) as other:
        ...     answer = await other.Kernel.hello()
        >>> sorted(answer)
        ['manager', 'version']
    """

    def __init__(self, *, config: APIConfig | None = None) -> None:
        super().__init__(config=config)
        self._http: aiohttp.ClientSession | None = None
        self._streams: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._server: ServerInfo | None = None
        self._negotiated: str | None = None
        self._clock_offset = 0.0
        self._date: str | None = None

    @property
    def asynchronous(self) -> AsyncSession:
        """Itself."""
        return self

    @property
    def http(self) -> aiohttp.ClientSession:
        """The connection pool; made on first use, inside the running loop."""
        if self._http is None:
            import aiohttp

            self._loop = asyncio.get_running_loop()
            self._http = aiohttp.ClientSession(
                connector=self._connector(POOL), cookie_jar=self._cookies(), auto_decompress=True
            )
        return self._http

    @property
    def streams(self) -> aiohttp.ClientSession:
        """The same for what stays open: hundreds of tunnels must not keep requests waiting."""
        if self._streams is None:
            import aiohttp

            self._streams = aiohttp.ClientSession(
                connector=self._connector(0),
                cookie_jar=self.http.cookie_jar,
                # How long a stream may be silent is for its reader to say.
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=self._config.connection_timeout
                ),
            )
        return self._streams

    def limits(self, total: float | None = None, stall: float | None = None) -> ClientTimeout:
        """Time limits of a request: of the configuration, and what is given for this one."""
        if total is None and stall is None:
            return self._limits
        import aiohttp

        return aiohttp.ClientTimeout(
            total=total,
            sock_connect=self._config.connection_timeout,
            sock_read=self._config.read_timeout or stall,
        )

    @cached_property
    def _limits(self) -> ClientTimeout:
        import aiohttp

        return aiohttp.ClientTimeout(
            total=None,
            sock_connect=self._config.connection_timeout,
            sock_read=self._config.read_timeout,
        )

    def _connector(self, limit: int) -> aiohttp.TCPConnector:
        import aiohttp

        return aiohttp.TCPConnector(
            ssl=not self._config.skip_sslcert_validation,
            limit=limit,
            socket_factory=_kept_alive,
        )

    @property
    def cookie_jar(self) -> aiohttp.CookieJar:
        """Cookies of this session."""
        return cast("aiohttp.CookieJar", self.http.cookie_jar)

    def _cookies(self) -> aiohttp.CookieJar:
        """Cookies of this session; in session mode with those of the login."""
        import aiohttp

        jar = aiohttp.CookieJar(unsafe=True)
        if self._config.endpoint_type == "session":
            from bai_tui.api.logins import Logins

            Logins().load(self._config.endpoints, jar)
        return jar

    @property
    def connected(self) -> bool:
        """Whether connections may be open."""
        return self._http is not None

    @cached_property
    def proxies(self) -> Proxies:
        """Proxies of the environment."""
        from bai_tui.api.proxies import Proxies

        return Proxies()

    @cached_property
    def _retry_policy(self) -> RetryPolicy:
        from bai_tui.api.delivery import RetryPolicy

        return RetryPolicy()

    def prepare(self) -> None:
        """Refuse work that cannot be done.

        Raises:
            BackendClientError: the session is closed, or belongs to another event loop.
        """
        if self._closed:
            raise BackendClientError("The session is closed.", hint="Open a new one.")
        if self._loop is not None and self._loop is not asyncio.get_running_loop():
            raise BackendClientError(
                "The session belongs to another event loop.",
                hint="Open a session in each loop, or use a blocking Session in all threads.",
            )

    def _agree(self, server: ServerInfo) -> ServerInfo:
        """Remember the server and what to speak with it."""
        self._server = server
        if not self._config.explicit_version:
            self._negotiated = negotiate(server.version, self._config.version)
        return server

    def learn_clock(self, header: str | None) -> bool:
        """Compare an answer's `Date` with our clock; returns whether the offset was changed."""
        from bai_tui.api.request import server_time

        if header == self._date:
            return False
        self._date = header
        theirs = server_time(header)
        if theirs is None:
            return False
        offset = (theirs - datetime.now(UTC)).total_seconds()
        if abs(offset) < SKEW_TOLERANCE:
            offset = 0.0
        changed = abs(offset - self._clock_offset) > SKEW_TOLERANCE
        if changed:
            self._clock_offset = offset
        return changed

    async def __aenter__(self) -> AsyncSession:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def __del__(self, _warn: Any = warnings.warn) -> None:
        if self.__dict__.get("_http") is not None and not self._closed:
            self.abandon()
            _warn(f"{self!r} was not closed", ResourceWarning, source=self)

    def abandon(self) -> None:
        """Let go of the connections of a forgotten session, from wherever it is collected."""
        self._closed = True
        for http in self._take():
            connector = http.connector
            http.detach()
            if connector is None:
                continue
            closing = _close(connector)
            if self._loop is not None and self._loop.is_running():
                asyncio.run_coroutine_threadsafe(closing, self._loop)
                continue
            # Its loop is over: closing sockets needs none, only waiting for them would.
            with suppress(StopIteration, RuntimeError):
                closing.send(None)
            closing.close()

    def _take(self) -> list[aiohttp.ClientSession]:
        pools = [pool for pool in (self._http, self._streams) if pool is not None]
        self._http = self._streams = None
        return pools

    async def open(self) -> None:
        """Learn the server's version and announcement; called by `async with`."""
        self.prepare()
        try:
            await self.negotiate()
            handler = self._config.announcement_handler
            if handler is not None:
                await self._announce(handler)
        except BaseException:
            await self.close()
            raise

    async def negotiate(self) -> ServerInfo:
        """Ask `GET /` and agree on the API version (rest-overview.md 2.3)."""
        from bai_tui.api.request import Request

        request = Request(self, "GET", "/")
        async with request.fetch(anonymous=True, timeout=30.0) as response:
            return self._agree(server_info(await response.json()))

    async def _announce(self, handler: Any) -> None:
        try:
            announcement = await self.Manager.get_announcement()
        except BackendAPIError:
            return
        if announcement.get("enabled"):
            handler(announcement.get("message") or "")

    async def close(self) -> None:
        """End all connections; harmless when closed."""
        self._closed = True
        for http in self._take():
            await http.close()
