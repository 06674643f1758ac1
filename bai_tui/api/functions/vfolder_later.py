"""What later servers can do with folders: clones, the trash, quotas (rest-vfolders.md 7)."""

from __future__ import annotations

from bai_tui.api.functions.base import Item, properties, text_of
from bai_tui.api.functions.vfolder_files import VFolderFiles
from bai_tui.api.paths import StrPath, remote_path


class VFolderLater(VFolderFiles):
    """The part of `VFolder` that 19.09 does not have.

    Every method raises UnsupportedByServerError on servers that are too old; nothing is sent.
    """

    async def info(self) -> Item:
        """What the server knows of it: id, host, numFiles, created_at, permission and more.

        Raises:
            NotFoundError: no such folder, or not for the caller.
        """
        return await self.item("GET", self.path())

    async def clone(
        self, target_name: str, target_host: str | None = None, permission: str = "rw"
    ) -> Item:
        """Copy it: the new folder, and the `bgtask_id` that copies; it must be cloneable.

        Args:
            target_name: of the copy.
            target_host: None: the host of the original.
            permission: ro, rw or wd.
        """
        self.session.need("VFolder.clone")
        host = target_host or str((await self.info()).get("host") or "")
        body = {
            "target_name": target_name,
            "target_host": host,
            "permission": permission,
            "usage_mode": "general",
            "cloneable": False,
        }
        return await self.item("POST", self.path("/clone"), body)

    async def update_options(
        self, *, cloneable: bool | None = None, permission: str | None = None
    ) -> Item:
        """Change whether it may be cloned, and the permission it is mounted with."""
        self.session.need("VFolder.update_options")
        if permission is None and self.session.generation.folder_options_whole:
            permission = str((await self.info()).get("permission") or "") or None
        body = properties(cloneable=cloneable, permission=permission)
        return await self.item("POST", self.path("/update-options"), body)

    async def move_file(self, source: StrPath, target: StrPath) -> Item:
        """Move a file or directory within the folder."""
        self.session.need("VFolder.move_file")
        body = {"src": remote_path(source), "dst": remote_path(target)}
        return await self.item("POST", self.path("/move-file"), body)

    async def restore(self, vfolder_id: str | None = None) -> Item:
        """Take it out of the trash again.

        Args:
            vfolder_id: of the folder; None: the server is asked for it by the name.
        """
        self.session.need("VFolder.restore")
        body = {"vfolder_id": vfolder_id or await self._trashed()}
        return await self.item("POST", "folders/restore-from-trash-bin", body)

    async def purge(self, vfolder_id: str | None = None) -> Item:
        """Remove it from the trash for ever, with all its files.

        Args:
            vfolder_id: of the folder; None: the server is asked for it by the name.
        """
        self.session.need("VFolder.purge")
        body = {"vfolder_id": vfolder_id or await self._trashed()}
        return await self.item("POST", "folders/delete-from-trash-bin", body)

    async def _trashed(self) -> str:
        """Id of the folder of this name that is in the trash, the newest of several."""
        rows = [row for row in await self.session.VFolder.list() if row.get("name") == self.name]
        waiting = [row for row in rows if str(row.get("status", "")).startswith("delete")]
        newest = max(waiting or rows, key=lambda row: str(row.get("created_at")), default=None)
        return text_of(newest or await self.info(), "id", f"GET /{self.path()}")

    async def quota(self) -> Item:
        """The size it may have, as its storage tells."""
        self.session.need("VFolder.quota")
        return await self.item("GET", "folders/_/quota", params=await self._place())

    async def set_quota(self, size: int) -> Item:
        """Limit its size, in bytes, where its storage can."""
        self.session.need("VFolder.set_quota")
        body = {**await self._place(), "input": {"size_bytes": size}}
        return await self.item("POST", "folders/_/quota", body)

    async def usage(self) -> Item:
        """What it uses, as its storage tells: bytes and number of files."""
        self.session.need("VFolder.usage")
        return await self.item("GET", "folders/_/usage", params=await self._place())

    async def _place(self) -> Item:
        info = await self.info()
        host = text_of(info, "host", f"GET /{self.path()}")
        return {"folder_host": host, "id": text_of(info, "id", f"GET /{self.path()}")}
