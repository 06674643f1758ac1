"""Names and values: long ones stay below their beginning, and are copied whole."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.selection import Selection

from bai_tui.widgets.facts import Facts
from bai_tui.widgets.text import cell_len
from tests.waiting import until

LONG = "cr.example.com/stable/python-tensorflow:2.1-py37-cuda10.1-with-much-more-behind-it"
WIDE = "한국어로 쓴 설명이 아주 길어서 한 줄에 들어가지 않는다 그래서 다음 줄로 이어진다"
FACTS = (
    ("Session", ""),
    ("image", LONG),
    ("description", WIDE, "bold"),
    ("options", "a: 1\n  inner: some words that do not fit into what is left of the line\nb: 2"),
    ("a name that is too long", "x"),
)


class FactsApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Facts(name_width=12)

    @property
    def picture(self) -> list[str]:
        """The lines that are drawn."""
        strips = self.screen._compositor.render_strips(self.size)
        return [text for strip in strips if (text := strip.text.rstrip(" ▁▂▃▄▅▆▇█"))]


@pytest.mark.parametrize("size", [(80, 24), (40, 24), (30, 12), (120, 40)])
async def test_long_values_hang_below_their_beginning(size: tuple[int, int]) -> None:
    app = FactsApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.query_one(Facts).show(FACTS)
        await pilot.resize_terminal(*size)
        await until(lambda: app.size == size and len(app.picture) > 5)
        column = app.picture[1].index(LONG[:8])
        for line in app.picture:
            assert cell_len(line) <= size[0]
            named = any(line.startswith(f" {fact[0][:11]}") for fact in FACTS)
            assert named or line.startswith(" " * column), app.picture
        if size[1] < 24:
            return
        joined = "".join(line[column:] for line in app.picture)
        for piece in (LONG, WIDE, "some words that do not fit into what is left of the line"):
            assert piece.replace(" ", "") in joined.replace(" ", "")
        inner = [line for line in app.picture if line.startswith(" " * (column + 2))]
        assert inner, "a structure keeps its indentation"


async def test_what_was_broken_is_copied_in_one_piece() -> None:
    app = FactsApp()
    async with app.run_test(size=(44, 24)) as pilot:
        facts = app.query_one(Facts)
        facts.show(FACTS)
        await pilot.pause()
        lines = facts.children[0]
        column = app.picture[1].index(LONG[:8]) - 1  # of the text, beside the padding
        got = lines.get_selection(Selection(None, None))
        assert got is not None
        assert LONG in got[0]
        assert WIDE in got[0]
        assert "some words that do not fit into what is left of the line" in got[0]
        first = lines.get_selection(Selection(Offset(column, 1), Offset(column + 9, 2)))
        assert first is not None
        assert LONG.startswith(first[0])
        assert len(first[0]) > 20
