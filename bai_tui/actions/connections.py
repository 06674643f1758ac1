"""Actions of the list of clusters, and of the form of one."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import Action


def _cluster(
    name: str, keys: str, label: str, text: str, *aliases: str, hint: int = 0, row: bool = True
) -> Action:
    return Action(f"connections.{name}", tuple(keys.split()), label, text, "Clusters",
                  "connections", aliases, hint=hint, needs_row=row)  # fmt: skip


ACTIONS: Final[tuple[Action, ...]] = (
    _cluster("use", "u", "use", "Switch to this cluster, without leaving the program.", "use",
             hint=12),
    _cluster("test", "t", "test", "Try to reach the cluster, and say what is wrong.", "test",
             hint=14),
    _cluster("new", "n", "new", "Write down another cluster.", "new-profile", hint=16, row=False),
    _cluster("edit", "e", "edit", "Change this profile.", "edit-profile", hint=18),
    _cluster("default", "b", "default", "Begin with this cluster, or with none in particular.",
             "default-profile"),
    _cluster("delete", "ctrl+d", "delete", "Remove the profile and its secret; asks first.",
             "delete-profile", hint=50),
    Action("profile.save", ("ctrl+g",), "save", "Save the profile.", "Profile", "profile",
           hint=10, priority=True),
    Action("profile.test", ("ctrl+t",), "test", "Try what is written, without saving it.",
           "Profile", "profile", hint=20, priority=True),
)  # fmt: skip
