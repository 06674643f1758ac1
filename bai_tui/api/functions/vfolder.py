"""Virtual folders: the folders themselves, who shares them, and where they lie."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from bai_tui.api.exceptions import BackendAPIError
from bai_tui.api.functions.base import BaseFunction, Item, listed, objects, properties, text_of
from bai_tui.api.functions.vfolder_later import VFolderLater

PERMISSIONS: Final = ("ro", "rw", "wd")
"""Read-only, read-write, read-write-delete (rest-vfolders.md 1)."""

_NO_PATH: Final = ("url-not-found", "generic-not-found", "generic-error", "")
"""Problem types of servers that do not know a path."""


class VFolder(VFolderLater):
    """One virtual folder, by its name (rest-vfolders.md)."""

    def __repr__(self) -> str:
        return f"VFolder({self.name!r})"

    async def delete(self) -> Item:
        """Delete it with all its files; later servers move it to their trash. Returns `{}`."""
        return await self.item("DELETE", self.path())

    async def rename(self, new_name: str) -> str:
        """Give it another name; this object follows."""
        _check_name(new_name)
        answer = await self.call("POST", self.path("/rename"), {"new_name": new_name}, raw=True)
        self.name = new_name
        return str(answer)

    async def invite(self, perm: str, emails: Iterable[str]) -> Item:
        """Invite users: `{"invited_ids": [e-mail addresses]}`, without those who need none.

        Args:
            perm: ro, rw or wd.
            emails: of the users.

        Raises:
            ValueError: another permission, or nobody.
        """
        _check_permission(perm)
        return await self.item(
            "POST", self.path("/invite"), {"perm": perm, "user_ids": _somebody(emails)}
        )

    async def leave(self) -> Item:
        """Give up a folder that somebody shared with the caller.

        Raises:
            UnsupportedByServerError: servers before 20.03 have no such function.
        """
        return await self._try("VFolder.leave", "POST", "/leave", {})

    async def share(self, perm: str, emails: Iterable[str]) -> Item:
        """Share a group's folder with users at once, for admins: `{"shared_emails": […]}`.

        Raises:
            UnsupportedByServerError: servers before 21.03 have no such function.
        """
        _check_permission(perm)
        body = {"permission": perm, "emails": _somebody(emails)}
        return await self._try("VFolder.share", "POST", "/share", body)

    async def unshare(self, emails: Iterable[str]) -> Item:
        """End `share`: `{"unshared_emails": […]}`."""
        method, suffix = self.session.generation.folder_unshare
        body = {"emails": _somebody(emails)}
        return await self._try("VFolder.unshare", method, suffix, body)

    async def _try(self, function: str, method: str, suffix: str, body: Item) -> Item:
        """Ask in spite of the server's age: some releases got the function with a patch."""
        try:
            return await self.item(method, self.path(suffix), body)
        except BackendAPIError as error:
            if error.status == 405 or (error.status == 404 and error.type in _NO_PATH):
                self.session.need(function)
            raise


class VFolderAPI(BaseFunction):
    """`session.VFolder` (rest-vfolders.md); called with a name it is that folder.

    Example:
        >>> created = await session.VFolder.create("docs-example")
        >>> folder = session.VFolder("docs-example")
        >>> written = Path("notes.txt").write_text("remember")
        >>> steps = []
        >>> await folder.upload(["notes.txt"], progress=steps.append)
        ''
        >>> steps[-1]
        Progress(name='notes.txt', done=8, total=8, files_done=1, files=1)
        >>> [(entry.name, entry.size) for entry in await folder.entries()]
        [('notes.txt', 8)]
        >>> await folder.download(["notes.txt"], dest="copies")
        {'file_names': ['notes.txt']}
        >>> await folder.delete()
        {}
    """

    def __call__(self, name: str) -> VFolder:
        """The folder of that name; nothing is sent."""
        return VFolder(self.session, name)

    async def create(
        self,
        name: str,
        host: str | None = None,
        group: str | None = None,
        *,
        usage_mode: str | None = None,
        permission: str | None = None,
    ) -> Item:
        """Create a folder: `{"id", "name", "host", "creator", "user", "group"}`.

        Args:
            name: letters, digits, `.`, `_` and `-`; with a leading dot it is mounted into every
                session of its owner.
            host: where it shall lie; None: the server's default.
            group: name or id of the group it shall belong to; None: the caller.
            usage_mode: general, data or model (20.09 and later); None: general.
            permission: ro, rw or wd, what sessions may do in it (20.09 and later); None: rw.

        Raises:
            ValueError: no name. BackendAPIError: the server refused.
        """
        _check_name(name)
        if usage_mode is not None:
            self.session.need("VFolder.usage_mode")
        if permission is not None:
            self.session.need("VFolder.permission")
        if group is not None and self.session.generation.folder_group_by_name:
            group = await self._name_of(group)
        more = properties(host=host, group=group, usage_mode=usage_mode, permission=permission)
        return await self.item("POST", "folders", {"name": name, **more})

    async def delete_by_id(self, oid: str) -> Item:
        """Delete any folder by its id; superadmins only. Returns `{}`."""
        return await self.item("DELETE", "folders", {"id": oid})

    async def _name_of(self, group: str) -> str:
        """The name of a group that was told by name or id."""
        try:
            UUID(group)
        except ValueError:
            return group
        row = await self.session.Group.detail(group, fields=("name",))
        return text_of(row or {}, "name", "GraphQL group")

    async def list(self, list_all: bool = False, group_id: str | None = None) -> list[Item]:
        """The folders the caller may use; with `list_all` everybody's, for superadmins.

        Args:
            group_id: also those of this group; later servers leave groups' folders out without.
        """
        query = {"all": list_all, **properties(group_id=group_id)}
        return objects(await self.read("folders", query), "GET /folders")

    async def list_hosts(self) -> Item:
        """Hosts the caller may create folders on: `{"default": str or None, "allowed": […]}`."""
        return await self.item("GET", "folders/_/hosts")

    async def list_all_hosts(self) -> Item:
        """All mounted hosts, in the form of `list_hosts`; superadmins only."""
        return await self.item("GET", "folders/_/all_hosts")

    async def list_allowed_types(self) -> Any:
        """Kinds of folders the caller may create: `["user", "group"]`."""
        return await self.call("GET", "folders/_/allowed_types")

    async def invitations(self) -> Item:
        """Invitations that wait for the caller.

        `{"invitations": [{"id", "inviter", "invitee", "perm", "state", "created_at",
        "vfolder_id", "vfolder_name"}]}`
        """
        return await self.item("GET", "folders/invitations/list")

    async def sent_invitations(self) -> Item:
        """Invitations of the caller that wait for others, in the form of `invitations`."""
        return await self.item("GET", "folders/invitations/list_sent")

    async def accept_invitation(self, inv_id: str) -> Item:
        """Accept; from then on the folder is in the caller's list."""
        return await self.item("POST", "folders/invitations/accept", {"inv_id": inv_id})

    async def delete_invitation(self, inv_id: str) -> Item:
        """Reject an invitation, or withdraw one of the caller's own."""
        return await self.item(*self.session.generation.invitation_delete, {"inv_id": inv_id})

    async def update_invitation(self, inv_id: str, perm: str) -> Item:
        """Change the permission of an invitation the caller sent, while it waits."""
        _check_permission(perm)
        return await self.item("POST", f"folders/invitations/update/{inv_id}", {"perm": perm})

    async def list_shared(self, vfolder_id: str | None = None) -> Item:
        """Who may use the caller's folders.

        `{"shared": [{"vfolder_id", "vfolder_name", "shared_by", "shared_to": {"uuid", "email"},
        "perm"}]}`
        """
        return await self.read_item("folders/_/shared", properties(vfolder_id=vfolder_id))

    async def update_shared(self, vfolder: str, user: str, perm: str | None) -> Item:
        """Change what a user may do in a folder; None ends it.

        Args:
            vfolder: id of the folder. user: id of the user.
        """
        if perm is not None:
            _check_permission(perm)
        return await self.item(
            "POST", "folders/_/shared", {"vfolder": vfolder, "user": user, "perm": perm}
        )

    async def get_fstab_contents(self, agent_id: str | None = None) -> Item:
        """The table of mounts of the manager, or of an agent: `{"content", "node", "node_id"}`.

        Superadmins only.
        """
        return await self.read_item("folders/_/fstab", properties(agent_id=agent_id))

    async def list_mounts(self) -> Item:
        """What is mounted, for superadmins.

        `{"manager": {"success", "mounts", "message"}, "agents": {id: the same}}`
        """
        return await self.item("GET", "folders/_/mounts")

    async def mount_host(
        self,
        name: str,
        fs_location: str,
        options: str | None = None,
        edit_fstab: bool = False,
    ) -> Item:
        """Mount a folder host on the manager and all agents; superadmins only.

        Args:
            name: name of the host, below the servers' mount root.
            fs_location: what to mount, such as `nfs.example.com:/exports/data`.
            options: of the mount.
            edit_fstab: also at the next start of the machines.

        Returns:
            `{"manager": {"success", "message"}, "agents": {id: the same}}`; an agent that failed
            is no error of the call.
        """
        return await self.item(
            "POST",
            "folders/_/mounts",
            {"name": name, "fs_location": fs_location, "edit_fstab": edit_fstab}
            | properties(options=options),
        )

    async def umount_host(self, name: str, edit_fstab: bool = False) -> Item:
        """Unmount a folder host that no session uses; answers as `mount_host`."""
        return await self.item(
            *self.session.generation.folder_umount, {"name": name, "edit_fstab": edit_fstab}
        )


def _check_name(name: str) -> None:
    if not name or "/" in name:
        raise ValueError(f"{name!r} is not the name of a folder")


def _check_permission(perm: str) -> None:
    if perm not in PERMISSIONS:
        raise ValueError(f"a permission is one of {', '.join(PERMISSIONS)}, not {perm!r}")


def _somebody(emails: Iterable[str]) -> Any:
    users = listed(emails)
    if not users:
        raise ValueError("name at least one user")
    return users


__all__ = ["PERMISSIONS", "VFolder", "VFolderAPI"]
