"""Whatever happens, the terminal shows what a fresh paint of the table would show.

The terminal is played by `Terminal`, which takes only what the compositor sends: the spans of
partial updates.  A region that is repainted too narrowly, or not at all, leaves old cells there.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import Any, cast

import pytest
from rich.style import Style
from textual.pilot import Pilot
from textual.strip import Strip

from bai_tui.widgets.table import ColumnState
from bai_tui.widgets.text import cell_len

from .table_app import TableApp, Task, settle, tasks

Picture = list[list[tuple[str, Style | None]]]

NAMES = ["한국어 이름", "[red]x\x1b[2J", "👩\u200d🚀 go", "plain", "e\u0301tude"]


def cells(strip: Strip) -> list[tuple[str, Style | None]]:
    """One entry per cell; the second cell of a wide character is empty."""
    found: list[tuple[str, Style | None]] = []
    for segment in strip:
        style = (
            segment.style.without_color
            + Style(color=segment.style.color, bgcolor=segment.style.bgcolor)
            if segment.style
            else None
        )
        for start in range(len(segment.text)):
            char = segment.text[start]
            width = cell_len(segment.text[: start + 1]) - cell_len(segment.text[:start])
            if width <= 0 and found:
                found[-1] = (found[-1][0] + char, style)
            else:
                found.append((char, style))
                found.extend([("", style)] * (width - 1))
    return found


class Terminal:
    """The screen as the compositor's updates have made it."""

    def __init__(self, app: TableApp) -> None:
        self.compositor = cast(Any, app.screen._compositor)
        self.picture: Picture = self.fresh()
        self.partial: Any = self.compositor.render_partial_update
        self.full: Any = self.compositor.render_full_update
        self.compositor.render_partial_update = self.take_partial
        self.compositor.render_full_update = self.take_full

    def fresh(self) -> Picture:
        return [cells(strip) for strip in self.compositor.render_strips()]

    def take_partial(self) -> Any:
        update = self.partial()
        if update is not None:
            now = self.fresh()
            for y, x1, x2 in update.spans:
                self.picture[y][x1:x2] = now[y][x1:x2]
        return update

    def take_full(self, **options: Any) -> Any:
        update = self.full(**options)
        self.picture = self.fresh()
        return update


class Chaos:
    """Random changes of a table, by server and user."""

    def __init__(self, app: TableApp, pilot: Pilot[Any], seed: int) -> None:
        self.app, self.pilot, self.table = app, pilot, app.table
        self.rng = random.Random(seed)
        self.rows = {task.id: task for task in app.initial}
        self.next_id = 1000

    async def step(self) -> None:
        live = [self.change, self.change, self.change, self.add, self.drop, self.reload, self.tick]
        user = [self.keys, self.keys, self.sort, self.filter, self.columns, self.click, self.mark]
        await self.rng.choice([*live, *user, self.stale, self.resize])()

    async def change(self) -> None:
        some = [key for key in self.rows if self.rng.random() < 0.1]
        for key in some:
            self.rows[key] = replace(
                self.rows[key],
                load=self.rng.choice([1.0, 2.0, 99.0]),
                status=self.rng.choice(["RUNNING", "ERROR"]),
                name=self.rng.choice([self.rows[key].name, *NAMES]),
            )
        self.table.upsert([self.rows[key] for key in some])

    async def add(self) -> None:
        self.next_id += 1
        task = Task(self.next_id, self.rng.choice(NAMES), load=self.rng.random() * 100)
        self.rows[task.id] = task
        self.table.upsert([task])

    async def drop(self) -> None:
        gone = [key for key in self.rows if self.rng.random() < 0.05]
        for key in gone:
            del self.rows[key]
        self.table.remove(gone)

    async def reload(self) -> None:
        rows = list(self.rows.values())
        self.rng.shuffle(rows)
        self.rows = {task.id: task for task in rows}
        self.table.set_rows(rows)

    async def sort(self) -> None:
        self.table.sort(
            self.rng.choice([None, "load", "name", "status", "age"]),
            self.rng.choice([True, False, None]),
        )

    async def filter(self) -> None:
        self.table.set_filter(self.rng.choice(["", "", "task-1", "!run", "zzz"]))

    async def keys(self) -> None:
        names = ["j", "k", "G", "g", "pagedown", "pageup", "V", "space", "escape"]
        names += ["shift+right", "right", "left", "o", "W"]
        await self.pilot.press(*self.rng.choices(names, k=4))

    async def columns(self) -> None:
        visible = ["id", "name", "status", "load", "age", "note"]
        self.rng.shuffle(visible)
        self.table.column_state = ColumnState(tuple(visible[: self.rng.randrange(1, 7)]))

    async def stale(self) -> None:
        self.table.stale = not self.table.stale

    async def tick(self) -> None:
        self.app.clock.now += self.rng.choice([0, 1, 60])
        self.table.tick()

    async def click(self) -> None:
        width, height = self.app.size
        at = (self.rng.randrange(width - 2), self.rng.randrange(height - 2))
        await self.pilot.click(offset=at)

    async def mark(self) -> None:
        self.table.mark(list(self.rows)[::7], self.rng.random() < 0.7)

    async def resize(self) -> None:
        await self.pilot.resize_terminal(*self.rng.choice([(80, 24), (100, 30), (60, 16)]))
        await settle(self.pilot)


async def frame(pilot: Pilot[Any]) -> None:
    """Wait until nothing is left to be painted."""
    await settle(pilot)
    async with asyncio.timeout(10):
        while pilot.app.screen._dirty_widgets or pilot.app.screen._layout_required:
            await asyncio.sleep(0.005)
    await settle(pilot)


@pytest.mark.parametrize("seed", range(10))
async def test_the_terminal_shows_what_a_fresh_paint_would(seed: int) -> None:
    app = TableApp(tasks([0, 3, 22, 23, 24, 60][seed % 6]))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        terminal = Terminal(app)
        chaos = Chaos(app, pilot, seed)
        for _ in range(40):
            for _ in range(chaos.rng.randrange(1, 4)):
                await chaos.step()
            await frame(pilot)
            assert app.table.row_count == len(chaos.rows)
            shown = terminal.picture
            app.table.refresh_rows()
            fresh = terminal.fresh()
            for y, (is_there, should_be) in enumerate(zip(shown, fresh, strict=True)):
                assert is_there == should_be, f"line {y}"
            # The full repaint must not cover up for what comes next.
            await frame(pilot)
