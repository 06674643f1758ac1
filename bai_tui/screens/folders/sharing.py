"""Who may use a folder: invite, change the permission, revoke; and the invitations to us."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual.binding import BindingType

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.screens.folders.columns import INVITATIONS, SHARES
from bai_tui.screens.folders.forms import Row, SmallForm, call
from bai_tui.screens.folders.model import PERMISSIONS, Folder, Invitation, Share, shares_of
from bai_tui.screens.remote import RemoteListView
from bai_tui.widgets.bars import Hint
from bai_tui.widgets.dialog import Confirm
from bai_tui.widgets.fields import ChoiceField, TextField
from bai_tui.widgets.picker import Choice, Picker
from bai_tui.widgets.table import LiveTable

CHOICES = [Choice(code, code, text) for code, text in PERMISSIONS.items()]


class SharingView(RemoteListView):
    """The users of one folder of ours, and those who are invited."""

    CRUMB = "sharing"
    SCOPES: ClassVar[tuple[str, ...]] = ("shares", "table")
    REMEMBER = "shares"
    OPENS = "permission"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings("table"),
        *actions.bindings("shares"),
    ]

    def __init__(self, folder: Folder) -> None:
        super().__init__()
        self._folder = folder

    def compose_body(self) -> Any:
        """The table."""
        yield LiveTable(
            SHARES,
            key=lambda share: share.key,
            what="users",
            empty=f"Nobody else may use {self._folder.name}. n invites users.",
            id_of=lambda share: share.email,
            id="table",
        )

    def crumbs(self) -> list[str]:
        """With the folder."""
        return [*super().crumbs()[:-1], self._folder.name, "sharing"]

    async def fetch(self) -> Sequence[Share]:
        """Shared and invited."""
        folders = self.connection.session.VFolder
        shared = await folders.list_shared(self._folder.id)
        sent = await folders.sent_invitations()
        return shares_of(self._folder, shared, sent)

    def why_not(self, action: Action) -> str:
        """Folders with a dot in front cannot be shared; those of others not by us."""
        if action.scope == "shares" and action.mutating and not self._folder.is_group:
            if self._folder.name.startswith("."):
                return "folders with a dot in front cannot be shared"
            if not self._folder.is_owner:
                return "only its owner shares it"
        if action.id == "table.open":
            return self.obstacle(actions.BY_ID["shares.permission"])
        return super().why_not(action)

    def on_row_opened(self, event: LiveTable.RowOpened) -> None:
        """Enter: the permission."""
        self.perform(actions.BY_ID["shares.permission"])

    def hints(self) -> list[Hint]:
        """A group's folder is shared at once; nobody has to accept."""
        hints = super().hints()
        if not self._folder.is_group:
            return hints
        return [replace(h, label="share") if h.action == "shares.invite" else h for h in hints]

    def do_shares_invite(self, argument: str) -> None:
        """The form."""
        known = frozenset(share.email for share in self.table.rows)
        self.app.push_screen(InviteView(self._folder, known, self.reload))

    def do_shares_permission(self, argument: str) -> None:
        """Choose another one."""
        rows: list[Share] = self.table.chosen_rows

        def chosen(values: tuple[str, ...] | None) -> None:
            if values:
                self.attempt(self._permit(rows, values[0]), "permission")

        title = f"What {rows[0].email if len(rows) == 1 else f'{len(rows)} users'} may do"
        self.app.push_screen(Picker(title, CHOICES, [rows[0].permission]), chosen)

    async def _permit(self, rows: Sequence[Share], permission: str | None) -> None:
        """Set, or with None take away; invitations are changed, or withdrawn."""
        folder = self._folder
        try:
            for share in rows:
                await self.connection.write(
                    lambda session, share=share: self._one(session, share, permission)  # type: ignore[misc]
                )
        finally:
            self.table.clear_marks()
            self.reload()
        whom = rows[0].email if len(rows) == 1 else f"{len(rows)} users"
        what = f"may {PERMISSIONS[permission]}" if permission else "may not use it any more"
        if permission == "ro":
            what = "may only read"
        self.flash(f"{folder.name}: {whom} {what}", "success")

    async def _one(self, session: Any, share: Share, permission: str | None) -> None:
        folders = session.VFolder
        if self._folder.is_group:
            folder = folders(self._folder.name)
            if permission is None:
                await folder.unshare([share.email])
            else:
                await folder.share(permission, [share.email])
            return
        if share.invitation and permission is None:
            await folders.delete_invitation(share.invitation)
        elif share.invitation:
            await folders.update_invitation(share.invitation, permission)
        else:
            await folders.update_shared(self._folder.id, share.user, permission)

    def do_shares_revoke(self, argument: str) -> None:
        """Take it away, after asking."""
        rows: list[Share] = self.table.chosen_rows
        whom = rows[0].email if len(rows) == 1 else f"{len(rows)} users"

        def answered(yes: bool | None) -> None:
            if yes:
                self.attempt(self._permit(rows, None), "revoke")
            else:
                self.flash("revoke: cancelled, nothing was changed")

        dialog = Confirm(
            f"Take {self._folder.name} away from {whom}?",
            "Sessions that have it mounted keep it until they end.",
            names=[f"{s.email}  {'invited' if s.invitation else s.permission}" for s in rows],
            verb="Revoke",
        )
        self.app.push_screen(dialog, answered)


class InviteView(SmallForm):
    """Invites users by their addresses; of a group's folder they may use it at once."""

    CRUMB = "invite"
    VERB: ClassVar[str] = "Invite"

    def __init__(self, folder: Folder, known: frozenset[str], done: Callable[[], None]) -> None:
        super().__init__()
        self._folder, self._known, self._done = folder, known, done
        if folder.is_group:
            self.CRUMB, self.VERB = "share", "Share"  # type: ignore[misc]

    def crumbs(self) -> list[str]:
        """With the folder."""
        *above, sharing, own = super().crumbs()
        return [*above, self._folder.name, sharing, own]

    def rows(self) -> Sequence[Row]:
        """Whom, and what they may do."""
        permission = ChoiceField("Permission", id="permission")
        permission.offer(CHOICES, ["rw"])
        return [
            ("users", "E-mails", TextField(placeholder="a@example.com, b@example.com", id="users")),
            ("permission", "Permission", permission),
        ]

    def _emails(self) -> list[str]:
        return [word for word in re.split(r"[\s,;]+", self.text("users")) if word]

    def problems(self) -> Mapping[str, str]:
        """Addresses."""
        emails = self._emails()
        if not emails:
            return {"users": "name at least one user"}
        for email in emails:
            if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
                return {"users": f"{email}: no e-mail address"}
            if email in self._known:
                return {"users": f"{email} is there already"}
        return {}

    def remarks(self) -> Mapping[str, str]:
        """The permission in words."""
        return {"permission": PERMISSIONS.get(self.choice("permission").value, "")}

    @property
    def _function(self) -> str:
        return "share" if self._folder.is_group else "invite"

    def code(self) -> str:
        """The call."""
        folder = f"session.VFolder({self._folder.name!r}).{self._function}"
        return call(folder, self.choice("permission").value, self._emails())

    async def send(self) -> str:
        """Invite or share; the server leaves out whom it does not know."""
        emails, permission = self._emails(), self.choice("permission").value
        name, function = self._folder.name, self._function
        answer = await self.connection.write(
            lambda session: getattr(session.VFolder(name), function)(permission, emails)
        )
        self._done()
        did = "shared with" if self._folder.is_group else "invited"
        found = answer.get("shared_emails" if self._folder.is_group else "invited_ids")
        known = [str(email) for email in found or ()]
        left = [email for email in emails if email not in known]
        if not known:
            raise ValueError(f"the server {did} nobody: it knows no user {', '.join(left)}")
        missed = f"; not {did}, perhaps unknown: {', '.join(left)}" if left else ""
        return f"{did} {', '.join(known)}{missed}"


class InvitationsView(RemoteListView):
    """Invitations that wait for us."""

    CRUMB = "invitations"
    SCOPES: ClassVar[tuple[str, ...]] = ("invitations", "table")
    REMEMBER = "invitations"
    OPENS = "answer"
    FOCUS_AGAIN = 5.0
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings("table"),
        *actions.bindings("invitations"),
    ]

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._changed = changed

    def compose_body(self) -> Any:
        """The table."""
        yield LiveTable(
            INVITATIONS,
            key=lambda invitation: invitation.id,
            what="invitations",
            empty="No invitation waits for you.",
            id_of=lambda invitation: invitation.folder,
            id="table",
        )

    async def fetch(self) -> Sequence[Invitation]:
        """Those of the server."""
        answer = await self.connection.session.VFolder.invitations()
        found = answer.get("invitations") or ()
        return [Invitation.from_wire(row) for row in found if isinstance(row, Mapping)]

    def on_row_opened(self, event: LiveTable.RowOpened) -> None:
        """Enter: accept or decline."""

        def chosen(values: tuple[str, ...] | None) -> None:
            if values:
                self.perform(actions.BY_ID[f"invitations.{values[0]}"])

        invitation: Invitation = event.row
        choices = [
            Choice("accept", "Accept", "the folder appears in your list"),
            Choice("decline", "Decline", "the inviter is not told"),
        ]
        title = f"{invitation.folder} from {invitation.inviter} ({invitation.permission})"
        self.app.push_screen(Picker(title, choices), chosen)

    def do_invitations_accept(self, argument: str) -> None:
        """Accept."""
        self.attempt(self._answer(True), "accept")

    def do_invitations_decline(self, argument: str) -> None:
        """Decline, after asking."""
        rows: list[Invitation] = self.table.chosen_rows

        def answered(yes: bool | None) -> None:
            if yes:
                self.attempt(self._answer(False), "decline")

        dialog = Confirm(
            f"Decline {len(rows)} invitation{'s' if len(rows) > 1 else ''}?",
            "The folder is not shared with you; its owner can invite you again.",
            names=[f"{i.folder}  from {i.inviter}" for i in rows],
            verb="Decline",
        )
        self.app.push_screen(dialog, answered)

    async def _answer(self, accept: bool) -> None:
        rows: list[Invitation] = self.table.chosen_rows
        try:
            for row in rows:
                await self.connection.write(
                    lambda session, row=row: (  # type: ignore[misc]
                        session.VFolder.accept_invitation(row.id)
                        if accept
                        else session.VFolder.delete_invitation(row.id)
                    )
                )
        finally:
            self.table.clear_marks()
            self.reload()
            self._changed()
        what = rows[0].folder if len(rows) == 1 else f"{len(rows)} invitations"
        self.flash(f"{'accepted' if accept else 'declined'}: {what}", "success")
