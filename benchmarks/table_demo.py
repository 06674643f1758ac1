"""The programs the table benchmark watches: one table in a terminal, ours or Textual's DataTable.

python -m benchmarks.table_demo live|data ROWS UPDATES_PER_SECOND [--time]
"""

from __future__ import annotations

import random
import sys
import time
from dataclasses import dataclass, replace
from typing import Any

from textual.app import App, ComposeResult
from textual.widgets import DataTable

from bai_tui.widgets.table import Cell, Column, LiveTable
from bai_tui.widgets.text import format_age, format_percent, format_size

_TONES = {"RUNNING": ("success", "●"), "PENDING": ("warning", "◌"), "ERROR": ("error", "✖")}
_STATES = list(_TONES)


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    name: str
    status: str
    image: str
    owner: str
    group: str
    agent: str
    cpu: float
    memory: float
    age: float


def sessions(count: int) -> list[Session]:
    rng = random.Random(1)
    return [
        Session(
            f"{rng.getrandbits(64):016x}",
            f"train-resnet-{n}",
            rng.choice(_STATES),
            "stable/python:3.11-ubuntu22.04",
            f"user{n % 97}@example.com",
            f"group-{n % 7}",
            f"i-{n % 31:03}",
            rng.random() * 400,
            rng.random() * 2**36,
            rng.random() * 1e6,
        )
        for n in range(count)
    ]


COLUMNS: list[Column[Session]] = [
    Column(key="id", label="ID", render=lambda s: s.id, width=9, cut="middle"),
    Column(key="name", label="NAME", render=lambda s: s.name, min_width=14, max_width=30),
    Column(
        key="status", label="STATUS", render=lambda s: Cell(s.status, *_TONES[s.status]), width=11
    ),
    Column(key="image", label="IMAGE", render=lambda s: s.image, min_width=12, cut="start"),
    Column(key="owner", label="OWNER", render=lambda s: s.owner, width=18),
    Column(key="group", label="GROUP", render=lambda s: s.group, width=8),
    Column(key="agent", label="AGENT", render=lambda s: s.agent, width=6),
    Column(key="cpu", label="CPU", render=lambda s: format_percent(s.cpu), width=5, align="right"),
    Column(key="mem", label="MEM", render=lambda s: format_size(s.memory), width=6, align="right"),
    Column(key="age", label="AGE", render=lambda s: format_age(s.age), width=5, align="right"),
]


class TableDemo(App[None]):
    """Mounts a table, then changes one visible row at a time."""

    def __init__(self, kind: str, count: int, rate: float, timed: bool) -> None:
        super().__init__()
        self.kind, self.rate, self.timed = kind, rate, timed
        self.data = sessions(count)
        self.rng = random.Random(2)
        self.table: Any = None

    def compose(self) -> ComposeResult:
        if not self.timed:
            yield self.make()

    def make(self) -> Any:
        if self.kind == "live":
            self.table = LiveTable(COLUMNS, key=lambda s: s.id)
        else:
            self.table = DataTable(cursor_type="row")
            self.table.add_columns(*[(column.label, column.key) for column in COLUMNS])
        return self.table

    def fill(self) -> None:
        if self.kind == "live":
            self.table.set_rows(self.data)
        else:
            for row in self.data:
                self.table.add_row(*self.texts(row), key=row.id)

    @staticmethod
    def texts(row: Session) -> list[str]:
        shown = [column.render(row) for column in COLUMNS]
        return [f"{c.glyph} {c.text}" if isinstance(c, Cell) else c for c in shown]

    def on_mount(self) -> None:
        if self.timed:
            # The table comes into a running application, as when a view is opened.
            self.set_timer(0.5, self.open_view)
            return
        self.fill()
        self.table.focus()
        if self.rate:
            self.set_interval(1 / self.rate, self.change)

    async def open_view(self) -> None:
        # A mark the watcher of the terminal can see: the window title.
        assert self._driver is not None
        self._driver.write("\x1b]2;begin\x07")
        self._driver.flush()
        table = self.make()
        began = time.perf_counter()
        self.fill()
        self.filled = time.perf_counter() - began
        await self.mount(table)
        table.focus()

    def change(self) -> None:
        index = self.rng.randrange(min(len(self.data), self.size.height - 2))
        row = replace(
            self.data[index], cpu=self.rng.random() * 400, memory=self.rng.random() * 2**36
        )
        self.data[index] = row
        if self.kind == "live":
            self.table.upsert([row])
        else:
            texts = self.texts(row)
            for column, text in zip(COLUMNS, texts, strict=True):
                if column.key in ("cpu", "mem"):
                    self.table.update_cell(row.id, column.key, text)


if __name__ == "__main__":
    TableDemo(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), "--time" in sys.argv).run()
