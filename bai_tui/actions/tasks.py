"""Actions of the list of background tasks."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import Action

ACTIONS: Final[tuple[Action, ...]] = (
    Action("tasks.forget", ("K",), "clear", "Forget the tasks that are over.",
           "Background tasks", "tasks", ("clear-tasks",), hint=20),
)  # fmt: skip
