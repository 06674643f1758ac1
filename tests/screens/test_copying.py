"""Copying between the panes: what clashes, odd names, the mouse."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bai_tui.api import APIConfig, AsyncSession
from bai_tui.screens.folders.copying import free_name
from tests.screens.driving import Driver, program
from tests.screens.test_folders import drop, make, open_folder, unique
from tests.waiting import until

Config = Callable[..., APIConfig]
ODD = ("-rf", "line\nbreak", "esc\x1b[31m", "데이터 🎉", "100%", 'quo"te', "a;b&c$(d)", " space ")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


def empty(directory: Path) -> None:
    for entry in list(directory.iterdir()):
        if entry.is_dir():
            empty(entry)
            entry.rmdir()
        else:
            entry.unlink()


def at(d: Driver, text: str, *, right: bool = False) -> tuple[int, int]:
    """Where a text stands on the screen, in the right half if asked."""
    from rich.cells import cell_len

    for y, line in enumerate(d.picture.splitlines()):
        x = line.rfind(text) if right else line.find(text)
        if x >= 0 and (cell_len(line[:x]) >= d.app.size.width // 2) == right:
            return cell_len(line[:x]), y
    raise AssertionError(f"{text!r} is not there:\n{d.picture}")


async def click(
    d: Driver, text: str, times: int = 1, *, right: bool = False, button: int = 1
) -> None:
    await d.pilot.click(offset=at(d, text, right=right), times=times, button=button)


async def test_every_answer_to_a_clash(config_for: Config, tmp_path: Path, here: Path) -> None:
    config, name = config_for("user"), unique()
    await make(config, name, {"old.txt": b"remote", "same.txt": b"12", "mixed/x": b"x"})
    for file, text in (("old.txt", "longer here"), ("same.txt", "34"), ("mixed", "a file")):
        (here / file).write_text(text)
    os.utime(here / "same.txt", (0, 0))  # older than what is there

    async def remote() -> dict[str, bytes]:
        async with AsyncSession(config=config) as session:
            folder = session.VFolder(name)
            found = await folder.entries()
            return {e.name: await folder.read_file(e.name, 99) for e in found if not e.is_dir}

    async with program(config, tmp_path, (80, 24)) as d:
        await open_folder(d, name)
        await d.shows("mixed/")
        await d.press("tab", "asterisk", "f5")
        picture = await d.shows("Already there: mixed, old.txt and 1 more", "Keep both")
        assert picture.count("mixed: a file and a directory") == 2  # neither updated nor replaced
        await d.press("enter")
        await d.shows("upload old.txt and 1 more: 0 files (2 skipped)")
        assert await remote() == {"old.txt": b"remote", "same.txt": b"12"}
        await d.press("slash", *"txt", "enter", "asterisk", "f5")
        await d.shows("Already there: old.txt, same.txt")
        await d.press("down", "enter")
        await d.shows("1 file (1 skipped)")
        assert await remote() == {"old.txt": b"longer here", "same.txt": b"12"}
        await d.press("asterisk", "f5")
        await d.shows("as old (1).txt")
        await d.press("up", "down", "down", "down", "enter")
        await d.shows("2 files, 13B")
        assert set(await remote()) == {"old.txt", "same.txt", "old (1).txt", "same (1).txt"}
        await d.press("asterisk", "f5")
        await d.shows("Already there")
        await d.press("escape")
        await d.shows("cancelled, nothing was moved")
        await d.press("backslash", "f5")
        await d.shows("what is there stays: 11B,", "what is there is lost: now 11B,", " old")
        await d.press("escape")
    await drop(config, name)


async def test_odd_names_go_both_ways(config_for: Config, tmp_path: Path, here: Path) -> None:
    config, name = config_for("user"), unique()
    await make(config, name)
    for odd in ODD:
        (here / odd).write_text(odd)
    (here / "dir\n1").mkdir()
    (here / "dir\n1" / "inner\x07").write_text("x")
    os.symlink("-rf", here / "link")
    os.symlink("/nowhere", here / "broken")
    async with program(config, tmp_path, (80, 24)) as d:
        await open_folder(d, name)
        await d.press("tab")
        picture = await d.shows("link → -rf", "broken → /nowhere", "dir␊1/", "esc␛[31m")
        assert "\x1b" not in picture
        await d.press("asterisk", "f5")
        await until(lambda: [t.over for t in d.app.transfers] == [True])
        (up,) = d.app.transfers
        assert up.failures == [("broken", "No such file or directory")]
        empty(here)
        await d.press("tab", "ctrl+r")
        await d.shows("dir␊1/")
        await until(lambda: d.app.screen.remote.table.row_count == len(ODD) + 2)  # type: ignore[attr-defined]
        await d.press("asterisk", "f5")
        await until(lambda: [t.over for t in d.app.transfers] == [True, True])
        assert set(os.listdir(here)) == {*ODD, "dir\n1", "link"}
        assert all((here / odd).read_text() == odd for odd in ODD)
        assert (here / "dir\n1" / "inner\x07").read_text() == "x"
    await drop(config, name)


async def test_the_panes_by_mouse(config_for: Config, tmp_path: Path, here: Path) -> None:
    """Choose, enter, look at, go up, scroll, menu, copy: without a key."""
    config, name = config_for("user"), unique()
    await make(config, name, {f"dir/file{i:03}": b"text" for i in range(60)})
    (here / "mine").write_text("x")
    async with program(config, tmp_path, (80, 24)) as d:
        await open_folder(d, name)
        await d.shows("dir/")
        await click(d, "dir/", 2, right=True)
        await d.shows("file000", f"{name}:/dir")
        browser = d.app.screen
        remote = browser.remote  # type: ignore[attr-defined]
        x, y = at(d, "file003", right=True)
        await d.pilot._post_mouse_events([_wheel()], offset=(x, y))
        await until(lambda: remote.table.scroll_y > 0, "the wheel")
        remote.table.scroll_y = 0
        await d.shows("file002")
        await d.pilot.click(offset=at(d, "file001", right=True), control=True)
        await click(d, "file002", right=True)
        await d.shows("1 marked")
        await click(d, "mine")
        await d.shows(f"f5 uploads mine (1B) ▸ {name}:/dir")
        await click(d, "mine", button=3)
        await d.shows("Actions", "upload", "mkdir")
        await d.press("escape")
        await click(d, "f5 upload ")
        await d.shows("upload mine: 1 file")
        await click(d, "file002", 2, right=True)
        await d.shows("text", "file002")
        await d.press("escape")
        await click(d, f"◂ {name}:/dir", right=True)
        await d.hides(f"{name}:/dir")
        await d.shows("dir/")
    await drop(config, name)


def _wheel() -> type:
    from textual.events import MouseScrollDown

    return MouseScrollDown


async def test_what_this_machine_refuses(config_for: Config, tmp_path: Path, here: Path) -> None:
    """Directories one may not read, write or leave; names that are no text."""
    config, name = config_for("user"), unique()
    await make(config, name, {"file": b"x"})
    (here / "latin").write_text("x")
    os.rename(here / "latin", os.fsencode(here) + b"/latin-\xe9")
    (here / "good").write_text("x")
    async with program(config, tmp_path, (80, 24)) as d:
        await open_folder(d, name)
        await d.press("tab", "asterisk", "f5")
        await d.shows("1 of 2 files failed")
        assert "its name is no text" in next(iter(d.app.transfers)).note
        await d.press("colon", *"cd /nowhere", "enter")
        await d.shows("list:")
        await d.press("tab", "ctrl+r")
        await d.shows("good")
        os.rename(here, tmp_path / "elsewhere")
        await d.press("f5")
        await until(lambda: [t.over for t in d.app.transfers] == [True, True])
        assert "no directory here" in list(d.app.transfers)[1].note
    await drop(config, name)


@given(st.text(min_size=1), st.sets(st.text(min_size=1)), st.booleans())
def test_a_free_name_is_free(name: str, taken: set[str], is_dir: bool) -> None:
    found = free_name(name, taken | {name}, is_dir=is_dir)
    assert found not in taken | {name}
    assert "(" in found


def test_free_names_keep_their_ending() -> None:
    assert free_name("a.tar.gz", {"a.tar.gz", "a.tar (1).gz"}) == "a.tar (2).gz"
    assert free_name(".bashrc", ()) == ".bashrc (1)"
    assert free_name("v1.2", (), is_dir=True) == "v1.2 (1)"
