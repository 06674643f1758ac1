"""The app tunnel against a session's real file server."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bai_tui.api import AppTunnel, AsyncSession, Kernel, Session, TunnelError
from bai_tui.api import tunnel as tunnel_module
from tests.conftest import ThreadedCluster
from tests.waiting import until


@pytest.fixture
async def kernel(cluster: ThreadedCluster, tmp_path: Path) -> AsyncIterator[Kernel]:
    async with AsyncSession(config=cluster.config_for("user")) as session:
        kernel = await session.Kernel.get_or_create(
            "python",
            client_token=f"tunnel-{secrets.token_hex(4)}",
            resources={"cpu": 1, "mem": "256m"},
        )
        yield kernel
        if (await session.Kernel.get(kernel.kernel_id)) is not None:
            await kernel.destroy()


async def test_fifty_requests_at_once(kernel: Kernel, tmp_path: Path) -> None:
    assert [p["name"] for p in kernel.service_ports][:2] == ["files", "ttyd"]
    content = os.urandom(700 * 1024)
    (tmp_path / "blob").write_bytes(content)
    await kernel.upload(["blob"], basedir=tmp_path)
    changes: list[int] = []
    async with kernel.tunnel(
        "files", protocol="http", on_change=lambda tunnel: changes.append(tunnel.connections)
    ) as tunnel:
        base = f"http://127.0.0.1:{tunnel.port}"
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        async with aiohttp.ClientSession(connector=connector) as http:

            async def get() -> bytes:
                async with http.get(f"{base}/blob") as answer:
                    return await answer.read()

            bodies = await asyncio.gather(*(get() for _ in range(50)))
            assert all(body == content for body in bodies)
            async with http.get(base) as answer:
                assert 'href="blob"' in await answer.text()
            async with http.get(f"{base}/blob", headers={"Range": "bytes=10-19"}) as answer:
                assert (answer.status, await answer.read()) == (206, content[10:20])
            async with http.get(f"{base}/../../etc/passwd") as answer:
                assert answer.status == 404
        await until(lambda: tunnel.connections == 0)
        assert tunnel.total == 53
        assert tunnel.received > 50 * len(content)
        assert tunnel.error is None
        assert max(changes) > 1


async def test_two_hundred_connections(kernel: Kernel) -> None:
    async with kernel.tunnel("files") as tunnel:
        pairs = await asyncio.gather(
            *(asyncio.open_connection("127.0.0.1", tunnel.port) for _ in range(200))
        )
        await until(lambda: tunnel.connections == 200)
        # Requests go on beside them.
        assert await kernel.get_info()
        for _, writer in pairs:
            writer.write(b"HEAD / HTTP/1.0\r\n\r\n")
        answers = await asyncio.gather(*(reader.readline() for reader, _ in pairs))
        assert {answer.split()[1] for answer in answers} == {b"200"}
        for _, writer in pairs:
            writer.close()
        await until(lambda: tunnel.connections == 0)


async def test_a_socket_instead_of_a_port(kernel: Kernel, tmp_path: Path) -> None:
    path = str(tmp_path / "t")
    async with kernel.tunnel("files", path=path):
        connector = aiohttp.UnixConnector(path)
        async with (
            aiohttp.ClientSession(connector=connector) as http,
            http.get("http://localhost/") as answer,
        ):
            assert answer.status == 200
    with pytest.raises(TunnelError, match="cannot be opened"):
        async with kernel.tunnel("files", path=str(tmp_path / "missing" / "t")):
            pass


async def test_errors(kernel: Kernel, cluster: ThreadedCluster) -> None:
    async with kernel.tunnel("nonsense", protocol="http") as tunnel:
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"http://127.0.0.1:{tunnel.port}/") as answer,
        ):
            assert answer.status == 503
            assert "No such app service" in await answer.text()
        assert tunnel.error is not None
        with pytest.raises(TunnelError, match="in use"):
            async with kernel.tunnel("files", port=tunnel.port):
                pass
    with pytest.raises(ValueError, match="carries"):
        kernel.tunnel("files", protocol="udp")
    with pytest.raises(ValueError, match="not a port"):
        kernel.tunnel("files", port=70000)


async def test_the_end_of_the_session_ends_the_connections(kernel: Kernel) -> None:
    async with kernel.tunnel("files") as tunnel:
        reader, writer = await asyncio.open_connection("127.0.0.1", tunnel.port)
        writer.write(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await reader.readline()
        await kernel.destroy()
        async with asyncio.timeout(20):
            await reader.read()
        writer.close()
        await until(lambda: tunnel.connections == 0)


async def test_closing_ends_everything(kernel: Kernel) -> None:
    tunnel: AppTunnel = kernel.tunnel("files")
    async with tunnel:
        reader, writer = await asyncio.open_connection("127.0.0.1", tunnel.port)
        await until(lambda: tunnel.connections == 1)
    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()
    with pytest.raises(OSError, match="Connect"):
        await asyncio.open_connection("127.0.0.1", tunnel.port)


async def test_the_answer_comes_after_the_last_word(kernel: Kernel) -> None:
    """`printf ... | nc` ends its side before the answer is there."""
    async with kernel.tunnel("files") as tunnel:
        reader, writer = await asyncio.open_connection("127.0.0.1", tunnel.port)
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        writer.write_eof()
        async with asyncio.timeout(10):
            assert (await reader.read()).startswith(b"HTTP/1.0 200 OK")
        writer.close()


async def test_a_connection_that_says_nothing_more_ends(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tunnel_module, "LINGER", 0.1)
    async with kernel.tunnel("files") as tunnel:
        reader, writer = await asyncio.open_connection("127.0.0.1", tunnel.port)
        await until(lambda: tunnel.connections == 1)
        writer.write_eof()
        await until(lambda: tunnel.connections == 0)
        assert await reader.read() == b""
        writer.close()


def test_a_tunnel_of_a_blocking_session(cluster: ThreadedCluster) -> None:
    with Session(config=cluster.config_for("user")) as session:
        kernel = session.Kernel.get_or_create(
            "python",
            client_token=f"tunnel-{secrets.token_hex(4)}",
            resources={"cpu": 1, "mem": "256m"},
        )
        try:
            with kernel.tunnel("files") as tunnel:
                address = ("127.0.0.1", tunnel.port)
                with socket.create_connection(address, timeout=10) as connection:
                    connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
                    assert connection.makefile("rb").readline() == b"HTTP/1.0 200 OK\r\n"
            with pytest.raises(OSError, match="refused"):
                socket.create_connection(address, timeout=10)
        finally:
            kernel.destroy()
