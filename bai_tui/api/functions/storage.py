"""Storage hosts (20.09 and later)."""

from __future__ import annotations

from bai_tui.api.functions.base import BaseFunction, Fields, Item

FIELDS = ("id", "backend", "path", "fsprefix", "capabilities", "usage")


class StorageAPI(BaseFunction):
    """`session.Storage`; superadmins only.

    Raises UnsupportedByServerError on servers that are too old; nothing is sent.
    """

    async def list(
        self, limit: int = 100, offset: int = 0, fields: Fields | None = None
    ) -> list[Item]:
        """The hosts folders may lie on: `[{"id", "backend", "capabilities", "usage", …}]`."""
        self.session.need("StorageAPI")
        page = await self.page(
            "storage_volume_list",
            fields or FIELDS,
            {"limit": ("Int!", limit), "offset": ("Int!", offset)},
        )
        rows: list[Item] = page["items"]
        return rows

    async def detail(self, host: str, fields: Fields | None = None) -> Item | None:
        """One host, or None."""
        self.session.need("StorageAPI")
        return await self.row("storage_volume", fields or FIELDS, {"id": ("String", host)})
