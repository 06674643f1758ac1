"""Unpacking what a server sends, without letting it write anywhere else."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Protocol

from bai_tui.api.bodies import PIECE, completed
from bai_tui.api.exceptions import InvalidResponseError, LocalFileError
from bai_tui.api.paths import UnsafePathError, inside

PART = ".part"


class UnsafeArchiveError(InvalidResponseError):
    """A member of an archive would leave the target directory, or is no ordinary file."""

    hint = "Nothing of the archive was written."


class ChunkReader(Protocol):
    """Where the archive comes from."""

    async def read_chunk(self, size: int = ...) -> bytes:
        """The next bytes; empty at the end."""
        ...


async def extract_tar(
    source: ChunkReader, target: Path, moved: Callable[[int], None] = lambda count: None
) -> list[str]:
    """Unpack a tar archive into `target`; returns the names of its members.

    All members are checked before the first is written; a file takes its name when it is whole.

    Args:
        source: the archive; it is kept in a temporary file, not in memory.
        target: directory, made if missing.
        moved: called with the bytes that came.

    Raises:
        UnsafeArchiveError: absolute names, `..`, devices, or links that leave the target.
        InvalidResponseError: it is no tar archive. LocalFileError: it cannot be written.
    """
    with tempfile.TemporaryFile() as spool:
        while chunk := await source.read_chunk(PIECE):
            await completed(_keep, spool, chunk)
            moved(len(chunk))
        return await completed(_unpack, spool, target)


def _keep(spool: IO[bytes], chunk: bytes) -> None:
    try:
        spool.write(chunk)
    except OSError as error:
        raise LocalFileError(f"A temporary file cannot be written: {error.strerror}.") from None


def _unpack(spool: IO[bytes], target: Path) -> list[str]:
    spool.seek(0)
    try:
        target.mkdir(parents=True, exist_ok=True)
        root = Path(os.path.realpath(target))
        with tarfile.open(fileobj=spool, mode="r:") as archive:
            members = [_checked(member, root) for member in archive.getmembers()]
            for member in members:
                _write(archive, member, root)
            return [member.name for member in members]
    except tarfile.TarError as error:
        raise InvalidResponseError(f"The archive cannot be read: {error}.") from None
    except InvalidResponseError:
        raise
    except OSError as error:
        name = error.filename or target
        raise LocalFileError(f"{name} cannot be written: {error.strerror or error}.") from None


def _checked(member: tarfile.TarInfo, root: Path) -> tarfile.TarInfo:
    """The member without what could do harm: owner, set-id bits, a leading slash."""
    try:
        return tarfile.data_filter(member, str(root))
    except tarfile.FilterError as error:
        raise UnsafeArchiveError(f"The archive was refused: {error}.") from None


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    try:
        # Once more, now that links among the members before it are there.
        path = inside(root, member.name) if member.name != "." else root
    except UnsafePathError as error:
        raise UnsafeArchiveError(f"The archive was refused: {error}") from None
    source = archive.extractfile(member) if member.isreg() else None
    if source is None:
        archive.extract(member, root, filter="data")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + PART)
    try:
        with source, part.open("wb") as file:
            shutil.copyfileobj(source, file, PIECE)
        if member.mode is not None:
            part.chmod(member.mode)
        os.utime(part, (member.mtime, member.mtime))
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
