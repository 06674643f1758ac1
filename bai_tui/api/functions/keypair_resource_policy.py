"""Resource policies of keypairs."""

from __future__ import annotations

from bai_tui.api.functions.base import BaseFunction, Fields, Item

FIELDS = (
    "name",
    "created_at",
    "total_resource_slots",
    "max_concurrent_sessions",
    "max_vfolder_count",
    "max_vfolder_size",
    "idle_timeout",
)


class KeypairResourcePolicyAPI(BaseFunction):
    """`session.KeypairResourcePolicy`."""

    async def list(self, fields: Fields | None = None) -> list[Item]:
        """Policies the caller may see."""
        answer: list[Item] = await self.select("keypair_resource_policies", fields or FIELDS)
        return answer

    async def info(self, name: str | None, fields: Fields | None = None) -> Item | None:
        """One policy; without a name that of the calling keypair."""
        arguments = {} if name is None else {"name": ("String", name)}
        answer: Item | None = await self.select(
            "keypair_resource_policy", fields or FIELDS, arguments
        )
        return answer
