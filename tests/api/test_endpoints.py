"""Several endpoints, connections that die or never answer, and loops that are not the session's."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import Counter

import pytest
from aiohttp import web
from yarl import URL

from bai_tui.api import (
    APIConfig,
    AsyncSession,
    BackendClientError,
    BackendConnectionError,
    BackendTimeoutError,
    ConnectionLostError,
    Request,
)
from bai_tui.api import websocket as websocket_module
from tests.api.peer import closed_port, serve, session_to


async def ok(request: web.Request) -> web.StreamResponse:
    if request.path == "/ws":
        websocket = web.WebSocketResponse()
        await websocket.prepare(request)
        await websocket.send_str("hello")
        await websocket.close()
        return websocket
    if request.path.endswith("/events"):
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"event: server_close\ndata: {}\n\n")
        return response
    return web.json_response({"ok": True})


async def ask(session: AsyncSession, method: str = "GET") -> None:
    async with Request(session, method, "thing").fetch() as response:
        assert await response.json() == {"ok": True}


def test_many_clients_spread_over_all_endpoints() -> None:
    firsts = Counter(
        APIConfig(endpoint="http://a,http://b,http://c").endpoint.host for _ in range(300)
    )
    assert set(firsts) == {"a", "b", "c"}
    assert min(firsts.values()) > 50


async def test_requests_at_once_agree_on_the_endpoint_that_is_down() -> None:
    """Twenty learn at once that the first is down; the list must not be turned twenty times."""
    async with serve(ok) as peer:
        dead = closed_port()
        async with session_to(peer.endpoint, dead) as session:
            session.config.rotate_endpoints()
            assert str(session.config.endpoint) == dead
            await asyncio.gather(*(ask(session, "POST") for _ in range(20)))
            assert str(session.config.endpoint) == peer.endpoint
            assert len(peer.requests) == 20


async def test_the_order_remembers_who_failed_last() -> None:
    async with serve(ok) as peer:
        one, two = closed_port(), closed_port()
        async with session_to(one, two, peer.endpoint) as session:
            await ask(session)
            order = [str(url) for url in session.config.endpoints]
            assert order == [peer.endpoint, one, two]


async def test_the_endpoint_is_shared_by_the_sessions_of_a_configuration() -> None:
    async with (
        serve(ok) as peer,
        session_to(closed_port(), peer.endpoint) as first,
        AsyncSession(config=first.config) as second,
    ):
        assert str(second.config.endpoint) == peer.endpoint
        await ask(second)


async def test_each_endpoint_is_tried_once() -> None:
    ports = [closed_port() for _ in range(3)]
    session = session_to(*ports)
    with pytest.raises(BackendConnectionError, match="2 more endpoints failed before"):
        await session.open()
    assert [str(url) for url in session.config.endpoints] == ports


async def test_an_answer_of_any_kind_moves_nothing() -> None:
    async def fail(request: web.Request) -> web.StreamResponse:
        return web.json_response({}, status=503)

    async with serve(fail) as first, serve(ok) as second:
        async with session_to(first.endpoint, second.endpoint) as session:
            async with Request(session, "GET", "x").fetch(check_status=False) as response:
                assert response.status == 503
            assert str(session.config.endpoint) == first.endpoint
        assert second.requests == []


async def test_streams_use_the_next_endpoint_too() -> None:
    async with serve(ok) as peer:
        for path in ("websocket", "events"):
            async with session_to(closed_port(), peer.endpoint) as session:
                dead = session.config.endpoints[-1]
                session.config.endpoint_failed(session.config.endpoint)
                assert session.config.endpoint == dead
                if path == "websocket":
                    async with Request(session, "GET", "ws").connect_websocket() as websocket:
                        assert await websocket.receive_str() == "hello"
                else:
                    async with session.Kernel.events() as events:
                        assert [event async for event in events] == []
                assert session.config.endpoints[-1] == dead


async def test_a_signature_is_made_for_each_endpoint() -> None:
    async with serve(ok) as peer:
        async with session_to("http://localhost:9", peer.endpoint) as session:
            session.config.endpoint_failed(session.config.endpoint)
            await ask(session)
        async with session_to(peer.endpoint) as direct:
            await ask(direct)
        credentials = [r.headers["Authorization"].split(",")[0] for r in peer.requests]
        assert len(set(credentials)) == 1
        assert {r.headers["Host"] for r in peer.requests} == {peer.endpoint.removeprefix("http://")}


async def test_a_server_that_never_accepts_a_websocket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_module, "HANDSHAKE", 0.2)
    release = asyncio.Event()

    async def stall(request: web.Request) -> web.StreamResponse:
        await release.wait()
        return web.Response()

    async with serve(stall) as peer, session_to(peer.endpoint) as session:
        with pytest.raises(BackendTimeoutError, match="GET /ws in time"):
            async with Request(session, "GET", "ws").connect_websocket():
                pass
        release.set()


async def test_a_port_that_takes_no_connections_times_out() -> None:
    """A full backlog looks like a host that swallows packets."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        try:
            session = session_to(f"http://127.0.0.1:{port}", connection_timeout=0.3)
            with pytest.raises(BackendConnectionError, match="in time"):
                await session.open()
            again = session_to(f"http://127.0.0.1:{port}", connection_timeout=0.3)
            with pytest.raises(BackendConnectionError, match="in time"):
                async with Request(again, "GET", "ws").connect_websocket():
                    pass
            await again.close()
        finally:
            for filler in fillers:
                filler.close()


async def test_connections_notice_a_dead_peer() -> None:
    async with (
        serve(ok) as peer,
        session_to(peer.endpoint) as session,
        Request(session, "GET", "ws").connect_websocket() as websocket,
    ):
        raw = websocket.raw_websocket.get_extra_info("socket")
        assert raw.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        if hasattr(socket, "TCP_KEEPIDLE"):
            assert raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30


async def test_other_loops_are_refused() -> None:
    async with serve(ok) as peer, session_to(peer.endpoint) as session:
        found: list[BaseException] = []

        def elsewhere() -> None:
            try:
                asyncio.run(ask(session))
            except BackendClientError as error:
                found.append(error)

        thread = threading.Thread(target=elsewhere)
        thread.start()
        await asyncio.to_thread(thread.join)
        assert "another event loop" in str(found[0])
        with (
            pytest.raises(BackendClientError, match="async with"),
            Request(session, "GET", "thing").fetch(),
        ):
            pass
        await ask(session)


async def test_any_task_may_close_what_another_opened_while_a_third_waits() -> None:
    waiting = asyncio.Event()
    release = asyncio.Event()

    async def stall(request: web.Request) -> web.StreamResponse:
        waiting.set()
        await release.wait()
        return web.Response()

    async with serve(stall) as peer:
        session = session_to(peer.endpoint)
        await asyncio.create_task(session.open())
        third = asyncio.create_task(ask(session))
        await waiting.wait()
        await asyncio.create_task(session.close())
        with pytest.raises(ConnectionLostError):
            await third
        release.set()


def test_a_session_may_be_made_before_its_loop() -> None:
    session = session_to("http://127.0.0.1:9")
    session.Kernel("name").stream_events()

    async def use() -> None:
        async with serve(ok) as peer:
            request = Request(session, "GET", "thing", target=URL(peer.endpoint))
            async with request.fetch() as response:
                assert response.status == 200
        await session.close()

    asyncio.run(use())
    assert session.closed
