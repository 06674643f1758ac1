"""Actions of the GraphQL console."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import Action


def _console(
    name: str, keys: str, label: str, text: str, *aliases: str, hint: int, priority: bool = True
) -> Action:
    return Action(f"graphql.{name}", tuple(keys.split()), label, text, "GraphQL", "graphql",
                  aliases, hint=hint, priority=priority)  # fmt: skip


ACTIONS: Final[tuple[Action, ...]] = (
    _console("run", "ctrl+g", "run", "Run the query; mutations ask first.", "run-query", hint=10),
    _console("show", "ctrl+t", "tree/table", "Show the result as tree or as table.",
             "show-as", hint=20),
    _console("history", "ctrl+l", "history", "Choose from the queries that were run.",
             "query-history", hint=25),
    _console("copy", "ctrl+y", "copy", "Copy the result as JSON.", "copy-result", hint=50),
    _console("edit", "e", "edit", "Go on typing in the query.", "edit-query", hint=60,
             priority=False),
)  # fmt: skip
