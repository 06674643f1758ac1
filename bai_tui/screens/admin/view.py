"""The generic view of a resource: its table, its states, the ways to what belongs to a row."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.reactive import var

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.diagnosis import explain
from bai_tui.identity import needs
from bai_tui.screens.admin.detail import describe
from bai_tui.screens.admin.loading import memory_of
from bai_tui.screens.admin.resource import Item, Resource, Scope, Wire
from bai_tui.screens.admin.ways import ResourceWays
from bai_tui.screens.problem import tell_problem
from bai_tui.widgets.card import Card
from bai_tui.widgets.facts import Facts
from bai_tui.widgets.plain import Plain
from bai_tui.widgets.table import LiveTable

WIDE = 160
"""Columns from which the details stand beside the table without being asked for."""


class ResourceView(ResourceWays):
    """A subclass names its resource; bindings, scopes and crumbs follow from that.

    Args:
        scope: only what belongs to something; the view lies on top of another one then.
        at: key or title of the row to put the cursor on.
    """

    RESOURCE: ClassVar[Resource]
    CSS_PATH = "../../assets/admin.tcss"

    detail_shown: var[bool | None] = var(None)
    """Whether the details are shown; None: where there is room for them."""

    def __init_subclass__(cls, **options: Any) -> None:
        resource: Resource | None = cls.__dict__.get("RESOURCE")
        if resource is not None:
            cls.SCOPES = resource.all_scopes()
            cls.CRUMB = cls.__dict__.get("CRUMB", resource.name)
            cls.REMEMBER = resource.name
            cls.BINDINGS = [*actions.bindings(*cls.SCOPES)]
        super().__init_subclass__(**options)

    def __init__(self, scope: Scope | None = None, *, at: str = "") -> None:
        super().__init__()
        self.scope = scope or Scope()
        self.on_top = scope is not None
        self._at = at
        self._loading = 0
        self._asks = 0
        self._shown = 0
        self._items: dict[str, Item] = {}
        self._generation = 0
        self._loaded_at: float | None = None
        self._asked_at = 0.0
        self._progress = ""
        self._app_focused = True

    @property
    def ROOT(self) -> bool:  # type: ignore[override]
        """A main view, unless it lies on top of another one."""
        return not self.on_top

    def compose_body(self) -> ComposeResult:
        """Card (for states), table, details."""
        resource = self.RESOURCE
        with Plain(id="main"):
            with Plain(id="list"):
                yield Card(id="card")
                yield LiveTable(
                    resource.columns,
                    key=lambda item: item.key,
                    row_tone=lambda item: "error" if item.note else "",
                    what=resource.name.replace("-", " "),
                    empty=f"No {self.CRUMB.replace('-', ' ')}. {resource.hint}".strip(),
                    id_of=resource.title,
                    id="table",
                )
            yield Facts(id="detail", name_width=16)

    # State.

    def setup(self) -> None:
        """Order, then whatever the connection already is."""
        self.query_one(Card).display = False
        if self.RESOURCE.sort:
            self.table.sort(self.RESOURCE.sort)
        super().setup()
        self._arrange()
        self._follow_connection()

    def crumbs(self) -> list[str]:
        """With what the rows belong to."""
        crumbs = super().crumbs()
        return [*crumbs[:-1], *([self.scope.label] if self.scope.label else []), crumbs[-1]]

    def counts(self) -> str:
        """Rows, and how often they are asked for; nothing where nothing is."""
        if self.lacking() or self.forbidden():
            return ""
        parts = (self._progress, super().counts(), f"every {self.RESOURCE.interval} s")
        return "  ".join(filter(None, parts))

    def progress(self, text: str) -> None:
        """Show how a long action goes on, in the upper bar."""
        self._progress = text
        self.refresh_crumbs()

    def stale_since(self) -> float | None:
        """When the list was last complete."""
        return self._loaded_at

    def forbidden(self) -> str:
        """Which role the view needs, when it is not the user's; empty when it may be seen."""
        identity = self.connection.identity
        viewers = self.RESOURCE.viewers
        if identity is None or not viewers or identity.role in viewers:
            return ""
        return " or ".join(sorted(viewers, reverse=True))

    def lacking(self) -> str:
        """Why the server does not have it, naming the release that does; empty when it has it."""
        offer = self.RESOURCE.offer
        return self.lacks(offer) if offer and self.connection.ready else ""

    def absent(self, action: Action) -> str:
        """Changing is for the editors of the resource, on servers that have it."""
        reason = super().absent(action)
        if not reason and action.mutating and self.RESOURCE.changing and self.connection.ready:
            reason = self.lacks(self.RESOURCE.changing)
        if reason or action.scope == "app":
            return reason
        # Where there is no table, nothing can be done with one.
        if reason := self.no_way(action):
            return reason
        roles, identity = self.RESOURCE.roles(action), self.connection.identity
        refused = identity is not None and bool(roles) and identity.role not in roles
        return self.lacking() or (needs(roles) if refused else "")

    def why_not(self, action: Action) -> str:
        """What stands against it in the rows themselves; of several, when all have something."""
        reason = super().why_not(action)
        if reason or not action.mutating:
            return reason
        if not action.needs_row:
            return self.RESOURCE.refuses(action.id, self.scope.item)
        reasons = [self.RESOURCE.refuses(action.id, item) for item in self.chosen()]
        return reasons[0] if reasons and all(reasons) else ""

    def connection_changed(self) -> None:
        """(Re)connected: ask again. Lost: the rows stay, marked stale."""
        super().connection_changed()
        if self.is_mounted:
            self._follow_connection()

    def _follow_connection(self) -> None:
        connection = self.connection
        self.table.stale = not connection.ready and self._loaded_at is not None
        if connection.ready and connection.generation != self._generation and self.is_current:
            self._fit_columns()
            if self.painted:
                self._generation = connection.generation
                self.reload()
        self._show_state()

    def _fit_columns(self) -> None:
        """Without those that this server has nothing for."""
        session = self.connection.session
        lacking = {
            *self.RESOURCE.lacks(session.generation),
            *memory_of(session, self.RESOURCE.name).lacking,
        }
        fitting = [column for column in self.RESOURCE.columns if column.key not in lacking]
        if [column.key for column in fitting] != [column.key for column in self.table.columns]:
            chosen = self.table.column_state
            self.table.set_columns(fitting)
            self.table.column_state = chosen

    def resumed(self) -> None:
        """Shown again: what was missed meanwhile is asked for."""
        super().resumed()
        if self.connection.ready:
            self._generation = self.connection.generation
            self._fit_columns()
            self.reload()

    def _show_state(self) -> None:
        """The card says why there is no table: no permission, or no connection yet."""
        connection, card = self.connection, self.query_one(Card)
        lacking, role = self.lacking(), self.forbidden()
        wrong = bool(lacking or role)
        wrong = wrong or (self._loaded_at is None and connection.problem is not None)
        if lacking:
            card.tell(
                f"{self.RESOURCE.name.replace('-', ' ')}: not on this server",
                lacking,
                style="$text-warning",
                steps=("The other views of the administration work as they do.",),
                keys=(("esc", "back"), (":", "another view")),
            )
        elif role:
            identity = connection.identity
            card.tell(
                f"{self.RESOURCE.name.replace('-', ' ')}: not for your role",
                f"This view needs the role {role}; you are {identity.role if identity else '-'}.",
                style="$text-warning",
                steps=("Ask an administrator, or use a keypair of one.",),
                keys=(("esc", "back"), (":", "another view")),
            )
        elif wrong and connection.problem is not None:
            tell_problem(card, connection, connection.problem)
        if card.display != wrong:
            card.display, self.table.display = wrong, not wrong
            self._arrange()
            self.focus_body()
        nothing_yet = self._loaded_at is None and not self.table.error_text
        self.table.loading_rows = nothing_yet and not wrong

    # Data.

    def reload(self) -> None:
        """Ask for the list; the rows stay meanwhile. What is under way is not asked twice."""
        if self._loading == self.connection.generation:
            return
        if self.connection.ready and not self.lacking() and not self.forbidden():
            self._loading = self.connection.generation
            self._asked_at = asyncio.get_running_loop().time()
            self.in_background(self._reload, "list")

    async def _reload(self) -> None:
        asked = self._loading
        try:
            await self.load()
        finally:
            if self._loading == asked:
                self._loading = 0

    async def load(self) -> None:
        """Ask for the list and show it."""
        identity = self.connection.identity
        if identity is None or self.lacking() or self.forbidden():
            return
        self._asks += 1
        asked = self._asks
        try:
            session = self.connection.session
            fetch = memory_of(session, self.RESOURCE.name).fetch
            found = await self.RESOURCE.load(session, identity, self.scope, fetch)
        except Exception as error:
            self.connection.suspect(error)
            problem = explain(error)
            if self._loaded_at is None:
                steps = "\n".join(problem.steps)
                self.table.error_text = f"{problem.what}\n{problem.why}\n\n{steps}\nctrl+r retries"
                self.table.loading_rows = False
            else:
                self.report(error, "refresh")
            return
        if asked < self._shown:
            return  # what was asked for later is shown already
        self._shown = asked
        self._loaded_at = asyncio.get_running_loop().time()
        self.table.error_text = ""
        if self.connection.ready:
            self._fit_columns()
        self._take(found)
        self._show_state()

    def wire(self, data: Wire) -> Wire:
        """A row as the columns and the form need it."""
        return data

    def _take(self, found: Iterable[Wire]) -> None:
        fresh: dict[str, Item] = {}
        for data in found:
            key = self.RESOURCE.key(data)
            old = self._items.get(key)
            item = Item(key, self.wire(data))
            # What failed stays visible until the row itself changes.
            if old is not None and old.note and old.data == item.data:
                item = replace(item, note=old.note)
            fresh[key] = item
        self._items = fresh
        self.table.set_rows(fresh.values())
        self.table.loading_rows = False
        self.table.stale = not self.connection.ready
        if self._at:
            at, self._at = self._at, ""
            self._go_to(at)
        self._show_detail()
        self.refresh_bars()

    def _go_to(self, name: str) -> None:
        item = self._items.get(name) or next(
            (i for i in self._items.values() if self.RESOURCE.title(i) == name), None
        )
        if item is None:
            self.flash(f"{name}: not in this list", "warning")
            return
        self.table.set_filter("")
        self.table.move_to_key(item.key)

    def note(self, keys: Sequence[str], *, doing: str = "", note: str = "") -> None:
        """Show in the rows what is being done, or how it failed."""
        changed = [
            replace(self._items[k], doing=doing, note=note) for k in keys if k in self._items
        ]
        self._items.update((item.key, item) for item in changed)
        self.table.upsert(changed)
        self._show_detail()

    def tick(self) -> None:
        """Ages; the list is asked for again while somebody looks."""
        super().tick()
        now = asyncio.get_running_loop().time()
        due = now - self._asked_at >= self.RESOURCE.interval
        if due and self._app_focused and self.connection.ready and self._loaded_at is not None:
            self.reload()

    def app_focus_changed(self, focused: bool) -> None:
        """Polling is for those who look."""
        self._app_focused = focused

    # Details.

    def _arrange(self) -> None:
        shown = self.detail_shown
        if shown is None:
            shown = self.app.size.width >= WIDE
        self.query_one("#detail", Facts).display = shown and self.table.display
        self._show_detail()

    def watch_detail_shown(self) -> None:
        """Shown or hidden by key."""
        if self.is_mounted:
            self._arrange()

    def on_resize(self) -> None:
        """Another size may have room for the details."""
        self._arrange()

    def _show_detail(self) -> None:
        detail = self.query_one("#detail", Facts)
        if not detail.display:
            return
        item = self.current()
        detail.show(
            [("-", "nothing", "$text-muted")] if item is None else describe(self.RESOURCE, item)
        )

    def on_row_highlighted(self) -> None:
        """Another row: its details and hints."""
        self._show_detail()
        self.refresh_bars()

    def do_table_describe(self, argument: str) -> None:
        """Details on or off."""
        self.detail_shown = not self.query_one("#detail", Facts).display

    def do_table_tab(self, argument: str) -> None:
        """There is one page of details."""
        self.detail_shown = True
        self.query_one("#detail", Facts).focus()

    def undo_one(self) -> bool:
        """Escape: filter, marks, details; in a main view then the list of resources."""
        if super().undo_one():
            return True
        if self.query_one("#detail", Facts).has_focus:
            self.focus_body()
            return True
        if self.detail_shown:
            self.detail_shown = None if self.app.size.width < WIDE else False
            return True
        if not self.on_top:
            self.host.show_view("admin")
            return True
        return False

    # Ways to other resources.

    def open_with(self, argument: str) -> None:
        """`/filter`, or the name of a row."""
        if argument.startswith("/"):
            self.table.set_filter(argument[1:])
        elif argument:
            self._at = argument
            if self._loaded_at is not None:
                self._at = ""
                self._go_to(argument)

    def on_row_opened(self) -> None:
        """Enter: the first thing that belongs to it, else its details."""
        item = self.current()
        relations = self.RESOURCE.relations
        if item is not None and relations:
            self.follow(relations[0])
        else:
            self.do_table_describe("")

    def do_app_quit(self, argument: str) -> None:
        """`q`: back to where it was opened from, or to the list of resources."""
        if self.on_top:
            self.dismiss()
        else:
            self.host.show_view("admin")
