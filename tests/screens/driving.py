"""Driving the real program: a pilot, what the screen shows, and waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input

from bai_tui.app import BaiApp
from bai_tui.connection import Target
from bai_tui.settings import Remembered, Settings
from tests.waiting import until

if TYPE_CHECKING:
    from bai_tui.api import APIConfig


class FixedTarget:
    """A target that needs nothing to be started; `words` are a user name and a password."""

    label = "test"

    def __init__(self, config: APIConfig, words: tuple[str, str] = ("", "")) -> None:
        self.config = config
        self.words = words

    async def credentials(self) -> tuple[str, str]:
        return self.words

    async def resolve(self) -> APIConfig:
        return self.config

    async def close(self) -> None:
        pass


class Driver:
    """The program and the hands on its keyboard."""

    def __init__(self, app: BaiApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def picture(self) -> str:
        """What the screen shows, as text."""
        strips = self.app.screen._compositor.render_strips(self.app.size)
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def shows(self, *texts: str, timeout: float = 15.0) -> str:
        """Wait until all texts are on the screen; returns the screen."""

        async def all_there() -> bool:
            await self.pilot.pause()
            picture = self.picture
            if all(text in picture for text in texts):
                return True
            await asyncio.sleep(0.02)  # to draw the whole screen takes a while: leave some time
            return False

        try:
            await until(all_there, timeout=timeout)
        except AssertionError:
            said = "\n".join(f"{entry.level}: {entry.text}" for entry in [*self.app.journal][-5:])
            raise AssertionError(f"{texts} not on the screen:\n{self.picture}\n{said}") from None
        return self.picture

    async def hides(self, text: str) -> None:
        """Wait until a text is not on the screen."""

        async def gone() -> bool:
            await self.pilot.pause()
            return text not in self.picture

        await until(gone, f"{text!r} to go")

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        names = {" ": "space", "\n": "enter"}
        await self.pilot.press(*(names.get(character, character) for character in text))

    async def paste(self, text: str, *then: str) -> None:
        """Paste a text in place of what the focused line holds, and press keys."""
        line = self.app.screen.focused
        assert isinstance(line, Input), line
        await self.pilot.press("ctrl+a", "ctrl+k")
        line.post_message(Paste(text))
        await until(lambda: line.value == text)
        if then:
            await self.pilot.press(*then)


@asynccontextmanager
async def program(
    config: APIConfig,
    tmp_path: Path,
    size: tuple[int, int] = (120, 40),
    *,
    read_only: bool = False,
    words: tuple[str, str] = ("", ""),
) -> AsyncIterator[Driver]:
    """Run the dashboard on the cluster that `config` reaches."""
    async with running(FixedTarget(config, words), tmp_path, size, read_only=read_only) as driver:
        yield driver


@asynccontextmanager
async def running(
    target: Target,
    tmp_path: Path,
    size: tuple[int, int] = (120, 40),
    *,
    read_only: bool = False,
) -> AsyncIterator[Driver]:
    """Run the dashboard on what `target` finds."""
    app = BaiApp(
        target,
        read_only=read_only,
        settings=Settings(),
        remembered=Remembered(tmp_path / "remembered.json"),
    )
    async with app.run_test(size=size) as pilot:
        yield Driver(app, pilot)
