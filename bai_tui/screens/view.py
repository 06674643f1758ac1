"""What every view does: an action of the registry becomes a call of the view's method `do_…`.

Whatever keeps an action from being done is said in the flash line, never swallowed.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ClassVar, cast

from textual import on
from textual.binding import BindingType
from textual.events import DescendantFocus
from textual.widget import Widget
from textual.widgets import Input, TextArea

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.actions.keys import is_command_key
from bai_tui.identity import needs
from bai_tui.screens.frame import Frame
from bai_tui.widgets.bars import Flash, Hint, Hints
from bai_tui.widgets.prompt import Prompt

MAX_HINTS = 9
INTERRUPT_TWICE = 2.0
"""Seconds within which a second ctrl+c leaves."""


class View(Frame):
    """Base of the full-size screens."""

    SCOPES: ClassVar[tuple[str, ...]] = ()
    """Scopes of the registry besides `app`."""
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("app")]

    _held: tuple[Action, str] | None = None
    """What is done as soon as there is a connection, unless another action is asked for before."""

    def __init__(self) -> None:
        super().__init__()
        self._prompt_hints: list[Hint] = []

    def connection_changed(self) -> None:
        """Health, identity or read-only mode changed."""
        super().connection_changed()
        if self._held is not None and not self.connection.first_try:
            held, self._held = self._held, None
            if self.is_current:
                # When all of the view has heard of the change.
                self.call_later(self.perform, *held)

    @on(DescendantFocus)
    def _other_keys(self) -> None:
        """Where one types, other keys are worth showing."""
        self.refresh_bars()

    def hints(self) -> list[Hint]:
        """Keys worth showing: present actions by rank; help last. While one types, what helps."""
        if self._prompt_hints:
            return self._prompt_hints
        present = [a for a in self.actions() if a.hint and a.keys]
        if self.ROOT or "form" in self.SCOPES:
            present = [a for a in present if a.id != "app.back"]
        if self.typing:
            present = [a for a in present if any(map(is_command_key, self.keys_of(a)))]
        ranked = sorted(present, key=lambda a: a.hint)
        shown = ranked if len(ranked) <= MAX_HINTS else [*ranked[: MAX_HINTS - 1], ranked[-1]]
        # Not grey for the moment of the first connection, for which keys wait.
        against = self.obstacle if self.connection.first_try else self.refusal
        return [
            Hint(self.key_of(action), self.label_of(action), action.id, bool(against(action)))
            for action in shown
        ]

    @property
    def typing(self) -> bool:
        """Whether keys write characters just now."""
        return isinstance(self.focused, (Input, TextArea))

    def keys_of(self, action: Action) -> tuple[str, ...]:
        """The keys in force."""
        return actions.keys_of(action, self.host.keymap)

    def key_of(self, action: Action) -> str:
        """The first key in force, as people write it."""
        keys = self.keys_of(action)
        if self.typing:
            # A key that writes a character is not the one to be told of here.
            keys = tuple(key for key in keys if is_command_key(key)) or keys
        return actions.key_text(keys[0]) if keys else f":{action.aliases[0]}"

    def label_of(self, action: Action) -> str:
        """What an action is called in this view."""
        return action.label

    # Actions.

    def actions(self) -> list[Action]:
        """The actions present: not the forbidden ones, in read-only mode not the changing ones."""
        return [a for a in actions.for_scopes(*self.SCOPES, "app") if not self.absent(a)]

    def absent(self, action: Action) -> str:
        """Why an action does not exist for this user; empty when it does."""
        if not action.view and not hasattr(self, action.method):
            return "not in this view"
        identity = self.connection.identity
        if action.roles and (identity is None or identity.role not in action.roles):
            return needs(action.roles)
        if action.mutating and self.connection.read_only:
            return "read-only mode (:readonly off ends it)"
        return ""

    def obstacle(self, action: Action) -> str:
        """Why an action cannot be done now; empty when it can."""
        reason = self.absent(action)
        if not reason and action.needs_row and not self.has_row():
            reason = "there is no row"
        return reason or self.why_not(action)

    def has_row(self) -> bool:
        """Whether there is a row to work on."""
        return True

    def why_not(self, action: Action) -> str:
        """What in the view's own state stands against an action."""
        return ""

    def refusal(self, action: Action) -> str:
        """Why an action would be refused if its key were pressed now; empty when it would not."""
        reason = self.obstacle(action)
        if not reason and action.mutating:
            reason = self.connection.refusal()
        return reason

    def action_run(self, action_id: str) -> None:
        """Do what a key means."""
        self.perform(actions.BY_ID[action_id])

    def perform(self, action: Action, argument: str = "") -> None:
        """Do an action, or say why not; what needs a connection waits for the first one."""
        self._held = None
        reason = self.refusal(action)
        if reason and self.connection.first_try and not action.needs_row:
            self._held = (action, argument)
            self.flash(f"{self.key_of(action)} {self.label_of(action)}: connecting first…")
            return
        if reason:
            self.flash(f"{self.key_of(action)} {self.label_of(action)}: {reason}", "warning")
            return
        if action.view:
            self.host.show_view(action.view, argument)
            return
        method: Callable[[str], Awaitable[None] | None] = getattr(self, action.method)
        outcome = method(argument)
        if inspect.isawaitable(outcome):
            self.attempt(cast(Coroutine[Any, Any, None], outcome), action.label)

    # Prompt.

    def open_prompt(
        self,
        kind: str,
        value: str = "",
        complete: Callable[[str], list[str]] = lambda value: [],
        *,
        secret: bool = False,
    ) -> None:
        """Let the user type in place of the flash line; a secret is not shown."""
        self.query_one(Flash).display = False
        self.prompt.open(kind, value, complete, secret=secret)

    def _end_prompt(self) -> None:
        self.query_one(Flash).display = True
        self._prompt_hints = []
        self.refresh_bars()
        self.focus_body()

    def focus_body(self) -> None:
        """Give the focus to what the keys of the view work on."""
        self.set_focus(None)

    def on_prompt_changed(self, event: Prompt.Changed) -> None:
        """While typing: candidates in the hints line, or the filter applied."""
        if event.kind == ":":
            found = actions.complete_command(event.value.split(" ")[0], self.actions())
            names = [
                Hint(name, "" if action.label == name else action.label)
                for name, action in found[:MAX_HINTS]
            ]
            self._prompt_hints = [*names, Hint("tab", "completes")]
        else:
            self._prompt_hints = self.hints_of_prompt(event.kind)
            self.typed(event.kind, event.value, final=False)
        self.refresh_bars()

    def hints_of_prompt(self, kind: str) -> list[Hint]:
        """What is worth knowing while something is typed."""
        return [Hint("enter", "takes it"), Hint("esc", "leaves")]

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        """Enter: do it."""
        self._end_prompt()
        if event.kind == ":":
            self.command(event.value)
        else:
            self.typed(event.kind, event.value, final=True)

    def on_prompt_cancelled(self, event: Prompt.Cancelled) -> None:
        """Escape: as before."""
        self._end_prompt()
        if event.kind != ":":
            self.typed(event.kind, "", final=True)

    def typed(self, kind: str, value: str, *, final: bool) -> None:
        """The user types a filter or a search."""

    def command(self, line: str) -> None:
        """Do what was typed at the `:` prompt."""
        if not line.strip():
            return
        command = actions.parse_command(line, self.actions())
        if command is None:
            hidden = actions.parse_command(line, actions.for_scopes(*self.SCOPES, "app"))
            reason = self.absent(hidden.action) if hidden else "unknown; tab completes, ? helps"
            self.flash(f":{line.strip()}: {reason}", "warning")
            return
        self.perform(command.action, command.argument)

    def on_hints_picked(self, event: Hints.Picked) -> None:
        """A hint was clicked."""
        self.perform(actions.BY_ID[event.action])

    # Actions of every view.

    def do_app_command(self, argument: str) -> None:
        """`:`."""

        def complete(typed: str) -> list[str]:
            if " " in typed:
                return []
            return [name for name, _ in actions.complete_command(typed, self.actions())]

        self.open_prompt(":", argument, complete)

    def do_app_palette(self, argument: str) -> None:
        """Textual's palette, fed from the registry."""
        self.app.action_command_palette()

    def do_app_help(self, argument: str) -> None:
        """Keys in force here."""
        from bai_tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self))

    def do_app_jump(self, argument: str) -> None:
        """A letter moves the focus."""
        from bai_tui.screens.jump import JumpMode, targets

        def chosen(widget: Widget | None) -> None:
            if widget is not None:
                widget.focus()
                self.refresh_bars()

        found = targets(self)
        if len(found) < 2:
            self.flash("there is one place only for the keys here")
            return
        self.app.push_screen(JumpMode(found), chosen)

    def do_app_messages(self, argument: str) -> None:
        """All messages."""
        from bai_tui.screens.messages import MessagesView

        if not isinstance(self, MessagesView):
            self.app.push_screen(MessagesView())

    def do_app_connection(self, argument: str) -> None:
        """How the connection is."""
        from bai_tui.screens.problem import ConnectionView

        if not isinstance(self, ConnectionView):
            self.app.push_screen(ConnectionView())

    def do_app_info(self, argument: str) -> None:
        """Paths and versions."""
        from bai_tui.screens.messages import InfoView

        self.app.push_screen(InfoView())

    def do_app_last(self, argument: str) -> None:
        """The view before."""
        self.host.last_view()

    def do_app_back(self, argument: str) -> None:
        """Undo one thing; in a main view there may be nothing left, which is fine."""
        if self.undo_one():
            return
        if not self.ROOT:
            self.dismiss()

    def undo_one(self) -> bool:
        """Undo a filter, marks or a pane; False when there is none."""
        return False

    def do_app_quit(self, argument: str) -> None:
        """`q`: back, or out."""
        if self.ROOT:
            self.host.leave()
        else:
            self.dismiss()

    def do_app_exit(self, argument: str) -> None:
        """Out."""
        self.host.leave()

    def do_app_interrupt(self, argument: str) -> None:
        """`ctrl+c`: copy what is selected; else the second one leaves."""
        selected = self.get_selected_text()
        if selected:
            self.copy(selected)
            return
        now = time.monotonic()
        if now - self.host.interrupted_at < INTERRUPT_TWICE:
            self.host.leave()
            return
        self.host.interrupted_at = now
        self.flash("ctrl+c again leaves bai-tui; nothing was interrupted", "info")

    def do_app_refresh(self, argument: str) -> None:
        """Reconnect when offline; else load again."""
        if self.connection.ready:
            self.reload()
        else:
            self.connection.retry_now()
            self.flash("connecting…")

    def reload(self) -> None:
        """Load the view's data again."""

    def do_app_header(self, argument: str) -> None:
        """Header on or off."""
        self.host.toggle_header()

    def do_app_readonly(self, argument: str) -> None:
        """Read-only mode; switching it off is possible by command only."""
        on = {"": True, "on": True, "yes": True, "off": False, "no": False}.get(argument.lower())
        if on is None:
            self.flash(":readonly takes on or off", "warning")
            return
        self.host.set_read_only(on)
        self.flash("read-only: nothing is changed on the server" if on else "changes are possible")

    def do_app_theme(self, argument: str) -> None:
        """Choose a theme by name, or look at them."""
        if not argument:
            from bai_tui.screens.settings.theme import pick_theme

            pick_theme(self, self.host.choose_theme)
        elif not self.host.choose_theme(argument):
            self.flash(f"there is no theme {argument!r}; :theme alone lists them", "warning")
