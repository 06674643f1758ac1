"""Users."""

from __future__ import annotations

from collections.abc import Iterable

from bai_tui.api.auth import AuthToken, AuthTokenTypes
from bai_tui.api.functions.base import BaseFunction, Fields, Item, checked, listed, properties

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
    """`session.User` (graphql.md 6, rest-auth.md 3); writing is for admins.

    Changes answer `{"ok": bool, "msg": str}`; `ok` is false when the server refused.
    """

    async def authorize(
        self,
        username: str,
        password: str,
        *,
        token_type: AuthTokenTypes = AuthTokenTypes.KEYPAIR,
    ) -> AuthToken:
        """Exchange an e-mail address and a password for a keypair.

        The content has `access_key`, `secret_key`, `role` and `status`.

        Raises:
            AuthenticationError: wrong, or the user is not active.
            InvalidRequestError: the server gives no such tokens.
        """
        answer = await self.item(
            "POST",
            "auth/authorize",
            {
                "type": AuthTokenTypes(token_type).value,
                "domain": self.session.config.domain,
                "username": username,
                "password": password,
            },
            anonymous=True,
        )
        content = checked(answer.get("data"), dict, "POST /auth/authorize")
        return AuthToken(type=AuthTokenTypes(token_type), content=content)

    async def list(self, is_active: bool | None = None, fields: Fields | None = None) -> list[Item]:
        """Users the caller may see; admins only."""
        return await self.rows("users", fields or FIELDS, {"is_active": ("Boolean", is_active)})

    async def detail(self, email: str | None = None, fields: Fields | None = None) -> Item | None:
        """One user; without an e-mail address the caller."""
        arguments = {} if email is None else {"email": ("String", email)}
        return await self.row("user", fields or FIELDS, arguments)

    async def detail_by_uuid(
        self, user_uuid: str | None = None, fields: Fields | None = None
    ) -> Item | None:
        """One user by id; without one the caller."""
        if user_uuid is None:
            return await self.detail(fields=fields)
        return await self.row(
            "user_from_uuid", fields or FIELDS, {"user_id": ("String", str(user_uuid))}
        )

    async def create(
        self,
        domain_name: str,
        email: str,
        password: str,
        username: str | None = None,
        full_name: str | None = None,
        role: str = "user",
        is_active: bool = True,
        need_password_change: bool = False,
        description: str = "",
        group_ids: Iterable[str] | None = None,
        fields: Fields | None = None,
        *,
        resource_policy: str | None = None,
    ) -> Item:
        """Create a user; `{"ok", "msg", "user": {"domain_name", "email", "username"}}`.

        Args:
            username: None: the e-mail address.
            role: superadmin, admin, user or monitor.
            group_ids: groups of the domain to become a member of.
            fields: of the new user to answer with.
            resource_policy: name of a policy of users (23.09 and later).
        """
        self._need_policy(resource_policy)
        props = properties(
            username=username or email,
            password=password,
            need_password_change=need_password_change,
            full_name=full_name or "",
            description=description,
            domain_name=domain_name,
            role=role,
            group_ids=listed(group_ids),
            resource_policy=resource_policy,
            **self._activity(is_active),
        )
        return await self.mutate(
            "create_user",
            {"email": ("String!", email), "props": ("UserInput!", props)},
            f"user {{ {' '.join(fields or ('domain_name', 'email', 'username'))} }}",
        )

    async def update(
        self,
        email: str,
        password: str | None = None,
        username: str | None = None,
        full_name: str | None = None,
        domain_name: str | None = None,
        role: str | None = None,
        is_active: bool | None = None,
        need_password_change: bool | None = None,
        description: str | None = None,
        group_ids: Iterable[str] | None = None,
        fields: Fields | None = None,
        *,
        resource_policy: str | None = None,
    ) -> Item:
        """Change a user; what is None stays. `fields` is accepted as in the manual, unused."""
        del fields
        self._need_policy(resource_policy)
        activity = self._activity(is_active)
        if is_active is None and self.session.generation.user_status_retold:
            activity = await self.detail(email, fields=("status",)) or {}
        props = properties(
            password=password,
            username=username,
            full_name=full_name,
            domain_name=domain_name,
            role=role,
            need_password_change=need_password_change,
            description=description,
            group_ids=listed(group_ids),
            resource_policy=resource_policy,
            **activity,
        )
        return await self.mutate(
            "modify_user", {"email": ("String!", email), "props": ("ModifyUserInput!", props)}
        )

    async def delete(self, email: str) -> Item:
        """Deactivate a user and the user's keypairs; both stay in the lists."""
        return await self.mutate("delete_user", {"email": ("String!", email)})

    async def purge(self, email: str, purge_shared_vfolders: bool = False) -> Item:
        """Remove a user for ever, with keypairs and folders.

        Args:
            purge_shared_vfolders: also remove folders that others were invited to; else these
                go to the calling admin.
        """
        props = {"purge_shared_vfolders": purge_shared_vfolders}
        return await self.mutate(
            "purge_user", {"email": ("String!", email), "props": ("PurgeUserInput!", props)}
        )

    def _need_policy(self, name: str | None) -> None:
        if name is not None:
            self.session.need("UserResourcePolicyAPI")

    def _activity(self, is_active: bool | None) -> Item:
        """Whether the user may log in, in the words of the server's generation."""
        if is_active is None or not self.session.generation.user_status:
            return {"is_active": is_active}
        return {"status": "active" if is_active else "inactive"}
