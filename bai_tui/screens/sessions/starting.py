"""Starting a session from the list: the form, and the row that stands in until it is there."""

from __future__ import annotations

import asyncio
from typing import Any

from bai_tui.actions import Action
from bai_tui.diagnosis import explain
from bai_tui.screens.create.draft import Draft, draft_like
from bai_tui.screens.host import Running
from bai_tui.screens.sessions.acts import SessionActs
from bai_tui.screens.sessions.model import Change, SessionModel, expected_info
from bai_tui.widgets.bars import Level


def now() -> float:
    """Loop time."""
    return asyncio.get_running_loop().time()


class StartsSessions(SessionActs):
    """A list of sessions in which new ones can be started."""

    model: SessionModel

    def apply_change(self, change: Change) -> None:
        """Show what changed."""
        raise NotImplementedError

    def show_living(self) -> None:
        """Show a set of states in which a new session is."""
        raise NotImplementedError

    def ask_for(self, name: str, owner: str) -> None:
        """Ask the server for a session."""
        raise NotImplementedError

    def move_to(self, key: str) -> None:
        """Put the cursor on a row."""
        raise NotImplementedError

    def running(self) -> list[Running]:
        """Sessions that end with the cluster inside the program."""
        if not getattr(self.connection.target, "ends_with_us", False):
            return []
        count = sum(row.info.is_alive for row in self.model.rows.values())
        some, ends = ("1 session", "ends") if count == 1 else (f"{count} sessions", "end")
        end = f"{ends} with the local cluster; `bai-tui local` in another terminal keeps it up"
        return [Running(f"● {some} of the local cluster", end, end)] if count else []

    def why_not(self, action: Action) -> str:
        """Nothing can be started without a connection."""
        if action.id in ("sessions.new", "sessions.clone") and not self.connection.ready:
            return "there is no connection"
        return super().why_not(action)

    def do_sessions_new(self, argument: str) -> None:
        """The form."""
        self._open_form(None)

    def do_sessions_clone(self, argument: str) -> None:
        """The form, filled with what the session has; the server tells no environment."""
        row = self.current()
        if row is not None:
            self._open_form(draft_like(row.info))

    def _open_form(self, first: Draft | None) -> None:
        from bai_tui.screens.create.form import NewSessionView

        identity = self.connection.identity
        key = identity.access_key if identity else ""
        taken = frozenset(
            row.name
            for row in self.model.rows.values()
            if row.info.access_key == key and row.info.is_alive
        )
        self.app.push_screen(NewSessionView(self._order, taken, first))

    def _order(self, order: Any) -> None:
        """Start what the form asks for; its row appears at once, unless another one has it."""
        draft = order.draft
        identity = self.connection.identity
        key = draft.owner.strip() or (identity.access_key if identity else "")
        info = expected_info(draft.name.strip(), draft.image, draft.kind, key, order.session_slots)
        self.show_living()
        known = self.model.find(info.name, key)
        if known is None or not known.info.is_alive:
            self.apply_change(self.model.expect(info, now()))
            self.move_to(info.id)

        async def start() -> None:
            try:
                kernel = await self.connection.write(
                    lambda session: session.Kernel.get_or_create(draft.image, **draft.arguments())
                )
            except Exception as error:
                self.apply_change(self.model.forget(info.id))
                self.connection.suspect(error)
                problem = explain(error)
                details = "\n".join([problem.why, "", "What was asked for:", draft.code()])
                self.flash(f"{info.name} was not started: {problem.line}", "error", details)
                return
            self.flash(*started(info.name, kernel.status, kernel.created))
            self.ask_for(info.name, key)

        self.run_worker(start(), group="start", exit_on_error=False)


def started(name: str, status: str, created: bool) -> tuple[str, Level]:
    """What to say of the answer to a creation (rest-sessions.md 3.5)."""
    if not created:
        return f"{name} is there already: {status}", "success"
    if status == "TIMEOUT":
        return f"{name} does not run yet: it stays in the queue, its details say why", "warning"
    if status in ("CANCELLED", "TERMINATED", "ERROR"):
        return f"{name} ended at once: {status}; its details say why", "error"
    if status == "PENDING":
        return f"enqueued {name}: it starts as soon as there is room", "success"
    return f"started {name}: {status}", "success"
