"""The sessions: a live table, the details beside or below it, and everything one does with them."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import var

from bai_tui import actions
from bai_tui.screens.problem import tell_problem
from bai_tui.screens.sessions.banner import Banner, used_slots
from bai_tui.screens.sessions.columns import COLUMNS
from bai_tui.screens.sessions.detail import DetailPane
from bai_tui.screens.sessions.following import EMPTY, FollowsSessions
from bai_tui.screens.sessions.model import SETS, Change, Row
from bai_tui.screens.sessions.one import OneSessionView
from bai_tui.screens.sessions.scope import EVERYBODY, Scope, choices, find
from bai_tui.widgets.card import Card
from bai_tui.widgets.picker import Picker
from bai_tui.widgets.plain import Plain
from bai_tui.widgets.table import LiveTable

FEW: Final = 500
"""Rows up to which the header is drawn at every change; with more of them, every second."""


class SessionsView(FollowsSessions):
    """The main view."""

    CRUMB = "sessions"
    ROOT = True
    SCOPES: ClassVar[tuple[str, ...]] = ("sessions", "session", "table", "detail")
    REMEMBER = "sessions"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings("table", "detail"),
        *actions.bindings("sessions", "session"),
    ]
    CSS_PATH = "../../assets/sessions.tcss"

    detail_shown: var[bool | None] = var(None)
    """Whether the details are shown; None: where there is room for them."""

    def __init__(self) -> None:
        super().__init__()
        self._banner_due = False
        self._seconds = 0
        self._app_focused = True
        self._sought = ""

    def compose_body(self) -> ComposeResult:
        """Header, table, details."""
        yield Banner(id="banner")
        with Plain(id="main"):
            with Plain(id="list"):
                yield Card(id="card")
                yield LiveTable(
                    COLUMNS,
                    key=lambda row: row.key,
                    row_tone=_tone,
                    what="sessions",
                    empty=EMPTY["default"],
                    id_of=lambda row: row.name,
                    id="table",
                )
            yield DetailPane(id="detail")

    # State.

    def setup(self) -> None:
        """Remembered choices, then whatever the connection already is."""
        self.query_one(Card).display = False
        self.model.states = self.host.remembered.get("sessions", "states", "default")
        if self.model.states not in SETS:
            self.model.states = "default"
        self.scope = Scope(self.host.remembered.get("sessions", "scope", EVERYBODY))
        self.table.empty_text = EMPTY[self.model.states]
        self.table.sort("age", True)
        super().setup()
        self.table.loading_rows = True
        self._arrange()
        self.connection_changed()

    def crumbs(self) -> list[str]:
        """With the set of states, and whose."""
        crumbs = super().crumbs()
        if self.model.states != "default":
            crumbs.append(self.model.states)
        whose = self.scope.crumb(self.connection.identity)
        return [*crumbs, whose] if whose else crumbs

    def connection_changed(self) -> None:
        """What the card and the header say of it."""
        super().connection_changed()
        if self.is_mounted:
            self._show_problem()
            self._show_banner()

    def list_came(self) -> None:
        """There are rows now: what was looked for is among them."""
        self._show_problem()
        if self._sought:
            sought, self._sought = self._sought, ""
            self._go_to(sought)

    def rows_changed(self, change: Change) -> None:
        """So may what tells of them."""
        self._show_detail()
        self._banner_due = True
        if len(self.model.rows) <= FEW:
            self._show_banner()
        for screen in self.app.screen_stack:
            if isinstance(screen, OneSessionView):
                screen.row_changed(change.renamed)

    def tick(self) -> None:
        """The header where it waits, and statistics."""
        super().tick()
        if self._banner_due:
            self._show_banner()
        self._seconds += 1
        detail = self.query_one(DetailPane)
        if detail.display and self._seconds % round(self.statistics_interval) == 0:
            detail.redraw()
            if detail.polls and self._app_focused and self.connection.ready:
                self.run_worker(
                    self.measure(detail), group="measure", exclusive=True, exit_on_error=False
                )

    @property
    def statistics_interval(self) -> float:
        """Seconds between two readings of a session's statistics."""
        return self.host.settings.interval("statistics")

    async def measure(self, detail: DetailPane) -> None:
        """Ask for the statistics of the session shown in `detail`."""
        row = detail.row
        if row is None:
            return
        try:
            info = await self.connection.session.Kernel.get(
                row.name, access_key=row.info.access_key or None, statistics=True
            )
        except Exception as error:
            self.connection.suspect(error)
            return
        if info is not None:
            detail.measured(info)

    def app_focus_changed(self, focused: bool) -> None:
        """Statistics are for those who look."""
        self._app_focused = focused

    def _show_problem(self) -> None:
        """Without any rows, the card says what is wrong with the connection."""
        connection = self.connection
        wrong = self._loaded_at is None and connection.problem is not None
        card = self.query_one(Card)
        if wrong and connection.problem is not None:
            tell_problem(card, connection, connection.problem)
        if card.display != wrong:
            card.display, self.table.display = wrong, not wrong
            self.focus_body()
        self.table.loading_rows = self._loaded_at is None and not wrong

    def _show_banner(self) -> None:
        self._banner_due = False
        connection = self.connection
        banner = self.query_one(Banner)
        banner.set_class(not self.host.show_header or connection.identity is None, "-off")
        key = connection.identity.access_key if connection.identity else ""
        infos = [row.info for row in self.model.rows.values()]
        mine = sum(
            i.access_key == key and i.status not in ("PENDING",) and i.is_alive for i in infos
        )
        banner.update(
            connection.identity,
            connection.endpoint,
            connection.server,
            used_slots(infos, key),
            mine,
        )

    # Details.

    def _arrange(self) -> None:
        shown = self.detail_shown
        if shown is None:
            shown = self.app.size.width >= 160
        self.query_one(DetailPane).display = shown
        self._show_detail()

    def watch_detail_shown(self) -> None:
        """Shown or hidden by key."""
        if self.is_mounted:
            self._arrange()

    def on_resize(self) -> None:
        """Another size may have room for the details."""
        self._arrange()

    def _show_detail(self) -> None:
        detail = self.query_one(DetailPane)
        row: Row | None = self.table.cursor_row
        if detail.display:
            events = self.connection.feed.of_session(row.name, row.info.access_key) if row else ()
            detail.show_row(row, events)

    def on_row_highlighted(self) -> None:
        """Another row: its details and its hints."""
        self._show_detail()
        self.refresh_bars()

    def on_row_opened(self, event: LiveTable.RowOpened) -> None:
        """Enter."""
        self.app.push_screen(OneSessionView(self, event.row))

    def do_table_describe(self, argument: str) -> None:
        """Details on or off."""
        self.detail_shown = not self.query_one(DetailPane).display

    def do_table_tab(self, argument: str) -> None:
        """Next tab of the details."""
        detail = self.query_one(DetailPane)
        if detail.display:
            detail.next_tab()
            self._show_detail()
        else:
            self.detail_shown = True

    def undo_one(self) -> bool:
        """Escape: filter, marks, details."""
        if super().undo_one():
            return True
        if self.detail_shown:
            self.detail_shown = None if self.app.size.width < 160 else False
            return True
        return False

    # Actions.

    def open_with(self, argument: str) -> None:
        """`:sessions running /filter`, `@name` puts the cursor on a session."""
        for word in argument.split():
            if word in SETS:
                self.choose_states(word)
            elif word.startswith("/"):
                self.table.set_filter(argument[argument.index("/") + 1 :])
                break
            elif word.startswith("@"):
                self._go_to(word[1:])
            else:
                self.flash(f"{word!r}: one of {', '.join(SETS)}, or /filter", "warning")

    def _go_to(self, name: str) -> None:
        if self._loaded_at is None:
            self._sought = name  # the list is on its way
            return
        row = self.model.find(name)
        if row is None:
            self.flash(f"{name}: not in this list; t shows other states", "warning")
            return
        self.table.set_filter("")
        self.table.move_to_key(row.key)

    def do_sessions_states(self, argument: str) -> None:
        """Next set, or the one named."""
        names = list(SETS)
        if argument and argument not in SETS:
            self.flash(f"{argument!r}: one of {', '.join(names)}", "warning")
            return
        place = names.index(self.model.states) + 1
        self.choose_states(argument or names[place % len(names)])
        generation = self.connection.session.generation if self.connection.ready else None
        told = ", ".join(self.model.told(generation)).lower()
        called = {"default": "all that is not over", "dead": "what is over"}
        shown = called.get(self.model.states, told)
        self.flash(f"states: {shown}", "info", "" if shown == told else told)

    def do_sessions_owner(self, argument: str) -> None:
        """Mine, a group's, everybody's."""
        identity = self.connection.identity

        def chosen(names: tuple[str, ...] | None) -> None:
            if names and names[0] != self.scope.name:
                self.scope = Scope(names[0])
                self.host.remembered.set("sessions", "scope", names[0])
                self.restart_list()

        if not argument:
            picker = Picker("Whose sessions", choices(identity), (self.scope.name,))
            self.app.push_screen(picker, chosen)
        elif (name := find(argument, identity)) is not None:
            chosen((name,))
        else:
            names = ", ".join(choice.label for choice in choices(identity))
            self.flash(f"{argument!r}: one of {names}", "warning")


def _tone(row: Row) -> str:
    """Sessions that are over are calm."""
    return "" if row.info.is_alive else "muted"
