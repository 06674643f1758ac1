"""Draw the pictures of the documentation with the program itself, on a fresh local cluster.

python -m tools.screenshots [DIRECTORY [COLUMNSxLINES ...]]

The pictures of the documentation are those of 120x40; the other sizes are for looking at.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from textual.pilot import Pilot

from bai_tui.api import AsyncSession
from bai_tui.app import BaiApp
from bai_tui.settings import Remembered, Settings
from bai_tui.targets import LocalTarget
from bai_tui.widgets.terminal.pane import TerminalPane
from tools.scenes_code import code
from tools.scenes_files import folders_and_files
from tools.scenes_views import views
from tools.scenes_work import sweeps_and_apps

SESSIONS = (
    ("train-resnet", "batch", "python -c 'import time; [print(\"epoch\", i, flush=True) or "
     "time.sleep(.2) for i in range(600)]'", {"cpu": 1, "mem": "512m"}),
    ("preprocess-ko", "interactive", None, {"cpu": 1, "mem": "256m"}),
    ("notebook", "interactive", None, {"cpu": 1, "mem": "1g"}),
    ("evaluate-all", "batch", "exit 3", {"cpu": 1, "mem": "256m"}),
)  # fmt: skip


async def main(directory: str, sizes: Sequence[str]) -> None:
    """For each size start a cluster with some sessions and walk through the views."""
    for size in sizes:
        columns, lines = map(int, size.split("x"))
        with tempfile.TemporaryDirectory() as state:
            # The program closes its target at the end, and the cluster with it.
            target = LocalTarget(Path(state) / "cluster")
            await fill(target)
            app = BaiApp(target, settings=Settings(), remembered=Remembered(Path(state) / "r"))
            async with app.run_test(size=(columns, lines)) as pilot:
                await walk(app, pilot, directory, f"{columns}x{lines}")


async def fill(target: LocalTarget) -> None:
    """The sessions of the pictures."""
    async with AsyncSession(config=await target.resolve()) as session:
        for name, kind, command, resources in SESSIONS:
            kernel = await session.Kernel.get_or_create(
                "python",
                client_token=name,
                type_=kind,
                startup_command=command,
                resources=resources,
                enqueue_only=kind == "batch",
            )
            if kind == "interactive":
                await kernel.execute(code="data = bytearray(40 * 2**20)")


async def walk(app: BaiApp, pilot: Pilot[None], directory: str, size: str) -> None:
    """Visit the views."""

    async def shoot(name: str) -> None:
        await pilot.pause()
        svg = app.export_screenshot(title="bai-tui")
        # No font is fetched from anywhere: the reader's own monospace font is good enough.
        svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
        svg = svg.replace("Fira Code", "monospace")
        save(directory, f"{name}-{size}.svg", svg)

    async def wait(seconds: float) -> None:
        # Pictures, not tests: let a shell print and a figure be measured.
        await asyncio.sleep(seconds)
        await pilot.pause()

    await wait(3)
    await pilot.press("d")
    await wait(2.5)
    await shoot("sessions")
    await pilot.press("d", "n")
    await wait(1)
    await shoot("new-session")
    await pilot.press("escape", "question_mark")
    await wait(0.5)
    await shoot("help")
    await pilot.press("escape", "slash", *"notebook", "enter", "s")
    await wait(1)
    pane = app.screen.query_one(TerminalPane)
    pane.link.send(b"PS1='\\[\\e[36m\\]notebook\\[\\e[m\\] $ '; clear\r")
    await wait(0.5)
    pane.link.send(b"python3 -c \"print('\\033[1;32mhello\\033[0m from a real shell', 6 * 7)\"\r")
    await wait(1)
    pane.link.send(b"ls --color=auto /usr | head -5\r")
    await wait(1)
    await shoot("terminal")
    await pilot.press("ctrl+right_square_bracket", "d")
    await code(pilot, shoot, wait)
    await folders_and_files(app, pilot, shoot, wait)
    await sweeps_and_apps(pilot, shoot, wait)
    await pilot.press("5")
    await wait(0.5)
    await shoot("events")
    await views(pilot, shoot, wait)


def save(directory: str, name: str, svg: str) -> None:
    """Write one picture."""
    Path(directory).mkdir(parents=True, exist_ok=True)
    Path(directory, name).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    arguments = sys.argv[1:] or ["docs/images"]
    where = str(Path(arguments[0]).absolute())  # some scenes work in another directory
    asyncio.run(main(where, arguments[1:] or ["120x40"]))
