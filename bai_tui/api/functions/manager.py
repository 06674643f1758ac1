"""The manager: status and announcement."""

from __future__ import annotations

from typing import Any

from bai_tui.api.functions.base import BaseFunction, Item


class ManagerAPI(BaseFunction):
    """`session.Manager` (rest-admin.md)."""

    async def status(self) -> Item:
        """`{"nodes": […], "status": "running"|"frozen", "active_sessions": int}`."""
        return await self.read_item("manager/status", {"status": "running"})

    async def freeze(self, force_kill: bool = False) -> None:
        """Stop all changes; with `force_kill` also end all sessions."""
        body: dict[str, Any] = {"status": "frozen", "force_kill": force_kill}
        await self.call("PUT", "manager/status", body)

    async def unfreeze(self) -> None:
        """Allow changes again."""
        await self.call("PUT", "manager/status", {"status": "running"})

    async def get_announcement(self) -> Item:
        """`{"enabled": bool, "message": str}`."""
        return await self.item("GET", "manager/announcement")

    async def update_announcement(self, enabled: bool = True, message: str | None = None) -> None:
        """Set or clear the announcement; superadmins only."""
        await self.call("POST", "manager/announcement", {"enabled": enabled, "message": message})
