"""What a newcomer does in the first minutes, by keyboard, on the real cluster, at three sizes."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key

from bai_tui.api import APIConfig, AsyncSession
from bai_tui.app import BaiApp
from bai_tui.connection import Health
from bai_tui.settings import Remembered, Settings
from bai_tui.widgets.terminal.pane import TerminalPane
from tests.conftest import ThreadedCluster
from tests.screens.driving import FixedTarget, program
from tests.waiting import until

SIZES = [(80, 24), (120, 40), (200, 60)]


def unique() -> str:
    return f"f-{secrets.token_hex(4)}"


async def start(config: APIConfig, name: str, **options: Any) -> None:
    async with AsyncSession(config=config) as session:
        await session.Kernel.get_or_create(
            "python", client_token=name, resources={"cpu": 1, "mem": "128m"}, **options
        )


async def end(config: APIConfig, name: str) -> None:
    async with AsyncSession(config=config) as session:
        await session.Kernel(name).destroy()


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_first_minute(
    size: tuple[int, int], fresh_cluster: ThreadedCluster, tmp_path: Path
) -> None:
    """Start from the form, watch it run, type in its shell, read its log, terminate it."""
    name = unique()
    async with program(fresh_cluster.config_for("superadmin"), tmp_path, size) as d:
        await d.shows("live", "No sessions. n starts one.")
        await d.press("n")
        await d.shows("new session", "Image", "python:3", "small")
        await d.press("tab")
        await d.press("ctrl+a", "ctrl+k")
        await d.type(name)
        await d.shows(name)
        await d.press("ctrl+g")
        await d.shows(name, "RUNNING")
        await d.press("5")
        await d.shows("events", "enqueued", "preparing", "creating", "started", name)
        await d.press("2")
        await d.shows(name, "RUNNING")
        await d.press("s")
        await until(lambda: d.app.screen.query(TerminalPane), "the terminal")
        pane = d.app.screen.query_one(TerminalPane)
        await until(lambda: pane.link.state.value == "live", "the terminal to be live")
        await d.type("echo typed-$((40+2))\n")
        await d.shows("typed-42")
        await d.press("ctrl+right_square_bracket", "d")
        await d.shows("sessions", name, "RUNNING")
        await d.press("l")
        await d.shows("logs", "session starts")
        await d.press("escape")
        await d.press("ctrl+d")
        await d.shows("Terminate the session?", name, "Cancel")
        await d.press("enter")  # the dialog stands on Cancel
        await d.hides("Terminate the session?")
        await d.press("ctrl+d")
        await d.shows("Terminate the session?")
        await d.press("tab", "enter")
        await d.shows(name, "TERMINATED")


async def test_everything_else_is_seen_without_asking(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    """Sessions that others start and end appear and change by themselves."""
    config = cluster.config_for("user")
    name = unique()
    async with program(config, tmp_path) as d:
        await d.shows("live")
        await start(config, name)
        await d.shows(name, "RUNNING")
        await end(config, name)
        await d.shows(name, "TERMINATED")


async def test_what_happened_behind_another_view_is_there_on_return(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    """The list keeps the latest event of each session, and shows it without asking for the list."""
    config = cluster.config_for("user")
    name = unique()
    async with program(config, tmp_path) as d:
        await d.shows("live")
        await start(config, name)
        await d.shows(name, "RUNNING")
        await d.press("5")
        await d.shows("▸ events")
        await end(config, name)
        await d.shows(name, "terminated")
        await d.press("2")
        await d.shows("▸ sessions", name, "TERMINATED")


async def test_names_of_the_server_are_text(fresh_cluster: ThreadedCluster, tmp_path: Path) -> None:
    """Markup and escape sequences in a tag are shown, not obeyed."""
    config = fresh_cluster.config_for("superadmin")
    hostile = "[red]x\x1b[2J\u202eevil 안녕 🙂"
    await start(config, "hostile-one", tag=hostile)
    async with program(config, tmp_path, (200, 60)) as d:
        picture = await d.shows("hostile-one", "[red]x")
        assert "\x1b" not in picture
        assert "\u202e" not in picture
        await d.press("d")
        await d.shows("[red]x")


async def test_marked_sessions_are_terminated_together(
    fresh_cluster: ThreadedCluster, tmp_path: Path
) -> None:
    config = fresh_cluster.config_for("superadmin")
    for name in ("bulk-one", "bulk-two", "bulk-three"):
        await start(config, name)
    async with program(config, tmp_path) as d:
        await d.shows("bulk-one", "bulk-two", "bulk-three")
        await d.press("slash")
        await d.type("bulk-t")
        await d.press("enter")
        await d.hides("bulk-one")
        await d.press("asterisk", "ctrl+d")
        await d.shows("bulk-two", "bulk-three", "Terminate")
        await d.press("tab", "enter")
        await d.shows("TERMINATED")
        await d.press("escape", "escape", "escape")
        await d.shows("bulk-one", "RUNNING")
        await until(lambda: d.picture.count("TERMINATED") == 2, "both to end")


async def test_read_only_mode_has_no_changing_action(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    config = cluster.config_for("user2")
    name = unique()
    await start(config, name)
    try:
        async with program(config, tmp_path, read_only=True) as d:
            picture = await d.shows("[RO]", name)
            assert "terminate" not in picture
            await d.press("ctrl+d")
            await d.pilot.pause()
            assert "Terminate the session?" not in d.picture
            await d.press("n")
            await d.pilot.pause()
            assert "new session" not in d.picture
            await d.press("s")
            await d.pilot.pause()
            assert d.app.current_mode == "sessions"
            d.app.show_view("terminals", name)
            await d.shows(f"no terminal of {name}: read-only mode")
    finally:
        await end(config, name)


async def test_help_prompt_and_palette(cluster: ThreadedCluster, tmp_path: Path) -> None:
    async with program(cluster.config_for("user"), tmp_path, (80, 24)) as d:
        await d.shows("live")
        await d.press("question_mark")
        await d.shows("keys: sessions", "Start a compute session")
        await d.press("escape", "colon")
        await d.type("ev")
        await d.press("enter")
        await d.shows("events")
        await d.press("colon")
        await d.type("nonsense")
        await d.press("enter")
        await d.shows("nonsense")
        await d.press("escape", "2", "ctrl+p")
        await d.type("theme")
        await d.shows("theme")
        await d.press("escape")


async def test_why_keys_do_nothing_is_told_once(
    fresh_cluster: ThreadedCluster, tmp_path: Path
) -> None:
    async with program(fresh_cluster.config_for("user"), tmp_path, (80, 24)) as d:
        await d.shows("live", "No sessions.")
        await d.press("question_mark")
        picture = await d.shows("keys: sessions", "✗ not now: there is no row", "✗ s ")
        assert picture.count("there is no row") == 1
        assert "✗ n " not in picture
        await d.press("escape")
        for key, shown in (("enter", "enter open"), ("space", "space mark"), ("c", "c copy id")):
            await d.press(key)
            await d.shows(f"⚠ {shown}: there is no row")


async def test_a_view_shown_before_the_palette_is_there(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    async with program(cluster.config_for("user"), tmp_path, (80, 24)) as d:
        await d.shows("live")
        d.app.action_command_palette()
        d.app.show_view("events")
        await d.shows("events", "following")


async def test_first_paint_needs_no_network(tmp_path: Path) -> None:
    """The frame is drawn while the target is still being resolved."""
    release = asyncio.Event()

    class Slow(FixedTarget):
        async def resolve(self) -> APIConfig:
            await release.wait()
            return self.config

    target = Slow(APIConfig(endpoint="http://127.0.0.1:9", access_key="x", secret_key="y"))
    remembered = Remembered(tmp_path / "remembered.json")
    app = BaiApp(target, settings=Settings(), remembered=remembered)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        strips = app.screen._compositor.render_strips(app.size)
        text = "\n".join(strip.text for strip in strips)
        assert "sessions" in text
        assert "help" in text
        assert app.connection.health in (Health.STARTING, Health.CONNECTING)
        release.set()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"endpoint": "http://127.0.0.1:1"}, ["The server cannot be reached", "BACKEND_ENDPOINT"]),
        ({"endpoint": "http://no-such-host.invalid"}, ["name is unknown", "spelling"]),
        ({"access_key": "AKIANOBODY"}, ["does not accept the keys", "BACKEND_SECRET_KEY"]),
        ({"secret_key": "wrong"}, ["does not accept the keys", "BACKEND_SECRET_KEY"]),
    ],
)
async def test_what_is_wrong_is_said(
    options: dict[str, Any],
    says: list[str],
    cluster: ThreadedCluster,
    tmp_path: Path,
) -> None:
    good = cluster.config_for("user")
    wanted: dict[str, Any] = {
        "endpoint": str(good.endpoint),
        "access_key": good.access_key,
        "secret_key": good.secret_key,
        **options,
    }
    async with program(APIConfig(**wanted), tmp_path, (80, 24)) as d:
        picture = await d.shows(*says, "ctrl+r retry")
        assert "Traceback" not in picture
        await d.press("question_mark")
        await d.shows("keys: sessions")


async def test_tls_to_a_plain_server(cluster: ThreadedCluster, tmp_path: Path) -> None:
    endpoint = cluster.endpoint.replace("http:", "https:")
    config = APIConfig(endpoint=endpoint, access_key="x", secret_key="y")
    async with program(config, tmp_path) as d:
        await d.shows("No secure connection", "http://")


async def test_a_clock_that_is_an_hour_off(cluster: ThreadedCluster, tmp_path: Path) -> None:
    """The offset is learned, requests are signed with it, and it is said."""
    cluster.faults.skew = 7200.0
    async with program(cluster.config_for("user"), tmp_path) as d:
        await d.shows("live", "clock 2.0 h behind")


async def test_a_server_that_dies_and_comes_back(tmp_path: Path) -> None:
    """Data stays, changes are refused, the countdown runs, and everything reconciles."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    first = ThreadedCluster(tmp_path / "state", port=port)
    first.start()
    config = first.config_for("superadmin")
    await start(config, "survivor")
    async with program(config, tmp_path) as d:
        await d.shows("live", "survivor", "RUNNING")
        await asyncio.to_thread(first.stop)
        await d.shows("offline", "survivor")
        await d.press("n")
        await d.pilot.pause()
        assert d.app.is_running
        await d.press("escape")
        second = ThreadedCluster(tmp_path / "state", port=port)
        await asyncio.to_thread(second.start)
        try:
            await d.press("ctrl+r")
            await d.shows("live")
            await until(lambda: d.app.connection.generation >= 2, "a new connection")
            await d.press("5")
            await d.shows("gap")
        finally:
            await asyncio.to_thread(second.stop)


async def test_the_mouse_can_do_it_too(
    fresh_cluster: ThreadedCluster, tmp_path: Path, config_for: Callable[..., APIConfig]
) -> None:
    config = fresh_cluster.config_for("superadmin")
    for name in ("mouse-one", "mouse-two"):
        await start(config, name)
    async with program(config, tmp_path) as d:
        picture = await d.shows("mouse-one", "mouse-two")
        lines = picture.split("\n")
        y = next(i for i, line in enumerate(lines) if "mouse-one" in line)
        await d.pilot.click(offset=(5, y))
        await d.shows("▸ mouse-one")
        hint = next(line for line in lines if "logs" in line)
        await d.pilot.click(offset=(hint.index("logs"), lines.index(hint)))
        await d.shows("session starts")


async def test_no_key_crashes_any_view(
    cluster: ThreadedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every key of the registry in every main view."""
    from bai_tui import actions

    monkeypatch.chdir(tmp_path)  # one of the keys writes an export
    keys = {key for action in actions.ACTIONS for key in action.keys}
    dangerous = {"q", "ctrl+q", "ctrl+c", "ctrl+d", "ctrl+x"}
    async with program(cluster.config_for("monitor"), tmp_path, (80, 24)) as d:
        await until(lambda: d.app.connection.health is Health.LIVE, "the connection")
        for view in ("2", "5"):
            for key in sorted(keys - dangerous):
                await d.press(view, key, "escape", "escape")
        assert d.app.is_running


async def test_keys_typed_before_a_view_is_there(cluster: ThreadedCluster, tmp_path: Path) -> None:
    async with program(cluster.config_for("user"), tmp_path) as d:
        await d.shows("live")
        for view in "3456789012":
            d.app.post_message(Key(view, view))
            for key in ("j", "full_stop", "j", "escape"):
                d.app.post_message(Key(key, "."))
                await asyncio.sleep(0)
            await d.pilot.pause()
        await d.shows("sessions")
        # What follows the key of a view is done by that view.
        for key in "13n":
            d.app.post_message(Key(key, key))
        await d.shows("new folder")
