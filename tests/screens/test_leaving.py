"""Leaving the program, and switching to another cluster, while something runs."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from bai_tui import profiles
from bai_tui.api import AsyncSession
from bai_tui.screens.view import View
from bai_tui.targets import LocalTarget
from bai_tui.transfers import State
from tests.conftest import ThreadedCluster
from tests.screens.driving import program
from tests.screens.test_connections import profile_of
from tests.screens.test_folders import drop, make, open_folder, unique
from tests.waiting import until

SIZE = 9 * 2**20


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of one's own, and settings without a keyring."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


async def test_a_transfer_is_left_and_goes_on_in_the_next_run(
    cluster: ThreadedCluster, tmp_path: Path, home: Path
) -> None:
    config, name = cluster.config_for("user"), unique()
    await make(config, name, {"large": os.urandom(SIZE)})
    cluster.faults.change(stall=3.0, paths="download_single")
    async with program(config, tmp_path, (80, 24)) as d:
        await open_folder(d, name)
        await d.shows("large")
        await d.press("D")
        await d.shows("↓1")
        await d.press("ctrl+q")
        await d.shows("Leave bai-tui while 1 thing runs?", "↓ large", "goes on in the next run")
        await d.press("y")
        await until(lambda: not d.app.is_running, "the end")
    cluster.faults.clear()
    async with program(config, tmp_path, (80, 24)) as d:
        await d.shows("live", "A transfer was not finished", "‖1")
        await d.press("T")
        await d.shows("paused", "earlier run")
        await d.press("p")
        await d.shows("done", "100%")
        assert (home / "large").stat().st_size == SIZE
    async with program(config, tmp_path, (80, 24)) as d:
        await d.shows("live")
        await until(lambda: d.app.transfers.loaded)
        assert len(d.app.transfers) == 0
    await drop(config, name)


async def test_switching_asks_and_a_transfer_waits_for_its_cluster(
    cluster: ThreadedCluster, tmp_path: Path, home: Path
) -> None:
    config, name = cluster.config_for("user"), unique()
    profiles.save(profile_of(config, "mine"))
    profiles.save(profile_of(cluster.config_for("user2"), "theirs"))
    await make(config, name, {"large": os.urandom(SIZE)})
    async with program(config, tmp_path) as d:
        await d.shows("live")
        d.app.show_view("connections", "mine")
        await d.shows("mine ▸ connections", "live")
        cluster.faults.change(stall=3.0, paths="download_single")
        await open_folder(d, name)
        await d.shows("large")
        await d.press("D")
        await d.shows("↓1")
        (transfer,) = d.app.transfers
        d.app.show_view("connections", "theirs")
        await d.shows("Switch to theirs while 1 thing runs?", "waits until mine is in use again")
        await d.press("escape")
        await d.hides("Switch to theirs")
        assert transfer in d.app.transfers.active
        d.app.show_view("connections", "theirs")
        await d.shows("Switch to theirs")
        await d.press("y")
        await d.shows("theirs ▸ connections", "live")
        await until(lambda: transfer.state is State.WAITING, transfer.note)
        cluster.faults.clear()
        await d.press("T")
        await d.shows("waiting", "belongs to mine, which is not in use")
        await d.press("R")
        await d.shows("waiting", "belongs to mine, which is not in use")
        d.app.show_view("connections", "mine")
        await d.shows("mine ▸ connections", "live")
        await until(lambda: transfer.state is State.DONE, transfer.note)
        assert (home / "large").stat().st_size == SIZE
    await drop(config, name)


async def test_terminals_and_code_are_named(
    cluster: ThreadedCluster, tmp_path: Path, home: Path
) -> None:
    config, name = cluster.config_for("user"), unique()
    async with AsyncSession(config=config) as session:
        kernel = await session.Kernel.get_or_create(
            "python", client_token=name, resources={"cpu": 1, "mem": "128m"}
        )
        async with program(config, tmp_path, (80, 24)) as d:
            await d.shows(name, "RUNNING")
            await d.press("slash")
            await d.type(name)
            await d.press("enter", "s")
            await d.shows("live (pty)")
            await d.press("ctrl+right_square_bracket", "d")
            await d.shows("sessions")
            await d.press("q")
            await d.shows("Leave bai-tui while 1 thing runs?", f"terminal of {name}", "is closed")
            await d.press("escape", "q")
            await d.shows("Leave bai-tui")
            await d.press("q")  # no second dialog
            assert len(d.app.screen_stack) == 2
            await d.press("y")
            await until(lambda: not d.app.is_running, "the end")
        await kernel.destroy()


async def test_whose_sessions_end_with_the_program(tmp_path: Path) -> None:
    """A cluster that another program runs goes on without us."""
    ours, other = LocalTarget(tmp_path), LocalTarget(tmp_path)
    assert not ours.ends_with_us
    try:
        await ours.resolve()
        await other.resolve()
        assert ours.ends_with_us
        assert not other.ends_with_us
    finally:
        await other.close()
        await ours.close()


async def test_the_clock_asks_nothing_of_views_that_are_being_closed(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    async with program(cluster.config_for("user"), tmp_path) as d:
        await d.shows("live")
        closing = asyncio.create_task(d.app._shutdown())
        while not closing.done():
            d.app._tick()
            await asyncio.sleep(0)
        await closing


async def test_what_is_said_after_the_last_screen_is_kept(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    async with program(cluster.config_for("user"), tmp_path) as d:
        await d.shows("live")
        view = d.app.screen
    assert isinstance(view, View)
    assert not d.app.screen_stack
    with d.app._context():
        view.flash("the terminal ended")
    assert [*d.app.journal][-1].text == "the terminal ended"
