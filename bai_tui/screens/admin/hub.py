"""The list of everything that can be administered, with the role each of it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType

from bai_tui import actions
from bai_tui.api.versioning import OFFERS, release_text
from bai_tui.screens.listing import ListView
from bai_tui.widgets.table import LiveTable
from bai_tui.widgets.table.columns import Cell, Column

SUPERADMIN: Final = ("superadmin",)
ADMINS: Final = ("superadmin", "admin")
ALL: Final[tuple[str, ...]] = ()
USERS: Final = (*ADMINS, "user")


@dataclass(frozen=True, slots=True)
class Entry:
    """A view of the administration.

    Attributes:
        name: of the main view. roles: who may see it; empty means everybody.
        changes: roles that may change something there.
        about: one sentence.
        offer: what the server must be able to do for it; empty: every server can.
    """

    name: str
    roles: tuple[str, ...]
    changes: tuple[str, ...]
    about: str
    offer: str = ""

    @property
    def alias(self) -> str:
        """The short name at the `:` prompt."""
        return min(actions.BY_ID[f"app.view.{self.name}"].aliases, key=len)


ENTRIES: Final = (
    Entry("agents", SUPERADMIN, SUPERADMIN, "Worker nodes: load, slots, watcher"),
    Entry("users", ADMINS, SUPERADMIN, "People: roles, groups, passwords"),
    Entry("keypairs", ALL, SUPERADMIN, "Access keys: policy, rate limit"),
    Entry("groups", ADMINS, ADMINS, "Projects, their members and limits"),
    Entry("domains", SUPERADMIN, SUPERADMIN, "Domains: limits, hosts, registries"),
    Entry("scaling-groups", SUPERADMIN, SUPERADMIN, "Groups of agents, and who may use them"),
    Entry("policies", ALL, SUPERADMIN, "What a keypair may use"),
    Entry("presets", ALL, SUPERADMIN, "Named resources for new sessions"),
    Entry("images", ALL, SUPERADMIN, "Images: rescan, aliases, limits"),
    Entry(
        "user-policies",
        ALL,
        SUPERADMIN,
        "Folders of a user: number, size",
        "UserResourcePolicyAPI",
    ),
    Entry(
        "project-policies",
        ADMINS,
        SUPERADMIN,
        "Folders of a project: number, size",
        "ProjectResourcePolicyAPI",
    ),
    Entry("quotas", ADMINS, ADMINS, "Space used for folders, its limits", "QuotaScopeAPI"),
    Entry(
        "storage-hosts",
        SUPERADMIN,
        (),
        "Volumes of folders, how full they are",
        "StorageAPI",
    ),
    Entry(
        "registries",
        SUPERADMIN,
        SUPERADMIN,
        "Registries that images come from",
        "ContainerRegistryAPI",
    ),
    Entry("services", ALL, USERS, "Model services: start, scale, stop", "ServiceAPI"),
    Entry("etcd", SUPERADMIN, SUPERADMIN, "The configuration store, as a tree"),
    Entry("manager", ALL, SUPERADMIN, "Status, freeze, announcement"),
    Entry("usage", ALL, ALL, "Usage per month and period, with plots"),
    Entry("audit", SUPERADMIN, (), "Who did what on the cluster", "AuditLogAPI"),
    Entry("server-logs", ALL, ALL, "Errors that were reported to the server", "ErrorLogAPI"),
)


class AdminView(ListView):
    """The way into the administration."""

    CRUMB = "admin"
    ROOT = True
    SCOPES: ClassVar[tuple[str, ...]] = ("table",)
    REMEMBER = "admin"
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("table")]

    def compose_body(self) -> ComposeResult:
        """The table."""
        yield LiveTable(
            (
                Column(key="name", label="VIEW", min_width=16, max_width=20, flex=0.2,
                       priority=100, render=lambda entry: entry.name, pinned=True),
                Column(key="alias", label="ALIAS", width=6, priority=90,
                       render=lambda entry: Cell(f":{entry.alias}", "accent")),
                Column(key="about", label="WHAT", min_width=36, max_width=60, priority=80, flex=2,
                       render=lambda entry: entry.about),
                Column(key="may", label="YOU MAY", width=13, priority=95, render=self._may),
                Column(key="roles", label="CHANGED BY", min_width=10, max_width=21, priority=40,
                       render=lambda entry: " ".join(entry.changes) or "-"),
            ),
            key=lambda entry: entry.name,
            what="views",
            row_tone=lambda entry: "" if self._sees(entry) else "muted",
            id="table",
        )  # fmt: skip

    def setup(self) -> None:
        """All of them, also those that are not for this role: it is said why."""
        super().setup()
        self.table.set_rows(ENTRIES)

    @property
    def _role(self) -> str:
        identity = self.connection.identity
        return identity.role if identity is not None else ""

    def _sees(self, entry: Entry) -> bool:
        return not self._since(entry) and (not entry.roles or self._role in entry.roles)

    def _since(self, entry: Entry) -> str:
        """The release that has it, when this server does not."""
        connection = self.connection
        if not entry.offer or not connection.ready or connection.session.offers(entry.offer):
            return ""
        return release_text(OFFERS[entry.offer].since)

    def _may(self, entry: Entry) -> Cell:
        if not self._role:
            return Cell("?", "muted")
        since = self._since(entry)
        if since:
            return Cell(f"since {since}", "muted", "⊘")
        if not self._sees(entry):
            return Cell("nothing", "muted", "⊘")
        if entry.changes and self._role in entry.changes and not self.connection.read_only:
            return Cell("change", "success", "●")
        return Cell("look", "", "○")

    def connection_changed(self) -> None:
        """Another role, or read-only mode."""
        super().connection_changed()
        if self.is_mounted:
            self.table.refresh_rows()

    def on_row_opened(self, event: LiveTable.RowOpened) -> None:
        """Enter."""
        self.host.show_view(event.row.name)

    def do_table_describe(self, argument: str) -> None:
        """The same as opening it."""
        self.do_table_open("")
