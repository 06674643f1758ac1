"""Events of the cluster wait a moment for whoever types: keys are answered first.

In a flood of events a key would else often find the program at work on a batch of them, and then
wait until all they changed is painted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bai_tui.feed import ClusterEvent

TYPING: Final = 0.1
"""Seconds after a key in which the picture belongs to it."""
LONGEST: Final = 0.25
"""Seconds after which events come through in any case."""

Events = tuple["ClusterEvent", ...]


class Courtesy:
    """Gives events on to `give`: at once, or a little later when a key was just pressed."""

    def __init__(self, give: Callable[[Events], None]) -> None:
        self._give = give
        self._held: list[ClusterEvent] = []
        self._since = 0.0
        self._typed_at = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    def typed(self) -> None:
        """A key came."""
        self._typed_at = asyncio.get_running_loop().time()

    @property
    def since_key(self) -> float:
        """Seconds since the last key."""
        return asyncio.get_running_loop().time() - self._typed_at

    def came(self, events: Events) -> None:
        """Events came."""
        if not self._held:
            self._since = asyncio.get_running_loop().time()
        self._held += events
        if self._timer is None:
            self._look()

    def _look(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        due = min(self._typed_at + TYPING, self._since + LONGEST)
        if loop.time() < due:
            self._timer = loop.call_at(due, self._look)
            return
        held, self._held = tuple(self._held), []
        self._give(held)

    def forget(self) -> None:
        """What is held concerns nobody any more."""
        self._held.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
