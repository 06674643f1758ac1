"""Transfers through a relay that cuts connections, and servers that lie."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.utils import formatdate
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from bai_tui.api import (
    APIConfig,
    AsyncSession,
    AttachedFile,
    BackendAPIError,
    BackendError,
    InvalidResponseError,
    LocalFileError,
    Progress,
    Request,
    TruncatedResponseError,
    UnsafePathError,
)
from bai_tui.api import transfers as transfers_module
from tests.api.peer import serve, session_to
from tests.conftest import ThreadedCluster

MIB = 1 << 20


class Relay:
    """Passes bytes to a server and cuts each of the first connections after so many."""

    def __init__(self, target: str, cuts: list[int]) -> None:
        parts = urlsplit(target)
        self.host, self.port = parts.hostname, parts.port
        self.cuts = cuts
        self.made = 0
        self.endpoint = ""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(self.host, self.port)
        left = self.cuts[self.made] if self.made < len(self.cuts) else None
        self.made += 1

        async def pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            nonlocal left
            with suppress(OSError):
                while data := await source.read(65536):
                    if left is not None:
                        left -= len(data)
                        if left < 0:
                            return
                    sink.write(data)
                    await sink.drain()

        ways = [
            asyncio.create_task(pass_on(reader, there_writer)),
            asyncio.create_task(pass_on(there_reader, writer)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for side in (writer, there_writer):
            side.transport.abort()


@asynccontextmanager
async def relay(target: str, cuts: list[int]) -> AsyncIterator[Relay]:
    """A relay that listens."""
    it = Relay(target, cuts)
    server = await asyncio.start_server(it._serve, "127.0.0.1", 0)
    it.endpoint = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield it
    finally:
        server.close()


def through(cluster: ThreadedCluster, endpoint: str) -> APIConfig:
    keys = cluster.credentials["user"]
    return APIConfig(endpoint=endpoint, access_key=keys.access_key, secret_key=keys.secret_key)


async def test_transfers_survive_cuts(cluster: ThreadedCluster, tmp_path: Path) -> None:
    content = os.urandom(40 * MIB)
    (tmp_path / "big").write_bytes(content)
    for number in range(30):
        (tmp_path / f"small{number}").write_bytes(content[:1000])
    # A cut every few MiB, on every connection for a while.
    cuts = [3 * MIB, 200_000, 9 * MIB, 100, 12 * MIB, 5 * MIB, 0, 20 * MIB, 2 * MIB]
    async with (
        relay(cluster.endpoint, cuts) as way,
        AsyncSession(config=cluster.config_for("user")) as direct,
    ):
        name = f"cut-{secrets.token_hex(4)}"
        await direct.VFolder.create(name)
        session = AsyncSession(config=through(cluster, way.endpoint))
        folder = session.VFolder(name)
        steps: list[Progress] = []
        names = ["big", *(f"small{number}" for number in range(30))]
        await folder.upload(names, basedir=tmp_path, progress=steps.append)
        assert steps[-1].done == steps[-1].total
        sent = way.made
        assert sent > 3
        way.cuts += [0] * (way.made - len(way.cuts)) + [7 * MIB, 300_000, 11 * MIB]
        await session.close()
        session = AsyncSession(config=through(cluster, way.endpoint))
        await session.VFolder(name).download(names, dest=tmp_path / "back")
        for file in names:
            assert (tmp_path / "back" / file).read_bytes() == (tmp_path / file).read_bytes()
        assert way.made > sent + 1
        await session.close()
        await direct.VFolder(name).delete()


async def test_a_refused_upload_says_why(cluster: ThreadedCluster, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(bytes(6 * MIB))
    async with AsyncSession(config=cluster.config_for("user")) as session:
        with pytest.raises(BackendAPIError) as caught:
            await session.VFolder("no-such-folder").upload(["big"], basedir=tmp_path)
        assert caught.value.status == 404


async def test_the_whole_file_goes_to_the_next_endpoint(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({})

    (tmp_path / "file").write_bytes(b"content" * 1000)
    async with (
        serve(answer) as peer,
        session_to("http://127.0.0.1:9", peer.endpoint) as session,
    ):
        with (tmp_path / "file").open("rb") as file:
            request = Request(session, "POST", "upload")
            request.attach_files([AttachedFile("a/ü.txt", file)])
            async with request.fetch():
                pass
        (body,) = peer.bodies
        assert b"content" * 1000 in body
        assert 'name="src"; filename="a/ü.txt"'.encode() in body
        assert peer.requests[0].content_length == len(body)


async def test_a_file_that_shrinks_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(4 * MIB))

    async def shrink(request: web.Request) -> web.Response:
        return web.json_response({})

    async with serve(shrink) as peer, session_to(peer.endpoint) as session:
        request = Request(session, "POST", "upload", reporthook=lambda count: os.truncate(path, 0))
        with path.open("rb") as file:
            request.attach_files([AttachedFile("file", file)])
            with pytest.raises(LocalFileError, match="became shorter"):
                async with request.fetch():
                    pass


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "..", ""])
async def test_a_lying_listing_writes_nowhere(tmp_path: Path, name: str) -> None:
    async def lie(request: web.Request) -> web.Response:
        if request.path.endswith("/files"):
            entry = {"filename": name, "mode": "-rw-r--r--", "size": 1}
            return web.json_response({"files": json.dumps([entry])})
        return web.Response(body=b"x")

    async with serve(lie) as peer, session_to(peer.endpoint) as session:
        with pytest.raises(UnsafePathError):
            await session.VFolder("any").download(["."], dest=tmp_path / "here")
        assert peer.calls == ["GET /folders/any/files"]
        assert os.listdir(tmp_path) == []


async def test_lying_downloads_are_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfers_module, "PAUSE", 0.001)
    headers: dict[str, str] = {}
    status = 206

    async def lie(request: web.Request) -> web.StreamResponse:
        if "Content-Length" not in headers:
            return web.Response(status=status, body=b"x" * 10, headers=headers)
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        await response.write(b"x" * 10)
        assert request.transport is not None
        request.transport.close()
        return response

    async with serve(lie) as peer, session_to(peer.endpoint) as session:
        folder = session.VFolder("any")
        target = tmp_path / "target"
        headers = {"Content-Range": "bytes 5-14/15"}
        with pytest.raises(InvalidResponseError, match="asked for the bytes"):
            await folder.downloader("file", target).run()
        # No byte more each time it is asked for the rest.
        status, headers = 200, {"Content-Length": "1000"}
        with pytest.raises(TruncatedResponseError):
            await folder.downloader("file", target).run()
        assert not target.exists()
        (tmp_path / "target.part").unlink()
        (tmp_path / "target.part").symlink_to(tmp_path / "elsewhere")
        status, headers = 200, {"Last-Modified": formatdate(0, usegmt=True)}
        with pytest.raises(LocalFileError):
            await folder.downloader("file", target).run()
        assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("offset", [None, "", "-1", "x", "99999", "²"])
async def test_lying_offsets_are_errors(tmp_path: Path, offset: str | None) -> None:
    (tmp_path / "file").write_bytes(b"12345")

    async def lie(request: web.Request) -> web.Response:
        if request.method == "POST":
            return web.json_response({"token": "t"})
        return web.Response(status=204, headers={} if offset is None else {"Upload-Offset": offset})

    async with serve(lie) as peer, session_to(peer.endpoint) as session:
        with pytest.raises(InvalidResponseError):
            await session.VFolder("any").uploader(tmp_path / "file", "file").run()
        assert len(peer.calls) == 2


@pytest.mark.parametrize("answer", [[], "text", {"files": "{"}, {"files": 1}, {"items": {}}])
async def test_lying_listings_are_errors(answer: object) -> None:
    async def lie(request: web.Request) -> web.Response:
        return web.json_response(answer)

    async with serve(lie) as peer, session_to(peer.endpoint) as session:
        with pytest.raises(BackendError):
            await session.VFolder("any").entries()
