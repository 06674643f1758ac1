"""Actions of the settings."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import Action


def _setting(name: str, keys: str, label: str, text: str, *aliases: str, hint: int,
             row: bool = True) -> Action:  # fmt: skip
    return Action(f"settings.{name}", tuple(keys.split()), label, text, "Settings", "settings",
                  aliases, needs_row=row, hint=hint)  # fmt: skip


ACTIONS: Final[tuple[Action, ...]] = (
    _setting("change", "e", "change", "Change this setting, or press another key for this action.",
             "set", hint=12),
    _setting("reset", "r", "reset", "Go back to the default.", "reset", hint=14),
    _setting("clashes", "K", "clashes", "Show keys that mean two things in one view.", "clashes",
             hint=16, row=False),
)  # fmt: skip
