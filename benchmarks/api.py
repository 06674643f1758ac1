"""Costs of the API package beside the bare libraries it is made of: `python -m benchmarks.api`.

One plain server in a process of its own answers both sides; runs alternate, and the best of each is
compared, so that noise of the machine hits both alike. `OFFICIAL_CLIENT_PYTHON=/path/to/python`
names an environment with the official client, whose rates beside its own aiohttp are printed, too.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from aiohttp import web

ROUNDS = 7
GIB = 1 << 30
BODY = json.dumps({"items": [{"id": n, "name": f"session-{n}"} for n in range(20)]}).encode()
EVENTS = 20_000


async def _serve() -> None:
    async def hello(request: web.Request) -> web.Response:
        return web.json_response({"version": "v4.20190615", "manager": "19.09"})

    async def items(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=BODY, content_type="application/json")

    async def echo(request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(compress=False)
        await websocket.prepare(request)
        async for message in websocket:
            await websocket.send_bytes(message.data)
        return websocket

    async def events(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        data = json.dumps({"sessionId": "name", "ownerAccessKey": "KEY", "reason": None})
        record = f"event: kernel_started\r\ndata: {data}\r\n\r\n".encode()
        for _ in range(EVENTS // 100):
            await response.write(record * 100)
        return response

    app = web.Application(client_max_size=0)
    app.router.add_get("/", hello)
    app.router.add_get("/items", items)
    app.router.add_post("/admin/graphql", items)
    app.router.add_get("/ws", echo)
    app.router.add_get("/events", events)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


async def rate(work: Callable[[], Awaitable[int]]) -> float:
    """Operations in a second."""
    begun = time.perf_counter()
    count = await work()
    return count / (time.perf_counter() - begun)


async def compare(
    ours: Callable[[], Awaitable[int]], theirs: Callable[[], Awaitable[int]]
) -> tuple[float, float]:
    """Best rates of both, measured in turns after one warm-up."""
    await ours()
    await theirs()
    pairs = [(await rate(ours), await rate(theirs)) for _ in range(ROUNDS)]
    return max(pair[0] for pair in pairs), max(pair[1] for pair in pairs)


def show(name: str, ours: float, theirs: float, limit: str) -> None:
    """One line of the table."""
    print(f"{name:34} {ours:12,.0f} {theirs:12,.0f} {ours / theirs:8.2f}x   limit {limit}")


async def rates(port: int) -> None:
    """Requests, websocket and events."""
    from aiosseclient import aiosseclient

    from bai_tui.api import APIConfig, AsyncSession, Request

    base = f"http://127.0.0.1:{port}"
    config = APIConfig(endpoint=base, access_key="AKIAIOSFODNN7EXAMPLE", secret_key="secret")
    raw = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100))
    session = AsyncSession(config=config)
    await session.open()

    async def our_get() -> None:
        async with Request(session, "GET", "items").fetch() as response:
            await response.json()

    async def raw_get() -> None:
        async with raw.get(f"{base}/items") as response:
            await response.json()

    async def raw_query() -> None:
        body = {"query": "query { a }", "variables": {"n": 1}}
        async with raw.post(f"{base}/admin/graphql", json=body) as response:
            await response.json()

    def times(count: int, one: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[int]]:
        async def work() -> int:
            for _ in range(count):
                await one()
            return count

        return work

    def together(one: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[int]]:
        async def work() -> int:
            for _ in range(5):
                await asyncio.gather(*(one() for _ in range(100)))
            return 500

        return work

    pair = await compare(times(400, our_get), times(400, raw_get))
    show("GET, one after the other (/s)", *pair, "0.80x aiohttp")
    show("GET, 100 at once (/s)", *await compare(together(our_get), together(raw_get)), "0.85x")
    query = session.Admin.query
    ours = times(400, lambda: query("query { a }", {"n": 1}))
    show("GraphQL (/s)", *await compare(ours, times(400, raw_query)), "0.75x")

    async with (
        Request(session, "GET", "ws").connect_websocket() as our_ws,
        raw.ws_connect(f"{base}/ws") as raw_ws,
    ):

        async def our_echo() -> int:
            for _ in range(1000):
                await our_ws.send_bytes(b"x" * 64)
                await our_ws.receive_bytes()
            return 1000

        async def raw_echo() -> int:
            for _ in range(1000):
                await raw_ws.send_bytes(b"x" * 64)
                await raw_ws.receive_bytes()
            return 1000

        show("websocket round trips (/s)", *await compare(our_echo, raw_echo), "0.95x")

    async def our_events() -> int:
        count = 0
        async with Request(session, "GET", "events").connect_events(reconnect=False) as stream:
            async for _ in stream:
                count += 1
                if count == EVENTS:
                    break
        return count

    async def raw_events() -> int:
        count = 0
        async for _ in aiosseclient(f"{base}/events", raise_for_status=True):
            count += 1
            if count == EVENTS:
                break
        return count

    show("server-sent events (/s)", *await compare(our_events, raw_events), "3x aiosseclient")
    await session.close()
    await raw.close()
    await asyncio.to_thread(_blocking, config)


def _blocking(config: Any) -> None:
    from bai_tui.api import AsyncSession, Session

    def ask() -> float:
        with Session(config=config) as session:
            begun = time.perf_counter()
            for _ in range(400):
                session.Admin.query("query { a }")
            return 400 / (time.perf_counter() - begun)

    async def ask_async() -> float:
        async with AsyncSession(config=config) as session:
            begun = time.perf_counter()
            for _ in range(400):
                await session.Admin.query("query { a }")
            return 400 / (time.perf_counter() - begun)

    pairs = [(ask(), asyncio.run(ask_async())) for _ in range(ROUNDS)]
    show(
        "blocking session, GraphQL (/s)",
        max(pair[0] for pair in pairs),
        max(pair[1] for pair in pairs),
        "0.6x AsyncSession",
    )


class Resident:
    """The most memory this process held meanwhile, above what it held before, in MiB."""

    def __enter__(self) -> Resident:
        self._process = psutil.Process()
        self._before = self.highest = self._process.memory_info().rss
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            self.highest = max(self.highest, self._process.memory_info().rss)

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.grown = (self.highest - self._before) / (1 << 20)


async def transfers() -> None:
    """1 GiB there and back through a local cluster in a process of its own."""
    from bai_tui.api import APIConfig, AsyncSession
    from bai_tui.targets import LocalTarget

    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        target = LocalTarget(directory / "state")
        config: APIConfig = await target.resolve()
        try:
            async with AsyncSession(config=config) as session:
                await session.VFolder.create("benchmark")
                folder = session.VFolder("benchmark")
                warm, large = directory / "warm", directory / "large"
                warm.write_bytes(os.urandom(32 << 20))
                with large.open("wb") as file:
                    file.truncate(GIB)
                await folder.upload([warm], basedir=directory)
                await folder.download(["warm"], dest=directory / "back")
                for what, work in (
                    ("up", lambda: folder.upload([large], basedir=directory)),
                    ("down", lambda: folder.download(["large"], dest=directory / "back")),
                ):
                    begun = time.perf_counter()
                    with Resident() as resident:
                        await work()
                    took = time.perf_counter() - begun
                    print(
                        f"{f'1 GiB {what}':34} {1024 / took:8.0f} MiB/s, "
                        f"{resident.grown:+.1f} MiB resident   limit +8 MiB"
                    )
        finally:
            await target.close()


def imports() -> None:
    """Milliseconds of importing the package over a bare interpreter."""

    def once(code: str) -> float:
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return (time.perf_counter() - begun) * 1000

    pairs = [(once("import bai_tui.api"), once("pass")) for _ in range(15)]
    over = statistics.median(a - b for a, b in pairs)
    print(f"{'import bai_tui.api':34} {over:+8.1f} ms over a bare interpreter   limit +30 ms")


def official(port: int) -> None:
    """The official client's rates, if an environment with it is named."""
    python = os.environ.get("OFFICIAL_CLIENT_PYTHON")
    if not python:
        return
    script = Path(__file__).with_name("official_client.py")
    done = subprocess.run(
        [python, "-W", "ignore", str(script), f"http://127.0.0.1:{port}"],
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        print(f"the official client of {python} cannot be measured")
        return
    answer = json.loads(done.stdout)
    print(f"\n{answer['name']}, beside its own aiohttp")
    for name, (theirs, bare) in answer["rates"].items():
        ratio = f"{bare:12,.0f} {theirs / bare:8.2f}x" if bare else ""
        print(f"{name:34} {theirs:12,.0f} {ratio}")
    print()


def main() -> None:
    """Run everything."""
    if sys.argv[1:] == ["--serve"]:
        asyncio.run(_serve())
        return
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.api", "--serve"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        print(f"{'':34} {'bai_tui.api':>12} {'bare':>12} {'ratio':>9}")
        asyncio.run(rates(port))
        official(port)
    finally:
        server.kill()
        server.wait()
    asyncio.run(transfers())
    imports()


if __name__ == "__main__":
    main()
