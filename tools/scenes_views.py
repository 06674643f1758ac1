"""Pictures of the views that need no preparation: a key each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from textual.pilot import Pilot

Shoot = Callable[[str], Awaitable[None]]
Wait = Callable[[float], Awaitable[None]]

VIEWS: Final = (
    ("1", "home"), ("6", "admin"), ("8", "connections"), ("9", "settings"),
)  # fmt: skip
COMMANDS: Final = (("users", "users"), ("agents", "agents"), ("etcd", "etcd"), ("usage", "usage"))


async def views(pilot: Pilot[None], shoot: Shoot, wait: Wait) -> None:
    """Home, administration, connections, settings, the GraphQL console."""
    for key, name in VIEWS:
        await pilot.press(key)
        await wait(2)
        await shoot(name)
    for command, name in COMMANDS:
        await pilot.press("colon", *command, "enter")
        await wait(2)
        await shoot(name)
    await pilot.press("7")
    await wait(2)
    await pilot.press("ctrl+g")
    await wait(1)
    await shoot("graphql")
