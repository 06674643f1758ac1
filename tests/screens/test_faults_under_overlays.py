"""A server that dies, stalls, fails or forgets us while something lies over a view.

What was typed stays, what was asked for is refused in words, and all goes on when the server does.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

from bai_tui.api import AsyncSession
from bai_tui.screens.view import View
from tests.conftest import ThreadedCluster
from tests.screens.driving import Driver, program
from tests.waiting import until

NAME = f"over-{secrets.token_hex(3)}"
"""Of the folder and the session that are there."""
NEW = f"new-{secrets.token_hex(3)}"
"""Is typed."""


@dataclass(frozen=True)
class Overlay:
    """Something that lies over a view.

    Attributes:
        view: main view. argument: said to it.
        way: keys that open it; after "?" what must be on the screen, after "#" a field to go to.
        text: is typed there.
        sends: key that makes it ask the server; empty: it does not. done: said when that worked.
        stays: it is still there, with the text, when that failed.
        back: keys that close it.
    """

    name: str
    view: str
    way: tuple[str, ...]
    argument: str = ""
    text: str = NEW
    sends: str = ""
    done: str = ""
    stays: bool = True
    back: tuple[str, ...] = ("escape",)


OVERLAYS = (
    Overlay("help", "sessions", ("f1", "?keys: "), text=""),
    Overlay("columns", "sessions", (f"?{NAME}", "w", "?NAME"), text=""),
    Overlay("command", "sessions", ("colon",)),
    Overlay("filter", "sessions", ("slash",), back=("escape", "escape")),
    Overlay("palette", "sessions", ("ctrl+p", "?Search")),
    Overlay("session form", "sessions",
            (f"?{NAME}", "n", "?python:", "?scheduler's choice", "tab", "ctrl+a", "ctrl+k")),
    Overlay("folder form", "vfolders", (f"?{NAME}", "n", "?Owner"), sends="ctrl+g",
            done=f"created {NEW}"),
    Overlay("group form", "groups", ("?default", "n", "?new group", "#name"), sends="ctrl+g",
            done=f"created: {NEW}"),
    Overlay("browser", "vfolders", (f"?▸ {NAME}", "enter", f"?{NAME}:/", "plus", "?New directory"),
            f"@{NAME}", sends="enter", done=f"made {NEW}/", stays=False, back=("escape",)),
    Overlay("console", "graphql", ("?checked by the server", "ctrl+end"), text="# typed",
            sends="ctrl+g", done="answered", back=()),
    Overlay("dialog", "vfolders", (f"?▸ {NAME}", "ctrl+d", "?Type "), f"@{NAME}", NAME,
            sends="enter", done=f"delete: {NAME}", stays=False, back=()),
)  # fmt: skip


@asynccontextmanager
async def with_a_folder_and_a_session(
    cluster: ThreadedCluster, tmp_path: Path
) -> AsyncIterator[Driver]:
    """The program on a cluster of its own; what overlays made is there no more afterwards."""
    async with AsyncSession(config=cluster.config_for()) as session:
        await session.VFolder.create(NAME)
        await session.Kernel.get_or_create("python", client_token=NAME)
    async with program(cluster.config_for(), tmp_path, (100, 30)) as d:
        await d.shows("live")
        yield d


async def open_overlay(d: Driver, overlay: Overlay) -> None:
    """From the view into what lies over it, and type half of something."""
    d.app.show_view(overlay.view, overlay.argument)
    await until(lambda: d.app.current_mode == overlay.view)
    for step in overlay.way:
        if step.startswith("?"):
            await d.shows(step[1:])
        elif step.startswith("#"):
            d.app.screen.query_one(step).focus()
        else:
            await d.press(step)
    if overlay.text:
        await until(lambda: isinstance(d.app.screen.focused, (Input, TextArea)), overlay.name)
        await d.type(overlay.text[:-1])
        await d.shows(overlay.text[:-1])


async def type_the_rest(d: Driver, overlay: Overlay) -> None:
    """Whatever the server does, what was typed is there and the next letter is heard."""
    await d.type(overlay.text[-1:])
    await d.shows(overlay.text, timeout=1.9)


async def close_overlay(d: Driver, overlay: Overlay) -> None:
    """Back in the view; nothing of it is left."""
    for key in overlay.back:
        await d.press(key)
    await until(lambda: d.app.current_mode == overlay.view)
    await until(lambda: isinstance(d.app.screen, View) and (d.app.screen.ROOT or not overlay.back))


def complaints(d: Driver) -> list[str]:
    """What went wrong so far, as it was told."""
    return [entry.text for entry in d.app.journal if entry.level in ("warning", "error")]


async def is_refused_in_words(d: Driver, overlay: Overlay) -> None:
    """The server is asked; it says no, or nothing: one line tells it, what was typed stays."""
    if not overlay.sends:
        return
    screen, before = d.app.screen, len(complaints(d))
    await d.press(overlay.sends)
    await until(lambda: len(complaints(d)) > before, f"a word about it: {overlay.name}")
    for text in complaints(d)[before:]:
        assert "Traceback" not in text
        assert "Error(" not in text
    if overlay.stays:
        assert d.app.screen is screen
        await d.shows(overlay.text)


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 401}], ids=["failing", "expired"])
async def test_a_server_that_fails_or_forgets_us(
    fault: dict[str, float], fresh_cluster: ThreadedCluster, tmp_path: Path
) -> None:
    async with with_a_folder_and_a_session(fresh_cluster, tmp_path) as d:
        for overlay in OVERLAYS:
            await open_overlay(d, overlay)
            fresh_cluster.faults.change(**fault)
            await type_the_rest(d, overlay)
            await is_refused_in_words(d, overlay)
            fresh_cluster.faults.clear()
            d.app.connection.retry_now()
            await until(lambda: d.app.connection.ready)
            await close_overlay(d, overlay)


async def test_a_server_that_takes_two_seconds(
    fresh_cluster: ThreadedCluster, tmp_path: Path
) -> None:
    async with with_a_folder_and_a_session(fresh_cluster, tmp_path) as d:
        for overlay in OVERLAYS:
            await open_overlay(d, overlay)
            fresh_cluster.faults.change(stall=2.0)
            await type_the_rest(d, overlay)
            if overlay.sends:
                await d.press(overlay.sends)
                await d.shows(overlay.done)
            fresh_cluster.faults.clear()
            if overlay.name not in ("folder form", "group form"):  # closed by being sent
                await close_overlay(d, overlay)


async def test_a_cluster_that_dies_and_comes_back(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    cluster = ThreadedCluster(tmp_path / "state", port=port)
    cluster.start()
    try:
        async with with_a_folder_and_a_session(cluster, tmp_path) as d:
            for overlay in OVERLAYS:
                if overlay.view == "sessions" and overlay.way[0].startswith("?"):
                    continue  # sessions end with their cluster
                await open_overlay(d, overlay)
                await asyncio.to_thread(cluster.stop)
                await until(lambda: not d.app.connection.ready)
                await type_the_rest(d, overlay)
                await is_refused_in_words(d, overlay)
                cluster = ThreadedCluster(tmp_path / "state", port=port)
                await asyncio.to_thread(cluster.start)
                d.app.connection.retry_now()
                await until(lambda: d.app.connection.ready)
                await close_overlay(d, overlay)
    finally:
        cluster.stop()
