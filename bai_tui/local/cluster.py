"""`LocalCluster`: one cluster on one state directory and one loopback port."""

from __future__ import annotations

import ipaddress
import json
import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bai_tui.local import seed
from bai_tui.local.clock import Clock
from bai_tui.local.context import CONTEXT, Context
from bai_tui.local.faults import Faults
from bai_tui.local.server import create_app
from bai_tui.local.state import ClusterError, StateDir, StateLockedError, write_private
from bai_tui.local.store import Store, StoreError

__all__ = ["ClusterError", "Credentials", "LocalCluster", "StateLockedError"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """How one seeded user reaches the cluster; `repr` shows no secret."""

    email: str
    access_key: str
    secret_key: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials(email={self.email!r}, access_key={self.access_key!r})"


class LocalCluster:
    """The embedded cluster; an async context manager.

    Args:
        state_dir: where rows, folders and session homes are kept; created if missing.
        host: a loopback address or `localhost`; anything else is refused.
        port: 0 chooses a free one.
        faults: misbehaviour to begin with; can be changed while it runs.
        clock: for tests.
        slots: capacity of the agent, slot name to decimal text; default: this machine's.

    Attributes:
        endpoint: `http://127.0.0.1:PORT`, once started.
        credentials: name (superadmin, admin, user, user2, monitor) to `Credentials`, once started.

    Example:
        >>> async def demo(directory):
        ...     async with LocalCluster(directory) as cluster:
        ...         return cluster.endpoint
    """

    def __init__(
        self,
        state_dir: str | os.PathLike[str],
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        faults: Faults | None = None,
        clock: Clock | None = None,
        slots: Mapping[str, str] | None = None,
    ) -> None:
        self.state = StateDir(Path(state_dir))
        self.host = host
        self.port = port
        self.faults = faults or Faults()
        self.clock = clock or Clock()
        self.clock.follow(self.faults)
        self.slots = dict(slots or seed.default_slots())
        self.endpoint = ""
        self.credentials: dict[str, Credentials] = {}
        self._runner: web.AppRunner | None = None
        self._store: Store | None = None

    @property
    def context(self) -> Context:
        """The running parts; for tests and embedding."""
        if self._runner is None:
            raise ClusterError("the cluster is not running")
        return self._runner.app[CONTEXT]

    async def start(self) -> None:
        """Start serving.

        Raises:
            StateLockedError: another process uses the state directory.
            ClusterError: not a loopback host, port taken, directory or database unusable.
        """
        require_loopback(self.host)
        self.state.open()
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        try:
            self._store = store = Store(self.state.database)
        except StoreError as error:
            raise ClusterError(
                f"{error}; move the directory {self.state.path} away to begin anew"
            ) from error
        if store.is_new:
            accounts = {
                name: asdict(account) for name, account in seed.fill(store, self.clock).items()
            }
            write_private(self.state.accounts_file, json.dumps(accounts, indent=1))
        seed.refresh(store, self.clock, self.slots)
        self.credentials = self._read_credentials(store)
        context = Context(self.state.path, store, self.clock, self.faults, self.slots)
        # Handlers of streams are ended by the agent; nothing has to linger.
        self._runner = web.AppRunner(create_app(context), access_log=None, shutdown_timeout=3.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port, reuse_address=True)
        try:
            await site.start()
        except OSError as error:
            raise ClusterError(
                f"can't listen on {self.host} port {self.port}: {error.strerror}; "
                "choose another port with --port, 0 finds a free one"
            ) from error
        self.port = self._runner.addresses[0][1]
        host = f"[{self.host}]" if ":" in self.host else self.host
        self.endpoint = f"http://{host}:{self.port}"
        write_private(self.state.endpoint_file, json.dumps(self.announcement()))

    def _read_credentials(self, store: Store) -> dict[str, Credentials]:
        found = {}
        for name, account in (self.state.read_json(self.state.accounts_file) or {}).items():
            secret = store.value(
                "SELECT secret_key FROM keypairs WHERE access_key = ?", account["access_key"]
            )
            if secret is not None:
                found[name] = Credentials(secret_key=secret, **account)
        return found

    def announcement(self) -> dict[str, Any]:
        """What a parent process is told: endpoint, pid and everybody's keys."""
        first = self.credentials.get("superadmin")
        return {
            "endpoint": self.endpoint,
            "access_key": first.access_key if first else "",
            "secret_key": first.secret_key if first else "",
            "pid": os.getpid(),
            "state_dir": str(self.state.path),
            "credentials": {name: asdict(keys) for name, keys in self.credentials.items()},
        }

    async def stop(self) -> None:
        """Stop serving and end all sessions; may be called again."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
        store, self._store = self._store, None
        if store is not None:
            store.close()
        self.state.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()


def require_loopback(host: str) -> None:
    """Refuse to listen where other machines could connect.

    Raises:
        ClusterError: `host` is not a loopback address.
    """
    try:
        addresses = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError as error:
        raise ClusterError(f"can't resolve {host}: {error.strerror}") from error
    if not all(ipaddress.ip_address(address).is_loopback for address in addresses):
        raise ClusterError(
            f"{host} is not a loopback address; the local cluster runs commands for whoever has "
            "its keys and listens on this machine only"
        )
