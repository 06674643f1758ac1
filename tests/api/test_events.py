"""The event stream through drops, refusals, stalls and the server's own wishes."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from bai_tui.api import (
    AuthenticationError,
    Event,
    EventStream,
    InvalidResponseError,
    Request,
    StreamState,
)
from tests.api.peer import serve, session_to


async def stream(request: web.Request, *parts: str, drop: bool = False) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for part in parts:
        await response.write(part.encode())
    if drop:
        assert request.transport is not None
        request.transport.abort()
    return response


async def collect(events: EventStream, count: int) -> list[Event]:
    found: list[Event] = []
    async for event in events:
        found.append(event)
        if len(found) == count:
            break
    return found


async def test_it_survives_a_drop_an_error_and_a_stall() -> None:
    attempt = 0
    release = asyncio.Event()

    async def play(request: web.Request) -> web.StreamResponse:
        nonlocal attempt
        attempt += 1
        if attempt == 1:
            return await stream(
                request,
                "retry: 10\n\nid: 1\ndata: a\n\n",
                "id: 2\ndata: b\n\ndata: lost",
                drop=True,
            )
        if attempt == 2:
            return web.Response(status=503)
        if attempt == 3:
            response = await stream(request, "id: 3\ndata: c\n\n")
            await release.wait()
            return response
        return await stream(request, "data: d\n\nevent: server_close\ndata: {}\n\n")

    states: list[StreamState] = []
    async with serve(play) as peer, session_to(peer.endpoint) as session:
        request = Request(session, "GET", "stream")
        async with request.connect_events(
            on_state=lambda s: states.append(s.state), idle_timeout=0.3
        ) as events:
            assert [e.data async for e in events] == ["a", "b", "c", "d"]
            assert events.state is StreamState.ENDED
            assert events.attempts == 4
        release.set()
        assert [r.headers.get("Last-Event-ID") for r in peer.requests] == [None, "2", "2", "3"]
        signatures = {r.headers["Authorization"] for r in peer.requests}
        assert len(signatures) == len({r.headers["Date"] for r in peer.requests}) == 4
    assert states.count(StreamState.LIVE) == 3
    assert StreamState.WAITING in states


async def test_a_refusal_is_raised() -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.json_response({"title": "no"}, status=401)

    async with serve(refuse) as peer, session_to(peer.endpoint) as session:
        events = session.Kernel.events()
        with pytest.raises(AuthenticationError):
            await events.__aenter__()
        assert events.state is StreamState.ENDED
        assert len(peer.requests) == 1


async def test_a_wrong_content_type_is_an_error() -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="data: x\n\n", content_type="text/html")

    async with serve(page) as peer, session_to(peer.endpoint) as session:
        with pytest.raises(InvalidResponseError, match="text/html"):
            await session.Kernel.events().__aenter__()


async def test_no_content_ends_quietly() -> None:
    async def nothing(request: web.Request) -> web.Response:
        return web.Response(status=204)

    async with (
        serve(nothing) as peer,
        session_to(peer.endpoint) as session,
        session.Kernel.events() as events,
    ):
        assert await collect(events, 1) == []
        assert events.state is StreamState.ENDED


async def test_odd_lines_and_line_separators_harm_nothing() -> None:
    async def play(request: web.Request) -> web.StreamResponse:
        return await stream(
            request,
            "nonsense\nretry: soon\n: ping\n\n",
            'event: x\ndata: {"a": "one\u2028two"}\n\nevent: server_close\ndata: {}\n\n',
        )

    async with (
        serve(play) as peer,
        session_to(peer.endpoint) as session,
        session.Kernel.events() as events,
    ):
        (event,) = [event async for event in events]
    assert (event.event, event.data) == ("x", '{"a": "one\u2028two"}')


async def test_waiting_can_be_cut_short_and_cancelled() -> None:
    attempts = asyncio.Queue[int]()
    count = 0

    async def fail(request: web.Request) -> web.Response:
        nonlocal count
        count += 1
        attempts.put_nowait(count)
        return web.Response(status=500)

    async with (
        serve(fail) as peer,
        session_to(peer.endpoint) as session,
        session.Kernel.events() as events,
    ):
        reading = asyncio.create_task(collect(events, 1))
        assert await attempts.get() == 1
        while events.retry_at is None:
            await asyncio.sleep(0)
        events.retry_now()
        assert await asyncio.wait_for(attempts.get(), 0.7) == 2
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
    assert len(peer.requests) == 2


async def test_leaving_a_stream_that_another_task_reads_ends_the_reading() -> None:
    release = asyncio.Event()

    async def play(request: web.Request) -> web.StreamResponse:
        response = await stream(request, "data: a\n\n")
        await release.wait()
        return response

    async with serve(play) as peer, session_to(peer.endpoint) as session:
        async with Request(session, "GET", "stream").connect_events() as events:
            first = asyncio.Event()

            async def read() -> None:
                async for _ in events:
                    first.set()

            reading = asyncio.create_task(read())
            await first.wait()
            await asyncio.sleep(0)
        await asyncio.wait_for(reading, 5)
        assert events.state is StreamState.ENDED
        assert len(peer.requests) == 1
        release.set()


async def test_the_filter_of_this_generation() -> None:
    async def play(request: web.Request) -> web.StreamResponse:
        return await stream(request, "event: server_close\ndata: {}\n\n")

    async with serve(play) as peer, session_to(peer.endpoint) as session:
        async with session.Kernel("mine").stream_events() as events:
            assert [event async for event in events] == []
        (request,) = peer.requests
        assert request.path == "/stream/kernel/_/events"
        assert dict(request.query) == {"sessionId": "mine", "group": "*"}
