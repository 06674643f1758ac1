"""TLS options and proxies hold for everything: requests, streams, transfers, tunnels.

The cluster stands behind a relay that speaks TLS, with a certificate by an authority that nobody
knows; the proxy is a real one that keeps a list of what it carried.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from bai_tui.api import (
    APIConfig,
    AsyncSession,
    BackendConnectionError,
    Kernel,
    Request,
    TLSError,
)
from tests.api.certificates import self_signed
from tests.api.peer import closed_port, serve, session_to
from tests.conftest import ThreadedCluster

MIB = 1 << 20


async def join(*ends: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    """Carry bytes between two connections until one of them ends."""

    async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()

    (one, to_one), (other, to_other) = ends
    ways = [asyncio.create_task(carry(one, to_other)), asyncio.create_task(carry(other, to_one))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        to_one.transport.abort()
        to_other.transport.abort()


@asynccontextmanager
async def listening(serve: object, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server on a free port whose connections have ended when the block has."""
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await serve(reader, writer)  # type: ignore[operator]
        finally:
            writer.transport.abort()
            tasks.discard(task)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def behind_tls(endpoint: str, certificate: Path) -> AsyncIterator[str]:
    """The https endpoint of a plain server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    parts = urlsplit(endpoint)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(parts.hostname, parts.port)
        await join((reader, writer), there)

    async with listening(relay, context) as port:
        yield f"https://127.0.0.1:{port}"


@asynccontextmanager
async def proxy(refuse: bool = False) -> AsyncIterator[tuple[str, list[str]]]:
    """A forward proxy: its address, and the request lines it got."""
    lines: list[str] = []

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        line, _, rest = head.partition(b"\r\n")
        lines.append(line.decode())
        method, target, version = line.decode().split()
        if refuse:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
        elif method == "CONNECT":
            host, _, port = target.rpartition(":")
            there = await asyncio.open_connection(host, int(port))
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await join((reader, writer), there)
        else:
            parts = urlsplit(target)
            there = await asyncio.open_connection(parts.hostname, parts.port)
            there[1].write(f"{method} {parts.path}?{parts.query} {version}\r\n".encode() + rest)
            await join((reader, writer), there)

    async with listening(forward) as port:
        yield f"http://127.0.0.1:{port}", lines


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return self_signed(tmp_path)


def keys(cluster: ThreadedCluster, endpoint: str, **options: Any) -> APIConfig:
    user = cluster.credentials["user"]
    return APIConfig(
        endpoint=endpoint, access_key=user.access_key, secret_key=user.secret_key, **options
    )


async def everything(session: AsyncSession, tmp_path: Path) -> None:
    """A request, a query, both streams, both kinds of transfers, a tunnel."""
    name = f"tls-{secrets.token_hex(4)}"
    await session.VFolder.create(name)
    folder = session.VFolder(name)
    for file, size in (("big", 9 * MIB), ("small", 10)):
        (tmp_path / file).write_bytes(os.urandom(size))
    await folder.upload(["big", "small"], basedir=tmp_path)
    await folder.download(["big", "small"], dest=tmp_path / "back")
    for file in ("big", "small"):
        assert (tmp_path / "back" / file).read_bytes() == (tmp_path / file).read_bytes()
    await folder.delete()
    kernel: Kernel = await session.Kernel.get_or_create(
        "python", client_token=name, resources={"cpu": 1, "mem": "256m"}
    )
    await kernel.upload(["small"], basedir=tmp_path)
    await kernel.download(["small"], dest=tmp_path / "again")
    async with kernel.tunnel("files") as tunnel:
        reader, writer = await asyncio.open_connection("127.0.0.1", tunnel.port)
        writer.write(b"GET /small HTTP/1.0\r\n\r\n")
        assert (await reader.read()).endswith((tmp_path / "small").read_bytes())
        writer.close()
    async with kernel.stream_pty() as pty:
        await pty.send_stdin(b"echo $((6*7))marker\n")
        seen = b""
        async for piece in pty.output():
            seen += piece
            if b"42marker" in seen:
                break
    async with kernel.stream_events() as events:
        await kernel.destroy()
        async for event in events:
            if event.event == "kernel_terminated":
                break


async def test_everything_over_tls_through_a_proxy(
    cluster: ThreadedCluster, tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with behind_tls(cluster.endpoint, certificate) as endpoint, proxy() as (address, lines):
        monkeypatch.setenv("https_proxy", address)
        config = keys(cluster, endpoint, skip_sslcert_validation=True)
        async with AsyncSession(config=config) as session:
            await everything(session, tmp_path)
    assert lines
    assert {line.split()[0] for line in lines} == {"CONNECT"}


async def test_nothing_goes_to_a_server_nobody_vouches_for(
    cluster: ThreadedCluster, tmp_path: Path, certificate: Path
) -> None:
    (tmp_path / "big").write_bytes(bytes(9 * MIB))
    (tmp_path / "small").write_bytes(b"x")
    async with behind_tls(cluster.endpoint, certificate) as endpoint:
        session = AsyncSession(config=keys(cluster, endpoint))
        kernel, folder = session.Kernel("any-session"), session.VFolder("any-folder")
        for work in (
            session.VFolder.list(),
            kernel.stream_pty().__aenter__(),
            kernel.stream_events().__aenter__(),
            folder.upload(["big"], basedir=tmp_path),
            folder.download(["big"], dest=tmp_path / "back"),
            kernel.upload(["small"], basedir=tmp_path),
            kernel.download(["small"], dest=tmp_path / "back"),
        ):
            with pytest.raises(TLSError, match="certificate"):
                await work
        async with kernel.tunnel("files") as tunnel:
            reader, writer = await asyncio.open_connection("127.0.0.1", tunnel.port)
            assert await reader.read() == b""
            writer.close()
            assert isinstance(tunnel.error, TLSError)
        await session.close()


async def test_an_authority_of_ones_own(
    cluster: ThreadedCluster, tmp_path: Path, certificate: Path
) -> None:
    """`SSL_CERT_FILE` names authorities to trust, as for other programs."""
    code = """
import asyncio
from bai_tui.api import APIConfig, AsyncSession
async def main():
    async with AsyncSession(config=APIConfig()) as session:
        print(session.server.version)
asyncio.run(main())
"""
    async with behind_tls(cluster.endpoint, certificate) as endpoint:
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", code],
            env={**os.environ, "BACKEND_ENDPOINT": endpoint, "SSL_CERT_FILE": str(certificate)},
            capture_output=True,
            text=True,
        )
    assert done.stdout.startswith("v4"), done.stderr


async def test_plain_requests_and_websockets_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path != "/ws":
            return web.json_response({})
        websocket = web.WebSocketResponse()
        await websocket.prepare(request)
        await websocket.send_str("hello")
        await websocket.close()
        return websocket

    async with serve(answer) as peer, proxy() as (address, lines):
        monkeypatch.setenv("http_proxy", address)
        async with session_to(peer.endpoint) as session:
            async with Request(session, "POST", "thing").fetch():
                pass
            async with Request(session, "GET", "ws").connect_websocket() as websocket:
                assert await websocket.receive_str() == "hello"
        assert {line.split("//")[0] for line in lines} == {"GET http:"}
        assert len(peer.requests) == 2


async def test_a_proxy_that_is_down_or_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = closed_port()
    monkeypatch.setenv("http_proxy", nobody.replace("//", "//user:secret@"))
    session = session_to("http://cluster.invalid")
    with pytest.raises(BackendConnectionError, match=f"No connection to the proxy {nobody}") as no:
        await session.open()
    assert "secret" not in str(no.value)
    assert "HTTPS_PROXY" in no.value.hint
    async with proxy(refuse=True) as (address, _):
        monkeypatch.setenv("https_proxy", address)
        session = session_to("https://cluster.invalid")
        with pytest.raises(BackendConnectionError, match="407 Proxy Authentication Required"):
            await session.open()
