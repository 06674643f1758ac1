"""Names and values one below the other, scrollable and copyable; server text is shown as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.selection import Selection
from textual.widget import Widget

from bai_tui.widgets.text import cell_len, pad, printable, truncate, wrap

Fact = tuple[str, str] | tuple[str, str, str]
"""Name, value, and perhaps the value's style. An empty name goes on with the one before."""

NARROWEST = 8
"""Cells a value has at least, however narrow the place is."""


Wrapped = tuple[int, Content, Mapping[int, str]]
"""A width, the text at that width, and what stood between lines that were one, by the second."""
_NOTHING: Wrapped = (-1, Content(""), {})


class FactLines(Widget):
    """The lines for the width there is: what is too long goes on below its value's beginning."""

    DEFAULT_CSS = "FactLines { height: auto; }"

    def __init__(self, name_width: int) -> None:
        super().__init__()
        self._name_width = name_width
        self._facts: tuple[Fact, ...] = ()
        self._wrapped: Wrapped = _NOTHING

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What is shown."""
        return self._facts

    @facts.setter
    def facts(self, facts: tuple[Fact, ...]) -> None:
        self._facts = facts
        self._wrapped = _NOTHING
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as there are at this width."""
        return self._at(width)[1].plain.count("\n") + 1

    def render(self) -> Content:
        """All lines."""
        return self._at(self.content_size.width)[1]

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What was broken because it was too long is copied in one piece."""
        _, content, glue = self._at(self.content_size.width)
        copied = ""
        for y, line in enumerate(content.plain.split("\n")):
            span = selection.get_span(y)
            if span is None:
                continue
            start, end = span[0], len(line) if span[1] == -1 else span[1]
            if copied and y in glue:
                start = max(start, len(line) - len(line.lstrip()))
                copied = copied.removesuffix("\n") + glue[y]
            copied += line[start:end] + "\n"
        return copied.removesuffix("\n"), "\n"

    def _at(self, width: int) -> Wrapped:
        if self._wrapped[0] != width:
            lines: list[Content] = []
            names = self._names(width)
            glue: dict[int, str] = {}
            for fact in self._facts:
                for line, broken_at in self._lines(fact, names, width - names - 1):
                    if broken_at is not None:
                        glue[len(lines)] = broken_at
                    lines.append(line)
            self._wrapped = (width, Content("\n").join(lines), glue)
        return self._wrapped

    def _names(self, width: int) -> int:
        """Cells for the names: enough for the longest, but not most of the place."""
        longest = max((cell_len(fact[0]) for fact in self._facts if fact[1]), default=0)
        return max(self._name_width, min(longest, width * 2 // 5))

    def _lines(self, fact: Fact, names: int, room: int) -> Iterator[tuple[Content, str | None]]:
        """Each line, and what it was broken at from the one before if it goes on with that."""
        name, value = fact[0], fact[1]
        if not value and name:
            yield Content.styled(name, "bold $text-accent"), None
            return
        style = fact[2] if len(fact) > 2 else "$foreground"
        beside = (pad(truncate(name, names), names) + " ", "$text-muted")
        for paragraph in value.split("\n"):
            for text, broken_at in broken_lines(paragraph, room):
                yield Content.assemble(beside, (text, style)), broken_at
                beside = (" " * (names + 1), "")


class Facts(VerticalScroll):
    """Draws again only when something changed."""

    DEFAULT_CSS = "Facts { padding: 0 1; scrollbar-size: 1 1; height: 1fr; }"

    def __init__(self, *, id: str | None = None, name_width: int = 13) -> None:
        super().__init__(id=id)
        self._lines = FactLines(name_width)

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._lines

    def show(self, facts: Sequence[Fact]) -> None:
        """Show these facts."""
        shown = tuple(facts)
        if shown != self._lines.facts:
            self._lines.facts = shown

    @property
    def text(self) -> str:
        """What is shown, for copying and tests."""
        return "\n".join(f"{fact[0]}: {fact[1]}" for fact in self._lines.facts)


def broken_lines(text: str, width: int) -> Iterator[tuple[str, str | None]]:
    """A line of a value in pieces of at most `width` cells, all indented as the first one is.

    With each piece comes what stood between it and the one before: a blank, or nothing where a
    word was too long; None for the first.
    """
    text = printable(text)
    if cell_len(text) <= width:
        yield text, None
        return
    inner = text.lstrip(" ")
    indent, place, between = text[: len(text) - len(inner)], 0, None
    for piece in wrap(inner, max(NARROWEST, width - len(indent))):
        yield indent + piece, between
        place += len(piece)
        between = " " if inner[place : place + 1] == " " else ""
        place += len(between)
