"""An application with one table, and a recorder of what reaches the terminal, for the tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from textual.app import App, ComposeResult
from textual.events import Click
from textual.geometry import Region
from textual.message import Message
from textual.pilot import Pilot

from bai_tui.widgets.table import Cell, Column, LiveTable

SIZES = [(80, 24), (120, 40), (200, 60)]

_TONES = {"RUNNING": ("success", "●"), "PENDING": ("warning", "◌"), "ERROR": ("error", "✖")}


@dataclass(frozen=True)
class Task:
    id: int
    name: str
    status: str = "RUNNING"
    load: float = 0.0
    created: float = 0.0


class Clock:
    now = 1000.0


def columns(clock: Clock) -> list[Column[Task]]:
    return [
        Column(key="id", label="ID", render=lambda t: f"t{t.id:05}", width=6, priority=60),
        Column(
            key="name",
            label="NAME",
            render=lambda t: t.name,
            min_width=10,
            max_width=40,
            priority=100,
            pinned=True,
        ),
        Column(
            key="status",
            label="STATUS",
            render=lambda t: Cell(t.status, *_TONES.get(t.status, ("", "?"))),
            width=12,
            priority=90,
            watch=True,
        ),
        Column(
            key="load",
            label="LOAD",
            render=lambda t: f"{t.load:.1f}",
            width=6,
            align="right",
            sort_key=lambda t: t.load,
            value=lambda t: t.load,
            descending=True,
            priority=50,
        ),
        Column(
            key="age",
            label="AGE",
            render=lambda t: f"{clock.now - t.created:.0f}s",
            width=6,
            align="right",
            live=True,
            sort_key=lambda t: t.created,
            priority=80,
        ),
        Column(key="note", label="NOTE", render=lambda t: "x" * 60, min_width=40, priority=10),
    ]


class TableApp(App[None]):
    """One table over the whole screen."""

    CSS = "Screen { layout: vertical; }"

    def __init__(self, rows: Iterable[Task] = (), **options: Any) -> None:
        super().__init__()
        self.clock = Clock()
        self.table: LiveTable[Task] = LiveTable(
            columns(self.clock), key=lambda task: task.id, what="tasks", **options
        )
        self.initial = list(rows)
        self.seen: list[Message] = []
        self.painted: list[Region] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.set_rows(self.initial)
        self.table.focus()
        refresh = self.table.refresh

        def recorded(*regions: Region, **options: Any) -> Any:
            self.painted.extend(regions or [Region(0, 0, *self.table.size)])
            return refresh(*regions, **options)

        self.table.refresh = recorded  # type: ignore[method-assign]

    def on_row_highlighted(self, message: Message) -> None:
        self.seen.append(message)

    on_row_opened = on_marks_changed = on_sort_changed = on_filter_changed = on_row_highlighted
    on_filter_requested = on_columns_requested = on_export_requested = on_row_highlighted
    on_copied = on_menu_requested = on_row_highlighted

    def of(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.seen if type(message) is kind]


def tasks(count: int) -> list[Task]:
    states = ("RUNNING", "PENDING", "ERROR")
    return [
        Task(n, f"task-{n}", states[n % 3], float(n * 7 % 100), 1000.0 - n) for n in range(count)
    ]


def screen(table: LiveTable[Any]) -> list[str]:
    """What the table shows, line by line."""
    return [table.render_line(y).text.rstrip() for y in range(table.size.height)]


async def settle(pilot: Pilot[Any]) -> None:
    """Let messages and repaints happen."""
    await pilot.pause()
    await pilot.pause()


def signs(table: LiveTable[Any]) -> Sequence[str]:
    """The sign left of each row."""
    return [line[:1] for line in screen(table)[1:]]


__all__ = ["SIZES", "Click", "Clock", "TableApp", "Task", "columns", "screen", "settle", "tasks"]
