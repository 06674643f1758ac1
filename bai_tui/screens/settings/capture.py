"""A dialog that takes the next key pressed, and refuses one that would clash."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Static

from bai_tui.actions import key_text

UNSAFE: Final = {
    "ctrl+i": "it is tab", "ctrl+m": "it is enter", "ctrl+j": "it is enter",
    "ctrl+h": "it is backspace", "ctrl+s": "some terminals stop on it",
    "ctrl+b": "tmux takes it", "escape": "it always goes back",
}  # fmt: skip


class KeyCapture(ModalScreen[str | None]):
    """Gives the key, or None when left with escape.

    Args:
        title: of the action. clash: tells with what a key would clash, in words; empty: with none.
    """

    DEFAULT_CSS = """
    KeyCapture {
        align: center middle; background: $background 60%;
        #box {
            width: 64; max-width: 92%; height: auto; background: $surface;
            border: round $primary; padding: 0 1;
            border-title-color: $text-primary; border-title-style: bold;
        }
        #said { height: auto; min-height: 3; margin-top: 1; color: $text-warning; }
    }
    """

    def __init__(self, title: str, clash: Callable[[str], str]) -> None:
        super().__init__()
        self._title = title
        self._clash = clash

    def compose(self) -> ComposeResult:
        """What to do, and what is wrong with a key."""
        with Vertical(id="box") as box:
            box.border_title = Content(f"key of {self._title}")
            yield Static("Press the new key. Escape leaves it as it is.", markup=False)
            yield Static("", id="said", markup=False)

    def on_key(self, event: Key) -> None:
        """Every key is an answer."""
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            self.dismiss(None)
            return
        reason = UNSAFE.get(event.key, "")
        if not reason and event.key.startswith(("alt+", "ctrl+shift+")):
            reason = "terminals eat it"
        reason = reason or self._clash(event.key)
        if reason:
            self.query_one("#said", Static).update(Content(f"✗ {key_text(event.key)}: {reason}"))
        else:
            self.dismiss(event.key)
