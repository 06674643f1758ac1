"""Keypairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bai_tui.api.functions.base import BaseFunction, Fields, Item

if TYPE_CHECKING:
    from bai_tui.api.session import AsyncSession

FIELDS = ("access_key", "secret_key", "is_active", "is_admin")


class KeyPair(BaseFunction):
    """One keypair."""

    def __init__(self, session: AsyncSession, access_key: str) -> None:
        super().__init__(session)
        self.access_key = access_key

    async def info(self, fields: Fields | None = None) -> Item | None:
        """What the server knows of it."""
        answer: Item | None = await self.select(
            "keypair", fields or FIELDS, {"access_key": ("String", self.access_key)}
        )
        return answer


class KeyPairAPI(BaseFunction):
    """`session.KeyPair`; called with an access key it is that keypair."""

    def __call__(self, access_key: str) -> KeyPair:
        """The keypair of `access_key`."""
        return KeyPair(self.session, access_key)

    async def list(
        self,
        user_id: str | None = None,
        is_active: bool | None = None,
        fields: Fields | None = None,
    ) -> list[Item]:
        """Keypairs of a user (e-mail address), or all the caller may see."""
        answer: list[Item] = await self.select(
            "keypairs",
            fields or FIELDS,
            {"email": ("String", user_id), "is_active": ("Boolean", is_active)},
        )
        return answer
