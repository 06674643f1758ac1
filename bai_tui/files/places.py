"""The three places: this machine, a virtual folder, the working directory of a session."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bai_tui.files.model import Gate, Item, PlaceError, base, joined, parent

if TYPE_CHECKING:
    from bai_tui.api import Kernel, VFolder

SESSION_VIEW: Final = 16 * 2**20
"""Sessions send whole files only: larger ones are not fetched just to be looked at."""


class LocalPlace:
    """This machine; paths are absolute."""

    label = "this machine"
    kind = "local"

    def obstacle(self, doing: str) -> str:
        """None but what the system says."""
        return ""

    async def items(self, path: str) -> list[Item]:
        """A directory."""
        return await asyncio.to_thread(_scan, path or "/")

    async def mkdir(self, path: str) -> None:
        """One directory."""
        await asyncio.to_thread(os.mkdir, path)

    async def rename(self, path: str, name: str) -> None:
        """Rename."""
        await asyncio.to_thread(_rename, path, joined(parent(path), name))

    async def delete(self, paths: Sequence[str]) -> None:
        """Delete; of links the link."""
        await asyncio.to_thread(_delete, paths)

    async def read(self, path: str, size: int, limit: int, offset: int = 0) -> bytes:
        """A part of a file."""
        return await asyncio.to_thread(_part, path, limit, offset)

    def show(self, path: str) -> str:
        """With `~` for the home directory."""
        home = os.path.expanduser("~")
        if path == home or path.startswith(home.rstrip("/") + "/"):
            return "~" + path[len(home.rstrip("/")) :]
        return path or "/"

    def through(self, gate: Gate) -> LocalPlace:
        """No way is needed."""
        return self


def _scan(path: str) -> list[Item]:
    found = []
    with os.scandir(path) as entries:
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
                is_dir = entry.is_dir()
                size = entry.stat().st_size if entry.is_symlink() else status.st_size
            except OSError:
                # A broken link or a file that just went: shown for what it is.
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError:
                    continue
                is_dir, size = False, 0
            target = ""
            if entry.is_symlink():
                try:
                    target = os.readlink(entry.path)
                except OSError:
                    target = "?"
            modified = None
            with suppress(ValueError, OverflowError, OSError):
                modified = datetime.fromtimestamp(status.st_mtime, UTC)
            mode = stat.filemode(status.st_mode)
            found.append(Item(entry.name, size, is_dir, mode, modified, target))
    return found


def _rename(path: str, new: str) -> None:
    if os.path.lexists(new):
        raise PlaceError(f"{base(new)!r} exists already")
    os.rename(path, new)


def _delete(paths: Sequence[str]) -> None:
    for path in paths:
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)


def _part(path: str, limit: int, offset: int) -> bytes:
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise PlaceError("this is no ordinary file")
    with open(path, "rb") as file:
        file.seek(offset)
        return file.read(limit)


class FolderPlace:
    """A virtual folder.

    Args:
        gate: the way to the cluster. name: of the folder.
        permission: ro, rw or wd; what it does not allow is not offered.
    """

    kind = "folder"

    def __init__(self, gate: Gate, name: str, permission: str = "wd") -> None:
        self._gate = gate
        self.label = name
        self.permission = permission

    @property
    def folder(self) -> VFolder:
        """The folder, for reading."""
        return self._gate.session.VFolder(self.label)

    def obstacle(self, doing: str) -> str:
        """Read-only folders."""
        if self.permission == "ro":
            return "the folder is shared with you read-only"
        return ""

    async def items(self, path: str) -> list[Item]:
        """A directory."""
        return [Item.of(entry) for entry in await self.folder.entries(path or ".")]

    async def mkdir(self, path: str) -> None:
        """A directory with its parents; the server takes an existing one for success."""
        if any(item.name == base(path) for item in await self.items(parent(path))):
            raise PlaceError(f"{base(path)!r} exists already")
        await self._gate.write(lambda session: session.VFolder(self.label).mkdir(path))

    async def rename(self, path: str, name: str) -> None:
        """Rename."""
        if any(item.name == name for item in await self.items(parent(path))):
            raise PlaceError(f"{name!r} exists already")
        await self._gate.write(lambda session: session.VFolder(self.label).rename_file(path, name))

    async def delete(self, paths: Sequence[str]) -> None:
        """Delete recursively."""
        await self._gate.write(
            lambda session: session.VFolder(self.label).delete_files(paths, recursive=True)
        )

    async def read(self, path: str, size: int, limit: int, offset: int = 0) -> bytes:
        """A part of a file; only that is transferred."""
        return await self.folder.read_file(path, limit, offset)

    def show(self, path: str) -> str:
        """As a path below the folder."""
        return f"{self.label}:/{path}"

    def through(self, gate: Gate) -> FolderPlace:
        """By another way."""
        return FolderPlace(gate, self.label, self.permission)


class SessionPlace:
    """The working directory of a session: it can be read and added to.

    Args:
        gate: the way to the cluster. name: of the session. owner: access key, when it is not ours.
    """

    kind = "session"

    def __init__(self, gate: Gate, name: str, owner: str | None = None) -> None:
        self._gate = gate
        self.label = name
        self.owner = owner

    @property
    def kernel(self) -> Kernel:
        """The session, for reading."""
        return self._gate.session.Kernel(self.label, self.owner)

    def obstacle(self, doing: str) -> str:
        """The API has no function to change what is there."""
        if doing == "change":
            return "the server has no such function for sessions; use the shell"
        return ""

    async def items(self, path: str) -> list[Item]:
        """A directory."""
        from bai_tui.api.models import FileEntry

        answer = await self.kernel.list_files(path or ".")
        if answer.get("errors"):
            raise PlaceError(str(answer["errors"]).strip())
        return [Item.of(entry) for entry in FileEntry.listing(answer)]

    async def mkdir(self, path: str) -> None:
        """Not possible."""
        raise PlaceError(self.obstacle("change"))

    async def rename(self, path: str, name: str) -> None:
        """Not possible."""
        raise PlaceError(self.obstacle("change"))

    async def delete(self, paths: Sequence[str]) -> None:
        """Not possible."""
        raise PlaceError(self.obstacle("change"))

    async def read(self, path: str, size: int, limit: int, offset: int = 0) -> bytes:
        """A part of a file; the session sends all of it."""
        if size > SESSION_VIEW:
            raise PlaceError(f"{size / 2**20:.0f} MiB are too much to look at; download it")
        with tempfile.TemporaryDirectory(prefix="bai-tui-") as directory:
            await self.kernel.download([path], directory)
            return await asyncio.to_thread(_part, str(Path(directory, path)), limit, offset)

    def show(self, path: str) -> str:
        """As a path in the container."""
        return f"{self.label}:/home/work/{path}".rstrip("/")

    def through(self, gate: Gate) -> SessionPlace:
        """By another way."""
        return SessionPlace(gate, self.label, self.owner)
