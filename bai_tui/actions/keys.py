"""The keys in force and how people write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bai_tui.actions.model import Action


def keys_of(action: Action, keymap: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The keys in force: those of the key map (comma separated), or the default ones."""
    changed = (keymap or {}).get(action.id)
    if changed is None:
        return action.keys
    return tuple(key.strip() for key in changed.split(",") if key.strip())


_KEY_TEXT: Final[Mapping[str, str]] = {
    "question_mark": "?",
    "exclamation_mark": "!",
    "colon": ":",
    "semicolon": ";",
    "slash": "/",
    "backslash": "\\",
    "asterisk": "*",
    "minus": "-",
    "plus": "+",
    "greater_than_sign": ">",
    "equals_sign": "=",
    "grave_accent": "`",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "right_curly_bracket": "}",
    "escape": "esc",
    "ctrl+@": "ctrl+space",
    "ctrl+right_square_bracket": "ctrl+]",
    "shift+left": "shift+←",
    "shift+right": "shift+→",
}


def key_text(key: str) -> str:
    """A key as people write it."""
    return _KEY_TEXT.get(key, key)


def is_command_key(key: str) -> bool:
    """Whether a key is a command even while one types: no character comes of it."""
    named = key[:1] == "f" and key[1:].isdigit()
    return named or "+" in key or key in ("escape", "enter", "tab", "pageup", "pagedown")
