"""What a later run of the program does with transfers that an earlier one left."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bai_tui.files import FolderPlace, SessionPlace
from bai_tui.transfers import Order, State, Transfer, Transfers
from bai_tui.transfers.kept import ENDING, Kept, load, order_from_json, order_to_json
from bai_tui.transfers.model import Mark
from bai_tui.transfers.ways import Cluster, Ways
from tests.transfers.bench import Bench, over, tree
from tests.waiting import until

MiB = 2**20


async def kill_in_the_middle(bench: Bench, direction: str, names: list[str], at: int) -> None:
    """Another program begins the transfer and is killed when `at` bytes have moved."""
    up = direction == "upload"
    config = bench.gate.session.config
    what = {
        "endpoint": str(config.endpoint),
        "access_key": config.access_key,
        "secret_key": config.secret_key,
        "kept": str(bench.queue.directory),
        "folder": bench.place.label,
        "direction": direction,
        "names": names,
        "source": str(bench.here) if up else "",
        "target": "" if up else str(bench.there),
        "kill_at": at,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.transfers.interrupted", json.dumps(what)
    )
    assert await process.wait() == -signal.SIGKILL


async def picked_up(bench: Bench) -> tuple[Transfers, Transfer]:
    """A new queue with what the old one left."""
    queue = Transfers(directory=bench.queue.directory)
    queue.connection_changed(bench.gate)
    (transfer,) = await queue.load()
    assert transfer.state is State.PAUSED
    assert "earlier run" in transfer.note
    queue.connection_changed(bench.gate)
    return queue, transfer


def records(bench: Bench) -> list[Path]:
    assert bench.queue.directory is not None
    return list(bench.queue.directory.glob(f"*{ENDING}"))


async def test_a_killed_upload_goes_on_where_the_server_stands(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, size in (("large", 40 * MiB), ("small", 10), ("middle", 9 * MiB)):
        (bench.here / name).write_bytes(os.urandom(size))
    await kill_in_the_middle(bench, "upload", ["large", "middle", "small"], 33 * MiB)
    (path,) = records(bench)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert bench.gate.session.config.secret_key not in path.read_text()
    queue, up = await picked_up(bench)
    assert up.total == 49 * MiB + 10
    begun = count_uploads(bench, monkeypatch)
    at_least = 49 * MiB
    moved = Transfer.moved

    def lowest(self: Transfer, count: int, name: str) -> None:
        nonlocal at_least
        moved(self, count, name)
        if name == "large":
            at_least = min(at_least, self.done)

    monkeypatch.setattr(Transfer, "moved", lowest)
    queue.resume(up)
    await over(up)
    assert up.done == up.total
    assert at_least >= 16 * MiB  # not from the beginning
    assert up.recovered >= 16 * MiB
    assert "large" not in begun
    await queue.close()
    assert records(bench) == []
    down = await over(bench.download("large", "small", "middle"))
    assert down.files_done == 3
    assert tree(bench.there) == tree(bench.here)


def count_uploads(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the uploads that are begun anew from now on."""
    from bai_tui.api.functions.vfolder_files import VFolderFiles

    begun: list[str] = []
    call = VFolderFiles.call

    async def counted(self: VFolderFiles, method: str, path: str, *rest: object, **more: object):  # type: ignore[no-untyped-def]
        if path.endswith("/create_upload_session"):
            begun.append(rest[0]["path"])  # type: ignore[index]
        return await call(self, method, path, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(VFolderFiles, "call", counted)
    return begun


async def test_a_killed_download_goes_on_at_its_part(bench: Bench) -> None:
    content = os.urandom(40 * MiB)
    await bench.put("large", content)
    await kill_in_the_middle(bench, "download", ["large"], 17 * MiB)
    kept = (bench.there / "large.part").stat()
    assert kept.st_size >= 16 * MiB
    queue, down = await picked_up(bench)
    seen: list[int] = []
    down.moved = lambda count, name: seen.append(count)  # type: ignore[method-assign]
    queue.resume(down)
    await over(down)
    await queue.close()
    assert seen[0] == kept.st_size == down.recovered
    assert (bench.there / "large").read_bytes() == content


async def test_a_file_that_changed_meanwhile_is_sent_anew(bench: Bench) -> None:
    (bench.here / "large").write_bytes(os.urandom(20 * MiB))
    await kill_in_the_middle(bench, "upload", ["large"], 17 * MiB)
    later = os.urandom(20 * MiB)
    (bench.here / "large").write_bytes(later)
    queue, up = await picked_up(bench)
    queue.resume(up)
    await over(up)
    await queue.close()
    await over(bench.download("large"))
    assert (bench.there / "large").read_bytes() == later


async def test_an_upload_that_the_server_forgot_begins_again(bench: Bench) -> None:
    (bench.here / "large").write_bytes(os.urandom(20 * MiB))
    await kill_in_the_middle(bench, "upload", ["large"], 17 * MiB)
    (path,) = records(bench)
    lines = path.read_text().splitlines()
    for i, line in enumerate(lines):
        record = json.loads(line)
        if "ticket" in record:
            lines[i] = json.dumps(record | {"ticket": "forgotten"})
    path.write_text("\n".join(lines) + '\n{"done": [["lar')  # and a line that was cut off
    queue, up = await picked_up(bench)
    queue.resume(up)
    await over(up)
    await queue.close()
    assert "large" in {item.name for item in await bench.place.items("")}


async def test_two_programs_do_not_take_the_same_transfer(bench: Bench) -> None:
    (bench.here / "file").write_text("x")
    bench.gate.ready = False
    up = await over(bench.upload("file"), State.WAITING)
    assert bench.queue.directory is not None
    # Even within one process locks belong to open files.
    assert load(bench.queue.directory, Ways().to) == []
    bench.queue.cancel(up)
    assert records(bench) == []


async def test_a_transfer_waits_for_its_own_cluster_and_user(bench: Bench) -> None:
    """Another connection comes into use, and then the right one again."""
    (bench.here / "file").write_text("x")
    bench.gate.ready = False
    up = await over(bench.upload("file"), State.WAITING)
    other = type(bench.gate)(bench.gate.session)
    other.label, other.endpoint = "other", "http://other.example"
    bench.queue.connection_changed(other)
    assert bench.way.connection is None
    bench.queue.resume(up)
    await over(up, State.WAITING)
    assert "test, which is not in use" in up.note
    bench.gate.ready = True
    bench.queue.connection_changed(bench.gate)
    await over(up)


async def test_what_cannot_be_kept_moves_all_the_same(bench: Bench) -> None:
    assert bench.queue.directory is not None
    bench.queue.directory.write_text("a file where the directory should be")
    (bench.here / "file").write_text("x")
    await over(bench.upload("file"))


names = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=20)


@given(
    st.sampled_from(["upload", "download"]),
    st.lists(names, min_size=1, max_size=3),
    names,
    st.booleans(),
)
def test_orders_survive_the_disk(direction, chosen, target, session) -> None:  # type: ignore[no-untyped-def]
    ways = Ways()
    way = ways.to(Cluster("lab", "http://lab.example", "AK"))
    place = SessionPlace(way, "s", "OWNER") if session else FolderPlace(way, "f", "ro")
    order = Order(direction, way, place, tuple(chosen), "/a", target, "update", (("a", "b"),))
    again = order_from_json(json.loads(json.dumps(order_to_json(order))), ways.to)
    assert again.same == order.same
    assert order_to_json(again) == order_to_json(order)


def test_damaged_records_are_left_alone(tmp_path: Path, config_for: Callable[..., object]) -> None:
    good = Ways().to(Cluster("lab", "", "AK"))
    kept = Kept.new(tmp_path, Order("upload", good, FolderPlace(good, "f"), ("a",), "/x", ""))
    assert kept is not None
    kept.done([Mark("a", 1, 2), Mark("\udcff", 3, 4)])
    kept.close()
    for text in ("", "{}\n", "[]\n", '{"order": {"direction": "upload"}}\n', "\x00\xff\n"):
        (tmp_path / f"{secrets.token_hex(4)}{ENDING}").write_text(text)
    (found,) = load(tmp_path, Ways().to)
    assert found.finished == {"a": Mark("a", 1, 2), "\udcff": Mark("\udcff", 3, 4)}
    found.kept.close()


async def test_nothing_is_left_of_transfers_that_are_over(bench: Bench) -> None:
    (bench.here / "file").write_text("x")
    up = await over(bench.upload("file"))
    assert records(bench) == []
    down = await over(bench.download("gone"), State.FAILED)
    assert len(records(bench)) == 1
    bench.queue.cancel(down)
    await until(lambda: records(bench) == [])
    bench.queue.forget(up)
    assert up not in list(bench.queue)
