"""The form of a new folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final

from bai_tui.diagnosis import explain
from bai_tui.screens.folders.forms import Row, SmallForm, call
from bai_tui.widgets.fields import ChoiceField, TextField
from bai_tui.widgets.picker import Choice

_NAME: Final = re.compile(r"\.?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_RESERVED: Final = re.compile(
    r"\.terminfo|\.jupyter|\.tmux\.conf|\.ssh|\.[a-z0-9]+rc|\.[a-z0-9]+_profile"
)
MINE: Final = ""
_LATER: Final = (
    ("permission", "Permission", "VFolder.permission", (
        Choice("", "rw", "sessions read and write"),
        Choice("ro", "ro", "sessions only read"),
        Choice("wd", "wd", "sessions delete, too"),
    )),
    ("usage", "For", "VFolder.usage_mode", (
        Choice("", "everything"),
        Choice("data", "data", "input of sessions"),
        Choice("model", "models", "served by model services"),
    )),
)  # fmt: skip
"""Rows of servers that know them: name, label, what must be offered, choices; the default first."""


def check_folder_name(name: str) -> str:
    """What is wrong with the name of a folder (rest-vfolders.md 1); empty when nothing is."""
    if not name:
        return "a name is needed"
    if not re.fullmatch(r"[A-Za-z0-9._-]*", name):
        return "only a-z A-Z 0-9 . _ -"
    if not _NAME.fullmatch(name):
        return "first and last: a-z, 0-9"
    if _RESERVED.fullmatch(name) or name in ("_", "invitations"):
        return "this name is reserved"
    return ""


class NewFolderView(SmallForm):
    """Creates a folder.

    Args:
        taken: names the user sees already.
        created: called with the name when it is there.
    """

    CRUMB = "new folder"
    VERB: ClassVar[str] = "Create"

    def __init__(self, taken: frozenset[str], created: Callable[[str], None]) -> None:
        super().__init__()
        self._taken = taken
        self._created = created

    def rows(self) -> Sequence[Row]:
        """Name, whose, where; and what later servers ask besides."""
        rows: list[Row] = [
            ("name", "Name", TextField(placeholder="data", id="name")),
            ("owner", "Owner", ChoiceField("Owner", id="owner", empty="me")),
            ("host", "Host", ChoiceField("Host", id="host", empty="the server's default")),
        ]
        session = self.connection.session if self.connection.ready else None
        for name, label, offer, choices in _LATER:
            if session is not None and session.offers(offer):
                field = ChoiceField(label, id=name)
                field.offer(choices, [choices[0].value])
                rows.append((name, label, field))
        return rows

    def setup(self) -> None:
        """Ask what there is to choose."""
        self.choice("owner").offer([Choice(MINE, "me")], [MINE])
        super().setup()
        self.reload()

    def reload(self) -> None:
        """Ask again."""
        self.in_background(self._load, "load")

    async def _load(self) -> None:
        try:
            session = self.connection.session
            hosts = await session.VFolder.list_hosts()
            kinds = await session.VFolder.list_allowed_types()
        except Exception as error:
            self.connection.suspect(error)
            self.flash(f"hosts: {explain(error).line}", "warning")
            return
        default = hosts.get("default")
        self.choice("host").offer(
            [
                Choice(host, host, "default" if host == default else "")
                for host in hosts.get("allowed") or ()
            ],
            [default] if default else [],
        )
        self.choice("owner").offer(self._owners(kinds), [self.choice("owner").value])
        self.check()

    def _owners(self, kinds: object) -> list[Choice]:
        identity = self.connection.identity
        kinds = kinds if isinstance(kinds, (list, tuple)) else ["user"]
        owners = [Choice(MINE, "me", "", "" if "user" in kinds else "user folders are off here")]
        if identity is not None and "group" in kinds:
            # Superadmins are refused, too (rest-vfolders.md 3.1); later releases allow them.
            old = self.connection.session.generation.direct_files
            may = identity.role == "admin" or (identity.role == "superadmin" and not old)
            bar = "" if may else "only domain admins may"
            # Later releases want the id.
            owners += [
                Choice(g.name if old else g.id, f"group {g.name}", "", bar) for g in identity.groups
            ]
        return owners

    def problems(self) -> Mapping[str, str]:
        """The name."""
        name = self.text("name")
        wrong = check_folder_name(name)
        if not wrong and name in self._taken:
            wrong = "a folder you see has this name"
        if not wrong and name.startswith(".") and self.choice("owner").value:
            wrong = "a group's folder has no dot in front"
        return {"name": wrong} if wrong else {}

    def remarks(self) -> Mapping[str, str]:
        """What a dot means."""
        dot = self.text("name").startswith(".")
        return {"name": "is mounted into every session of yours" if dot else ""} | {
            name: next((c.remark for c in choices if c.value == self._later(name)), "")
            for name, _, _, choices in _LATER
        }

    def _later(self, name: str) -> str:
        """What is chosen in a row that not every server has."""
        return next((field.value for field in self.query(f"#{name}").results(ChoiceField)), "")

    def _named(self) -> dict[str, str]:
        named = {
            "host": self.choice("host").value,
            "group": self.choice("owner").value,
            "usage_mode": self._later("usage"),
            "permission": self._later("permission"),
        }
        return {key: value for key, value in named.items() if value}

    def code(self) -> str:
        """The call."""
        return call("session.VFolder.create", self.text("name"), **self._named())

    async def send(self) -> str:
        """Create it."""
        name, named = self.text("name"), self._named()
        await self.connection.write(lambda session: session.VFolder.create(name, **named))
        self._created(name)
        return f"created {name}; enter opens it"
