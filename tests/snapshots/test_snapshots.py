"""Every screen at three sizes, in a dark, a light and the terminal's own theme, as approved.

A difference is shown line by line. When it is meant: `pytest tests/snapshots --update-snapshots`,
and look at what `git diff` says. `--pictures DIRECTORY` draws them for the eye as well.
"""

from __future__ import annotations

import difflib
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from bai_tui import connection
from bai_tui.api import AsyncSession
from bai_tui.screens import status
from bai_tui.screens.terminal import TerminalsView
from bai_tui.settings import Settings
from bai_tui.transfers import State
from bai_tui.widgets.bars import Flash
from tests.conftest import ThreadedCluster
from tests.screens.driving import Driver, program
from tests.screens.test_all_views import outside
from tests.snapshots.cluster import same_cluster, write_files
from tests.snapshots.picture import Shot, drawn, shoot, together
from tests.snapshots.scenes import (
    LOST,
    OF_A_USER,
    OVER_VIEWS,
    READ_ONLY,
    VIEWS,
    WAITING,
    Scene,
)
from tests.waiting import until

KEPT = Path(__file__).parent / "kept"
THEMES = ("bai", "bai-light", "ansi-dark")
SIZES = ((80, 24), (120, 40), (200, 60))
PATIENCE = 30.0
"""Seconds a screen has to become what was approved; for all that are not there is no more."""

pytestmark = pytest.mark.timeout(900)  # hundreds of pictures, on machines that have other work, too


class Looks:
    """Compares what there is with what was approved, or approves it."""

    def __init__(self, update: bool, pictures: str | None = None) -> None:
        self.update = update
        self.pictures = Path(pictures) if pictures else None
        self.wrong: list[str] = []
        self._patience = PATIENCE

    async def walk(self, driver: Driver, scenes: Sequence[Scene]) -> None:
        """Go to each scene and look at it."""
        for scene in scenes:
            await go(driver, scene)
            await self.at(driver, scene.name)
            for key in scene.after:
                await driver.press(key)

    async def at(self, driver: Driver, name: str) -> None:
        """Look at what is shown."""
        await settled(driver)
        if self.pictures is not None:
            self.pictures.mkdir(parents=True, exist_ok=True)
            await look(driver, name, self.pictures)
        if self.update:
            now: dict[str, str] = {}

            async def all_alike() -> bool:
                before = dict(now)
                now.update(await look(driver, name))
                return "" not in now.values() and before == now

            await until(all_alike, f"{driver.app.screen} to stand still", timeout=60)
            for path, text in now.items():
                approve(path, text)
            return
        began, now = time.monotonic(), {}
        while True:
            now = await look(driver, name)
            wrong = {path: text for path, text in now.items() if text != kept(path)}
            if not wrong:
                return
            waited = time.monotonic() - began
            if waited > self._patience:
                break
        self._patience = max(0.0, self._patience - waited)
        for path, text in wrong.items():
            lines = (kept(path).splitlines(), text.splitlines())
            how = difflib.unified_diff(*lines, f"{path} approved", "now", lineterm="", n=1)
            self.wrong += how if text else [f"{path}: not the same text in all themes"]

    def report(self) -> None:
        """Fail with all differences."""
        advice = "meant? pytest tests/snapshots --update-snapshots"
        assert not self.wrong, "\n".join([*self.wrong, "", advice])


@pytest.fixture
def looks(request: pytest.FixtureRequest) -> Looks:
    return Looks(
        request.config.getoption("--update-snapshots"), request.config.getoption("--pictures")
    )


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadedCluster]:
    """The same one every time; one works in a directory that is the same, too."""
    state = Path(tempfile.mkdtemp(prefix="bai-", dir="/tmp"))  # views show it: always as long
    here = state / "here"
    here.mkdir()
    write_files(here)
    monkeypatch.setenv("HOME", str(tmp_path))
    # What is measured and asked again would go on while one looks.
    monkeypatch.setattr(Settings, "interval", lambda self, name: 86_400.0)
    monkeypatch.chdir(here)
    try:
        with same_cluster(state, monkeypatch) as running:
            yield running
    finally:
        shutil.rmtree(state, ignore_errors=True)


@pytest.mark.parametrize("scenes", [VIEWS, OVER_VIEWS], ids=["views", "over-views"])
async def test_every_screen_looks_as_approved(
    scenes: Sequence[Scene], looks: Looks, cluster: ThreadedCluster, tmp_path: Path
) -> None:
    async with program(cluster.config_for(), tmp_path) as driver:
        await driver.shows("live")
        await looks.walk(driver, scenes)
    looks.report()


async def test_every_state_looks_as_approved(
    looks: Looks, cluster: ThreadedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a user without rights, read-only, waiting, without a server."""
    monkeypatch.setattr(connection, "DELAYS", (5000.0,))  # else the seconds are told that are left
    monkeypatch.setattr(status, "STALE_AFTER", 0.0)
    async with program(cluster.config_for("user"), tmp_path / "user") as driver:
        await driver.shows("live")
        await looks.walk(driver, OF_A_USER)
    async with program(cluster.config_for(), tmp_path) as driver:
        await driver.shows("live")
        driver.app.set_read_only(True)
        await looks.walk(driver, READ_ONLY)
        driver.app.set_read_only(False)
        await looks.walk(driver, WAITING)
        cluster.stop()
        await driver.shows("offline")
        await looks.walk(driver, LOST)
    looks.report()


async def test_transfers_look_as_approved(
    looks: Looks, cluster: ThreadedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is done, and one that waits for a server that is gone."""
    monkeypatch.setattr(connection, "DELAYS", (5000.0,))
    async with program(cluster.config_for(), tmp_path) as driver:
        await driver.shows("live")
        await go(driver, Scene("", "vfolders", "@models", ("enter", "tab", "G", "f5")))
        queue = driver.app.transfers
        await until(lambda: [t.state for t in queue] == [State.DONE], "the file to be there")
        cluster.stop()
        await driver.shows("offline")
        await driver.press("k", "f5")
        await until(lambda: [*queue][-1].state is State.WAITING, "the next file to wait")
        await looks.walk(driver, [Scene("lost-transfers", "transfers")])
    looks.report()


async def test_a_terminal_looks_as_approved(
    looks: Looks, cluster: ThreadedCluster, tmp_path: Path
) -> None:
    async with program(cluster.config_for(), tmp_path) as driver:
        await driver.shows("live")
        await in_a_terminal(driver, cluster)
        await looks.at(driver, "terminal")
        await driver.press("ctrl+right_square_bracket", "d")
    looks.report()


async def in_a_terminal(driver: Driver, cluster: ThreadedCluster) -> None:
    """A shell that says always the same, in colours."""
    async with AsyncSession(config=cluster.config_for()) as session:
        await session.Kernel.get_or_create("python", client_token="in-a-terminal")
    driver.app.show_view("terminals", "in-a-terminal")
    await driver.shows("live (pty)")
    view = driver.app.screen
    assert isinstance(view, TerminalsView)
    await driver.type("PS1='% '; clear; printf '\\033[1;32m%s\\033[0m %s\\n' one 둘\n")
    await driver.shows("one 둘", "%")


def kept(name: str) -> str:
    """The approved text; empty when there is none."""
    path = KEPT / f"{name}.txt"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def approve(name: str, text: str) -> None:
    """Keep what there is now."""
    path = KEPT / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


async def go(driver: Driver, scene: Scene) -> None:
    """Walk to a scene; what the last key did is waited for where it is looked at."""
    app = driver.app
    if scene.view == "settings":  # which tell the theme
        app.theme = THEMES[0]
    app.show_view(scene.view, scene.argument)
    await until(lambda: app.current_mode == scene.view)
    for flash in app.screen.query(Flash):
        flash.clear()
    for key in scene.keys:
        await settled(driver)
        await driver.press(key)


async def look(driver: Driver, name: str, pictures: Path | None = None) -> dict[str, str]:
    """The screen at all sizes in all themes; empty where these have not the same text."""
    app, found = driver.app, dict[tuple[tuple[int, int], str], Shot]()
    for theme in sorted(THEMES, key=lambda theme: theme != app.theme):  # one change less
        app.theme = theme
        for size in SIZES:
            await until(partial(fitted, driver, size), f"{name} to fit into {size}")
            found[size, theme] = shoot(app)
            if pictures is not None:
                picture = pictures / f"{name}-{size[0]}x{size[1]}-{theme}.svg"
                picture.write_text(drawn(app), encoding="utf-8")
    texts = {}
    for size in SIZES:
        shots = {theme: found[size, theme] for theme in THEMES}
        alike = len({shot.lines for shot in shots.values()}) == 1
        texts[f"{size[0]}x{size[1]}/{name}"] = together(shots) if alike else ""
    return texts


async def fitted(driver: Driver, size: tuple[int, int]) -> bool:
    """Whether everything was laid out for this size, and nothing sticks out of the small one."""
    await driver.pilot.resize_terminal(*size)
    screen = driver.app.screen
    if size != driver.app.size or not size == screen.size == screen._compositor.size:
        return False
    return size != SIZES[0] or not outside(screen, *size)


async def settled(driver: Driver) -> None:
    """Everything asked for has come, and was painted."""
    app = driver.app
    seen: list[Shot] = []

    async def quiet() -> bool:
        await driver.pilot.pause()
        if any(not w.is_finished for w in app.workers) or not app.screen.is_mounted:
            return False
        seen.append(shoot(app))
        return len(seen) > 1 and seen[-1] == seen[-2]

    await until(quiet, f"{app.screen} to settle", timeout=60)
