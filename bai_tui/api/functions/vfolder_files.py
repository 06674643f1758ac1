"""The files of a virtual folder: listing, changing, and moving them in both directions."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from bai_tui.api.bodies import PIECE, AttachedFile
from bai_tui.api.exceptions import (
    BackendAPIError,
    InvalidResponseError,
    LocalFileError,
    PermissionDeniedError,
)
from bai_tui.api.functions.base import BaseFunction, Item
from bai_tui.api.models import FileEntry
from bai_tui.api.paths import (
    LocalFile,
    StrPath,
    inside,
    open_file,
    planned,
    remote_path,
    several,
)
from bai_tui.api.request import Request
from bai_tui.api.transfers import (
    CONCURRENCY,
    STALL,
    Download,
    ProgressCallback,
    Tracker,
    Upload,
    persist,
    run_all,
    unfinished,
)

if TYPE_CHECKING:
    from bai_tui.api.session import AsyncSession

BATCH: Final = 10
"""Files that servers take in one multipart request."""
_UNSAFE: Final = re.compile(r'[%"\x00-\x1f\x7f]')
"""Servers do not agree on what these characters mean in the header of a part, or refuse them."""
RESUMABLE: Final = 8 * 1024 * 1024
"""Bytes from which on an upload is worth two more requests to be resumable."""


class VFolderFiles(BaseFunction):
    """What `VFolder` does with files; names are relative to the folder."""

    def __init__(self, session: AsyncSession, name: str) -> None:
        super().__init__(session)
        if not name or "/" in name:
            raise ValueError(f"{name!r} is not the name of a folder")
        self.name = name

    def path(self, suffix: str = "") -> str:
        """Path of the folder on the server, quoted."""
        return f"folders/{quote(self.name, safe='')}{suffix}"

    async def mkdir(self, path: StrPath) -> str:
        """Make a directory with its parents; an existing one is fine.

        Raises:
            UnsafePathError: it would be outside of the folder. BackendAPIError: a file is there.
        """
        body: Item = {"path": _inner(path)}
        if self.session.generation.mkdir_options:
            body |= {"parents": True, "exist_ok": True}
        return str(await self.call("POST", self.path("/mkdir"), body, raw=True))

    async def rename_file(self, target_path: StrPath, new_name: str) -> Item:
        """Give a file or directory another name in its directory.

        Raises:
            ValueError: the new name is a path.
        """
        if not new_name or "/" in new_name:
            raise ValueError(f"{new_name!r} is not a plain file name")
        body: Item = {"target_path": _inner(target_path), "new_name": new_name}
        if self.session.generation.mkdir_options:
            body["is_dir"] = False
        return await self.item("POST", self.path("/rename_file"), body)

    async def delete_files(self, files: Iterable[StrPath], recursive: bool = False) -> Item:
        """Delete files; directories only with `recursive`. Missing ones are no error.

        Raises:
            BackendAPIError: a directory without `recursive`; then nothing is deleted.
        """
        body = {"files": [_inner(file) for file in several(files)], "recursive": recursive}
        method, suffix = self.session.generation.folder_delete_files
        return await self.item(method, self.path(suffix), body)

    async def list_files(self, path: StrPath = ".") -> Item:
        """A directory as the server answers it: `{"files": JSON text}`. See also `entries`."""
        return await self.read_item(self.path("/files"), {"path": remote_path(path) or "."})

    async def entries(self, path: StrPath = ".") -> list[FileEntry]:
        """The files and directories of a directory, directories first, by name.

        Raises:
            NotFoundError: no such directory. UnsafePathError: a name that is none.
        """
        return FileEntry.listing(await self.list_files(path))

    async def upload(
        self,
        files: Iterable[StrPath],
        basedir: StrPath | None = None,
        show_progress: bool = False,
        *,
        dst_dir: StrPath = ".",
        progress: ProgressCallback | None = None,
        concurrency: int = CONCURRENCY,
    ) -> str:
        """Upload files and directory trees; existing files are replaced.

        Args:
            files: paths, below `basedir`, whose relative paths are kept.
            basedir: default: the current directory.
            show_progress: accepted as in the manual; nothing is printed, see `progress`.
            dst_dir: directory of the folder to put them in.
            progress: called for every piece.
            concurrency: files that move at a time.

        Raises:
            ValueError: a file is outside of `basedir`. LocalFileError: it cannot be read.
            BackendError: refused, or no connection for too long.
        """
        del show_progress
        plan = await asyncio.to_thread(planned, several(files), basedir, remote_path(dst_dir))
        found = [item for item in plan if isinstance(item, LocalFile)]
        empty = [item for item in plan if isinstance(item, str)]
        tracker = Tracker(progress, sum(file.size for file in found), len(found))
        for directory in empty:
            await self.mkdir(directory)
        await run_all(await self._upload_jobs(found, tracker), concurrency)
        return ""

    async def send(
        self, files: Iterable[LocalFile], *, progress: ProgressCallback | None = None
    ) -> None:
        """Upload files under the names they carry, which need not be those they have here.

        Args:
            files: as `LocalFile.of(path, name)` makes them; names are paths in the folder.
            progress: called for every piece.

        Raises:
            LocalFileError: one cannot be read. BackendError: refused, or no connection for too
            long.
        """
        found = list(files)
        tracker = Tracker(progress, sum(file.size for file in found), len(found))
        await run_all(await self._upload_jobs(found, tracker), CONCURRENCY)

    async def _upload_jobs(
        self, files: list[LocalFile], tracker: Tracker
    ) -> Iterator[Callable[[], Awaitable[None]]]:
        """Large files alone, so that they can go on where they broke off; small ones together."""
        direct = self.session.generation.direct_files

        def fits(file: LocalFile) -> bool:
            return direct and file.size < RESUMABLE and not _UNSAFE.search(file.name)

        alone = [file for file in files if not fits(file)]
        together = [file for file in files if fits(file)]
        parents = {str(PurePosixPath(file.name).parent) for file in alone} - {"."}
        # Parents of parents are made on the way.
        deepest = [p for p in parents if not any(q.startswith(f"{p}/") for q in parents)]
        for directory in sorted(deepest):
            await self.mkdir(directory)

        def jobs() -> Iterator[Callable[[], Awaitable[None]]]:
            for file in alone:
                yield partial(self._upload_alone, file, tracker)
            for i in range(0, len(together), BATCH):
                yield partial(self._upload_together, together[i : i + BATCH], tracker)

        return jobs()

    async def _upload_together(self, files: list[LocalFile], tracker: Tracker) -> None:
        sent = 0

        def report(count: int) -> None:
            nonlocal sent
            sent += count
            tracker.moved(files[0].name, count)

        async def attempt() -> None:
            if sent:
                report(-sent)
            request = Request(self.session, "POST", self.path("/upload"), reporthook=report)
            request.attach_files(
                AttachedFile(file.name, partial(open_file, file.path)) for file in files
            )
            async with request.fetch(stall=STALL):
                return

        # Whole files replace whole files, so doing it twice does no harm; what was sent before
        # a failure is no progress, because all of it is sent again.
        await persist(attempt, lambda: 0)
        tracker.finished(files[-1].name, len(files))

    async def _upload_alone(self, file: LocalFile, tracker: Tracker) -> None:
        upload = self.uploader(file.path, file.name, partial(tracker.moved, file.name))
        try:
            await upload.run()
        except PermissionDeniedError:
            raise
        except BackendAPIError as error:
            # 19.09 wants the right to delete for resumable uploads, the right to write is enough
            # for others.
            if not self.session.generation.direct_files or error.status != 404 or upload.done:
                raise
            await self._upload_together([file], tracker)
        else:
            tracker.finished(file.name)

    def uploader(
        self,
        path: Path,
        name: StrPath,
        moved: Callable[[int], None] = lambda count: None,
        *,
        ticket: str = "",
        began: Callable[[str], None] = lambda ticket: None,
    ) -> Upload:
        """A resumable upload of one file: `await uploader.run()`, again after it was cancelled.

        Args:
            path: the file here. name: its path in the folder; its directory must exist.
            moved: called with the bytes that went.
            ticket: of an earlier upload of the same, unchanged file: it goes on from there when
                the server still knows it.
            began: called with the ticket of an upload that begins. Who has it can write this one
                file until the server forgets it: keep it private.

        Raises:
            LocalFileError: it cannot be read.
        """
        target = _inner(name)
        try:
            size = path.stat().st_size
        except OSError as error:
            raise LocalFileError(f"{path} cannot be read: {error.strerror}.") from None
        parent = str(PurePosixPath(target).parent)

        async def begin() -> Callable[[str], Request]:
            direct = self.session.generation.direct_files
            suffix = "/create_upload_session" if direct else "/request-upload"
            answer = await self.call("POST", self.path(suffix), {"path": target, "size": size})
            token = _text(answer, "token")
            address = "" if direct else _text(answer, "url")
            began(f"{token} {address}".rstrip())
            return self._sender(token, address)

        async def arrived() -> bool:
            return any(
                e.name == PurePosixPath(target).name and e.size == size
                for e in await self.entries(parent)
            )

        token, _, address = ticket.partition(" ")
        known = self._sender(token, address) if token else None
        return Upload(path, size, begin, arrived, moved, known=known)

    def _sender(self, token: str, address: str) -> Callable[[str], Request]:
        """Makes the requests of one upload; without an address it is the manager's own."""
        if not address:
            place = f"folders/_/tus/upload/{quote(token, safe='')}"
            return lambda method: Request(self.session, method, place)
        url = self.session.config.storage_proxy(_url(address)).update_query(token=token)
        return lambda method: Request(self.session, method, target=url)

    async def download(
        self,
        files: Iterable[StrPath],
        show_progress: bool = False,
        *,
        dest: StrPath = ".",
        progress: ProgressCallback | None = None,
        concurrency: int = CONCURRENCY,
    ) -> Item:
        """Download files and directory trees with their paths; existing files are replaced.

        Args:
            files: paths in the folder.
            show_progress: accepted as in the manual; nothing is printed, see `progress`.
            dest: directory here; default: the current one.
            progress: called for every piece.
            concurrency: files that move at a time.

        Returns:
            `{"file_names": […]}`, the paths below `dest` of what was written.

        Raises:
            NotFoundError: no such file. UnsafePathError: the server named a file that would be
            written elsewhere; nothing was.
            LocalFileError: it cannot be written. BackendError: no connection for too long.
        """
        del show_progress
        target = Path(dest)
        found: dict[str, int] = {}
        directories: list[str] = []
        for file in several(files):
            await self._find(remote_path(file), found, directories)
        for directory in directories:
            await asyncio.to_thread(_make_directory, target, directory)
        places = await asyncio.to_thread(lambda: {name: inside(target, name) for name in found})
        parts = unfinished(places.values())
        tracker = Tracker(progress, sum(found.values()), len(found))

        async def fetch(name: str, place: Path) -> None:
            moved = partial(tracker.moved, name)
            await self.downloader(name, place, moved, part=parts[place]).run()
            tracker.finished(name)

        await run_all((partial(fetch, name, place) for name, place in places.items()), concurrency)
        return {"file_names": list(found)}

    async def _find(self, path: str, found: dict[str, int], directories: list[str]) -> None:
        """Add the files below `path`, with their sizes, and the empty directories."""
        pending = [path]
        if path:
            pure = PurePosixPath(path)
            siblings = {e.name: e for e in await self.entries(str(pure.parent))}
            entry = siblings.get(pure.name)
            if entry is None or not entry.is_dir:
                # What is not there is for the server to say.
                found[path] = entry.size if entry is not None else 0
                return
        while pending:
            directory = pending.pop()
            entries = await self.entries(directory or ".")
            for entry in entries:
                name = f"{directory}/{entry.name}" if directory else entry.name
                if entry.is_dir:
                    pending.append(name)
                else:
                    found[name] = entry.size
            if not entries and directory:
                directories.append(directory)

    def downloader(
        self,
        name: StrPath,
        target: Path,
        moved: Callable[[int], None] = lambda count: None,
        *,
        part: Path | None = None,
    ) -> Download:
        """A resumable download of one file: `await downloader.run()`, again after a cancel.

        Args:
            name: its path in the folder. target: the file here.
            moved: called with the bytes that came.
            part: what the unfinished file is called; default: `target` with `.part`.
        """
        return Download(partial(self._ask_for, _inner(name)), target, moved, part=part)

    async def read_file(self, name: StrPath, limit: int, offset: int = 0) -> bytes:
        """Some bytes of a file, for looking at it; no more of it is transferred.

        Args:
            name: its path in the folder. limit: bytes at the most. offset: the first of them.

        Returns:
            Nothing beyond the end of the file.

        Raises:
            ValueError: limit or offset make no sense. NotFoundError: no such file.
        """
        if limit < 1 or offset < 0:
            raise ValueError(f"no part of a file: {limit} bytes from {offset} on")
        request = await self._ask_for(_inner(name))
        span = f"bytes={offset}-{offset + limit - 1}"
        request.headers |= {"Accept-Encoding": "identity", "Range": span}
        pieces: list[bytes] = []
        size = 0
        try:
            async with request.fetch(stall=STALL) as response:
                before = offset if response.status != 206 else 0
                while before and (piece := await response.aread(min(PIECE, before))):
                    before -= len(piece)  # a server that sends the whole file
                while size < limit and (piece := await response.aread(min(PIECE, limit - size))):
                    pieces.append(piece)
                    size += len(piece)
        except BackendAPIError as error:
            if error.status != 416:  # a range of an empty file
                raise
        return b"".join(pieces)

    async def _ask_for(self, source: str) -> Request:
        """The request for the content of a file."""
        if self.session.generation.direct_files:
            request = Request(self.session, "GET", self.path("/download_single"))
            request.set_json({"file": source, "archive": False})
            return request
        answer = await self.call("POST", self.path("/request-download"), {"path": source})
        url = self._proxy(answer).update_query(token=_text(answer, "token"))
        return Request(self.session, "GET", target=url)

    def _proxy(self, answer: Any) -> Any:
        """Where the storage proxy named by `answer` is reachable from here."""
        return self.session.config.storage_proxy(_url(_text(answer, "url")))


def _inner(path: StrPath) -> str:
    """A path that names something inside the folder, not the folder itself."""
    inner = remote_path(path)
    if not inner:
        raise ValueError("this needs the path of something inside the folder")
    return inner


def _make_directory(target: Path, name: str) -> None:
    try:
        inside(target, name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if isinstance(error, ValueError):
            raise
        raise LocalFileError(f"{name} cannot be made: {error.strerror}.") from None


def _text(answer: Any, key: str) -> str:
    value = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(value, str) or not value:
        raise InvalidResponseError(f"The server's answer names no {key} for the transfer.")
    return value


def _url(text: str) -> Any:
    from yarl import URL

    try:
        url = URL(text)
    except ValueError:
        url = URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise InvalidResponseError("The server named an address for the transfer that is none.")
    return url


__all__ = ["VFolderFiles"]
