"""What every form does: check as one types, go to what is wrong, send, copy the equal program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import DescendantBlur, Key
from textual.widgets import Button, Input

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.diagnosis import explain
from bai_tui.screens.view import View
from bai_tui.widgets.card import Card
from bai_tui.widgets.fields import ChoiceField, FormRow, TextField


class Fields(View):
    """A view one types in.

    A character never means a command here, wherever the focus is: what is done is done with keys
    that write nothing, such as escape and ctrl+g. And nobody is told of mistakes before having had
    a chance to make them: while one types for the first time, and in what is still empty.
    """

    def __init__(self) -> None:
        super().__init__()
        self._left: set[str] = set()
        self._tried = False

    @property
    def typing(self) -> bool:
        """Keys write characters here, whatever has the focus: hints name none of those."""
        return True

    def check(self) -> None:
        """Show beside the fields what is wrong or what may stand there."""
        raise NotImplementedError

    def complaint(self, name: str, wrong: str) -> str:
        """What is wrong with a field, when it is time to say so."""
        field = self.query_one(f"#{css_id(name)}")
        if self._tried or field.id in self._left:
            return wrong
        empty = isinstance(field, Input | ChoiceField) and not field.value.strip()
        return "" if empty or field.has_focus else wrong

    def complain(self) -> None:
        """From now on: somebody tried to send it."""
        self._tried = True
        self.check()

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """A field was left, and not the whole window or for a list of choices."""
        field = event.widget
        typed = isinstance(field, Input | ChoiceField)
        if typed and field.id and self.app.app_focus and self.is_current:
            self._left.add(field.id)
            self.check()

    def on_key(self, event: Key) -> None:
        """Take what no widget wanted, but for the keys by which a widget itself is worked."""
        chain = self.focused.ancestors_with_self if self.focused is not None else ()
        below = (node for node in chain if node not in (self, self.app))
        if event.is_printable and not any(
            event.key in node._bindings.key_to_bindings for node in below
        ):
            event.stop()


class FormView(Fields):
    """A form whose fields have the names of their rows; a subclass says what is wrong and goes."""

    SCOPES: ClassVar[tuple[str, ...]] = ("form",)
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("form")]
    VERB: ClassVar[str] = "Send"

    # What a form is.

    def problems(self) -> Mapping[str, str]:
        """What is wrong, by field."""
        return {}

    def busy(self) -> str:
        """Why it cannot be sent yet, whatever it holds; empty when it can."""
        return ""

    def go(self) -> None:
        """Everything is well: do it."""
        raise NotImplementedError

    def program(self) -> str:
        """The equal program in Python."""
        raise NotImplementedError

    def field_label(self, name: str) -> str:
        """What a field is called where it is wrong."""
        return name

    # Its parts.

    def buttons(self, verb: str = "") -> ComposeResult:
        """Send and cancel."""
        with Horizontal(id="buttons"):
            yield Button(verb or self.VERB, id="send", variant="primary", compact=True)
            yield Button("Cancel", id="cancel", compact=True)

    def line(self, name: str) -> TextField:
        """A field to type in."""
        return self.query_one(f"#{css_id(name)}", TextField)

    def text(self, name: str) -> str:
        """What is typed in a field."""
        return self.line(name).value.strip()

    def choice(self, name: str) -> ChoiceField:
        """A field to choose in."""
        return self.query_one(f"#{css_id(name)}", ChoiceField)

    def row(self, name: str) -> FormRow:
        """The row of a field."""
        return self.query_one(f"#row-{css_id(name)}", FormRow)

    def allow(self, sending: bool) -> None:
        """The button can be pressed, or not; while something is wrong it says what."""
        self.query_one("#send", Button).disabled = not sending
        self.refresh_bars()

    # Keys and mouse.

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check as one types."""
        event.stop()
        self.check()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter sends it, or goes to what is wrong."""
        event.stop()
        self.do_form_submit("")

    def on_choice_field_changed(self, event: ChoiceField.Changed) -> None:
        """Check as one chooses."""
        event.stop()
        self.check()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Send or cancel."""
        event.stop()
        self.perform(actions.BY_ID["form.submit" if event.button.id == "send" else "form.cancel"])

    # Actions.

    def do_form_submit(self, argument: str) -> None:
        """Send it; or go to the first field that is wrong."""
        reason = self.busy()
        wrong = {} if reason else self.problems()
        if wrong:
            self.complain()
            name, text = next(iter(wrong.items()))
            self.query_one(f"#{css_id(name)}").focus()
            reason = f"{self.field_label(name)}: {text}"
        reason = reason or self.connection.refusal()
        if reason:
            self.flash(reason, "warning")
        else:
            self.go()

    def do_form_copy(self, argument: str) -> None:
        """Copy the equal program."""
        self.copy(self.program(), "the Python call")

    def do_form_cancel(self, argument: str) -> None:
        """Close."""
        self.dismiss()


class _Form(Horizontal):
    """A body that is made later than its view."""

    def __init__(self, parts: Callable[[], ComposeResult]) -> None:
        super().__init__(id="form")
        self._parts = parts

    def compose(self) -> ComposeResult:
        """What the view says."""
        yield from self._parts()


class LoadingForm(FormView):
    """A form behind a card until what can be chosen in it has come; before, it is not even made."""

    WAITING: ClassVar[str] = ""
    """What the card says meanwhile."""

    loaded = False

    def compose_body(self) -> ComposeResult:
        """The card alone."""
        yield Card(id="card")

    def compose_form(self) -> ComposeResult:
        """The fields and what is beside them."""
        raise NotImplementedError

    def setup(self) -> None:
        """Say what is waited for."""
        self.query_one(Card).tell(self.WAITING, style="$text-muted")

    def first_painted(self) -> None:
        """Make the form, and ask."""
        super().first_painted()
        self.attempt(self._make(), "form")

    async def _make(self) -> None:
        form = _Form(self.compose_form)
        form.display = False
        await self.query_one("#body").mount(form)
        if not self.being_closed:
            self.made()
            self.reload()

    def made(self) -> None:
        """The fields are there: offer what is known already."""

    def why_not(self, action: Action) -> str:
        """Before it is loaded, there is only the way back."""
        own = action.scope in self.SCOPES and action.id != "form.cancel"
        return (self.busy() if own else "") or super().why_not(action)

    async def load(self) -> None:
        """Ask for what can be chosen, and offer it."""
        raise NotImplementedError

    def show_form(self) -> None:
        """The form in place of the card."""
        self.query_one("#form").display = True
        self.query_one(Card).display = False

    def busy(self) -> str:
        """It cannot be sent before it is there."""
        return "" if self.loaded else "not yet: the form is still loading"

    def reload(self) -> None:
        """Load what can be chosen."""
        if self.query(_Form):
            self.in_background(self._load, "load")

    async def _load(self) -> None:
        try:
            await self.load()
        except Exception as error:
            if self.being_closed:
                return
            self.connection.suspect(error)
            if self.loaded:
                self.report(error, "limits")
                return
            problem = explain(error)
            self.query_one(Card).tell(
                problem.what,
                problem.why,
                style="$text-error",
                steps=problem.steps,
                keys=(("ctrl+r", "retry"), ("esc", "back")),
            )


def css_id(name: str) -> str:
    """A name as a widget's id: dots are not allowed there."""
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in name)
