"""The virtual folders: the list, the details of one, and the way to its files."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.api.models import parse_time
from bai_tui.files import FolderPlace
from bai_tui.screens.folders.acts import FolderActs
from bai_tui.screens.folders.columns import COLUMNS, TOLD
from bai_tui.screens.folders.model import PERMISSIONS, Folder, shares_of
from bai_tui.screens.remote import RemoteListView
from bai_tui.widgets.facts import Fact, Facts
from bai_tui.widgets.table import ColumnState, LiveTable
from bai_tui.widgets.text import format_size

PAUSE: Final = 0.15
"""Seconds the cursor rests on a row before its details are asked for."""


class FoldersView(FolderActs, RemoteListView):
    """The main view."""

    CRUMB = "vfolders"
    ROOT = True
    SCOPES: ClassVar[tuple[str, ...]] = ("vfolders", "vfolder", "table")
    REMEMBER = "vfolders"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings("table"),
        *actions.bindings("vfolders", "vfolder"),
    ]
    CSS_PATH = "../../assets/folders.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._all = False
        self._limit: int | None = None
        self._waiting = 0
        self._details: dict[str, Sequence[Fact]] = {}
        self._detail_shown: bool | None = None
        self._sought = ""

    def compose_body(self) -> ComposeResult:
        """Table and details."""
        with Horizontal(id="main"):
            yield LiveTable(
                COLUMNS,
                key=lambda folder: folder.id,
                row_tone=lambda folder: "muted" if folder.in_trash else "",
                what="folders",
                empty="No folders. n creates one.",
                id_of=lambda folder: folder.name,
                id="table",
            )
            yield Facts(id="detail", name_width=10)

    def setup(self) -> None:
        """By name."""
        self.table.sort("name", False)
        self._all = bool(self.host.remembered.get("vfolders", "all", False))
        super().setup()
        self._arrange()

    # Data.

    async def fetch(self) -> Sequence[Folder]:
        """Folders, how many one may have, and how many invitations wait; the last two may fail."""
        session = self.connection.session
        identity = self.connection.identity
        everybody = self._all and identity is not None and identity.role == "superadmin"
        groups = {g.id: g.name for g in identity.groups} if identity is not None else {}
        apart = () if everybody or session.generation.direct_files else tuple(groups)
        folders = asyncio.gather(
            session.VFolder.list(list_all=everybody),
            *(session.VFolder.list(group_id=group) for group in apart),
        )
        self._limit, self._waiting, lists = await asyncio.gather(
            self._ask_limit(), self._ask_invitations(), folders
        )
        me = identity.email if identity is not None else ""
        rows = [Folder.from_wire(row, groups, me) for rows in lists for row in rows]
        return list({f.id: f for f in reversed(rows) if not f.is_gone}.values())

    async def _ask_limit(self) -> int | None:
        query = "query { keypair_resource_policy { max_vfolder_count } }"
        try:
            data = await self.connection.session.Admin.query(query)
            return int(data["keypair_resource_policy"]["max_vfolder_count"]) or None
        except Exception:  # later releases keep it elsewhere
            return None

    async def _ask_invitations(self) -> int:
        try:
            answer = await self.connection.session.VFolder.invitations()
            return len(answer.get("invitations") or ())
        except Exception:
            return self._waiting

    def loaded(self, rows: Sequence[Any]) -> None:
        """The rows came; their details are asked for anew."""
        self._details.clear()
        self._show_what_is_told(rows)
        super().loaded(rows)
        self._ask_details()
        if self._sought:
            self._go_to(self._sought)

    def _show_what_is_told(self, folders: Sequence[Folder]) -> None:
        """Leave out columns that this server has nothing for, unless somebody chose them."""
        if self.host.remembered.get(self.REMEMBER, "columns", []):
            return
        silent = {key for key, told in TOLD.items() if not any(map(told, folders))}
        table = self.table
        keys = tuple(c.key for c in table.columns if not c.optional and c.key not in silent)
        if keys != table.column_state.visible:
            table.column_state = ColumnState(keys, table.column_state.widths)

    def resumed(self) -> None:
        """The columns may have been chosen meanwhile."""
        super().resumed()
        self._show_what_is_told(self.table.rows)

    def counts(self) -> str:
        """Own folders of the limit, and invitations."""
        parts = [super().counts()]
        own = sum(f.is_owner and not f.is_group for f in self.table.rows)
        if self._limit is not None and not self.table.filter_text:
            parts.insert(0, f"own {own}/{self._limit}")
        if self._waiting:
            parts.insert(0, f"✉ {self._waiting} (i)")
        return "  ".join(parts)

    def crumbs(self) -> list[str]:
        """With whose."""
        identity = self.connection.identity
        if identity is not None and identity.role == "superadmin":
            return [*super().crumbs(), "everybody's" if self._all else "mine"]
        return super().crumbs()

    # Details.

    def _arrange(self) -> None:
        shown = self._detail_shown
        if shown is None:
            shown = self.app.size.width >= 160
        self.query_one("#detail").display = shown
        self._ask_details()

    def on_resize(self) -> None:
        """Another size may have room for the details."""
        self._arrange()

    def on_row_highlighted(self) -> None:
        """Its details, and its hints."""
        super().on_row_highlighted()
        self._ask_details()

    def _ask_details(self) -> None:
        facts = self.query_one("#detail", Facts)
        folder: Folder | None = self.table.cursor_row
        if not facts.display or not self.is_mounted:
            return
        if folder is None:
            facts.show([])
            return
        facts.show(self._details.get(folder.id) or _facts(folder))
        if folder.id not in self._details and self.connection.ready:
            self.in_background(partial(self._load_details, folder), "details")

    async def _load_details(self, folder: Folder) -> None:
        await asyncio.sleep(PAUSE)
        folders = self.connection.session.VFolder
        try:
            info = await folders(folder.name).info() if not self._all or folder.is_owner else {}
            shared = await folders.list_shared(folder.id) if self._may_see_shares(folder) else {}
        except Exception as error:
            self.connection.suspect(error)
            return
        facts = [*_facts(folder), *_more(info)]
        shares = shares_of(folder, shared, {})
        if shares:
            facts.append(("", ""))
            facts += [
                ("shared" if n == 0 else "", f"{share.email}  {share.permission}")
                for n, share in enumerate(shares)
            ]
        self._details[folder.id] = facts
        current: Folder | None = self.table.cursor_row
        if current is not None and current.id == folder.id and self.is_mounted:
            self.query_one("#detail", Facts).show(facts)

    def _may_see_shares(self, folder: Folder) -> bool:
        return folder.is_owner and not (folder.is_group and self._role == "user")

    def do_table_describe(self, argument: str) -> None:
        """Details on or off."""
        self._detail_shown = not self.query_one("#detail").display
        self._arrange()

    def undo_one(self) -> bool:
        """Escape: filter, marks, details."""
        if super().undo_one():
            return True
        if self._detail_shown:
            self._detail_shown = None if self.app.size.width < 160 else False
            self._arrange()
            return True
        return False

    # What acts ask.

    def chosen(self) -> list[Folder]:
        """Marked, or under the cursor."""
        return self.table.chosen_rows

    def taken(self) -> frozenset[str]:
        """Of all in the list."""
        return frozenset(folder.name for folder in self.table.rows)

    def note(self, folders: Sequence[Folder], doing: str) -> None:
        """In the rows."""
        if not self.is_mounted:
            return
        there = [self.table.row(folder.id) for folder in folders]
        self.table.upsert([replace(f, doing=doing) for f in there if f is not None])

    # Actions.

    def on_row_opened(self, event: LiveTable.RowOpened) -> None:
        """Enter: its files."""
        from bai_tui.screens.folders.browse import BrowserView

        folder: Folder = event.row
        if folder.in_trash:
            self.flash(f"{folder.name} is in the trash; u restores it", "warning")
            return
        if self._all and not folder.is_owner and folder.permission not in PERMISSIONS:
            self.flash(f"{folder.name} is not shared with you", "warning")
            return
        place = FolderPlace(self.connection, folder.name, folder.permission)
        self.app.push_screen(BrowserView(place))

    def open_with(self, argument: str) -> None:
        """`:vf invitations`, `:vf hosts`, `:vf /filter`, `:vf @name`."""
        for word in argument.split():
            if word == "invitations":
                self.do_vfolders_invitations("")
            elif word == "hosts":
                self.do_vfolders_hosts("")
            elif word.startswith("/"):
                self.table.set_filter(argument[argument.index("/") + 1 :])
                break
            elif word.startswith("@"):
                self._go_to(word[1:])
            else:
                self.flash(f"{word!r}: invitations, hosts, /filter or @NAME", "warning")

    def _go_to(self, name: str) -> None:
        self._sought = ""
        row = next((f for f in self.table.rows if f.name == name), None)
        if row is not None:
            self.table.move_to_key(row.id)
        elif self._loaded_at is None:
            self._sought = name
        else:
            self.flash(f"{name}: there is no such folder", "warning")

    def why_not(self, action: Action) -> str:
        """The limit of folders."""
        if action.id == "vfolders.new" and self._limit is not None:
            own = sum(f.is_owner and not f.is_group and not f.in_trash for f in self.table.rows)
            identity = self.connection.identity
            if own >= self._limit and (identity is None or not identity.is_admin):
                return f"you have {own} of {self._limit} folders"
        return super().why_not(action)

    def do_vfolders_new(self, argument: str) -> None:
        """The form."""
        from bai_tui.screens.folders.create import NewFolderView

        def created(name: str) -> None:
            self._sought = name
            self.reload()

        self.app.push_screen(NewFolderView(self.taken(), created))

    def do_vfolders_invitations(self, argument: str) -> None:
        """Those that wait."""
        from bai_tui.screens.folders.sharing import InvitationsView

        self.app.push_screen(InvitationsView(self.reload))

    def do_vfolders_hosts(self, argument: str) -> None:
        """Hosts and mounts."""
        from bai_tui.screens.folders.hosts import HostsView

        self.app.push_screen(HostsView())

    def do_vfolders_owner(self, argument: str) -> None:
        """Mine or everybody's."""
        self._all = not self._all
        self.host.remembered.set("vfolders", "all", self._all)
        self.table.clear()
        self._loaded_at = None
        self.table.loading_rows = True
        self.refresh_bars()
        self.reload()


def _facts(folder: Folder) -> list[Fact]:
    """What the list tells."""
    owner = f"group {folder.owner}" if folder.is_group else folder.owner
    facts: list[Fact] = [
        ("name", folder.name),
        ("owner", f"{owner}  (me)" if folder.is_owner else owner),
        ("may", PERMISSIONS.get(folder.permission, folder.permission)),
        ("host", folder.host),
    ]
    if folder.status:
        facts.append(("status", folder.status))
    if folder.usage:
        facts.append(("usage", folder.usage))
    if folder.created is not None:
        facts.append(("created", f"{folder.created.astimezone():%Y-%m-%d %H:%M}"))
    facts.append(("id", folder.id))
    if folder.name.startswith("."):
        facts.append(("mounted", "into every session of its owner"))
    return facts


def _more(info: Mapping[str, Any]) -> list[Fact]:
    """What only the folder itself tells."""
    facts: list[Fact] = []
    files = info.get("num_files", info.get("numFiles"))
    if isinstance(files, int):
        facts.append(("entries", f"{files:,} in its top directory"))
    used, most = info.get("used_bytes"), info.get("max_size")
    if isinstance(used, int):
        facts.append(("used", format_size(used)))
    if isinstance(most, int) and most:
        facts.append(("quota", format_size(most * 1024)))
    if isinstance(info.get("cloneable"), bool):
        facts.append(("cloneable", "yes" if info["cloneable"] else "no"))
    last = parse_time(info.get("last_used"))
    if last is not None:
        facts.append(("last used", f"{last.astimezone():%Y-%m-%d %H:%M}"))
    return facts
