"""The files of batch mode: which local ones can be sent, which remote ones there are."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from bai_tui.widgets.picker import Choice
from bai_tui.widgets.text import format_size

if TYPE_CHECKING:
    from bai_tui.api import Kernel

T = TypeVar("T")

UPLOAD_FILES: Final = 20
UPLOAD_BYTES: Final = 1024 * 1024
"""What one upload request takes: so many files, each below that size (rest-sessions.md 7)."""
DOWNLOAD_FILES: Final = 5
OFFERED: Final = 500
"""Files that are offered; of more the first ones."""
DEPTH: Final = 4
UNPACKING: Final = ".unpacking"
"""Directory in the target in which archives are unpacked."""

_SKIPPED: Final = frozenset({"__pycache__", "node_modules", "venv", "build", "dist"})


def in_pieces(items: list[T], size: int) -> Iterator[list[T]]:
    """Lists of at most `size` items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def local_files(directory: Path) -> list[Choice]:
    """The files below a directory, relative to it; those too large cannot be chosen.

    Raises:
        OSError: the directory cannot be read.
    """
    os.listdir(directory)
    found: list[Choice] = []
    for folder, folders, names in os.walk(directory):
        folders[:] = sorted(n for n in folders if not n.startswith(".") and n not in _SKIPPED)
        depth = len(Path(folder).relative_to(directory).parts)
        if depth >= DEPTH:
            folders.clear()
        for name in sorted(names):
            path = Path(folder, name)
            if name.startswith(".") or not path.is_file():
                continue
            size = path.stat().st_size
            shown = str(path.relative_to(directory))
            bar = "1 MiB or more: put it into a folder" if size >= UPLOAD_BYTES else ""
            found.append(Choice(shown, shown, format_size(size), bar))
            if len(found) == OFFERED:
                return found
    return found


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of the session's working directory."""

    path: str
    size: int
    modified: float


async def remote_files(kernel: Kernel) -> dict[str, RemoteFile]:
    """The files of the session by path, walked to a limited depth; hidden ones are left out.

    Raises:
        BackendError: the working directory cannot be listed.
    """
    found: dict[str, RemoteFile] = {}
    waiting = [("", 0)]
    while waiting and len(found) < OFFERED:
        folder, depth = waiting.pop(0)
        for entry in await kernel.entries(folder or "."):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.name.startswith(".") or entry.name in _SKIPPED:
                continue
            if entry.is_dir:
                if depth + 1 < DEPTH:
                    waiting.append((path, depth + 1))
            elif entry.mode.startswith("-"):
                moment = entry.modified.timestamp() if entry.modified else 0.0
                found[path] = RemoteFile(path, entry.size, moment)
    return found


def result_choices(
    before: dict[str, RemoteFile], now: dict[str, RemoteFile]
) -> tuple[list[Choice], list[str]]:
    """What can be downloaded, new and changed files first, and which of them are new."""
    new = [path for path, file in now.items() if before.get(path) != file]
    rest = [path for path in now if path not in new]
    return [
        Choice(path, path, f"{'new  ' if path in new else ''}{format_size(now[path].size)}")
        for path in (*new, *rest)
    ], new


def free_directory(name: str) -> Path:
    """The directory of that name, or one with a number: nothing is written over."""
    wanted = Path(name).expanduser().absolute()
    path, number = wanted, 1
    while path.exists() and (not path.is_dir() or any(path.iterdir())):
        number += 1
        path = wanted.with_name(f"{wanted.name}-{number}")
    return path


def put_in_place(paths: list[str], target: Path) -> None:
    """Move unpacked files to their places; servers name them with or without directories.

    Raises:
        OSError: the disk refuses.
    """
    unpacked = target / UNPACKING
    for path in paths:
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        named = unpacked / path
        (named if named.exists() else unpacked / Path(path).name).replace(place)
    shutil.rmtree(unpacked, ignore_errors=True)
