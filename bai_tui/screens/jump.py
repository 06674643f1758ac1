"""Jump mode: letters on all that can have the focus; the letter pressed moves it there."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Click, Key
from textual.geometry import Region
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

LETTERS: Final = "asdfghjklqwertyuiopzxcvbnm1234567890"
"""The home row first."""


def targets(screen: Screen[Any]) -> list[tuple[Widget, Region]]:
    """What can have the focus and is to be seen, from the top down, left to right."""
    found = [(widget, seen(widget, screen.region)) for widget in screen.focus_chain]
    found = [(widget, region) for widget, region in found if region.area]
    found.sort(key=lambda item: (item[1].y, item[1].x))
    return found[: len(LETTERS)]


def seen(widget: Widget, whole: Region) -> Region:
    """The part of a widget that is to be seen; none when something is shut or scrolled away."""
    region = widget.region.intersection(whole) if widget.is_on_screen else Region()
    for holder in widget.ancestors:
        if isinstance(holder, Widget):
            region = region.intersection(holder.region)
    return region


class JumpMode(ModalScreen[Widget | None]):
    """Gives the widget whose letter was pressed or clicked; None for any other key."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "leave", show=False)]
    DEFAULT_CSS = """
    JumpMode {
        background: $background 30%; layers: letters;
        Static {
            layer: letters; position: absolute; width: 3; height: 1; content-align: center middle;
            background: $text-accent; color: $background; text-style: bold;
        }
        &:ansi Static {
            background: ansi_default; color: ansi_default; text-style: bold reverse;
        }
        #tell {
            width: 100%; height: 1; background: $panel; color: $text-muted; text-style: none;
            content-align: left middle; padding: 0 1;
        }
        &:ansi #tell { text-style: none; }
    }
    """

    def __init__(self, found: list[tuple[Widget, Region]]) -> None:
        super().__init__()
        self._found = dict(zip(LETTERS, found, strict=False))

    def compose(self) -> ComposeResult:
        """A letter at the upper left of each."""
        for letter, (_, region) in self._found.items():
            label = Static(letter, id=f"jump-{letter}", markup=False)
            label.styles.offset = (region.x, region.y)
            yield label
        tell = Static("a letter moves the focus there; any other key leaves", id="tell")
        tell.styles.offset = (0, self.app.size.height - 1)
        yield tell

    def on_resize(self) -> None:
        """What is below moves first; what is no longer to be seen has no letter."""
        self.call_after_refresh(self._place)

    def _place(self) -> None:
        for letter, (widget, _) in self._found.items():
            region = seen(widget, self.region)
            label = self.query_one(f"#jump-{letter}")
            label.display = bool(region.area)
            label.styles.offset = (region.x, region.y)
        self.query_one("#tell").styles.offset = (0, self.size.height - 1)

    def on_key(self, event: Key) -> None:
        """The letter."""
        event.stop()
        found = self._found.get(event.character or "")
        self.dismiss(None if found is None else found[0])

    def on_click(self, event: Click) -> None:
        """A click on a letter, or anywhere."""
        label, _ = self.get_widget_at(event.screen_x, event.screen_y)
        found = self._found.get((label.id or "").removeprefix("jump-"))
        self.dismiss(None if found is None else found[0])

    def action_leave(self) -> None:
        """As it was."""
        self.dismiss(None)
