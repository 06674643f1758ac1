"""The one registry of everything a user can do: keys, footer hints, `:` prompt, palette and help.

Data and pure functions, a module for each area; what an action does is the screen's method
`do_<id with underscores>`.
"""

from bai_tui.actions.commands import Command, complete_command, parse_command
from bai_tui.actions.keys import key_text, keys_of
from bai_tui.actions.model import ADMINS, Action
from bai_tui.actions.registry import ACTIONS, BY_ID, OVERRIDES, bindings, clashes, for_scopes
from bai_tui.actions.views import MAIN_VIEWS, MainView

__all__ = [
    "ACTIONS",
    "ADMINS",
    "BY_ID",
    "MAIN_VIEWS",
    "OVERRIDES",
    "Action",
    "Command",
    "MainView",
    "bindings",
    "clashes",
    "complete_command",
    "for_scopes",
    "key_text",
    "keys_of",
    "parse_command",
]
