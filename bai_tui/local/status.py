"""Manager status (running, frozen) and the announcement, kept in the configuration store."""

from __future__ import annotations

from bai_tui.local.context import Context
from bai_tui.local.problems import ServerFrozen, ServiceUnavailable

STATUS_KEY = "manager/status"
ANNOUNCEMENT_KEY = "manager/announcement"


def manager_status(ctx: Context) -> str:
    """`running` or `frozen` (`preparing`, `terminated` if somebody configured that)."""
    if ctx.faults.frozen:
        return "frozen"
    return ctx.store.value("SELECT value FROM config WHERE key = ?", STATUS_KEY) or "running"


def set_manager_status(ctx: Context, status: str) -> None:
    """Store the status."""
    ctx.store.execute("INSERT OR REPLACE INTO config VALUES (?, ?)", STATUS_KEY, status)


def require_status(ctx: Context, mutating: bool) -> None:
    """Refuse what the status does not allow (rest-overview.md 5).

    Raises:
        ServerFrozen: a mutating route of a frozen manager.
        ServiceUnavailable: the manager is neither running nor frozen.
    """
    status = manager_status(ctx)
    if status == "running" or (status == "frozen" and not mutating):
        return
    if status == "frozen":
        raise ServerFrozen
    raise ServiceUnavailable


def announcement(ctx: Context) -> str:
    """The announcement, empty when there is none."""
    return ctx.store.value("SELECT value FROM config WHERE key = ?", ANNOUNCEMENT_KEY) or ""


def set_announcement(ctx: Context, message: str) -> None:
    """Store the announcement; an empty one removes it."""
    ctx.store.delete("config", key=ANNOUNCEMENT_KEY)
    if message:
        ctx.store.insert("config", key=ANNOUNCEMENT_KEY, value=message)
