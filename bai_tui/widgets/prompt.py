"""The one-line prompt at the bottom: `:` commands with completion, `/` filters as you type."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Label

HISTORY = 100


class _Completer(Suggester):
    """Shows the rest of the first candidate behind the cursor."""

    def __init__(self, complete: Callable[[str], list[str]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self.complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        """The first candidate that goes on from `value`."""
        found = self.complete(value)
        return found[0] if found and found[0].startswith(value) else None


class _Line(Input):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", show=False),
        Binding("tab", "complete", "complete", show=False),
        Binding("up", "recall(-1)", "older", show=False),
        Binding("down", "recall(1)", "newer", show=False),
    ]

    def action_cancel(self) -> None:
        """Tell the prompt."""
        self._prompt.close(cancelled=True)

    def action_complete(self) -> None:
        """Take the candidate."""
        self._prompt.take_candidate()

    def action_recall(self, step: int) -> None:
        """Walk the history."""
        self._prompt.recall(step)

    @property
    def _prompt(self) -> Prompt:
        assert isinstance(self.parent, Prompt)
        return self.parent


class Prompt(Horizontal):
    """Hidden until opened; gives the focus back when it closes."""

    DEFAULT_CSS = """
    Prompt {
        height: 1; padding: 0 1; display: none;
        Label { width: auto; color: $text-accent; text-style: bold; }
        Input { width: 1fr; height: 1; border: none; padding: 0; background: transparent; }
    }
    """

    class Changed(Message):
        """The text changed while the user types."""

        def __init__(self, kind: str, value: str) -> None:
            super().__init__()
            self.kind = kind
            self.value = value

    class Submitted(Changed):
        """Enter was pressed."""

    class Cancelled(Changed):
        """Escape was pressed; `value` is what was typed."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.kind = ":"
        self._complete: Callable[[str], list[str]] = lambda value: []
        self._histories: dict[str, list[str]] = {}
        self._place = 0

    def prepare(self) -> None:
        """Make the sign and the line; a view has them when it is painted, not before."""
        if self.children:
            return
        line = _Line(
            compact=True, select_on_focus=False, suggester=_Completer(lambda v: self._complete(v))
        )
        line.cursor_blink = False
        self.mount(Label(":", markup=False), line)

    @property
    def line(self) -> Input:
        """The input."""
        self.prepare()
        return self.query_one(_Line)

    @property
    def is_open(self) -> bool:
        """Whether the user is typing here."""
        return bool(self.display)

    def open(
        self,
        kind: str,
        value: str = "",
        complete: Callable[[str], list[str]] = lambda value: [],
        *,
        secret: bool = False,
    ) -> None:
        """Show the prompt with its sign `kind` (`:` or `/`) and focus it.

        What is typed as a secret is neither shown nor remembered.
        """
        self.kind = kind
        self.line.password = secret
        self._complete = complete
        self._place = len(self._histories.get(kind, []))
        self.query_one(Label).update(kind)
        self.display = True
        self.line.value = value
        self.line.cursor_position = len(value)
        self.line.focus()
        self.post_message(self.Changed(kind, value))

    def close(self, *, cancelled: bool) -> None:
        """Hide it and tell how it ended."""
        value, secret = self.line.value, self.line.password
        self.display = False
        self.line.value = ""
        if cancelled:
            self.post_message(self.Cancelled(self.kind, value))
            return
        history = self._histories.setdefault(self.kind, [])
        if value and history[-1:] != [value] and not secret:
            history.append(value)
            del history[:-HISTORY]
        self.post_message(self.Submitted(self.kind, value))

    def take_candidate(self) -> None:
        """Complete to the first candidate, followed by a space when it is the only one."""
        found = self._complete(self.line.value)
        if found:
            self.line.value = found[0] + (" " if len(found) == 1 and self.kind == ":" else "")
            self.line.cursor_position = len(self.line.value)

    def recall(self, step: int) -> None:
        """Show an older or newer line."""
        history = self._histories.get(self.kind, [])
        self._place = min(max(self._place + step, 0), len(history))
        self.line.value = history[self._place] if self._place < len(history) else ""
        self.line.cursor_position = len(self.line.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass on what is typed."""
        event.stop()
        if self.is_open:
            self.post_message(self.Changed(self.kind, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self.close(cancelled=False)
