"""Domains."""

from __future__ import annotations

from collections.abc import Iterable

from bai_tui.api.functions.base import (
    BaseFunction,
    Fields,
    Hosts,
    Item,
    Slots,
    json_text,
    listed,
    properties,
)

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
    """`session.Domain` (graphql.md 6); writing is for superadmins.

    Changes answer `{"ok": bool, "msg": str}`; `ok` is false when the server refused.
    """

    async def list(self, fields: Fields | None = None) -> list[Item]:
        """All domains; superadmins only."""
        return await self.rows("domains", fields or FIELDS)

    async def detail(self, name: str, fields: Fields | None = None) -> Item | None:
        """One domain, or None."""
        return await self.row("domain", fields or FIELDS, {"name": ("String", name)})

    async def create(
        self,
        name: str,
        description: str = "",
        is_active: bool = True,
        total_resource_slots: Slots | None = None,
        allowed_vfolder_hosts: Hosts | None = None,
        allowed_docker_registries: Iterable[str] | None = None,
        integration_id: str | None = None,
        fields: Fields | None = None,
    ) -> Item:
        """Create a domain; `{"ok", "msg", "domain": {"name"}}`.

        Args:
            total_resource_slots: limit of all its sessions together; None: no limit.
            allowed_vfolder_hosts: hosts its folders may lie on.
            allowed_docker_registries: registries its images may come from.
            fields: of the new domain to answer with.

        Raises:
            ValueError: the slots are no JSON object. BackendAPIError: the server refused.
        """
        slots = {} if total_resource_slots is None else total_resource_slots
        if allowed_docker_registries is None and self.session.generation.registries_needed:
            allowed_docker_registries = ()
        props = properties(
            description=description,
            is_active=is_active,
            total_resource_slots=json_text(slots),
            allowed_vfolder_hosts=self.hosts(allowed_vfolder_hosts),
            allowed_docker_registries=listed(allowed_docker_registries),
            integration_id=integration_id,
        )
        return await self.mutate(
            "create_domain",
            {"name": ("String!", name), "props": ("DomainInput!", props)},
            f"domain {{ {' '.join(fields or ('name',))} }}",
        )

    async def update(
        self,
        name: str,
        new_name: str | None = None,
        description: str | None = None,
        is_active: bool | None = None,
        total_resource_slots: Slots | None = None,
        allowed_vfolder_hosts: Hosts | None = None,
        allowed_docker_registries: Iterable[str] | None = None,
        integration_id: str | None = None,
        fields: Fields | None = None,
    ) -> Item:
        """Change a domain; what is None stays. `fields` is accepted as in the manual, unused."""
        del fields
        props = properties(
            name=new_name,
            description=description,
            is_active=is_active,
            total_resource_slots=json_text(total_resource_slots),
            allowed_vfolder_hosts=self.hosts(allowed_vfolder_hosts),
            allowed_docker_registries=listed(allowed_docker_registries),
            integration_id=integration_id,
        )
        return await self.mutate(
            "modify_domain", {"name": ("String!", name), "props": ("ModifyDomainInput!", props)}
        )

    async def delete(self, name: str) -> Item:
        """Deactivate a domain; it stays in the list."""
        return await self.mutate("delete_domain", {"name": ("String!", name)})

    async def purge(self, name: str) -> Item:
        """Remove a domain for ever; it must be empty."""
        return await self.mutate("purge_domain", {"name": ("String!", name)})
