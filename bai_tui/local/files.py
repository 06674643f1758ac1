"""Files of a session: listing, uploads and archives that never leave its working directory."""

from __future__ import annotations

import io
import os
import stat
import tarfile
from pathlib import Path
from typing import Any

from bai_tui.local.problems import InvalidAPIParams

HOME = "/home/work"
"""What clients call the working directory."""


def resolve(work: Path, name: str, roots: tuple[Path, ...] = ()) -> Path:
    """The real path of a client's name below `work` (or a mounted folder).

    Raises:
        InvalidAPIParams: it leaves the working directory.
    """
    relative = name.removeprefix(HOME).lstrip("/") if name.startswith(HOME) else name
    if "\0" in relative or os.path.isabs(relative):
        raise InvalidAPIParams(f"{name!r} is outside of the working directory")
    real = Path(os.path.realpath(work / relative))
    allowed = (Path(os.path.realpath(work)), *roots)
    if not any(real == root or real.is_relative_to(root) for root in allowed):
        raise InvalidAPIParams(f"{name!r} is outside of the working directory")
    return real


def mounted(work: Path) -> tuple[Path, ...]:
    """Real paths of the folders linked into the working directory by the agent."""
    roots = []
    for entry in os.scandir(work):
        if entry.is_symlink() and Path(os.readlink(entry)).is_absolute():
            target = Path(os.path.realpath(entry.path))
            if target.parent.parent.name == "vfolders":
                roots.append(target)
    return tuple(roots)


def list_directory(work: Path, name: str) -> dict[str, Any]:
    """`{"files": [...], "errors", "abspath"}`; the caller turns `files` into JSON text."""
    path = resolve(work, name, mounted(work))
    base = Path(os.path.realpath(work))
    inside = path.relative_to(base).as_posix() if path.is_relative_to(base) else name
    result: dict[str, Any] = {
        "files": [],
        "errors": "",
        "abspath": HOME if inside in (".", "") else f"{HOME}/{inside}",
    }
    try:
        entries = sorted(os.scandir(path), key=lambda entry: entry.name)
    except OSError as error:
        result["errors"] = f"{error.strerror}: {name}"
        return result
    for entry in entries:
        try:
            info = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        result["files"].append(
            {
                "mode": stat.filemode(info.st_mode),
                "size": info.st_size,
                "ctime": info.st_ctime,
                "mtime": info.st_mtime,
                "atime": info.st_atime,
                "filename": entry.name,
            }
        )
    return result


def archive(work: Path, name: str) -> io.BytesIO:
    """An uncompressed tar of a file or directory; links inside stay links.

    Raises:
        InvalidAPIParams: it does not exist or leaves the working directory.
    """
    path = resolve(work, name, mounted(work))
    if not path.exists():
        raise InvalidAPIParams(f"{name!r} does not exist")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.add(path, arcname=name.removeprefix(HOME).strip("/") or ".", filter=_ordinary)
    buffer.seek(0)
    return buffer


def _ordinary(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Leave out sockets, pipes and devices."""
    return member if member.isfile() or member.isdir() or member.issym() else None


def store(work: Path, name: str, content: bytes) -> None:
    """Write an uploaded file; directories are made.

    Raises:
        InvalidAPIParams: it would leave the working directory, or cannot be written.
    """
    path = resolve(work, name, mounted(work))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise InvalidAPIParams(f"{name!r} cannot be written: {error.strerror}") from None
