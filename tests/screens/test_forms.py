"""What all forms do alike: they keep what is typed in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Button, Input

from bai_tui.screens.forms import Fields
from bai_tui.widgets.fields import ChoiceField
from bai_tui.widgets.picker import Picker
from tests.conftest import ThreadedCluster
from tests.screens.driving import Driver, program
from tests.waiting import until

FORMS = (
    ("sessions", "▸ new session"),
    ("vfolders", "▸ new folder"),
    ("sweeps", "▸ new sweep"),
    ("connections", "profile"),
    ("users", "▸ new user"),
)
COMMANDS = ("3", "9", "F", "q", "colon", "question_mark", "minus", "semicolon", "grave_accent")
WRITTEN = "39Fq:?-;`"


async def a_form(d: Driver, view: str, title: str) -> Fields:
    """The form behind `n` in a view, ready."""
    d.app.show_view(view)
    await d.shows(f"▸ {view}", "n new")
    await d.press("n")
    await d.shows(title)
    form = d.app.screen
    assert isinstance(form, Fields)
    await until(lambda: form.focused is not None, "a field to have the focus")
    return form


@pytest.mark.parametrize(("view", "title"), FORMS, ids=[view for view, _ in FORMS])
async def test_a_form_keeps_what_is_typed_in_it(
    view: str, title: str, cluster: ThreadedCluster, tmp_path: Path
) -> None:
    """Keys that mean a view elsewhere write, or find in a list, or do nothing."""
    async with program(cluster.config_for(), tmp_path) as d:
        await d.shows("live")
        form = await a_form(d, view, title)
        for number, field in enumerate([*form.query("ChoiceField, Input, Button"), None]):
            if field is not None and not (field.focusable and field.region):
                continue
            form.set_focus(field)
            if isinstance(field, Input):
                await d.press(*COMMANDS)
                assert WRITTEN in field.value
                continue
            one = COMMANDS[number % len(COMMANDS)]
            for key in (one,) if isinstance(field, ChoiceField) else COMMANDS:
                await d.press(key)
                if isinstance(field, ChoiceField):
                    picker = d.app.screen
                    assert isinstance(picker, Picker), (field, key)
                    assert picker.query_one(Input).value
                    await d.press("escape")
                assert d.app.screen is form, (field, key)
        assert d.app.current_mode == view
        await d.press("escape")
        await until(lambda: d.app.screen is not form)


async def test_a_choice_is_found_by_typing(cluster: ThreadedCluster, tmp_path: Path) -> None:
    async with program(cluster.config_for(), tmp_path) as d:
        await d.shows("live")
        form = await a_form(d, "users", "▸ new user")
        role = form.query_one("#role", ChoiceField)
        role.focus()
        await d.type("superad\n")
        await until(lambda: role.value == "superadmin" and d.app.screen is form)
        assert form.focused is role
        form.query(Button).last().focus()
        await d.press("space")
        assert d.app.screen is form


@pytest.mark.parametrize(
    ("view", "title", "first", "wrong"),
    [
        ("vfolders", "▸ new folder", "#name", "a name is needed"),
        ("connections", "profile", "#name", "a name for the cluster"),
        ("users", "▸ new user", "#email", "✗ needed"),
    ],
)
async def test_a_form_complains_when_one_had_a_chance(
    view: str, title: str, first: str, wrong: str, cluster: ThreadedCluster, tmp_path: Path
) -> None:
    """Of a field that was left, or of all when it was sent; it is not sent while one is wrong."""
    async with program(cluster.config_for(), tmp_path) as d:
        await d.shows("live")
        form = await a_form(d, view, title)
        assert "✗" not in d.picture
        await d.press("tab")
        await d.shows(wrong)
        await d.press("shift+tab", "a", "b", "c")
        await d.shows("abc")
        assert not any("abc" in line and wrong in line for line in d.picture.splitlines())
        await d.press("ctrl+u", "escape")
        form = await a_form(d, view, title)
        form.query("Input").last().focus()
        await d.press("ctrl+g")
        await d.shows(wrong)
        assert d.app.screen is form
        assert form.focused is form.query_one(first)
        assert list(d.app.journal)[-1].text


async def test_the_button_says_what_is_wrong(cluster: ThreadedCluster, tmp_path: Path) -> None:
    async with program(cluster.config_for(), tmp_path) as d:
        await d.shows("live")
        form = await a_form(d, "vfolders", "▸ new folder")
        await d.pilot.click("#send")
        await d.shows("name: a name is needed", "✗ a name is needed")
        assert d.app.screen is form
        assert form.focused is form.query_one("#name")
        await d.type("fine")
        await d.hides("✗")
