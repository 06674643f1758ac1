"""The view of open terminals: it outlives the view that opened them, in tabs and side by side."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bai_tui.api import AsyncSession
from bai_tui.screens.terminal import TerminalsView
from bai_tui.widgets.terminal.pane import TerminalPane
from tests.conftest import ThreadedCluster
from tests.screens.driving import Driver, program
from tests.screens.test_typeahead import arrives
from tests.waiting import until

LEADER = "ctrl+right_square_bracket"


@asynccontextmanager
async def with_sessions(
    cluster: ThreadedCluster, tmp_path: Path, count: int, size: tuple[int, int]
) -> AsyncIterator[tuple[Driver, list[str]]]:
    config = cluster.config_for("user")
    names = [f"term-{secrets.token_hex(3)}" for _ in range(count)]
    async with AsyncSession(config=config) as session:
        kernels = [
            await session.Kernel.get_or_create(
                "python", client_token=name, resources={"cpu": 1, "mem": "128m"}
            )
            for name in names
        ]
        async with program(config, tmp_path, size) as d:
            await d.shows("live")
            yield d, names
        for kernel in kernels:
            await kernel.destroy()


def view_of(d: Driver) -> TerminalsView:
    screen = d.app.screen
    assert isinstance(screen, TerminalsView)
    return screen


async def test_terminals_outlive_the_view(cluster: ThreadedCluster, tmp_path: Path) -> None:
    async with with_sessions(cluster, tmp_path, 1, (80, 24)) as (d, (name,)):
        await d.press("grave_accent")
        await d.shows("No terminal is open", "terminals")
        await d.press("escape")
        await d.hides("No terminal is open")
        await d.press("colon")
        await d.type(f"terminals {name}\n")
        await d.shows(f"{name}", "live (pty)", "ctrl+]")
        await d.type("echo typed-$((40+2))\n")
        await d.shows("typed-42")
        pane = view_of(d).query_one(TerminalPane)
        await d.press(LEADER, "d")
        await d.hides("typed-42")
        assert pane.link.send(b"echo meanwhile-$((1+1))\r")
        await until(lambda: "meanwhile-2" in "".join(pane.emulator.display))
        await d.press("grave_accent")
        await d.shows("typed-42", "meanwhile-2")
        assert d.app.focused is pane
        await d.press(LEADER)
        # All of what may follow, and nothing that would mean something else now.
        await d.shows("leader:", "ctrl+] send")
        assert "ctrl+] d" not in d.picture
        await d.press("question_mark")
        await d.shows("side by side, or in tabs")
        await d.press("escape")
        await d.press(LEADER, "f")
        await until(lambda: pane.size.height == 24, "all rows")
        await d.press(LEADER, "f")
        await until(lambda: pane.size.height == 21, "the bars")


async def test_several_terminals(cluster: ThreadedCluster, tmp_path: Path) -> None:
    async with with_sessions(cluster, tmp_path, 3, (120, 40)) as (d, names):
        for name in names:
            d.app.show_view("terminals", name)
            await d.shows(name, "live (pty)")
        view = view_of(d)
        await d.shows(*(f" {number} {name}" for number, name in enumerate(names, 1)))
        await d.type("echo third-$((1+2))\n")
        await d.shows("third-3")
        await d.press(LEADER, "1")
        await d.hides("third-3")
        await d.type("echo first-$((0+1))\n")
        await d.shows("first-1")
        # A bell elsewhere leaves a mark.
        third = view._tiles[2].pane
        third.link.send(b"printf '\\a'\r")
        await d.shows("♪")
        await d.press(LEADER, "s")
        await d.shows("first-1", "third-3")
        assert [tile.pane.size.width for tile in view._tiles] == [40, 40, 40]
        # Also in a big window each has a name on its border.
        await d.pilot.resize_terminal(200, 60)
        await until(lambda: view._tiles[0].pane.size.width == 66, "more room")
        await d.shows(*(f"{name} · live (pty)" for name in names[:2]))
        await d.pilot.resize_terminal(120, 40)
        await until(lambda: view._tiles[0].pane.size.width == 40, "less room")
        await d.press(LEADER, "p")
        await until(lambda: d.app.focused is third, "the third terminal")
        await d.hides("♪")
        await d.pilot.click(view._tiles[1].pane)
        await until(lambda: view._current == 1, "the one that was clicked")
        await d.press(LEADER, "x")
        await until(lambda: len(view.query(TerminalPane)) == 2, "one less")
        await d.press(LEADER, "s", LEADER, "x", LEADER, "x")
        await until(lambda: d.app.current_mode != "terminals", "the view before")


async def test_what_follows_the_key_for_another_terminal_is_typed_there(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    async with with_sessions(cluster, tmp_path, 2, (120, 40)) as (d, names):
        for name in names:
            d.app.show_view("terminals", name)
            await d.shows(name, "live (pty)")
        first, second = (tile.pane.emulator for tile in view_of(d)._tiles)
        arrives(d, "\x1d1echo one-$((0+1))\r\x1dnecho two-$((1+1))\r\x1dsecho side-$((1+2))\r")
        await until(lambda: "one-1" in "".join(first.display))
        await until(lambda: all(text in "".join(second.display) for text in ("two-2", "side-3")))
        assert not any(text in "".join(first.display) for text in ("two", "side"))
        arrives(d, "\x1dd:events\r")
        await until(lambda: d.app.current_mode == "events")
