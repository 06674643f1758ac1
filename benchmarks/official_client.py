"""The same calls by the official client, in an environment of its own.

`benchmarks.api` runs this file with the Python named by `OFFICIAL_CLIENT_PYTHON`, and prints its
rates beside ours; each is compared with the bare aiohttp of its own environment. One JSON object
goes to the standard output: name to [rate of the client, rate of the bare library].
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from importlib.metadata import version

import aiohttp
from ai.backend.client.config import APIConfig
from ai.backend.client.request import Request
from ai.backend.client.session import AsyncSession

ROUNDS = 5
EVENTS = 20_000
QUERY = {"query": "query { a }", "variables": {"n": 1}}


async def rate(work: Callable[[], Awaitable[int]]) -> float:
    begun = time.perf_counter()
    count = await work()
    return count / (time.perf_counter() - begun)


async def compare(
    client: Callable[[], Awaitable[int]], bare: Callable[[], Awaitable[int]]
) -> list[float]:
    pairs = [[await rate(client), await rate(bare)] for _ in range(ROUNDS + 1)][1:]
    return [max(pair[0] for pair in pairs), max(pair[1] for pair in pairs)]


async def measured(base: str, config: APIConfig) -> dict[str, list[float]]:
    raw = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100))
    found: dict[str, list[float]] = {}

    async def get() -> None:
        async with Request("GET", "/items").fetch() as response:
            await response.json()

    async def raw_get() -> None:
        async with raw.get(f"{base}/items") as response:
            await response.json()

    async def query() -> None:
        request = Request("POST", "/admin/graphql")
        request.set_json(QUERY)
        async with request.fetch() as response:
            await response.json()

    async def raw_query() -> None:
        async with raw.post(f"{base}/admin/graphql", json=QUERY) as response:
            await response.json()

    def times(count: int, one: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[int]]:
        async def work() -> int:
            for _ in range(count):
                await one()
            return count

        return work

    def together(one: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[int]]:
        async def work() -> int:
            for _ in range(5):
                await asyncio.gather(*(one() for _ in range(100)))
            return 500

        return work

    async def events() -> int:
        count = 0
        async with Request("GET", "/events").connect_events() as stream:
            async for _ in stream.fetch_events():
                count += 1
                if count == EVENTS:
                    break
        return count

    async with AsyncSession(config=config):
        found["GET, one after the other (/s)"] = await compare(times(400, get), times(400, raw_get))
        found["GET, 100 at once (/s)"] = await compare(together(get), together(raw_get))
        found["GraphQL (/s)"] = await compare(times(400, query), times(400, raw_query))
        async with (
            Request("GET", "/ws").connect_websocket() as websocket,
            raw.ws_connect(f"{base}/ws") as raw_websocket,
        ):

            async def echo() -> int:
                for _ in range(1000):
                    await websocket.send_bytes(b"x" * 64)
                    await websocket.receive_bytes()
                return 1000

            async def raw_echo() -> int:
                for _ in range(1000):
                    await raw_websocket.send_bytes(b"x" * 64)
                    await raw_websocket.receive_bytes()
                return 1000

            found["websocket round trips (/s)"] = await compare(echo, raw_echo)
        rates = [await rate(events) for _ in range(ROUNDS)]
        found["server-sent events (/s)"] = [max(rates), 0.0]
    await raw.close()
    return found


def main() -> None:
    """Measure against the server at the endpoint given as argument."""
    base = sys.argv[1]
    config = APIConfig(
        endpoint=base,
        endpoint_type="api",
        access_key="AKIAIOSFODNN7EXAMPLE",
        secret_key="secret",
    )
    found = asyncio.run(measured(base, config))
    name = f"backend.ai-client {version('backend.ai-client')}, aiohttp {version('aiohttp')}"
    print(json.dumps({"name": name, "rates": found}))


if __name__ == "__main__":
    main()
