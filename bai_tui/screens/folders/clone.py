"""The form that copies a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from bai_tui.diagnosis import explain
from bai_tui.screens.folders.create import check_folder_name
from bai_tui.screens.folders.forms import Row, SmallForm, call
from bai_tui.screens.folders.model import PERMISSIONS, Folder
from bai_tui.widgets.fields import ChoiceField, TextField
from bai_tui.widgets.picker import Choice


class CloneView(SmallForm):
    """Copies a folder in the background of the server; the copy is the caller's.

    Args:
        folder: the original. taken: names the user sees already.
    """

    CRUMB = "clone"
    VERB: ClassVar[str] = "Clone"

    def __init__(self, folder: Folder, taken: frozenset[str]) -> None:
        super().__init__()
        self._folder = folder
        self._taken = taken

    def crumbs(self) -> list[str]:
        """With the name."""
        return [*super().crumbs(), self._folder.name]

    def rows(self) -> Sequence[Row]:
        """Name, where, with which permission."""
        name = next(
            text
            for n in range(1, len(self._taken) + 3)
            if (text := f"{self._folder.name}-copy{n if n > 1 else ''}") not in self._taken
        )
        return [
            ("name", "Name", TextField(name, id="name")),
            ("host", "Host", ChoiceField("Host", id="host", empty="that of the original")),
            ("permission", "Permission", ChoiceField("Permission", id="permission")),
        ]

    def setup(self) -> None:
        """Ask for the hosts."""
        choices = [Choice(short, short, long) for short, long in PERMISSIONS.items()]
        self.choice("permission").offer(choices, ["rw"])
        self.choice("host").offer([Choice(self._folder.host, self._folder.host)],
                                  [self._folder.host])  # fmt: skip
        super().setup()
        self.reload()

    def reload(self) -> None:
        """Ask again."""
        self.in_background(self._load, "load")

    async def _load(self) -> None:
        try:
            hosts = (await self.connection.session.VFolder.list_hosts()).get("allowed") or ()
        except Exception as error:
            self.connection.suspect(error)
            self.flash(f"hosts: {explain(error).line}", "warning")
            return
        mine = self._folder.host
        choices = [Choice(host, host, "the original's" if host == mine else "") for host in hosts]
        self.choice("host").offer(choices, [self.choice("host").value or mine])
        self.check()

    def problems(self) -> Mapping[str, str]:
        """The name."""
        name = self.text("name")
        wrong = check_folder_name(name)
        if not wrong and name in self._taken:
            wrong = "a folder you see has this name"
        return {"name": wrong} if wrong else {}

    def remarks(self) -> Mapping[str, str]:
        """What happens."""
        return {"name": "copied in the background; :tasks shows it"}

    def code(self) -> str:
        """The call."""
        function = f"session.VFolder({self._folder.name!r}).clone"
        return call(function, self.text("name"), self.choice("host").value,
                    self.choice("permission").value)  # fmt: skip

    async def send(self) -> str:
        """Begin it."""
        name, host = self.text("name"), self.choice("host").value
        permission = self.choice("permission").value
        answer = await self.connection.write(
            lambda session: session.VFolder(self._folder.name).clone(name, host or None, permission)
        )
        task = answer.get("bgtask_id")
        if not task:
            return f"cloned {self._folder.name} as {name}"
        self.host.tasks.follow("clone", f"clone {self._folder.name} as {name}", str(task))
        return f"cloning {self._folder.name} as {name}; :tasks shows how far it is"
