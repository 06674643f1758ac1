"""All proxies: opened, kept, opened again after a lost connection, remembered for the next run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from bai_tui.apps.proxy import Link, Proxy, Wanted

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.feed import ClusterEvent
    from bai_tui.identity import Identity

OVER: Final = frozenset({"terminated", "cancelled"})
BACK: Final = frozenset({"started"})


class Connected(Protocol):
    """What the manager needs of the connection."""

    @property
    def ready(self) -> bool:
        """Whether the server can be asked."""
        ...

    @property
    def session(self) -> AsyncSession:
        """The session in use."""
        ...

    @property
    def identity(self) -> Identity | None:
        """Who we are, once known."""
        ...


class Apps:
    """The proxies by number.

    Args:
        path: file that remembers those to be opened again.
        connection: the connection in use, asked for each time.
        on_change: called with a proxy that changed, or None when one came or went.
    """

    def __init__(
        self,
        path: Path,
        connection: Callable[[], Connected],
        on_change: Callable[[Proxy | None], None] = lambda proxy: None,
    ) -> None:
        self.path = path
        self.on_change = on_change
        self.proxies: dict[int, Proxy] = {}
        self._connection = connection
        self._count = 0
        self._restored = False
        self._session: AsyncSession | None = None
        self._lock = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    # Asked by the user.

    async def open(self, wanted: Wanted, *, restore: bool = False) -> Proxy:
        """Open a port; look at its `link` and `why` for what came of it."""
        same = next((p for p in self.proxies.values() if _same(p.wanted, wanted)), None)
        if same is not None and same.link in (Link.OPEN, Link.WAITING):
            return same
        if same is None:
            self._count += 1
            same = self.proxies[self._count] = Proxy(self._count, wanted, restore)
        else:
            same.wanted = wanted
        await self._open(same)
        return same

    async def reopen(self, proxy: Proxy, port: int | None = None) -> None:
        """Open it again, perhaps at another port (0: any that is free)."""
        async with self._lock:
            await self._close_tunnel(proxy)
        if port is not None:
            proxy.wanted = replace(proxy.wanted, port=port)
        await self._open(proxy)

    async def close(self, proxy: Proxy) -> None:
        """Close it and forget it."""
        async with self._lock:
            await self._close_tunnel(proxy)
            proxy.link = Link.CLOSED
            self.proxies.pop(proxy.number, None)
        await self._remember()
        self.on_change(None)

    async def set_restore(self, proxy: Proxy, on: bool) -> None:
        """Whether the next run of the program opens it again."""
        proxy.restore = on
        await self._remember()
        self.on_change(proxy)

    # Told by the app.

    def changed(self) -> None:
        """The connection changed: the remembered ones are opened, lost ones opened again."""
        connection = self._connection()
        if not connection.ready or connection.identity is None:
            return
        if not self._restored:
            self._restored = True
            self._later(self._restore())
        if connection.session is not self._session:
            self._session = connection.session
            for proxy in list(self.proxies.values()):
                if proxy.tunnel is not None or proxy.link is Link.WAITING:
                    self._later(self.reopen(proxy))

    def events(self, events: Iterable[ClusterEvent]) -> None:
        """Sessions end and come back."""
        if not self.proxies:
            return
        for event in events:
            if event.verb in OVER or event.verb in BACK:
                for proxy in list(self.proxies.values()):
                    if event.session == proxy.wanted.session:
                        self._later(self._session_changed(proxy, over=event.verb in OVER))

    async def _session_changed(self, proxy: Proxy, *, over: bool) -> None:
        if over and proxy.tunnel is not None:
            async with self._lock:
                await self._close_tunnel(proxy)
            self._set(proxy, Link.WAITING, "the session is over")
        elif not over and proxy.link is Link.WAITING:
            await self._open(proxy)

    async def shut(self) -> None:
        """Close every port; what is remembered stays remembered."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        async with self._lock:
            for proxy in self.proxies.values():
                await self._close_tunnel(proxy)

    # The work.

    async def _open(self, proxy: Proxy) -> None:
        from bai_tui.api.exceptions import BackendError
        from bai_tui.api.tunnel import TunnelError

        connection = self._connection()
        identity = connection.identity
        if not connection.ready or identity is None:
            self._set(proxy, Link.WAITING, "no connection")
            return
        if proxy.wanted.access_key not in ("", identity.access_key):
            self._set(proxy, Link.WAITING, f"it belongs to {proxy.wanted.access_key}")
            return
        self._session = connection.session
        self._set(proxy, Link.OPENING)
        wanted = proxy.wanted
        async with self._lock:
            if proxy.tunnel is not None or proxy.number not in self.proxies:
                return
            try:
                reason = await self._obstacle(connection.session, wanted)
                if reason:
                    self._set(proxy, Link.WAITING, reason)
                    return
                tunnel = connection.session.Kernel(wanted.session, wanted.owner or None).tunnel(
                    wanted.app,
                    protocol="http" if wanted.protocol == "http" else "tcp",
                    port=wanted.port,
                    on_change=lambda _: self.on_change(proxy),
                )
                await tunnel.__aenter__()
            except TunnelError as error:
                self._set(proxy, Link.FAILED, f"{error} P chooses another port")
                return
            except (BackendError, ValueError) as error:
                self._set(proxy, Link.WAITING, str(error))
                return
            proxy.tunnel = tunnel
            proxy.wanted = replace(wanted, port=tunnel.port)
            self._set(proxy, Link.OPEN)
        await self._remember()

    async def _obstacle(self, session: AsyncSession, wanted: Wanted) -> str:
        """Why the session cannot serve it now; empty when it can."""
        info = await session.Kernel.get(
            wanted.session, access_key=wanted.owner or None, statistics=False
        )
        if info is None:
            return "there is no such session"
        if info.status != "RUNNING":
            return f"the session is {info.status}"
        names = [port.name for port in info.service_ports]
        if names and wanted.app not in names:
            return f"the session has no {wanted.app} (it has {', '.join(names)})"
        return ""

    async def _close_tunnel(self, proxy: Proxy) -> None:
        tunnel, proxy.tunnel = proxy.tunnel, None
        if tunnel is not None:
            await tunnel.close()
            proxy.total += tunnel.total
            proxy.sent += tunnel.sent
            proxy.received += tunnel.received

    def _set(self, proxy: Proxy, link: Link, why: str = "") -> None:
        proxy.link, proxy.why = link, why
        self.on_change(proxy)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Remembering.

    async def _restore(self) -> None:
        for wanted in await asyncio.to_thread(_read, self.path):
            if not any(_same(proxy.wanted, wanted) for proxy in self.proxies.values()):
                await self.open(wanted, restore=True)
        self.on_change(None)

    async def _remember(self) -> None:
        from bai_tui.settings import SettingsError, write_private

        kept = [proxy.wanted.to_json() for proxy in self.proxies.values() if proxy.restore]
        if not kept and not self.path.exists():
            return
        try:
            await asyncio.to_thread(write_private, self.path, json.dumps(kept, indent=1))
        except SettingsError:
            return  # A disk that refuses costs the convenience alone.


def _same(one: Wanted, other: Wanted) -> bool:
    return (one.session, one.owner, one.app, one.access_key) == (
        other.session,
        other.owner,
        other.app,
        other.access_key,
    )


def _read(path: Path) -> list[Wanted]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    found = (Wanted.from_json(item) for item in (data if isinstance(data, list) else ()))
    return [wanted for wanted in found if wanted is not None]
