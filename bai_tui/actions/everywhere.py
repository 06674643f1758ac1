"""Actions of every view."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import Action


def _app(
    name: str,
    keys: str,
    label: str,
    text: str,
    *aliases: str,
    group: str = "Everywhere",
    hint: int = 0,
    argument: str = "",
) -> Action:
    return Action(
        f"app.{name}",
        tuple(keys.split()),
        label,
        text,
        group,
        "app",
        aliases,
        hint=hint,
        argument=argument,
    )


ACTIONS: Final[tuple[Action, ...]] = (
    _app("messages", "exclamation_mark", "messages",
         "Show every message of this run of the program, with its full text.", "messages", "ms",
         group="Views"),
    _app("command", "colon", "command", "Type the name of a view or an action."),
    _app("palette", "ctrl+p", "palette", "Find any view or action by a part of its name."),
    _app("help", "question_mark f1", "help", "Show the keys in force here.", "help", hint=99),
    _app("jump", "ctrl+o semicolon", "jump",
         "Put a letter on everything that can have the focus; press one.", "focus"),
    _app("back", "escape", "back",
         "Undo one thing: prompt, filter, marks, pane, then the view.", "back", hint=90),
    _app("last", "minus", "last view", "Go to the view before this one.", "last"),
    _app("refresh", "ctrl+r", "refresh", "Ask the server again; reconnect at once when offline.",
         "refresh", "retry"),
    _app("header", "ctrl+e", "header", "Show or hide the header.", "header"),
    _app("quit", "q", "quit", "Go back; in the first view leave the program."),
    _app("exit", "ctrl+q", "exit", "Leave the program from anywhere.", "q", "quit", "exit"),
    _app("interrupt", "ctrl+c", "", "Press it twice to leave the program."),
    _app("connection", "", "connection", "Show how the connection to the server is.",
         "connection", "who"),
    _app("readonly", "", "read-only", "Switch every changing action off (or on again).",
         "readonly", argument="on|off"),
    _app("theme", "", "theme", "Choose the colours.", "theme", argument="NAME"),
    _app("info", "", "info", "Show the paths of settings and state, and the versions.", "info"),
)  # fmt: skip
