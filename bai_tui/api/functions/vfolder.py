"""Virtual folders."""

from __future__ import annotations

from bai_tui.api.functions.base import BaseFunction, Item


class VFolderAPI(BaseFunction):
    """`session.VFolder` (rest-vfolders.md)."""

    async def list(self, list_all: bool = False) -> list[Item]:
        """The folders the caller may use; with `list_all` everybody's, for superadmins."""
        answer: list[Item] = await self.read("folders", {"all": list_all})
        return answer
