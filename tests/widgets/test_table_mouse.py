from __future__ import annotations

from typing import Any

from textual.events import MouseScrollDown
from textual.pilot import Pilot
from textual.selection import Selection

from bai_tui.widgets.table import LiveTable

from .table_app import TableApp, Task, screen, settle, tasks


async def drag(pilot: Pilot[Any], start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down(offset=start)
    await pilot.hover(offset=((start[0] + end[0]) // 2, end[1]))
    await pilot.hover(offset=end)
    await pilot.mouse_up(offset=end)
    await settle(pilot)


async def test_click_and_double_click() -> None:
    app = TableApp(tasks(50))
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        await pilot.click(offset=(20, 5))
        assert table.cursor_key == 4
        assert app.of(LiveTable.RowOpened) == []
        await pilot.click(offset=(20, 8), times=2)
        assert [message.key for message in app.of(LiveTable.RowOpened)] == [7]
        await pilot.click(offset=(0, 9))
        assert table.marked == {8}
        await pilot.click(offset=(30, 12), control=True)
        assert table.marked == {8, 11}
        await pilot.click(offset=(30, 12), button=3)
        menu = app.of(LiveTable.MenuRequested)[0]
        assert (menu.key, menu.at) == (11, (30, 12))
        assert table.text_selection is None


async def test_a_second_click_on_another_row_does_not_open() -> None:
    app = TableApp(tasks(50))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.click(offset=(20, 5))
        app.table.remove([0])  # the rows move between the two clicks
        await settle(pilot)
        await pilot.click(offset=(20, 5))
        assert app.of(LiveTable.RowOpened) == []
        assert app.table.cursor_key == 5


async def test_header_click_sorts() -> None:
    app = TableApp(tasks(50))
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        x = screen(table)[0].index("LOAD")
        await pilot.click(offset=(x, 0))
        assert (table.sort_column, table.sort_reverse) == ("load", True)
        await pilot.click(offset=(x, 0))
        assert (table.sort_column, table.sort_reverse) == ("load", False)
        assert len(app.of(LiveTable.SortChanged)) == 2
        await pilot.click(offset=(0, 0))  # left of the columns
        assert len(app.of(LiveTable.SortChanged)) == 2


async def test_wheel() -> None:
    app = TableApp(tasks(500))
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        event = MouseScrollDown(table, 10, 10, 0, 1, 0, False, False, False, 10, 10)
        for _ in range(3):
            app.screen._forward_event(event._apply_offset(0, 0))
        await settle(pilot)
        assert table.scroll_offset.y > 0
        assert table.cursor_index == 0
        top = table.scroll_offset.y
        assert screen(table)[1].strip().startswith(f"t{top:05}")
        await pilot.press("j")  # the cursor comes back into view
        assert table.cursor_index == 1
        assert table.scroll_offset.y == 1


async def test_drag_selects_text() -> None:
    app = TableApp([Task(n, f"작업-{n}") for n in range(30)])
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        await settle(pilot)
        await drag(pilot, (9, 3), (14, 3))
        assert app.screen.get_selected_text() == "작업-2"
        assert table.cursor_index == 0  # a drag is no click
        # Shown, too.
        plain = {segment.style for segment in table.render_line(4) if "작업" in segment.text}
        marked = {segment.style for segment in table.render_line(3) if "작업" in segment.text}
        assert plain.isdisjoint(marked)

        await drag(pilot, (9, 5), (14, 7))
        text = app.screen.get_selected_text()
        assert text is not None
        lines = text.splitlines()
        assert len(lines) == 3
        assert lines[0].startswith("작업-4")
        assert lines[1].split()[0] == "t00005"
        assert lines[2].split() == ["t00006", "작업-6"]


async def test_a_selection_stays_on_its_rows() -> None:
    app = TableApp(tasks(30))
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        table.sort("id")
        await settle(pilot)
        await drag(pilot, (9, 5), (14, 7))
        before = app.screen.get_selected_text()
        assert before
        table.remove([0, 1])
        await settle(pilot)
        assert app.screen.get_selected_text() == before
        selection = table.text_selection
        assert selection is not None
        assert selection.start is not None
        assert selection.start.y == 2
        table.remove([5])  # out of its middle
        await settle(pilot)
        assert table.text_selection is None


async def test_selecting_everything_means_what_is_in_view() -> None:
    app = TableApp(tasks(100_000))
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        table.scroll_to(y=5000, animate=False, force=True)
        await settle(pilot)
        app.screen.selections = {table: Selection(None, None)}
        await settle(pilot)
        found = table.get_selection(Selection(None, None))
        assert found is not None
        assert len(found[0].splitlines()) == 23
        await pilot.press("escape")
        assert table.text_selection is None
