"""Actions of virtual folders, their files, who shares them, and where they lie."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import Action

SUPER: Final = frozenset({"superadmin"})


def _folder(
    name: str,
    keys: str,
    label: str,
    text: str,
    *aliases: str,
    hint: int = 0,
    mutating: bool = True,
    roles: frozenset[str] = frozenset(),
) -> Action:
    return Action(
        f"vfolder.{name}", tuple(keys.split()), label, text, "Folder", "vfolder", aliases,
        needs_row=True, mutating=mutating, roles=roles, hint=hint,
    )  # fmt: skip


def _files(
    name: str, keys: str, label: str, text: str, *aliases: str, hint: int = 0, argument: str = ""
) -> Action:
    return Action(
        f"files.{name}", tuple(keys.split()), label, text, "Files", "files", aliases, hint=hint,
        argument=argument,
    )  # fmt: skip


ACTIONS: Final[tuple[Action, ...]] = (
    Action("vfolders.new", ("n",), "new", "Create a virtual folder.", "Folder", "vfolders",
           ("new-folder",), mutating=True, hint=20),
    Action("vfolders.invitations", ("i",), "invitations", "Show the invitations that wait for me.",
           "Folder", "vfolders", ("invitations",), hint=60),
    Action("vfolders.hosts", ("H",), "hosts", "Show where folders can lie, and what is mounted.",
           "Folder", "vfolders", ("hosts",), hint=70),
    Action("vfolders.owner", ("A",), "mine/all", "Show the folders I may use, or everybody's.",
           "Folder", "vfolders", ("all-folders",), roles=SUPER),
    _folder("share", "S", "share", "Show who may use the folder; invite, change, revoke.",
            "share", hint=30, mutating=False),
    _folder("rename", "R", "rename", "Give the folder another name.", "rename-folder", hint=45),
    _folder("delete", "ctrl+d", "delete",
            "Delete the folder with all its files; its name must be typed.", "delete-folder",
            hint=50),
    _folder("leave", "ctrl+x", "leave", "Give up a folder that somebody shared with me.",
            "leave-folder"),
    _folder("clone", "N", "clone", "Copy the folder on the server; shows how far it is.",
            "clone-folder"),
    _folder("cloneable", "L", "allow clones",
            "Let the folder be cloned by those who may use it, or not any more.", "cloneable"),
    _folder("restore", "u", "restore", "Take the folder out of the trash again.", "restore"),
    # Who may use a folder.
    Action("shares.invite", ("n",), "invite", "Invite users to the folder.", "Sharing", "shares",
           ("invite",), mutating=True, hint=20),
    Action("shares.permission", ("P",), "permission", "Change what a user may do in the folder.",
           "Sharing", "shares", ("permission",), needs_row=True, mutating=True),
    Action("shares.revoke", ("ctrl+d",), "revoke",
           "Take the permission away, or withdraw the invitation.", "Sharing", "shares",
           ("revoke",), needs_row=True, mutating=True, hint=40),
    Action("invitations.accept", ("Y",), "accept", "Accept the invitation.", "Invitations",
           "invitations", ("accept",), needs_row=True, mutating=True, hint=20),
    Action("invitations.decline", ("ctrl+d",), "decline", "Decline the invitation.",
           "Invitations", "invitations", ("decline",), needs_row=True, mutating=True, hint=30),
    # Where folders lie.
    Action("hosts.mount", ("n",), "mount", "Mount a storage as a folder host on all machines.",
           "Hosts", "hosts", ("mount",), mutating=True, roles=SUPER, hint=20),
    Action("hosts.umount", ("ctrl+d",), "unmount",
           "Unmount a folder host on all machines; its name must be typed.", "Hosts", "hosts",
           ("umount",), needs_row=True, mutating=True, roles=SUPER, hint=30),
    Action("hosts.fstab", ("f",), "fstab", "Show the table of mounts of the machine.", "Hosts",
           "hosts", ("fstab",), needs_row=True, roles=SUPER, hint=40),
    # The two panes.
    _files("copy", "f5 greater_than_sign", "copy",
           "Copy what is chosen in this pane to the directory of the other one.", "copy-files",
           hint=12),
    _files("other", "tab shift+tab", "other pane", "Go to the other pane.", "other-pane", hint=15),
    _files("up", "backspace left", "up", "Go to the directory above.", "up", hint=20),
    _files("upload", "U", "upload", "Upload what is chosen in this machine's pane.", "upload"),
    _files("download", "D", "download", "Download what is chosen in the other place.",
           "download"),
    _files("view", "v", "view", "Look at the text or picture of the file.", "view"),
    _files("mkdir", "plus", "mkdir", "Make a directory.", "mkdir", hint=40),
    _files("rename", "R", "rename", "Give the file or directory another name.", "rename-file",
           hint=45),
    _files("delete", "ctrl+d", "delete", "Delete files, and directories with all in them.",
           "delete-files", hint=50),
    _files("go", "", "go to", "Go to a directory in the pane.", "cd", argument="PATH"),
)  # fmt: skip
