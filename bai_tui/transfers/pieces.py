"""The pieces a transfer is made of: each moves one file or a few, and can be run again.

A piece that is cut short keeps what the other side can go on from: a download its `.part`, a
resumable upload its place at the server.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bai_tui.files.model import PlaceError, joined, parent
from bai_tui.files.places import FolderPlace, SessionPlace
from bai_tui.transfers.model import Order, Report

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.api.paths import LocalFile
    from bai_tui.api.transfers import Download, Progress, Upload


class SomeFailed(Exception):
    """Of several files of a piece these failed: pairs of name and reason."""

    def __init__(self, failures: Sequence[tuple[str, str]]) -> None:
        super().__init__(f"{len(failures)} files failed")
        self.failures = tuple(failures)


class Piece:
    """Base of the pieces.

    Attributes:
        name: of its (first) file. size: bytes. files: how many. done: bytes that moved.
        complete: it needs no further run.
    """

    def __init__(self, order: Order, name: str, size: int, files: int = 1) -> None:
        self.order = order
        self.name, self.size, self.files = name, size, files
        self.done = 0
        self.complete = False
        self.report: Report = lambda count, name: None

    def at(self, done: int, name: str = "") -> None:
        """So many bytes of it have moved now."""
        change, self.done = done - self.done, done
        if change:
            self.report(change, name or self.name)

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


class UploadFile(Piece):
    """A large file, resumable."""

    def __init__(self, order: Order, file: LocalFile) -> None:
        super().__init__(order, file.name, file.size)
        self._path = file.path
        self._upload: Upload | None = None
        self._session: AsyncSession | None = None

    async def move(self) -> None:
        """Send it, from where the server stands."""
        await self.order.gate.write(self._send)

    async def _send(self, session: AsyncSession) -> None:
        from bai_tui.api.exceptions import BackendAPIError, PermissionDeniedError

        folder = session.VFolder(self.order.place.label)
        if self._upload is None or self._session is not session:
            # Another login or another server knows nothing of the upload.
            self.at(0)
            self._session = session
            above = parent(self.name)
            if above:
                await folder.mkdir(above)
            self._upload = folder.uploader(
                self._path, self.name, lambda count: self.at(self.done + count)
            )
        try:
            await self._upload.run()
        except PermissionDeniedError:
            raise
        except BackendAPIError as error:
            # 19.09 wants the right to delete for resumable uploads; others need none of that.
            if error.status != 404 or self._upload.done:
                raise
            await _send_files(folder, [self._path], self._path.parent, above_of(self.name), self.at)


def above_of(name: str) -> str:
    """The directory to upload a file into, as the API wants it."""
    return parent(name) or "."


async def _send_files(
    folder: object, paths: list[Path], basedir: Path, target: str, at: Callable[[int, str], None]
) -> None:
    from bai_tui.api import VFolder

    def moved(progress: Progress) -> None:
        at(progress.done, progress.name)

    await cast(VFolder, folder).upload(paths, basedir, dst_dir=target, progress=moved)


class UploadFiles(Piece):
    """A few small files in one request."""

    def __init__(self, order: Order, files: Sequence[LocalFile]) -> None:
        super().__init__(order, files[0].name, sum(file.size for file in files), len(files))
        self._files = list(files)

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

        failures, left = [], []
        for file in self._files:
            try:
                await self._send([file])
            except BackendError as error:
                if may_pass(error):
                    raise
                failures.append((file.name, str(error)))
                left.append(file)
        if failures:
            self._files = left
            raise SomeFailed(failures)

    async def _send(self, files: list[LocalFile]) -> None:
        paths = [file.path for file in files]
        source, target = Path(self.order.source), self.order.target or "."
        place = self.order.place

        async def send(session: AsyncSession) -> None:
            if isinstance(place, SessionPlace):
                kernel = session.Kernel(place.label, place.owner)
                await kernel.upload(paths, source, dst_dir=target)
            else:
                folder = session.VFolder(place.label)
                await _send_files(folder, paths, source, target, self.at)

        await self.order.gate.write(send)


class DownloadFile(Piece):
    """A file of a folder, resumable."""

    def __init__(self, order: Order, name: str, size: int, target: Path) -> None:
        super().__init__(order, name, size)
        self._target = target
        self._download: Download | None = None

    async def move(self) -> None:
        """Fetch it, from where the part ends."""
        # A new request each time: the session may be another one.
        folder = cast(FolderPlace, self.order.place).folder
        self.at(0)
        self._download = folder.downloader(
            self.name, self._target, lambda count: self.at(self.done + count)
        )
        await self._download.run()

    def discard(self) -> None:
        """Remove the part."""
        if self._download is not None and not self.complete:
            with suppress(OSError):
                self._download.part.unlink(missing_ok=True)


class DownloadTree(Piece):
    """A file or directory of a session, which sends it as an archive."""

    def __init__(self, order: Order, name: str, size: int, files: int) -> None:
        super().__init__(order, name, size, files)

    async def move(self) -> None:
        """Fetch and unpack it, so that its name is that below the source directory."""
        place = cast(SessionPlace, self.order.place)
        target = Path(self.order.target)
        if not self.order.source:
            await place.kernel.download([self.name], target)
            return
        # The archive has the whole path: unpack it aside, then move what is below the source.
        with tempfile.TemporaryDirectory(prefix=".bai-tui-", dir=target) as directory:
            await place.kernel.download([self.name], directory)
            came = Path(directory, self.order.source)
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


def remote_name(order: Order, name: str) -> str:
    """Path in the place of a file that has `name` below the source directory."""
    return joined(order.target, name)
