"""Actions of the local ports to services of sessions."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import Action


def _app(name: str, keys: str, label: str, text: str, *aliases: str, hint: int = 0) -> Action:
    return Action(
        f"apps.{name}", tuple(keys.split()), label, text, "Apps", "apps", aliases,
        needs_row=True, hint=hint,
    )  # fmt: skip


ACTIONS: Final[tuple[Action, ...]] = (
    _app("browse", "b", "browser", "Open the address in a browser, or copy it where there is none.",
         "browse"),
    _app("ssh", "s", "ssh", "Fetch the session's key and copy the ready ssh command.", "ssh",
         hint=20),
    _app("reopen", "r", "open again", "Open the port again.", "app-reopen", hint=40),
    _app("port", "P", "port", "Choose another local port.", "app-port", hint=30),
    _app("restore", "t", "restore", "Let the next run of the program open it again, or not.",
         "app-restore", hint=50),
    _app("session", "J", "session", "Go to the session.", "app-session"),
    _app("close", "ctrl+d", "close", "Close the port and forget it.", "app-close", hint=15),
)  # fmt: skip
