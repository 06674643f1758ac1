"""How the connection is: who and where we are, and if it fails what, why and what to do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from bai_tui.connection import Health
from bai_tui.diagnosis import Problem, explain_clock
from bai_tui.screens.status import health
from bai_tui.screens.view import View
from bai_tui.widgets.card import Card
from bai_tui.widgets.facts import Facts

if TYPE_CHECKING:
    from bai_tui.connection import Connection


def tell_problem(card: Card, connection: Connection, problem: Problem) -> None:
    """Show what is wrong with the connection, why, the next steps, and the retry key."""
    where = "  ".join(dict.fromkeys(filter(None, (connection.label, connection.endpoint))))
    card.tell(
        problem.what,
        f"{where}\n{problem.why}",
        style="$text-error" if problem.refused else "$text-warning",
        steps=problem.steps,
        keys=(("ctrl+r", "retry now"), (":connection", "details"), ("q", "quit")),
    )


def tell_connecting(card: Card, connection: Connection, seconds: float) -> None:
    """Show that the first connection is being made."""
    card.tell(
        f"connecting to {connection.label}… {seconds:.0f} s",
        style="$text-muted",
        keys=(("q", "quit"),),
    )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


class ConnectionView(View):
    """Everything known about the connection."""

    CRUMB = "connection"
    SCOPES: ClassVar[tuple[str, ...]] = ()

    def compose_body(self) -> ComposeResult:
        """A list of facts."""
        yield Facts(id="facts")

    def setup(self) -> None:
        """Fill it."""
        self._fill()

    def connection_changed(self) -> None:
        """Fill it anew."""
        super().connection_changed()
        self._fill()

    def tick(self) -> None:
        """The countdown goes on."""
        super().tick()
        self._fill()

    def _fill(self) -> None:
        connection = self.connection
        who = connection.identity
        state, style = health(connection, asyncio.get_running_loop().time())
        rows: list[tuple[str, str] | tuple[str, str, str]] = [
            ("cluster", connection.label),
            ("endpoint", connection.endpoint or "-"),
            ("state", state, style),
            ("server", connection.server or "-"),
            ("clock", explain_clock(connection.clock_offset) or "agrees with the server's"),
            ("events", "polled every 5 s" if connection.polling else "event stream"),
            ("seen", _count(connection.feed.count, "event")),
            ("connected", f"{_count(connection.generation, 'time')} since the start"),
            ("read-only", "yes" if connection.read_only else "no"),
        ]
        if who is not None:
            groups = ", ".join(group.name for group in who.groups)
            rows += [
                ("", ""),
                ("user", who.name),
                ("role", who.role),
                ("domain", who.domain),
                ("groups", groups or "-"),
                ("access key", who.access_key),
                ("policy", who.policy or "-"),
            ]
        if connection.problem is not None and connection.health is not Health.LIVE:
            rows += [("", ""), ("what", connection.problem.what, "$text-error")]
            rows += [("why", connection.problem.why)]
            rows += [("next" if n == 0 else "", s) for n, s in enumerate(connection.problem.steps)]
        self.query_one(Facts).show(rows)
