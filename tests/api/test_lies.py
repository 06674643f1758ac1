"""Whatever a server answers, every function of the package returns or raises an error of ours."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bai_tui.api import (
    APIConfig,
    AsyncSession,
    BackendError,
    ConnectionLostError,
    InvalidResponseError,
    Request,
    StreamClosedError,
)
from bai_tui.api import request as request_module
from bai_tui.api import transfers as transfers_module
from bai_tui.api.functions.base import BaseFunction
from bai_tui.api.paths import LocalFile
from tests.api.peer import serve, session_to

GIVEN: dict[str, Any] = {
    "month": "202001",
    "start_date": "20200101",
    "end_date": "20200102",
    "files": ["file"],
    "perm": "rw",
    "emails": ["a@example.com"],
    "dest": "back",
    "basedir": ".",
    "resource_slots": {"cpu": 1},
    "default_for_unspecified": "LIMITED",
    "total_resource_slots": {},
    "allowed_vfolder_hosts": ["local"],
    "group_ids": ["1"],
    "user_uuids": ["1"],
    "query": "{ user { uuid } }",
    "code": "1",
    "places": [("host", "user:1")],
}
INTERNAL = {"call", "item", "read", "read_item", "query", "select", "row", "rows", "page", "mutate"}
STREAMS = {"events", "stream_pty", "stream_execute", "stream_events", "tunnel"}
OBJECTS = {"path", "hosts", "uploader", "downloader"}
LIES: list[Any] = [
    None,
    [],
    {},
    7,
    "text",
    True,
    [None],
    [7],
    {"data": None},
    {"data": []},
    {"result": []},
    {"items": 1},
    {"files": "[]"},
    {"token": 1, "url": "ftp://x"},
    {"data": {"q0": [7]}},
    {"data": {"q0": {"details": [7]}}},
]


def arguments(function: Callable[..., Any]) -> dict[str, Any]:
    """Values for the parameters that need one."""
    found: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            continue
        if "LocalFile" in str(parameter.annotation):
            found[name] = [LocalFile(Path("file"), "file", 1)]
        elif name in GIVEN:
            found[name] = GIVEN[name]
        elif parameter.default is parameter.empty:
            found[name] = 5 if "int" in str(parameter.annotation) else "name"
    return found


def functions(session: AsyncSession) -> Iterator[tuple[str, Callable[..., Any], dict[str, Any]]]:
    """Every function of every accessor, and of what they make."""
    for name in sorted(name for name in dir(AsyncSession) if name[:1].isupper()):
        accessor = getattr(session, name)
        holders = [accessor]
        if callable(accessor):
            holders.append(accessor("name"))
        for holder in holders:
            for key, member in inspect.getmembers(holder, inspect.ismethod):
                kept = name == "Admin" and key == "query"
                if key.startswith("_") or (key in INTERNAL | STREAMS | OBJECTS and not kept):
                    continue
                yield f"{name}.{key}", member, arguments(member)


def test_the_sweep_finds_the_functions() -> None:
    names = [name for name, _, _ in functions(session_to("http://127.0.0.1:9"))]
    assert len(names) > 120
    assert {"Admin.query", "Kernel.execute", "VFolder.upload", "Kernel.get_task_logs"} <= {*names}
    assert not any(issubclass(BaseFunction, type(name)) for name in names)


async def call(function: Callable[..., Any], given: dict[str, Any]) -> str:
    """Returns how it went."""
    try:
        async with asyncio.timeout(20):
            result = function(**given)
            if isinstance(result, AsyncIterator):
                async for _ in result:
                    pass
            else:
                await result
    except BackendError as error:
        text = str(error)
        assert text.strip()
        assert "\n" not in text
        return "refused"
    except OSError as error:
        # A file that is not here, for functions that read one.
        raise AssertionError(f"not one of ours: {error!r}") from error
    return "believed"


@pytest.mark.parametrize("lie", LIES, ids=[json.dumps(lie) for lie in LIES])
@pytest.mark.parametrize("version", ["v4.20190615", "v9.20250722"])
async def test_json_of_the_wrong_shape(
    lie: Any, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(transfers_module, "PAUSE", 0.0)
    (tmp_path / "file").write_bytes(b"x")

    async def answer(request: web.Request) -> web.Response:
        return web.json_response(lie)

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    async with serve(answer) as peer:
        for kind in ("api", "session"):
            config = APIConfig(endpoint=peer.endpoint, endpoint_type=kind, version=version)
            session = AsyncSession(config=config)
            for name, function, given in functions(session):
                if (kind == "session") == name.startswith("Auth.log"):
                    try:
                        await call(function, given)
                    except Exception as error:
                        raise AssertionError(f"{name} with {given}: {error!r}") from error
            await session.close()


@asynccontextmanager
async def babbling(answer: bytes, hold: bool = False) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers every connection with the same bytes, whatever it is asked."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(answer)
            await writer.drain()
            if hold:
                await reader.read()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", heads
    finally:
        server.close()


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
GARBAGE = {
    "nothing": b"",
    "ssh": b"SSH-2.0-OpenSSH_9.6\r\n",
    "tls": b"\x15\x03\x01\x00\x02\x02\x46",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-",
    "no status": b"HTTP/1.1 abc OK\r\n\r\n",
    "long header": OK + b"X: " + b"x" * 100_000 + b"\r\nContent-Length: 2\r\n\r\n{}",
    "many headers": OK + b"".join(b"X%d: y\r\n" % n for n in range(5000)) + b"\r\n{}",
    "two lengths": OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "negative length": OK + b"Content-Length: -1\r\n\r\n{}",
    "short": OK + b"Content-Length: 100\r\n\r\n{}",
    "bad chunk": OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "cut chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}",
    "no gzip": OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "unknown encoding": OK + b"Content-Encoding: zip\r\nContent-Length: 4\r\n\r\n\xff\xfe{}",
    "latin-1": OK + b'Content-Length: 8\r\n\r\n{"a":"\xe4"',
    "odd date": OK + b"Date: Thu, 99 Foo 2020\r\nContent-Length: 1\r\n\r\n[",
    "redirect": b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\nContent-Length: 0\r\n\r\n",
    "switching": b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
}


@pytest.mark.parametrize("answer", GARBAGE.values(), ids=GARBAGE.keys())
async def test_bytes_that_are_no_answer(answer: bytes) -> None:
    async with babbling(answer) as (endpoint, heads):
        session = session_to(endpoint, version="v4.20190615", read_timeout=2)
        for work in (
            session.VFolder.list,
            session.Kernel("name").stream_pty().__aenter__,
            session.Kernel.events(reconnect=False).__aenter__,
        ):
            heads.clear()
            with pytest.raises(BackendError) as caught:
                await work()
            text = f"{caught.value} {type(caught.value).__name__}"
            assert "\n" not in text
            # The text names the request, or where it went.
            assert any(name in text for name in ("/folders", "/stream", endpoint, "(30")), text
            if not isinstance(caught.value, ConnectionLostError):
                assert len(heads) <= 2
        await session.close()


async def test_an_answer_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_module, "MAX_ANSWER", 1 << 20)
    body = b"[" + b"0," * (1 << 20) + b"0]"
    compressed = False

    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.Response(body=body, content_type="application/json")
        if compressed:
            response.enable_compression()
        return response

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b"0," * 100_000)

    for handler, small in ((flood, False), (flood, True), (endless, False)):
        compressed = small
        async with (
            serve(handler) as peer,
            session_to(peer.endpoint) as session,
            Request(session, "GET", "thing").fetch() as response,
        ):
            with pytest.raises(InvalidResponseError, match=r"GET /thing is larger than 1 MiB"):
                await response.json()


async def test_a_body_that_stops_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_module, "BODY_STALL", 0.2)
    for status, kind in ((200, TimeoutError), (500, BackendError)):
        head = f"HTTP/1.1 {status} X\r\nContent-Length: 100\r\n\r\n{{".encode()
        async with babbling(head, hold=True) as (endpoint, _):
            session = session_to(endpoint, version="v4.20190615")
            with pytest.raises(kind) as caught:
                await session.VFolder.list()
            assert isinstance(caught.value, BackendError)
            await session.close()


@pytest.mark.parametrize("message", ["{", "[]", "7", '{"type": "out", "data": "%"}', "\0"])
async def test_websockets_with_nonsense(message: str) -> None:
    async def babble(request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse()
        await websocket.prepare(request)
        await websocket.send_str(message)
        await websocket.close()
        return websocket

    async with serve(babble) as peer, session_to(peer.endpoint) as session:
        kernel = session.Kernel("name")
        for stream, read in (
            (kernel.stream_pty(), "output"),
            (kernel.stream_execute("1"), "results"),
        ):
            async with stream as websocket:
                reading = getattr(websocket, read)()
                with pytest.raises(InvalidResponseError, match="stream/kernel/name"):
                    await anext(reading)
        async with kernel.stream_pty() as pty:
            if message in ("[]", "7"):
                assert await pty.receive_json() == json.loads(message)
            elif message in ("{", "\0"):
                with pytest.raises(InvalidResponseError, match="stream/kernel/name"):
                    await pty.receive_json()
            else:
                with pytest.raises(StreamClosedError):
                    await pty.receive_bytes()


MULTIPART = "multipart/mixed; boundary=b"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/mixed", b"--b\r\n\r\nx\r\n--b--"),
        (MULTIPART, b""),
        (MULTIPART, b"--b--\r\n"),
        (MULTIPART, b"no boundary at all"),
        (MULTIPART, b"--b\r\nContent-Length: x\r\n\r\nx\r\n--b--\r\n"),
        (MULTIPART, b"--b\r\nContent-Encoding: zip\r\n\r\nx\r\n--b--\r\n"),
        (MULTIPART, b"--b\r\n\r\nno tar\r\n--b--\r\n"),
        (MULTIPART, b"--b\r\n\r\nnever ends"),
        (MULTIPART, b"--b\r\nbroken header\r\n\r\nx\r\n--b--\r\n"),
        (MULTIPART, b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b--\r\n"),
        (MULTIPART, b"--b\r\n\r\n" + b"x" * 600_000),
    ],
)
async def test_downloads_that_are_no_archives(kind: str, body: bytes, tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Type": kind})

    async with serve(answer) as peer, session_to(peer.endpoint) as session:
        work = session.Kernel("name").download(["file"], dest=tmp_path / "back")
        with pytest.raises(InvalidResponseError):
            await asyncio.wait_for(work, 10)
        assert not (tmp_path / "back/file").exists()
