"""Planning a transfer: what an order means in files, and which of them move together."""

from __future__ import annotations

import asyncio
import math
import os
import shutil
import stat
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from bai_tui.files.model import Item, PlaceError, base, joined, parent
from bai_tui.transfers.model import Mark, Order, Transfer
from bai_tui.transfers.pieces import (
    DownloadFile,
    DownloadTree,
    MakeDirectory,
    Piece,
    Refused,
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
    files, empty, refused = await asyncio.to_thread(_walk_here, order)
    if order.existing != "replace":
        there = await _items_there(order, {parent(file.name) for file in files})
        kept = [file for file in files if not _stays_there(order, file, there.get(file.name))]
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
    files = [file for file in files if not _is_whole(transfer, _mark(file))]
    for file in files:
        _count(transfer, file.size)
    small = [file for file in files if file.size < LARGE or session]
    pieces: list[Piece] = []
    if not session:
        pieces += [MakeDirectory(order, name) for name in empty]
        pieces += [_upload_of(transfer, file) for file in files if file.size >= LARGE]
    pieces += [UploadFiles(order, small[i : i + TOGETHER]) for i in range(0, len(small), TOGETHER)]
    for name, reason in refused:
        _count(transfer, 0)
        pieces.append(Refused(order, name, reason))
    return pieces


def _mark(file: LocalFile) -> Mark:
    return Mark(file.name, file.size, file.modified)


def _is_whole(transfer: Transfer, mark: Mark) -> bool:
    """Whether a file was moved before as it is now; it counts as done then."""
    if transfer.finished.get(mark.name) != mark:
        return False
    _count(transfer, mark.size)
    transfer.done += mark.size
    transfer.recovered += mark.size
    transfer.files_done += 1
    return True


def _upload_of(transfer: Transfer, file: LocalFile) -> UploadFile:
    known = transfer.tickets.get(file.name)
    ticket = known.text if known is not None and known.mark == _mark(file) else ""
    return UploadFile(transfer.order, file, ticket, transfer.began_upload)


def _stays_there(order: Order, file: LocalFile, there: Item | None) -> bool:
    if there is None or there.is_dir:
        return False
    seconds = file.modified / 1e9
    return order.existing == "skip" or (
        there.size == file.size and there.modified is not None and _not_older(there, seconds)
    )


def _not_older(item: Item, seconds: float) -> bool:
    # Servers tell whole seconds, and some file systems two.
    return item.modified is not None and item.modified.timestamp() + 2 >= seconds


def _walk_here(order: Order) -> tuple[list[LocalFile], list[str], list[tuple[str, str]]]:
    """Files with their names in the place, empty directories, and what cannot be moved."""
    from bai_tui.api.paths import tree

    files: list[LocalFile] = []
    empty: list[str] = []
    refused: list[tuple[str, str]] = []

    def fail(error: OSError) -> None:
        name = str(error.filename).removeprefix(order.source.rstrip("/") + "/")
        refused.append((name, error.strerror or str(error)))

    for name in order.names:
        for item in tree(Path(order.source, name), name, fail):
            here = item if isinstance(item, str) else item.name
            there = remote_name(order, here)
            if wrong := _unspeakable(there):
                refused.append((here, wrong))
            elif isinstance(item, str):
                empty.append(there)
            else:
                files.append(item._replace(name=there))
    return files, empty, refused


def _unspeakable(name: str) -> str:
    """Why a name cannot be told to a server; empty when it can."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return "its name is no text (UTF-8); give it another one first"
    return ""


async def _items_there(order: Order, directories: set[str]) -> dict[str, Item]:
    """What is in these directories of the place by path; a missing directory has nothing."""
    from bai_tui.api.exceptions import NotFoundError

    async def look(directory: str) -> list[tuple[str, Item]]:
        try:
            return [(joined(directory, i.name), i) for i in await order.place.items(directory)]
        except NotFoundError:
            return []

    lists = await _several(look, sorted(directories))
    return {path: item for pairs in lists for path, item in pairs}


# Downloads.


async def _plan_download(transfer: Transfer) -> list[Piece]:
    from bai_tui.api.paths import inside

    order = transfer.order
    target = Path(order.target)
    await asyncio.to_thread(_check_target, target)
    pieces: list[Piece] = []

    def place_for(path: str) -> Path:
        relative = path[len(order.source) + 1 :] if order.source else path
        return inside(target, order.called(relative))

    def take(path: str, item: Item) -> None:
        there = place_for(path)
        if order.existing != "replace" and _stays_here(order, item, there):
            transfer.skipped += 1
            return
        mark = Mark(path, item.size, int(item.modified.timestamp()) if item.modified else 0)
        if _size_of(there) == item.size and _is_whole(transfer, mark):
            return
        _count(transfer, item.size)
        pieces.append(DownloadFile(order, mark, there))

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


def _stays_here(order: Order, item: Item, there: Path) -> bool:
    try:
        status = there.lstat()
    except OSError:
        return False
    if order.existing == "skip":
        return True
    modified = item.modified.timestamp() if item.modified is not None else math.inf
    return stat.S_ISREG(status.st_mode) and (
        status.st_size == item.size and status.st_mtime + 2 >= modified
    )


def _size_of(path: Path) -> int | None:
    try:
        return path.lstat().st_size
    except OSError:
        return None


async def _plan_session_download(transfer: Transfer) -> list[Piece]:
    order = transfer.order
    await asyncio.to_thread(_check_target, Path(order.target))
    top = {item.name: item for item in await order.place.items(order.source)}
    pieces: list[Piece] = []
    for name in sorted({base(name) for name in order.names}):
        if name not in top:
            raise PlaceError(f"{name} is not there any more")
        there = Path(order.target, order.called(name))
        if order.existing != "replace" and _stays_here(order, top[name], there):
            transfer.skipped += 1
            continue
        size = 0 if top[name].is_dir else top[name].size
        _count(transfer, size)
        pieces.append(DownloadTree(order, joined(order.source, name), size))
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
