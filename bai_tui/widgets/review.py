"""A difference to be looked at before it is sent: send, edit again, or cancel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from bai_tui.widgets.text import printable, printable_lines

SEND, AGAIN, CANCEL = "send", "again", "cancel"


class Review(ModalScreen[str]):
    """Gives SEND, AGAIN or CANCEL; the focus stands on Cancel, or where it cannot be sent on AGAIN.

    Args:
        title: what is changed. lines: with `+`, `-` or a blank in front.
        trouble: why it could not be sent the last time.
        usable: whether it can be sent at all.
        code: the call that is sent.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", f"give('{CANCEL}')", "cancel", show=False),
        Binding("e", f"give('{AGAIN}')", "edit again", show=False),
        Binding("y", f"give('{SEND}')", "send", show=False),
        Binding("left", "app.focus_previous", "button before", show=False),
        Binding("right", "app.focus_next", "next button", show=False),
        Binding("down,j", "scroll(1)", "down", show=False),
        Binding("up,k", "scroll(-1)", "up", show=False),
    ]
    DEFAULT_CSS = """
    Review {
        align: center middle; background: $background 60%;
        #box {
            width: 90; max-width: 96%; height: auto; max-height: 94%;
            background: $surface; border: round $primary; padding: 0 1;
            border-title-color: $text-primary; border-title-style: bold;
        }
        #lines { height: auto; max-height: 16; scrollbar-size: 1 1; }
        #lines Static, #trouble, #code { height: auto; }
        #code { margin-top: 1; color: $text-muted; max-height: 6; }
        #trouble { margin-bottom: 1; color: $text-error; }
        #buttons { height: 1; margin-top: 1; align-horizontal: right; }
        Button { margin-left: 2; min-width: 12; }
    }
    """

    def __init__(
        self,
        title: str,
        lines: Sequence[str],
        *,
        trouble: str = "",
        code: str = "",
        usable: bool = True,
    ) -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._trouble = trouble
        self._code = code
        self._usable = usable

    def compose(self) -> ComposeResult:
        """Trouble, lines, call, buttons."""
        with Vertical(id="box") as box:
            box.border_title = Content(printable(self._title))
            if self._trouble:
                yield Static(Content(printable_lines(self._trouble)), id="trouble")
            with VerticalScroll(id="lines", can_focus=False):
                yield Static(Content("\n").join(map(_line, self._lines)))
            if self._code:
                yield Static(Content(printable_lines(self._code)), id="code")
            with Horizontal(id="buttons"):
                yield Button("Cancel", id=CANCEL, compact=True)
                yield Button("Edit again (e)", id=AGAIN, compact=True)
                if self._usable:
                    yield Button("Send (y)", id=SEND, compact=True)

    def on_mount(self) -> None:
        """A hasty enter sends nothing, and throws nothing away that cannot be sent yet."""
        self.query_one(f"#{CANCEL if self._usable else AGAIN}").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The button's answer."""
        event.stop()
        self.dismiss(event.button.id or CANCEL)

    def action_give(self, answer: str) -> None:
        """A key's answer."""
        if self._usable or answer != SEND:
            self.dismiss(answer)

    def action_scroll(self, lines: int) -> None:
        """Scroll the difference."""
        self.query_one("#lines").scroll_relative(y=lines, animate=False)


def _line(line: str) -> Content:
    style = {"+": "$text-success", "-": "$text-error"}.get(line[:1], "$text-muted")
    return Content.styled(printable(line), style)
