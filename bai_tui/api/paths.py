"""Names that come from a server or go to one: none of them may leave its directory.

And what of this machine's files goes under which name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from bai_tui.api.exceptions import InvalidResponseError, LocalFileError

StrPath = str | os.PathLike[str]


class UnsafePathError(InvalidResponseError, ValueError):
    """A file name would leave the target directory."""

    hint = "Nothing was written under that name."

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


def remote_path(name: StrPath) -> str:
    """A path inside a folder or a session, relative and normal: `a/./b//c` is `a/b/c`.

    Raises:
        UnsafePathError: absolute, or with `..`, or not representable.
    """
    text = os.fspath(name)
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or "\0" in text:
        raise UnsafePathError(f"{text!r} is not a path inside the folder.")
    return "" if path == PurePosixPath(".") else str(path)


def inside(base: Path, name: str) -> Path:
    """The path `name` below `base`, for writing.

    Raises:
        UnsafePathError: it would be elsewhere: absolute, with `..`, or through a link.
    """
    relative = remote_path(name)
    if not relative:
        raise UnsafePathError("An empty file name.")
    # On systems with drives and other separators a harmless name can be an absolute path.
    if Path(relative).is_absolute() or Path(relative).drive or ".." in Path(relative).parts:
        raise UnsafePathError(f"{name!r} is not a path inside the target directory.")
    root = os.path.realpath(base)
    path = base / relative
    parent = os.path.realpath(path.parent)
    if parent != root and not parent.startswith(root.rstrip(os.sep) + os.sep):
        raise UnsafePathError(f"{name!r} leads out of the target directory through a link.")
    return path


class LocalFile(NamedTuple):
    """A file to upload.

    Attributes:
        path: where it is. name: what it is called at the server, below the base directory.
        size: bytes. modified: when it was changed last, in nanoseconds.
    """

    path: Path
    name: str
    size: int
    modified: int = 0

    @classmethod
    def of(cls, path: Path, name: str) -> LocalFile:
        """A file as it is now; raises OSError."""
        status = path.stat()
        return cls(path, name, status.st_size, status.st_mtime_ns)


def below(path: StrPath, basedir: StrPath | None) -> tuple[Path, str]:
    """The absolute path of a file to upload, and its name relative to the base directory.

    Raises:
        ValueError: it is outside of the base directory (default: the current one).
    """
    base = Path(basedir or ".").resolve()
    # The last part may be a link: its target's content is sent under the link's name.
    joined = Path(base, path)
    absolute = joined.parent.resolve() / joined.name if joined.name != ".." else joined.resolve()
    if not absolute.is_relative_to(base):
        raise ValueError(f'File "{absolute}" is outside of the base directory "{base}"')
    return absolute, absolute.relative_to(base).as_posix()


def _fail(error: OSError) -> None:
    raise error


def tree(
    path: Path, name: str, fail: Callable[[OSError], None] = _fail
) -> Iterator[LocalFile | str]:
    """The files of a file or directory tree, and the names of its empty directories.

    Links to directories are not followed, so that the walk ends; sockets, pipes and devices are
    left out.

    Args:
        path: where it is. name: what it is called.
        fail: told of what cannot be read; the rest goes on unless it raises.

    Raises:
        OSError: something cannot be read, without `fail`.
    """
    if not path.is_dir():
        try:
            file = LocalFile.of(path, name)
        except OSError as error:
            fail(error)
        else:
            yield file
        return

    prefix = "" if name == "." else f"{name}/"
    for directory, _, files in os.walk(path, onerror=fail):
        here = Path(directory)
        relative = here.relative_to(path).as_posix()
        base = prefix if relative == "." else f"{prefix}{relative}/"
        regular = [
            found for file in sorted(files) if (found := _regular(here / file, base + file, fail))
        ]
        if not regular and base:
            yield base.rstrip("/")
        yield from regular


def _regular(path: Path, name: str, fail: Callable[[OSError], None]) -> LocalFile | None:
    """An ordinary file; None for anything else and for what is gone."""
    try:
        if path.is_file():
            return LocalFile.of(path, name)
    except FileNotFoundError:
        return None
    except OSError as error:
        fail(error)
    return None


def several(files: Iterable[StrPath]) -> list[StrPath]:
    """Paths as a list.

    Raises:
        ValueError: a single path where several are expected.
    """
    if isinstance(files, (str, os.PathLike)):
        raise ValueError(f"expected several files, got the single path {os.fspath(files)!r}")
    return list(files)


def planned(
    files: Iterable[StrPath], basedir: StrPath | None, target: str = ""
) -> list[LocalFile | str]:
    """Files and trees to upload, with their names below `target`, and empty directories.

    Raises:
        ValueError: a file is outside of the base directory.
        LocalFileError: something cannot be read.
    """
    prefix = f"{target}/" if target else ""
    plan: list[LocalFile | str] = []
    for file in files:
        path, name = below(file, basedir)
        try:
            for item in tree(path, name):
                plan.append(
                    prefix + item
                    if isinstance(item, str)
                    else item._replace(name=prefix + item.name)
                )
        except OSError as error:
            raise LocalFileError(
                f"{error.filename or path} cannot be read: {error.strerror}."
            ) from None
    return plan


def open_file(path: Path) -> IO[bytes]:
    """Open a file for reading.

    Raises:
        LocalFileError: it cannot be read.
    """
    try:
        return path.open("rb")
    except OSError as error:
        raise LocalFileError(f"{path} cannot be read: {error.strerror}.") from None
