"""A reverse proxy on loopback that keeps what went through it: requests, answers, round trips."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from aiohttp import ClientSession, TCPConnector, WSMsgType, web

HOP = {"connection", "transfer-encoding", "keep-alive", "upgrade", "content-encoding"}


@dataclass(eq=False)
class Exchange:
    """A request and how it was answered; `ended` is None while the answer goes on."""

    method: str
    target: str
    body: bytes
    began: float
    status: int = 0
    ended: float | None = None

    @property
    def what(self) -> tuple[str, str, bytes]:
        """What it asks for, whenever it was signed."""
        return self.method, self.target, self.body


@dataclass
class Count:
    """What went through."""

    upstream: str
    endpoint: str = ""
    exchanges: list[Exchange] = field(default_factory=list)

    def round_trips(self, until: float) -> int:
        """How often an answer was waited for before the next request went, up to a moment."""
        depth: dict[Exchange, int] = {}
        for one in sorted(self.exchanges, key=lambda e: e.began):
            before = [depth[e] for e in depth if e.ended is not None and e.ended <= one.began]
            depth[one] = 1 + max(before, default=0)
        return max((d for e, d in depth.items() if e.ended is not None and e.ended <= until),
                   default=0)  # fmt: skip

    def refused(self) -> Counter[tuple[str, str, bytes, int]]:
        """How often what was refused was asked for; a failing server (5xx) refuses nothing."""
        return Counter((*e.what, e.status) for e in self.exchanges if 400 <= e.status < 500)


@asynccontextmanager
async def counting(upstream: str, delay: float = 0.0, late: float = 0.0) -> AsyncIterator[Count]:
    """Run the proxy before a server; the `Host` header, which is signed, is handed on.

    With a `delay` (seconds), as on a long way, what is asked together is seen to be so; answers
    that are `late` tell how things were.
    """
    count = Count(upstream)
    client = ClientSession(connector=TCPConnector(limit=0), auto_decompress=False)

    async def handle(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        one = Exchange(request.method, request.path_qs, body, time.monotonic())
        count.exchanges.append(one)
        try:
            await asyncio.sleep(delay)
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await _relay(request, client, upstream, one)
            headers = {k: v for k, v in request.headers.items() if k.lower() not in HOP}
            async with client.request(
                request.method, upstream + request.raw_path, data=body, headers=headers,
                allow_redirects=False,
            ) as answer:  # fmt: skip
                one.status = answer.status
                await asyncio.sleep(late)
                kept = [(k, v) for k, v in answer.headers.items() if k.lower() not in HOP]
                response = web.StreamResponse(status=answer.status)
                response.headers.extend(kept)
                if answer.content_length is None:
                    response.enable_chunked_encoding()
                    response.headers.popall("Content-Length", None)
                await response.prepare(request)
                async for chunk in answer.content.iter_any():
                    await response.write(chunk)
                await response.write_eof()
                return response
        except ConnectionError:
            return web.Response(status=502)  # the program left while the answer went on
        finally:
            one.ended = time.monotonic()

    app = web.Application(client_max_size=2**30)
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        count.endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield count
    finally:
        await client.close()
        await runner.cleanup()


async def _relay(
    request: web.Request, client: ClientSession, upstream: str, one: Exchange
) -> web.StreamResponse:
    skip = {*HOP, "sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions"}
    headers = {k: v for k, v in request.headers.items() if k.lower() not in skip}
    async with client.ws_connect(upstream + request.raw_path, headers=headers) as far:
        one.status = 101
        near = web.WebSocketResponse()
        await near.prepare(request)

        async def pump(source: object, sink: object) -> None:
            async for message in source:  # type: ignore[attr-defined]
                if message.type is WSMsgType.TEXT:
                    await sink.send_str(message.data)  # type: ignore[attr-defined]
                elif message.type is WSMsgType.BINARY:
                    await sink.send_bytes(message.data)  # type: ignore[attr-defined]
            await sink.close()  # type: ignore[attr-defined]

        with suppress(ConnectionError):
            await asyncio.gather(pump(near, far), pump(far, near))
        return near
