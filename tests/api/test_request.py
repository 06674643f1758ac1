"""Requests against servers that answer well, badly, late, or not at all."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web

from bai_tui.api import (
    APIConfig,
    AsyncSession,
    BackendAPIError,
    BackendClientError,
    BackendConnectionError,
    BackendTimeoutError,
    ClockSkewError,
    ConnectionLostError,
    InvalidResponseError,
    NameResolutionError,
    NotFoundError,
    Request,
    ServerError,
    TLSError,
)
from tests.api.certificates import self_signed
from tests.api.peer import Peer, closed_port, serve, session_to


async def ok(request: web.Request) -> web.Response:
    return web.json_response({"ok": True})


async def fetch_json(session: object, method: str = "GET", path: str = "thing") -> object:
    async with Request(session, method, path).fetch() as response:  # type: ignore[arg-type]
        return await response.json()


async def test_what_is_sent_is_what_was_signed() -> None:
    from bai_tui.api import auth

    async with serve(ok) as peer, session_to(peer.endpoint) as session:
        params = {"group": "my team/α&β+1", "x": 5}
        async with Request(session, "GET", "a b/ü", params=params).fetch() as response:
            assert response.status == 200
        got = peer.requests[0]
        version = got.headers["X-BackendAI-Version"]
        text = auth.string_to_sign(
            "GET",
            got.raw_path,
            got.headers["Date"],
            got.headers["Host"],
            got.headers["Content-Type"],
            version,
            auth.body_hash(version, "text/plain", b""),
        )
        day = f"{datetime.fromisoformat(got.headers['Date']):%Y%m%d}"
        expected = auth.sign(text, auth.signing_key("secret", day, got.headers["Host"]))
        assert got.headers["Authorization"].endswith(f"AKIATEST:{expected}")
        assert dict(got.query) == {"group": "my team/α&β+1", "x": "5"}


async def test_anonymous_requests_carry_no_signature() -> None:
    async with serve(ok) as peer, session_to(peer.endpoint, access_key="") as session:
        await fetch_json(session)
        assert "Authorization" not in peer.requests[0].headers
        assert "Date" in peer.requests[0].headers


async def test_the_next_endpoint_answers_when_one_refuses() -> None:
    async with serve(ok) as peer:
        dead = closed_port()
        async with session_to(dead, peer.endpoint) as session:
            assert await fetch_json(session, "POST") == {"ok": True}
            assert str(session.config.endpoint) == peer.endpoint
            await fetch_json(session)
            assert len(peer.requests) == 2


async def test_nobody_answers() -> None:
    session = session_to(closed_port(), closed_port())
    with pytest.raises(BackendConnectionError, match="No connection to http://127") as caught:
        await session.open()
    assert isinstance(caught.value, OSError)
    assert session.closed


async def test_unknown_host() -> None:
    session = session_to("http://no-such-host.invalid")
    with pytest.raises(NameResolutionError, match=r"no-such-host\.invalid"):
        await session.open()


async def test_plain_server_behind_https() -> None:
    async with serve(ok) as peer:
        session = session_to(peer.endpoint.replace("http:", "https:"))
        with pytest.raises(TLSError) as caught:
            await session.open()
        assert "\n" not in str(caught.value)


async def test_a_post_that_was_read_is_never_sent_again() -> None:
    async def read_and_drop(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with serve(read_and_drop) as first, serve(ok) as second:
        async with session_to(first.endpoint, second.endpoint) as session:
            with pytest.raises(ConnectionLostError, match="broke during POST /thing"):
                await fetch_json(session, "POST")
            assert second.requests == []
        async with session_to(first.endpoint, second.endpoint) as session:
            assert await fetch_json(session, "GET") == {"ok": True}


async def test_statuses_become_errors_with_the_problem() -> None:
    async def problem(request: web.Request) -> web.Response:
        return web.json_response(
            {"type": "https://api.backend.ai/probs/kernel-not-found", "title": "No such kernel."},
            status=404,
            content_type="application/problem+json",
        )

    async with serve(problem) as peer, session_to(peer.endpoint) as session:
        with pytest.raises(NotFoundError, match="No such kernel") as caught:
            await fetch_json(session)
        assert caught.value.type == "kernel-not-found"
        async with Request(session, "GET", "x").fetch(check_status=False) as response:
            assert response.status == 404


@pytest.mark.parametrize(
    ("body", "status", "kind", "says"),
    [
        (b"<html>Bad Gateway</html>", 502, ServerError, "502"),
        (b"<html>hello</html>", 200, InvalidResponseError, "GET /thing is not JSON"),
        (b"\xff\xfe\xfd", 200, InvalidResponseError, "not JSON"),
        (b"", 200, InvalidResponseError, "not JSON"),
        (b"[" * 100_000, 200, InvalidResponseError, "not JSON"),
        (b"moved", 302, BackendAPIError, "302"),
    ],
)
async def test_answers_that_are_no_answers(
    body: bytes, status: int, kind: type[Exception], says: str
) -> None:
    async def answer(request: web.Request) -> web.Response:
        headers = {"Location": "/elsewhere"} if status == 302 else {}
        return web.Response(body=body, status=status, headers=headers, content_type="text/html")

    async with serve(answer) as peer, session_to(peer.endpoint) as session:
        with pytest.raises(kind, match=says):
            await fetch_json(session)
        assert peer.calls == ["GET /thing"]


async def test_truncated_answer() -> None:
    async def short(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"a":')
        assert request.transport is not None
        request.transport.close()
        return response

    async with serve(short) as peer, session_to(peer.endpoint) as session:
        with pytest.raises(InvalidResponseError, match="GET /thing broke off"):
            await fetch_json(session)


async def test_stalled_answer_times_out() -> None:
    release = asyncio.Event()

    async def stall(request: web.Request) -> web.Response:
        await release.wait()
        return web.Response()

    async with serve(stall) as peer, session_to(peer.endpoint, read_timeout=0.2) as session:
        with pytest.raises(BackendTimeoutError, match="GET /thing in time"):
            await fetch_json(session)
        assert len(peer.requests) == 1
        release.set()


@pytest.mark.parametrize("ahead", [3600, -7200])
async def test_a_wrong_clock_is_learned_and_corrected(ahead: int) -> None:
    """The server's clock differs by hours: one refusal, one repetition, then none."""

    async def strict(request: web.Request) -> web.Response:
        now = datetime.now(UTC) + timedelta(seconds=ahead)
        headers = {"Date": format_datetime(now)}
        if abs(datetime.fromisoformat(request.headers["Date"]) - now) > timedelta(minutes=15):
            return web.json_response(
                {
                    "type": "https://api.backend.ai/probs/invalid-auth-params",
                    "title": "Missing or invalid authorization parameters.",
                    "msg": "Date/time sync error",
                },
                status=400,
                headers=headers,
            )
        return web.json_response({}, headers=headers)

    async with serve(strict) as peer, session_to(peer.endpoint) as session:
        await fetch_json(session, "POST")
        assert peer.calls == ["POST /thing"] * 2
        assert session.clock_offset == pytest.approx(ahead, abs=5)
        await fetch_json(session, "POST")
        assert len(peer.requests) == 3


async def test_a_refused_clock_is_an_error_when_nothing_can_be_learned() -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.json_response(
            {
                "type": "https://api.backend.ai/probs/invalid-auth-params",
                "title": "T",
                "msg": "Date/time sync error",
            },
            status=400,
        )

    async with serve(refuse) as peer, session_to(peer.endpoint) as session:
        with pytest.raises(ClockSkewError) as caught:
            await fetch_json(session)
        assert "clock" in caught.value.hint
        assert len(peer.requests) == 1


async def test_not_a_backend_ai_server() -> None:
    async def other(request: web.Request) -> web.Response:
        return web.json_response({"hello": "world"})

    app = web.Application()
    app.router.add_get("/", other)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        session = session_to(f"http://127.0.0.1:{runner.addresses[0][1]}")
        with pytest.raises(InvalidResponseError, match="version") as caught:
            await session.open()
        assert "Backend.AI server" in caught.value.hint
    finally:
        await runner.cleanup()


async def test_two_sessions_side_by_side_in_any_task() -> None:
    async with serve(ok) as one, serve(ok) as two:
        first, second = session_to(one.endpoint), session_to(two.endpoint)
        await asyncio.create_task(first.open())
        await asyncio.create_task(second.open())
        await asyncio.gather(*(fetch_json(s) for s in (first, second) * 10))
        await asyncio.create_task(first.close())
        await second.close()
        await second.close()

        def count(peer: Peer) -> int:
            return len(peer.requests)

        assert (count(one), count(two)) == (10, 10)
        with pytest.raises(BackendClientError, match="closed"):
            await fetch_json(first)


async def test_a_forgotten_close_warns() -> None:
    async with serve(ok) as peer:
        session = session_to(peer.endpoint)
        await session.open()
        http = session.http
        with pytest.warns(ResourceWarning, match="not closed"):
            session.__del__()
        await session.close()
        assert http.closed


def test_arguments_are_checked_before_anything_is_sent() -> None:
    session = session_to("http://127.0.0.1:1")
    with pytest.raises(ValueError, match="BREW"):
        Request(session, "BREW", "x")
    request = Request(session, "POST", "x", b"body")
    with pytest.raises(ValueError, match="body"):
        request.attach_files([])
    with pytest.raises(ValueError, match="GET"):
        request.connect_websocket()
    with pytest.raises(ValueError, match="GET"):
        request.connect_events()


async def test_certificates_are_checked_unless_told_otherwise(tmp_path: Path) -> None:
    """A server with a certificate that nobody vouches for: requests, websockets, events."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))

    async def hello(request: web.Request) -> web.Response:
        return web.json_response({"version": "v4.20190615", "manager": "19.09.27"})

    app = web.Application()
    app.router.add_get("/", hello)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        endpoint = f"https://127.0.0.1:{runner.addresses[0][1]}"
        refused = session_to(endpoint)
        with pytest.raises(TLSError, match="certificate") as caught:
            await refused.open()
        assert "SKIP_SSLCERT_VALIDATION" in caught.value.hint
        async with session_to(endpoint, skip_sslcert_validation=True) as session:
            assert session.server is not None
    finally:
        await runner.cleanup()


async def test_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"version": "v4.20190615", "host": request.host})

    async with serve(answer) as proxy:
        monkeypatch.setenv("http_proxy", proxy.endpoint)
        monkeypatch.setenv("no_proxy", "other.invalid")
        config = APIConfig(endpoint="http://cluster.invalid:8081", access_key="A", secret_key="S")
        async with (
            AsyncSession(config=config) as session,
            Request(session, "GET", "thing").fetch() as response,
        ):
            assert (await response.json())["host"].startswith("cluster.invalid")
        with pytest.raises(NameResolutionError):
            async with AsyncSession(config=APIConfig(endpoint="http://other.invalid")):
                pass


async def test_bodies_of_any_kind_are_sent_again_from_their_beginning(tmp_path: Path) -> None:
    """A refused clock makes a request go out twice."""
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    refuse = True

    async def strict(request: web.Request) -> web.Response:
        nonlocal refuse
        if refuse := not refuse:
            return web.json_response({})
        now = datetime.now(UTC) + timedelta(hours=len(peer.requests))
        problem = {
            "type": "https://api.backend.ai/probs/invalid-auth-params",
            "title": "T",
            "msg": "Date/time sync error",
        }
        return web.json_response(problem, status=400, headers={"Date": format_datetime(now)})

    async with serve(strict) as peer, session_to(peer.endpoint) as session:
        with path.open("rb") as file:
            file.seek(2)
            for content in (b"bytes", bytearray(b"array"), "text", memoryview(b"view"), file):
                refuse = True
                peer.bodies.clear()
                async with Request(session, "POST", "thing", content).fetch():
                    pass
                expected = {"text": b"text"}.get(str(content)) or (
                    b"23456789" if content is file else bytes(content)  # type: ignore[arg-type]
                )
                assert peer.bodies == [expected] * 2
    with pytest.raises(ValueError, match="a body is"):
        Request(session, "POST", "thing", 5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="a path is"):
        Request(session, "POST", 5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="cannot be sent"):
        Request(session, "POST", "thing").set_json({"a": {1, 2}})
