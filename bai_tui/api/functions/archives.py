"""Unpacking what a server sends, without letting it write anywhere else."""

from __future__ import annotations

import asyncio
import os
import tarfile
import tempfile
from pathlib import Path
from typing import IO, Protocol

from bai_tui.api.exceptions import InvalidResponseError


class UnsafeArchiveError(InvalidResponseError):
    """A member of an archive would leave the target directory, or is no ordinary file."""


class ChunkReader(Protocol):
    """Where the archive comes from."""

    async def read_chunk(self, size: int = ...) -> bytes:
        """The next bytes; empty at the end."""
        ...


async def extract_tar(source: ChunkReader, target: Path) -> list[str]:
    """Unpack a tar archive into `target`; returns the names of its members.

    All members are checked before the first is written.

    Raises:
        UnsafeArchiveError: absolute names, `..`, devices, or links that leave the target.
        InvalidResponseError: it is no tar archive.
    """
    with tempfile.TemporaryFile() as spool:
        while chunk := await source.read_chunk(256 * 1024):
            await asyncio.to_thread(spool.write, chunk)
        spool.seek(0)
        return await asyncio.to_thread(_unpack, spool, target)


def _unpack(spool: IO[bytes], target: Path) -> list[str]:
    target.mkdir(parents=True, exist_ok=True)
    root = os.path.realpath(target)
    try:
        with tarfile.open(fileobj=spool, mode="r:") as archive:
            members = archive.getmembers()
            for member in members:
                _check(member, root)
            for member in members:
                archive.extract(member, root, filter="data")
            return [member.name for member in members]
    except tarfile.FilterError as error:
        raise UnsafeArchiveError(f"The archive was refused: {error}.") from None
    except tarfile.TarError as error:
        raise InvalidResponseError(f"The archive cannot be read: {error}.") from None


def _check(member: tarfile.TarInfo, root: str) -> None:
    try:
        tarfile.data_filter(member, root)
    except tarfile.FilterError as error:
        raise UnsafeArchiveError(f"The archive was refused: {error}.") from None
