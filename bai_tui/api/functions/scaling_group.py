"""Scaling groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bai_tui.api.functions.base import BaseFunction, Fields, Item, Slots, json_text, properties

if TYPE_CHECKING:
    from bai_tui.api.session import AsyncSession

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


class ScalingGroup(BaseFunction):
    """One scaling group, by its name."""

    def __init__(self, session: AsyncSession, name: str) -> None:
        super().__init__(session)
        self.name = name


class ScalingGroupAPI(BaseFunction):
    """`session.ScalingGroup` (graphql.md 6); writing is for superadmins.

    Changes answer `{"ok": bool, "msg": str}`; `ok` is false when the server refused.
    """

    def __call__(self, name: str) -> ScalingGroup:
        """The scaling group of that name; nothing is sent."""
        return ScalingGroup(self.session, name)

    async def list_available(self, group: str) -> Item:
        """`{"scaling_groups": [{"name"}]}` that sessions of `group` may use."""
        return await self.item("GET", "scaling-groups", params={"group": group})

    async def list(self, fields: Fields | None = None) -> list[Item]:
        """All scaling groups; superadmins only."""
        return await self.rows("scaling_groups", fields or FIELDS)

    async def detail(self, name: str, fields: Fields | None = None) -> Item | None:
        """One scaling group, or None."""
        return await self.row("scaling_group", fields or FIELDS, {"name": ("String", name)})

    async def create(
        self,
        name: str,
        description: str = "",
        is_active: bool = True,
        driver: str | None = None,
        driver_opts: Slots | None = None,
        scheduler: str | None = None,
        scheduler_opts: Slots | None = None,
        fields: Fields | None = None,
    ) -> Item:
        """Create a scaling group; `{"ok", "msg", "scaling_group": {"name"}}`.

        Args:
            driver: None: static.
            scheduler: fifo, lifo or drf; None: fifo.
            driver_opts: options, a mapping or JSON text. scheduler_opts: likewise.
            fields: of the new group to answer with.
        """
        props = properties(
            description=description,
            is_active=is_active,
            driver=driver or "static",
            driver_opts=json_text({} if driver_opts is None else driver_opts),
            scheduler=scheduler or "fifo",
            scheduler_opts=json_text({} if scheduler_opts is None else scheduler_opts),
        )
        return await self.mutate(
            "create_scaling_group",
            {"name": ("String!", name), "props": ("ScalingGroupInput!", props)},
            f"scaling_group {{ {' '.join(fields or ('name',))} }}",
        )

    async def update(
        self,
        name: str,
        description: str | None = None,
        is_active: bool | None = None,
        driver: str | None = None,
        driver_opts: Slots | None = None,
        scheduler: str | None = None,
        scheduler_opts: Slots | None = None,
        fields: Fields | None = None,
    ) -> Item:
        """Change a scaling group; what is None stays.

        Unlike the manual's client, which resets description and activity when they are not
        given. `fields` is accepted as in the manual, unused.
        """
        del fields
        props = properties(
            description=description,
            is_active=is_active,
            driver=driver,
            driver_opts=json_text(driver_opts),
            scheduler=scheduler,
            scheduler_opts=json_text(scheduler_opts),
        )
        return await self.mutate(
            "modify_scaling_group",
            {"name": ("String!", name), "props": ("ModifyScalingGroupInput!", props)},
        )

    async def delete(self, name: str) -> Item:
        """Remove a scaling group that nothing uses."""
        return await self.mutate("delete_scaling_group", {"name": ("String!", name)})

    async def associate_domain(self, scaling_group: str, domain: str) -> Item:
        """Let a domain use it."""
        return await self._relate("associate_scaling_group_with_domain", scaling_group, domain)

    async def dissociate_domain(self, scaling_group: str, domain: str) -> Item:
        """Let a domain use it no longer."""
        return await self._relate("disassociate_scaling_group_with_domain", scaling_group, domain)

    async def dissociate_all_domain(self, domain: str) -> Item:
        """Take all scaling groups from a domain."""
        return await self.mutate(
            "disassociate_all_scaling_groups_with_domain", {"domain": ("String!", domain)}
        )

    async def associate_group(self, scaling_group: str, group_id: str) -> Item:
        """Let a group use it."""
        return await self._relate(
            "associate_scaling_group_with_user_group", scaling_group, group_id, "user_group"
        )

    async def dissociate_group(self, scaling_group: str, group_id: str) -> Item:
        """Let a group use it no longer."""
        return await self._relate(
            "disassociate_scaling_group_with_user_group", scaling_group, group_id, "user_group"
        )

    async def dissociate_all_group(self, group_id: str) -> Item:
        """Take all scaling groups from a group."""
        return await self.mutate(
            "disassociate_all_scaling_groups_with_group", {"user_group": ("String!", group_id)}
        )

    async def associate_keypair(self, scaling_group: str, access_key: str) -> Item:
        """Let a keypair use it."""
        return await self._relate(
            "associate_scaling_group_with_keypair", scaling_group, access_key, "access_key"
        )

    async def dissociate_keypair(self, scaling_group: str, access_key: str) -> Item:
        """Let a keypair use it no longer."""
        return await self._relate(
            "disassociate_scaling_group_with_keypair", scaling_group, access_key, "access_key"
        )

    async def _relate(
        self, mutation: str, scaling_group: str, other: str, kind: str = "domain"
    ) -> Item:
        return await self.mutate(
            mutation, {"scaling_group": ("String!", scaling_group), kind: ("String!", other)}
        )
