"""Every main view under a server that dies, stalls, fails or forgets us: it stays and recovers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bai_tui.actions import MAIN_VIEWS, MainView
from bai_tui.screens.view import View
from tests.conftest import ThreadedCluster
from tests.screens.driving import Driver, FixedTarget, program
from tests.waiting import until

if TYPE_CHECKING:
    from bai_tui.api import APIConfig

SIZE = (100, 30)


async def shown(driver: Driver, view: MainView) -> View:
    """Switch to a view and wait until it is there."""
    driver.app.show_view(view.name)
    await until(lambda: driver.app.current_mode == view.name)
    await driver.pilot.pause()
    screen = driver.app.screen
    assert isinstance(screen, View)
    return screen


async def answers_keys(driver: Driver) -> None:
    """Keys work: the help opens and closes."""
    under = driver.app.screen
    await driver.press("f1")  # "?" would be written where one types
    await driver.shows("keys: ")
    await driver.press("escape")
    await until(lambda: driver.app.screen is under)


async def test_a_cluster_that_dies_and_comes_back(tmp_path: Path) -> None:
    state = tmp_path / "state"
    cluster = ThreadedCluster(state)
    cluster.start()
    async with program(cluster.config_for("superadmin"), tmp_path, SIZE) as driver:
        await until(lambda: driver.app.connection.ready, "the first connection")
        for view in MAIN_VIEWS:
            await shown(driver, view)
        cluster.stop()
        await driver.shows("offline")
        for view in MAIN_VIEWS:
            await shown(driver, view)
            await driver.shows("offline")
            await answers_keys(driver)
        again = ThreadedCluster(state)
        again.start()
        try:
            target = driver.app.connection.target
            assert isinstance(target, FixedTarget)
            target.config = again.config_for("superadmin")
            driver.app.connection.retry_now()
            for view in MAIN_VIEWS:
                await shown(driver, view)
                await driver.shows("● live")
        finally:
            again.stop()


@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"stall": 2.0}, {"status": 401}], ids=["failing", "slow", "expired"]
)
async def test_a_server_that_fails_is_slow_or_forgets_us(
    fault: dict[str, float],
    cluster: ThreadedCluster,
    config_for: Callable[..., APIConfig],
    tmp_path: Path,
) -> None:
    async with program(config_for(), tmp_path, SIZE) as driver:
        await until(lambda: driver.app.connection.ready, "the first connection")
        cluster.faults.change(**fault)
        for view in MAIN_VIEWS:
            screen = await shown(driver, view)
            screen.reload()
            await answers_keys(driver)  # at once, whatever the server does
        cluster.faults.clear()
        driver.app.connection.retry_now()
        await driver.shows("● live")
        for view in MAIN_VIEWS:
            await shown(driver, view)
            driver.app.screen.action_run("app.refresh")  # type: ignore[attr-defined]
            await driver.shows("● live")
