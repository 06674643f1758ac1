"""Keys in their order: each is given on when the one before it has done its work.

Textual gives a key to what has the focus when the key arrives. Of keys that arrive together (a fast
typist, a slow link, text pasted without brackets) all but the first would go to where the focus was
before: `:quit` would be five actions of the list below the prompt.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from textual.app import App, ScreenStackError
from textual.events import Event, Key, Paste
from textual.message_pump import MessagePump
from textual.worker import WorkerError

PATIENCE: Final = 2.0
"""Seconds a key may work before the next one is given on all the same."""

MOST: Final = 4096
"""Keys that are held; what is typed beyond them is lost."""

ROUNDS: Final = 4
"""How often the focus may move on because of one key."""

SWITCHES: Final = "view"
"""Group of the workers that change what the next key is for."""


class KeysInOrder(App[None], inherit_bindings=False):
    """An App whose keys wait for each other."""

    def __init__(self) -> None:
        super().__init__()
        self._held: deque[Key | Paste] = deque()
        self._following: asyncio.Task[None] | None = None

    async def on_event(self, event: Event) -> None:
        """As Textual does; a key that arrives while another one works is held."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._following is None:
            await self._give(event)
        elif len(self._held) < MOST:
            self._held.append(event)

    async def _give(self, event: Key | Paste) -> None:
        target = self.focused or self.screen
        await super().on_event(event)
        self._following = asyncio.create_task(self._follow(event, target))

    async def _follow(self, event: Key | Paste, target: MessagePump) -> None:
        with suppress(TimeoutError, ScreenStackError):  # without a screen the program ends
            async with asyncio.timeout(PATIENCE):
                await self._done(event, target)
        if self._held and self.call_later(self._give, self._held.popleft()):
            return
        self._following = None

    async def _done(self, event: Key | Paste, target: MessagePump) -> None:
        """Wait until a key, and what it has set off, was worked on."""
        if event.is_forwarded:
            for pump in _upwards(target):
                await _handled(pump)
                if event._stop_propagation:
                    break
            if event._stop_propagation and getattr(target, "kept_key", False):
                return
        for _ in range(ROUNDS):
            before = (self.screen, self.focused)
            for pump in _upwards(self.focused or self.screen):
                await _handled(pump)
            for worker in list(self.workers):
                if worker.group == SWITCHES and not worker.is_finished:
                    with suppress(WorkerError):
                        await worker.wait()
            if (self.screen, self.focused) == before:
                return


def _upwards(pump: MessagePump | None) -> Iterator[MessagePump]:
    """A widget and all that it is in, up to the app: the way of a key."""
    while pump is not None:
        yield pump
        pump = pump._parent


async def _handled(pump: MessagePump) -> None:
    """Wait until all that a widget was told so far was worked on."""
    done = asyncio.Event()
    if pump.is_running and pump.call_later(done.set):
        await done.wait()
