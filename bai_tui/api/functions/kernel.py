"""Compute sessions, called kernels in the manual (rest-sessions.md, rest-streams.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from bai_tui.api.exceptions import BackendClientError
from bai_tui.api.functions.base import Item, checked
from bai_tui.api.functions.kernel_later import KernelLater
from bai_tui.api.functions.kernel_streams import StreamExecute, StreamPty
from bai_tui.api.models import ServicePort
from bai_tui.api.request import Request
from bai_tui.api.websocket import WebSocketContextManager

if TYPE_CHECKING:
    from bai_tui.api.events import EventStream
    from bai_tui.api.session import AsyncSession
    from bai_tui.api.tunnel import AppTunnel

MODES: Final = {
    "query": "query",
    "batch": "batch",
    "continue": "continue",
    "continued": "continue",
    "input": "input",
    "user-input": "input",
    "complete": "complete",
}
"""Execution modes by the names of the manual and of the servers."""


class Kernel(KernelLater):
    """One compute session, known by its name.

    Attributes:
        kernel_id: the name. created, status, service_ports: known after `get_or_create`.
        session_id: its id, known then from servers of 20.03 on.
        owner_access_key: whose session, for admins who act for somebody else.
    """

    def __init__(
        self, session: AsyncSession, kernel_id: str, owner_access_key: str | None = None
    ) -> None:
        super().__init__(session, kernel_id, owner_access_key)
        self.session_id = ""
        self.created = False
        self.status = ""
        self.service_ports: list[Any] = []
        self.domain: str = session.config.domain
        self.group: str = session.config.group

    def __repr__(self) -> str:
        return f"Kernel({self.kernel_id!r})"

    def _stream(self, suffix: str) -> Request:
        name = quote(self.kernel_id, safe="")
        path = f"{self.session.generation.session_streams}/{name}{suffix}"
        return Request(self.session, "GET", path, params=self._params())

    async def destroy(self, *, forced: bool = False) -> Item | None:
        """Terminate the session; returns its last statistics (rest-sessions.md 4.3)."""
        params = self._params(forced="true") if forced else self._params()
        # Some servers do not tell it from ended ones of the same name.
        known = self.session_id if self.session.generation.session_by_id else ""
        path = f"{self.session.generation.sessions}/{quote(known)}" if known else self.path()
        answer = await self.call("DELETE", path, params=params)
        return None if answer is None else checked(answer, dict, f"DELETE /{path}")

    async def restart(self) -> None:
        """Replace the container and keep its files."""
        self.session.need("Kernel.restart")
        await self.call("PATCH", self.path(), params=self._params())

    async def interrupt(self) -> None:
        """Interrupt the code that runs."""
        await self.call("POST", self.path("/interrupt"), params=self._params())

    async def complete(self, code: str, opts: Mapping[str, Any] | None = None) -> Item:
        """Completions of `code` at `opts` {row, col, line, post}: `{"result": {"completions"}}`."""
        options = {"row": 0, "col": len(code), "line": code, "post": "", **(opts or {})}
        return await self.item(
            "POST",
            self.path("/complete"),
            {"code": code, "options": options},
            params=self._params(),
        )

    async def get_info(self) -> Item:
        """What the server knows (rest-sessions.md 4.1)."""
        return await self.item("GET", self.path(), params=self._params())

    async def get_logs(self) -> Item:
        """`{"result": {"logs": text}}` of a running session."""
        return await self.item("GET", self.path("/logs"), params=self._params())

    async def execute(
        self,
        run_id: str | None = None,
        code: str | None = None,
        mode: str = "query",
        opts: Mapping[str, Any] | None = None,
    ) -> Item:
        """Run code, or go on with a run (rest-sessions.md 5); returns the result object.

        Args:
            run_id: None begins a run; use the result's `runId` to go on.
            code: source, or the input line; required but for `batch` and `complete`.
            mode: query, batch, continue, input or complete; the manual's names are accepted.
            opts: for `batch` {clean, build, exec}, for `complete` {row, col, line, post}.

        Raises:
            BackendClientError: unknown mode, or code is missing.
        """
        wire_mode = MODES.get(mode)
        if wire_mode is None:
            raise BackendClientError(f"Invalid execution mode: {mode}")
        if code is None and wire_mode in ("query", "continue", "input"):
            raise BackendClientError(f"The mode {mode} needs code (it may be empty).")
        options: dict[str, Any] = {}
        if wire_mode == "batch":
            options = {
                "clean": None,
                "build": None,
                "buildLog": False,
                "exec": None,
                **(opts or {}),
            }
        elif wire_mode == "complete":
            options = {"row": 0, "col": 0, "line": "", "post": "", **(opts or {})}
        body: Item = {"mode": wire_mode, "code": code or "", "options": options}
        body |= dict.fromkeys(self.session.generation.run_id, run_id)
        answer = await self.item("POST", self.path(), body, params=self._params())
        return checked(answer.get("result"), dict, f"POST /{self.path()}")

    def stream_pty(self) -> WebSocketContextManager[StreamPty]:
        """The terminal: `async with kernel.stream_pty() as pty`."""
        return self._stream("/pty").connect_websocket(response_cls=StreamPty)

    def stream_execute(
        self, code: str = "", *, mode: str = "query", opts: Mapping[str, Any] | None = None
    ) -> WebSocketContextManager[StreamExecute]:
        """Run code: `async with kernel.stream_execute(code) as run: async for r in run.results()`.

        Raises:
            BackendClientError: mode is neither query nor batch.
        """
        if mode not in ("query", "batch"):
            raise BackendClientError(f"Invalid stream-execution mode: {mode}")
        options: dict[str, Any] = {}
        if mode == "batch":
            options = {"clean": None, "build": None, "buildLog": False, "exec": None}
            options |= opts or {}

        async def begin(stream: StreamExecute) -> None:
            await stream.send_json({"code": code, "mode": mode, "options": options})

        return self._stream("/execute").connect_websocket(
            response_cls=StreamExecute, on_enter=begin
        )

    def tunnel(
        self,
        app: str,
        *,
        protocol: str = "tcp",
        host: str = "127.0.0.1",
        port: int = 0,
        path: str | None = None,
        service_port: int | None = None,
        on_change: Callable[[AppTunnel], None] | None = None,
    ) -> AppTunnel:
        """A local port to a service: `async with kernel.tunnel("sshd") as t: … t.port`.

        Args:
            app: name of the service, one of `service_ports`.
            protocol: tcp or http, which tells a browser why there is no answer.
            host: local address to listen on.
            port: local port; 0 takes a free one.
            path: of a Unix socket to listen on, instead of a port; not there yet. Unlike a port,
                nobody can reach it who cannot enter its directory.
            service_port: one of the service's ports when it has several.
            on_change: called when a connection begins or ends.

        Raises:
            ValueError: another protocol, or no port. TunnelError: (on entering) port in use.
        """
        from bai_tui.api.tunnel import PROTOCOLS, AppTunnel

        if protocol not in PROTOCOLS:
            raise ValueError(f"a tunnel carries {' or '.join(PROTOCOLS)}, not {protocol!r}")
        params = self._params(app=app, port=service_port)

        def request() -> Request:
            name = quote(self.kernel_id, safe="")
            path = f"{self.session.generation.session_streams}/{name}/{protocol}proxy"
            return Request(self.session, "GET", path, params=params)

        return AppTunnel(request, app, host=host, port=port, path=path, on_change=on_change)

    def stream_events(self) -> EventStream:
        """The life-cycle events of this session: `async with kernel.stream_events() as events`."""
        return self.session.Kernel.events(self.kernel_id, owner_access_key=self.owner_access_key)


ComputeSession = Kernel
"""The name later manuals give it."""


__all__ = ["ComputeSession", "Kernel", "ServicePort", "StreamExecute", "StreamPty"]
