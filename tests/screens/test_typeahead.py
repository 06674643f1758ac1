"""Keys that arrive together, as from a fast typist or over a slow link: none goes astray."""

from __future__ import annotations

from pathlib import Path

from textual.events import Key, Paste
from textual.message import Message

from bai_tui.widgets.prompt import Prompt
from tests.conftest import ThreadedCluster
from tests.screens.driving import Driver, program
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
