"""The one registry of everything a user can do: keys, footer hints, `:` prompt, palette and help.

Data and pure functions; what an action does is the screen's method `do_<id with underscores>`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from textual.binding import Binding

ADMINS: Final = frozenset({"superadmin", "admin"})


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a user can do.

    Attributes:
        id: stable name, also the id of key maps.
        keys: default keys in Textual's spelling; the first one is shown.
        label: a word or two for the hints line.
        help: one sentence for help, palette and documentation.
        group: heading in the help.
        scope: the kind of view it belongs to (`app` is every view); keys are unique in a view.
        aliases: names at the `:` prompt.
        needs_row: works on the rows marked, or the one under the cursor.
        mutating: changes something on the server: absent in read-only mode.
        roles: who may; empty means everybody.
        hint: rank in the hints line, 0 = not shown there.
        argument: what may follow its name at the `:` prompt, for the help.
        priority: the key works while a text field has the focus, too.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    group: str
    scope: str
    aliases: tuple[str, ...] = ()
    needs_row: bool = False
    mutating: bool = False
    roles: frozenset[str] = frozenset()
    hint: int = 0
    argument: str = ""
    priority: bool = False

    @property
    def method(self) -> str:
        """Name of the screen's method that does it."""
        return "do_" + self.id.replace(".", "_")


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


def _table(name: str, keys: str, label: str, text: str, *aliases: str, hint: int = 0) -> Action:
    return Action(
        f"table.{name}", tuple(keys.split()), label, text, "List", "table", aliases, hint=hint
    )


def _session(
    name: str,
    keys: str,
    label: str,
    text: str,
    *aliases: str,
    hint: int = 0,
    mutating: bool = False,
    roles: frozenset[str] = frozenset(),
) -> Action:
    return Action(
        f"session.{name}",
        tuple(keys.split()),
        label,
        text,
        "Session",
        "session",
        aliases,
        needs_row=True,
        mutating=mutating,
        roles=roles,
        hint=hint,
    )


def _log(name: str, keys: str, label: str, text: str, *aliases: str, hint: int = 0) -> Action:
    return Action(f"log.{name}", tuple(keys.split()), label, text, "Log", "log", aliases, hint=hint)


ACTIONS: Final[tuple[Action, ...]] = (
    # Views: a number key, a name at the prompt.
    _app("view.sessions", "1", "sessions", "Show the compute sessions.", "sessions", "ss",
         group="Views", argument="[running|dead|default] [/filter]"),
    _app("view.events", "2", "events", "Show the live event log.", "events", "ev",
         group="Views", argument="[/filter]"),
    _app("messages", "exclamation_mark", "messages",
         "Show every message of this run of the program, with its full text.", "messages", "ms",
         group="Views"),
    # Everywhere.
    _app("command", "colon", "command", "Type the name of a view or an action."),
    _app("palette", "ctrl+p", "palette", "Find any view or action by a part of its name."),
    _app("help", "question_mark f1", "help", "Show the keys in force here.", "help", hint=99),
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
    # Lists.
    _table("open", "enter", "open", "Open the row under the cursor.", hint=10),
    _table("describe", "d", "details", "Show or hide the details of the row.", "describe", hint=60),
    _table("tab", "D", "next tab", "Show the next tab of the details."),
    _table("filter", "slash", "filter",
           "Show only the rows that contain the words; ! excludes, name:word looks in one column.",
           "filter", hint=80),
    _table("sort_right", "shift+right", "", "Pick the next column, for sorting or copying."),
    _table("sort_left", "shift+left", "", "Pick the column before."),
    _table("sort", "o", "sort", "Sort by the picked column; again: the other way.", "sort"),
    _table("reverse", "O", "reverse", "Turn the order round.", "reverse"),
    _table("mark", "space ctrl+@", "mark", "Mark or unmark the row, for acting on several.",
           "mark"),
    _table("range", "V", "mark range", "Begin marking a range, and end it.", "mark-range"),
    _table("all", "asterisk", "mark all", "Mark all rows shown.", "mark-all"),
    _table("clear", "backslash", "unmark", "Remove all marks.", "unmark"),
    _table("columns", "w", "columns", "Choose the columns.", "columns"),
    _table("wide", "W", "wide", "Show all columns and scroll sideways.", "wide"),
    _table("copy_id", "c", "copy id", "Copy the name of the row, or of the marked rows.", "copy"),
    _table("copy_row", "C", "copy row", "Copy the row, or the marked rows, with all columns.",
           "copy-row"),
    _table("copy_field", "", "copy field", "Copy the picked column of the row or marked rows.",
           "copy-field"),
    _table("export", "x", "export", "Write the rows shown to a CSV (or .json) file.", "export"),
    _table("actions", "a", "actions", "Choose from what can be done with the row.", "actions"),
    _table("up", "up k", "", "Move up."),
    _table("down", "down j", "", "Move down."),
    _table("top", "home g", "", "Go to the first row."),
    _table("end", "end G", "", "Go to the last row."),
    # Sessions.
    Action("sessions.new", ("n",), "new", "Start a compute session.", "Session", "sessions",
           ("new",), mutating=True, hint=20),
    Action("sessions.states", ("t",), "states",
           "Go through the sets of states: alive, running, over.", "Session", "sessions",
           ("states",), hint=70),
    Action("sessions.owner", ("A",), "mine/all", "Show my sessions only, or everybody's.",
           "Session", "sessions", ("mine",), roles=ADMINS | {"monitor"}),
    _session("shell", "s", "shell", "Open a terminal in the session.", "shell", hint=30),
    _session("logs", "l", "logs", "Show what the session printed.", "logs", hint=40),
    _session("events", "E", "events", "Show the events of this session.", "session-events"),
    _session("interrupt", "I", "interrupt", "Interrupt the code that runs in the session.",
             "interrupt", mutating=True),
    _session("restart", "R", "restart", "Replace the container and keep its files.",
             "restart", mutating=True),
    _session("terminate", "ctrl+d", "terminate", "End the session; asks first.",
             "terminate", "kill", mutating=True, hint=50),
    _session("force", "ctrl+x", "force",
             "Mark the session as ended without waiting for its agent; the name must be typed.",
             "force", mutating=True, roles=ADMINS),
    # Event log.
    Action("events.follow", ("f",), "follow", "Follow new events, or pause the view.", "Events",
           "events", ("follow",), hint=30),
    Action("events.jump", ("J",), "to session", "Go to the session of this event.", "Events",
           "events", ("jump",), needs_row=True, hint=40),
    Action("events.clear", ("K",), "clear", "Forget the events shown.", "Events", "events",
           ("clear",)),
    # Text: logs, messages.
    _log("follow", "s", "follow", "Follow new lines, or stop following.", "log-follow", hint=20),
    _log("wrap", "w", "wrap", "Wrap long lines, or cut them.", "wrap", hint=60),
    _log("search", "slash", "search", "Search in the text.", "search", hint=30),
    _log("next", "n", "next", "Go to the next match.", hint=40),
    _log("previous", "N", "previous", "Go to the match before."),
    _log("top", "g home", "top", "Go to the first line."),
    _log("end", "G end", "end", "Go to the last line."),
    _log("save", "x", "save", "Write the text to a file.", "save", hint=70),
    _log("copy", "c", "copy", "Copy the whole text.", "copy-text"),
    # The form of a new session.
    Action("form.submit", ("ctrl+g",), "start", "Start the session.", "Form", "form",
           mutating=True, hint=10, priority=True),
    Action("form.copy", ("ctrl+y",), "copy code", "Copy the equal Python call.", "Form", "form",
           hint=20, priority=True),
    Action("form.cancel", ("escape",), "cancel", "Close the form; nothing is started.", "Form",
           "form", hint=30),
)  # fmt: skip

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


OVERRIDES: Final = frozenset({frozenset({"app.back", "form.cancel"})})
"""Pairs of actions that share a key because one is the other's form in that view."""


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
    "slash": "/",
    "backslash": "\\",
    "asterisk": "*",
    "minus": "-",
    "plus": "+",
    "equals_sign": "=",
    "grave_accent": "`",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "esc",
    "ctrl+@": "ctrl+space",
    "ctrl+right_square_bracket": "ctrl+]",
    "shift+left": "shift+←",
    "shift+right": "shift+→",
}


def key_text(key: str) -> str:
    """A key as people write it."""
    return _KEY_TEXT.get(key, key)


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
