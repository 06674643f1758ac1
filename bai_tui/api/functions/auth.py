"""Login of session mode, passwords, and who am I."""

from __future__ import annotations

import asyncio
from typing import Any

from bai_tui.api.exceptions import BackendClientError
from bai_tui.api.functions.base import BaseFunction, Item, checked, properties
from bai_tui.api.logins import Logins
from bai_tui.api.request import Request


class AuthAPI(BaseFunction):
    """`session.Auth` (rest-auth.md 2.3, 3)."""

    async def login(self, user_id: str, password: str, otp: str | None = None) -> Item:
        """Log in at a web server (`endpoint_type="session"`); the login outlives this program.

        Args:
            user_id: e-mail address or user name.
            password: only sent, never kept.
            otp: one-time password, where the server wants one.

        Returns:
            `{"authenticated": bool, "data": {"access_key", "role"} or None, "cookies", "config"}`;
            19.09 tells wrong credentials by `authenticated`.

        Raises:
            BackendClientError: the configuration names no web server.
            AuthenticationError: wrong credentials, at later servers.
        """
        self._need_session_mode()
        request = Request(self.session, "POST", "server/login")
        request.set_json({"username": user_id, "password": password} | properties(otp=otp))
        async with request.fetch(anonymous=True) as response:
            answer = checked(await response.json(), dict, "POST /server/login")
            answer["cookies"] = response.raw_response.cookies
            answer["config"] = {"username": user_id}
        if answer.get("authenticated"):
            jar, endpoints = self.session.cookie_jar, self.session.config.endpoints
            found = jar.filter_cookies(endpoints[0].origin())
            cookies = {name: morsel.value for name, morsel in found.items()}
            for other in endpoints[1:]:
                jar.update_cookies(cookies, other.origin())
            await asyncio.to_thread(Logins().save, endpoints, cookies, user_id)
        return answer

    async def logout(self) -> None:
        """Log out of the web server, and forget the login here even if that fails."""
        self._need_session_mode()
        try:
            await self.call("POST", "server/logout", {}, anonymous=True, raw=True)
        finally:
            self.session.cookie_jar.clear()
            await asyncio.to_thread(Logins().forget, self.session.config.endpoints)

    async def login_check(self) -> Item:
        """Whether the login holds: `{"authenticated": bool, "data": …, "session_id": str}`."""
        self._need_session_mode()
        return await self.item("POST", "server/login-check", {}, anonymous=True)

    def _need_session_mode(self) -> None:
        if self.session.config.endpoint_type != "session":
            raise BackendClientError(
                "Logins are for web servers; this configuration signs with a keypair.",
                hint="Set the endpoint type to session (BACKEND_ENDPOINT_TYPE=session).",
            )

    async def update_password(
        self, old_password: str, new_password: str, new_password2: str
    ) -> Item:
        """Change the caller's password."""
        return await self.item(
            "POST",
            "auth/update-password",
            {
                "old_password": old_password,
                "new_password": new_password,
                "new_password2": new_password2,
            },
        )

    async def test(self, echo: str = "ping") -> Item:
        """Check the signature: `{"authorized": "yes", "echo": echo}`."""
        return await self.item("POST", "auth/test", {"echo": echo})

    async def role(self, group: str | None = None) -> Item:
        """`{"global_role", "domain_role", "group_role"}` of the caller."""
        params: dict[str, Any] = {"group": group} if group else {}
        return await self.item("GET", "auth/role", params=params)
