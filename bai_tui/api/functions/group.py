"""Groups (projects)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

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
    """`session.Group` (graphql.md 6); writing is for admins.

    Changes answer `{"ok": bool, "msg": str}`; `ok` is false when the server refused.
    """

    async def list(self, domain_name: str, fields: Fields | None = None) -> list[Item]:
        """Groups of a domain that the caller may see."""
        return await self.rows("groups", fields or FIELDS, {"domain_name": ("String", domain_name)})

    async def detail(self, gid: str, fields: Fields | None = None) -> Item | None:
        """One group by its id, or None."""
        return await self.row("group", fields or FIELDS, {"id": ("String!", gid)})

    async def create(
        self,
        domain_name: str,
        name: str,
        description: str = "",
        is_active: bool = True,
        total_resource_slots: Slots | None = None,
        allowed_vfolder_hosts: Hosts | None = None,
        integration_id: str | None = None,
        fields: Fields | None = None,
        *,
        resource_policy: str | None = None,
    ) -> Item:
        """Create a group; `{"ok", "msg", "group": {"id", "domain_name", "name"}}`.

        Args:
            total_resource_slots: limit of all its sessions together; None: no limit.
            fields: of the new group to answer with.
            resource_policy: name of a policy of projects (23.09 and later).
        """
        self._need_policy(resource_policy)
        slots = {} if total_resource_slots is None else total_resource_slots
        props = properties(
            description=description,
            is_active=is_active,
            domain_name=domain_name,
            total_resource_slots=json_text(slots),
            allowed_vfolder_hosts=self.hosts(allowed_vfolder_hosts),
            integration_id=integration_id,
            resource_policy=resource_policy,
        )
        return await self.mutate(
            "create_group",
            {"name": ("String!", name), "props": ("GroupInput!", props)},
            f"group {{ {' '.join(fields or ('id', 'domain_name', 'name'))} }}",
        )

    async def update(
        self,
        gid: str,
        name: str | None = None,
        description: str | None = None,
        is_active: bool | None = None,
        total_resource_slots: Slots | None = None,
        allowed_vfolder_hosts: Hosts | None = None,
        integration_id: str | None = None,
        fields: Fields | None = None,
        *,
        resource_policy: str | None = None,
    ) -> Item:
        """Change a group; what is None stays. `fields` is accepted as in the manual, unused."""
        del fields
        self._need_policy(resource_policy)
        return await self._modify(
            gid,
            name=name,
            description=description,
            is_active=is_active,
            total_resource_slots=json_text(total_resource_slots),
            allowed_vfolder_hosts=self.hosts(allowed_vfolder_hosts),
            integration_id=integration_id,
            resource_policy=resource_policy,
        )

    async def delete(self, gid: str) -> Item:
        """Deactivate a group; it stays in the list."""
        return await self.mutate("delete_group", {"gid": ("UUID!", gid)})

    async def purge(self, gid: str) -> Item:
        """Remove a group for ever, with its folders; none of its sessions may run."""
        return await self.mutate("purge_group", {"gid": ("UUID!", gid)})

    async def add_users(
        self, gid: str, user_uuids: Iterable[str], fields: Fields | None = None
    ) -> Item:
        """Make users members."""
        del fields
        return await self._modify(gid, user_update_mode="add", user_uuids=listed(user_uuids))

    async def remove_users(
        self, gid: str, user_uuids: Iterable[str], fields: Fields | None = None
    ) -> Item:
        """End the membership of users."""
        del fields
        return await self._modify(gid, user_update_mode="remove", user_uuids=listed(user_uuids))

    def _need_policy(self, name: str | None) -> None:
        if name is not None:
            self.session.need("ProjectResourcePolicyAPI")

    async def _modify(self, gid: str, **values: Any) -> Item:
        return await self.mutate(
            "modify_group",
            {"gid": ("String!", gid), "props": ("ModifyGroupInput!", properties(**values))},
        )
