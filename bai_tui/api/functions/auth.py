"""Login of session mode, passwords, and who am I."""

from __future__ import annotations

from typing import Any

from bai_tui.api.functions.base import BaseFunction, Item
from bai_tui.api.request import Request


class AuthAPI(BaseFunction):
    """`session.Auth` (rest-auth.md 2.3, 3)."""

    async def login(self, user_id: str, password: str) -> Item:
        """Log in at a web server; the answer with `cookies` and `config` added."""
        request = Request(self.session, "POST", "server/login")
        request.set_json({"username": user_id, "password": password})
        async with request.fetch(anonymous=True) as response:
            answer: Item = await response.json()
            answer["cookies"] = response.raw_response.cookies
            answer["config"] = {"username": user_id}
            return answer

    async def logout(self) -> None:
        """Log out of a web server."""
        await self.call("POST", "server/logout", {}, anonymous=True)

    async def update_password(
        self, old_password: str, new_password: str, new_password2: str
    ) -> Item:
        """Change the caller's password."""
        answer: Item = await self.call(
            "POST",
            "auth/update-password",
            {
                "old_password": old_password,
                "new_password": new_password,
                "new_password2": new_password2,
            },
        )
        return answer

    async def test(self, echo: str = "ping") -> Item:
        """Check the signature: `{"authorized": "yes", "echo": echo}`."""
        answer: Item = await self.call("POST", "auth/test", {"echo": echo})
        return answer

    async def role(self, group: str | None = None) -> Item:
        """`{"global_role", "domain_role", "group_role"}` of the caller."""
        params: dict[str, Any] = {"group": group} if group else {}
        answer: Item = await self.call("GET", "auth/role", params=params)
        return answer
