"""What is done to sessions from the list: rows that come at once, restart, interrupt, force."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bai_tui.api import AsyncSession
from bai_tui.api.exceptions import BackendError
from tests.screens.driving import Driver, program
from tests.waiting import until

if TYPE_CHECKING:
    from bai_tui.api import APIConfig
    from tests.conftest import ThreadedCluster

CREATION = "/kernel(/create)?$"


def unique() -> str:
    return f"a-{secrets.token_hex(4)}"


@asynccontextmanager
async def session_of(config: APIConfig) -> AsyncIterator[str]:
    """A running session; ended when it is still there at the end."""
    name = unique()
    async with AsyncSession(config=config) as session:
        await session.Kernel.get_or_create(
            "python", client_token=name, resources={"cpu": 1, "mem": "128m"}
        )
        try:
            yield name
        finally:
            with suppress(BackendError):  # the test may have ended it
                await session.Kernel(name).destroy()


async def order(d: Driver, name: str) -> None:
    """Fill the form and send it."""
    await d.shows("live")
    await d.press("n")
    await d.shows("new session", "python:", "small")
    await d.press("tab", "ctrl+a", "ctrl+k")
    await d.type(name)
    await d.press("ctrl+g")


def row_of(d: Driver, name: str) -> str:
    """The line of the table that shows it; empty without one."""
    return next((line for line in d.picture.split("\n") if re.search(rf"▸ {name}\b", line)), "")


async def test_a_new_session_is_there_at_once_and_becomes_the_real_one(
    cluster: ThreadedCluster, config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    config, name = config_for("user2"), unique()
    async with program(config, tmp_path) as d:
        await d.shows("live")
        cluster.faults.change(stall=1.5, paths=CREATION)
        await order(d, name)
        await d.shows(f"▸ {name}", timeout=1.4)  # the server has not heard of it yet
        async with AsyncSession(config=config) as session:
            assert name not in {info.name for info in await session.Kernel.list()}
        await until(lambda: "RUNNING" in row_of(d, name), "the real session")
        assert d.picture.count(f" {name} ") == 1
        cluster.faults.clear()
        await d.press("ctrl+d")
        await d.shows("Terminate the session?")
        await d.press("y")
        await d.shows("TERMINATED")


async def test_a_session_that_is_refused_goes_again_and_says_why(
    cluster: ThreadedCluster, config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    name = unique()
    async with program(config_for("user2"), tmp_path) as d:
        await d.shows("live")
        cluster.faults.change(stall=0.7, status=500, paths=CREATION)
        await order(d, name)
        await d.shows(f"▸ {name}")
        await d.shows(f"{name} was not started", "[!]")
        assert row_of(d, name) == ""
        await d.press("exclamation_mark")
        await d.shows("What was asked for:", f"client_token='{name}'")


@pytest.mark.parametrize("role", ["superadmin", "admin", "user2"])
async def test_restart_and_interrupt(
    role: str, config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    config = config_for(role)
    async with session_of(config) as name, program(config, tmp_path) as d:
        await d.shows(name, "RUNNING")
        await d.press("slash", *name, "enter", "I")
        await d.shows("interrupt")
        await d.press("R")
        await d.shows("Restart", name, "Cancel")
        await d.press("escape")
        await d.shows("nothing was done")
        await d.press("R")
        await d.shows("Restart", "Cancel")
        await d.press("y")
        await d.shows(f"restart: {name}")
        await until(lambda: "RUNNING" in row_of(d, name), "it to run again")


async def test_a_domain_admin_forces_what_users_cannot(
    config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    mine = config_for("user2")
    async with session_of(mine) as name:
        async with program(mine, tmp_path) as d:
            await d.shows(name, "RUNNING")
            await d.press("slash", *name, "enter", "ctrl+x")
            await d.shows("force: needs superadmin or admin")
        async with program(config_for("admin"), tmp_path) as d:
            await d.shows(name, "RUNNING")
            await d.press("slash", *name, "enter", "ctrl+x")
            await d.shows(f"Type {name}")
            await d.type(name[:-1])
            await d.press("enter")
            await d.shows(f"Type {name}")
            await d.type(name[-1])
            await d.press("enter")
            await d.shows(name, "TERMINATED")
