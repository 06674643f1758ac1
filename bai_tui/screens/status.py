"""The badges at the right of the upper bar: read-only, health, staleness, counts. Pure."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bai_tui.connection import Health
from bai_tui.diagnosis import explain_clock
from bai_tui.transfers.model import State
from bai_tui.widgets.bars import Part

if TYPE_CHECKING:
    from bai_tui.connection import Connection
    from bai_tui.tasks import Task
    from bai_tui.transfers import Transfers

STALE_AFTER = 30.0
"""Seconds after which data that is not kept up to date is marked."""


def badges(connection: Connection, loaded_at: float | None, counts: str) -> list[Part]:
    """What to show, from left to right; word and glyph, never colour alone.

    Args:
        connection: whose health is shown.
        loaded_at: loop time of the data shown while it is not live; None when it is.
        counts: text such as `12/340`.
    """
    parts: list[Part] = []
    if connection.read_only:
        parts.append(("[RO]", "bold $text-warning"))
    clock = explain_clock(connection.clock_offset)
    if clock:
        parts.append((clock, "$text-warning"))
    now = asyncio.get_running_loop().time()
    if loaded_at is not None and not connection.ready and now - loaded_at > STALE_AFTER:
        parts.append((f"stale {_clock(now - loaded_at)}", "$text-warning"))
    parts.append(health(connection, now))
    if counts:
        parts.append((counts, "$text-muted"))
    return parts


def transfer_badge(transfers: Transfers) -> list[Part]:
    """What moves just now; nothing when nothing does."""
    active = transfers.active
    waiting = [t for t in transfers.unfinished if t.state in (State.WAITING, State.PAUSED)]
    if not active and not waiting:
        return []
    total = sum(t.total for t in active)
    share = f" {100 * sum(t.done for t in active) / total:.0f}%" if total else ""
    up = sum(t.order.direction == "upload" for t in active)
    parts = [f"↑{up}" if up else "", f"↓{len(active) - up}" if len(active) > up else ""]
    text = "".join(parts) + share
    if waiting:
        text = f"{text} ‖{len(waiting)}".strip()
    return [(text, "$text-accent" if active else "$text-warning")]


def task_badge(running: list[Task]) -> list[Part]:
    """How far the running tasks are; nothing when none runs."""
    if not running:
        return []
    shares = [task.share or 0.0 for task in running]
    share = f" {100 * sum(shares) / len(shares):.0f}%" if any(shares) else ""
    return [(f"⟳{len(running)}{share}", "$text-accent")]


def health(connection: Connection, now: float) -> Part:
    """The state of the connection in a few words."""
    match connection.health:
        case Health.LIVE if connection.polling:
            return "● polling", "$text-success"
        case Health.LIVE:
            return "● live", "$text-success"
        case Health.STARTING | Health.CONNECTING:
            return "◌ connecting", "$text-accent"
        case Health.REFUSED:
            return f"✗ refused{_next(connection, now)}", "bold $text-error"
        case Health.OFFLINE:
            away = f" {_clock(now - connection.lost_at)}" if connection.lost_at else ""
            return f"○ offline{away}{_next(connection, now)}", "bold $text-warning"


def _next(connection: Connection, now: float) -> str:
    if connection.retry_at is None:
        return ""
    return f", retry {max(0, round(connection.retry_at - now))} s"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(max(0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
