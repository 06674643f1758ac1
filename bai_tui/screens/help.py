"""Help: the keys in force in the view it was opened over, from the registry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby, zip_longest
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Click
from textual.screen import ModalScreen
from textual.widgets import Static

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.screens.view import View
from bai_tui.widgets.text import cell_len, pad, printable, wrap

MARGIN = 2
"""Cells left of a name: the sign of what cannot be done now, and a space."""
OFF = "✗"
NAMES = 28
"""Cells that names have at most."""
KEYS = 12
"""Cells of the keys; of several keys each has a line of its own where they are longer."""
FEW = 2
"""A reason that holds for more keys than these is told once, above them all."""


class Sheet(ModalScreen[None]):
    """Names and explanations over the view; any of the usual keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "close_sheet", "close", show=False),
        Binding("j,down", "scroll(1)", "down", show=False),
        Binding("k,up", "scroll(-1)", "up", show=False),
    ]

    DEFAULT_CSS = """
    Sheet {
        align: center middle; background: $background 60%;
        #sheet {
            width: 100; max-width: 96%; height: auto; max-height: 94%;
            background: $surface; border: round $primary; padding: 0 1;
            border-title-color: $text-primary; border-title-style: bold;
            border-subtitle-color: $text-muted; scrollbar-size: 1 1;
        }
        #sheet Static { height: auto; }
    }
    """

    def __init__(
        self, title: str, facts: Sequence[tuple[str, str]] = (), *, what: str = "keys"
    ) -> None:
        super().__init__()
        self._title = f"{what}: {title}"
        self._facts = facts

    def compose(self) -> ComposeResult:
        """One text that scrolls."""
        with VerticalScroll(id="sheet") as sheet:
            sheet.border_title = Content(printable(self._title))
            sheet.border_subtitle = "esc closes"
            yield Static(self.text())

    def on_mount(self) -> None:
        """Arrow keys scroll."""
        self.query_one("#sheet").focus()

    def on_resize(self) -> None:
        """Lines break elsewhere."""
        self.query_one("#sheet > Static", Static).update(self.text())

    def on_click(self, event: Click) -> None:
        """Beside the sheet: as escape."""
        if not self.query_one("#sheet").region.contains_point(event.screen_offset):
            self.action_close_sheet()

    def action_close_sheet(self) -> None:
        """Close."""
        self.dismiss()

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#sheet").scroll_relative(y=lines, animate=False)

    def text(self) -> Content:
        """What it says."""
        names = min(NAMES, max((cell_len(name) for name, _ in self._facts), default=0))
        return Content("\n").join([self.line(name, text, names) for name, text in self._facts])

    def line(self, name: str, text: str, names: int, off: bool = False) -> Content:
        """A name in so many cells and its explanation; both go on below where they are long."""
        room = max(20, min(100, int(self.app.size.width * 0.96)) - 5 - MARGIN - names - 2)
        sign = pad(OFF if off else "", MARGIN)
        lines = []
        for word, part in zip_longest(wrap(name, names), wrap(text, room), fillvalue=""):
            lines.append(Content.assemble((sign + pad(word, names + 2), "bold $foreground"), part))
            sign = " " * MARGIN
        content = Content("\n").join(lines)
        return content.stylize_before("$text-disabled" if off else "$text-muted")


class HelpScreen(Sheet):
    """The keys in force in a view."""

    def __init__(self, view: View) -> None:
        super().__init__(view.CRUMB)
        self._view = view

    def text(self) -> Content:
        """Groups of keys; what is absent stands at the end with the reason."""
        present = self._view.actions()
        reasons = {action.id: self._view.refusal(action) for action in present}
        often = {reason for reason, n in Counter(reasons.values()).items() if reason and n > FEW}
        lines = [Content.styled(f"{OFF} not now: {reason}", "$text-warning") for reason in often]
        for group, members in groupby(present, key=lambda action: action.group):
            lines.append(Content.styled(("\n" if lines else "") + group, "bold $text-accent"))
            for action in members:
                reason = reasons[action.id]
                lines.append(self._line(action, reason, "" if reason in often else reason))
        absent = [
            (a, self._view.absent(a))
            for a in actions.for_scopes(*self._view.SCOPES)
            if self._view.absent(a)
        ]
        if absent:
            lines.append(Content.styled("\nNot available", "bold $text-accent"))
            lines += [
                self.line(a.label or a.id, f"{a.help}  ({reason})", KEYS, True)
                for a, reason in absent
            ]
        return Content("\n").join(lines)

    def _line(self, action: Action, off: str, reason: str) -> Content:
        keys = actions.keys_of(action, self._view.host.keymap)
        shown = " ".join(actions.key_text(key) for key in keys)
        names = f":{action.aliases[0]}" if action.aliases else ""
        if action.argument:
            names += f" {action.argument}"
        command = names.replace(" ", "\xa0")  # is not broken into lines
        more = (command, f"({reason})" if reason else "")
        text = "  ".join(filter(None, (action.help, *more)))
        return self.line(shown or ":", text, KEYS, bool(off))
