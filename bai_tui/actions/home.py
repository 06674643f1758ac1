"""Actions of the first view: who am I, what do I use, what failed."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import Action


def _home(name: str, key: str, label: str, text: str, *aliases: str, hint: int) -> Action:
    return Action(f"home.{name}", (key,), label, text, "Home", "home", aliases, hint=hint)


ACTIONS: Final[tuple[Action, ...]] = (
    _home("group", "p", "group", "Show the resources of another of my groups.", "resources",
          hint=20),
    _home("running", "s", "sessions", "Go to the sessions that are alive.", "alive", hint=30),
    _home("failures", "f", "all ended", "Go to the sessions that are over.", "failures", hint=40),
    _home("invitations", "i", "invitations", "Go to the invitations that wait for me.",
          "invited", hint=50),
    _home("more", "m", "more", "Scroll the panels above, from the end back to the beginning.",
          "scroll", hint=0),
)  # fmt: skip
