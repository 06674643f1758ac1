"""Actions of the form of a new session."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import Action

ACTIONS: Final[tuple[Action, ...]] = (
    Action("form.submit", ("ctrl+g",), "start", "Start the session.", "Form", "form",
           mutating=True, hint=10, priority=True),
    Action("form.copy", ("ctrl+y",), "copy code", "Copy the equal Python call.", "Form", "form",
           hint=20, priority=True),
    Action("form.cancel", ("escape",), "cancel", "Close the form; nothing is started.", "Form",
           "form", hint=30),
)  # fmt: skip
