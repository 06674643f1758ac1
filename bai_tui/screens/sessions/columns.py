"""The columns of the sessions table: one declaration each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from bai_tui.screens.sessions.model import Row
from bai_tui.widgets.table.columns import Cell, Column
from bai_tui.widgets.text import format_age, format_number, format_size

STATUS: Final[Mapping[str, tuple[str, str]]] = {
    "PENDING": ("warning", "◌"),
    "SCHEDULED": ("accent", "◌"),
    "PREPARING": ("accent", "◔"),
    "PREPARED": ("accent", "◔"),
    "CREATING": ("accent", "◔"),
    "PULLING": ("accent", "↓"),
    "BUILDING": ("accent", "◔"),
    "RUNNING": ("success", "●"),
    "RUNNING_DEGRADED": ("warning", "●"),
    "RESTARTING": ("accent", "↻"),
    "RESIZING": ("accent", "↻"),
    "SUSPENDED": ("warning", "‖"),
    "TERMINATING": ("warning", "◍"),
    "TERMINATED": ("muted", "○"),
    "CANCELLED": ("muted", "⊘"),
    "ERROR": ("error", "✗"),
}
"""Tone and glyph by status; unknown ones of later servers get none."""


def status_cell(row: Row) -> Cell:
    """The state, or what we are doing about it."""
    if row.doing:
        return Cell(f"{row.doing}…", "accent", "…")
    tone, glyph = STATUS.get(row.info.status, ("", "·"))
    return Cell(row.info.status, tone, glyph)


def short_image(reference: str) -> str:
    """An image without registry and path: `python:3.11-ubuntu`."""
    return reference.rpartition("/")[2]


def seconds_since(moment: datetime | None) -> float | None:
    """Seconds from `moment` until now."""
    return None if moment is None else (datetime.now(UTC) - moment).total_seconds()


def age(row: Row) -> str:
    """Time since it was created; for a session that is over, how long it lived."""
    info = row.info
    if info.created_at is not None and not info.is_alive:
        end = info.terminated_at or info.status_changed
        if end is not None:
            return format_age((end - info.created_at).total_seconds())
    return format_age(seconds_since(info.created_at))


def _slot(row: Row, name: str) -> str:
    amount = row.info.occupied_slots.get(name)
    if amount is None:
        return ""
    return format_size(amount) if name == "mem" else format_number(amount)


def accelerators(row: Row) -> str:
    """Slots other than CPU and memory, such as `0.5 cuda.shares`."""
    return " ".join(
        f"{format_number(amount)} {name}"
        for name, amount in row.info.occupied_slots.items()
        if name not in ("cpu", "mem") and amount
    )


def remark(row: Row) -> Cell:
    """Why it is as it is: our failure first, then the server's words."""
    if row.note:
        return Cell(row.note, "error", "✗")
    info = row.info
    if info.status == "RUNNING" and not info.status_info:
        return Cell(info.startup_command, "muted")
    tone = {"ERROR": "error", "PENDING": "warning"}.get(info.status, "muted")
    return Cell(info.status_info, tone)


COLUMNS: Final[tuple[Column[Row], ...]] = (
    Column(key="name", label="NAME", render=lambda r: r.info.name, min_width=20, max_width=40,
           flex=2, priority=100, cut="middle", pinned=True),
    Column(key="status", label="STATUS", render=status_cell, width=14, priority=98, watch=True),
    Column(key="type", label="TYPE", render=lambda r: r.info.type.lower(), width=11, priority=44),
    Column(key="image", label="IMAGE", render=lambda r: short_image(r.info.image), min_width=18,
           max_width=34, flex=1.5, priority=80, cut="middle",
           value=lambda r: r.info.image),
    Column(key="cpu", label="CPU", render=lambda r: _slot(r, "cpu"), width=4, align="right",
           priority=75, sort_key=lambda r: r.info.occupied_slots.get("cpu"), descending=True),
    Column(key="mem", label="MEM", render=lambda r: _slot(r, "mem"), width=6, align="right",
           priority=74, sort_key=lambda r: r.info.occupied_slots.get("mem"), descending=True),
    Column(key="gpu", label="ACCEL", render=accelerators, min_width=9, max_width=18, flex=0.5,
           priority=45),
    Column(key="owner", label="OWNER", render=lambda r: r.info.user_email or r.info.access_key,
           min_width=16, max_width=30, flex=1, priority=60, cut="middle"),
    Column(key="group", label="GROUP", render=lambda r: r.info.group_name, min_width=7,
           max_width=20, flex=0.5, priority=50),
    Column(key="tag", label="TAG", render=lambda r: r.info.tag, min_width=6, max_width=20,
           flex=0.5, priority=30),
    Column(key="agent", label="AGENT", render=lambda r: r.info.agent, min_width=8, max_width=20,
           flex=0.5, priority=20, cut="middle"),
    Column(key="result", label="RESULT", render=lambda r: _result(r), width=9, priority=25),
    Column(key="info", label="INFO", render=remark, min_width=12, max_width=60, flex=2,
           priority=55),
    Column(key="age", label="AGE", render=age, width=5, align="right", priority=96, live=True,
           sort_key=lambda r: r.info.created_at, descending=True, searchable=False),
    Column(key="domain", label="DOMAIN", render=lambda r: r.info.domain_name, width=12,
           priority=18, optional=True),
    Column(key="scaling", label="SCALING", render=lambda r: r.info.scaling_group, width=12,
           priority=17, optional=True, help="scaling group"),
    Column(key="created", label="CREATED", render=lambda r: _moment(r.info.created_at), width=14,
           priority=16, optional=True, sort_key=lambda r: r.info.created_at, descending=True,
           value=lambda r: r.info.created_at, searchable=False),
    Column(key="changed", label="CHANGED", render=lambda r: _moment(r.info.status_changed),
           width=14, priority=15, optional=True, sort_key=lambda r: r.info.status_changed,
           descending=True, value=lambda r: r.info.status_changed, searchable=False),
    Column(key="ended", label="ENDED", render=lambda r: _moment(r.info.terminated_at), width=14,
           priority=14, optional=True, sort_key=lambda r: r.info.terminated_at, descending=True,
           value=lambda r: r.info.terminated_at, searchable=False),
    Column(key="command", label="COMMAND", render=lambda r: r.info.startup_command, min_width=12,
           max_width=60, flex=1, priority=13, optional=True),
    Column(key="mounts", label="MOUNTS", render=lambda r: " ".join(m.name for m in r.info.mounts),
           min_width=10, max_width=40, flex=0.5, priority=12, optional=True),
    Column(key="ports", label="PORTS", render=lambda r: " ".join(p.name for p in
           r.info.service_ports), min_width=10, max_width=30, flex=0.5, priority=12,
           optional=True, help="service ports"),
    Column(key="queries", label="QUERIES", render=lambda r: format_number(r.info.num_queries),
           width=7, align="right", priority=11, optional=True,
           sort_key=lambda r: r.info.num_queries, descending=True),
    Column(key="key", label="KEYPAIR", render=lambda r: r.info.access_key, width=20, priority=11,
           optional=True, help="access key of the owner"),
    Column(key="user", label="USER ID", render=lambda r: r.info.user_uuid, width=36, priority=9,
           optional=True),
    Column(key="container", label="CONTAINER", render=lambda r: r.info.container_id, width=14,
           priority=9, optional=True),
    Column(key="id", label="ID", render=lambda r: r.info.id, width=36, priority=10,
           optional=True),
)  # fmt: skip


def _moment(at: datetime | None) -> str:
    """Local time to the second, without the year."""
    return "" if at is None else f"{at.astimezone():%m-%d %H:%M:%S}"


def _result(row: Row) -> Cell:
    result = row.info.result
    if result in ("", "UNDEFINED"):
        return Cell("")
    failed = result == "FAILURE"
    return Cell(result.lower(), "error" if failed else "success", "✗" if failed else "✓")
