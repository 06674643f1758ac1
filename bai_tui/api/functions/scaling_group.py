"""Scaling groups."""

from __future__ import annotations

from bai_tui.api.functions.base import BaseFunction, Fields, Item

FIELDS = (
    "name",
    "description",
    "is_active",
    "created_at",
    "driver",
    "driver_opts",
    "scheduler",
    "scheduler_opts",
)


class ScalingGroupAPI(BaseFunction):
    """`session.ScalingGroup`."""

    async def list_available(self, group: str) -> Item:
        """`{"scaling_groups": [{"name"}]}` that sessions of `group` may use."""
        answer: Item = await self.call("GET", "scaling-groups", params={"group": group})
        return answer

    async def list(self, fields: Fields | None = None) -> list[Item]:
        """All scaling groups; superadmins only."""
        answer: list[Item] = await self.select(
            "scaling_groups", fields or FIELDS, {"is_active": ("Boolean", None)}
        )
        return answer
