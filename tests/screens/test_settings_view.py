"""The settings in one list: changed, kept, obeyed; keys that clash are refused."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bai_tui import profiles
from bai_tui.actions import MAIN_VIEWS
from bai_tui.actions.scopes import all_clashes, new_clashes
from bai_tui.app import BaiApp
from bai_tui.screens.listing import ListView
from bai_tui.screens.settings.rows import NO_TABLE
from bai_tui.settings import Remembered
from tests.screens.driving import Driver, FixedTarget, program
from tests.waiting import until

if TYPE_CHECKING:
    from bai_tui.api import APIConfig


@pytest.fixture
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "config" / "bai-tui" / "settings.toml"


def kept_in(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text())


def test_the_default_keys_clash_nowhere() -> None:
    assert all_clashes() == []


def test_a_clash_is_found_where_both_actions_are() -> None:
    assert ("sessions", "session.shell") in new_clashes("sessions.new", "s", {})
    assert new_clashes("sessions.new", "f7", {}) == []
    assert all_clashes({"events.follow": "d"})


async def test_settings_are_changed_where_they_stand(
    settings_file: Path, config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    async with program(config_for(), tmp_path, (120, 40)) as driver:
        await driver.press("9")
        await driver.shows("settings", "theme", "refresh home", "30 s")
        await driver.press("slash", *"setting:theme", "enter", "enter")
        await driver.shows("bai-contrast", "high contrast")
        await driver.press("down")
        await until(lambda: driver.app.theme == "bai-contrast", "the theme to be seen")
        await driver.press("escape")
        await until(lambda: driver.app.theme == "bai", "the theme before")
        await driver.press("enter")
        await driver.shows("high contrast")
        await driver.type("bai-deutan")
        await driver.press("enter")
        await driver.shows("theme: bai-deutan")
        assert driver.app.theme == "bai-deutan"
        await driver.press("escape", "slash", *"home", "enter", "end")
        driver.app.screen.table.move_to_key("intervals/home")  # type: ignore[attr-defined]
        await driver.press("enter")
        await driver.shows("refresh home, seconds: ")
        await driver.press("backspace", "backspace", "1", "enter")
        await driver.shows("seconds, 2 or more")
        await driver.press("enter")
        await driver.press("backspace", "backspace", *"45", "enter")
        await driver.shows("45 s")
        assert driver.app.settings.interval("home") == 45
    kept = kept_in(settings_file)
    assert kept["theme"] == "bai-deutan"
    assert kept["intervals"]["home"] == 45


async def test_columns_are_given_back(
    settings_file: Path, config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    """Also of a view of the administration, and where it is open already."""
    async with program(config_for(), tmp_path, (120, 40)) as driver:
        await driver.press("colon", *"us", "enter")
        await driver.shows("E-MAIL", "DOMAIN")
        await driver.press("w")
        await driver.shows("Columns")
        await driver.type("domain")
        await driver.press("tab", "enter")
        await driver.hides("DOMAIN")
        await driver.press("9")
        await driver.shows("settings")
        driver.app.screen.table.move_to_key("columns/users")  # type: ignore[attr-defined]
        await driver.shows("▸ columns   users", "* email")
        await driver.press("r")
        await driver.shows("chosen by their width again")
        await driver.press("colon", *"us", "enter")
        await driver.shows("E-MAIL", "DOMAIN")


def test_only_views_with_columns_have_them_set() -> None:
    for view in MAIN_VIEWS:
        screen = getattr(import_module(view.module), view.screen)
        assert issubclass(screen, ListView) == (view.name not in NO_TABLE), view.name
        assert view.name in NO_TABLE or view.name == screen.REMEMBER


async def test_a_key_map_that_clashes_is_told_at_the_start(
    settings_file: Path, config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    profiles.edit(
        settings_file, lambda file: file.update(keys={"events.follow": "d", "no.such": "x"})
    )
    app = BaiApp(FixedTarget(config_for()), remembered=Remembered(tmp_path / "remembered.json"))
    async with app.run_test(size=(120, 40)) as pilot:
        driver = Driver(app, pilot)
        await driver.shows("the key d means events.follow and table.describe in events")
        details = next(entry.details for entry in app.journal if "the key d" in entry.text)
        assert "the key map names 'no.such'" in details
        await driver.press("9")
        await driver.shows("settings")
        await driver.press("K")
        await driver.shows("clashes: key map", "the key d means events.follow", "'no.such'")


async def test_a_key_is_changed_and_a_clash_refused(
    settings_file: Path, config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    async with program(config_for(), tmp_path, (120, 40)) as driver:
        await driver.press("9")
        await driver.shows("settings")
        driver.app.screen.table.move_to_key("keys/sessions.new")  # type: ignore[attr-defined]
        await driver.press("enter")
        await driver.shows("key of sessions.new")
        await driver.press("s")
        await driver.shows("means session.shell in sessions")
        await driver.press("ctrl+s")
        await driver.shows("some terminals stop on it")
        await driver.press("f7")
        await driver.shows("sessions.new: f7")
        assert kept_in(settings_file)["keys"] == {"sessions.new": "f7"}
        await driver.press("2")
        await driver.shows("f7 new")
        await driver.press("f7")
        await driver.shows("new session")
        await driver.press("escape", "9")
        await driver.shows("settings")
        await driver.press("K")
        await driver.shows("no key means two things")
        await driver.press("r")
        await driver.shows("sessions.new: n (default)")
        assert kept_in(settings_file)["keys"] == {}
