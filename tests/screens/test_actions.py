"""The registry of actions: no key means two things, every action has a help and is reachable."""

from __future__ import annotations

import pytest

from bai_tui import actions
from bai_tui.screens.view import View

VIEWS = [(view.module, view.screen) for view in actions.MAIN_VIEWS] + [
    ("bai_tui.screens.sessions.one", "OneSessionView"),
    ("bai_tui.screens.code.view", "CodeView"),
    ("bai_tui.screens.code.batch", "BatchView"),
    ("bai_tui.screens.connections.form", "ProfileView"),
    ("bai_tui.screens.logs", "LogsView"),
    ("bai_tui.screens.messages", "MessagesView"),
    ("bai_tui.screens.folders.browse", "BrowserView"),
    ("bai_tui.screens.folders.hosts", "HostsView"),
    ("bai_tui.screens.folders.viewer", "FileView"),
    ("bai_tui.screens.folders.sharing", "SharingView"),
    ("bai_tui.screens.folders.sharing", "InvitationsView"),
    ("bai_tui.screens.sweeps.grid", "SweepView"),
    ("bai_tui.screens.admin.members", "MembersView"),
    ("bai_tui.screens.admin.associations", "AssociationsView"),
    ("bai_tui.screens.admin.related", "RelatedSessionsView"),
]
"""Every main view, and what opens over them."""


def load(module: str, name: str) -> type[View]:
    from importlib import import_module

    found: type[View] = getattr(import_module(module), name)
    return found


@pytest.mark.parametrize(("module", "name"), VIEWS)
def test_no_key_means_two_things_in_a_view(module: str, name: str) -> None:
    view = load(module, name)
    assert actions.clashes("app", *view.SCOPES) == []


def test_every_action_is_done_by_some_view() -> None:
    from bai_tui.screens.create.form import NewSessionView

    views: list[type[View]] = [NewSessionView]
    views += [load(module, name) for module, name in VIEWS]
    for action in actions.ACTIONS:
        if action.view:
            continue  # the app does it for every view
        homes = [v for v in views if action.scope in ("app", *v.SCOPES)]
        done = [v for v in homes if callable(getattr(v, action.method, None))]
        assert done, f"nobody does {action.id}"
        if action.scope == "app":
            assert done == homes


@pytest.mark.parametrize("action", actions.ACTIONS, ids=lambda action: action.id)
def test_every_action_can_be_found_and_says_what_it_does(action: actions.Action) -> None:
    assert action.help.endswith(".")
    assert action.keys or action.aliases, "neither a key nor a name at the prompt"
    for key in action.keys:
        assert not key.startswith(("alt+", "ctrl+shift+"))
        assert key not in ("ctrl+i", "ctrl+m", "ctrl+j", "ctrl+h", "ctrl+enter", "ctrl+s", "ctrl+b")


def test_names_at_the_prompt_are_unique() -> None:
    seen: dict[str, str] = {}
    for action in actions.ACTIONS:
        for alias in action.aliases:
            assert seen.setdefault(alias, action.id) == action.id


def test_commands_are_understood_by_alias_and_beginning() -> None:
    for line, expected in ((":ss", "app.view.sessions"), ("ev /x", "app.view.events"),
                           ("mess", "app.messages")):  # fmt: skip
        command = actions.parse_command(line, actions.ACTIONS)
        assert command is not None
        assert command.action.id == expected
    assert actions.parse_command("no-such-thing", actions.ACTIONS) is None
    command = actions.parse_command("ev /failed now", actions.ACTIONS)
    assert command is not None
    assert command.argument == "/failed now"
