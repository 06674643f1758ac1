"""The configuration store."""

from __future__ import annotations

from typing import Any

from bai_tui.api.functions.base import BaseFunction, Item


class EtcdConfigAPI(BaseFunction):
    """`session.EtcdConfig` (rest-admin.md); superadmins only."""

    async def get(self, key: str, prefix: bool = False) -> Any:
        """The value of a key, or with `prefix` the tree below it."""
        answer = await self.item("POST", "config/get", {"key": key, "prefix": prefix})
        return answer.get("result")

    async def set(self, key: str, value: Any) -> Item:
        """Set a key, or a tree given as a mapping."""
        return await self.item("POST", "config/set", {"key": key, "value": value})

    async def delete(self, key: str, prefix: bool = False) -> Item:
        """Delete a key, or with `prefix` the tree below it."""
        return await self.item("POST", "config/delete", {"key": key, "prefix": prefix})
