"""The columns of a pane with files."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from bai_tui.files import Item
from bai_tui.widgets.table import Cell, Column
from bai_tui.widgets.text import format_age, format_size


def name_cell(item: Item) -> Cell:
    """Directories have a slash, links an arrow: not told by colour alone."""
    if item.is_dir:
        return Cell(f"{item.name}/", "accent")
    if item.is_link:
        return Cell(f"{item.name} → {item.target}" if item.target else item.name, "muted")
    return Cell(item.name, "muted" if item.name.endswith(".part") else "")


def _age(item: Item) -> str:
    if item.modified is None:
        return ""
    return format_age((datetime.now(UTC) - item.modified).total_seconds())


COLUMNS: Final[tuple[Column[Item], ...]] = (
    Column(key="name", label="NAME", render=name_cell, min_width=16, flex=3, priority=100,
           cut="middle", pinned=True, value=lambda i: i.name,
           sort_key=lambda i: (not i.is_dir, i.name.casefold(), i.name)),
    Column(key="size", label="SIZE", width=7, align="right", priority=95, descending=True,
           render=lambda i: "" if i.is_dir else format_size(i.size),
           sort_key=lambda i: None if i.is_dir else i.size,
           value=lambda i: None if i.is_dir else i.size),
    Column(key="age", label="AGE", width=5, align="right", priority=90, render=_age, live=True,
           searchable=False, sort_key=lambda i: i.modified, descending=True,
           value=lambda i: i.modified),
    Column(key="mode", label="MODE", width=10, priority=30,
           render=lambda i: Cell(i.mode, "muted")),
)  # fmt: skip
