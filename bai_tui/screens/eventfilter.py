"""The filter dialog of the event log: session, type, owner, reason become one filter text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button

from bai_tui.widgets.fields import ChoiceField, FormRow, TextField
from bai_tui.widgets.picker import Choice

FIELDS: Final = ("session", "event", "owner", "reason")
"""Columns of the log, in the order of the dialog; the type is the column `event`."""

_PART: Final = re.compile(
    r"(?P<column>session|event|owner|reason)(?P<how>[:=])"
    r'(?:"(?P<quoted>[^"]*)"|/(?P<regex>(?:[^/\\]|\\.)+)/|(?P<plain>\S+))'
)


def filter_text(wanted: Mapping[str, str]) -> str:
    """The filter in the language of all lists; the type is matched as a whole."""
    parts = []
    for column in FIELDS:
        value = wanted.get(column, "").strip()
        if not value:
            continue
        if '"' in value:
            value = "/" + re.escape(value).replace("/", r"\/") + "/"
        elif re.search(r"\s", value) or value.startswith("/"):
            value = f'"{value}"'
        parts.append(f"{column}{'=' if column == 'event' else ':'}{value}")
    return " ".join(parts)


def wanted_by(text: str) -> dict[str, str]:
    """What the dialog shows for a filter that was set; other words of it are not its own."""
    found = {}
    for match in _PART.finditer(text):
        regex = match["regex"]
        plain = match["quoted"] or match["plain"] or ""
        found[match["column"]] = plain if regex is None else re.sub(r"\\(.)", r"\1", regex)
    return found


class EventFilter(ModalScreen[str | None]):
    """Gives the filter text, empty for no filter, or None when left with escape.

    Args:
        text: the filter that is set.
        types: the types of events to choose from.
        row: values of the event under the cursor, offered as examples.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "cancel", show=False),
        Binding("ctrl+g", "take", "filter", show=False, priority=True),
    ]
    AUTO_FOCUS = "TextField"
    DEFAULT_CSS = """
    EventFilter {
        align: center middle; background: $background 60%;
        #box {
            width: 72; max-width: 92%; height: auto;
            background: $surface; border: round $primary; padding: 1 1 0 1;
            border-title-color: $text-primary; border-title-style: bold;
            border-subtitle-color: $text-muted;
        }
        FormRow { .label { width: 9; } .note { width: 28; } }
        ChoiceField, TextField { background: $panel; }
        #buttons { height: 1; margin-top: 1; align-horizontal: right; }
        Button { margin-left: 2; min-width: 12; }
    }
    """

    def __init__(self, text: str, types: Sequence[str], row: Mapping[str, str]) -> None:
        super().__init__()
        self._wanted = wanted_by(text)
        self._types = types
        self._row = row

    def compose(self) -> ComposeResult:
        """Four fields and the buttons."""
        with Vertical(id="box") as box:
            box.border_title = "Show only events of"
            box.border_subtitle = "enter filters · esc leaves"
            for name in FIELDS:
                if name == "event":
                    yield FormRow("type", ChoiceField("Type", empty="all types", id=name))
                else:
                    value, example = self._wanted.get(name, ""), self._row.get(name, "")
                    yield FormRow(name, TextField(value, placeholder=example, id=name))
            with Horizontal(id="buttons"):
                yield Button("No filter", id="all", compact=True)
                yield Button("Filter", id="do", compact=True)

    def on_mount(self) -> None:
        """The types, and what may be typed."""
        chosen = self._wanted.get("event", "")
        types = sorted({*self._types, *filter(None, [chosen])})
        field = self.query_one(ChoiceField)
        field.offer([Choice("", "all types"), *(Choice(t, t) for t in types)], (chosen,))
        notes = {"session": "a part of its name", "owner": "a part of the access key",
                 "reason": "words of it"}  # fmt: skip
        for row in self.query(FormRow):
            row.note(notes.get(row.field.id or "", ""))

    def on_input_submitted(self) -> None:
        """Enter."""
        self.action_take()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """With these, or none."""
        event.stop()
        if event.button.id == "do":
            self.action_take()
        else:
            self.dismiss("")

    def action_take(self) -> None:
        """Close with the filter."""
        values = {field.id or "": field.value for field in self.query(TextField)}
        values["event"] = self.query_one(ChoiceField).value
        self.dismiss(filter_text(values))

    def action_leave(self) -> None:
        """Close as it was."""
        self.dismiss(None)
