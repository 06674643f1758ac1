"""Images."""

from __future__ import annotations

from bai_tui.api.functions.base import BaseFunction, Fields, Item

FIELDS = ("name", "tag", "hash")


class ImageAPI(BaseFunction):
    """`session.Image`."""

    async def list(self, operation: bool = False, fields: Fields | None = None) -> list[Item]:
        """The images the caller may use; with `operation` only those of system tasks."""
        answer: list[Item] = await self.select(
            "images", fields or FIELDS, {"is_operation": ("Boolean", operation)}
        )
        return answer

    async def rescan_images(self, registry: str | None = None) -> Item:
        """Read the registries anew."""
        return await self.mutate("rescan_images", {"registry": ("String", registry)})

    async def alias_image(self, alias: str, target: str) -> Item:
        """Give an image another name."""
        return await self.mutate(
            "alias_image", {"alias": ("String!", alias), "target": ("String!", target)}
        )

    async def dealias_image(self, alias: str) -> Item:
        """Remove an alias."""
        return await self.mutate("dealias_image", {"alias": ("String!", alias)})
