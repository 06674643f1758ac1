"""The manager: its status, freezing, the announcement."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.api.exceptions import PermissionDeniedError
from bai_tui.diagnosis import explain
from bai_tui.identity import needs
from bai_tui.screens.admin.resource import Call
from bai_tui.screens.problem import tell_problem
from bai_tui.screens.view import View
from bai_tui.widgets.card import Card
from bai_tui.widgets.dialog import Confirm
from bai_tui.widgets.facts import Fact, Facts

INTERVAL: Final = 10
"""Seconds between two questions while it is shown."""
NODE: Final = {"num_proc": "processes", "service_addr": "address", "ssl_enabled": "TLS"}
"""What is told of a node, in words that people use."""


class ManagerView(View):
    """Facts, and what a superadmin can do."""

    CRUMB = "manager"
    ROOT = True
    SCOPES: ClassVar[tuple[str, ...]] = ("manager",)
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("manager")]

    def __init__(self) -> None:
        super().__init__()
        self._status: dict[str, Any] = {}
        self._announcement: dict[str, Any] = {}
        self._refused: dict[str, str] = {}
        self._forbidden: frozenset[str] = frozenset()
        self._generation = 0
        self._loading = False
        self._loaded_at: float | None = None
        self._asked_at = 0.0

    def compose_body(self) -> ComposeResult:
        """Card for the states, facts."""
        yield Card(id="card")
        yield Facts(id="facts", name_width=18)

    def setup(self) -> None:
        """Ask at once."""
        self.query_one(Card).display = False
        self.query_one(Facts).show([("-", "asking the manager…", "$text-muted")])
        self.focus_body()
        self._follow_connection()

    def focus_body(self) -> None:
        """Arrows scroll the facts."""
        self.query_one(Facts).focus()

    def stale_since(self) -> float | None:
        """When it was last asked."""
        return self._loaded_at

    def counts(self) -> str:
        """How often it is asked."""
        return f"every {INTERVAL} s"

    def absent(self, action: Action) -> str:
        """Changing is for superadmins."""
        reason = super().absent(action)
        identity = self.connection.identity
        if (
            not reason
            and action.mutating
            and identity is not None
            and identity.role != "superadmin"
        ):
            return needs({"superadmin"})
        return reason

    def connection_changed(self) -> None:
        """Ask when there is somebody to ask; else say what is wrong."""
        super().connection_changed()
        if self.is_mounted:
            self._follow_connection()

    def _follow_connection(self) -> None:
        connection, card, facts = self.connection, self.query_one(Card), self.query_one(Facts)
        wrong = self._loaded_at is None and connection.problem is not None
        if wrong and connection.problem is not None:
            tell_problem(card, connection, connection.problem)
        card.display, facts.display = wrong, not wrong
        if connection.ready and self.painted and self.is_current:
            self.reload()

    def resumed(self) -> None:
        """Shown again."""
        super().resumed()
        self.reload()

    def tick(self) -> None:
        """Ask again from time to time."""
        super().tick()
        if asyncio.get_running_loop().time() - self._asked_at >= INTERVAL:
            self.reload()

    def reload(self) -> None:
        """Ask for status and announcement."""
        if self.connection.ready and not self._loading:
            self._loading = True
            self._asked_at = asyncio.get_running_loop().time()
            self.in_background(self._load, "load")

    async def _load(self) -> None:
        try:
            await self._question()
        finally:
            self._loading = False

    async def _question(self) -> None:
        if self._generation != self.connection.generation:
            self._generation, self._forbidden = self.connection.generation, frozenset()
        manager = self.connection.session.Manager
        questions = {"status": manager.status, "announcement": manager.get_announcement}
        # What the role forbids stays forbidden as long as the connection lasts.
        names = [name for name in questions if name not in self._forbidden]
        answers = await asyncio.gather(
            *(questions[name]() for name in names), return_exceptions=True
        )
        self._refused = {n: line for n, line in self._refused.items() if n in self._forbidden}
        for name, answer in zip(names, answers, strict=True):
            if isinstance(answer, BaseException):
                self.connection.suspect(answer)
                self._refused[name] = explain(answer).line
                if isinstance(answer, PermissionDeniedError):
                    self._forbidden |= {name}
                    self._refused[name] = "this server tells it to superadmins only"
            elif name == "status":
                self._status = answer
            else:
                self._announcement = answer
        self._loaded_at = asyncio.get_running_loop().time()
        self._show()

    @property
    def frozen(self) -> bool:
        """Whether changes are refused."""
        return self._status.get("status") == "frozen"

    def _show(self) -> None:
        status = str(self._status.get("status") or "-")
        style = "$text-warning" if self.frozen else "$text-success"
        facts: list[Fact] = [
            ("status", f"{'‖' if self.frozen else '●'} {status}", f"bold {style}"),
            *([("", "changes are refused; sessions go on")] if self.frozen else []),
            ("active sessions", str(self._status.get("active_sessions", "-"))),
            ("server", self.connection.server),
        ]
        if "status" in self._refused:
            facts = [("status", self._refused["status"], "$text-warning")]
        message = str(self._announcement.get("message") or "")
        shown = self._announcement.get("enabled", bool(message)) and message
        facts += [("", ""), ("Announcement", "")]
        if "announcement" in self._refused:
            facts.append(("", self._refused["announcement"], "$text-warning"))
        else:
            facts.append(("", message) if shown else ("", self._no_announcement(), "$text-muted"))
        for node in self._status.get("nodes") or ():
            facts += [("", ""), ("Manager node", "")]
            # What is the same for the whole manager stands above.
            facts += [
                (NODE.get(name, name.replace("_", " ")), _plain(value))
                for name, value in node.items()
                if value != self._status.get(name)
            ]
        self.query_one(Facts).show(facts)
        self.refresh_bars()

    def _no_announcement(self) -> str:
        action = actions.BY_ID["manager.announce"]
        return "none" if self.absent(action) else f"none; {self.key_of(action)} writes one"

    # Changing.

    def why_not(self, action: Action) -> str:
        """Freezing twice makes no sense."""
        if action.id == "manager.freeze" and self.frozen:
            return "it is frozen already"
        if action.id == "manager.unfreeze" and not self.frozen and self._status:
            return "it is not frozen"
        return super().why_not(action)

    async def _send(self, call: Call, done: str) -> None:
        await self.connection.write(call.run)
        self.flash(done, "success", call.code())
        await self._load()

    def _ask(self, title: str, text: str, typed: str, call: Call, done: str) -> None:
        def answered(yes: bool | None) -> None:
            if yes:
                self.attempt(self._send(call, done), typed)
            else:
                self.flash(f"{typed}: cancelled, nothing was done")

        active = self._status.get("active_sessions")
        names = [f"{active} sessions are active"] if active is not None else []
        self.app.push_screen(
            Confirm(title, text, names=names, verb=typed.capitalize(), typed=typed), answered
        )

    def do_manager_freeze(self, argument: str) -> None:
        """Freeze."""
        self._ask(
            "Freeze the manager?",
            "Nobody can start sessions or change anything until it is unfrozen. Sessions go on.",
            "freeze",
            Call("Manager.freeze"),
            "the manager is frozen",
        )

    def do_manager_force(self, argument: str) -> None:
        """Freeze and end everything."""
        self._ask(
            "Freeze the manager and end all sessions?",
            "All sessions of all users end now. What is not in a folder is gone.",
            "kill",
            Call("Manager.freeze", (), {"force_kill": True}),
            "the manager is frozen, sessions are ended",
        )

    async def do_manager_unfreeze(self, argument: str) -> None:
        """Unfreeze."""
        await self._send(Call("Manager.unfreeze"), "changes are possible again")

    def do_manager_announce(self, argument: str) -> None:
        """The text at the prompt, or typed now."""
        if argument:
            self._announce(argument)
        else:
            self.open_prompt("announce: ", str(self._announcement.get("message") or ""))

    def typed(self, kind: str, value: str, *, final: bool) -> None:
        """The announcement."""
        if final and value.strip():
            self._announce(value.strip())

    def _announce(self, text: str) -> None:
        call = Call("Manager.update_announcement", (), {"enabled": True, "message": text})
        self.attempt(self._send(call, "announced"), "announce")

    async def do_manager_silence(self, argument: str) -> None:
        """Take it back; its text stays in the messages."""
        old = str(self._announcement.get("message") or "")
        await self._send(
            Call("Manager.update_announcement", (), {"enabled": False}),
            f"no announcement any more: {old}" if old else "no announcement",
        )

    async def do_manager_recalculate(self, argument: str) -> None:
        """Count anew."""
        await self._send(Call("Resource.recalculate_usage"), "usage is counted anew")

    def do_app_back(self, argument: str) -> None:
        """Back to the list."""
        self.host.show_view("admin")

    def do_app_quit(self, argument: str) -> None:
        """Back to the list."""
        self.host.show_view("admin")


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "-" if value is None else str(value)
