"""Keys that arrive together, as from a fast typist or over a slow link: none goes astray."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from textual.events import Key, Paste
from textual.message import Message

from bai_tui.api import APIConfig
from bai_tui.widgets.prompt import Prompt
from tests.conftest import ThreadedCluster
from tests.screens.driving import Driver, FixedTarget, program, running
from tests.waiting import until

NAMES = {
    " ": "space",
    "\r": "enter",
    ":": "colon",
    "/": "slash",
    "\t": "tab",
    "\x1b": "escape",
    "\x1d": "ctrl+right_square_bracket",
}


def arrives(driver: Driver, *pieces: str | Message) -> None:
    """Keys and messages, at once, as a driver hands them over."""
    for piece in pieces:
        if isinstance(piece, Message):
            driver.app.post_message(piece)
            continue
        for character in piece:
            driver.app.post_message(Key(NAMES.get(character, character), character))


async def test_a_command_in_one_piece(cluster: ThreadedCluster, tmp_path: Path) -> None:
    async with program(cluster.config_for(), tmp_path) as driver:
        await driver.shows("live")
        before = driver.app.current_mode
        path = tmp_path / "n1e2R8.csv"
        arrives(driver, f":export {path}\r")
        await until(path.exists, "the export")
        assert driver.app.current_mode == before
        await driver.shows("written")


async def test_what_follows_a_command_is_for_the_new_view(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    async with program(cluster.config_for(), tmp_path) as driver:
        await driver.shows("live")
        arrives(driver, ":events\r/zzz\r2/abc")
        await until(lambda: driver.app.current_mode == "sessions")
        line = driver.app.screen.query_one(Prompt)
        await until(lambda: line.is_open and line.line.value == "abc", "the filter of the sessions")
        arrives(driver, "\x1b5")
        await until(lambda: driver.app.current_mode == "events")
        await driver.shows("/zzz")


async def test_text_after_the_key_that_opens_a_form_is_typed_into_it(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    async with program(cluster.config_for(), tmp_path) as driver:
        await driver.shows("live")
        arrives(driver, "3nq7", Paste("-pasted"))
        await driver.shows("▸ new folder", "q7-pasted")


async def test_a_letter_is_for_what_the_key_before_focused(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    async with program(cluster.config_for(), tmp_path) as driver:
        await driver.shows("live")
        for _ in range(5):
            arrives(driver, "/quite\x1b:none\x1b")
            await until(lambda: not driver.app.screen.query_one(Prompt).is_open)
        assert driver.app.current_mode == "sessions"
        assert driver.app.is_running


class GatedTarget(FixedTarget):
    """A target that is found when the test says so."""

    def __init__(self, config: APIConfig) -> None:
        super().__init__(config)
        self.found = asyncio.Event()

    async def resolve(self) -> APIConfig:
        await self.found.wait()
        return await super().resolve()


async def test_what_needs_a_connection_waits_for_the_first_one(
    config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    target = GatedTarget(config_for())
    async with running(target, tmp_path) as driver:
        await driver.press("2", "n")
        await driver.shows("n new: connecting first…")
        target.found.set()
        await driver.shows("new session", "Resources")
        await driver.press("escape")
        await driver.shows("live")


async def test_what_waits_for_a_connection_is_given_up_with_escape(
    config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    target = GatedTarget(config_for())
    async with running(target, tmp_path) as driver:
        await driver.press("2", "n")
        await driver.shows("n new: connecting first…")
        await driver.press("escape")
        target.found.set()
        await driver.shows("live")
        assert "Resources" not in driver.picture


async def test_what_waits_is_refused_when_the_first_connection_fails(tmp_path: Path) -> None:
    target = GatedTarget(APIConfig(endpoint="http://127.0.0.1:9", access_key="a", secret_key="b"))
    async with running(target, tmp_path) as driver:
        await driver.press("2", "n")
        await driver.shows("n new: connecting first…")
        target.found.set()
        await driver.shows("n new: there is no connection")
