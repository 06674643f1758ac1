"""A list of sessions that follows the cluster: asked for whole, then kept true by events."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from bai_tui.api.models import SessionInfo
from bai_tui.diagnosis import explain
from bai_tui.feed import GAP, POLL, ClusterEvent
from bai_tui.screens.listing import ListView
from bai_tui.screens.sessions.fetch import Dirty, Fetcher
from bai_tui.screens.sessions.model import Change, Row, SessionModel
from bai_tui.screens.sessions.scope import Scope
from bai_tui.screens.sessions.starting import StartsSessions

DEAD_LIMIT: Final = 500
"""Sessions that are over are asked for up to this number, the newest."""
PAUSE: Final = 2.0
"""Seconds between two questions for the whole list when events ask for it again and again."""
UNSEEN: Final = 2000
"""Events of different sessions kept until the list is looked at; more are worked on at once."""

EMPTY: Final = {
    "default": "No sessions. n starts one.",
    "running": "No session is running. t shows the other states, n starts one.",
    "dead": "No session is over yet. t shows the living ones.",
}
"""What a list without rows says, by set of states."""


class FollowsSessions(StartsSessions, ListView):
    """The rows of the list and where they come from; what is around them is in `SessionsView`."""

    def __init__(self) -> None:
        super().__init__()
        self.model = SessionModel()
        self.scope = Scope()
        self._loading = False
        self._again = False
        self._generation = 0
        self._loaded_at: float | None = None
        self._unseen: dict[tuple[str, str, bool], ClusterEvent] = {}
        self._fetcher = Fetcher(
            lambda: self.connection.session, self._found, self._whole, self.connection_suspect
        )

    def list_came(self) -> None:
        """The whole list came."""

    def rows_changed(self, change: Change) -> None:
        """The rows of the table changed."""

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

    def stale_since(self) -> float | None:
        """When the list was last complete and live."""
        return self._loaded_at

    def connection_suspect(self, error: BaseException) -> None:
        """A background question failed: the connection is looked after, the list asked again."""
        self.connection.suspect(error)
        if self.connection.ready:
            self.report(error, "refresh")

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
        self.apply_change(self.model.reconcile(infos, self._now()))
        self.table.loading_rows = False
        self.table.stale = not self.connection.ready
        self.list_came()
        if dead and len(infos) == DEAD_LIMIT:
            self.flash(f"only the newest {DEAD_LIMIT} are shown")

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _found(self, infos: list[SessionInfo], gone: list[Dirty]) -> None:
        """Answers to the questions that events raised."""
        now = self._now()
        changes = [self.model.merge(filter(self.scope.holds, infos), now)]
        changes += [self.model.leave(name, owner, now) for name, owner in gone]
        self.apply_change(Change.all_of(changes))

    def apply_change(self, change: Change) -> None:
        """Show what changed, and nothing else."""
        if not self.is_mounted:
            return
        if change:
            at = self.table.cursor_key
            self.table.upsert(change.changed)
            if isinstance(at, str) and at in change.renamed:
                self.table.move_to_key(change.renamed[at])
            self.table.remove(change.removed)
            self.rows_changed(change)
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
        self.apply_change(Change.all_of(changes))
        if whole:
            self._whole()

    def tick(self) -> None:
        """Ages, rows whose time is over."""
        super().tick()
        expected = [row for row in self.model.rows.values() if row.expected]
        change = self.model.expire(self._now())
        lost = [row.name for row in expected if row.key in change.removed]
        if lost:
            self.flash(f"{lost[0]}: the server does not show it; ctrl+r asks again", "warning")
        if change:
            self.apply_change(change)

    def on_unmount(self) -> None:
        """No questions any more."""
        self._fetcher.cancel()

    def choose_states(self, states: str) -> None:
        """Show another set of states."""
        if states == self.model.states:
            return
        self.model.states = states
        self.host.remembered.set("sessions", "states", states)
        self.restart_list()
        self.table.empty_text = EMPTY[states]

    def restart_list(self) -> None:
        """Another list: the rows of the old one go, a skeleton stands in for the new ones."""
        self.model.clear()
        self.table.clear()
        self._loaded_at = None
        self.table.loading_rows = True
        self.refresh_bars()
        self.reload()

    # What acts and the start of sessions ask.

    def show_living(self) -> None:
        """New sessions are not among those that are over."""
        if self.model.states == "dead":
            self.choose_states("default")

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
        self.apply_change(self.model.mark(keys, doing=doing, note=note))

    def done_with(self, rows: Sequence[Row]) -> None:
        """Ask for them; their events come, too, unless the server has none."""
        for row in rows:
            self._fetcher.touch(row.name, row.info.access_key)
        self.table.clear_marks()
