"""Images."""

from __future__ import annotations

from typing import Any

from bai_tui.api.functions.base import BaseFunction, Fields, Item, checked

FIELDS = ("name", "tag", "hash")


class ImageAPI(BaseFunction):
    """`session.Image` (graphql.md 6, rest-admin.md 5); changing is for superadmins.

    Changes answer `{"ok": bool, "msg": str}`; `ok` is false when the server refused.
    """

    async def list(self, operation: bool = False, fields: Fields | None = None) -> list[Item]:
        """The images the caller may use; with `operation` only those of system tasks."""
        return await self.rows("images", fields or FIELDS, {"is_operation": ("Boolean", operation)})

    async def detail(self, reference: str, fields: Fields | None = None) -> Item:
        """One image by its canonical name or alias.

        Raises:
            BackendAPIError: there is no such image.
        """
        answer = await self.select("image", fields or FIELDS, {"reference": ("String!", reference)})
        return checked(answer, dict, "GraphQL image")

    async def rescan_images(self, registry: str | None = None) -> Item:
        """Read the images of a registry anew, of all when None.

        Servers from 20.03 on do it in the background and answer with its `task_id` as well.
        """
        arguments = {} if registry is None else {"registry": ("String", registry)}
        return await self.mutate("rescan_images", arguments)

    async def alias_image(self, alias: str, target: str) -> Item:
        """Give an image another name."""
        return await self.mutate(
            "alias_image", {"alias": ("String!", alias), "target": ("String!", target)}
        )

    async def dealias_image(self, alias: str) -> Item:
        """Remove an alias."""
        return await self.mutate("dealias_image", {"alias": ("String!", alias)})

    async def forget_image(self, reference: str) -> Item:
        """Remove an image from the server's list; the registry keeps it."""
        return await self.mutate("forget_image", {"reference": ("String!", reference)})

    async def get_image_import_form(self) -> Item:
        """The form that describes the arguments of `build`: `{"fieldGroups": […]}`."""
        self.session.need("ImageAPI.get_image_import_form")
        return await self.item("GET", "image/import")

    async def build(self, **kwargs: Any) -> Item:
        """Import an image: the form's fields as keywords.

        Returns:
            `{"importTask": {"sessionId", "taskId"}}`; `Kernel.get_task_logs(taskId)` follows it.
        """
        self.session.need("ImageAPI.build")
        return await self.item("POST", "image/import", kwargs)
