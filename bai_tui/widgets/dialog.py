"""Dialogs: confirm (default on Cancel, typed name for what cannot be undone) and choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from bai_tui.widgets.fields import TextField
from bai_tui.widgets.text import printable, wrap

LISTED = 12
"""Names that are written out; of more, the number is told."""
WIDTH = 64
"""Cells of a dialog where there are as many, as in its styles."""


class Dialog(ModalScreen[bool]):
    """What all dialogs share: escape means no."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "refuse", "cancel", show=False)]

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: $background 60%;
        #box {
            width: 64; max-width: 92%; height: auto; max-height: 90%;
            background: $surface; border: round $primary; padding: 0 1;
            border-title-color: $text-primary; border-title-style: bold;
        }
        #box.-danger { border: round $error; border-title-color: $text-error; }
        #names { height: auto; max-height: 12; margin: 1 0 0 1; }
        #names Static { height: auto; }
        #names .remark { color: $text-muted; padding-left: 2; }
        #typed { margin-top: 1; height: 1; border: none; padding: 0 1; background: $panel; }
        #buttons { height: 1; margin-top: 1; align-horizontal: right; }
        Button { margin-left: 2; min-width: 12; }
    }
    """

    def action_refuse(self) -> None:
        """Close with no."""
        self.dismiss(False)


class Confirm(Dialog):
    """Ask before something is destroyed, naming what it is.

    Args:
        title: the question, such as "Terminate 2 sessions?".
        text: what happens.
        names: what it happens to; pairs have a remark, in a line of its own.
        verb: text of the button that does it.
        typed: text that must be typed first; empty: no typing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,right", "other", "other button", show=False),
        Binding("up,pageup", "scroll(-4)", "scroll up", show=False),
        Binding("down,pagedown", "scroll(4)", "scroll down", show=False),
        Binding("y", "accept", "yes", show=False),
        Binding("n", "refuse", "no", show=False),
    ]

    def __init__(
        self,
        title: str,
        text: str,
        *,
        names: Sequence[str | tuple[str, str]] = (),
        verb: str,
        typed: str = "",
    ) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._names = names
        self._verb = verb
        self._typed = typed

    def compose(self) -> ComposeResult:
        """Question, names, buttons; the focus is on Cancel, or on the line to type."""
        with Vertical(id="box", classes="-danger") as box:
            box.border_title = Content(printable(self._title))
            yield Static(Content(self._text))
            if self._names:
                with VerticalScroll(id="names", can_focus=False):
                    for name in self._names[:LISTED]:
                        name, remark = (name, "") if isinstance(name, str) else name
                        yield Static(Content.styled(printable(name), "bold"))
                        if remark:
                            yield Static(printable(remark), classes="remark", markup=False)
                    if len(self._names) > LISTED:
                        yield Static(Content(f"… and {len(self._names) - LISTED:,} more"))
            if self._typed:
                yield Static(
                    Content.assemble(
                        "\nType ", (printable(self._typed), "bold $text-error"), " to go on:"
                    )
                )
                yield TextField(id="typed")
            with Horizontal(id="buttons"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Button(
                    self._verb,
                    id="do",
                    variant="error",
                    compact=True,
                    disabled=bool(self._typed),
                )

    def on_mount(self) -> None:
        """Nothing is destroyed by a hasty enter."""
        self.on_resize()
        self.query_one("#typed" if self._typed else "#cancel").focus()

    def on_resize(self) -> None:
        """The names scroll in the room there is: what is below them is never hidden."""
        for names in self.query("#names"):
            width = max(10, min(WIDTH, int(self.app.size.width * 0.92)) - 4)
            asked = len(wrap(f"Type {self._typed} to go on:", width)) + 3 if self._typed else 0
            others = 2 + len(wrap(self._text, width)) + 1 + asked + 2
            names.styles.max_height = max(2, min(LISTED, int(self.app.size.height * 0.9) - others))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Only the right name arms the button."""
        self.query_one("#do", Button).disabled = event.value.strip() != self._typed

    def on_input_submitted(self) -> None:
        """Enter in the line does it when the name is right."""
        if not self.query_one("#do", Button).disabled:
            self.dismiss(True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Close with the answer."""
        self.dismiss(event.button.id == "do")

    def action_other(self) -> None:
        """Move between the buttons."""
        if not isinstance(self.focused, Input):
            other = "#do" if self.focused and self.focused.id == "cancel" else "#cancel"
            self.query_one(other).focus()

    def action_scroll(self, rows: int) -> None:
        """Scroll the names, where they are more than fit."""
        for names in self.query("#names"):
            names.scroll_relative(y=rows, animate=False)

    def action_accept(self) -> None:
        """A deliberate letter; not where a name must be typed."""
        if not self._typed:
            self.dismiss(True)
