"""Errors that clients report to the server."""

from __future__ import annotations

from bai_tui.api.functions.base import BaseFunction, Item


class ErrorLogAPI(BaseFunction):
    """`session.ErrorLog` (rest-admin.md 7); servers from 20.03 on."""

    async def list(self, page: int = 1, size: int = 20, mark_read: bool = False) -> Item:
        """One page, the newest first: `{"logs": [{"log_id", "severity", …}], "count": int}`.

        Args:
            page: from 1. size: at most 100. mark_read: also mark them as read.

        Raises:
            UnsupportedByServerError: the server keeps no such log; nothing is sent.
        """
        self.session.need("ErrorLogAPI")
        parameters = {"mark_read": mark_read, "page_size": size, "page_no": page}
        answer: Item = await self.read("logs/error", parameters)
        return answer

    async def clear(self, log_id: str) -> Item:
        """Mark an entry as dealt with."""
        self.session.need("ErrorLogAPI")
        answer: Item = await self.call("POST", f"logs/error/{log_id}/clear", {})
        return answer
