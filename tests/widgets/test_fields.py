"""A row of a form: a remark stays in its place, a complaint is told whole."""

from __future__ import annotations

from textual.app import App, ComposeResult

from bai_tui.widgets.fields import FormRow, TextField

LONG = "what stands against it takes more words than there is room for beside the field"


class Form(App[None]):
    def compose(self) -> ComposeResult:
        yield FormRow("Name", TextField("x"), id="name")
        yield FormRow("Other", TextField("y"))

    @property
    def lines(self) -> list[str]:
        strips = self.screen._compositor.render_strips(self.size)
        return [strip.text.rstrip() for strip in strips]


async def test_a_long_remark_is_cut_where_one_sees_it() -> None:
    app = Form()
    async with app.run_test(size=(80, 10)) as pilot:
        app.query_one("#name", FormRow).note(LONG)
        await pilot.pause()
        assert app.lines[0].endswith("…")
        assert app.lines[1].startswith("Other")


async def test_a_long_complaint_is_told_whole() -> None:
    app = Form()
    async with app.run_test(size=(80, 10)) as pilot:
        row = app.query_one("#name", FormRow)
        row.note("", LONG)
        await pilot.pause()
        told = " ".join(line[53:].strip() for line in app.lines[: row.size.height])
        assert told == f"✗ {LONG}"
        row.note("short")
        await pilot.pause()
        assert row.size.height == 1
