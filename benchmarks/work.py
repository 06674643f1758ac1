"""What sweeps and app tunnels cost.

python -m benchmarks.work

Limits: 50 ms per key in a grid of 1,000 cases, at rest and while cases change; an app tunnel
carries at least 0.8 of what a plain websocket pipe carries, and 200 connections at once.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bai_tui.api import APIConfig, AsyncSession
from bai_tui.sweeps.case import State
from bai_tui.sweeps.spec import SweepSpec
from bai_tui.sweeps.sweep import Sweep
from benchmarks.harness import PYTHON, TerminalProgram
from benchmarks.programs import cluster

CASES = 1000
PIECE = b"x" * (256 * 1024)
PIECES = 800
MANY = 200


def grid() -> None:
    """Keys in a grid of a thousand cases, seen from outside the program."""
    with cluster() as local, tempfile.TemporaryDirectory() as home:
        told = local.told
        state = Path(home) / "bai-tui" / "sweeps"
        spec = SweepSpec(
            "bench", "python", "sleep 0.5; echo $n", (f"n=range:0,{CASES}",),
            resources={"cpu": "1", "mem": "128m"}, concurrency=8,
        )  # fmt: skip
        sweep = Sweep.new(spec, state, "local", told["access_key"])
        for case in sweep.cases[:600]:
            sweep.change(case, State.DONE, exit_code=0, last_line=f"accuracy {case.number}")
        sweep.journal.close()
        env = {
            "BACKEND_ENDPOINT": told["endpoint"],
            "BACKEND_ACCESS_KEY": told["access_key"],
            "BACKEND_SECRET_KEY": told["secret_key"],
            "XDG_STATE_HOME": home,
            "XDG_CONFIG_HOME": home,
        }
        with TerminalProgram([PYTHON, "-m", "bai_tui"], env=env) as program:
            program.wait_for(b"No sessions")
            program.send(b"0")
            program.wait_for(b"600/1,000")
            program.send(b"\r")
            program.wait_for(b"400 waiting")
            time.sleep(1)
            show_keys("at rest", program)
            program.send(b"s")
            program.wait_for(b"running")
            time.sleep(2)
            show_keys("while cases run", program)


def show_keys(name: str, program: TerminalProgram, count: int = 100) -> None:
    times = []
    for number in range(count):
        before = len(program.arrivals)
        sent = program.send(b"j" if number % 40 < 20 else b"k")
        deadline = sent + 2
        while len(program.arrivals) == before and time.perf_counter() < deadline:
            time.sleep(0.0005)
        times.append((program.arrivals[-1][0] - sent) * 1000)
        time.sleep(0.03)
    times.sort()
    print(
        f"  {name:<34} median {statistics.median(times):6.1f} ms   "
        f"p99 {times[int(count * 0.99) - 1]:6.1f} ms   limit 50 ms"
    )


class Pipe:
    """The plain thing: a local port whose connections are copied from a websocket, no more."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.port = 0

    async def __aenter__(self) -> Pipe:
        self._http = aiohttp.ClientSession()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._http.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with self._http.ws_connect(self.url, max_msg_size=0) as websocket:
            async for message in websocket:
                writer.write(message.data)
                await writer.drain()
        writer.close()


async def receive(port: int) -> int:
    """Read a connection to its end; returns the bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = 0
    while data := await reader.read(1 << 20):
        count += len(data)
    writer.close()
    return count


async def tunnels() -> None:
    """Throughput of one connection, and many at once, through both."""

    async def source(request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(compress=False)
        await websocket.prepare(request)
        for _ in range(int(request.query.get("port") or PIECES)):
            await websocket.send_bytes(PIECE)
        await websocket.close()
        return websocket

    async def hello(_: web.Request) -> web.Response:
        return web.json_response({"version": "v4.20190615", "manager": "19.09.0"})

    app = web.Application()
    app.router.add_get("/", hello)
    app.router.add_get("/stream/kernel/bench/tcpproxy", source)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=512)
    await site.start()
    endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
    config = APIConfig(endpoint=endpoint, access_key="a" * 20, secret_key="b" * 40)
    try:
        async with AsyncSession(config=config) as session:
            kernel = session.Kernel("bench")

            def ours(pieces: int) -> AbstractAsyncContextManager[Any]:
                return kernel.tunnel("any", service_port=pieces)

            def plain(pieces: int) -> AbstractAsyncContextManager[Any]:
                return Pipe(f"{endpoint}/stream/kernel/bench/tcpproxy?port={pieces}")

            for name, pieces, connections in (("one", PIECES, 1), (f"{MANY} at once", 4, MANY)):
                figures: dict[str, list[float]] = {"ours": [], "plain": []}
                for _ in range(5):
                    for kind, make in (("ours", ours), ("plain", plain)):
                        figures[kind].append(await rate(make, pieces, connections))
                mine, theirs = (statistics.median(figures[k]) for k in ("ours", "plain"))
                print(
                    f"  tunnel, {name + ' connection':<24} {mine:7.0f} MB/s, plain pipe "
                    f"{theirs:7.0f} MB/s: {mine / theirs:4.2f}x   limit 0.80x"
                )
    finally:
        await runner.cleanup()


async def rate(
    make: Callable[[int], AbstractAsyncContextManager[Any]], pieces: int, connections: int
) -> float:
    """Megabytes a second."""
    async with make(pieces) as tunnel:
        began = time.perf_counter()
        works: list[Awaitable[int]] = [receive(tunnel.port) for _ in range(connections)]
        counts = await asyncio.gather(*works)
        took = time.perf_counter() - began
    wanted = pieces * len(PIECE)
    assert counts == [wanted] * connections, "bytes were lost"
    return wanted * connections / took / 1e6


if __name__ == "__main__":
    print(f"a grid of {CASES:,} cases, 120x40")
    grid()
    print("app tunnels")
    asyncio.run(tunnels())
