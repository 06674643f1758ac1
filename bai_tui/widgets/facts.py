"""Names and values one below the other, scrollable and copyable; server text is shown as it is."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from bai_tui.widgets.text import pad, printable

Fact = tuple[str, str] | tuple[str, str, str]
"""Name, value, and perhaps the value's style. An empty name goes on with the one before."""


class Facts(VerticalScroll):
    """Draws again only when something changed."""

    DEFAULT_CSS = """
    Facts { padding: 0 1; scrollbar-size: 1 1; height: 1fr; Static { height: auto; } }
    """

    def __init__(self, *, id: str | None = None, name_width: int = 13) -> None:
        super().__init__(id=id)
        self._name_width = name_width
        self._facts: tuple[Fact, ...] = ()

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(Content(""))

    def show(self, facts: Sequence[Fact]) -> None:
        """Show these facts."""
        shown = tuple(facts)
        if shown != self._facts:
            self._facts = shown
            self.query_one(Static).update(Content("\n").join(map(self._line, shown)))

    @property
    def text(self) -> str:
        """What is shown, for copying and tests."""
        return "\n".join(f"{fact[0]}: {fact[1]}" for fact in self._facts)

    def _line(self, fact: Fact) -> Content:
        name, value = fact[0], fact[1]
        style = fact[2] if len(fact) > 2 else "$foreground"
        if not value and name:
            return Content.styled(name, "bold $text-accent")
        lines = [printable(line) for line in value.split("\n")]
        first = Content.assemble(
            (pad(name, self._name_width), "$text-muted"), " ", (lines[0], style)
        )
        indent = " " * (self._name_width + 1)
        rest = [Content.styled(indent + line, style) for line in lines[1:]]
        return Content("\n").join([first, *rest])
