"""Keypairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bai_tui.api.functions.base import BaseFunction, Fields, Item, properties

if TYPE_CHECKING:
    from bai_tui.api.session import AsyncSession

FIELDS = ("access_key", "secret_key", "is_active", "is_admin")
DEFAULT_POLICY: Final = "default"
DEFAULT_RATE_LIMIT: Final = 5000
"""Requests in 15 minutes; what servers give the keypairs they are installed with."""


class KeyPair(BaseFunction):
    """One keypair, by its access key."""

    def __init__(self, session: AsyncSession, access_key: str) -> None:
        super().__init__(session)
        self.access_key = access_key

    async def info(self, fields: Fields | None = None) -> Item | None:
        """What the server knows of this keypair; None when there is none."""
        return await self.row(
            "keypair", fields or FIELDS, {"access_key": ("String", self.access_key)}
        )


class KeyPairAPI(BaseFunction):
    """`session.KeyPair`; called with an access key it is that keypair. Writing is for admins.

    Changes answer `{"ok": bool, "msg": str}`; `ok` is false when the server refused.

    Example:
        >>> mine = await session.KeyPair(session.config.access_key).info(("is_active", "is_admin"))
        >>> dict(mine)
        {'is_active': True, 'is_admin': False}
    """

    def __call__(self, access_key: str) -> KeyPair:
        """The keypair of `access_key`; nothing is sent."""
        return KeyPair(self.session, access_key)

    async def list(
        self,
        user_id: int | str | None = None,
        is_active: bool | None = None,
        fields: Fields | None = None,
    ) -> list[Item]:
        """Keypairs of a user (e-mail address), or all the caller may see."""
        wanted = tuple(fields or FIELDS)
        active = {"is_active": ("Boolean", is_active)}
        if user_id is None:
            return await self.rows("keypairs", wanted, active)
        found = await self.rows("keypairs", wanted, {"email": ("String", str(user_id)), **active})
        if found or not self.session.generation.hides_ungrouped:
            return found
        every = await self.rows("keypairs", dict.fromkeys((*wanted, "user_id")), active)
        return [row for row in every if row["user_id"] == str(user_id)]

    async def create(
        self,
        user_id: int | str,
        is_active: bool = True,
        is_admin: bool = False,
        resource_policy: str | None = None,
        rate_limit: int | None = None,
        fields: Fields | None = None,
    ) -> Item:
        """Create a keypair; `{"ok", "msg", "keypair": {"access_key", "secret_key"}}`.

        Args:
            user_id: e-mail address of the owner; servers know no other.
            resource_policy: None: the policy `default`.
            rate_limit: requests in 15 minutes; None: 5000.
            fields: of the new keypair to answer with.
        """
        props = {
            "is_active": is_active,
            "is_admin": is_admin,
            "resource_policy": resource_policy or DEFAULT_POLICY,
            "rate_limit": DEFAULT_RATE_LIMIT if rate_limit is None else rate_limit,
        }
        return await self.mutate(
            "create_keypair",
            {"user_id": ("String!", str(user_id)), "props": ("KeyPairInput!", props)},
            f"keypair {{ {' '.join(fields or ('access_key', 'secret_key'))} }}",
        )

    async def update(
        self,
        access_key: str,
        is_active: bool | None = None,
        is_admin: bool | None = None,
        resource_policy: str | None = None,
        rate_limit: int | None = None,
    ) -> Item:
        """Change a keypair; what is None stays."""
        props = properties(
            is_active=is_active,
            is_admin=is_admin,
            resource_policy=resource_policy,
            rate_limit=rate_limit,
        )
        return await self.mutate(
            "modify_keypair",
            {"access_key": ("String!", access_key), "props": ("ModifyKeyPairInput!", props)},
        )

    async def delete(self, access_key: str) -> Item:
        """Remove a keypair for ever."""
        return await self.mutate("delete_keypair", {"access_key": ("String!", access_key)})

    async def activate(self, access_key: str) -> Item:
        """Accept requests of this keypair."""
        return await self.update(access_key, is_active=True)

    async def deactivate(self, access_key: str) -> Item:
        """Refuse requests of this keypair; it stays in the list."""
        return await self.update(access_key, is_active=False)
