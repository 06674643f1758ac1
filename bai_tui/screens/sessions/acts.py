"""What can be done with sessions, from the list and from one session's own view."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from bai_tui.actions import Action
from bai_tui.diagnosis import explain
from bai_tui.screens.sessions.detail import DetailPane
from bai_tui.screens.sessions.later import commit, rename
from bai_tui.screens.sessions.model import Row
from bai_tui.screens.sessions.more import More, ask
from bai_tui.screens.view import View
from bai_tui.widgets.dialog import Confirm
from bai_tui.widgets.picker import Choice, Picker

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession, Kernel

Call = Callable[["Kernel"], Awaitable[object]]

_NEEDS_RUNNING = frozenset(
    {
        "session.files",
        "session.shell",
        "session.apps",
        "session.run",
        "session.batch",
        "session.interrupt",
        "session.restart",
        "session.commit",
        "session.rename",
    }
)
_OFFERS: Mapping[str, str] = {
    "session.restart": "Kernel.restart",
    "session.commit": "Kernel.commit",
    "session.rename": "Kernel.rename",
}
"""What the server must be able to do for an action."""
_NOT_STOPPABLE = frozenset({"PREPARING", "PULLING", "TERMINATING"})
AT_ONCE = 8
"""Requests under way at the same time when several sessions are acted on."""
_TYPED_FROM = 5
"""So many sessions at once are terminated only after their number was typed."""


def obstacle_of(action: Action, row: Row) -> str:
    """What in the session's state stands against an action; empty when nothing does."""
    status = row.info.status
    if row.expected:
        return "the server has not confirmed the session yet"
    if action.id in _NEEDS_RUNNING and status != "RUNNING":
        return f"no {action.label} for {status}"
    if action.id in ("session.terminate", "session.force") and not row.info.is_alive:
        return f"it is over ({status})"
    if action.id == "session.terminate" and status in _NOT_STOPPABLE:
        return f"the server refuses it while {status}"
    if action.id == "session.apps" and not row.info.service_ports:
        return "the session offers no services"
    if action.id == "session.logs" and status in ("PENDING", "PREPARING", "PULLING", "CANCELLED"):
        return f"no log for {status}"
    return ""


class SessionActs(View):
    """The actions; a subclass says which sessions they are for, and shows what is going on."""

    def current(self) -> Row | None:
        """The session under the cursor."""
        raise NotImplementedError

    def chosen(self) -> list[Row]:
        """The sessions marked, or the one under the cursor."""
        row = self.current()
        return [] if row is None else [row]

    def note(self, keys: Sequence[str], *, doing: str = "", note: str = "") -> None:
        """Show what is being done with sessions, or how it failed."""
        raise NotImplementedError

    def done_with(self, rows: Sequence[Row]) -> None:
        """Ask the server for these sessions: something was done with them."""
        raise NotImplementedError

    def has_row(self) -> bool:
        """Whether there is a session to work on."""
        return bool(self.chosen())

    def absent(self, action: Action) -> str:
        """What the server cannot do is not there; why names the release that can."""
        reason = super().absent(action)
        offer = _OFFERS.get(action.id)
        if reason or offer is None or not self.connection.ready:
            return reason
        session = self.connection.session
        return session.generation.refusal(offer, session.release)

    def why_not(self, action: Action) -> str:
        """Obstacles of the sessions themselves; of several marked ones, when all have one."""
        if action.scope != "session":
            return super().why_not(action)
        reasons = [obstacle_of(action, row) for row in self.chosen()]
        return reasons[0] if reasons and all(reasons) else ""

    def owner_of(self, row: Row) -> str | None:
        """The owner's key, when it is somebody else's session."""
        identity = self.connection.identity
        mine = identity is not None and row.info.access_key == identity.access_key
        return None if mine or not row.info.access_key else row.info.access_key

    # Looking.

    def do_session_shell(self, argument: str) -> None:
        """Terminal."""
        row = self.current()
        if row is not None:
            self.host.show_view("terminals", f"{row.name} {self.owner_of(row) or ''}")

    def do_session_logs(self, argument: str) -> None:
        """Log."""
        row = self.current()
        if row is not None:
            from bai_tui.screens.logs import LogsView

            self.app.push_screen(
                LogsView(row.name, self.owner_of(row), row.info.id, row.info.task_id)
            )

    def do_session_files(self, argument: str) -> None:
        """Two panes with its files."""
        row = self.current()
        if row is not None:
            from bai_tui.files import SessionPlace
            from bai_tui.screens.folders.browse import BrowserView

            place = SessionPlace(self.connection, row.name, self.owner_of(row))
            self.app.push_screen(BrowserView(place))

    def do_session_apps(self, argument: str) -> None:
        """Choose a service, or take the one named, and open a port to it."""
        row = self.current()
        if row is None:
            return
        ports = row.info.service_ports
        name, _, port = argument.partition(" ")
        if name:
            self._open_app(row, name, port.strip())
            return
        choices = [
            Choice(p.name, p.name, f"{p.protocol}  {', '.join(map(str, p.ports))}") for p in ports
        ]

        def chosen(names: tuple[str, ...] | None) -> None:
            if names:
                self._open_app(row, names[0], "")

        self.app.push_screen(Picker(f"Services of {row.name}", choices), chosen)

    def _open_app(self, row: Row, name: str, port: str) -> None:
        from bai_tui.apps.proxy import Link, Wanted

        if port and not (port.isascii() and port.isdigit() and int(port) <= 65535):
            self.flash(f"{port!r} is no port: 1 to 65535", "warning")
            return
        protocols = {p.name: p.protocol for p in row.info.service_ports}
        identity = self.connection.identity
        wanted = Wanted(
            row.name,
            name,
            protocols.get(name, "tcp"),
            int(port or 0),
            self.owner_of(row) or "",
            identity.access_key if identity is not None else "",
        )

        async def begin() -> None:
            proxy = await self.host.apps.open(wanted)
            if proxy.link is Link.OPEN:
                self.flash(f"{name} of {row.name}: {proxy.address}  (F shows all ports)", "success")
            else:
                self.flash(f"{name} is {proxy.link}: {proxy.why}  (F shows all ports)", "warning")

        self.attempt(begin(), "apps")

    def do_session_run(self, argument: str) -> None:
        """Notebook."""
        row = self.current()
        if row is not None:
            from bai_tui.screens.code.view import CodeView

            self.app.push_screen(CodeView(row.name, self.owner_of(row), row.info.image))

    def do_session_batch(self, argument: str) -> None:
        """Batch mode."""
        row = self.current()
        if row is not None:
            from bai_tui.screens.code.batch import BatchView

            self.app.push_screen(BatchView(row.name, self.owner_of(row), row.info.image))

    def do_session_events(self, argument: str) -> None:
        """Events of the session."""
        row = self.current()
        if row is not None:
            self.host.show_view("events", f"/session={row.name}")

    # Changing.

    async def do_session_interrupt(self, argument: str) -> None:
        """Interrupt."""
        await self._each("session.interrupt", "interrupting", lambda kernel: kernel.interrupt())

    def do_session_restart(self, argument: str) -> None:
        """Restart, after asking."""
        rows = self._able("session.restart")
        self._ask(
            rows,
            "Restart",
            "The container is replaced: running programs end, files stay.",
            lambda: self._each("session.restart", "restarting", lambda kernel: kernel.restart()),
        )

    def do_session_commit(self, argument: str) -> None:
        """Ask for the name of the file, then begin it."""
        for row in self._able("session.commit")[:1]:
            commit(self, row.name, self.owner_of(row))

    def do_session_rename(self, argument: str) -> None:
        """Ask for the new name, or take the one typed at the prompt."""
        for row in self._able("session.rename")[:1]:
            rename(self, row.name, self.owner_of(row), argument)

    def do_session_terminate(self, argument: str) -> None:
        """Terminate, after asking."""
        rows = self._able("session.terminate")
        self._ask(
            rows,
            "Terminate",
            "Running programs end. What is not in a folder is gone.",
            lambda: self._each("session.terminate", "terminating", lambda kernel: kernel.destroy()),
            typed=str(len(rows)) if len(rows) >= _TYPED_FROM else "",
        )

    def do_session_force(self, argument: str) -> None:
        """Force, after the name was typed."""
        rows = self._able("session.force")
        self._ask(
            rows,
            "Force-terminate",
            "Marked as ended without asking the agent; its processes may go on and be lost.",
            lambda: self._each(
                "session.force", "forcing", lambda kernel: kernel.destroy(forced=True)
            ),
            typed=rows[0].name if len(rows) == 1 else str(len(rows)),
        )

    def _able(self, action_id: str) -> list[Row]:
        from bai_tui.actions import BY_ID

        return [row for row in self.chosen() if not obstacle_of(BY_ID[action_id], row)]

    def _ask(
        self,
        rows: Sequence[Row],
        verb: str,
        text: str,
        work: Callable[[], Awaitable[None]],
        *,
        typed: str = "",
    ) -> None:
        if not rows:
            return
        count = f"{len(rows):,} sessions" if len(rows) > 1 else "the session"
        skipped = len(self.chosen()) - len(rows)
        if skipped:
            are = "is" if skipped == 1 else "are"
            text += f" {skipped:,} of those marked {are} left out: it cannot be done there now."
        names = [
            "  ".join(filter(None, (row.name, row.info.user_email if self.owner_of(row) else "")))
            for row in rows
        ]

        def answered(yes: bool | None) -> None:
            if not yes:
                self.flash(f"{verb.lower()}: cancelled, nothing was done")
                return

            async def go() -> None:
                await work()

            self.attempt(go(), verb.lower())

        dialog = Confirm(f"{verb} {count}?", text, names=names, verb=verb, typed=typed)
        self.app.push_screen(dialog, answered)

    async def _each(self, action_id: str, doing: str, call: Call) -> None:
        """Do it with every session, some at a time; each has its own result."""
        rows = self._able(action_id)
        self.note([row.key for row in rows], doing=doing)
        failures: list[tuple[Row, str]] = []
        free = asyncio.Semaphore(AT_ONCE)

        async def one(row: Row) -> None:
            try:
                async with free:
                    await self.connection.write(lambda session: call(self._exactly(row, session)))
            except Exception as error:
                self.connection.suspect(error)
                problem = explain(error)
                failures.append((row, problem.line))
                self.note([row.key], note=problem.line)
            else:
                self.note([row.key], doing="" if action_id == "session.interrupt" else doing)

        await asyncio.gather(*map(one, rows))
        self.done_with(rows)
        self._tell(action_id, rows, failures)

    def _exactly(self, row: Row, session: AsyncSession) -> Kernel:
        """The session of a row and no other, also when an earlier one bore the same name."""
        by_id = session.generation.session_by_id and row.info.id
        return session.Kernel(row.info.id if by_id else row.name, self.owner_of(row))

    def _tell(
        self, action_id: str, rows: Sequence[Row], failures: Sequence[tuple[Row, str]]
    ) -> None:
        from bai_tui.actions import BY_ID

        label = BY_ID[action_id].label
        good = len(rows) - len(failures)
        results = "\n".join(
            f"{row.name}: {dict((r.key, text) for r, text in failures).get(row.key, 'done')}"
            for row in rows
        )
        if not failures:
            name = rows[0].name if len(rows) == 1 else f"{good} sessions"
            self.flash(f"{label}: {name}", "success", results if len(rows) > 1 else "")
        elif len(rows) == 1:
            self.flash(f"{label} {rows[0].name}: {failures[0][1]}", "error")
        else:
            text = f"{label}: {good} of {len(rows)} done, {len(failures)} failed"
            self.flash(f"{text}: {failures[0][0].name}: {failures[0][1]}", "error", results)
            self._show_results(label, rows, dict((r.key, why) for r, why in failures))

    def _show_results(self, label: str, rows: Sequence[Row], failed: Mapping[str, str]) -> None:
        """Every session with what became of it, the failed ones first."""
        from bai_tui.screens.help import Sheet

        ordered = sorted(rows, key=lambda row: row.key not in failed)
        facts = [
            (row.name, f"✗ {failed[row.key]}" if row.key in failed else "✓ done") for row in ordered
        ]
        self.app.push_screen(Sheet(label, facts, what="results"))

    # What lists do not tell.

    def on_detail_pane_asked(self, event: DetailPane.Asked) -> None:
        """A tab is shown that needs more."""
        row = event.pane.row
        if row is not None and not row.expected and self.connection.ready:
            work = self._tell_more(event.pane, row)
            self.run_worker(work, group="more", exit_on_error=False)

    async def _tell_more(self, pane: DetailPane, row: Row) -> None:
        try:
            pane.told(row.key, await ask(self.connection.session, row.info))
        except Exception as error:
            self.connection.suspect(error)
            pane.told(row.key, More(told=False))
            self.report(error, "details")
