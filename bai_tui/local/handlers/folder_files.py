"""`/folders/{name}`: the files inside (rest-vfolders.md 4); downloads are in `folder_transfer`."""

from __future__ import annotations

import asyncio
import json
import shutil
import stat
import tempfile
from pathlib import Path
from typing import IO, Any

from aiohttp import BodyPartReader, web

from bai_tui.local.folders import find_folder, inside
from bai_tui.local.multipart import uploaded_name
from bai_tui.local.params import Field, boolish, list_of, params, text
from bai_tui.local.problems import InternalServerError, InvalidAPIParams, VFolderNotFound
from bai_tui.local.routing import Call, Guard, Needs, Route, add, nothing, reply

MAX_FILES = 10
CHUNK = 2**20


def folder_root(call: Call, needs: str) -> Path:
    """Directory of the folder that the path names.

    Raises:
        VFolderNotFound: not accessible with that permission.
    """
    row = find_folder(call.ctx.store, call.caller, call.path["name"], needs)
    return call.ctx.folder_path(row["host"], row["id"])


async def mkdir(call: Call) -> web.StreamResponse:
    """Make a directory and its parents."""
    path = call.params["path"]
    root = folder_root(call, "rw")
    if path.startswith("/"):
        # What this release answers.
        raise InternalServerError
    target = inside(root, path)
    try:
        await asyncio.to_thread(target.mkdir, parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidAPIParams(f"The directory can't be made: {error.strerror}") from None
    return nothing(201)


async def upload(call: Call) -> web.StreamResponse:
    """Store uploaded files; each appears under its name only when it is complete."""
    root = folder_root(call, "rw")
    if not call.request.content_type.startswith("multipart/"):
        raise InvalidAPIParams("The body must be multipart/form-data.")
    count = 0
    async for part in await call.request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        name = uploaded_name(part)
        if name is None:
            continue
        count += 1
        if count > MAX_FILES:
            raise InvalidAPIParams("Too many files!")
        await _store(part, inside(root, name), root)
    return nothing(201)


async def _store(part: BodyPartReader, target: Path, root: Path) -> None:
    try:
        file = await asyncio.to_thread(_begin, target, root)
        try:
            while chunk := await part.read_chunk(CHUNK):
                await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(_finish, file, target)
        finally:
            await asyncio.to_thread(_abandon, file)
    except OSError as error:
        raise InvalidAPIParams(f"Failed to upload {target.name}: {error.strerror}") from None


def _begin(target: Path, root: Path) -> IO[bytes]:
    """A temporary file next to the target, so that the last step is one rename."""
    if target == root.resolve() or target.is_dir():
        raise InvalidAPIParams(f'Failed to upload, "{target.name}" is a directory.')
    target.parent.mkdir(parents=True, exist_ok=True)
    return tempfile.NamedTemporaryFile(dir=target.parent, prefix=".upload-", delete=False)


def _finish(file: IO[bytes], target: Path) -> None:
    file.close()
    temporary = Path(file.name)
    temporary.chmod(0o644)
    temporary.replace(target)


def _abandon(file: IO[bytes]) -> None:
    file.close()
    Path(file.name).unlink(missing_ok=True)


async def rename_file(call: Call) -> web.StreamResponse:
    """Give a file or directory another name in its directory."""
    root = folder_root(call, "wd")
    await asyncio.to_thread(_rename, root, call.params["target_path"], call.params["new_name"])
    return reply({})


def _rename(root: Path, old: str, new_name: str) -> None:
    if "/" in new_name or new_name in ("", ".", ".."):
        raise InvalidAPIParams("new_name must be a plain file name.")
    source = inside(root, old)
    target = source.with_name(new_name)
    if source == root.resolve() or not source.exists():
        raise InvalidAPIParams("No such file.")
    if target.exists() or target.is_symlink():
        raise InvalidAPIParams(f"{new_name} exists already.")
    source.rename(target)


async def delete_files(call: Call) -> web.StreamResponse:
    """Remove files; directories only with `recursive`, and then all or nothing."""
    root = folder_root(call, "rw")
    await asyncio.to_thread(_delete, root, call.params["files"], call.params["recursive"])
    return reply({})


def _delete(root: Path, names: list[str], recursive: bool) -> None:
    doomed = []
    for name in names:
        try:
            # The link itself is meant, not what it points to.
            path = inside(root, str(Path(name).parent)) / Path(name).name
        except InvalidAPIParams:
            continue
        if path.resolve() == root.resolve() or not (path.exists() or path.is_symlink()):
            continue
        if path.is_dir() and not path.is_symlink() and not recursive:
            raise InvalidAPIParams(f'"{name}" is a directory; use recursive to remove it.')
        doomed.append(path)
    for path in doomed:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


async def list_files(call: Call) -> web.StreamResponse:
    """The entries of a directory, as JSON text."""
    root = folder_root(call, "ro")
    entries = await asyncio.to_thread(_entries, root, call.params["path"].lstrip("/"))
    return reply({"files": json.dumps(entries)})


def _entries(root: Path, relative: str) -> list[dict[str, Any]]:
    try:
        path = inside(root, relative)
    except InvalidAPIParams:
        raise VFolderNotFound("No such file or directory.") from None
    if not path.exists():
        raise VFolderNotFound("No such file or directory.")
    if not path.is_dir():
        raise InvalidAPIParams("The path is not a directory.")
    found = []
    for entry in path.iterdir():
        try:
            status = entry.lstat()
        except OSError:
            continue  # removed meanwhile
        found.append(
            {
                "mode": stat.filemode(status.st_mode),
                "size": status.st_size,
                "ctime": status.st_ctime,
                "mtime": status.st_mtime,
                "atime": status.st_atime,
                "filename": entry.name,
            }
        )
    return found


MKDIR = params(Field("path"))
RENAME = params(Field("target_path"), Field("new_name"))
DELETE = params(
    Field("files", check=list_of(text)), Field("recursive", check=boolish, default=False)
)
FILES = params(Field("path", default=""))
AUTH, READ = Guard.AUTH, Needs.READABLE
ROUTES = (
    Route("POST", "/folders/{name}/mkdir", mkdir, AUTH, READ, MKDIR),
    Route("POST", "/folders/{name}/upload", upload),
    Route("POST", "/folders/{name}/rename_file", rename_file, AUTH, READ, RENAME),
    Route("DELETE", "/folders/{name}/delete_files", delete_files, AUTH, READ, DELETE),
    Route("GET", "/folders/{name}/files", list_files, AUTH, READ, FILES),
)


def add_routes(app: web.Application) -> None:
    """Register the files of folders."""
    add(app, ROUTES, versions=range(2, 5))
