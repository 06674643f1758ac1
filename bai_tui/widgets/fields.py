"""Rows of a form: label, field, and a note that shows limits or what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Click, Key
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, Static

from bai_tui.widgets.picker import Choice, Picker
from bai_tui.widgets.text import printable, truncate


class ChoiceField(Widget, can_focus=True):
    """Shows what is chosen; enter, space or a click opens the list, left and right step through.

    A character opens the list, too, with what begins with it: it never means a command here.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space,down", "choose", "choose", show=False),
        Binding("left", "step(-1)", "previous", show=False),
        Binding("right", "step(1)", "next", show=False),
    ]
    DEFAULT_CSS = """
    ChoiceField {
        height: 1; width: 1fr; padding: 0 1; background: $surface;
        &:focus { background: $block-cursor-background; color: $block-cursor-foreground; }
    }
    """

    class Changed(Message):
        """Something else was chosen."""

        def __init__(self, field: ChoiceField) -> None:
            super().__init__()
            self.field = field

        @property
        def control(self) -> ChoiceField:
            """The field."""
            return self.field

    def __init__(
        self, title: str, *, several: bool = False, empty: str = "none", id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._title = title
        self._several = several
        self._empty = empty
        self.choices: tuple[Choice, ...] = ()
        self.values: tuple[str, ...] = ()

    @property
    def value(self) -> str:
        """What is chosen; empty for nothing."""
        return self.values[0] if self.values else ""

    def offer(self, choices: Sequence[Choice], values: Sequence[str] | None = None) -> None:
        """Set what can be chosen, and what is; a choice that is no longer offered is dropped."""
        self.choices = tuple(choices)
        known = {choice.value for choice in choices}
        wanted = self.values if values is None else tuple(values)
        self.values = tuple(value for value in wanted if value in known)
        self.refresh()

    def choose(self, *values: str) -> None:
        """Choose, and tell when it is something else."""
        if values != self.values:
            self.values = values
            self.refresh()
            self.post_message(self.Changed(self))

    def render(self) -> Content:
        """The labels chosen, and a mark that there is a list."""
        labels = {choice.value: choice.label for choice in self.choices}
        text = ", ".join(printable(labels.get(v, v)) for v in self.values) or self._empty
        width = self.content_size.width
        text = truncate(text, width - 2)
        # The colours of the focus go with one colour of the text alone.
        muted = "" if self.has_focus else "$text-muted"
        content = Content.styled(text, "" if self.values else muted)
        return Content.assemble(
            content, " " * max(1, width - content.cell_length - 1), ("▾", muted)
        )

    def on_key(self, event: Key) -> None:
        """Find by typing, as in the list itself."""
        if event.is_printable and event.character and not event.character.isspace():
            event.stop()
            self.action_choose(event.character)

    def action_choose(self, typed: str = "") -> None:
        """Open the list, with what was typed to find something in it."""

        def chosen(values: tuple[str, ...] | None) -> None:
            if values is not None:
                self.choose(*values)

        picker = Picker(self._title, self.choices, self.values, several=self._several, typed=typed)
        self.app.push_screen(picker, chosen)

    def action_step(self, step: int) -> None:
        """Take the next choice without the list."""
        usable = [choice.value for choice in self.choices if not choice.bar]
        if self._several or not usable:
            return
        place = usable.index(self.value) + step if self.value in usable else 0
        if 0 <= place < len(usable):
            self.choose(usable[place])

    def on_click(self, event: Click) -> None:
        """Open the list."""
        event.stop()
        self.action_choose()


class TextField(Input):
    """A one-row input without blinking; enter is for the form."""

    DEFAULT_CSS = """
    TextField {
        height: 1; width: 1fr; border: none; padding: 0 1; background: $surface;
        &.-textual-compact { padding: 0 1; }
        &:focus { background: $panel; border: none; }
        &.-invalid, &.-invalid:focus { border: none; }
    }
    """

    def __init__(self, value: str = "", *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(value, placeholder=placeholder, id=id, compact=True)
        self.cursor_blink = False

    def render_line(self, y: int) -> Strip:
        """To the end of the field, which a line alone may show."""
        strip = super().render_line(y)
        return strip.extend_cell_length(self.scrollable_content_region.width, self.rich_style)


class FormRow(Horizontal):
    """Label, field, note."""

    DEFAULT_CSS = """
    FormRow {
        height: auto; width: 100%; max-width: 110;
        .label { width: 13; color: $text-muted; text-wrap: nowrap; }
        .note {
            width: 36%; max-width: 40; height: 1; padding-left: 1; color: $text-muted;
            text-wrap: nowrap; text-overflow: ellipsis;
        }
        .note.-wrong { height: auto; color: $text-error; text-wrap: wrap; }
    }
    """

    def __init__(self, label: str, field: Widget, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._label = label
        self.field = field
        self._note = ""
        self._wrong = ""

    def compose(self) -> ComposeResult:
        """The three parts."""
        yield Static(Content(self._label), classes="label")
        yield self.field
        yield Static("", classes="note", markup=False)

    def note(self, text: str, wrong: str = "") -> None:
        """Show limits, or instead what is wrong."""
        if (text, wrong) == (self._note, self._wrong):
            return
        self._note, self._wrong = text, wrong
        note = self.query_one(".note", Static)
        note.set_class(bool(wrong), "-wrong")
        note.update(Content(f"✗ {printable(wrong)}" if wrong else printable(text)))
