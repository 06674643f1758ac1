"""Small forms: a few rows, checked as one types, with the equal API call below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from bai_tui import actions
from bai_tui.screens.view import View
from bai_tui.widgets.fields import ChoiceField, FormRow, TextField

Row = tuple[str, str, Widget]
"""Name, label, field."""


class SmallForm(View):
    """A form that sends what it holds and closes; when the server refuses, it stays as it is."""

    SCOPES: ClassVar[tuple[str, ...]] = ("form",)
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("form")]
    CSS_PATH = "../../assets/smallform.tcss"
    VERB: ClassVar[str] = "Send"

    def __init__(self) -> None:
        super().__init__()
        self._sending = False

    # What a form is.

    def rows(self) -> Sequence[Row]:
        """Its rows; the id of a field is the name of its row."""
        raise NotImplementedError

    def problems(self) -> Mapping[str, str]:
        """What is wrong, by row."""
        return {}

    def remarks(self) -> Mapping[str, str]:
        """Limits and explanations, by row."""
        return {}

    def code(self) -> str:
        """The equal API call."""
        raise NotImplementedError

    async def send(self) -> str:
        """Do it; returns what to say of it."""
        raise NotImplementedError

    # Composition.

    def compose_body(self) -> ComposeResult:
        """Rows, buttons, the call."""
        with VerticalScroll(id="form", can_focus=False):
            for name, label, field in self.rows():
                yield FormRow(label, field, id=f"row-{name}")
            with Horizontal(id="buttons"):
                yield Button(self.VERB, id="send", variant="primary", compact=True)
                yield Button("Cancel", id="cancel", compact=True)
            yield Static("the same in Python  (ctrl+y copies it)", id="preview-title")
            yield Static(id="code", markup=False)

    def setup(self) -> None:
        """The first field."""
        self.focus_body()
        self.check()

    def focus_body(self) -> None:
        """To the first field."""
        self.query_one("#form").query("TextField, ChoiceField").first().focus()

    def text(self, name: str) -> str:
        """Value of a text field."""
        return self.query_one(f"#{name}", TextField).value.strip()

    def choice(self, name: str) -> ChoiceField:
        """A field to choose in."""
        return self.query_one(f"#{name}", ChoiceField)

    def check(self) -> None:
        """Show what is wrong, and the call."""
        wrong, remarks = self.problems(), self.remarks()
        for name, _, _ in self._names():
            note = self.query_one(f"#row-{name}", FormRow)
            note.note(remarks.get(name, ""), wrong.get(name, ""))
        self.query_one("#send", Button).disabled = bool(wrong) or self._sending
        self.query_one("#code", Static).update(Content(self.code()))
        self.refresh_bars()

    def _names(self) -> list[tuple[str, str, Widget]]:
        rows = self.query(FormRow)
        return [((row.id or "").removeprefix("row-"), "", row) for row in rows]

    def on_input_changed(self, event: Input.Changed) -> None:
        """As one types."""
        event.stop()
        self.check()

    def on_choice_field_changed(self, event: ChoiceField.Changed) -> None:
        """As one chooses."""
        event.stop()
        self.check()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter sends it."""
        event.stop()
        self.do_form_submit("")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Send or cancel."""
        event.stop()
        self.perform(actions.BY_ID["form.submit" if event.button.id == "send" else "form.cancel"])

    # Actions.

    def do_form_submit(self, argument: str) -> None:
        """Send it; or go to the first field that is wrong."""
        wrong = self.problems()
        if wrong:
            name, text = next(iter(wrong.items()))
            self.query_one(f"#{name}").focus()
            self.flash(f"{name}: {text}", "warning")
            return
        reason = self.connection.refusal()
        if reason:
            self.flash(reason, "warning")
            return
        if not self._sending:
            self._sending = True
            self.check()
            self.attempt(self._send(), self.VERB.lower())

    async def _send(self) -> None:
        try:
            said = await self.send()
        finally:
            self._sending = False
            if self.is_mounted:
                self.check()
        self.dismiss()
        self.flash(said, "success")

    def do_form_copy(self, argument: str) -> None:
        """Copy the call."""
        self.copy(self.code() + "\n", "the Python call")

    def do_form_cancel(self, argument: str) -> None:
        """Close."""
        self.dismiss()


def call(function: str, *arguments: object, **named: object) -> str:
    """A call as one writes it in Python, without the named arguments that are empty."""
    parts = [repr(argument) for argument in arguments]
    parts += [
        f"{name}={value!r}" for name, value in named.items() if value not in (None, "", False)
    ]
    return f"async with AsyncSession() as session:\n    await {function}({', '.join(parts)})"
