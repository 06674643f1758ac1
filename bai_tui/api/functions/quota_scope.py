"""Quota scopes: how much a user or a project may store on a host (23.09 and later)."""

from __future__ import annotations

from typing import Any

from bai_tui.api.functions.base import BaseFunction, Item, checked


class QuotaScopeAPI(BaseFunction):
    """`session.QuotaScope`; a scope is named `user:UUID` or `project:UUID`, for admins.

    Raises UnsupportedByServerError on servers that are too old; nothing is sent.
    """

    async def get(self, host: str, scope: str) -> Item:
        """`{"usage_bytes", "usage_count", "hard_limit_bytes"}` of a scope on a storage host."""
        self.session.need("QuotaScopeAPI")
        row = await self.row(
            "quota_scope",
            ("details { usage_bytes usage_count hard_limit_bytes }",),
            _place(host, scope),
        )
        return checked((row or {}).get("details"), dict, "GraphQL quota_scope")

    async def set(self, host: str, scope: str, limit: int) -> Item:
        """Limit a scope to so many bytes."""
        self.session.need("QuotaScopeAPI")
        arguments = {
            **_place(host, scope),
            "props": ("QuotaScopeInput!", {"hard_limit_bytes": limit}),
        }
        return await self._change("set_quota_scope", arguments)

    async def unset(self, host: str, scope: str) -> Item:
        """End the limit of a scope."""
        self.session.need("QuotaScopeAPI")
        return await self._change("unset_quota_scope", _place(host, scope))

    async def _change(self, name: str, arguments: dict[str, tuple[str, Any]]) -> Item:
        fields = ("quota_scope { quota_scope_id storage_host_name }",)
        return checked(await self.select(name, fields, arguments, mutation=True), dict, name)


def _place(host: str, scope: str) -> dict[str, tuple[str, Any]]:
    return {"storage_host_name": ("String!", host), "quota_scope_id": ("String!", scope)}
