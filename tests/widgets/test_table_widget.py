from __future__ import annotations

import asyncio
import random
from dataclasses import replace

import pytest
from textual.geometry import Region, Size

from bai_tui.widgets.table import ColumnState, LiveTable
from bai_tui.widgets.text import cell_len

from .table_app import SIZES, TableApp, Task, screen, settle, tasks


@pytest.mark.parametrize("size", SIZES)
async def test_first_picture(size: tuple[int, int]) -> None:
    app = TableApp(tasks(500))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        lines = screen(app.table)
        assert len(lines) == size[1]
        assert lines[0].split()[:4] == ["ID", "NAME", "STATUS", "LOAD"]
        assert ("NOTE" in lines[0]) == (size[0] > 80)
        assert lines[1].startswith("▸ t00000 task-0")
        assert lines[-1].startswith(f"  t{size[1] - 2:05}")
        assert all(cell_len(line) <= size[0] for line in lines)
        # A column on the right is aligned right, under its label.
        end = lines[0].index("LOAD") + 4
        assert lines[3][end - 4 : end] == "14.0"
        assert app.table.max_scroll_x == 0
        assert app.table.max_scroll_y == 501 - size[1]


@pytest.mark.parametrize("size", SIZES)
async def test_only_the_changed_cells_are_repainted(size: tuple[int, int]) -> None:
    app = TableApp(tasks(200))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        table = app.table
        span = table._layout_now.span_of("load")
        assert span is not None
        app.painted.clear()
        table.upsert([replace(tasks(200)[5], load=99.5)])
        await settle(pilot)
        assert app.painted == [Region(span.start, 6, span.width, 1)]
        assert "99.5" in screen(table)[6]

        app.painted.clear()
        table.upsert([replace(tasks(200)[150], load=99.5)])  # out of view
        table.upsert([tasks(200)[7]])  # equal
        table.set_rows(table.rows)
        await settle(pilot)
        assert app.painted == []


async def test_what_reaches_the_compositor_is_one_line() -> None:
    """The same one level down: the update that is written to the terminal."""
    app = TableApp(tasks(200))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        compositor = app.screen._compositor
        spans: list[tuple[int, int, int]] = []
        original = compositor.render_partial_update

        def record() -> object:
            update = original()
            if update is not None:
                spans.extend(update.spans)
            return update

        compositor.render_partial_update = record  # type: ignore[assignment, method-assign]
        app.table.upsert([replace(tasks(200)[5], load=99.5)])
        await settle(pilot)
        assert {y for y, _, _ in spans} == {6}
        spans.clear()
        app.table.move_cursor(3)
        await settle(pilot)
        assert {y for y, _, _ in spans} == {1, 4}
        spans.clear()
        await settle(pilot)
        assert spans == []


async def test_an_insert_repaints_from_its_line_on() -> None:
    app = TableApp(tasks(200))
    async with app.run_test(size=(120, 40)) as pilot:
        app.table.sort("id")
        await settle(pilot)
        app.painted.clear()
        app.table.remove([30])
        await settle(pilot)
        assert app.painted
        assert min(region.y for region in app.painted if region.height == 1) == 31


@pytest.mark.parametrize("size", SIZES)
async def test_ten_thousand_rows_with_live_updates(size: tuple[int, int]) -> None:
    rng = random.Random(11)
    rows = {task.id: task for task in tasks(10_000)}
    app = TableApp(rows.values())
    async with app.run_test(size=size) as pilot:
        table = app.table
        table.sort("load", True)
        await settle(pilot)
        await pilot.press("G", "pageup", "k")
        key, line = table.cursor_key, table.cursor_index - table.scroll_offset.y
        next_id = 10_000
        for _ in range(60):
            changed = [
                replace(rows[n], load=rng.random() * 100)
                for n in rng.sample(sorted(rows), 20)
                if n != key
            ]
            changed += [Task(next_id, "new", load=rng.random() * 100)]
            next_id += 1
            gone = [n for n in rng.sample(sorted(rows), 3) if n != key]
            rows |= {task.id: task for task in changed}
            table.upsert(changed)
            table.remove(gone)
            for n in gone:
                del rows[n]
            await asyncio.sleep(0)
            assert table.cursor_key == key
            at_end = table.scroll_offset.y == table.max_scroll_y
            assert at_end or table.cursor_index - table.scroll_offset.y == line
            line = table.cursor_index - table.scroll_offset.y
        await settle(pilot)
        expected = sorted(rows.values(), key=lambda task: task.load, reverse=True)
        assert [task.load for task in table.rows] == [task.load for task in expected]
        top = table.scroll_offset.y
        shown = [text.split()[0].lstrip("▸") or text.split()[1] for text in screen(table)[1:]]
        assert shown == [f"t{task.id:05}" for task in table.rows[top : top + size[1] - 1]]
        # What is on the screen is what would be painted now.
        assert screen(table) == [
            "".join(segment.text for segment in strip).rstrip()
            for strip in table.render_lines(Region(0, 0, *table.size))
        ]


async def test_movement() -> None:
    app = TableApp(tasks(100))
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        for keys, index in (
            ("j", 1),
            ("down", 2),
            ("k", 1),
            ("up", 0),
            ("up", 0),
            ("pagedown", 22),
            ("pagedown", 44),
            ("pageup", 22),
            ("G", 99),
            ("j", 99),
            ("g", 0),
            ("end", 99),
            ("home", 0),
        ):
            await pilot.press(keys)
            assert table.cursor_index == index
            assert table.scroll_offset.y <= index < table.scroll_offset.y + 23
        assert screen(table)[1].startswith("▸ ")
        await pilot.press("enter")
        (opened,) = app.of(LiveTable.RowOpened)
        assert opened.key == 0
        assert opened.row == tasks(1)[0]
        highlighted = [message.key for message in app.of(LiveTable.RowHighlighted)]
        assert highlighted == [0, 1, 2, 1, 0, 22, 44, 22, 99, 0, 99, 0]


async def test_marks() -> None:
    app = TableApp(tasks(30))
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        await pilot.press("space", "j", "space")
        assert table.marked == {0, 2}
        assert [line[0] for line in screen(table)[1:5]] == ["●", " ", "●", "▸"]
        await pilot.press("j", "V", "j", "j")
        assert [line[0] for line in screen(table)[5:9]] == ["●", "●", "◉", " "]
        assert table.marked == {0, 2}
        await pilot.press("escape")
        assert [line[0] for line in screen(table)[5:8]] == [" ", " ", "▸"]
        await pilot.press("V", "k", "k", "V")
        assert table.marked == {0, 2, 4, 5, 6}
        assert [task.id for task in table.chosen_rows] == [0, 2, 4, 5, 6]
        table.remove([4])
        await settle(pilot)
        assert table.marked == {0, 2, 5, 6}
        assert app.of(LiveTable.MarksChanged)[-1].keys == {0, 2, 5, 6}
        table.set_filter("task-1")
        assert table.marked == {0, 2, 5, 6}  # hidden, but marked
        await pilot.press("asterisk")
        assert table.marked == {0, 2, 5, 6, 1} | set(range(10, 20))
        await pilot.press("backslash")
        assert not table.marked
        table.set_filter("")
        assert [task.id for task in table.chosen_rows] == [table.cursor_key]


async def test_sort_by_keys() -> None:
    app = TableApp(tasks(50))
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        await pilot.press("shift+right", "shift+right", "shift+right", "shift+right")
        assert table.picked == "load"
        await pilot.press("o")
        assert (table.sort_column, table.sort_reverse) == ("load", True)
        assert "LOAD▼" in screen(table)[0]
        loads = [task.load for task in table.rows]
        assert loads == sorted(loads, reverse=True)
        assert table.cursor_index == 0  # nobody had moved it
        await pilot.press("O")
        assert "LOAD▲" in screen(table)[0]
        await pilot.press("shift+left", "o")
        assert table.sort_column == "status"
        assert [m.column for m in app.of(LiveTable.SortChanged)] == ["load", "load", "status"]
        # Equal states stay sorted by load.
        errors = [task.load for task in table.rows if task.status == "ERROR"]
        assert errors == sorted(errors)
        table.sort(None)
        assert [task.id for task in table.rows] == list(range(50))
        await pilot.press("j", "j")
        table.sort("load")
        assert table.cursor_key == 2


async def test_filter_finds_and_gives_back() -> None:
    app = TableApp(tasks(100))
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        await pilot.press("j", "j", "j", "slash")
        assert len(app.of(LiveTable.FilterRequested)) == 1
        for text, ids in (
            ("task-9", [9, *range(90, 100)]),
            ("task-99", [99]),
            ("TASK-99", [99]),
            ("status:err task-1", [11, 14, 17]),
            ("!run !pend task-2", [2, 20, 23, 26, 29]),
            ("/^task-.5$/", [n for n in range(100) if n % 10 == 5 and n > 9]),
            ("name=task-7", [7]),
            ("!name:/[0-8]/", [9, 99]),
            ("nothing", []),
        ):
            table.set_filter(text)
            assert [task.id for task in table.rows] == ids, text
            if ids:
                assert table.cursor_key in ids
        assert table.cursor_row is None
        lines = screen(table)
        assert any("No match for nothing" in line for line in lines)
        assert any("escape clears the filter" in line for line in lines)
        table.upsert([Task(500, "nothing else")])
        assert [task.id for task in table.rows] == [500]
        table.set_filter("/(/")
        assert table.filter_error
        assert [task.id for task in table.rows] == [500]
        await pilot.press("escape")
        assert table.filter_text == ""
        assert table.shown_count == 101
        assert table.cursor_key == 3
        last = app.of(LiveTable.FilterChanged)[-1]
        assert (last.text, last.error, last.shown, last.total) == ("", None, 101, 101)
        assert app.of(LiveTable.FilterChanged)[-2].error is not None


async def test_a_large_filter_runs_in_slices_and_never_blanks() -> None:
    app = TableApp(tasks(20_000))
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        await settle(pilot)
        table.refresh_rows()  # what was read in the meantime is forgotten
        table.set_filter("task-1999")
        assert table.shown_count == 20_000  # the old rows stay until it is done
        table.set_filter("task-19999")
        table.upsert([Task(30_000, "late task-19999")])
        table.remove([3])
        async with asyncio.timeout(20):
            while not app.of(LiveTable.FilterChanged):
                await asyncio.sleep(0.01)
        assert [task.id for task in table.rows] == [19_999, 30_000]
        assert [m.text for m in app.of(LiveTable.FilterChanged)] == ["task-19999"]


async def test_rows_are_read_for_the_filter_before_it_is_typed() -> None:
    """However they came: the first letter of a filter waits for nothing."""
    app = TableApp(tasks(5))
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        await settle(pilot)
        table.upsert([Task(number, f"late-{number}") for number in range(100, 2_100)])
        async with asyncio.timeout(20):
            while table._cold:
                await asyncio.sleep(0.01)
        table.set_filter("late-2099")
        assert table.shown_count == 1  # at once


async def test_columns_can_be_chosen() -> None:
    app = TableApp(tasks(5))
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        assert table.column_state.visible == ("id", "name", "status", "load", "age", "note")
        table.column_state = ColumnState(("age", "name", "gone"), (("name", 20),))
        await settle(pilot)
        assert screen(table)[0].split() == ["AGE", "NAME"]
        assert table.column_state == ColumnState(("age", "name"), (("name", 20),))
        table.set_filter("running")  # not in a visible column any more
        assert table.shown_count == 0
        table.set_filter("status:running")
        assert table.shown_count == 2
        with pytest.raises(KeyError):
            table.sort("nonsense")


async def test_wide_mode_scrolls_sideways_with_the_name_in_place() -> None:
    app = TableApp(tasks(50))
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        table.column_state = ColumnState(("name", "id", "status", "load", "age", "note"))
        await pilot.press("W")
        await settle(pilot)
        assert table.max_scroll_x > 0
        await pilot.press("right", "right", "right", "right")
        await settle(pilot)
        assert table.scroll_offset.x == table.max_scroll_x
        lines = screen(table)
        assert lines[0].split() == ["NAME"]  # the end of NOTE, a column of 80 cells
        assert lines[2].startswith("  task-1 ")
        assert lines[2].endswith("xxx")
        assert all(cell_len(line) <= 80 for line in lines)
        await pilot.press("W")
        await settle(pilot)
        assert table.scroll_offset.x == table.max_scroll_x == 0
        assert "NOTE" not in screen(table)[0]


async def test_ages_tick_without_a_repaint_of_rows() -> None:
    app = TableApp(tasks(100))
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        span = table._layout_now.span_of("age")
        assert span is not None
        await settle(pilot)
        app.painted.clear()
        table.tick()
        assert app.painted == []
        app.clock.now += 1
        table.tick()
        assert len(app.painted) == 23
        assert {(r.x, r.width, r.height) for r in app.painted} == {(span.start, span.width, 1)}
        assert screen(table)[2].split()[-1] == "2s"
        app.clock.now += 5
        table.tick()
        await pilot.press("G")
        await pilot.press("g")
        assert screen(table)[2].split()[-1] == "7s"


async def test_a_watched_change_is_lit_for_a_moment() -> None:
    app = TableApp(tasks(10))
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        await settle(pilot)

        def lit() -> list[str]:
            return [
                segment.text.strip()
                for segment in table.render_line(4)
                if segment.style and segment.style.underline
            ]

        assert lit() == []
        table.upsert([replace(tasks(10)[3], status="ERROR", load=5.0)])
        assert lit() == ["✖ ERROR"]
        async with asyncio.timeout(10):
            while lit():
                await asyncio.sleep(0.05)
        assert table._highlight_timer is None


async def test_states_without_rows() -> None:
    app = TableApp(empty="No tasks.\nn starts one")
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        await settle(pilot)
        assert "No tasks." in "\n".join(screen(table))
        assert "n starts one" in "\n".join(screen(table))
        table.loading_rows = True
        await settle(pilot)
        assert "───" in "\n".join(screen(table))
        async with asyncio.timeout(10):
            while "loading tasks…" not in "\n".join(screen(table)):
                await asyncio.sleep(0.02)
        table.loading_rows = False
        table.error_text = "The server does not answer.\nctrl+r tries again"
        await settle(pilot)
        assert "ctrl+r tries again" in "\n".join(screen(table))
        assert screen(table)[0].split()[:2] == ["ID", "NAME"]
        table.set_rows(tasks(3))
        table.loading_rows = True
        await settle(pilot)
        assert screen(table)[1].startswith("▸ t00000")  # rows stay, whatever the state
        table.stale = True
        await settle(pilot)
        style = next(iter(table.render_line(2))).style
        assert style is not None
        assert style.dim
        for keys in ("enter", "j", "space", "c", "o", "V", "G", "left"):
            table.set_rows([])
            await pilot.press(keys)
        assert table.cursor_key is None
        assert app.of(LiveTable.RowHighlighted)[-1].row is None


async def test_text_of_the_server_is_text() -> None:
    names = [
        "[red]x\x1b[2J[/red]",
        "한국어 세션 이름이 아주 길어서 잘려야 합니다 정말로",
        "👩\u200d🚀👨\u200d👩\u200d👧 family",
        "e\u0301tude",
        "abc\u202etxt.exe",
        "two\nlines\ttab",
        "bad\udc80surrogate",
        "",
        "x" * 1_000_000,
    ]
    app = TableApp([Task(n, name, "[b]?") for n, name in enumerate(names)])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        lines = screen(app.table)
        text = "\n".join(lines)
        assert "[red]x␛[2J[/red]" in text
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "two␊lines␉tab" in text
        assert "bad<U+DC80>surrogate" in text
        assert "[b]?" in text
        for line in range(1, len(names) + 1):
            strip = app.table.render_line(line)
            assert strip.cell_length == 80 == cell_len(strip.text)
            # The column after the name begins at the same cell in every line.
            assert strip.crop(strip.cell_length - 80, 80).text.count("? [b]?") == 1
        app.export_screenshot()


async def test_a_renderer_that_fails_costs_its_cell() -> None:
    app = TableApp([Task(1, "good"), Task(2, "bad", load="no number")])  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        app.table.sort("load")
        await settle(pilot)
        (line,) = [line for line in screen(app.table) if "bad" in line]
        assert "!Valu…" in line


async def test_copying() -> None:
    app = TableApp(tasks(5), id_of=lambda task: f"id-{task.id}")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("c", "space", "space", "c", "C", "x", "w", "a")
        await settle(pilot)
        copied = [(message.text, message.what) for message in app.of(LiveTable.Copied)]
        assert copied[:2] == [("id-0", "id"), ("id-0\nid-1", "id of 2 rows")]
        text, what = copied[2]
        assert what == "row of 2 rows"
        assert text.splitlines()[1].split("\t")[:4] == ["t00001", "task-1", "PENDING", "7.0"]
        assert len(app.of(LiveTable.ExportRequested)) == 1
        assert len(app.of(LiveTable.ColumnsRequested)) == 1
        assert app.of(LiveTable.MenuRequested)[0].key == 2


async def test_bindings_are_described_and_named() -> None:
    merged = LiveTable._merged_bindings
    assert merged is not None
    bindings = list(merged.key_to_bindings.values())
    flat = [binding for group in bindings for binding in group]
    assert all(binding.description and (binding.id or "").startswith("table.") for binding in flat)
    assert len(bindings) == sum(len(group) for group in bindings)  # no key twice


async def test_resizing_keeps_the_cursor_in_view() -> None:
    app = TableApp(tasks(100))
    async with app.run_test(size=(120, 40)) as pilot:
        table = app.table
        table.move_cursor(38)
        for size in ((80, 24), (30, 6), (200, 60), (10, 2), (80, 24)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
            assert table.size == Size(*size)
            assert table.cursor_key == 38
            body = size[1] - table.scrollbar_size_horizontal - 1
            assert table.scroll_offset.y <= 38 < table.scroll_offset.y + max(1, body)
            assert not body or any(line.startswith("▸") for line in screen(table))


async def test_a_hundred_thousand_rows_with_a_key_given_twice() -> None:
    app = TableApp()
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        table.set_rows([*tasks(100_000), Task(3, "the last one counts")])
        await settle(pilot)
        assert table.row_count == table.shown_count == 100_000
        assert "the last one counts" in screen(table)[4]
        assert table.cursor_key == 0
        await pilot.press("G")
        assert table.cursor_index == 99_999
        assert screen(table)[-1].startswith("▸ t99999")


async def test_a_row_that_goes_back_to_what_it_was_is_repainted_too() -> None:
    app = TableApp(tasks(50))
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.table
        await settle(pilot)
        first = tasks(50)[5]
        for row in (replace(first, load=99.5), first, replace(first, load=1.5), first):
            app.painted.clear()
            table.upsert([row])
            assert len(app.painted) == 1
            await settle(pilot)
            painted = app.screen._compositor.render_strips()[6].text
            assert f"{row.load:.1f}" in painted
