"""What can be done with folders: share, rename, delete, leave, take out of the trash."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from bai_tui.actions import Action
from bai_tui.actions.model import ADMINS
from bai_tui.diagnosis import explain
from bai_tui.screens.folders.create import check_folder_name
from bai_tui.screens.folders.model import Folder
from bai_tui.screens.view import View
from bai_tui.widgets.ask import Ask
from bai_tui.widgets.dialog import Confirm

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.tasks import Task

_OFFERS: Mapping[str, str] = {
    "vfolder.restore": "VFolder.restore",
    "vfolder.clone": "VFolder.clone",
    "vfolder.cloneable": "VFolder.update_options",
}
"""What the server must be able to do for an action."""
Call = Callable[["AsyncSession", Folder], Awaitable[object]]


def obstacle_of(action: Action, folder: Folder, role: str) -> str:
    """What in a folder's state stands against an action; empty when nothing does."""
    name = action.id.removeprefix("vfolder.")
    if folder.doing:
        return f"{folder.doing}…"
    if name == "restore":
        return "" if folder.in_trash else "it is not in the trash"
    if folder.in_trash and name != "delete":
        return "it is in the trash; u restores it"
    if name == "leave":
        if folder.is_owner:
            return "it is yours: ctrl+d deletes it"
        return "it belongs to a group" if folder.is_group else ""
    if name == "delete" and role == "superadmin":
        return ""
    if name == "clone" and folder.cloneable is False:
        return f"it may not be cloned; {'L allows it' if folder.is_owner else 'ask its owner'}"
    if name in ("share", "rename", "delete", "cloneable"):
        if folder.is_group:
            return "" if role in ADMINS else f"it belongs to {folder.owner}; only admins may"
        if not folder.is_owner:
            return f"it is {folder.owner}'s; only its owner may"
    return ""


class FolderActs(View):
    """The actions; a subclass says which folders they are for."""

    def chosen(self) -> list[Folder]:
        """The folders marked, or the one under the cursor."""
        raise NotImplementedError

    def note(self, folders: Sequence[Folder], doing: str) -> None:
        """Show what is being done with folders."""
        raise NotImplementedError

    def taken(self) -> frozenset[str]:
        """Names of folders the user sees."""
        raise NotImplementedError

    @property
    def _role(self) -> str:
        identity = self.connection.identity
        return identity.role if identity is not None else "user"

    def absent(self, action: Action) -> str:
        """What the server cannot do is not there; why names the release that can."""
        reason = super().absent(action)
        offer = _OFFERS.get(action.id)
        if reason or offer is None or not self.connection.ready:
            return reason
        session = self.connection.session
        return session.generation.refusal(offer, session.release)

    def why_not(self, action: Action) -> str:
        """Obstacles of the folders themselves; of several, when all have one."""
        if action.scope != "vfolder":
            return super().why_not(action)
        if action.id == "vfolder.share" and self.connection.ready:
            group = any(folder.is_group for folder in self.chosen()[:1])
            if group and not self.connection.session.offers("VFolder.share"):
                return "this server shares no folders of groups: all its members may use it"
        reasons = [obstacle_of(action, folder, self._role) for folder in self.chosen()]
        return reasons[0] if reasons and all(reasons) else ""

    def _able(self, action_id: str) -> list[Folder]:
        from bai_tui.actions import BY_ID

        action = BY_ID[action_id]
        return [f for f in self.chosen() if not obstacle_of(action, f, self._role)]

    def do_vfolder_share(self, argument: str) -> None:
        """Who may use it."""
        from bai_tui.screens.folders.sharing import SharingView

        folder = next(iter(self._able("vfolder.share")), None)
        if folder is not None:
            self.app.push_screen(SharingView(folder))

    def do_vfolder_rename(self, argument: str) -> None:
        """Ask for the new name."""
        folder = next(iter(self._able("vfolder.rename")), None)
        if folder is None:
            return
        old = folder.name

        def check(name: str) -> str:
            return "this is its name" if name == old else check_folder_name(name)

        def answered(name: str | None) -> None:
            if name is not None:
                work = self._each(
                    [folder], "rename", "renaming", lambda s, f: s.VFolder(f.name).rename(name)
                )
                self.attempt(work, "rename")

        text = "Sessions that have it mounted keep the old name."
        dialog = Ask(f"Rename {old}", text, old, verb="Rename", check=check)
        self.app.push_screen(dialog, answered)

    def do_vfolder_delete(self, argument: str) -> None:
        """Delete, after its name (or of several the number) was typed."""
        folders = self._able("vfolder.delete")
        session = self.connection.session
        trash = session.offers("VFolder.restore") and not any(f.in_trash for f in folders)
        it, its, them = (
            ("It is", "its", "it") if len(folders) == 1 else ("They are", "their", "them")
        )
        text = (
            f"{it} moved to the trash; u takes {them} out again."
            if trash
            else f"All {its} files are gone for ever."
        )
        self._ask(folders, "Delete", text, "deleting", self._delete, typed=True)

    def _delete(self, session: AsyncSession, folder: Folder) -> Awaitable[object]:
        if folder.in_trash:
            return session.VFolder(folder.name).purge(folder.id)
        # Names are those of the caller's own list: what is somebody else's goes by its id.
        if folder.is_owner:
            return session.VFolder(folder.name).delete()
        return session.VFolder.delete_by_id(folder.id)

    def do_vfolder_leave(self, argument: str) -> None:
        """Leave, after asking."""
        self._ask(
            self._able("vfolder.leave"),
            "Leave",
            "It goes from your list; its owner can invite you again.",
            "leaving",
            lambda session, folder: session.VFolder(folder.name).leave(),
        )

    def do_vfolder_clone(self, argument: str) -> None:
        """The form of the copy."""
        from bai_tui.screens.folders.clone import CloneView

        for folder in self._able("vfolder.clone")[:1]:
            self.app.push_screen(CloneView(folder, self.taken()))

    def do_vfolder_cloneable(self, argument: str) -> None:
        """May be cloned, or not any more."""
        rows = self._able("vfolder.cloneable")
        allow = any(not folder.cloneable for folder in rows)
        verb = "allow clones" if allow else "forbid clones"
        work = self._each(
            rows, verb, "changing", lambda s, f: s.VFolder(f.name).update_options(cloneable=allow)
        )
        self.attempt(work, verb)

    def task_changed(self, task: Task) -> None:
        """A copy is whole: it is in the list now."""
        super().task_changed(task)
        if task.kind == "clone" and task.ended and self.is_mounted:
            self.reload()

    def do_vfolder_restore(self, argument: str) -> None:
        """Take it out of the trash."""
        rows = self._able("vfolder.restore")
        self.attempt(self._each(rows, "restore", "restoring", _restore), "restore")

    def _ask(
        self,
        folders: Sequence[Folder],
        verb: str,
        text: str,
        doing: str,
        call: Call,
        *,
        typed: bool = False,
    ) -> None:
        if not folders:
            return
        one = len(folders) == 1
        skipped = len(self.chosen()) - len(folders)
        if skipped:
            text += f" {skipped} of those marked cannot be: left out."

        def answered(yes: bool | None) -> None:
            if yes:
                self.attempt(self._each(folders, verb.lower(), doing, call), verb.lower())
            else:
                self.flash(f"{verb.lower()}: cancelled, nothing was done")

        dialog = Confirm(
            f"{verb} {'the folder' if one else f'{len(folders)} folders'}?",
            text,
            names=[f.name if f.is_owner else f"{f.name}  {f.owner}" for f in folders],
            verb=verb,
            typed=("" if not typed else folders[0].name if one else str(len(folders))),
        )
        self.app.push_screen(dialog, answered)

    async def _each(self, folders: Sequence[Folder], verb: str, doing: str, call: Call) -> None:
        """Do it with every folder, one after the other; each has its own result."""
        self.note(folders, doing)
        results: list[str] = []
        failed: list[str] = []
        try:
            for folder in folders:
                try:
                    await self.connection.write(
                        lambda session, folder=folder: call(session, folder)  # type: ignore[misc]
                    )
                    results.append(f"{folder.name}: done")
                except Exception as error:
                    self.connection.suspect(error)
                    failed.append(f"{folder.name}: {explain(error).line}")
        finally:
            self.note(folders, "")
            self.reload()
        if failed:
            good = f"{len(results)} of {len(folders)} done; " if len(folders) > 1 else ""
            self.flash(f"{verb}: {good}{failed[0]}", "error", "\n".join([*failed, *results]))
        else:
            what = folders[0].name if len(folders) == 1 else f"{len(folders)} folders"
            self.flash(f"{verb}: {what}", "success")


def _restore(session: AsyncSession, folder: Folder) -> Awaitable[object]:
    return session.VFolder(folder.name).restore(folder.id)
