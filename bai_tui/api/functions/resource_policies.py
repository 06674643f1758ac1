"""Resource policies of users and of projects (23.09 and later)."""

from __future__ import annotations

from typing import Any, ClassVar

from bai_tui.api.functions.base import BaseFunction, Fields, Item, properties

FIELDS = ("name", "created_at", "max_vfolder_count", "max_quota_scope_size")
COUNT = "policy max_vfolder_count"


class _Policies(BaseFunction):
    """What the two kinds share; `kind` is the word GraphQL has for them."""

    kind: ClassVar[str]
    several: ClassVar[str]
    input: ClassVar[str]

    def _need(self) -> None:
        self.session.need(type(self).__name__)

    def _needed(self) -> Item:
        """What a new policy must tell besides."""
        return {}

    async def list(self, fields: Fields | None = None) -> list[Item]:
        """All policies; superadmins only."""
        self._need()
        return await self.rows(self.several, fields or FIELDS)

    async def info(self, name: str, fields: Fields | None = None) -> Item | None:
        """One policy, or None."""
        self._need()
        return await self.row(self.kind, fields or FIELDS, {"name": ("String!", name)})

    async def create(
        self, name: str, max_vfolder_count: int, max_quota_scope_size: int = -1, **more: Any
    ) -> Item:
        """Create a policy; `{"ok", "msg"}`.

        Args:
            max_vfolder_count: folders its owner may have; 0: no limit, which is all that 23.09 can.
            max_quota_scope_size: bytes its owner may store; -1: no limit.
            more: further fields of the server's input.
        """
        if max_vfolder_count:
            self.session.need(COUNT)
        more = {**self._needed(), **more}
        return await self._write("create", name, max_vfolder_count, max_quota_scope_size, more)

    async def update(
        self,
        name: str,
        max_vfolder_count: int | None = None,
        max_quota_scope_size: int | None = None,
        **more: Any,
    ) -> Item:
        """Change a policy; what is None stays."""
        if max_vfolder_count is not None:
            self.session.need(COUNT)
        return await self._write("modify", name, max_vfolder_count, max_quota_scope_size, more)

    async def delete(self, name: str) -> Item:
        """Remove a policy that nobody has."""
        self._need()
        return await self.mutate(f"delete_{self.kind}", {"name": ("String!", name)})

    async def _write(
        self, verb: str, name: str, count: int | None, size: int | None, more: Item
    ) -> Item:
        self._need()
        props = properties(max_vfolder_count=count, max_quota_scope_size=size, **more)
        kind = f"{verb.title()}{self.input}!"
        return await self.mutate(
            f"{verb}_{self.kind}", {"name": ("String!", name), "props": (kind, props)}
        )


class UserResourcePolicyAPI(_Policies):
    """`session.UserResourcePolicy`; writing is for superadmins.

    Raises UnsupportedByServerError on servers that are too old; nothing is sent.
    """

    kind = "user_resource_policy"
    several = "user_resource_policies"
    input = "UserResourcePolicyInput"

    def _needed(self) -> Item:
        return dict(self.session.generation.user_policy_needs)


class ProjectResourcePolicyAPI(_Policies):
    """`session.ProjectResourcePolicy`; writing is for superadmins.

    Raises UnsupportedByServerError on servers that are too old; nothing is sent.
    """

    kind = "project_resource_policy"
    several = "project_resource_policies"
    input = "ProjectResourcePolicyInput"

    def _needed(self) -> Item:
        return dict(self.session.generation.project_policy_needs)
