"""The files of a compute session's working directory: listing, and moving small ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import aiohttp
from aiohttp.http import HttpProcessingError

from bai_tui.api.bodies import AttachedFile
from bai_tui.api.delivery import FAILURES, describe, one_line
from bai_tui.api.exceptions import BackendClientError, InvalidResponseError, LocalFileError
from bai_tui.api.functions.archives import extract_tar
from bai_tui.api.functions.base import BaseFunction, Item
from bai_tui.api.models import FileEntry
from bai_tui.api.paths import (
    LocalFile,
    StrPath,
    open_file,
    planned,
    remote_path,
    several,
)
from bai_tui.api.request import Request, Response
from bai_tui.api.transfers import ProgressCallback, Tracker

if TYPE_CHECKING:
    from bai_tui.api.session import AsyncSession

UPLOAD_BATCH: Final = 20
"""Files that servers take in one request (rest-sessions.md 7)."""
UPLOAD_LIMIT: Final = 1024 * 1024
"""Bytes from which on servers refuse a file."""
DOWNLOAD_BATCH: Final = 5
"""Files and directories that servers put into one answer."""


_NO_MULTIPART = (ValueError, RuntimeError, LookupError, AssertionError, HttpProcessingError)
"""What releases of the HTTP library raise for a multipart body that is none."""


class KernelFiles(BaseFunction):
    """What `Kernel` does with files; names are relative to the session's working directory."""

    def __init__(
        self, session: AsyncSession, kernel_id: str, owner_access_key: str | None = None
    ) -> None:
        super().__init__(session)
        if not kernel_id or "/" in kernel_id:
            raise ValueError(f"{kernel_id!r} is not a session name")
        self.kernel_id = kernel_id
        self.owner_access_key = owner_access_key

    def path(self, suffix: str = "") -> str:
        """Path of the session on the server, quoted."""
        return f"{self.session.generation.sessions}/{quote(self.kernel_id, safe='')}{suffix}"

    def _params(self, **more: Any) -> dict[str, Any]:
        owner = {"owner_access_key": self.owner_access_key} if self.owner_access_key else {}
        return {**owner, **more}

    async def upload(
        self,
        files: Iterable[StrPath],
        basedir: StrPath | None = None,
        show_progress: bool = False,
        *,
        dst_dir: StrPath = ".",
        progress: ProgressCallback | None = None,
    ) -> Response:
        """Upload small files, each below 1 MiB, and directory trees of such files.

        Args:
            files: paths; below `basedir`, whose relative paths are kept.
            basedir: default: the current directory.
            show_progress: accepted as in the manual; nothing is printed, see `progress`.
            dst_dir: directory below the working directory to put them in.
            progress: called for every piece.

        Returns:
            The last answer, whose body is gone already.

        Raises:
            ValueError: a file is outside of `basedir`, or there is none.
            LocalFileError: it cannot be read, or is too large; then nothing was sent.
        """
        del show_progress
        plan = await asyncio.to_thread(planned, several(files), basedir, remote_path(dst_dir))
        found = [item for item in plan if isinstance(item, LocalFile)]
        return await self.send(found, progress=progress)

    async def send(
        self, files: Iterable[LocalFile], *, progress: ProgressCallback | None = None
    ) -> Response:
        """Upload small files under the names they carry.

        Args:
            files: as `LocalFile.of(path, name)` makes them; names are paths below the working
                directory.
            progress: called for every piece.

        Returns, raises: as `upload`.
        """
        found = list(files)
        if not found:
            raise ValueError("there is no file to upload")
        for file in found:
            if file.size >= UPLOAD_LIMIT:
                raise LocalFileError(
                    f"{file.path} is too large: sessions take files below 1 MiB.",
                    hint="Upload it to a virtual folder that is mounted in the session.",
                )
        root = self.session.generation.session_upload_root
        tracker = Tracker(progress, sum(file.size for file in found), len(found))
        last: Response | None = None
        for begin in range(0, len(found), UPLOAD_BATCH):
            batch = found[begin : begin + UPLOAD_BATCH]
            request = Request(
                self.session,
                "POST",
                self.path("/upload"),
                params=self._params(),
                reporthook=partial(tracker.moved, batch[0].name),
            )
            request.attach_files(
                AttachedFile(root + file.name, partial(open_file, file.path)) for file in batch
            )
            async with request.fetch() as response:
                last = response
                tracker.finished(batch[-1].name, len(batch))
        assert last is not None
        return last

    async def download(
        self,
        files: Iterable[StrPath],
        dest: StrPath = ".",
        show_progress: bool = False,
        *,
        progress: ProgressCallback | None = None,
    ) -> Item:
        """Download files or directories of the session's working directory into `dest`.

        Args:
            files: paths in the working directory.
            dest: directory here, made if missing; default: the current one.
            show_progress: accepted as in the manual; nothing is printed, see `progress`.
            progress: called for every piece; the size is not known beforehand.

        Returns:
            `{"file_names": […]}`, the names of what was unpacked.

        Raises:
            UnsafeArchiveError: an archive would write outside of `dest`; nothing of it was kept.
            LocalFileError: it cannot be written.
        """
        del show_progress
        wanted = [remote_path(file) or "." for file in several(files)]
        if not wanted:
            raise ValueError("name at least one file")
        tracker = Tracker(progress, None, len(wanted))
        names: list[str] = []
        for begin in range(0, len(wanted), DOWNLOAD_BATCH):
            names += await self._download(
                wanted[begin : begin + DOWNLOAD_BATCH], Path(dest), tracker
            )
        return {"file_names": names}

    async def _download(self, wanted: list[str], target: Path, tracker: Tracker) -> list[str]:
        generation = self.session.generation
        (method, suffix), places = generation.session_download, generation.session_download_in
        params = self._params(files=wanted) if "query" in places else self._params()
        request = Request(self.session, method, self.path(suffix), params=params)
        if "body" in places:
            request.set_json({"files": wanted})
        names: list[str] = []
        async with request.fetch() as response:
            if not response.content_type.startswith("multipart/"):
                raise InvalidResponseError(
                    f"{method} /{request.path} answered {response.content_type}, not multipart."
                )
            try:
                reader = aiohttp.MultipartReader.from_response(response.raw_response)
                for file in wanted:
                    part = await reader.next()
                    if not isinstance(part, aiohttp.BodyPartReader):
                        raise InvalidResponseError(
                            f"{method} /{request.path} answered without {file!r}."
                        )
                    names += await extract_tar(part, target, partial(tracker.moved, file))
                    tracker.finished(file)
            except BackendClientError:
                raise
            except FAILURES as error:
                raise describe(error, request, response.raw_response.url) from error
            except _NO_MULTIPART as error:
                # What the HTTP library says of a multipart body that is none.
                raise InvalidResponseError(
                    f"The answer to {method} /{request.path} is not multipart as announced: "
                    f"{one_line(error)}."
                ) from None
        return names

    async def entries(self, path: StrPath = ".") -> list[FileEntry]:
        """The files and directories of a directory, directories first, by name.

        Raises:
            InvalidResponseError: the server's listing is none.
        """
        return FileEntry.listing(await self.list_files(path))

    async def list_files(self, path: StrPath = ".") -> Item:
        """`{"files": JSON text, "errors", "abspath"}` of a directory (rest-sessions.md 7)."""
        target = self.path("/files")
        reads, asked = self.session.generation.session_files_in, {"path": str(path)}
        params = self._params(**asked if "query" in reads else {})
        if "body" in reads:
            return await self.item("GET", target, asked, params=params)
        return await self.item("GET", target, params=params)
