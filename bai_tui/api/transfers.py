"""Moving files: progress, several at once, and going on where a connection broke.

A download collects in `NAME.part` beside its target and takes the target's name when it is whole;
its time stamp is the server's, so that a later call can tell whether it may go on from there. A
resumable upload asks the server how much arrived. Nothing is held in memory but a few pieces.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from email.utils import formatdate
from pathlib import Path
from typing import Final, NamedTuple

from bai_tui.api.bodies import PIECE, FileSlice, completed, opened
from bai_tui.api.exceptions import (
    BackendAPIError,
    BackendConnectionError,
    BackendError,
    BackendTimeoutError,
    ConflictError,
    ConnectionLostError,
    InvalidResponseError,
    LocalFileError,
    NotFoundError,
    ServerError,
    TLSError,
    TruncatedResponseError,
)
from bai_tui.api.request import Request, Response, server_time

PART: Final = ".part"
"""What the name of an unfinished download ends with."""
STALL: Final = 60.0
"""Seconds without a byte after which a transfer counts as broken."""
CHUNK: Final = 16 * 1024 * 1024
"""Bytes a resumable upload sends in one request."""
ATTEMPTS: Final = 6
"""Failures in a row, without a byte in between, after which a transfer gives up."""
CONCURRENCY: Final = 4
"""Files that move at the same time unless said otherwise."""
PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 10.0


class Progress(NamedTuple):
    """How far a transfer is.

    Attributes:
        name: the file that moved last.
        done: bytes of all files together; it falls when a piece has to be sent again.
        total: bytes of all files, None when a server does not tell.
        files_done: finished files. files: all.
    """

    name: str
    done: int
    total: int | None
    files_done: int
    files: int


ProgressCallback = Callable[[Progress], None]


class Tracker:
    """Adds up what several files report."""

    def __init__(self, callback: ProgressCallback | None, total: int | None, files: int) -> None:
        self._callback = callback
        self._done, self._total = 0, total
        self._files_done, self._files = 0, files

    def moved(self, name: str, count: int) -> None:
        """`count` bytes more; less than none when they have to be sent again."""
        self._done += count
        self._tell(name)

    def finished(self, name: str, files: int = 1) -> None:
        """Files are whole."""
        self._files_done += files
        self._tell(name)

    def _tell(self, name: str) -> None:
        if self._callback is not None:
            self._callback(Progress(name, self._done, self._total, self._files_done, self._files))


def may_pass(error: BaseException) -> bool:
    """Whether trying again can help: the network's trouble, or a proxy without its server."""
    if isinstance(error, TLSError):
        return False
    if isinstance(error, ServerError):
        return error.status in (502, 503, 504)
    return isinstance(
        error,
        (ConnectionLostError, BackendConnectionError, BackendTimeoutError, TruncatedResponseError),
    )


async def persist(attempt: Callable[[], Awaitable[None]], progress: Callable[[], int]) -> None:
    """Repeat `attempt` until it succeeds, or fails so often without any progress."""
    failures = 0
    while True:
        before = progress()
        try:
            await attempt()
            return
        except BackendError as error:
            if not may_pass(error):
                raise
            failures = 1 if progress() > before else failures + 1
            if failures >= ATTEMPTS:
                raise
            pause = min(PAUSE * 2.0 ** (failures - 1), LONGEST_PAUSE)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))


async def run_all(
    jobs: Iterable[Callable[[], Awaitable[None]]], concurrency: int = CONCURRENCY
) -> None:
    """Run jobs, so many at a time; the first error ends the others and is raised.

    Raises:
        ValueError: the concurrency is not positive.
    """
    if concurrency < 1:
        raise ValueError(f"at least one file must move at a time, not {concurrency}")
    waiting = iter(jobs)

    async def work() -> None:
        for job in waiting:
            await job()

    workers = {asyncio.create_task(work()) for _ in range(concurrency)}
    try:
        done, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
        for worker in done:
            await worker
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


def unfinished(targets: Iterable[Path]) -> dict[Path, Path]:
    """What unfinished downloads of `targets` are called: like no target, and none like another."""
    wanted = list(targets)
    taken = set(wanted)
    parts: dict[Path, Path] = {}
    for target in wanted:
        part = target.with_name(target.name + PART)
        while part in taken:
            part = part.with_name(part.name + PART)
        taken.add(part)
        parts[target] = part
    return parts


class Download:
    """One file on its way here. `run` can be cancelled and called again.

    Args:
        ask: makes the request for the file, anew for each attempt.
        target: where the file shall be; an existing file is replaced when the new one is whole.
        moved: called with the bytes that came.
        part: what the unfinished file is called; two downloads must not share it.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[Request]],
        target: Path,
        moved: Callable[[int], None] = lambda count: None,
        *,
        part: Path | None = None,
    ) -> None:
        self._ask, self._moved = ask, moved
        self.target: Path = target
        self.part: Path = part or target.with_name(target.name + PART)
        self.done: int = 0

    async def run(self) -> None:
        """Fetch the file.

        Raises:
            BackendError: no file, or no connection for too long; what came stays in `part`.
            LocalFileError: it cannot be written here.
        """
        if await asyncio.to_thread(self.target.is_dir):
            raise LocalFileError(f"{self.target} is a directory; the file cannot take its name.")
        await persist(self._attempt, lambda: self.done)
        try:
            await completed(_settle, self.part, self.target)
        except OSError as error:
            raise LocalFileError(f"{self.target} cannot be written: {error.strerror}.") from None

    def _set(self, done: int) -> None:
        change, self.done = done - self.done, done
        if change:
            self._moved(change)

    async def _attempt(self) -> None:
        request = await self._ask()
        offset, stamp = await asyncio.to_thread(self._kept)
        request.headers["Accept-Encoding"] = "identity"
        if offset:
            request.headers["Range"] = f"bytes={offset}-"
            request.headers["If-Range"] = formatdate(stamp, usegmt=True)
        try:
            async with request.fetch(stall=STALL) as response:
                await self._receive(response, offset)
        except BackendAPIError as error:
            if error.status != 416 or not offset:
                raise
            # What is kept is no beginning of the file: begin again.
            await asyncio.to_thread(self.part.unlink, missing_ok=True)
            await self._attempt()

    def _kept(self) -> tuple[int, float]:
        """Size and time stamp of what an earlier attempt left."""
        with suppress(OSError):
            status = self.part.lstat()
            if os.path.isfile(self.part) and not os.path.islink(self.part):
                return status.st_size, status.st_mtime
        return 0, 0.0

    async def _receive(self, response: Response, offset: int) -> None:
        if response.status != 206:
            offset = 0
        total = _total(response, offset)
        file = await opened(lambda: self._open(offset), os.close)
        self._set(offset)
        modified = server_time(response.headers.get("Last-Modified"))
        stamp = modified.timestamp() if modified is not None else None
        try:
            async for piece in _gathered(response):
                await completed(_write, file, piece, self.target, stamp)
                self._set(self.done + len(piece))
        finally:
            os.close(file)
            if stamp is not None:
                with suppress(OSError):
                    os.utime(self.part, (stamp, stamp))
        if total is not None and self.done != total:
            raise TruncatedResponseError(
                f"{response.request.method} /{response.request.path} announced {total} bytes, "
                f"{self.done} came."
            )

    def _open(self, offset: int) -> int:
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        try:
            self.part.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self.part, flags, 0o666)
            try:
                _lock(file)
                os.ftruncate(file, offset)
                os.lseek(file, offset, os.SEEK_SET)
            except BaseException:
                os.close(file)
                raise
        except BlockingIOError:
            raise LocalFileError(
                f"{self.target} is being downloaded already.", hint="Wait for the other download."
            ) from None
        except OSError as error:
            raise LocalFileError(f"{self.part} cannot be written: {error.strerror}.") from None
        return file


def _settle(part: Path, target: Path) -> None:
    """Give a whole file its name once it is safe on the disk."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)


def _lock(file: int) -> None:
    """Keep others from the file until it is closed, where the system can do that.

    Raises:
        BlockingIOError: somebody else has it.
    """
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _write(file: int, data: bytes, target: Path, stamp: float | None) -> None:
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(file, view) :]
        if stamp is not None and os.utime in os.supports_fd:
            # At once, not at the end: a program that is killed can go on from here, too.
            os.utime(file, (stamp, stamp))
    except OSError as error:
        raise LocalFileError(f"{target} cannot be written: {error.strerror}.") from None


async def _gathered(response: Response) -> AsyncIterator[bytes]:
    """The body in pieces that are worth a trip to the disk."""
    pieces: list[bytes] = []
    size = 0
    try:
        while piece := await response.aread(PIECE):
            pieces.append(piece)
            size += len(piece)
            if size >= PIECE:
                whole, pieces, size = b"".join(pieces), [], 0
                yield whole
    except BackendError:
        if pieces:
            yield b"".join(pieces)
        raise
    if pieces:
        yield b"".join(pieces)


def _total(response: Response, offset: int) -> int | None:
    """Size of the whole file by what the answer says; checks that it begins at `offset`."""
    length = response.content_length
    if response.status != 206:
        return length
    given = response.headers.get("Content-Range", "")
    span, _, size = given.removeprefix("bytes ").partition("/")
    if not span.startswith(f"{offset}-"):
        raise InvalidResponseError(
            f"{response.request.method} /{response.request.path} was asked for the bytes from "
            f"{offset} on and answered with {given or 'no range'!r}."
        )
    if size.isdecimal():
        return int(size)
    return None if length is None else offset + length


class Upload:
    """One file on its way to a server that keeps what arrived (tus). Can be run again.

    Args:
        path: the file here. size: its bytes.
        begin: opens the upload and returns a maker of its requests by method.
        arrived: whether the server has the whole file, asked when the upload is not known any
            more.
        moved: called with the bytes that went.
        known: maker of the requests of an upload that was begun before; whether the server still
            has it is asked first.
    """

    def __init__(
        self,
        path: Path,
        size: int,
        begin: Callable[[], Awaitable[Callable[[str], Request]]],
        arrived: Callable[[], Awaitable[bool]],
        moved: Callable[[int], None] = lambda count: None,
        *,
        known: Callable[[str], Request] | None = None,
    ) -> None:
        self.path: Path = path
        self.size: int = size
        self._begin, self._arrived, self._moved = begin, arrived, moved
        self._request = known
        self._unsure = self._old = known is not None
        self._complete = False
        self.done: int = 0

    async def run(self) -> None:
        """Send the file, or what is left of it.

        Raises:
            BackendError: refused, or no connection for too long. LocalFileError: unreadable.
        """
        await persist(self._attempt, lambda: self.done)

    def _set(self, done: int) -> None:
        change, self.done = done - self.done, done
        if change:
            self._moved(change)

    async def _attempt(self) -> None:
        if self._request is None:
            self._request = await self._begin()
            self._set(0)
        elif self._unsure:
            await self._ask()
        while not self._complete:
            await self._send(self._request)

    async def _send(self, make: Callable[[str], Request]) -> None:
        start, stop = self.done, min(self.done + CHUNK, self.size)
        request = make("PATCH")
        request.headers |= {"Tus-Resumable": "1.0.0", "Upload-Offset": str(start)}
        request.set_body(
            FileSlice(self.path, start, stop, report=lambda count: self._set(self.done + count))
        )
        self._unsure = True
        try:
            async with request.fetch(anonymous=True, stall=STALL) as response:
                offset = _offset(response)
        except ConflictError:
            await self._ask()
            return
        if not (start < offset <= stop or offset == stop):
            raise InvalidResponseError(
                f"PATCH /{request.path}: {start} to {stop} were sent, "
                f"the server says it has {offset}."
            )
        self._unsure = False
        self._set(offset)
        self._complete = offset == self.size

    async def _ask(self) -> None:
        """Learn how much has arrived."""
        if self._old:
            await self._ask_for_old()
            return
        assert self._request is not None
        try:
            offset = await self._settled(self._request)
        except NotFoundError:
            if await self._arrived():
                self._complete = True
                self._set(self.size)
                return
            self._request = await self._begin()
            offset = 0
        if offset > self.size:
            raise InvalidResponseError(f"The server has {offset} bytes of {self.size}.")
        self._unsure = False
        self._set(offset)

    async def _ask_for_old(self) -> None:
        """Go on with an upload of another day; whatever speaks against it, begin a new one."""
        assert self._request is not None
        try:
            offset = await self._settled(self._request)
        except (BackendAPIError, InvalidResponseError) as error:
            if may_pass(error):
                raise
            offset = -1
        if not 0 <= offset < self.size:
            # One that has every byte and is no file yet will never be one.
            self._request = await self._begin()
            offset = 0
        self._old = self._unsure = False
        self._set(offset)

    async def _settled(self, make: Callable[[str], Request]) -> int:
        """How much the server has, once that does not grow any more by itself."""
        offset = await self._ask_once(make)
        while True:
            # A server may still be storing what came before the connection broke.
            await asyncio.sleep(PAUSE)
            again = await self._ask_once(make)
            if again == offset:
                return offset
            offset = again

    async def _ask_once(self, make: Callable[[str], Request]) -> int:
        request = make("HEAD")
        request.headers["Tus-Resumable"] = "1.0.0"
        async with request.fetch(anonymous=True, stall=STALL) as response:
            return _offset(response)


def _offset(response: Response) -> int:
    text = response.headers.get("Upload-Offset", "")
    if not (text.isascii() and text.isdecimal()):
        raise InvalidResponseError(
            f"{response.request.method} /{response.request.path} answered without an offset."
        )
    return int(text)
