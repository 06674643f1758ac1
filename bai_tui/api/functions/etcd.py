"""The configuration store."""

from __future__ import annotations

from typing import Any

from bai_tui.api.functions.base import BaseFunction, Item


class EtcdConfigAPI(BaseFunction):
    """`session.EtcdConfig` (rest-admin.md); superadmins only."""

    async def get(self, key: str, prefix: bool = False) -> Any:
        """The value of a key, or with `prefix` the tree below it."""
        answer = await self.call("POST", "config/get", {"key": key, "prefix": prefix})
        return answer["result"]

    async def set(self, key: str, value: Any) -> Item:
        """Set a key, or a tree given as a mapping."""
        answer: Item = await self.call("POST", "config/set", {"key": key, "value": value})
        return answer

    async def delete(self, key: str, prefix: bool = False) -> Item:
        """Delete a key, or with `prefix` the tree below it."""
        answer: Item = await self.call("POST", "config/delete", {"key": key, "prefix": prefix})
        return answer
