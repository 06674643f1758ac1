"""The audit log of the server (26.8)."""

from __future__ import annotations

from typing import Any

from bai_tui.api.functions.base import BaseFunction, Fields, Item
from bai_tui.api.functions.relay import nodes

FIELDS = (
    "row_id",
    "entity_type",
    "operation",
    "entity_id",
    "created_at",
    "request_id",
    "triggered_by",
    "description",
    "duration",
    "status",
)


class AuditLogAPI(BaseFunction):
    """`session.AuditLog`; superadmins only, on servers that keep one.

    Raises UnsupportedByServerError on servers that are too old; nothing is sent.
    """

    async def list(
        self, limit: int = 100, offset: int = 0, fields: Fields | None = None
    ) -> list[Item]:
        """What was done, newest first: `[{"operation", "entity_type", "created_at", …}]`."""
        self.session.need("AuditLogAPI")
        arguments: dict[str, tuple[str, Any]] = {
            "first": ("Int", limit),
            "offset": ("Int", offset),
            "order": ("String", "-created_at"),
        }
        return await nodes(self, "audit_log_nodes", fields or FIELDS, arguments)
