"""Home: who I am, what I use, what failed, what waits; each part fails alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bai_tui import actions
from bai_tui.api import APIConfig, AsyncSession
from bai_tui.screens.home.overview import Overview, Resources, Share
from bai_tui.screens.home.panels import resources
from tests.screens.driving import program
from tests.waiting import until

if TYPE_CHECKING:
    from tests.conftest import ThreadedCluster


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_home_tells_who_uses_what(
    size: tuple[int, int], config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    async with program(config_for("user"), tmp_path, size) as driver:
        await driver.press("1")
        await driver.shows("My resources", "By scaling group", "default", "Sessions by state")
        await driver.shows("user@", "API v4", "cpu", "mem", "no limit" if size[0] < 0 else "/")


async def test_what_waits_is_offered_and_all_of_it_can_be_reached(
    fresh_cluster: ThreadedCluster, tmp_path: Path
) -> None:
    """80x24: announcement, invitation, use by scaling group with its course; keys scroll."""
    config = fresh_cluster.config_for("user")
    async with AsyncSession(config=fresh_cluster.config_for()) as boss:
        await boss.Manager.update_announcement(enabled=True, message="점검 [bold] " * 20)
        await boss.VFolder.create("shared")
        await boss.VFolder("shared").invite("rw", [fresh_cluster.credentials["user"].email])
    async with AsyncSession(config=config) as session, program(config, tmp_path, (80, 24)) as d:
        await d.press("1")
        await d.shows("점검 [bold]", "1 invitation", "shares shared")
        view: Any = d.app.screen
        await session.Kernel.get_or_create(
            "python", client_token="of-home", resources={"cpu": 2, "mem": "256m"}
        )
        await until(lambda: list(view._scaling.get(("default", "cpu"), ()))[-1:] == [2.0])
        assert not view.obstacle(actions.BY_ID["home.invitations"])
        await d.press("m")
        await d.shows("By scaling group", "2 / 64", "▁")
        await d.press("m")
        await d.shows("점검 [bold]")
        await d.press("i")
        await d.shows("invitations")


async def test_a_failure_leads_to_its_session(
    config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    name = f"fails-{uuid.uuid4().hex[:8]}"
    async with AsyncSession(config=config_for("user")) as session:
        await session.Kernel.get_or_create(
            "python", client_token=name, type_="batch", startup_command="exit 3", enqueue_only=True
        )
        await until(lambda: ended(session, name))
    async with program(config_for("user"), tmp_path) as driver:
        await driver.press("1")
        await driver.shows("RECENT FAILURES", name, "✗ failure")
        await driver.press("slash", *name, "enter", "enter")
        await driver.shows("sessions ▸ dead", name)
        assert driver.app.screen.current().name == name  # type: ignore[attr-defined]


async def ended(session: AsyncSession, name: str) -> bool:
    found = await session.Kernel.list(status="TERMINATED", limit=20)
    return any(info.name == name for info in found)


async def test_one_part_fails_alone(
    cluster: ThreadedCluster, config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    cluster.faults.change(status=500, paths="check-presets")
    async with program(config_for("user"), tmp_path) as driver:
        await driver.press("1")
        await driver.shows("⚠ resources: The server failed", "Sessions by state", "user@")
        await until(lambda: "loading" not in driver.picture.split("RECENT")[0])
        cluster.faults.clear()
        await driver.press("ctrl+r")
        await driver.shows("By scaling group")


async def test_nothing_loads_without_a_connection(tmp_path: Path) -> None:
    nowhere = APIConfig(endpoint="http://127.0.0.1:1", access_key="AKIA", secret_key="x")
    async with program(nowhere, tmp_path, (80, 24)) as driver:
        await driver.press("1")
        picture = await driver.shows("offline", "resources: not known", "cannot be reached")
        assert "loading" not in picture


@pytest.mark.parametrize("width", [24, 29, 45, 46, 55, 56, 90])
def test_no_line_of_resources_is_wider_than_its_panel(width: int) -> None:
    half = Share(Decimal(2**29), Decimal(2**30))
    endless = Share(Decimal(3), Decimal("Infinity"))
    overview = Overview(
        mine={"RUNNING": 1},
        resources=Resources(
            {"mem": half, "cpu": endless}, {"mem": half}, {"default": {"mem": half}}
        ),
    )
    lines = resources(overview, None, "default", {"mem": [1.0, 2.0]}, "30 days", width)
    assert max(len(line.plain.rstrip()) for line in lines) <= width
    assert any("512Mi / 1Gi" in line.plain for line in lines)


def test_shares_of_slots() -> None:
    read = Resources.from_wire(
        {
            "keypair_using": {"cpu": "3", "mem": "1", "cuda.shares": "0"},
            "keypair_limits": {"cpu": "4", "mem": "Infinity", "cuda.shares": "Infinity"},
            "scaling_groups": {"g": {"using": {"cpu": "1"}, "remaining": {"cpu": "3"}}},
        }
    )
    assert read.mine["cpu"].part == 0.75
    assert read.mine["mem"].part is None
    assert "cuda.shares" not in read.mine
    assert read.scaling["g"]["cpu"].limit == Decimal(4)
    assert Resources.from_wire({"scaling_groups": None}).mine == {}
