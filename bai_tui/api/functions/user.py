"""Users."""

from __future__ import annotations

from bai_tui.api.functions.base import BaseFunction, Fields, Item

FIELDS = (
    "uuid",
    "username",
    "email",
    "need_password_change",
    "is_active",
    "created_at",
    "domain_name",
    "role",
)


class UserAPI(BaseFunction):
    """`session.User`."""

    async def list(self, is_active: bool | None = None, fields: Fields | None = None) -> list[Item]:
        """Users the caller may see; admins only."""
        answer: list[Item] = await self.select(
            "users", fields or FIELDS, {"is_active": ("Boolean", is_active)}
        )
        return answer

    async def detail(self, email: str | None = None, fields: Fields | None = None) -> Item | None:
        """One user; without an e-mail address the caller."""
        arguments = {} if email is None else {"email": ("String", email)}
        answer: Item | None = await self.select("user", fields or FIELDS, arguments)
        return answer
