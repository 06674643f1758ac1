"""The editor of a cell: several lines, coloured, with completion and history left to its owner."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.message import Message
from textual.widgets import OptionList, TextArea
from textual.widgets.option_list import Option

from bai_tui.widgets.code import CLASSES, CSS, is_complete, spans
from bai_tui.widgets.text import printable

INDENT = "    "
_WORD = re.compile(r"[\w.]*\Z")
_THING = re.compile(r"[$@]?\w+|.")


class CodeEditor(TextArea):
    """Enter runs code that is complete, and else begins a line; tab completes or indents."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("shift+enter", "newline", "new line", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {*CLASSES, "code--wrong"}
    DEFAULT_CSS = (
        """
    CodeEditor {
        height: auto; max-height: 12; border: none; padding: 0; background: $panel;
        scrollbar-size: 1 1;
        &:focus { border: none; background: $panel; }
        .text-area--cursor-line { background: $panel; }
        .code--wrong { color: $text-error; text-style: underline bold; }
    """
        + CSS
        + "}"
    )

    class Submitted(Message):
        """Run it."""

        def __init__(self, code: str) -> None:
            super().__init__()
            self.code = code

    class Completing(Message):
        """Names are wished at a place."""

        def __init__(self, code: str, row: int, column: int) -> None:
            super().__init__()
            self.code, self.row, self.column = code, row, column

    class HistoryWished(Message):
        """The entry before (-1) or after (1)."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    class Left(Message):
        """Escape."""

    class InterruptWished(Message):
        """ctrl+c without a selection."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            "", id=id, soft_wrap=True, tab_behavior="focus", show_line_numbers=False, compact=True
        )
        self.cursor_blink = False
        self.language_name = "python"
        self._names: OptionList | None = None
        self._spans: list[tuple[tuple[int, int, str], ...]] = []
        self._coloured: tuple[str, str] | None = None
        self._wrong: tuple[tuple[int, int], ...] = ()

    # Drawing.

    def get_line(self, line_index: int) -> Text:
        """A line with its colours."""
        line = super().get_line(line_index)
        now = (self.text, self.language_name)
        if now != self._coloured:
            self._coloured = now
            self._spans = spans(*now)
        if line_index < len(self._spans):
            for begin, end, name in self._spans[line_index]:
                line.stylize(self.get_component_rich_style(name, partial=True), begin, end)
        for row, column in self._wrong:
            if row == line_index:
                text = line.plain
                match = _THING.match(text, column) if column < len(text) else None
                begin, end = match.span() if match else (max(0, len(text) - 1), len(text))
                style = self.get_component_rich_style("code--wrong", partial=True)
                line.stylize(style, begin, end)
        return line

    def mark(self, places: Sequence[tuple[int, int]]) -> None:
        """Mark what begins at these lines and columns (from 0) as wrong."""
        wrong = tuple(places)
        if wrong != self._wrong:
            self._wrong = wrong
            self._line_cache.clear()
            self.refresh()

    # Completion.

    @property
    def word(self) -> str:
        """What is before the cursor and can be completed."""
        row, column = self.cursor_location
        match = _WORD.search(self.document.get_line(row)[:column])
        return match[0] if match else ""

    def offer(self, names: Sequence[str], into: OptionList) -> None:
        """Let one of the names be chosen; a single one is taken at once."""
        self.close_offer()
        if len(names) == 1:
            self.take(names[0])
            return
        into.can_focus = False  # a click must not take the keys from the code
        into.clear_options()
        into.add_options([Option(printable(name), id=str(i)) for i, name in enumerate(names)])
        into.highlighted = 0
        into.display = bool(names)
        self._offered = list(names)
        self._names = into if names else None

    def close_offer(self) -> None:
        """Nothing is chosen."""
        if self._names is not None:
            self._names.display = False
            self._names = None

    def take(self, name: str) -> None:
        """Put a name in the place of the word; servers give it whole or from the last dot on."""
        word = self.word
        if not name.startswith(word):
            word = word.rpartition(".")[2]
        row, column = self.cursor_location
        keep = name if name.startswith(word) else name.removeprefix(word)
        self.replace(keep, (row, column - len(word)), (row, column))

    # Keys.

    def on_key(self, event: Key) -> None:
        """Keys that mean more than they do in a plain text area."""
        if self._names is not None and self._choose(event.key):
            event.stop()
            event.prevent_default()
            return
        self.close_offer()
        row, column = self.cursor_location
        taken = True
        match event.key:
            case "enter":
                self._enter()
            case "tab":
                before = self.document.get_line(row)[:column]
                if before.strip():
                    self.post_message(self.Completing(self.text, row, column))
                else:
                    self.insert(INDENT)
            case "shift+tab":
                self._dedent(row)
            case "up" if row == 0:
                self.post_message(self.HistoryWished(-1))
            case "down" if row == self.document.line_count - 1:
                self.post_message(self.HistoryWished(1))
            case "escape":
                self.post_message(self.Left())
            case _:
                taken = False
        if taken:
            event.stop()
            event.prevent_default()

    def _choose(self, key: str) -> bool:
        names = self._names
        assert names is not None
        place = names.highlighted or 0
        match key:
            case "down" | "tab":
                names.highlighted = (place + 1) % names.option_count
            case "up" | "shift+tab":
                names.highlighted = (place - 1) % names.option_count
            case "enter":
                self.close_offer()
                self.take(self._offered[place])
            case "escape":
                self.close_offer()
            case _:
                return False
        return True

    def take_option(self, index: int) -> None:
        """A name was clicked."""
        if self._names is not None:
            self.close_offer()
            self.take(self._offered[index])
            self.focus()

    @property
    def runs_on_enter(self) -> bool:
        """Whether enter would run the code."""
        text = self.text
        if not text.strip():
            return False
        at_end = self.cursor_location == self.document.end
        if self.language_name == "python":
            return at_end and is_complete(text)
        return at_end and (("\n" not in text) or text.endswith("\n"))

    def _enter(self) -> None:
        if self.runs_on_enter and self.selection.is_empty:
            self.submit()
        else:
            self.action_newline()

    def action_newline(self) -> None:
        """A new line, indented as this one, or deeper after a colon."""
        row, column = self.cursor_location
        before = self.document.get_line(row)[:column]
        indent = before[: len(before) - len(before.lstrip(" \t"))]
        if before.rstrip().endswith(":"):
            indent += INDENT
        self.replace("\n" + indent, *self.selection)

    def _dedent(self, row: int) -> None:
        line = self.document.get_line(row)
        spaces = min(len(INDENT), len(line) - len(line.lstrip(" ")))
        if spaces:
            self.delete((row, 0), (row, spaces))

    def submit(self) -> None:
        """Hand the code over, whatever it is."""
        code = self.text.rstrip()
        if code:
            self.post_message(self.Submitted(code))

    def action_copy(self) -> None:
        """ctrl+c: copy what is selected; else it means the code that runs."""
        if self.selection.is_empty:
            self.post_message(self.InterruptWished())
        else:
            super().action_copy()

    def show(self, code: str) -> None:
        """Another text, with the cursor at its end."""
        self.load_text(code)
        self.move_cursor(self.document.end)
