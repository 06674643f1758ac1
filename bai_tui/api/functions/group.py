"""Groups (projects)."""

from __future__ import annotations

from bai_tui.api.functions.base import BaseFunction, Fields, Item

FIELDS = (
    "id",
    "name",
    "description",
    "is_active",
    "created_at",
    "domain_name",
    "total_resource_slots",
    "allowed_vfolder_hosts",
    "integration_id",
)


class GroupAPI(BaseFunction):
    """`session.Group`."""

    async def list(self, domain_name: str, fields: Fields | None = None) -> list[Item]:
        """Groups of a domain that the caller may see."""
        answer: list[Item] = await self.select(
            "groups", fields or FIELDS, {"domain_name": ("String", domain_name)}
        )
        return answer

    async def detail(self, gid: str, fields: Fields | None = None) -> Item | None:
        """One group."""
        answer: Item | None = await self.select("group", fields or FIELDS, {"id": ("String!", gid)})
        return answer
