"""Small servers that answer as a test tells them, over real sockets."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from yarl import URL

from bai_tui.api import APIConfig, AsyncSession

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Peer:
    """A server that keeps every request it got."""

    def __init__(
        self, handler: Handler, version: str = "v4.20190615", manager: str = "19.09.27"
    ) -> None:
        self.handler = handler
        self.root = {"version": version, "manager": manager}
        self.requests: list[web.Request] = []
        self.bodies: list[bytes] = []
        self.endpoint = ""

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/":
            return web.json_response(self.root)
        self.requests.append(request)
        self.bodies.append(await request.read())
        return await self.handler(request)

    @property
    def calls(self) -> list[str]:
        return [f"{request.method} {request.path}" for request in self.requests]


@asynccontextmanager
async def serve(handler: Handler, **server: str) -> AsyncIterator[Peer]:
    """Run a `Peer` on a free port; `server` says which release it is."""
    peer = Peer(handler, **server)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", peer._handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        peer.endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield peer
    finally:
        await runner.cleanup()


def session_to(*endpoints: str, **options: Any) -> AsyncSession:
    """A session to the endpoints in exactly this order."""
    config = APIConfig(
        endpoint=",".join(endpoints),
        access_key=options.pop("access_key", "AKIATEST"),
        secret_key="secret",
        **options,
    )
    for endpoint in endpoints:
        config.endpoint_failed(URL(endpoint))
    return AsyncSession(config=config)


def closed_port() -> str:
    """An endpoint that refuses connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
