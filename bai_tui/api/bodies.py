"""What a request sends: bytes, a stretch of a file, or files as multipart/form-data.

Files are read in pieces in threads, so that a body of any size costs a few pieces of memory and
never holds up the loop. A body can be begun anew for each attempt.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, Final, NamedTuple, Protocol, TypeVar
from urllib.parse import quote

from bai_tui.api.exceptions import FileChangedError, LocalFileError

PIECE: Final = 256 * 1024
"""Bytes read and sent at a time."""

T = TypeVar("T")

Report = Callable[[int], None]
"""Called with the number of bytes that have been handed to the connection since the last call."""


class AttachedFile(NamedTuple):
    """A file of a multipart upload; `filename` may contain directories.

    `stream` is an open binary file, or a function that opens one for each attempt.
    """

    filename: str
    stream: IO[bytes] | Callable[[], IO[bytes]]
    content_type: str = "application/octet-stream"


class Body(Protocol):
    """A body that is produced while it is sent."""

    @property
    def content_type(self) -> str:
        """Media type."""
        ...

    @property
    def length(self) -> int | None:
        """Bytes; None when not known beforehand."""
        ...

    def pieces(self) -> AsyncGenerator[bytes, None]:
        """The body from its beginning."""
        ...


async def completed(function: Callable[..., T], *arguments: object) -> T:
    """Run a function in a thread, and wait for its end even when cancelled.

    A file must not be closed while a thread still works on it: its number may belong to another
    file the next moment.
    """
    # A future of the loop and no task: what ends a program cancels all tasks, and would have us
    # believe that the thread is done.
    work = asyncio.get_running_loop().run_in_executor(None, partial(function, *arguments))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await _settled(work)
        raise


async def opened(make: Callable[[], T], close: Callable[[T], object]) -> T:
    """Open something in a thread; what was opened while we were cancelled is closed again."""
    work = asyncio.get_running_loop().run_in_executor(None, make)
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        if await _settled(work):
            close(work.result())
        raise


async def _settled(work: asyncio.Future[T]) -> bool:
    """Wait for what cannot be cancelled; whether it succeeded."""
    while not work.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait({work})
    return work.exception() is None


class Source:
    """A body on its way; it can be closed while somebody reads from it."""

    def __init__(self, pieces: AsyncGenerator[bytes, None]) -> None:
        self._pieces = pieces
        self._turn = asyncio.Lock()

    def __aiter__(self) -> Source:
        return self

    async def __anext__(self) -> bytes:
        async with self._turn:
            return await anext(self._pieces)

    async def aclose(self) -> None:
        """Close its files; who reads on finds its end."""
        async with self._turn:
            await self._pieces.aclose()


class FileSlice:
    """The bytes of a file from `start` up to `stop`."""

    def __init__(
        self,
        path: Path,
        start: int,
        stop: int,
        *,
        content_type: str = "application/offset+octet-stream",
        report: Report | None = None,
    ) -> None:
        self.path: Path = path
        self.start: int = start
        self.length: int = stop - start
        self.content_type = content_type
        self.report = report

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The bytes; raises LocalFileError when they cannot be read any more."""
        try:
            file = await opened(lambda: self.path.open("rb"), lambda file: file.close())
        except OSError as error:
            raise LocalFileError(f"{self.path} cannot be read: {error.strerror}.") from None
        try:
            file.seek(self.start)
            async for piece in _exactly(file, self.length, str(self.path)):
                yield piece
                if self.report is not None:
                    self.report(len(piece))
        finally:
            file.close()


class OpenFile:
    """What is left to read of a file that somebody else opened, and will close."""

    def __init__(self, stream: IO[bytes], content_type: str) -> None:
        self._reading = Reading(AttachedFile("the body", stream))
        self.content_type = content_type
        self.length: int | None = self._reading.size

    def pieces(self) -> AsyncGenerator[bytes, None]:
        """The bytes; raises LocalFileError when they cannot be read any more."""
        return self._reading.pieces()


class Multipart:
    """Files as multipart/form-data, each as a field named `src`."""

    def __init__(self, files: Iterable[AttachedFile], *, report: Report | None = None) -> None:
        self.files: Sequence[AttachedFile] = tuple(files)
        self.report = report
        self._boundary = secrets.token_hex(16)
        self.content_type: str = f"multipart/form-data; boundary={self._boundary}"
        self._readings = [Reading(file) for file in self.files]
        sizes = [reading.size for reading in self._readings]
        self.length: int | None = None
        if None not in sizes:
            heads = sum(len(self._head(file)) + 2 for file in self.files)
            self.length = heads + sum(size or 0 for size in sizes) + len(self._end())

    def _head(self, file: AttachedFile) -> bytes:
        # Names keep their slashes, they are paths below the target; only what would end the
        # header is encoded, as browsers do.
        name = file.filename.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        shown = f'filename="{name}"'
        if name.startswith("/"):
            # Servers take the first slash off a plain name.
            raw = file.filename.encode("utf-8", "surrogateescape")
            shown = f"filename*=utf-8''{quote(raw, safe='')}"
        return (
            f"--{self._boundary}\r\n"
            f'Content-Disposition: form-data; name="src"; {shown}\r\n'
            f"Content-Type: {file.content_type}\r\n\r\n"
        ).encode("utf-8", "surrogateescape")

    def _end(self) -> bytes:
        return f"--{self._boundary}--\r\n".encode()

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The parts; raises LocalFileError when a file cannot be read any more."""
        for reading in self._readings:
            yield self._head(reading.file)
            async for piece in reading.pieces():
                yield piece
                if self.report is not None:
                    self.report(len(piece))
            yield b"\r\n"
        yield self._end()


class Reading:
    """Reads an attached file from where it stood, for each attempt anew.

    Attributes:
        size: bytes, None when not known beforehand.
    """

    def __init__(self, file: AttachedFile) -> None:
        self.file = file
        self._start: int | None = None
        self._begun = False
        self.size: int | None = None
        stream = self._stream()
        try:
            with suppress(OSError, ValueError, AttributeError):
                start = stream.tell()
                self.size = stream.seek(0, os.SEEK_END) - start
                stream.seek(start)
                self._start = start
        finally:
            self._done(stream)

    def _stream(self) -> IO[bytes]:
        return self.file.stream() if callable(self.file.stream) else self.file.stream

    def _done(self, stream: IO[bytes]) -> None:
        if stream is not self.file.stream:
            stream.close()

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The bytes.

        Raises:
            LocalFileError: they cannot be read any more, or not a second time.
        """
        stream = self._stream()
        try:
            if self._start is not None:
                stream.seek(self._start)
            elif self._begun and stream is self.file.stream:
                raise LocalFileError(f"{self.file.filename} cannot be read a second time.")
            self._begun = True
            if self.size is None:
                while piece := await completed(stream.read, PIECE):
                    yield piece
            else:
                async for piece in _exactly(stream, self.size, self.file.filename):
                    yield piece
        finally:
            self._done(stream)


async def _exactly(file: IO[bytes], size: int, name: str) -> AsyncGenerator[bytes, None]:
    left = size
    while left:
        try:
            piece = await completed(file.read, min(PIECE, left))
        except OSError as error:
            raise LocalFileError(f"{name} cannot be read: {error.strerror}.") from None
        if not piece:
            raise FileChangedError(f"{name} became shorter while it was uploaded.")
        left -= len(piece)
        yield piece
