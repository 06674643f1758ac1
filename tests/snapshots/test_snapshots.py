"""Every screen at three sizes, and in a dark, a light and the terminal's own theme, as approved.

The themes are compared at one size: which style a cell has does not depend on how many there are.
A difference is shown line by line. When it is meant: `pytest tests/snapshots --update-snapshots`,
and look at what `git diff` says.
"""

from __future__ import annotations

import difflib
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.screens.driving import Driver, program
from tests.screens.test_all_views import outside
from tests.snapshots.cluster import same_cluster
from tests.snapshots.picture import Shot, shoot, together
from tests.snapshots.scenes import SCENES, Scene
from tests.waiting import until

KEPT = Path(__file__).parent / "kept"
THEMES = ("bai", "bai-light", "ansi-dark")
PATIENCE = 4.0
"""Seconds a screen has to become what was approved."""
SIZES = {(80, 24): THEMES[:1], (120, 40): THEMES, (200, 60): THEMES[:1]}


@pytest.mark.timeout(400)  # some two hundred screens, on machines that have other work, too
async def test_every_screen_looks_as_approved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    state = Path(tempfile.mkdtemp(prefix="bai-", dir="/tmp"))  # one view shows it: always as long
    request.addfinalizer(lambda: shutil.rmtree(state, ignore_errors=True))
    update = request.config.getoption("--update-snapshots")
    wrong: list[str] = []
    monkeypatch.setenv("HOME", str(tmp_path))
    here = Path(state, "here")  # batch mode offers its files
    here.mkdir()  # noqa: ASYNC240
    monkeypatch.chdir(here)
    with same_cluster(state, monkeypatch) as cluster:
        async with program(cluster.config_for(), tmp_path) as driver:
            await until(lambda: driver.app.connection.ready, "the connection")
            for scene in SCENES:
                await go(driver, scene)
                for size, themes in SIZES.items():
                    name = f"{size[0]}x{size[1]}/{scene.name}"
                    if driver.app.size != size:
                        await driver.pilot.resize_terminal(*size)
                    if update:
                        await settled(driver)
                        approve(name, await look(driver, themes))
                    else:
                        wrong += await difference(driver, themes, name)
                    if size == (80, 24):
                        wrong += [f"{name}: {x}" for x in outside(driver.app.screen, *size)]
                for key in scene.after:
                    await driver.press(key)
    assert not wrong, "\n".join([*wrong, "", "meant? pytest tests/snapshots --update-snapshots"])


def kept(name: str) -> str:
    """The approved text; empty when there is none."""
    path = KEPT / f"{name}.txt"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def approve(name: str, text: str) -> None:
    """Keep what there is now."""
    path = KEPT / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


async def difference(driver: Driver, themes: tuple[str, ...], name: str) -> list[str]:
    """What is still not as it was approved after a while, with a line around it."""
    approved, now = kept(name), ""

    async def as_approved() -> bool:
        nonlocal now
        now = await look(driver, themes)
        return now == approved

    try:
        await until(as_approved, timeout=PATIENCE if approved else 0)
    except AssertionError:
        lines = (approved.splitlines(), now.splitlines())
        return list(difflib.unified_diff(*lines, f"{name} approved", "now", lineterm="", n=1))
    return []


async def go(driver: Driver, scene: Scene) -> None:
    """Walk to a scene; what the last key did is waited for where it is looked at."""
    app = driver.app
    app.show_view(scene.view, scene.argument)
    await until(lambda: app.current_mode == scene.view)
    for key in scene.keys:
        await settled(driver)
        await driver.press(key)


async def look(driver: Driver, themes: tuple[str, ...]) -> str:
    """The screen in some themes; what is not the same text in all of them is not yet to be had."""
    found: dict[str, Shot] = {}

    async def all_alike() -> bool:
        # From the theme that is there: one change less.
        app = driver.app
        for theme in sorted(themes, key=lambda theme: theme != app.theme):
            app.theme = theme
            await driver.pilot.pause()
            found[theme] = shoot(app)
        return len({shot.lines for shot in found.values()}) == 1

    await until(all_alike, f"{driver.app.screen} to stand still")
    return together({theme: found[theme] for theme in themes})


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

    await until(quiet, f"{app.screen} to settle")
