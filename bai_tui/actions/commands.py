"""The `:` prompt: what a typed line means, and what it may become."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bai_tui.actions.model import Action


@dataclass(frozen=True, slots=True)
class Command:
    """A line typed at the `:` prompt, understood."""

    action: Action
    argument: str


def parse_command(line: str, actions: Iterable[Action]) -> Command | None:
    """The action that `line` names by alias, id, or an unambiguous beginning; else None."""
    name, _, argument = line.strip().lstrip(":").strip().partition(" ")
    if not name:
        return None
    names = {alias: action for action in actions for alias in (*action.aliases, action.id)}
    action = names.get(name)
    if action is None:
        matches = {a.id: a for alias, a in names.items() if alias.startswith(name)}
        if len(matches) != 1:
            return None
        (action,) = matches.values()
    return Command(action, argument.strip())


def complete_command(line: str, actions: Iterable[Action]) -> list[tuple[str, Action]]:
    """Names at the `:` prompt that begin with `line`, then those that contain it."""
    typed = line.strip().lstrip(":")
    names = [(action.aliases[0], action) for action in actions if action.aliases]
    every = [(alias, action) for action in actions for alias in action.aliases]
    begins = [item for item in names if item[0].startswith(typed)]
    begins += [i for i in every if i[0].startswith(typed) and i[1] not in [a for _, a in begins]]
    inside = [i for i in names if typed in i[0] and i not in begins]
    return begins + inside
