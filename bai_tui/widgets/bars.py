"""The one-line bars around every view: crumbs with badges, flash, hints. They draw, no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from bai_tui.widgets.text import cell_len, printable, truncate

Level = Literal["info", "success", "warning", "error"]

GLYPHS: dict[Level, str] = {"info": "·", "success": "✓", "warning": "⚠", "error": "✗"}
STYLES: dict[Level, str] = {
    "info": "$text-muted",
    "success": "$text-success",
    "warning": "$text-warning",
    "error": "$text-error",
}
FLASH_SECONDS = 6.0
SHORTEST = 8
"""Cells to which a crumb is shortened for the sake of the others."""

Part = tuple[str, str]
"""A text and its style."""


class Bar(Widget):
    """One row that is drawn again only when what it shows changes."""

    DEFAULT_CSS = "Bar { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: object = None

    def show(self, what: object) -> None:
        """Draw if `what` differs from what is shown."""
        if what != self._shown:
            self._shown = what
            self.refresh()


class Crumbs(Bar):
    """Where we are on the left, badges on the right."""

    DEFAULT_CSS = """
    Crumbs { background: $panel; color: $foreground; padding: 0 1; }
    """

    def update(self, crumbs: Sequence[str], badges: Sequence[Part], color: str = "") -> None:
        """Show the path of views, badges (text, style), and the first crumb in its own colour."""
        self.show((tuple(printable(c) for c in crumbs), tuple(badges), color))

    def render(self) -> Content:
        """The row, crumbs cut before badges are."""
        if not isinstance(self._shown, tuple):
            return Content("")
        crumbs, badges, color = self._shown
        width = self.content_size.width
        right = Content("  ").join([Content.styled(text, style) for text, style in badges if text])
        room = max(0, width - right.cell_length - 2)
        parts: list[Part] = []
        used = 0
        signs = 3 * (len(crumbs) - 1) + bool(color)
        for index, crumb in enumerate(fitted(crumbs, room - signs)):
            text = f" ▸ {crumb}" if index else crumb
            text = truncate(text, room - used)
            used += cell_len(text)
            last = index == len(crumbs) - 1
            style = "bold $text-primary" if last else "$text-muted"
            if color and not index:
                text, style = f"▐{text}", f"bold $text-{color}"
                used += 1
            parts.append((text, style))
        gap = " " * max(1, width - used - right.cell_length)
        return Content.assemble(*parts, gap, right)


def fitted(texts: Sequence[str], room: int) -> list[str]:
    """The texts, the middle of the longest left out until all fit: each still says something."""
    widths = [cell_len(text) for text in texts]
    while sum(widths) > room and max(widths) > SHORTEST:
        widths[widths.index(max(widths))] -= 1
    return [truncate(text, width, "middle") for text, width in zip(texts, widths, strict=True)]


class Flash(Bar):
    """The last message, for six seconds; the app's journal keeps all of them."""

    DEFAULT_CSS = "Flash { padding: 0 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._timer: Timer | None = None

    def say(self, text: str, level: Level = "info", seconds: float = FLASH_SECONDS) -> None:
        """Show one line; errors stay twice as long."""
        if self._timer is not None:
            self._timer.stop()
        self.show((printable(text), level))
        self._timer = self.set_timer(seconds * (2 if level == "error" else 1), self.clear)

    def clear(self) -> None:
        """Show nothing."""
        self.show(None)

    def render(self) -> Content:
        """Glyph, text, and the key for the whole of it."""
        if not isinstance(self._shown, tuple):
            return Content("")
        text, level = self._shown
        more = "  [!]" if level in ("warning", "error") else ""
        line = truncate(f"{GLYPHS[level]} {text}", self.content_size.width - len(more))
        return Content.assemble((line, STYLES[level]), (more, "$text-muted"))


@dataclass(frozen=True, slots=True)
class Hint:
    """A key and what it does; `action` is told on a click."""

    key: str
    label: str
    action: str = ""
    off: bool = False


def _cells(hint: Hint) -> int:
    return cell_len(hint.key) + (1 + cell_len(hint.label) if hint.label else 0)


class Hints(Bar):
    """The most useful keys of the view, as many as fit; the last one is always there."""

    DEFAULT_CSS = """
    Hints { background: $panel; padding: 0 1; }
    """
    GAP: ClassVar[str] = "  "

    class Picked(Message):
        """A hint was clicked."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def update(self, hints: Sequence[Hint]) -> None:
        """Show these hints, the most useful first."""
        self.show(tuple(hints))

    def _fitting(self) -> list[Hint]:
        if not isinstance(self._shown, tuple):
            return []
        hints: list[Hint] = list(self._shown)
        while len(hints) > 1 and self._width(hints) > self.content_size.width:
            del hints[-2]
        return hints

    def _width(self, hints: Sequence[Hint]) -> int:
        return sum(map(_cells, hints)) + len(self.GAP) * (len(hints) - 1)

    def render(self) -> Content:
        """Keys and labels."""
        parts: list[Part] = []
        for hint in self._fitting():
            if parts:
                parts.append((self.GAP, ""))
            key_style = "$text-disabled" if hint.off else "bold $text-accent"
            parts.append((hint.key, key_style))
            if hint.label:
                label_style = "$text-disabled" if hint.off else "$text-muted"
                parts += [(" ", ""), (hint.label, label_style)]
        return Content.assemble(*parts)

    def on_click(self, event: Click) -> None:
        """Find the hint under the pointer."""
        x = event.x - self.gutter.left
        for hint in self._fitting():
            width = _cells(hint)
            if 0 <= x < width:
                if hint.action:
                    self.post_message(self.Picked(hint.action))
                return
            x -= width + len(self.GAP)
