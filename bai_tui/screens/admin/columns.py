"""Columns and cells that several resources share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from bai_tui.api.models import parse_decimal, parse_json, parse_slots, parse_time
from bai_tui.screens.admin.resource import Item, is_active
from bai_tui.screens.create.draft import show_amount
from bai_tui.widgets.table.columns import Cell, Column
from bai_tui.widgets.text import format_age, format_number, format_percent, format_size

ACTIVE: Final[Column[Item]] = Column(
    key="active", label="ACTIVE", width=8, priority=90, watch=True,
    render=lambda item: active_cell(item), value=is_active,
)  # fmt: skip


def active_cell(item: Item) -> Cell:
    """Whether it is active, or what we are doing with it."""
    if item.doing:
        return Cell(f"{item.doing}…", "accent", "…")
    if item.note:
        return Cell("failed", "error", "✗")
    return Cell("yes", "success", "●") if is_active(item) else Cell("no", "muted", "○")


def text(
    key: str,
    label: str,
    *,
    width: int | None = None,
    least: int = 8,
    most: int = 30,
    priority: int = 50,
    flex: float = 1.0,
    cut: Any = "end",
    pinned: bool = False,
    optional: bool = False,
    tone: str = "",
) -> Column[Item]:
    """A field as it is."""
    return Column(
        key=key,
        label=label,
        render=lambda item: Cell(item.text(key), tone) if tone else item.text(key),
        width=width,
        min_width=least,
        max_width=most,
        flex=flex,
        priority=priority,
        cut=cut,
        pinned=pinned,
        optional=optional,
    )


def flag(key: str, label: str, *, width: int = 6, priority: int = 40) -> Column[Item]:
    """Yes or no."""

    def render(item: Item) -> Cell:
        value = item.data.get(key)
        return Cell("-", "muted") if value is None else Cell("yes" if value else "no")

    return Column(key=key, label=label, render=render, width=width, priority=priority,
                  value=lambda item: item.data.get(key))  # fmt: skip


def number(
    key: str, label: str, *, width: int = 7, priority: int = 50, size: bool = False,
    none: str = "-", zero: str = "", below: str = "",
) -> Column[Item]:  # fmt: skip
    """A number, or a size in bytes; `zero` and `below` say what 0 and less mean."""

    def value(item: Item) -> Any:
        return parse_decimal(item.data.get(key))

    def render(item: Item) -> str:
        amount = value(item)
        if amount is None:
            return none
        if zero and not amount:
            return zero
        if below and amount < 0:
            return below
        return format_size(amount) if size else format_number(amount)

    return Column(key=key, label=label, render=render, width=width, priority=priority,
                  align="right", sort_key=value, value=value, descending=True)  # fmt: skip


def slots(key: str, label: str, *, least: int = 16, most: int = 40, priority: int = 50,
          none: str = "no limit") -> Column[Item]:  # fmt: skip
    """Resource slots."""
    return Column(key=key, label=label, min_width=least, max_width=most, priority=priority,
                  render=lambda item: show_slots(item.data.get(key)) or Cell(none, "muted"),
                  value=lambda item: parse_json(item.data.get(key)))  # fmt: skip


def names(key: str, label: str, *, least: int = 10, most: int = 30, priority: int = 40,
          none: str = "-") -> Column[Item]:  # fmt: skip
    """A list of names, or the names of a map."""
    return Column(key=key, label=label, min_width=least, max_width=most, priority=priority,
                  render=lambda i: show_names(i.data.get(key)) or Cell(none, "muted"))  # fmt: skip


def age(key: str = "created_at", label: str = "AGE", *, priority: int = 60) -> Column[Item]:
    """Time since then."""

    def at(item: Item) -> datetime | None:
        return parse_time(item.data.get(key))

    return Column(key=key, label=label, width=max(5, len(label)), align="right",
                  priority=priority, live=True, descending=True, searchable=False,
                  render=lambda item: format_age(seconds_since(at(item))),
                  sort_key=at, value=at)  # fmt: skip


def seconds_since(moment: datetime | None) -> float | None:
    """Seconds from then until now."""
    return None if moment is None else (datetime.now(UTC) - moment).total_seconds()


def show_slots(value: Any) -> str:
    """`cpu 4  mem 8Gi`."""
    amounts = parse_slots(value)
    return "  ".join(f"{name} {show_amount(name, amount)}" for name, amount in amounts.items())


def show_names(value: Any) -> str:
    """Names with commas."""
    value = parse_json(value) if isinstance(value, str) else value
    return ", ".join(map(str, value)) if isinstance(value, (list, dict)) else ""


def used_of(slot: str, label: str, width: int, priority: int) -> Column[Item]:
    """How much of an agent's slot is reserved: `2/8`, with a tone when it is nearly full."""

    def share(item: Item) -> float | None:
        used = parse_slots(item.data.get("occupied_slots")).get(slot)
        total = parse_slots(item.data.get("available_slots")).get(slot)
        return float((used or 0) / total) if total and total.is_finite() else None

    def render(item: Item) -> Cell:
        used = parse_slots(item.data.get("occupied_slots")).get(slot)
        total = parse_slots(item.data.get("available_slots")).get(slot)
        if total is None:
            return Cell("-", "muted")
        part = share(item) or 0.0
        tone = "error" if part >= 0.95 else "warning" if part >= 0.8 else ""
        shown = "0" if not used else show_amount(slot, used)
        return Cell(f"{shown}/{show_amount(slot, total)}", tone)

    return Column(key=slot, label=label, render=render, width=width, align="right",
                  priority=priority, sort_key=share, descending=True)  # fmt: skip


def percent(read: Callable[[Item], Any], key: str, label: str, priority: int) -> Column[Item]:
    """A share in percent."""
    return Column(key=key, label=label, width=6, align="right", priority=priority, watch=False,
                  render=lambda item: format_percent(read(item)), sort_key=read,
                  descending=True)  # fmt: skip
