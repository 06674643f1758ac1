"""Every main view: keys, labels, help, and room at 80x24. New views come in by themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from textual.binding import Binding
from textual.geometry import Region
from textual.screen import Screen
from textual.widget import Widget

from bai_tui import actions
from bai_tui.actions import MAIN_VIEWS, MainView
from bai_tui.screens.view import View
from bai_tui.widgets.bars import Crumbs, Hints
from tests.screens.driving import program
from tests.screens.test_actions import load
from tests.waiting import until

if TYPE_CHECKING:
    from bai_tui.api import APIConfig

each_view = pytest.mark.parametrize("view", MAIN_VIEWS, ids=lambda view: view.name)


@each_view
def test_keys_are_unlike_and_labelled(view: MainView) -> None:
    screen = load(view.module, view.screen)
    assert actions.clashes("app", *screen.SCOPES) == []
    for binding in screen.BINDINGS:
        made = binding if isinstance(binding, Binding) else Binding(*binding)
        action = actions.BY_ID.get(made.id or "")
        assert action is not None or made.description, f"{made.key} has no label"
        assert action is None or action.help.endswith("."), made.id


def outside(view: Screen[Any], width: int, height: int) -> list[str]:
    """Widgets that stick out of the screen, and are not there to be scrolled to."""
    wrong, size = [], Region(0, 0, width, height)
    for widget in view.query(Widget):
        parent = widget.parent
        if not widget.display or not widget.region or not isinstance(parent, Widget):
            continue
        scrolled = any(
            isinstance(a, Widget) and (a.allow_vertical_scroll or a.allow_horizontal_scroll)
            for a in widget.ancestors
        )
        if not scrolled and not size.contains_region(widget.region):
            wrong.append(f"{widget!r} at {widget.region}")
        if widget.show_horizontal_scrollbar:
            wrong.append(f"{widget!r} scrolls sideways")
    return wrong


@each_view
async def test_a_view_fits_and_helps_at_80x24(
    view: MainView, config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    async with program(config_for(), tmp_path, (80, 24)) as driver:
        await until(lambda: driver.app.connection.ready, "the connection")
        driver.app.show_view(view.name)
        await until(lambda: driver.app.current_mode == view.name)
        await driver.pilot.pause()
        screen = driver.app.screen
        assert isinstance(screen, View)
        await until(lambda: not driver.app.workers._workers or screen.is_mounted)
        assert outside(screen, 80, 24) == []
        picture = driver.picture
        assert picture.splitlines()[-1].endswith((" ? help", " f1 help"))
        assert screen.query_one(Crumbs).size.height == screen.query_one(Hints).size.height == 1
        for line in picture.splitlines():
            assert len(line) <= 80
        await driver.press("f1")  # "?" would be written where one types
        await driver.shows("keys: ")
        present = screen.actions()
        sheet = driver.app.screen
        text = str(sheet.text())  # type: ignore[attr-defined]
        for action in present:
            first = action.help.split()[0]
            assert first in text, f"{action.id} is not in the help"
        await driver.press("escape")
        await until(lambda: driver.app.screen is screen)


@pytest.mark.parametrize("key", ["f1", "a", "w"], ids=["help", "actions", "columns"])
async def test_a_smaller_terminal_shows_the_same_as_one_that_was_small(
    key: str, config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    """What lies over a view breaks its lines anew."""
    pictures = []
    async with program(config_for(), tmp_path, (80, 24)) as d:
        await d.shows("live")
        d.app.show_view("etcd")  # no ages that go on
        await d.shows("volumes")
        for first in ((80, 24), (200, 60)):
            await d.pilot.resize_terminal(*first)
            await d.press(key)
            await until(lambda: not isinstance(d.app.screen, View))
            await d.pilot.resize_terminal(80, 24)
            await d.pilot.pause()
            pictures.append(d.picture)
            await d.press("escape")
            await until(lambda: isinstance(d.app.screen, View))
    assert pictures[0] == pictures[1]
