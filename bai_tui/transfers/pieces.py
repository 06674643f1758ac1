"""The pieces a transfer is made of: each moves one file or a few, and can be run again.

A piece that is cut short keeps what the other side can go on from: a download its `.part`, a
resumable upload its place at the server.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from bai_tui.files.model import PlaceError, base, joined, parent
from bai_tui.files.places import FolderPlace, SessionPlace
from bai_tui.transfers.model import Mark, Order, Report

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.api.paths import LocalFile
    from bai_tui.api.transfers import Download, Progress, Upload


LEAP: Final = 4 * 2**20
"""More bytes than any file moves at once."""


class SomeFailed(Exception):
    """Of several files of a piece these failed: pairs of name and reason; those are whole."""

    def __init__(self, failures: Sequence[tuple[str, str]], whole: Sequence[Mark]) -> None:
        super().__init__(f"{len(failures)} files failed")
        self.failures = tuple(failures)
        self.whole = tuple(whole)


class Piece:
    """Base of the pieces.

    Attributes:
        name: of its (first) file. size: bytes. files: how many. done: bytes that moved.
        complete: it needs no further run. marks: of its files, for later runs of the program.
    """

    def __init__(
        self, order: Order, name: str, size: int, files: int = 1, marks: tuple[Mark, ...] = ()
    ) -> None:
        self.order = order
        self.marks = marks
        self.name, self.size, self.files = name, size, files
        self.done = self._most = 0
        self.complete = False
        self.report: Report = lambda count, name: None
        self.recovered: Callable[[int], None] = lambda count: None

    def at(self, done: int, name: str = "") -> None:
        """So many bytes of it have moved now."""
        change, self.done = done - self.done, done
        self._most = max(self._most, done)
        if change:
            self.report(change, name or self.name)

    def step(self, count: int) -> None:
        """So many bytes more; a leap beyond all we saw is what an earlier run had moved."""
        if count > LEAP and self.done + count > self._most:
            self.recovered(self.done + count - self._most)
        self.at(self.done + count)

    def follow(self, progress: Progress) -> None:
        """What the API tells of files that move."""
        self.at(progress.done, progress.name)

    async def run(self) -> None:
        """Move it, or what is left of it."""
        await self.move()
        self.at(self.size)
        self.complete = True

    async def move(self) -> None:
        """What a kind of piece does."""
        raise NotImplementedError

    def discard(self) -> None:
        """The transfer is given up: remove what is unfinished."""


class MakeDirectory(Piece):
    """An empty directory."""

    def __init__(self, order: Order, path: str) -> None:
        super().__init__(order, path, 0, 0)

    async def move(self) -> None:
        """Make it there or here."""
        if self.order.direction == "download":
            await asyncio.to_thread(os.makedirs, self.name, exist_ok=True)
        else:
            label = self.order.place.label
            await self.order.gate.write(lambda session: session.VFolder(label).mkdir(self.name))


class Refused(Piece):
    """Something that cannot be moved, and why."""

    def __init__(self, order: Order, name: str, reason: str) -> None:
        super().__init__(order, name, 0)
        self._reason = reason

    async def move(self) -> None:
        """It cannot."""
        raise PlaceError(self._reason)


class UploadFile(Piece):
    """A large file, resumable.

    Args:
        file: with its name in the place.
        ticket: of an earlier upload of it. began: called with the ticket of a new one.
    """

    def __init__(
        self, order: Order, file: LocalFile, ticket: str, began: Callable[[Mark, str], None]
    ) -> None:
        mark = Mark(file.name, file.size, file.modified)
        super().__init__(order, file.name, file.size, marks=(mark,))
        self._file = file
        self._ticket = ticket
        self._began = began
        self._upload: Upload | None = None
        self._session: AsyncSession | None = None

    async def move(self) -> None:
        """Send it, from where the server stands."""
        await self.order.gate.write(self._send)

    async def _send(self, session: AsyncSession) -> None:
        from bai_tui.api.exceptions import BackendAPIError, PermissionDeniedError

        folder = session.VFolder(self.order.place.label)
        if self._upload is None or self._session is not session:
            # Another login: the requests are its own, the upload is known by its ticket.
            self.at(0)
            self._session = session
            above = parent(self.name)
            if above:
                await folder.mkdir(above)
            self._upload = folder.uploader(
                self._file.path,
                self.name,
                self.step,
                ticket=self._ticket,
                began=self._take_ticket,
            )
        try:
            await self._upload.run()
        except PermissionDeniedError:
            raise
        except BackendAPIError as error:
            # 19.09 wants the right to delete for resumable uploads; others need none of that.
            if error.status != 404 or self._upload.done:
                raise
            await folder.send([self._file], progress=self.follow)

    def _take_ticket(self, ticket: str) -> None:
        self._ticket = ticket
        self._began(self.marks[0], ticket)


class UploadFiles(Piece):
    """A few small files in one request; their names are those in the place."""

    def __init__(self, order: Order, files: Sequence[LocalFile]) -> None:
        size = sum(file.size for file in files)
        super().__init__(order, files[0].name, size, len(files), _marks(files))
        self._files = list(files)
        self._before = 0
        """Bytes of files that went in requests before this one."""

    async def move(self) -> None:
        """Send them; when they are refused, one by one, to find out which."""
        from bai_tui.api.exceptions import BackendError
        from bai_tui.api.transfers import may_pass

        self.at(0)
        try:
            await self._send(self._files)
        except BackendError as error:
            if may_pass(error) or len(self._files) == 1:
                raise
            await self._one_by_one()

    async def _one_by_one(self) -> None:
        from bai_tui.api.exceptions import BackendError
        from bai_tui.api.transfers import may_pass

        failures: list[tuple[str, str]] = []
        whole: list[LocalFile] = []
        left: list[LocalFile] = []
        try:
            for file in self._files:
                try:
                    await self._send([file])
                except BackendError as error:
                    if may_pass(error):
                        raise
                    reason = str(error).removeprefix(f"{file.path} ")
                    failures.append((file.name, reason))
                    left.append(file)
                else:
                    whole.append(file)
                    self._before += file.size
                self.at(self._before)
        finally:
            self._before = 0
        if failures:
            self._keep(left)
            raise SomeFailed(failures, _marks(whole))

    def _keep(self, left: Sequence[LocalFile]) -> None:
        """Only these are left to send; what the others had moved stays moved."""
        self._files, self.files, self.marks = list(left), len(left), _marks(left)
        self.size = sum(file.size for file in left)
        self.done = self._most = 0

    def follow(self, progress: Progress) -> None:
        """What the API tells of one request."""
        self.at(self._before + progress.done, progress.name)

    async def _send(self, files: list[LocalFile]) -> None:
        place = self.order.place

        async def send(session: AsyncSession) -> None:
            if isinstance(place, SessionPlace):
                await session.Kernel(place.label, place.owner).send(files, progress=self.follow)
            else:
                await session.VFolder(place.label).send(files, progress=self.follow)

        await self.order.gate.write(send)


def _marks(files: Sequence[LocalFile]) -> tuple[Mark, ...]:
    return tuple(Mark(file.name, file.size, file.modified) for file in files)


class DownloadFile(Piece):
    """A file of a folder, resumable."""

    def __init__(self, order: Order, mark: Mark, target: Path) -> None:
        super().__init__(order, mark.name, mark.size, marks=(mark,))
        self._target = target
        self._download: Download | None = None

    async def move(self) -> None:
        """Fetch it, from where the part ends."""
        # A new request each time: the session may be another one.
        folder = cast(FolderPlace, self.order.place).folder
        self.at(0)
        self._download = folder.downloader(self.name, self._target, self.step)
        await self._download.run()

    def discard(self) -> None:
        """Remove the part."""
        if self._download is not None and not self.complete:
            with suppress(OSError):
                self._download.part.unlink(missing_ok=True)


class DownloadTree(Piece):
    """A file or directory of a session, which sends it as an archive."""

    def __init__(self, order: Order, name: str, size: int) -> None:
        super().__init__(order, name, size)

    async def move(self) -> None:
        """Fetch and unpack it, so that its name is that below the source directory."""
        place = cast(SessionPlace, self.order.place)
        target = Path(self.order.target)
        name = base(self.name)
        called = self.order.called(name)
        if not self.order.source and called == name:
            await place.kernel.download([self.name], target)
            return
        # The archive has the whole path: unpack it aside, then move what is below the source.
        with tempfile.TemporaryDirectory(prefix=".bai-tui-", dir=target) as directory:
            await place.kernel.download([self.name], directory)
            came = Path(directory, self.order.source)
            if called != name:
                await asyncio.to_thread(os.rename, came / name, came / called)
            await asyncio.to_thread(_settle, came, target)


def _settle(came: Path, target: Path) -> None:
    """Move what was unpacked into `target`, following no link out of it."""
    from bai_tui.api.paths import inside

    root = os.path.realpath(came)
    for directory, directories, files in os.walk(came):
        here = Path(directory)
        for name in [*directories, *files]:
            path = here / name
            to = inside(target, path.relative_to(came).as_posix())
            if path.is_symlink():
                # A link that left what was fetched would lead anywhere now.
                if not os.path.realpath(path).startswith(root + os.sep):
                    continue
            elif name in directories:
                to.mkdir(exist_ok=True)
                continue
            if to.is_dir() and not to.is_symlink():
                raise PlaceError(f"{to} is a directory; the file cannot take its name")
            os.replace(path, to)


def kept_there(ticket: str) -> str:
    """Where in the folder a server keeps what it has of an upload; empty when that is not told.

    A ticket is a signed token (rest-vfolders.md 4.4); what it says is no secret.
    """
    with suppress(ValueError, IndexError, AttributeError):
        claims = ticket.split(".")[1]
        told = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        session = str(told.get("session") or "")
        if session.isascii() and session.replace("-", "").isalnum():
            return joined(".upload", session)
    return ""


def remote_name(order: Order, name: str) -> str:
    """Path in the place of a file that has `name` below the source directory."""
    return joined(order.target, order.called(name))
