"""All actions, found by id, by scope, by key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from bai_tui.actions import (
    admin,
    apps,
    code,
    connections,
    events,
    everywhere,
    form,
    graphql,
    home,
    lists,
    sessions,
    settings,
    sweeps,
    tasks,
    terminals,
    text,
    transfers,
    vfolders,
    views,
)
from bai_tui.actions.keys import keys_of
from bai_tui.actions.model import Action

if TYPE_CHECKING:
    from textual.binding import Binding

AREAS: Final = (
    views,
    everywhere,
    lists,
    home,
    connections,
    sessions,
    vfolders,
    transfers,
    tasks,
    sweeps,
    apps,
    events,
    terminals,
    text,
    code,
    admin,
    graphql,
    form,
    settings,
)
"""In the order of the help."""

ACTIONS: Final[tuple[Action, ...]] = tuple(action for area in AREAS for action in area.ACTIONS)

BY_ID: Final[Mapping[str, Action]] = {action.id: action for action in ACTIONS}


def for_scopes(*scopes: str) -> tuple[Action, ...]:
    """The actions of a view that has these scopes, most special first; `app` is not implied."""
    rank = {scope: index for index, scope in enumerate(scopes)}
    found = [action for action in ACTIONS if action.scope in rank]
    return tuple(sorted(found, key=lambda action: rank[action.scope]))


def bindings(*scopes: str) -> list[Binding]:
    """Textual bindings that call `action_run` with the id; ids are those of key maps."""
    from textual.binding import Binding

    return [
        Binding(
            ",".join(action.keys),
            f"run('{action.id}')",
            action.label,
            show=False,
            id=action.id,
            priority=action.priority,
            tooltip=action.help,
        )
        for action in for_scopes(*scopes)
        if action.keys
    ]


def clashes(
    *scopes: str, keymap: Mapping[str, str] | None = None
) -> list[tuple[str, tuple[str, ...]]]:
    """Keys that mean two things in a view of these scopes: (key, ids).

    A special scope may take a key from `app` on purpose only when it is named in `OVERRIDES`.
    """
    users: dict[str, list[str]] = {}
    for action in for_scopes(*scopes):
        for key in keys_of(action, keymap):
            users.setdefault(key, []).append(action.id)
    return [
        (key, tuple(ids))
        for key, ids in users.items()
        if len(ids) > 1 and frozenset(ids) not in OVERRIDES
    ]


OVERRIDES: Final = frozenset(
    {
        frozenset({"app.back", "form.cancel"}),
        frozenset({"app.interrupt", "code.interrupt"}),
        frozenset({"app.interrupt", "batch.interrupt"}),
    }
)
"""Pairs of actions that share a key because one is the other's form in that view."""
