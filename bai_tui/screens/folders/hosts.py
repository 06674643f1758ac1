"""Where folders can lie; for superadmins what is mounted where, fstab, mount, unmount."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from textual.binding import BindingType

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.diagnosis import explain
from bai_tui.screens.folders.forms import Row, SmallForm, call
from bai_tui.screens.remote import RemoteListView
from bai_tui.screens.text import TextView
from bai_tui.widgets.dialog import Confirm
from bai_tui.widgets.fields import ChoiceField, TextField
from bai_tui.widgets.picker import Choice
from bai_tui.widgets.table import Cell, Column, LiveTable

MANAGER: Final = "manager"


@dataclass(frozen=True, slots=True)
class Mount:
    """A host folders can lie on, or a mount of a machine.

    Attributes:
        kind: `host` or `mount`. node: `manager` or the id of an agent; of hosts empty.
        remark: default host, or why a machine does not tell its mounts.
    """

    kind: str
    name: str
    node: str = ""
    remark: str = ""
    good: bool = True

    @property
    def key(self) -> tuple[str, str, str]:
        """Unique."""
        return (self.kind, self.node, self.name)


def mounts_of(answer: Mapping[str, Any]) -> list[Mount]:
    """The answer of `VFolder.list_mounts` in rows (rest-vfolders.md 6)."""
    agents = answer.get("agents")
    nodes = [(MANAGER, answer.get(MANAGER)), *(agents.items() if isinstance(agents, dict) else ())]
    found = []
    for node, told in nodes:
        if not isinstance(told, Mapping):
            continue
        mounts = told.get("mounts") or ()
        message = str(told.get("message") or "")
        if not told.get("success", True):
            found.append(Mount("mount", "", node, message or "it does not answer", good=False))
        found += [Mount("mount", str(path), node, message) for path in mounts]
    return found


def failures_of(answer: Mapping[str, Any]) -> list[str]:
    """Machines on which a mount or unmount failed, with the reason."""
    agents = answer.get("agents")
    nodes = [(MANAGER, answer.get(MANAGER)), *(agents.items() if isinstance(agents, dict) else ())]
    return [
        f"{node}: {told.get('message') or 'failed'}"
        for node, told in nodes
        if isinstance(told, Mapping) and not told.get("success", True)
    ]


COLUMNS: Final[tuple[Column[Mount], ...]] = (
    Column(key="kind", label="KIND", width=6, priority=90, render=lambda m: m.kind),
    Column(key="name", label="NAME", min_width=18, flex=4, priority=100, cut="middle",
           render=lambda m: Cell(m.name) if m.good else Cell("-", "error", "✗")),
    Column(key="node", label="NODE", min_width=10, max_width=30, flex=1, priority=95,
           render=lambda m: m.node),
    Column(key="remark", label="REMARK", min_width=11, flex=1, priority=60,
           render=lambda m: Cell(m.remark, "muted" if m.good else "error")),
)  # fmt: skip


class HostsView(RemoteListView):
    """Hosts and mounts."""

    CRUMB = "hosts"
    SCOPES: ClassVar[tuple[str, ...]] = ("hosts", "table")
    REMEMBER = "hosts"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings("table"),
        *actions.bindings("hosts"),
    ]

    def compose_body(self) -> Any:
        """The table."""
        yield LiveTable(
            COLUMNS,
            key=lambda mount: mount.key,
            what="hosts",
            empty="You may not create folders on any host; ask an administrator.",
            id_of=lambda mount: mount.name,
            id="table",
        )

    def label_of(self, action: Action) -> str:
        """Enter shows what lies on a host, or the table of a machine."""
        row: Mount | None = self.table.cursor_row
        if action.id == "table.open" and row is not None:
            return "fstab" if row.node else "folders"
        return super().label_of(action)

    def on_row_opened(self, event: LiveTable.RowOpened) -> None:
        """Enter."""
        row: Mount = event.row
        if row.node:
            self.perform(actions.BY_ID["hosts.fstab"])
        else:
            self.host.show_view("vfolders", f"/host:{row.name}")

    @property
    def _super(self) -> bool:
        identity = self.connection.identity
        return identity is not None and identity.role == "superadmin"

    async def fetch(self) -> Sequence[Mount]:
        """Hosts for everybody, mounts for superadmins; the mounts fail alone."""
        folders = self.connection.session.VFolder
        if not self._super:
            hosts = await folders.list_hosts()
            return self._hosts(hosts, hosts)
        hosts, every = await asyncio.gather(folders.list_hosts(), folders.list_all_hosts())
        try:
            mounts = mounts_of(await folders.list_mounts())
        except Exception as error:
            self.connection.suspect(error)
            mounts = [Mount("mount", "", MANAGER, explain(error).line, good=False)]
        return [*self._hosts(hosts, every), *mounts]

    @staticmethod
    def _hosts(mine: Mapping[str, Any], every: Mapping[str, Any]) -> list[Mount]:
        allowed = [str(name) for name in mine.get("allowed") or ()]
        names = dict.fromkeys([*allowed, *(str(name) for name in every.get("allowed") or ())])
        return [
            Mount(
                "host",
                name,
                "",
                "default"
                if name == mine.get("default")
                else ""
                if name in allowed
                else "not allowed",
            )
            for name in names
        ]

    def why_not(self, action: Action) -> str:
        """What the row has against it."""
        row: Mount | None = self.table.cursor_row
        if action.id == "hosts.umount" and row is not None and not row.name:
            return "this machine does not tell its mounts"
        return super().why_not(action)

    def do_hosts_mount(self, argument: str) -> None:
        """The form."""
        self.app.push_screen(MountView(self.reload))

    def do_hosts_umount(self, argument: str) -> None:
        """Unmount, after its name was typed."""
        row: Mount | None = self.table.cursor_row
        if row is None:
            return
        name = row.name.rstrip("/").rpartition("/")[2]

        def answered(yes: bool | None) -> None:
            if yes:
                self.attempt(self._umount(name), "unmount")
            else:
                self.flash("unmount: cancelled, nothing was done")

        dialog = Confirm(
            f"Unmount {name} on the manager and all agents?",
            "Folders on it cannot be reached until it is mounted again.",
            names=[row.name],
            verb="Unmount",
            typed=name,
        )
        self.app.push_screen(dialog, answered)

    async def _umount(self, name: str) -> None:
        try:
            answer = await self.connection.write(lambda s: s.VFolder.umount_host(name))
        finally:
            self.reload()
        self._tell(f"unmounted {name}", answer)

    def _tell(self, done: str, answer: Mapping[str, Any]) -> None:
        failures = failures_of(answer)
        if failures:
            self.flash(f"not everywhere: {failures[0]}", "error", "\n".join(failures))
        else:
            self.flash(done, "success")

    def do_hosts_fstab(self, argument: str) -> None:
        """The table of the machine under the cursor."""
        row: Mount | None = self.table.cursor_row
        node = row.node if row is not None else MANAGER
        self.app.push_screen(FstabView(node or MANAGER))


class FstabView(TextView):
    """The table of mounts of one machine."""

    FILE_NAME = "fstab"
    GROWS = False

    def __init__(self, node: str) -> None:
        super().__init__()
        self._node = node

    def crumbs(self) -> list[str]:
        """With the machine."""
        return [*super().crumbs()[:-1], f"fstab of {self._node}"]

    def setup(self) -> None:
        """Ask for it."""
        super().setup()
        self.log_view.set_text("asking…")
        self.reload()

    def reload(self) -> None:
        """Ask (again)."""
        self.in_background(self._load, "fstab")

    async def _load(self) -> None:
        try:
            agent = None if self._node == MANAGER else self._node
            answer = await self.connection.session.VFolder.get_fstab_contents(agent)
        except Exception as error:
            self.connection.suspect(error)
            problem = explain(error)
            self.log_view.set_text(f"{problem.what}\n{problem.why}\n\nctrl+r retries")
            return
        if self.is_mounted:
            self.log_view.set_text(str(answer.get("content") or "") or "(it is empty)")
            self.refresh_bars()


class MountView(SmallForm):
    """Mounts a storage on all machines."""

    CRUMB = "mount"
    VERB: ClassVar[str] = "Mount"

    def __init__(self, done: Callable[[], None]) -> None:
        super().__init__()
        self._done = done

    def rows(self) -> Sequence[Row]:
        """Name, source, options, for ever or not."""
        lasting = ChoiceField("Keep", id="keep")
        lasting.offer(
            [
                Choice("", "until the machines restart"),
                Choice("yes", "for ever", "written to fstab"),
            ],
            [""],
        )
        return [
            ("name", "Host name", TextField(placeholder="storage2", id="name")),
            ("source", "Source", TextField(placeholder="nfs.example.com:/exports/a", id="source")),
            ("options", "Options", TextField(placeholder="rw,soft", id="options")),
            ("keep", "Keep", lasting),
        ]

    def problems(self) -> Mapping[str, str]:
        """Name and source."""
        wrong = {}
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", self.text("name")):
            wrong["name"] = "letters, digits, . _ -"
        if not self.text("source"):
            wrong["source"] = "what is to be mounted?"
        return wrong

    def _named(self) -> dict[str, Any]:
        return {
            "options": self.text("options") or None,
            "edit_fstab": self.choice("keep").value == "yes",
        }

    def code(self) -> str:
        """The call."""
        name, source = self.text("name"), self.text("source")
        return call("session.VFolder.mount_host", name, source, **self._named())

    async def send(self) -> str:
        """Mount; machines that failed are told."""
        name, source, named = self.text("name"), self.text("source"), self._named()
        answer = await self.connection.write(
            lambda session: session.VFolder.mount_host(name, source, **named)
        )
        self._done()
        failures = failures_of(answer)
        if failures:
            raise ValueError("not everywhere: " + "; ".join(failures))
        return f"mounted {name}"
