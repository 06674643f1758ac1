"""Folders, shares and invitations as the server tells them, read once; unknown fields tolerated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bai_tui.api.models import parse_time

PERMISSIONS: Final[Mapping[str, str]] = {
    "ro": "read-only",
    "rw": "read and write",
    "wd": "read, write and delete",
}


def _text(value: Any) -> str:
    return "" if value is None or value == "None" else str(value)


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None


@dataclass(frozen=True, slots=True)
class Folder:
    """A virtual folder of a list (rest-vfolders.md 3.2, 7.4).

    Attributes:
        owner: e-mail of the user, or name of the group. is_group: belongs to a group.
        used, quota: bytes; None when the server does not tell. status: of later releases.
        cloneable: whether it may be cloned; None when the server does not tell.
        doing: what we are doing with it.
    """

    id: str
    name: str
    host: str
    owner: str
    is_group: bool
    permission: str
    is_owner: bool
    created: datetime | None
    creator: str = ""
    status: str = ""
    usage: str = ""
    used: int | None = None
    quota: int | None = None
    cloneable: bool | None = None
    doing: str = ""

    @classmethod
    def from_wire(
        cls, row: Mapping[str, Any], groups: Mapping[str, str] | None = None, me: str = ""
    ) -> Folder:
        """One row of the list.

        Args:
            groups: names by id, where the server tells the id alone.
            me: our e-mail address: in the list of everybody's folders nothing is marked as ours.
        """
        group = _text(row.get("group_name")) or _text(row.get("group"))
        group = (groups or {}).get(group, group)
        is_group = (row.get("type") or row.get("ownership_type")) == "group"
        user = _text(row.get("user_email")) or _text(row.get("creator"))
        size = _count(row.get("max_size"))
        return cls(
            id=_text(row.get("id")),
            name=_text(row.get("name")),
            host=_text(row.get("host")),
            owner=group if is_group else user,
            is_group=is_group,
            permission=_text(row.get("permission")) or "rw",
            is_owner=bool(row.get("is_owner")) or (bool(me) and not is_group and user == me),
            created=parse_time(row.get("created_at")),
            creator=_text(row.get("creator")),
            status=_text(row.get("status")),
            usage=_text(row.get("usage_mode")),
            used=_count(row.get("cur_size")),
            quota=size * 1024 if size else None,
            cloneable=row["cloneable"] if isinstance(row.get("cloneable"), bool) else None,
        )

    @property
    def in_trash(self) -> bool:
        """Whether it waits in the trash of later releases."""
        return self.status.startswith("delete")

    @property
    def is_gone(self) -> bool:
        """Whether it was purged; 24.03 goes on listing such folders of groups."""
        return self.status == "delete-complete"


@dataclass(frozen=True, slots=True)
class Share:
    """A user who may use a folder, or is invited to (then with the id of the invitation)."""

    user: str
    email: str
    permission: str
    invitation: str = ""

    @property
    def key(self) -> str:
        """Unique in a folder."""
        return self.invitation or self.user


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation to the caller."""

    id: str
    folder: str
    inviter: str
    permission: str
    created: datetime | None

    @classmethod
    def from_wire(cls, row: Mapping[str, Any]) -> Invitation:
        """One of the list."""
        return cls(
            _text(row.get("id")),
            _text(row.get("vfolder_name")),
            _text(row.get("inviter")),
            _text(row.get("perm")),
            parse_time(row.get("created_at")),
        )


def same_id(one: str, other: str) -> bool:
    """Whether two ids are one: answers spell them with and without hyphens."""
    return one.replace("-", "") == other.replace("-", "")


def shares_of(folder: Folder, shared: Any, sent: Any) -> list[Share]:
    """Who may use a folder, and who is invited, by the two answers of the server."""
    found = []
    for row in shared.get("shared") or ():
        if not same_id(_text(row.get("vfolder_id")), folder.id):
            continue
        to = row.get("shared_to")
        to = to if isinstance(to, Mapping) else {}
        found.append(Share(_text(to.get("uuid")), _text(to.get("email")), _text(row.get("perm"))))
    for row in sent.get("invitations") or ():
        if same_id(_text(row.get("vfolder_id")), folder.id):
            invited = _text(row.get("invitee"))
            found.append(Share("", invited, _text(row.get("perm")), _text(row.get("id"))))
    return found
