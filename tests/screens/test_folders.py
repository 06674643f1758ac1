"""Virtual folders through the program: the list, both panes, sharing, hosts, transfers."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bai_tui.api import APIConfig, AsyncSession
from bai_tui.screens.folders.columns import COLUMNS
from bai_tui.screens.folders.model import Folder
from bai_tui.transfers import State
from bai_tui.transfers.ways import Way
from bai_tui.widgets.table.columns import Cell
from tests.conftest import ThreadedCluster
from tests.screens.driving import Driver, program
from tests.waiting import until

Config = Callable[..., APIConfig]


def unique() -> str:
    return f"v-{secrets.token_hex(4)}"


async def make(config: APIConfig, name: str, files: dict[str, bytes] | None = None) -> None:
    async with AsyncSession(config=config) as session:
        await session.VFolder.create(name)
        if files:
            with tempfile.TemporaryDirectory() as directory:
                write(Path(directory), files)
                await session.VFolder(name).upload(files, directory)


def write(root: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


async def drop(config: APIConfig, *names: str) -> None:
    async with AsyncSession(config=config) as session:
        for name in names:
            await session.VFolder(name).delete()


async def open_folder(d: Driver, name: str) -> None:
    await d.press("3")
    await d.shows("vfolders", name)
    await d.press("slash")
    await d.type(name)
    await d.press("enter", "enter")
    await d.shows(f"{name}:/")


@pytest.mark.parametrize(
    ("role", "size"),
    [("user", (80, 24)), ("admin", (120, 40)), ("superadmin", (200, 60))],
    ids=["user", "admin", "superadmin"],
)
async def test_the_life_of_a_folder(
    role: str, size: tuple[int, int], config_for: Config, tmp_path: Path
) -> None:
    """Create, rename, delete; the form checks, the deletion wants the name."""
    name, later = unique(), unique()
    async with program(config_for(role), tmp_path, size) as d:
        await d.press("3")
        await d.shows("live", "vfolders")
        await until(lambda: not d.app.screen.table.loading_rows, "the list")  # type: ignore[attr-defined]
        await d.press("n")
        await d.shows("new folder", "Owner", "local")
        await d.type("no spaces")
        await d.press("tab")
        await d.shows("only a-z A-Z 0-9")
        await d.press("shift+tab", "ctrl+a", "ctrl+k")
        await d.type(name)
        await d.shows(f"session.VFolder.create('{name}', host='local')")
        await d.press("enter")
        await d.shows(f"created {name}", "/10")
        await d.press("R")
        await d.shows(f"Rename {name}")
        await d.press("ctrl+a", "ctrl+k")
        await d.type(later)
        await d.press("enter")
        await d.shows(f"rename: {name}", f" {later} ")
        await d.press("ctrl+d")
        await d.shows("Delete the folder?", "Type")
        await d.type(name)
        await d.press("enter")
        await d.shows("Delete the folder?")
        await d.press("ctrl+a", "ctrl+k")
        await d.type(later)
        await d.press("enter")
        await d.shows(f"delete: {later}")
        table = d.app.screen.table  # type: ignore[attr-defined]
        await until(lambda: later not in {folder.name for folder in table.rows}, "its end")


async def test_later_servers_are_told_what_a_folder_is_for(
    config_for: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what sessions may do in it; this one is not, so there is nothing to choose."""
    async with program(config_for("user"), tmp_path, (80, 24)) as d:
        await d.press("3")
        await d.shows("live", "vfolders")
        await d.press("n")
        picture = await d.shows("new folder", "Host", "local")
        assert "Permission" not in picture
        await d.press("escape")
        offers = AsyncSession.offers
        later = ("VFolder.permission", "VFolder.usage_mode")
        monkeypatch.setattr(
            AsyncSession, "offers", lambda self, name: name in later or offers(self, name)
        )
        await d.press("n")
        await d.shows("Permission", "sessions read and write", "everything")
        await d.type("new")
        await d.shows("session.VFolder.create('new', host='local')")
        await d.press("tab", "tab", "tab", "right", "tab", "right")
        await d.shows("sessions only read", "input of sessions")
        await d.shows("usage_mode='data',", "permission='ro',")


async def test_files_go_both_ways(
    config_for: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Upload a tree with CJK names, look at it, make, rename, delete, download."""
    here = tmp_path / "here"
    (here / "데이터" / "안").mkdir(parents=True)
    (here / "데이터" / "안" / "읽기.txt").write_text("첫 줄\n[red]not markup\x1b[2J\n")
    monkeypatch.chdir(here)
    config, name = config_for("user"), unique()
    await make(config, name)
    async with program(config, tmp_path, (80, 24)) as d:
        await open_folder(d, name)
        await d.shows("The directory is empty.", "데이터/", "f5: there is nothing here to download")
        await d.press("U")  # nobody looked at what is under the other cursor
        await d.shows("upload: choose here", f"f5 uploads 데이터/ ▸ {name}:/")
        await d.press("f5")
        await d.shows("upload 데이터: 1 file", "데이터/")
        await d.press("tab")
        await until(lambda: d.app.screen.remote.table.row_count == 1)  # type: ignore[attr-defined]
        await d.press("enter")
        await d.shows(f"{name}:/데이터")
        await d.press("enter")
        await d.shows("읽기.txt")
        await d.press("enter")
        picture = await d.shows("첫 줄", "[red]not markup")
        assert "\x1b" not in picture
        await d.press("escape")
        await d.press("plus")
        await d.shows("New directory in")
        await d.type("made")
        await d.press("enter")
        await d.shows("made/", "made made/")
        await d.press("R")
        await d.shows("Rename made")
        await d.press("ctrl+a", "ctrl+k")
        await d.type("other")
        await d.press("enter")
        await d.shows("other/", "renamed made to other")
        await d.press("ctrl+d")
        await d.shows("Delete the directory from", "with all that is in it", "Type other")
        await d.type("other")
        await d.press("enter")
        await d.shows("deleted other")
        await d.hides("other/")
        await d.press("backspace")
        await d.shows(f"{name}:/데이터", "안/")
        await d.press("D")
        await d.shows("download 안: 1 file", "안/")
        assert (here / "안" / "읽기.txt").read_text().startswith("첫 줄")
        await d.press("D")
        await d.shows("Already there: 안", "Skip what is there", "Update", "as 안 (1)")
        await d.press("enter")
        await d.shows("0 files (1 skipped)")
        await d.press("T")
        await d.shows("transfers", "done", "100%")
        await d.press("K")
        await d.shows("3 forgotten", "Nothing moves")
    await drop(config, name)


async def test_a_transfer_is_paused_and_leaving_asks(
    cluster: ThreadedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config, name = cluster.config_for("user"), unique()
    await make(config, name, {"large": os.urandom(9 * 2**20)})
    cluster.faults.change(stall=3.0, paths="download_single")
    async with program(config, tmp_path, (120, 40)) as d:
        await open_folder(d, name)
        await d.shows("large")
        await d.press("D", "T")
        await d.shows("running", "↓1", "1 of 1 to go", "p pause", "P pause all")
        monkeypatch.setattr(Way, "ready", False)  # nothing moves, though it is tried on
        await d.shows("⚠ waiting", "goes on when the connection is back")
        monkeypatch.undo()
        monkeypatch.chdir(tmp_path)
        await d.shows("running")
        await d.press("q")
        await d.shows("Leave bai-tui while 1 thing runs?", "↓ large", "goes on in the next run")
        await d.press("enter")
        await d.hides("Leave bai-tui")
        await d.press("p")
        await d.shows("paused", "p go on", "P all go on")
        cluster.faults.clear()
        await d.press("p")
        await d.shows("done", "100%")
        assert (tmp_path / "large").stat().st_size == 9 * 2**20
        await d.press("enter")
        await d.shows("bytes     9,437,184 of 9,437,184", "took", "chosen:")
        await d.press("escape", "q")
        await until(lambda: not d.app.is_running, "the end")
    await drop(config, name)


async def test_a_transfer_is_given_up_and_tried_again(
    cluster: ThreadedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is left of it, on the disk or in its row."""
    monkeypatch.chdir(tmp_path)
    config, name = cluster.config_for("user"), unique()
    await make(config, name, {"large": os.urandom(9 * 2**20)})
    cluster.faults.change(stall=3.0, paths="download_single")
    async with program(config, tmp_path, (80, 24)) as d:
        await open_folder(d, name)
        await d.shows("large")
        await d.press("D", "T")
        await d.shows("running", "ctrl+d cancel")
        await d.press("ctrl+d")
        await d.shows("Give up the transfer?", "large", "Cancel", "Give up")
        await d.press("right", "enter")
        await d.shows("⊘ cancelled  ·  to ")
        assert not [file for file in os.listdir(tmp_path) if file.startswith("large")]
        cluster.faults.clear()
        await d.press("R")
        await d.shows("✓ done", "9MiB")
        assert (tmp_path / "large").stat().st_size == 9 * 2**20
    await drop(config, name)


async def test_the_cursor_goes_to_what_was_just_added(
    config_for: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But stays where it is while one looks on."""
    monkeypatch.chdir(tmp_path)
    config, name = config_for("user"), unique()
    await make(config, name, {"one": b"1", "two": b"2"})
    async with program(config, tmp_path, (80, 24)) as d:
        await open_folder(d, name)
        for file in ("one", "two"):
            await d.shows("one", "two", f"{name}:/")
            d.app.screen.remote.table.move_to_key(file)  # type: ignore[attr-defined]
            await d.press("D")
            await d.shows(f"download {file}: 1 file, 1B in less than 1s")
            await d.press("T")
            await d.shows(f"▸ ↓ {file}", "✓ done  ·  1B")
            await d.press("-")
    await drop(config, name)


async def test_everybodys_folders_tell_which_are_ours(config_for: Config, tmp_path: Path) -> None:
    mine, theirs = unique(), unique()
    await make(config_for(), mine)
    await make(config_for("user"), theirs)
    async with program(config_for(), tmp_path, (120, 40)) as d:
        await d.press("3")
        picture = await d.shows(mine, "own ", "HOST")
        assert not [word for word in ("SIZE", "STATUS", "USAGE") if word in picture]  # not told
        await d.press("A")
        await d.shows("everybody's", mine, theirs)
        rows = {f.name: f for f in d.app.screen.table.rows}  # type: ignore[attr-defined]
        assert (rows[mine].is_owner, rows[theirs].is_owner) == (True, False)
        await d.press("A")
        await d.hides(theirs)
    await drop(config_for(), mine)
    await drop(config_for("user"), theirs)


async def test_sharing_from_both_sides(config_for: Config, tmp_path: Path) -> None:
    """Invite, accept, change, revoke; decline."""
    config, name = config_for("user"), unique()
    await make(config, name, {"a.txt": b"shared"})
    async with (
        program(config, tmp_path / "one") as d,
        program(config_for("user2"), tmp_path / "two", (80, 24)) as e,
    ):
        await d.press("3")
        await d.shows(name)
        await d.press("slash")
        await d.type(name)
        await d.press("enter", "S")
        await d.shows("Nobody else may use")
        await d.press("n")
        await d.shows("invite", "E-mails")
        await d.type("nobody@localhost")
        await d.press("enter")
        await d.shows("it knows no user nobody@localhost")
        await d.press("ctrl+a", "ctrl+k")
        await d.type("user2@localhost")
        await d.press("tab", "left", "enter")
        await d.press("escape")
        await d.shows(".invite('ro', ['user2@localhost'])")
        await d.press("ctrl+g")
        await d.shows("invited user2@localhost", "◌ invited")
        await e.press("3")
        await e.shows("✉ 1 (i)")
        await e.press("i")
        await e.shows(name, "user@localhost", "ro")
        await e.press("enter")
        await e.shows("Accept", "Decline")
        await e.press("enter")
        await e.shows(f"accepted: {name}", "No invitation waits")
        await e.press("escape")
        await e.shows(name, "○ ro")
        await e.press("slash")
        await e.type(name)
        await e.press("enter", "enter")
        await e.shows("read-only", "a.txt")
        await e.press("U")
        await e.shows("read-only")
        await d.press("ctrl+r")
        await d.shows("● shared")
        await d.press("P")
        await d.shows("What user2@localhost may do")
        await d.press("down", "enter")
        await d.shows("user2@localhost may read and write", "◐ rw")
        await d.press("ctrl+d")
        await d.shows("Take", "away from user2@localhost?")
        await d.press("tab", "enter")
        await d.shows("may not use it any more", "Nobody else may use")
    await drop(config, name)


async def test_hosts_and_mounts_by_role(config_for: Config, tmp_path: Path) -> None:
    async with program(config_for("user"), tmp_path / "u") as d:
        await d.press("3")
        await d.shows("live")
        await d.press("H")
        picture = await d.shows("hosts", "host", "local", "default")
        assert "mount" not in picture.split("default")[1]
    async with program(config_for("superadmin"), tmp_path / "s", (80, 24)) as d:
        await d.press("3")
        await d.shows("live")
        await d.press("H")
        await d.shows("hosts", "local", "n mount")
        await d.shows("enter folders")
        await d.press("enter")
        await d.shows("/host:local")
        await d.press("escape", "H")
        await d.shows("hosts", "mount", "manager")
        await d.press("f")
        await d.shows("fstab of manager")
        await d.press("escape", "down")
        await d.shows("enter fstab")
        await d.press("enter")
        picture = await d.shows("fstab of manager")
        assert "follow" not in picture
        await d.press("escape", "n")
        await d.shows("Host name", "Source")
        await d.type("two")
        await d.press("tab")
        await d.type("/nowhere/at/all")
        await d.shows("mount_host('two', '/nowhere/at/all')")
        await d.press("ctrl+g")
        await d.shows("mount: ", "not everywhere")
        await d.press("ctrl+a", "ctrl+k")
        await d.type(str(tmp_path))
        await d.press("ctrl+g")
        await d.shows("mounted two", "/two ")
        await d.press("slash", *"name:two kind:mount", "enter", "ctrl+d")
        await d.shows("Unmount two on the manager and all agents?", "Type two")
        await d.press("escape")
        await d.shows("unmount: cancelled, nothing was done")
        await d.press("ctrl+d", *"tw", "enter")
        await d.shows("Unmount two")  # half a name is none
        await d.press("o", "enter")
        await d.shows("unmounted two")
        await d.hides("/two ")


async def test_read_only_mode_changes_nothing_there(
    config_for: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Downloads and local changes exist, everything else does not."""
    monkeypatch.chdir(tmp_path)
    config, name = config_for("user"), unique()
    await make(config, name, {"file.txt": b"content"})
    async with program(config, tmp_path, read_only=True) as d:
        await d.press("3")
        picture = await d.shows("[RO]", name)
        assert "n new" not in picture
        await d.press("n")
        await d.shows("new: read-only mode")
        await open_folder(d, name)
        picture = await d.shows("file.txt", "f5 download")
        assert "upload" not in picture
        for key in ("U", "plus", "R", "ctrl+d"):
            await d.press(key)
            await d.shows("read-only mode")
            assert d.app.screen.is_current
        await d.press("D")
        await d.shows("download file.txt: 1 file")
        await d.press("tab", "plus")
        await d.shows("New directory in")
        await d.type("mine")
        await d.press("enter")
        await d.shows("made mine/")
        assert (tmp_path / "mine").is_dir()
    await drop(config, name)


async def test_ten_thousand_files(
    cluster: ThreadedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, name = cluster.config_for("user"), unique()
    await make(config, name)
    async with AsyncSession(config=config) as session:
        info = await session.VFolder(name).info()
    root = cluster.cluster.context.folder_path(info["host"], info["id"])
    for i in range(10_000):
        (root / f"파일-{i:05}.bin").touch()
    async with program(config, tmp_path, (80, 24)) as d:
        await open_folder(d, name)
        await d.shows("파일-00000.bin")
        table = d.app.screen.table  # type: ignore[attr-defined]
        assert table.row_count == 10_000
        await d.press("G")
        await d.shows("파일-09999.bin")
        await d.press("slash")
        await d.type("77")
        await d.shows("/77")
        await d.press("enter")
        await until(lambda: 0 < table.shown_count < 1000)
    await drop(config, name)


async def test_the_server_dies_under_the_panes_and_a_transfer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows stay, changes are refused, the transfer waits and then goes on."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    first = ThreadedCluster(tmp_path / "state", port=port)
    first.start()
    config, name = first.config_for("user"), unique()
    await make(config, name, {"large": os.urandom(9 * 2**20), "small": b"x"})
    async with program(config, tmp_path) as d:
        await open_folder(d, name)
        await d.shows("large", "small")
        await asyncio.to_thread(first.stop)
        await d.shows("offline", "large", "small")
        await d.press("plus")
        await d.shows("not sent: offline")
        await d.press("D")
        await until(lambda: [t.state for t in d.app.transfers] == [State.WAITING], timeout=30)
        await d.press("T")
        await d.shows("waiting", "goes on when the connection is back")
        second = ThreadedCluster(tmp_path / "state", port=port)
        await asyncio.to_thread(second.start)
        try:
            await d.press("ctrl+r")
            await d.shows("live", "done", timeout=30)
            assert (here / "large").stat().st_size == 9 * 2**20
        finally:
            await asyncio.to_thread(second.stop)


async def test_errors_stay_where_they_happened(
    cluster: ThreadedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config, name = cluster.config_for("user"), unique()
    await make(config, name, {"d/file": b"x"})
    async with program(config, tmp_path, (80, 24)) as d:
        await open_folder(d, name)
        await d.shows("d/")
        cluster.faults.change(status=500, paths="files")
        await d.press("enter")
        await d.shows("list: The server failed", "d/")
        cluster.faults.change(status=0, stall=2.0, paths="files")
        await d.press("enter")
        await d.shows(f"{name}:/d", "…")
        await d.press("down")  # the old rows can be used meanwhile
        cluster.faults.clear()
        await d.shows("file", timeout=10)
        cluster.faults.change(status=500, paths="folders$")
        await d.press("3", "ctrl+r")
        await d.shows("refresh: The server failed", name)
        cluster.faults.clear()
    await drop(config, name)


async def test_files_of_a_session_and_a_picture(
    config_for: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be changed there is said; a picture is drawn in cells."""
    from PIL import Image

    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    Image.new("RGB", (100, 60), (200, 30, 30)).save(here / "red.png")
    config, name = config_for("user"), unique()
    async with AsyncSession(config=config) as session:
        kernel = await session.Kernel.get_or_create(
            "python", client_token=name, resources={"cpu": 1, "mem": "128m"}
        )
        async with program(config, tmp_path) as d:
            await d.press("2")
            await d.shows(name, "RUNNING")
            await d.press("slash")
            await d.type(name)
            await d.press("enter", "f")
            await d.shows(f"{name}:/home/work", "red.png")
            await d.press("tab", "greater_than_sign", "tab")
            await d.shows("upload red.png: 1 file")
            await d.press("plus")
            await d.shows("no such function for sessions")
            await until(lambda: d.app.screen.remote.table.row("red.png"))  # type: ignore[attr-defined]
            d.app.screen.remote.table.move_to_key("red.png")  # type: ignore[attr-defined]
            await d.press("enter")
            picture = await d.shows("▀" * 100, "picture 100x60")
            assert not [word for word in ("part", "search", "lines") if word in picture]
            await d.pilot.resize_terminal(80, 24)
            await until(lambda: d.picture.count(f" {'▀' * 70}\n") == 21, "a smaller one")
            await d.pilot.resize_terminal(120, 40)
        await kernel.destroy()


async def test_a_domain_admin_makes_a_folder_of_the_group(
    config_for: Config, tmp_path: Path
) -> None:
    config, name = config_for("admin"), unique()
    async with program(config, tmp_path, (80, 24)) as d:
        await d.press("3")
        await d.shows("live")
        await d.press("n")
        await d.shows("Owner", "local")
        await d.type(name)
        await d.press("tab", "right")
        await d.shows(f"'{name}',", "host='local',", "group='default',")
        await d.press("ctrl+g")
        await d.shows(f"created {name}", "group")
    await drop(config, name)


async def test_a_superadmin_sees_everybodys_folders(config_for: Config, tmp_path: Path) -> None:
    name = unique()
    await make(config_for("user"), name)
    async with program(config_for("superadmin"), tmp_path) as d:
        await d.press("3")
        await d.shows("live", "mine")
        assert name not in d.picture
        await d.press("A")
        await d.shows("everybody's", name, "user@localhost")
        await d.press("slash")
        await d.type(name)
        await d.press("enter", "ctrl+d")
        await d.shows("Delete the folder?", name, "user@localhost")
        await d.type(name)
        await d.press("enter")
        await d.shows(f"delete: {name}")


async def test_large_files_are_shown_in_parts(
    config_for: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config, name = config_for("user"), unique()
    lines = b"".join(b"line %06d \xea\xb0\x80\n" % i for i in range(200_000))
    await make(config, name, {"a.log": lines, "b.bin": bytes(range(256)) * 200})
    async with program(config, tmp_path, (80, 24)) as d:
        await open_folder(d, name)
        await d.shows("a.log")
        await d.press("enter")
        await d.shows("line 000000 가", "part 1: 0-781Ki of 3.1MiB", "] next part")
        await d.press("left_square_bracket")
        await d.shows("this is the beginning of the file")
        await d.press("right_square_bracket")
        await d.shows("line 049999 가", "part 2: 781Ki-1.5Mi")
        await d.press("left_square_bracket")
        await d.shows("line 000000", "part 1")
        await d.press("right_curly_bracket")
        await d.shows("part 2: 2.3Mi-3.1Mi")
        await d.press("G", "right_square_bracket")
        await d.shows("line 199999", "this is the end of the file")
        await d.press("escape", "down", "enter")
        await d.shows("binary  ", "part 1: 0-16Ki of 50KiB", "000000f0  f0 f1")
        await d.press("right_square_bracket")
        await d.shows("00004000  00 01")
    await drop(config, name)


def test_a_folder_in_the_trash_is_told_without_colour() -> None:
    (name,) = [column for column in COLUMNS if column.key == "name"]
    for status, glyph in (("ready", ""), ("delete-pending", "⌫")):
        folder = Folder.from_wire({"id": "i", "name": "data", "host": "h", "status": status})
        cell = name.render(folder)
        assert isinstance(cell, Cell)
        assert (cell.text, cell.glyph) == ("data", glyph)
