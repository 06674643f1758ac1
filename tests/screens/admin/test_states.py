"""Roles, read-only mode, lost servers, odd data, many rows, small screens."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from bai_tui import actions
from bai_tui.api import AsyncSession
from bai_tui.screens.admin.hub import ENTRIES
from tests.conftest import ThreadedCluster
from tests.screens.admin.hands import go, unique
from tests.screens.driving import program
from tests.waiting import until


async def test_a_user_is_told_which_role_is_needed(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    async with program(cluster.config_for("user"), tmp_path, (80, 24)) as d:
        await d.shows("live")
        await d.press("6")
        await d.shows("YOU MAY", "⊘ nothing", "○ look")
        for alias, role in (("us", "superadmin or admin"), ("ag", "role superadmin"),
                            ("et", "role superadmin")):  # fmt: skip
            picture = await _shown(d, alias, f"{role}; you are user")
            assert "Traceback" not in picture
            assert not {"v watcher", "s sessions", "e edit", "/ filter"} & offered(picture)
        await go(d, "kp", "user@localhost")  # the own ones
        picture = d.picture
        assert "n new" not in picture
        await d.press("n")
        await d.shows("needs superadmin")
        await go(d, "ug", "mine", "Reports of groups need")


async def test_what_the_server_has_nothing_for_is_not_there(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    """Ways that lead nowhere, columns that stay empty."""
    async with program(cluster.config_for(), tmp_path, (200, 60)) as d:
        await go(d, "us", "user2@localhost")
        await d.press("J")
        picture = await d.shows("Related", "domain of the user")
        assert "resource policy" not in picture
        await d.press("escape", "y")
        await d.shows("y policy: ", "since 23.09")
        await go(d, "ag", "i-local", "VERSION")
        assert not {"ARCH", "SCHED"} & set(d.picture.split())


def offered(picture: str) -> set[str]:
    """The actions in the line at the bottom."""
    return set(re.split(r"  +", picture.splitlines()[-1].strip()))


async def _shown(d: Any, alias: str, *texts: str) -> str:
    await go(d, alias, "not for your role")
    picture: str = await d.shows(" ".join(texts).split(";")[0])
    return picture


async def test_a_domain_admin_may_change_groups_only(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    name = unique("by-admin")
    async with program(cluster.config_for("admin"), tmp_path) as d:
        await d.shows("live")
        await go(d, "us", "user2@localhost")
        await d.press("e")
        await d.shows("edit: needs superadmin")
        await go(d, "gr", "default", "n new")
        await d.press("n")
        await d.shows("new group")
        d.app.screen.query_one("#name").focus()
        await d.type(name)
        await d.press("ctrl+g")
        await d.shows(f"created: {name}")
        await go(d, "im", "python:")
        await d.press("R")
        await d.shows("rescanned")
        await d.press("ctrl+d")
        await d.shows("needs superadmin")


async def test_read_only_mode_has_no_change(cluster: ThreadedCluster, tmp_path: Path) -> None:
    """No view of the administration offers or does a change."""
    async with program(cluster.config_for(), tmp_path, (80, 24), read_only=True) as d:
        await d.shows("[RO]")
        for entry in ENTRIES:
            await go(d, entry.alias, f"▸ {entry.name}")
            view = d.app.screen
            changing = [a for a in actions.for_scopes(*view.SCOPES) if a.mutating]  # type: ignore[attr-defined]
            for action in changing:
                assert "read-only" in view.absent(action)  # type: ignore[attr-defined]
                if action.keys:
                    await d.press(action.keys[0])
                    await d.shows("read-only mode")


async def test_rows_stay_when_the_server_goes(tmp_path: Path) -> None:
    """Offline: stale rows, refused changes; back: everything is asked again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    first = ThreadedCluster(tmp_path / "state", port=port)
    first.start()
    config = first.config_for()
    async with program(config, tmp_path) as d:
        await go(d, "us", "user2@localhost")
        await d.press("n")
        await d.shows("new user")
        await asyncio.to_thread(first.stop)
        await d.shows("offline")
        d.app.screen.query_one("#email").focus()
        await d.type("a@b.c")
        await d.press("tab")
        await d.type("secret")
        await d.press("ctrl+g")
        await d.shows("not sent: offline", "a@b.c")
        await d.press("escape")
        await d.shows("offline", "user2@localhost")
        await d.press("t")
        await d.shows("not sent: offline")
        await go(d, "pr", "offline", "ctrl+r")
        await go(d, "mg", "offline")
        await go(d, "ug", "offline")
        second = ThreadedCluster(tmp_path / "state", port=port)
        await asyncio.to_thread(second.start)
        try:
            await d.press("ctrl+r")
            await d.shows("live")
            await go(d, "mg", "running")
            await go(d, "pr", "small")
        finally:
            await asyncio.to_thread(second.stop)


async def test_a_failing_server_is_reported_and_asked_again(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    async with program(cluster.config_for(), tmp_path, (80, 24)) as d:
        await d.shows("live")
        cluster.faults.status = 500
        for alias in ("do", "et", "ug"):
            await go(d, alias, "The server failed")
        cluster.faults.clear()
        await go(d, "do", "default")
        cluster.faults.status = 500
        await d.press("ctrl+r")
        await d.shows("refresh: The server failed", "default")


async def test_the_view_is_there_before_a_slow_answer(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    """It is painted while the server takes five seconds, however busy the machine is."""
    async with program(cluster.config_for(), tmp_path) as d:
        await d.shows("live")
        cluster.faults.stall = 5.0
        begun = time.perf_counter()
        d.app.screen.host.show_view("domains")  # type: ignore[attr-defined]
        await until(lambda: "domains" in d.picture and "NAME" in d.picture)
        painted = time.perf_counter() - begun
        assert painted < 4.5, f"{painted:.2f} s"
        assert "default" not in d.picture
        await d.press("question_mark")
        await d.shows("keys: domains")
        await d.press("escape")
        cluster.faults.clear()
        await d.shows("default")


async def test_ten_thousand_users(fresh_cluster: ThreadedCluster, tmp_path: Path) -> None:
    """They are listed, filtered by Korean names, and the keys stay quick."""

    def fill() -> None:
        store = fresh_cluster.cluster.context.store
        with store.transaction():
            for number in range(10_000):
                store.insert(
                    "users", uuid=f"00000000-0000-0000-0000-{number:012}", username=f"n{number}",
                    email=f"n{number}@x.example", password="", need_password_change=False,
                    full_name=f"사용자 {number}", description="[bold]\x1b[2J", is_active=True,
                    created_at=fresh_cluster.cluster.context.clock.now(), domain_name="default",
                    role="user",
                )  # fmt: skip

    fresh_cluster.run(fill)
    async with program(fresh_cluster.config_for(), tmp_path) as d:
        await d.shows("live")
        await go(d, "us", "10,005")
        await d.press("slash", *"사용자 9999", "enter")
        picture = await d.shows("n9999@x.example", "1/10,005")
        assert "\x1b" not in picture
        await d.press("escape", "G")
        await d.shows("user@localhost")


@pytest.mark.parametrize("size", [(80, 24), (200, 60)], ids=str)
async def test_every_view_at_every_size(
    size: tuple[int, int], cluster: ThreadedCluster, tmp_path: Path
) -> None:
    """All views show their rows and the help key, details included."""
    async with program(cluster.config_for(), tmp_path, size) as d:
        await d.shows("live")
        for entry in ENTRIES:
            await go(d, entry.alias, f"▸ {entry.name}", "? help")
            await d.press("d")
            await d.pilot.pause()
            assert d.picture.count("Traceback") == 0
            await d.press("d")
        await d.press("6")
        await d.shows("YOU MAY")
        await d.press("enter")
        await d.shows("i-local")
        await d.press("q")
        await d.shows("YOU MAY")


async def test_session_logs_of_the_server(cluster: ThreadedCluster) -> None:
    """The API says clearly that this release has none."""
    from bai_tui.api.exceptions import UnsupportedByServerError

    async with AsyncSession(config=cluster.config_for()) as session:
        with pytest.raises(UnsupportedByServerError, match=r"20\.03"):
            await session.ErrorLog.list()
