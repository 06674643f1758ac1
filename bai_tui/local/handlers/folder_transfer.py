"""`/folders`: downloads (plain, by token) and resumable uploads (rest-vfolders.md 4.1 to 4.4)."""

from __future__ import annotations

import asyncio
import mimetypes
import os
import tempfile
import uuid
import zipfile
from contextlib import suppress
from email.utils import formatdate
from pathlib import Path
from typing import IO, Any

from aiohttp import hdrs, web

from bai_tui.local import tokens
from bai_tui.local.folders import find_folder, inside
from bai_tui.local.handlers.folder_files import folder_root
from bai_tui.local.multipart import attachment
from bai_tui.local.params import Field, boolean, integer, list_of, nullable, params, text
from bai_tui.local.problems import GenericNotFound, InvalidAPIParams, Problem
from bai_tui.local.routing import Call, Guard, Needs, Route, add, reply

CHUNK = 2**18
DOWNLOAD_LIFETIME = 120.0
UPLOAD_LIFETIME = 86400.0
MAX_UPLOAD = 107374182400


async def download(call: Call) -> web.StreamResponse:
    """Several files in one `multipart/mixed` answer."""
    root = folder_root(call, "ro")
    opened = await asyncio.to_thread(_open_all, root, call.params["files"])
    try:
        boundary = uuid.uuid4().hex
        response = web.StreamResponse(
            headers={
                hdrs.CONTENT_TYPE: f"multipart/mixed; boundary={boundary}",
                "X-TOTAL-PAYLOADS-LENGTH": str(sum(size for _, _, size in opened)),
            }
        )
        await response.prepare(call.request)
        for path, file, size in opened:
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            await response.write(
                f"--{boundary}\r\nContent-Type: {kind}\r\nContent-Encoding: identity\r\n"
                f"Content-Disposition: {attachment(path.name)}\r\n"
                f"Content-Length: {size}\r\n\r\n".encode()
            )
            await _send(response, file, size)
            await response.write(b"\r\n")
        await response.write(f"--{boundary}--\r\n".encode())
        await response.write_eof()
    finally:
        for _, file, _ in opened:
            file.close()
    return response


def _open_all(root: Path, names: list[str]) -> list[tuple[Path, IO[bytes], int]]:
    """Open every file before the answer begins, so that a missing one can still be refused."""
    opened: list[tuple[Path, IO[bytes], int]] = []
    try:
        for name in names:
            path = inside(root, name)
            if not path.is_file():
                raise InvalidAPIParams(f"{name} is not a regular file.")
            opened.append((path, path.open("rb"), path.stat().st_size))
    except BaseException:
        for _, file, _ in opened:
            file.close()
        raise
    return opened


async def _send(response: web.StreamResponse, file: IO[bytes], size: int) -> None:
    """Write exactly `size` bytes; a file that shrank meanwhile is filled up with zeros."""
    while size > 0:
        chunk = await asyncio.to_thread(file.read, min(CHUNK, size)) or bytes(min(CHUNK, size))
        size -= len(chunk)
        await response.write(chunk)


async def download_single(call: Call) -> web.StreamResponse:
    """One file (ranges are possible), or a directory as a zip stream."""
    root = folder_root(call, "ro")
    missing = GenericNotFound("The file is not found.")
    return await _answer_file(
        call, root, call.params["file"], bool(call.params["archive"]), missing
    )


async def _answer_file(
    call: Call, root: Path, name: str, archive: bool, missing: Problem
) -> web.StreamResponse:
    path = inside(root, name)
    is_dir, exists = await asyncio.to_thread(lambda: (path.is_dir(), path.exists()))
    if not exists:
        raise missing
    if is_dir:
        if not archive:
            raise InvalidAPIParams("The file is a directory; ask for an archive.")
        return await _answer_zip(call, path)
    return await _answer_range(call.request, path)


async def _answer_range(request: web.Request, path: Path) -> web.StreamResponse:
    """A file or the part of it that `Range` asks for.

    Not aiohttp's `FileResponse`: that sends `name.gz`, if there is one, in place of `name`.
    """
    with await asyncio.to_thread(path.open, "rb") as file:
        status = os.fstat(file.fileno())
        size, modified = status.st_size, formatdate(status.st_mtime, usegmt=True)
        headers = {
            hdrs.CONTENT_TYPE: "application/octet-stream",
            hdrs.CONTENT_DISPOSITION: attachment(path.name),
            hdrs.ACCEPT_RANGES: "bytes",
            hdrs.LAST_MODIFIED: modified,
        }
        start, stop = 0, size
        partial = hdrs.RANGE in request.headers
        if request.headers.get(hdrs.IF_RANGE, modified) != modified:
            partial = False
        if partial:
            try:
                wanted = request.http_range
            except ValueError:
                wanted = slice(size, None)
            start, stop, _ = slice(wanted.start, wanted.stop).indices(size)
            if start >= stop:
                headers[hdrs.CONTENT_RANGE] = f"bytes */{size}"
                raise web.HTTPRequestRangeNotSatisfiable(headers=headers)
            headers[hdrs.CONTENT_RANGE] = f"bytes {start}-{stop - 1}/{size}"
        headers[hdrs.CONTENT_LENGTH] = str(stop - start)
        response = web.StreamResponse(status=206 if partial else 200, headers=headers)
        await response.prepare(request)
        if request.method != hdrs.METH_HEAD:
            file.seek(start)
            await _send(response, file, stop - start)
        await response.write_eof()
    return response


async def _answer_zip(call: Call, path: Path) -> web.StreamResponse:
    name = f"{path.name}.zip"
    with tempfile.TemporaryFile(dir=call.ctx.state_dir) as file:
        await asyncio.to_thread(_pack, path, file)
        size = file.tell()
        file.seek(0)
        response = web.StreamResponse(
            headers={
                hdrs.CONTENT_TYPE: "application/zip",
                hdrs.CONTENT_DISPOSITION: attachment(name),
                hdrs.CONTENT_LENGTH: str(size),
            }
        )
        await response.prepare(call.request)
        if call.request.method != hdrs.METH_HEAD:
            await _send(response, file, size)
        await response.write_eof()
    return response


def _pack(path: Path, file: IO[bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for entry in sorted(path.rglob("*")):
            if entry.is_file() and not entry.is_symlink():
                archive.write(entry, entry.relative_to(path))


async def request_download(call: Call) -> web.StreamResponse:
    """A token with which one file can be fetched without a signature for two minutes."""
    row = find_folder(call.ctx.store, call.caller, call.path["name"], "ro")
    claims = {
        "op": "download",
        "host": row["host"],
        "id": row["id"],
        "file": call.params["file"],
        "archive": bool(call.params["archive"]),
    }
    return reply({"token": tokens.issue(call.ctx, claims, DOWNLOAD_LIFETIME)})


def _claims(call: Call, token: str, operation: str) -> dict[str, Any]:
    try:
        claims = tokens.read(call.ctx, token)
    except tokens.InvalidToken:
        raise InvalidAPIParams("The token is invalid or has expired.") from None
    if claims["op"] != operation:
        raise InvalidAPIParams("The token is meant for something else.")
    return claims


async def download_with_token(call: Call) -> web.StreamResponse:
    """What `request_download` announced."""
    claims = _claims(call, call.params["token"], "download")
    root = call.ctx.folder_path(claims["host"], claims["id"])
    missing = InvalidAPIParams("The file is not found.")
    return await _answer_file(call, root, claims["file"], claims["archive"], missing)


async def create_upload_session(call: Call) -> web.StreamResponse:
    """Begin a resumable upload; its bytes collect beside the files until all are there."""
    row = find_folder(call.ctx.store, call.caller, call.path["name"], "wd")
    root = call.ctx.folder_path(row["host"], row["id"])
    inside(root, call.params["path"])
    claims = {
        "op": "upload",
        "host": row["host"],
        "id": row["id"],
        "path": call.params["path"],
        "size": call.params["size"],
        "session": uuid.uuid4().hex,
    }
    partial = _partial(root, claims)
    await asyncio.to_thread(_begin, partial)
    return reply({"token": tokens.issue(call.ctx, claims, UPLOAD_LIFETIME)})


def _partial(root: Path, claims: dict[str, Any]) -> Path:
    return root / ".upload" / str(claims["session"])


def _begin(partial: Path) -> None:
    while True:
        partial.parent.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):  # another upload ended and took the directory with it
            partial.touch()
            return


def _upload(call: Call) -> tuple[Path, Path, int]:
    """Partial file, target and final size of the upload that the token names."""
    claims = _claims(call, call.path["token"], "upload")
    root = call.ctx.folder_path(claims["host"], claims["id"])
    partial = _partial(root, claims)
    if not partial.exists():
        raise GenericNotFound
    return partial, inside(root, claims["path"]), int(claims["size"])


def _tus_headers(offset: int, size: int) -> dict[str, str]:
    return {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": str(offset),
        "Upload-Length": str(size),
        hdrs.CACHE_CONTROL: "no-store",
        hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*",
    }


async def upload_state(call: Call) -> web.StreamResponse:
    """How many bytes have arrived."""
    partial, _, size = _upload(call)
    return web.Response(headers=_tus_headers(partial.stat().st_size, size))


async def upload_part(call: Call) -> web.StreamResponse:
    """Append the body; when the size is reached the file moves to its place."""
    partial, target, size = _upload(call)
    with partial.open("ab") as file:
        async for chunk in call.request.content.iter_chunked(CHUNK):
            await asyncio.to_thread(file.write, chunk)
        offset = file.tell()
    if offset >= size:
        try:
            partial.replace(target)
        except OSError as error:
            raise InvalidAPIParams(f"The file can't be stored: {error.strerror}") from None
        await asyncio.to_thread(_clean, partial.parent)
    return web.Response(status=204, headers=_tus_headers(offset, size))


def _clean(directory: Path) -> None:
    """Remove the directory of partial files once it is empty."""
    with suppress(OSError):
        directory.rmdir()


async def upload_options(call: Call) -> web.StreamResponse:
    """What the upload protocol here can do."""
    headers = {
        "Tus-Resumable": "1.0.0",
        "Tus-Version": "1.0.0",
        "Tus-Max-Size": str(MAX_UPLOAD),
        hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*",
        hdrs.ACCESS_CONTROL_ALLOW_METHODS: "OPTIONS, HEAD, PATCH",
    }
    return web.Response(headers=headers)


FILE = params(Field("file"), Field("archive", check=nullable(boolean), default=False))
FILES = params(Field("files", check=list_of(text)))
TOKEN = params(Field("token"))
SESSION = params(Field("path"), Field("size", check=integer(0, MAX_UPLOAD)))
AUTH, FREE, READ = Guard.AUTH, Guard.PUBLIC, Needs.READABLE
TUS = "/folders/_/tus/upload/{token}"
ROUTES = (
    Route("GET", "/folders/{name}/download", download, AUTH, READ, FILES),
    Route("GET", "/folders/{name}/download_single", download_single, AUTH, READ, FILE),
    Route("HEAD", "/folders/{name}/download_single", download_single, AUTH, READ, FILE),
    Route("POST", "/folders/{name}/request_download", request_download, AUTH, READ, FILE),
    Route("GET", "/folders/_/download_with_token", download_with_token, FREE, READ, TOKEN),
    Route("HEAD", "/folders/_/download_with_token", download_with_token, FREE, READ, TOKEN),
    Route(
        "POST", "/folders/{name}/create_upload_session", create_upload_session, AUTH, READ, SESSION
    ),
    Route("OPTIONS", TUS, upload_options, FREE),
    Route("HEAD", TUS, upload_state, FREE),
    Route("PATCH", TUS, upload_part, FREE),
)


def add_routes(app: web.Application) -> None:
    """Register the transfers."""
    add(app, ROUTES, versions=range(2, 5))
