"""Pictures of sweeps and apps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.pilot import Pilot

Shoot = Callable[[str], Awaitable[None]]
Wait = Callable[[float], Awaitable[None]]


async def sweeps_and_apps(pilot: Pilot[None], shoot: Shoot, wait: Wait) -> None:
    """A sweep in the middle of its work, and two ports."""

    async def type_(text: str) -> None:
        names = {" ": "space"}
        await pilot.press(*(names.get(character, character) for character in text))

    await pilot.press("0", "n")
    await wait(1.5)
    await type_("echo loss $lr; sleep 1; [ $opt != sgd ]")
    await pilot.press("tab")
    await type_("lr=linspace:0.1,1,8 opt=case:adam,sgd")
    await wait(0.5)
    await shoot("new-sweep")
    await pilot.press("enter")
    await wait(9)
    await shoot("sweep")
    await pilot.press("escape", "2")
    await wait(0.5)
    await pilot.press("p")  # The list still shows the notebook alone.
    await wait(0.7)
    await pilot.press("enter")
    await wait(1)
    await pilot.press("F")
    await wait(0.7)
    await shoot("apps")
    await pilot.press("0", "enter", "ctrl+d", "y")
    await wait(3)
