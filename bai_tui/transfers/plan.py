"""Planning a transfer: what an order means in files, and which of them move together."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from bai_tui.files.model import Item, PlaceError, base, joined, parent
from bai_tui.transfers.model import Order, Transfer
from bai_tui.transfers.pieces import (
    DownloadFile,
    DownloadTree,
    MakeDirectory,
    Piece,
    UploadFile,
    UploadFiles,
    remote_name,
)

if TYPE_CHECKING:
    from bai_tui.api.paths import LocalFile

T = TypeVar("T")

LARGE: Final = 8 * 2**20
"""Bytes from which on an upload goes alone, so that it can be resumed."""
TOGETHER: Final = 10
"""Small files in one request; servers take no more into a folder."""
SESSION_FILE: Final = 2**20
"""Bytes of a file that a session takes (rest-sessions.md 7)."""
LOOKS: Final = 4
"""Directories that are listed at the same time."""


async def make_plan(transfer: Transfer) -> list[Piece]:
    """The pieces of a transfer; its counts grow meanwhile.

    Raises:
        PlaceError: it cannot work, and why. BackendError, OSError: something cannot be read.
    """
    order = transfer.order
    if order.direction == "upload":
        return await _plan_upload(transfer)
    if order.place.kind == "session":
        pieces = await _plan_session_download(transfer)
    else:
        pieces = await _plan_download(transfer)
    await asyncio.to_thread(_check_room, order.target, transfer.total - transfer.done)
    return pieces


def _check_room(target: str, needed: int) -> None:
    free = shutil.disk_usage(target).free
    if needed > free:
        raise PlaceError(
            f"{needed / 2**20:,.0f} MiB are needed in {target}, {free / 2**20:,.0f} MiB are free"
        )


def _count(transfer: Transfer, size: int, files: int = 1) -> None:
    transfer.total += size
    transfer.files += files


# Uploads.


async def _plan_upload(transfer: Transfer) -> list[Piece]:
    order = transfer.order
    found = await asyncio.to_thread(_walk_here, order)
    files = [file for file in found if not isinstance(file, str)]
    empty = [name for name in found if isinstance(name, str)]
    if order.existing == "skip":
        there = await _names_there(order, {parent(remote_name(order, f.name)) for f in files})
        kept = [file for file in files if remote_name(order, file.name) not in there]
        transfer.skipped = len(files) - len(kept)
        files = kept
    session = order.place.kind == "session"
    if session:
        big = [file.name for file in files if file.size >= SESSION_FILE]
        if big:
            raise PlaceError(
                f"a session takes files below 1 MiB only: {big[0]} is larger; "
                "upload it to a folder that is mounted there"
            )
    for file in files:
        _count(transfer, file.size)
    small = [file for file in files if file.size < LARGE or session]
    pieces: list[Piece] = []
    if not session:
        pieces += [MakeDirectory(order, remote_name(order, name)) for name in empty]
        pieces += [
            UploadFile(order, file._replace(name=remote_name(order, file.name)))
            for file in files
            if file.size >= LARGE
        ]
    pieces += [UploadFiles(order, small[i : i + TOGETHER]) for i in range(0, len(small), TOGETHER)]
    return pieces


def _walk_here(order: Order) -> list[LocalFile | str]:
    from bai_tui.api.paths import tree

    found: list[LocalFile | str] = []
    for name in order.names:
        found += tree(Path(order.source, name), name)
    return found


async def _names_there(order: Order, directories: set[str]) -> set[str]:
    """Paths of what is in these directories of the place; a missing directory has nothing."""
    from bai_tui.api.exceptions import NotFoundError

    async def look(directory: str) -> list[str]:
        try:
            return [joined(directory, i.name) for i in await order.place.items(directory)]
        except NotFoundError:
            return []

    lists = await _several(look, sorted(directories))
    return {path for paths in lists for path in paths}


# Downloads.


async def _plan_download(transfer: Transfer) -> list[Piece]:
    from bai_tui.api.paths import inside

    order = transfer.order
    target = Path(order.target)
    await asyncio.to_thread(_check_target, target)
    pieces: list[Piece] = []

    def place_for(path: str) -> Path:
        relative = path[len(order.source) + 1 :] if order.source else path
        return inside(target, relative)

    def take(path: str, item: Item) -> None:
        there = place_for(path)
        if order.existing == "skip" and os.path.lexists(there):
            transfer.skipped += 1
            return
        _count(transfer, item.size)
        pieces.append(DownloadFile(order, path, item.size, there))

    chosen = {base(name) for name in order.names}
    top = {item.name: item for item in await order.place.items(order.source)}
    missing = sorted(chosen - top.keys())
    if missing:
        raise PlaceError(f"{missing[0]} is not there any more")
    pending = []
    for name in sorted(chosen):
        path = joined(order.source, name)
        if top[name].is_dir:
            pending.append(path)
        else:
            take(path, top[name])
    while pending:
        now, pending = pending[:LOOKS], pending[LOOKS:]
        for directory, items in zip(now, await _several(order.place.items, now), strict=True):
            if not items:
                pieces.append(MakeDirectory(order, str(place_for(directory))))
            for item in items:
                path = joined(directory, item.name)
                if item.is_dir:
                    pending.append(path)
                else:
                    take(path, item)
    return pieces


async def _plan_session_download(transfer: Transfer) -> list[Piece]:
    order = transfer.order
    await asyncio.to_thread(_check_target, Path(order.target))
    top = {item.name: item for item in await order.place.items(order.source)}
    here = set(await asyncio.to_thread(os.listdir, order.target))
    pieces: list[Piece] = []
    for name in sorted({base(name) for name in order.names}):
        if name not in top:
            raise PlaceError(f"{name} is not there any more")
        if order.existing == "skip" and name in here:
            transfer.skipped += 1
            continue
        size = 0 if top[name].is_dir else top[name].size
        _count(transfer, size)
        pieces.append(DownloadTree(order, joined(order.source, name), size, 1))
    return pieces


def _check_target(target: Path) -> None:
    if not target.is_dir():
        raise PlaceError(f"{target} is no directory here")
    if not os.access(target, os.W_OK):
        raise PlaceError(f"nothing can be written to {target}")


async def _several(
    look: Callable[[str], Awaitable[list[T]]], directories: Sequence[str]
) -> list[list[T]]:
    """Look at directories, a few at a time."""
    answers: list[list[T]] = []
    for i in range(0, len(directories), LOOKS):
        answers += await asyncio.gather(*(look(d) for d in directories[i : i + LOOKS]))
    return answers
