"""Resource policies of keypairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bai_tui.api.functions.base import (
    BaseFunction,
    Fields,
    Hosts,
    Item,
    Slots,
    json_text,
    properties,
)

if TYPE_CHECKING:
    from bai_tui.api.session import AsyncSession

FIELDS = (
    "name",
    "created_at",
    "total_resource_slots",
    "max_concurrent_sessions",
    "max_vfolder_count",
    "max_vfolder_size",
    "idle_timeout",
)


class KeypairResourcePolicy(BaseFunction):
    """The policies as seen by a keypair; the access key is kept as in the manual, unused."""

    def __init__(self, session: AsyncSession, access_key: str | None = None) -> None:
        super().__init__(session)
        self.access_key = access_key

    async def info(self, name: str | None = None, fields: Fields | None = None) -> Item | None:
        """One policy, or None; without a name that of the calling keypair."""
        arguments = {} if name is None else {"name": ("String", name)}
        return await self.row("keypair_resource_policy", fields or FIELDS, arguments)


class KeypairResourcePolicyAPI(KeypairResourcePolicy):
    """`session.KeypairResourcePolicy` (graphql.md 6); writing is for superadmins.

    Changes answer `{"ok": bool, "msg": str}`; `ok` is false when the server refused.
    """

    def __call__(self, access_key: str | None = None) -> KeypairResourcePolicy:
        """The manual's way to `info`."""
        return KeypairResourcePolicy(self.session, access_key)

    async def list(self, fields: Fields | None = None) -> list[Item]:
        """Policies the caller may see."""
        return await self.rows("keypair_resource_policies", fields or FIELDS)

    async def create(
        self,
        name: str,
        default_for_unspecified: str,
        total_resource_slots: Slots,
        max_concurrent_sessions: int,
        max_containers_per_session: int,
        max_vfolder_count: int,
        max_vfolder_size: int,
        idle_timeout: int,
        allowed_vfolder_hosts: Hosts,
        fields: Fields | None = None,
    ) -> Item:
        """Create a policy; `{"ok", "msg", "resource_policy": {"name"}}`.

        Args:
            default_for_unspecified: LIMITED or UNLIMITED: what holds for slots not named.
            total_resource_slots: limit of all running sessions together.
            max_vfolder_size: bytes.
            idle_timeout: seconds without activity after which a session is ended.
            fields: of the new policy to answer with.
        """
        props = self._props(
            default_for_unspecified=default_for_unspecified,
            total_resource_slots=json_text(total_resource_slots),
            max_concurrent_sessions=max_concurrent_sessions,
            max_containers_per_session=max_containers_per_session,
            max_vfolder_count=max_vfolder_count,
            max_vfolder_size=max_vfolder_size,
            idle_timeout=idle_timeout,
            allowed_vfolder_hosts=self.hosts(allowed_vfolder_hosts),
            **dict(self.session.generation.keypair_policy_needs),
        )
        return await self.mutate(
            "create_keypair_resource_policy",
            {"name": ("String!", name), "props": ("CreateKeyPairResourcePolicyInput!", props)},
            f"resource_policy {{ {' '.join(fields or ('name',))} }}",
        )

    async def update(
        self,
        name: str,
        default_for_unspecified: str | None = None,
        total_resource_slots: Slots | None = None,
        max_concurrent_sessions: int | None = None,
        max_containers_per_session: int | None = None,
        max_vfolder_count: int | None = None,
        max_vfolder_size: int | None = None,
        idle_timeout: int | None = None,
        allowed_vfolder_hosts: Hosts | None = None,
    ) -> Item:
        """Change a policy; what is None stays."""
        props = self._props(
            default_for_unspecified=default_for_unspecified,
            total_resource_slots=json_text(total_resource_slots),
            max_concurrent_sessions=max_concurrent_sessions,
            max_containers_per_session=max_containers_per_session,
            max_vfolder_count=max_vfolder_count,
            max_vfolder_size=max_vfolder_size,
            idle_timeout=idle_timeout,
            allowed_vfolder_hosts=self.hosts(allowed_vfolder_hosts),
        )
        return await self.mutate(
            "modify_keypair_resource_policy",
            {"name": ("String!", name), "props": ("ModifyKeyPairResourcePolicyInput!", props)},
        )

    async def delete(self, name: str) -> Item:
        """Remove a policy that no keypair uses."""
        return await self.mutate("delete_keypair_resource_policy", {"name": ("String!", name)})

    def _props(self, **values: Any) -> Item:
        """What the generation's input type has; others moved to policies of users there."""
        dropped = self.session.generation.policy_lacks
        return properties(**{key: value for key, value in values.items() if key not in dropped})
