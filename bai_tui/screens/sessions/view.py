"""The sessions: a live table, the details beside or below it, and everything one does with them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import var

from bai_tui import actions
from bai_tui.api.models import SessionInfo
from bai_tui.diagnosis import explain
from bai_tui.feed import GAP, POLL, ClusterEvent
from bai_tui.screens.listing import ListView
from bai_tui.screens.problem import tell_problem
from bai_tui.screens.sessions.banner import Banner, used_slots
from bai_tui.screens.sessions.columns import COLUMNS
from bai_tui.screens.sessions.detail import DetailPane
from bai_tui.screens.sessions.fetch import Dirty, Fetcher
from bai_tui.screens.sessions.model import SETS, Change, Row, SessionModel
from bai_tui.screens.sessions.one import OneSessionView
from bai_tui.screens.sessions.scope import EVERYBODY, Scope, choices, find
from bai_tui.screens.sessions.starting import StartsSessions
from bai_tui.widgets.card import Card
from bai_tui.widgets.picker import Picker
from bai_tui.widgets.plain import Plain
from bai_tui.widgets.table import LiveTable

DEAD_LIMIT: Final = 500
"""Sessions that are over are asked for up to this number, the newest."""

FEW: Final = 500
"""Rows up to which the header is drawn at every change; with more of them, every second."""
PAUSE: Final = 2.0
"""Seconds between two questions for the whole list when events ask for it again and again."""

UNSEEN: Final = 2000
"""Events of different sessions kept until the list is looked at; more are worked on at once."""

_EMPTY: Final = {
    "default": "No sessions. n starts one.",
    "running": "No session is running. t shows the other states, n starts one.",
    "dead": "No session is over yet. t shows the living ones.",
}


class SessionsView(StartsSessions, ListView):
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
        self.model = SessionModel()
        self.scope = Scope()
        self._loading = False
        self._again = False
        self._banner_due = False
        self._generation = 0
        self._loaded_at: float | None = None
        self._problem = False
        self._seconds = 0
        self._app_focused = True
        self._sought = ""
        self._unseen: dict[tuple[str, str, bool], ClusterEvent] = {}
        self._fetcher = Fetcher(
            lambda: self.connection.session, self._found, self._whole, self.connection_suspect
        )

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
                    empty=_EMPTY["default"],
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
        self.table.empty_text = _EMPTY[self.model.states]
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

    def stale_since(self) -> float | None:
        """When the list was last complete and live."""
        return self._loaded_at

    def connection_changed(self) -> None:
        """(Re)connected: reconcile everything. Lost: the rows stay, marked stale."""
        super().connection_changed()
        if not self.is_mounted:
            return
        connection = self.connection
        if connection.ready and connection.generation != self._generation:
            self._generation = connection.generation
            self.reload()
        self.table.stale = not connection.ready and self._loaded_at is not None
        self._show_problem()
        self._show_banner()

    def connection_suspect(self, error: BaseException) -> None:
        """A background question failed: the connection is looked after, the list asked again."""
        self.connection.suspect(error)
        if self.connection.ready:
            self.report(error, "refresh")

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

    # Data.

    def reload(self) -> None:
        """Ask for the whole list; the rows stay meanwhile."""
        if self.connection.ready:
            self.in_background(self._load, "list")

    def _whole(self) -> None:
        """Too many sessions changed to ask for each: the list again, but never without a pause."""
        if self._loading:
            self._again = True
        else:
            self.reload()

    async def _load(self) -> None:
        self._loading, self._again = True, False
        try:
            await self._ask_list()
        finally:
            self._loading = False
            if self._again and self.is_mounted:
                self.set_timer(PAUSE, self._whole)

    async def _ask_list(self) -> None:
        dead = self.model.states == "dead"
        question = self.scope.question(self.connection.identity)
        try:
            infos = await self.connection.session.Kernel.list(
                status=None if self.model.states == "default" else self.model.wanted,
                limit=DEAD_LIMIT if dead else None,
                access_key=question.get("access_key"),
                group_id=question.get("group_id"),
            )
        except Exception as error:
            self.connection.suspect(error)
            if self._loaded_at is None:
                problem = explain(error)
                steps = "\n".join(problem.steps)
                self.table.error_text = f"{problem.what}\n{problem.why}\n\n{steps}\nctrl+r retries"
                self.table.loading_rows = False
            else:
                self.report(error, "refresh")
            return
        self._loaded_at = self._now()
        self.table.error_text = ""
        self._apply(self.model.reconcile(infos, self._now()))
        self.table.loading_rows = False
        self.table.stale = not self.connection.ready
        self._show_problem()
        if self._sought:
            sought, self._sought = self._sought, ""
            self._go_to(sought)
        if dead and len(infos) == DEAD_LIMIT:
            self.flash(f"only the newest {DEAD_LIMIT} are shown")

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _found(self, infos: list[SessionInfo], gone: list[Dirty]) -> None:
        """Answers to the questions that events raised."""
        now = self._now()
        changes = [self.model.merge(filter(self.scope.holds, infos), now)]
        changes += [self.model.leave(name, owner, now) for name, owner in gone]
        self._apply(Change.all_of(changes))

    def _apply(self, change: Change) -> None:
        """Show what changed, and nothing else."""
        if not self.is_mounted:
            return
        if change:
            at = self.table.cursor_key
            self.table.upsert(change.changed)
            if isinstance(at, str) and at in change.renamed:
                self.table.move_to_key(change.renamed[at])
            self.table.remove(change.removed)
            self._show_detail()
            self._banner_due = True
            if len(self.model.rows) <= FEW:
                self._show_banner()
            for screen in self.app.screen_stack:
                if isinstance(screen, OneSessionView):
                    screen.row_changed(change.renamed)
        self.refresh_bars()

    def cluster_events(self, events: Sequence[ClusterEvent]) -> None:
        """Show what events say, and ask for the sessions they name: at once where they are seen."""
        for event in events:
            # Of what is said about a session the latest counts.
            key = (event.session or event.name, event.owner, bool(event.status))
            self._unseen.pop(key, None)
            self._unseen[key] = event
        if self in self.app.screen_stack or len(self._unseen) >= UNSEEN:
            self._catch_up()

    def resumed(self) -> None:
        """Shown again: what happened meanwhile comes first."""
        if self._unseen:
            self._catch_up()
        super().resumed()

    def _catch_up(self) -> None:
        events, self._unseen = list(self._unseen.values()), {}
        if not self.is_mounted:
            return
        now = self._now()
        identity = self.connection.identity
        changes: list[Change] = []
        whole = False
        for event in events:
            whole = whole or event.name == POLL
            if event.name in (POLL, GAP) or not event.session:
                continue
            if not self.scope.may_hold(event.owner, identity):
                continue
            changes.append(self.model.apply(event, now))
            if self.model.states == "dead":
                whole = whole or event.status in self.model.wanted
            else:
                self._fetcher.touch(event.session, event.owner)
        self._apply(Change.all_of(changes))
        if whole:
            self._whole()

    def tick(self) -> None:
        """Ages, rows whose time is over, statistics."""
        super().tick()
        expected = [row for row in self.model.rows.values() if row.expected]
        change = self.model.expire(self._now())
        lost = [row.name for row in expected if row.key in change.removed]
        if lost:
            self.flash(f"{lost[0]}: the server does not show it; ctrl+r asks again", "warning")
        if change:
            self._apply(change)
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

    def on_unmount(self) -> None:
        """No questions any more."""
        self._fetcher.cancel()

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

    # What acts and the start of sessions ask.

    def apply_change(self, change: Change) -> None:
        """Show what changed."""
        self._apply(change)

    def show_living(self) -> None:
        """New sessions are not among those that are over."""
        if self.model.states == "dead":
            self._choose_states("default")

    def ask_for(self, name: str, owner: str) -> None:
        """Ask the server for a session."""
        self._fetcher.touch(name, owner)

    def move_to(self, key: str) -> None:
        """Put the cursor on a row."""
        self.table.move_to_key(key)

    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.table.cursor_row

    def chosen(self) -> list[Row]:
        """The marked rows, or the one under the cursor."""
        return self.table.chosen_rows

    def note(self, keys: Sequence[str], *, doing: str = "", note: str = "") -> None:
        """Show it in the rows."""
        self._apply(self.model.mark(keys, doing=doing, note=note))

    def done_with(self, rows: Sequence[Row]) -> None:
        """Ask for them; their events come, too, unless the server has none."""
        for row in rows:
            self._fetcher.touch(row.name, row.info.access_key)
        self.table.clear_marks()

    # Actions.

    def open_with(self, argument: str) -> None:
        """`:sessions running /filter`, `@name` puts the cursor on a session."""
        for word in argument.split():
            if word in SETS:
                self._choose_states(word)
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

    def _choose_states(self, states: str) -> None:
        if states == self.model.states:
            return
        self.model.states = states
        self.host.remembered.set("sessions", "states", states)
        self._restart_list()
        self.table.empty_text = _EMPTY[states]

    def _restart_list(self) -> None:
        """Another list: the rows of the old one go, a skeleton stands in for the new ones."""
        self.model.clear()
        self.table.clear()
        self._loaded_at = None
        self.table.loading_rows = True
        self.refresh_bars()
        self.reload()

    def do_sessions_states(self, argument: str) -> None:
        """Next set, or the one named."""
        names = list(SETS)
        if argument and argument not in SETS:
            self.flash(f"{argument!r}: one of {', '.join(names)}", "warning")
            return
        place = names.index(self.model.states) + 1
        self._choose_states(argument or names[place % len(names)])
        generation = self.connection.session.generation if self.connection.ready else None
        self.flash(f"states: {', '.join(self.model.told(generation)).lower()}")

    def do_sessions_owner(self, argument: str) -> None:
        """Mine, a group's, everybody's."""
        identity = self.connection.identity

        def chosen(names: tuple[str, ...] | None) -> None:
            if names and names[0] != self.scope.name:
                self.scope = Scope(names[0])
                self.host.remembered.set("sessions", "scope", names[0])
                self._restart_list()

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
