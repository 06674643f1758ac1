"""The states of a session: every change of a row's status, with its time and its event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bai_tui.local.accounting import DEAD_STATUSES

if TYPE_CHECKING:
    from bai_tui.local.context import Context

Row = dict[str, Any]

EVENTS = {
    "PREPARING": "kernel_preparing",
    "RUNNING": "kernel_started",
    "TERMINATING": "kernel_terminating",
    "TERMINATED": "kernel_terminated",
    "CANCELLED": "kernel_cancelled",
}
"""Event that goes with a new status (data-model.md 4.3); others are silent."""


def find(ctx: Context, kernel_id: str) -> Row | None:
    """The row of one session."""
    return ctx.store.one("SELECT * FROM kernels WHERE id = ?", kernel_id)


def find_alive(ctx: Context, access_key: str, name: str) -> Row | None:
    """The session of that name that is not over."""
    return ctx.store.one(
        "SELECT * FROM kernels WHERE access_key = ? AND sess_id = ? "
        "AND status NOT IN ('TERMINATED', 'CANCELLED')",
        access_key,
        name,
    )


def change(ctx: Context, row: Row, status: str, info: str | None = None, **columns: Any) -> Row:
    """Give a session a new status and publish the event that goes with it; returns the new row."""
    now = ctx.clock.now()
    if status == "TERMINATED":
        columns["terminated_at"] = now
    if status in DEAD_STATUSES:
        columns.setdefault("container_id", None)
    ctx.store.update(
        "kernels",
        {"id": row["id"]},
        status=status,
        status_info=info,
        status_changed=now,
        **columns,
    )
    new = {**row, "status": status, "status_info": info, "status_changed": now, **columns}
    if status in EVENTS and not (status == "RUNNING" and row["status"] == "RESTARTING"):
        reason = info if status in ("TERMINATING", *DEAD_STATUSES) else None
        ctx.events.publish(EVENTS[status], new, reason)
    if status in DEAD_STATUSES:
        ctx.scheduler.wake()
    ctx.scheduler.settled(row["id"])
    return new
