"""Dialogs: what one must see to answer is in sight, however much is listed."""

from __future__ import annotations

import pytest
from textual.app import App
from textual.geometry import Region

from bai_tui.widgets.dialog import Confirm

LONG = "a-session-with-a-name-of-sixty-four-characters-which-is-the-most"


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40)])
@pytest.mark.parametrize("count", [1, 5, 10_000])
async def test_the_line_and_the_buttons_are_in_sight(size: tuple[int, int], count: int) -> None:
    app = App[None]()
    text = "Running programs end. What is not in a folder is gone. " * 2
    async with app.run_test(size=size) as pilot:
        dialog = Confirm("All?", text, names=[LONG] * count, verb="End", typed=f"{count}")
        await app.push_screen(dialog)
        for columns, lines in (size, (80, 24), size):
            await pilot.resize_terminal(columns, lines)
            await pilot.pause()
            inside = dialog.query_one("#box").content_region.intersection(Region(0, 0, *app.size))
            for part in ("#names", "#typed", "#cancel", "#do"):
                region = dialog.query_one(part).region
                assert region.area
                assert inside.contains_region(region), part
