"""Small forms: a few rows, checked as one types, with the equal API call below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from bai_tui.screens.forms import FormView
from bai_tui.widgets.fields import FormRow

WIDTH: Final = 73
"""Cells of a line of code that can be read where there are 80."""

Row = tuple[str, str, Widget]
"""Name, label, field."""


class SmallForm(FormView):
    """A form that sends what it holds and closes; when the server refuses, it stays as it is."""

    CSS_PATH = "../../assets/smallform.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._sending = False

    # What a form is.

    def rows(self) -> Sequence[Row]:
        """Its rows; the id of a field is the name of its row."""
        raise NotImplementedError

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
            yield from self.buttons()
            yield Static("the same in Python  (ctrl+y copies it)", id="preview-title")
            yield Static(id="code", markup=False)

    def setup(self) -> None:
        """The first field."""
        self.focus_body()
        self.check()

    def focus_body(self) -> None:
        """To the first field."""
        self.query_one("#form").query("TextField, ChoiceField").first().focus()

    def check(self) -> None:
        """Show what is wrong, and the call."""
        wrong, remarks = self.problems(), self.remarks()
        for row in self.query(FormRow):
            name = (row.id or "").removeprefix("row-")
            row.note(remarks.get(name, ""), self.complaint(name, wrong.get(name, "")))
        self.query_one("#code", Static).update(Content(self.code()))
        self.allow(not self._sending)

    # Sending.

    def program(self) -> str:
        """The call."""
        return self.code() + "\n"

    def go(self) -> None:
        """Send it, once."""
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


def call(function: str, *arguments: object, **named: object) -> str:
    """A call as one writes it in Python, without the named arguments that are empty."""
    parts = [repr(argument) for argument in arguments]
    parts += [
        f"{name}={value!r}" for name, value in named.items() if value not in (None, "", False)
    ]
    line = f"    await {function}({', '.join(parts)})"
    if len(line) > WIDTH:
        lines = "".join(f"        {part},\n" for part in parts)
        line = f"    await {function}(\n{lines}    )"
    return f"async with AsyncSession() as session:\n{line}"
