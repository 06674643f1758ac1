"""A dialog with one line to type: a name, an address. It says what is wrong before it closes."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from bai_tui.widgets.fields import TextField
from bai_tui.widgets.text import printable


class Ask(ModalScreen[str | None]):
    """Gives the line typed, or None when left with escape.

    Args:
        title: what is asked. text: a sentence about it. value: what stands there at first.
        verb: text of the button. check: what is wrong with a value; empty when nothing is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "refuse", "cancel", show=False)]
    AUTO_FOCUS = "Input"
    DEFAULT_CSS = """
    Ask {
        align: center middle; background: $background 60%;
        #box {
            width: 64; max-width: 92%; height: auto;
            background: $surface; border: round $primary; padding: 0 1;
            border-title-color: $text-primary; border-title-style: bold;
        }
        #text { height: auto; margin-bottom: 1; color: $text-muted; }
        Input { height: 1; border: none; padding: 0 1; background: $panel; }
        #wrong { height: 1; color: $text-error; }
        #buttons { height: 1; align-horizontal: right; }
        Button { margin-left: 2; min-width: 12; }
    }
    """

    def __init__(
        self,
        title: str,
        text: str = "",
        value: str = "",
        *,
        verb: str,
        placeholder: str = "",
        check: Callable[[str], str] = lambda value: "",
    ) -> None:
        super().__init__()
        self._title, self._text, self._value, self._verb = title, text, value, verb
        self._placeholder = placeholder
        self._check = check

    def compose(self) -> ComposeResult:
        """Sentence, line, what is wrong, buttons."""
        with Vertical(id="box") as box:
            box.border_title = Content(printable(self._title))
            if self._text:
                yield Static(Content(printable(self._text)), id="text")
            yield TextField(self._value, placeholder=self._placeholder)
            yield Static("", id="wrong", markup=False)
            with Horizontal(id="buttons"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Button(self._verb, id="do", compact=True)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what is wrong as one types; an empty line is not complained about yet."""
        wrong = self._check(event.value) if event.value else ""
        self.query_one("#wrong", Static).update(Content(printable(wrong)))

    def on_input_submitted(self) -> None:
        """Enter."""
        self._take()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Close with the line, or without."""
        event.stop()
        if event.button.id == "do":
            self._take()
        else:
            self.dismiss(None)

    def _take(self) -> None:
        value = self.query_one(Input).value
        wrong = self._check(value)
        if wrong:
            self.query_one("#wrong", Static).update(Content(f"✗ {printable(wrong)}"))
            self.query_one(Input).focus()
        else:
            self.dismiss(value)

    def action_refuse(self) -> None:
        """Escape."""
        self.dismiss(None)
