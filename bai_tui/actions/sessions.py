"""Actions of the compute sessions."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import ADMINS, Action


def _session(
    name: str,
    keys: str,
    label: str,
    text: str,
    *aliases: str,
    hint: int = 0,
    argument: str = "",
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
        argument=argument,
    )


ACTIONS: Final[tuple[Action, ...]] = (
    Action("sessions.new", ("n",), "new", "Start a compute session.", "Session", "sessions",
           ("new",), mutating=True, hint=20),
    Action("sessions.clone", ("N",), "clone",
           "Start another session like the one under the cursor; opens the form.", "Session",
           "sessions", ("clone",), needs_row=True, mutating=True),
    Action("sessions.states", ("t",), "states",
           "Go through the sets of states: alive, running, over.", "Session", "sessions",
           ("states",), hint=70),
    Action("sessions.owner", ("A",), "whose", "Show my sessions, a group's, or everybody's.",
           "Session", "sessions", ("owner", "whose"), roles=ADMINS | {"monitor"},
           argument="mine|all|GROUP"),
    _session("shell", "s", "shell", "Open a terminal in the session.", "shell", hint=30,
             mutating=True),
    _session("logs", "l", "logs", "Show what the session printed.", "logs", hint=40),
    _session("apps", "p", "apps", "Open a local port to a service of the session.", "app",
             argument="[NAME [PORT]]"),
    _session("run", "r", "run code", "Run code in the session, cell by cell.", "run", hint=35,
             mutating=True),
    _session("batch", "B", "batch", "Upload files, build and run them in the session.",
             "batch-run", mutating=True),
    _session("files", "f", "files", "Browse the files of the session: look, upload, download.",
             "session-files"),
    _session("events", "E", "events", "Show the events of this session.", "session-events"),
    _session("interrupt", "I", "interrupt", "Interrupt the code that runs in the session.",
             "interrupt", mutating=True),
    _session("restart", "R", "restart", "Replace the container and keep its files.",
             "restart", mutating=True),
    _session("commit", "M", "commit",
             "Write the session's container to a file on the server; shows how it goes on.",
             "commit", mutating=True),
    _session("rename", "", "rename", "Give the session another name.", "rename-session",
             mutating=True),
    _session("terminate", "ctrl+d", "terminate", "End the session; asks first.",
             "terminate", "kill", mutating=True, hint=50),
    _session("force", "ctrl+x", "force",
             "Mark the session as ended without waiting for its agent; the name must be typed.",
             "force", mutating=True, roles=ADMINS),
)  # fmt: skip
