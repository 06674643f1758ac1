"""The pictures of folders, files and transfers, with an example tree of a data scientist."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

from textual.pilot import Pilot

from bai_tui.api import AsyncSession
from bai_tui.app import BaiApp

FILES = {
    "notes.md": b"# Notes\n\nThe second run was better.\n" * 20,
    "train.py": b"import numpy\n\nprint('hello')\n",
    "results/run-1.csv": b"epoch,loss\n1,0.7\n2,0.4\n" * 40,
    "results/run-2.csv": b"epoch,loss\n1,0.6\n2,0.3\n" * 90,
    "데이터/읽어 주세요.txt": "첫 줄\n".encode(),
}


async def folders_and_files(
    app: BaiApp,
    pilot: Pilot[None],
    shoot: Callable[[str], Awaitable[None]],
    wait: Callable[[float], Awaitable[None]],
) -> None:
    """The list of folders, the two panes, the queue."""
    session: AsyncSession = app.connection.session
    with tempfile.TemporaryDirectory() as home, at_home(Path(home)) as root:
        for name, content in FILES.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_bytes(content)
        with (root / "checkpoint.bin").open("wb") as file:
            file.truncate(600 * 2**20)  # takes some time to move, but no room here
        for name in ("experiments", "checkpoints", ".tools"):
            await session.VFolder.create(name)
        await session.VFolder("experiments").upload(["notes.md", "results", "데이터"], root)
        await session.VFolder("experiments").invite("ro", ["user2@localhost"])
        await pilot.press("3", "ctrl+r")
        await wait(1)
        await pilot.press(*("d" if app.size.width < 160 else ()), "slash", *"exp", "enter")
        await wait(1)
        await shoot("vfolders")
        await pilot.press("enter")
        await wait(1)
        await shoot("files")
        await pilot.press("f5")
        await wait(0.4)
        await pilot.press("down", "down", "down", "enter")  # keep both
        await wait(0.6)
        await pilot.press("tab", "asterisk", "f5")
        await wait(0.4)
        await pilot.press("enter", "T")
        await wait(0.4)
        await shoot("transfers")
        await wait(4)


@contextmanager
def at_home(home: Path) -> Iterator[Path]:
    """Work in a directory of somebody's home: paths are those of people, not of this machine."""
    root = home / "work"
    root.mkdir()
    before = os.environ.get("HOME")
    os.environ["HOME"] = str(home)
    try:
        with chdir(root):
            yield root
    finally:
        if before is None:
            del os.environ["HOME"]
        else:
            os.environ["HOME"] = before
