"""Which scopes meet in one view; keys must differ among them. Loads the views' classes."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from bai_tui.actions.keys import key_text
from bai_tui.actions.registry import ACTIONS, BY_ID, clashes
from bai_tui.actions.views import MAIN_VIEWS


def scopes_of_views() -> dict[str, tuple[str, ...]]:
    """View to its scopes: the main views, and every scope alone as the views above them have it."""
    found = {
        view.name: tuple(getattr(import_module(view.module), view.screen).SCOPES)
        for view in MAIN_VIEWS
    }
    covered = {scope for scopes in found.values() for scope in scopes}
    alone = {action.scope for action in ACTIONS} - covered - {"app"}
    return {**found, **{scope: (scope,) for scope in sorted(alone)}}


def all_clashes(keymap: Mapping[str, str] | None = None) -> list[tuple[str, str, tuple[str, ...]]]:
    """(view, key, ids) of every key that means two things with this key map."""
    return [
        (name, key, ids)
        for name, scopes in scopes_of_views().items()
        for key, ids in clashes("app", *scopes, keymap=keymap)
    ]


def complaints(keymap: Mapping[str, str]) -> list[str]:
    """What is wrong with a key map, one line each."""
    return [
        *(
            f"the key {key_text(key)} means {' and '.join(ids)} in {view}"
            for view, key, ids in all_clashes(keymap)
        ),
        *(
            f"the key map names {name!r}, which is no action"
            for name in keymap
            if name not in BY_ID
        ),
    ]


def new_clashes(action_id: str, key: str, keymap: Mapping[str, str]) -> list[tuple[str, str]]:
    """(view, other action) that would share `key` with an action after a change."""
    changed = {**keymap, action_id: key}
    before = {(view, ids) for view, _, ids in all_clashes(keymap)}
    return [
        (view, other)
        for view, clashing, ids in all_clashes(changed)
        if clashing == key and action_id in ids and (view, ids) not in before
        for other in ids
        if other != action_id
    ]
