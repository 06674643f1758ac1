"""Files of bodies are closed whatever happens, and never while a thread works on them."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import IO

import pytest

from bai_tui.api.bodies import AttachedFile, FileSlice, Multipart, Source, completed, opened
from tests.waiting import until


async def cancelled(task: asyncio.Task[object]) -> None:
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_is_opened_for_somebody_who_left_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    begun, go = threading.Event(), threading.Event()
    made: list[IO[bytes]] = []

    def make() -> IO[bytes]:
        begun.set()
        go.wait(10)
        made.append(path.open("rb"))
        return made[0]

    task = asyncio.create_task(opened(make, lambda file: file.close()))
    await until(begun.is_set)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()  # as often as anybody likes
    go.set()
    await cancelled(task)
    assert made[0].closed


async def test_opening_may_fail_while_we_are_cancelled() -> None:
    begun, go = threading.Event(), threading.Event()

    def make() -> IO[bytes]:
        begun.set()
        go.wait(10)
        raise OSError("no such file")

    task = asyncio.create_task(opened(make, lambda file: file.close()))
    await until(begun.is_set)
    task.cancel()
    await asyncio.sleep(0)
    go.set()
    await cancelled(task)


async def test_a_cancelled_call_waits_for_its_thread() -> None:
    begun, go = threading.Event(), threading.Event()
    ended = False

    def work() -> None:
        nonlocal ended
        begun.set()
        go.wait(10)
        ended = True

    task = asyncio.create_task(completed(work))
    await until(begun.is_set)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
    go.set()
    await cancelled(task)
    assert ended


async def test_a_source_is_closed_between_two_pieces() -> None:
    reading, go = asyncio.Event(), asyncio.Event()
    closed = False

    async def pieces() -> AsyncGenerator[bytes, None]:
        nonlocal closed
        try:
            yield b"first"
            reading.set()
            await go.wait()
            yield b"second"
        finally:
            closed = True

    source = Source(pieces())
    assert await anext(source) == b"first"
    second = asyncio.ensure_future(anext(source))
    await reading.wait()
    closing = asyncio.create_task(source.aclose())
    await asyncio.sleep(0)
    assert not closing.done()
    go.set()
    assert await second == b"second"
    await closing
    assert closed
    assert [piece async for piece in source] == []
    await source.aclose()


async def test_a_slice_left_early_closes_its_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(1 << 20))
    source = Source(FileSlice(path, 0, 1 << 20).pieces())
    assert await anext(source)
    await source.aclose()  # an open file would be a ResourceWarning, which fails the test
    assert [piece async for piece in source] == []


async def test_a_whole_path_keeps_its_first_slash() -> None:
    for name, shown in (
        ("a/b ü", 'filename="a/b ü"'),
        ("/w/b ü", "filename*=utf-8''%2Fw%2Fb%20%C3%BC"),
    ):
        body = Multipart([AttachedFile(name, io.BytesIO(b"x"))])
        text = b"".join([piece async for piece in body.pieces()]).decode()
        assert f"; {shown}\r\n" in text
