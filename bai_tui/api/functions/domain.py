"""Domains."""

from __future__ import annotations

from bai_tui.api.functions.base import BaseFunction, Fields, Item

FIELDS = (
    "name",
    "description",
    "is_active",
    "created_at",
    "total_resource_slots",
    "allowed_vfolder_hosts",
    "allowed_docker_registries",
    "integration_id",
)


class DomainAPI(BaseFunction):
    """`session.Domain`."""

    async def list(self, fields: Fields | None = None) -> list[Item]:
        """All domains; superadmins only."""
        answer: list[Item] = await self.select("domains", fields or FIELDS)
        return answer

    async def detail(self, name: str, fields: Fields | None = None) -> Item | None:
        """One domain."""
        answer: Item | None = await self.select(
            "domain", fields or FIELDS, {"name": ("String", name)}
        )
        return answer
