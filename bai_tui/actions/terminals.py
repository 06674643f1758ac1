"""Actions of the open terminals. Their keys come behind the leader, since all others are typed."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import Action


def _terminal(name: str, label: str, text: str, alias: str) -> Action:
    return Action(f"terminals.{name}", (), label, text, "Terminals", "terminals", (alias,))


ACTIONS: Final[tuple[Action, ...]] = (
    _terminal("next", "next", "ctrl+] n: give the keys to the next terminal.", "next-terminal"),
    _terminal("side", "side by side", "ctrl+] s: show terminals side by side, or in tabs.", "side"),
    _terminal("close", "close", "ctrl+] x: close the terminal; its session goes on.",
              "close-terminal"),
)  # fmt: skip
