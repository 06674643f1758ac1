"""What every place with files has in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.api.models import FileEntry

T = TypeVar("T")


class PlaceError(Exception):
    """A place cannot do it; the text says why in one sentence."""


class Gate(Protocol):
    """The way to a cluster: the connection, as places and transfers see it."""

    @property
    def read_only(self) -> bool:
        """Whether no change is sent."""
        ...

    @property
    def session(self) -> AsyncSession:
        """The session for reading."""
        ...

    @property
    def ready(self) -> bool:
        """Whether it is not known to be broken."""
        ...

    async def write(self, change: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Do something that changes the cluster, or refuse."""
        ...

    def suspect(self, error: BaseException) -> None:
        """Hear of a call that failed."""
        ...


@dataclass(frozen=True, slots=True)
class Item:
    """A file or directory of a place.

    Attributes:
        name: without directories. size: bytes, of files. mode: as `ls` writes it.
        modified: None when it is not known. target: where a link leads to.
    """

    name: str
    size: int
    is_dir: bool
    mode: str = ""
    modified: datetime | None = None
    target: str = ""

    @classmethod
    def of(cls, entry: FileEntry) -> Item:
        """An entry of a server's listing."""
        return cls(entry.name, entry.size, entry.is_dir, entry.mode, entry.modified)

    @property
    def is_link(self) -> bool:
        """Whether it is a link."""
        return self.mode.startswith("l")


class Place(Protocol):
    """Somewhere files are. Paths are texts with `/`; `""` is the root.

    Errors of a server and of this machine come through as they are (`BackendError`, `OSError`).
    """

    label: str
    """Name for people, such as `data` or `this machine`."""
    kind: str
    """`local`, `folder` or `session`."""

    def obstacle(self, doing: str) -> str:
        """Why `change` (mkdir, rename, delete) or `put` is impossible; empty when it is not."""
        ...

    async def items(self, path: str) -> list[Item]:
        """What is in a directory, in no certain order."""
        ...

    async def mkdir(self, path: str) -> None:
        """Make a directory."""
        ...

    async def rename(self, path: str, name: str) -> None:
        """Give a file or directory another name in its directory; never over an existing one."""
        ...

    async def delete(self, paths: Sequence[str]) -> None:
        """Delete files, and directories with all that is in them."""
        ...

    async def read(self, path: str, size: int, limit: int, offset: int = 0) -> bytes:
        """At most `limit` bytes from `offset` on of a file that has `size`."""
        ...

    def show(self, path: str) -> str:
        """A path as people write it here."""
        ...

    def through(self, gate: Gate) -> Place:
        """The same place, reached by another way."""
        ...


def joined(directory: str, name: str) -> str:
    """Path of `name` in `directory`."""
    return f"{directory.rstrip('/')}/{name}" if directory else name


def parent(path: str) -> str:
    """The directory of `path`; of the root the root."""
    above = str(PurePosixPath(path).parent)
    return "" if above == "." else above


def base(path: str) -> str:
    """The last part of `path`."""
    return PurePosixPath(path).name


def check_name(name: str) -> str:
    """What is wrong with a name for a file; empty when nothing is."""
    if not name.strip():
        return "a name is needed"
    if name in (".", ".."):
        return "this name means a directory"
    if "/" in name or "\0" in name:
        return "a name has no / in it"
    if len(name.encode(errors="surrogatepass")) > 255:
        return "the name is too long (255 bytes)"
    return ""
