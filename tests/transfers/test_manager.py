"""The queue against a real cluster: trees both ways, pause, cancel, lost connections, failures."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import pytest

from bai_tui.files import Item, LocalPlace, PlaceError, SessionPlace
from bai_tui.transfers import Order, State
from tests.transfers.bench import Bench, over, tree
from tests.waiting import until


async def test_a_tree_goes_there_and_back(bench: Bench) -> None:
    for i in range(23):
        path = bench.here / "폴더" / f"d{i % 3}" / f"파일 {i}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{i}\n" * i)
    (bench.here / "폴더" / "empty").mkdir()
    (bench.here / "폴더" / "large.bin").write_bytes(os.urandom(9 * 2**20))
    up = await over(bench.upload("폴더", to="a/b"))
    assert (up.files_done, up.files, up.done) == (24, 24, up.total)
    down = await over(bench.download("폴더", source="a/b"))
    assert (down.files_done, down.done) == (24, up.total)
    assert tree(bench.there) == tree(bench.here)
    assert bench.queue.clear() == 2


async def test_existing_files_can_be_skipped(bench: Bench) -> None:
    for name in ("one", "two"):
        (bench.here / name).write_text("new")
        (bench.there / name).write_text("old")
    await over(bench.upload("one"))
    up = await over(bench.upload("one", "two", existing="skip"))
    assert (up.skipped, up.files_done) == (1, 1)
    (bench.there / "two").unlink()
    down = await over(bench.download("one", "two", existing="skip"))
    assert (down.skipped, down.files_done) == (1, 1)
    assert tree(bench.there) == {"one": b"old", "two": b"new"}


async def test_a_download_is_paused_and_goes_on_where_it_was(bench: Bench) -> None:
    content = os.urandom(24 * 2**20)
    await bench.put("large", content)
    down = bench.download("large")
    await until(lambda: 0 < down.done < down.total, "some of it")
    bench.queue.pause(down)
    await until(lambda: not bench.queue._tasks, "its end")
    part = bench.there / "large.part"
    kept = part.stat().st_size
    assert kept > 0
    assert not (bench.there / "large").exists()
    bench.queue.resume(down)
    await over(down)
    assert (bench.there / "large").read_bytes() == content
    assert down.done == len(content)


async def test_a_cancelled_download_leaves_nothing(bench: Bench) -> None:
    await bench.put("large", os.urandom(24 * 2**20))
    down = bench.download("large")
    await until(lambda: 0 < down.done < down.total, "some of it")
    bench.queue.cancel(down)
    await until(lambda: not bench.queue._tasks, "its end")
    assert list(bench.there.iterdir()) == []
    assert down.state is State.CANCELLED
    bench.queue.resume(down)
    await over(down)


async def test_a_cancelled_upload_leaves_nothing(bench: Bench) -> None:
    """Not even what the server had of it, whether this program began it or an earlier run."""
    (bench.here / "large").write_bytes(os.urandom(64 * 2**20))
    for earlier in (False, True):
        up = bench.upload("large")
        await until(lambda up=up: up.tickets and up.done > 0, "some of it")  # type: ignore[misc]
        if earlier:
            bench.queue.pause(up)
            await until(lambda: not bench.queue._tasks, "its end")
            up.plan = None
        assert [item.name for item in await bench.place.items(".upload")]
        bench.queue.cancel(up)
        await until(lambda: not bench.queue._tasks and not bench.queue._withdrawing, "its end")
        assert await bench.place.items(".upload") == []
        assert up.state is State.CANCELLED


async def test_a_lost_connection_is_waited_for(bench: Bench) -> None:
    for i in range(30):
        (bench.here / f"{i}").write_bytes(b"x" * 1000)
    bench.gate.ready = False
    up = bench.upload(*(str(i) for i in range(30)))
    await over(up, State.WAITING)
    assert bench.queue.unfinished == [up]
    bench.gate.ready = True
    bench.queue.connection_changed(bench.gate)
    await over(up)
    assert len(await bench.place.items("")) == 30


async def test_a_server_that_fails_now_and_then_is_asked_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bai_tui.api import transfers
    from bai_tui.transfers import manager

    monkeypatch.setattr(transfers, "PAUSE", 0.001)
    monkeypatch.setattr(manager, "PAUSES", (0.01,))
    await bench.put("file", b"content")
    bench.cluster.faults.change(status=502, paths="download", times=8)
    down = await over(bench.download("file"))
    assert State.WAITING in bench.states
    assert (bench.there / "file").read_bytes() == b"content"
    assert down.note == ""


async def test_a_server_that_refuses_is_believed(bench: Bench) -> None:
    (bench.here / "file").write_text("x")
    bench.cluster.faults.change(status=500, paths="upload")
    up = await over(bench.upload("file"), State.FAILED)
    assert "500" in up.note
    bench.cluster.faults.clear()
    bench.queue.resume(up)
    await over(up)


async def test_one_bad_file_does_not_stop_the_others(bench: Bench) -> None:
    await bench.place.mkdir("three")  # a directory where a file shall go
    for name in ("one", "two", "three"):
        (bench.here / name).write_text(name)
    up = await over(bench.upload("one", "two", "three"), State.FAILED)
    assert up.failed_files == 1
    assert [name for name, _ in up.failures] == ["three"]
    assert {item.name for item in await bench.place.items("") if not item.is_dir} == {"one", "two"}
    assert (up.files_done, up.files, up.done, up.total) == (2, 3, 6, 11)
    await bench.place.delete(["three"])
    bench.queue.resume(up)
    await over(up)
    assert (up.files_done, up.done) == (3, 11)
    assert tree_of(await bench.place.items("")) == {"one", "two", "three"}


def tree_of(items: Sequence[Item]) -> set[str]:
    return {item.name for item in items if not item.is_dir}


async def test_what_cannot_work_is_said(bench: Bench, tmp_path: Path) -> None:
    (bench.here / "file").write_text("x")
    up = bench.upload("file")
    with pytest.raises(PlaceError, match="already"):
        bench.upload("file")
    await over(up)
    assert "not there any more" in (await over(bench.download("gone"), State.FAILED)).note
    bench.there.rmdir()
    assert "no directory" in (await over(bench.download("file"), State.FAILED)).note
    bench.place.permission = "ro"
    with pytest.raises(PlaceError, match="read-only"):
        bench.upload("file")


async def test_read_only_mode_pauses_uploads(bench: Bench) -> None:
    (bench.here / "file").write_text("x")
    bench.gate.ready = False
    up = await over(bench.upload("file"), State.WAITING)
    bench.gate.read_only = True
    bench.queue.connection_changed(bench.gate)
    assert (up.state, up.note) == (State.PAUSED, "read-only mode")


async def test_files_of_a_session(bench: Bench) -> None:
    name = f"t-{secrets.token_hex(4)}"
    session = bench.gate.session
    kernel = await session.Kernel.get_or_create(
        "python", client_token=name, resources={"cpu": 1, "mem": "128m"}
    )
    try:
        place = SessionPlace(bench.gate, name)
        (bench.here / "tree").mkdir()
        (bench.here / "tree" / "글.txt").write_text("안녕")
        (bench.here / "plain").write_text("plain")
        order = Order("upload", bench.way, place, ("tree", "plain"), str(bench.here), "sub")
        await over(bench.queue.add(order))
        assert {i.name for i in await place.items("sub")} == {"tree", "plain"}
        assert await place.read("sub/plain", 5, 3) == b"pla"
        names = ("sub/tree", "sub/plain")
        await over(
            bench.queue.add(Order("download", bench.way, place, names, "sub", str(bench.there)))
        )
        assert tree(bench.there) == {
            "tree": None,
            "tree/글.txt": "안녕".encode(),
            "plain": b"plain",
        }
        (bench.here / "big").write_bytes(bytes(2**20))
        order = Order("upload", bench.way, place, ("big",), str(bench.here), "")
        assert "1 MiB" in (await over(bench.queue.add(order), State.FAILED)).note
    finally:
        await kernel.destroy()


async def test_places_change_and_read_files(bench: Bench) -> None:
    await bench.put("a.txt", b"0123456789")
    place = bench.place
    assert await place.read("a.txt", 10, 4) == b"0123"
    await bench.put("empty", b"")
    assert await place.read("empty", 0, 4) == b""
    await place.mkdir("d")
    with pytest.raises(PlaceError, match="exists"):
        await place.mkdir("d")
    await place.rename("a.txt", "b.txt")
    with pytest.raises(PlaceError, match="exists"):
        await place.rename("b.txt", "d")
    await place.delete(["d", "b.txt", "empty"])
    assert await place.items("") == []
    local = LocalPlace()
    root = str(bench.here)
    await local.mkdir(f"{root}/x")
    await local.rename(f"{root}/x", "y")
    assert {item.name for item in await local.items(root)} == {"a.txt", "empty", "y"}
    assert await local.read(f"{root}/a.txt", 10, 2) == b"01"
    os.symlink("/nowhere", bench.here / "broken")
    assert [i.target for i in await local.items(root) if i.name == "broken"] == ["/nowhere"]
    await local.delete([f"{root}/{name}" for name in ("y", "a.txt", "broken")])
    assert {item.name for item in await local.items(root)} == {"empty"}
