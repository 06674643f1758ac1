"""The scenes of the snapshots: every main view, and what opens over them."""

from __future__ import annotations

from dataclasses import dataclass

from bai_tui.actions import MAIN_VIEWS


@dataclass(frozen=True)
class Scene:
    """A screen and the way to it.

    Attributes:
        name: of the file.
        view: main view to begin with, and what is said to it.
        keys: pressed there, one after the other; each is waited for.
        after: pressed when it was shot, for what outlives a change of views.
    """

    name: str
    view: str
    argument: str = ""
    keys: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def _scene(name: str, view: str, keys: str = "", after: str = "", argument: str = "") -> Scene:
    return Scene(name, view, argument, tuple(keys.split()), tuple(after.split()))


VIEWS = tuple(Scene(view.name, view.name) for view in MAIN_VIEWS)

OVER_VIEWS = (
    _scene("session-details", "sessions", "d", "d", "@train-resnet"),
    _scene("session-one", "sessions", "enter", argument="@train-resnet"),
    _scene("sessions-dead", "sessions", argument="dead", after="t"),
    _scene("sessions-none", "sessions", after="escape", argument="/nothing-like-it"),
    _scene("session-terminate", "sessions", "asterisk ctrl+d", "escape escape"),
    _scene("session-actions", "sessions", "a", "escape"),
    _scene("events-only", "events", "v", "escape"),
    _scene("jump", "sessions", "n ctrl+o", "escape escape"),
    _scene("session-columns", "sessions", "w", "escape"),
    _scene("session-new", "sessions", "n", "escape"),
    _scene("session-code", "sessions", "r", "escape", "@notebook"),
    _scene("session-batch", "sessions", "B", "escape", "@notebook"),
    _scene("session-logs", "sessions", "l", "escape", "@notebook"),
    _scene("help", "sessions", "question_mark", "escape"),
    _scene("prompt", "sessions", "colon s", "escape"),
    _scene("messages", "sessions", "exclamation_mark", "escape"),
    _scene("folder-new", "vfolders", "n", "escape"),
    _scene("folder-delete", "vfolders", "ctrl+d", "escape"),
    _scene("folder-shares", "vfolders", "S", "escape"),
    _scene("folder-hosts", "vfolders", argument="hosts"),
    _scene("invitations", "vfolders", argument="invitations"),
    _scene("folder-files", "vfolders", "enter", "escape", "@datasets"),
    _scene("folder-file", "vfolders", "enter G v", "escape escape", "@datasets"),
    _scene("sweep-new", "sweeps", "n", "escape"),
    _scene("profile-new", "connections", "n", "escape"),
    _scene("user-new", "users", "n", "escape"),
    _scene("user-details", "users", "d d", "d"),
    _scene("group-members", "groups", "enter", "escape"),
    _scene("policy-edit", "policies", "e", "escape"),
    _scene("palette", "sessions", "ctrl+p s h e l l", "escape"),
)

OF_A_USER = (
    _scene("user-home", "home"),
    _scene("user-sessions", "sessions"),
    _scene("user-admin", "admin"),
    _scene("user-users", "users"),
    _scene("user-keypairs", "keypairs"),
    _scene("user-help", "groups", "question_mark", "escape"),
)
"""The same for somebody who may hardly do anything."""

READ_ONLY = (
    _scene("read-only-sessions", "sessions"),
    _scene("read-only-vfolders", "vfolders", "n", argument="@datasets"),
    _scene("read-only-users", "users"),
    _scene("read-only-manager", "manager"),
)

WAITING = (_scene("waiting-session", "sessions", "enter", argument="@waits-its-turn"),)
"""What waits to be started, and why."""

LOST = (
    _scene("lost-home", "home"),
    _scene("lost-sessions", "sessions"),
    _scene("lost-users", "users", "n", "escape"),
    _scene("lost-vfolders", "vfolders"),
)
"""The server is gone; what was known stays."""

BY_NAME = {scene.name: scene for scene in (*VIEWS, *OVER_VIEWS)}
