"""Output of real programs, recorded: the same screen in any pieces, and the same as tmux shows."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from bai_tui.widgets.terminal.emulator import Emulator

RECORDINGS = sorted(Path(__file__).with_name("recordings").glob("*.bin"))
SIZE = re.compile(r"-(\d+)x(\d+)$")
TMUX = shutil.which("tmux")


def size_of(path: Path) -> tuple[int, int]:
    match = SIZE.search(path.stem)
    assert match is not None
    return int(match[1]), int(match[2])


def play(data: bytes, columns: int, lines: int, seed: int | None = None) -> Emulator:
    """The engine after `data`, in one piece or in pieces of sizes by chance."""
    emulator = Emulator(columns, lines, 200)
    if seed is None:
        emulator.feed(data)
        return emulator
    chooser, position = random.Random(seed), 0
    while position < len(data):
        stop = position + chooser.choice((1, 2, 3, 10, 50, 4096))
        emulator.feed(data[position:stop])
        position = stop
    return emulator


def picture(emulator: Emulator) -> object:
    rows = [emulator.line(y) for y in range(-emulator.history_size, emulator.lines)]
    return [(row.runs(), row.wrapped) for row in rows], emulator.cursor, emulator.modes


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_any_pieces_give_the_same_picture(path: Path) -> None:
    data, (columns, lines) = path.read_bytes(), size_of(path)
    whole = play(data, columns, lines)
    assert all(cell_len(line) == columns for line in whole.display)
    for seed in range(4):
        assert picture(play(data, columns, lines, seed)) == picture(whole)


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_every_size_holds_the_recording(path: Path) -> None:
    """A program that is told the wrong size draws nonsense, but never out of the screen."""
    data = path.read_bytes()
    emulator = Emulator(80, 24, 50)
    for number, start in enumerate(range(0, len(data), 500)):
        emulator.feed(data[start : start + 500])
        emulator.resize(1 + number * 37 % 90, 1 + number * 13 % 30)
        assert len(emulator.display) == emulator.lines
        rows = range(-emulator.history_size, emulator.lines)
        assert {cell_len(emulator.line(y).text) for y in rows} == {emulator.columns}


class Tmux:
    """A tmux server of its own, that shows what a file holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"test-{folder.name}"

    def run(self, *command: str) -> str:
        assert TMUX is not None
        return subprocess.run(
            [TMUX, "-L", self.name, "-f", "/dev/null", *command],
            check=True,
            capture_output=True,
            text=True,
            timeout=20,
            env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "TERM": "xterm-256color"},
        ).stdout

    def show(self, data: bytes, columns: int, lines: int) -> tuple[list[str], tuple[int, int]]:
        """Lines without blanks at their ends, and the cursor."""
        source, done = self.folder / "data", self.folder / "done"
        source.write_bytes(data)
        done.unlink(missing_ok=True)
        command = f"stty raw -echo; cat '{source}'; touch '{done}'; exec sleep 60"
        size = ("-x", str(columns), "-y", str(lines))
        self.run("new-session", "-d", "-s", "s", *size, "sleep 60")
        self.run("set-option", "-g", "status", "off")
        self.run("resize-window", "-t", "s", *size)
        self.run("respawn-pane", "-k", "-t", "s", command)
        deadline = time.monotonic() + 10
        while not done.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        before = ""
        while True:
            # tmux reads the last bytes a moment after the program wrote them.
            time.sleep(0.05)
            text = self.run("capture-pane", "-p", "-t", "s")
            where = self.run("display-message", "-p", "-t", "s", "#{cursor_x} #{cursor_y}")
            if text + where == before:
                break
            before = text + where
        self.run("kill-session", "-t", "s")
        x, y = map(int, where.split())
        return [line.rstrip() for line in text.split("\n")[:lines]], (min(x, columns - 1), y)


@pytest.fixture(scope="module")
def tmux(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tmux]:
    if TMUX is None:
        pytest.skip("tmux is not installed: nothing to compare with")
    server = Tmux(tmp_path_factory.mktemp("tmux"))
    server.run("new-session", "-d", "-s", "keep", "sleep 120")
    yield server
    server.run("kill-server")


def ours(data: bytes, columns: int, lines: int) -> tuple[list[str], tuple[int, int]]:
    emulator = play(data, columns, lines)
    return [line.rstrip() for line in emulator.display], emulator.cursor


# tmux measures emoji by its own tables, and tells line drawing characters as letters.
COMPARED = [path for path in RECORDINGS if not path.stem.startswith(("emoji", "curses"))]


@pytest.mark.parametrize("path", COMPARED, ids=lambda path: path.stem)
@pytest.mark.parametrize("part", [0.35, 0.7, 1.0])
def test_tmux_shows_the_same(tmux: Tmux, path: Path, part: float) -> None:
    data, (columns, lines) = path.read_bytes(), size_of(path)
    data = data[: int(len(data) * part)].decode(errors="ignore").encode()
    assert ours(data, columns, lines) == tmux.show(data, columns, lines)


def stream(seed: int) -> bytes:
    """Text and control sequences by chance, of the kinds all terminals agree about.

    Not IL and DL: tmux leaves the cursor in its column, where DEC's terminals go to the first.
    """
    chooser = random.Random(seed)
    numbers = ["", "1", "2", "3", "7", "99"]
    parts = []
    for _ in range(60):
        number, other = chooser.choice(numbers), chooser.choice(numbers)
        parts.append(
            chooser.choice(
                (
                    chooser.choice(("word ", "0123456789", "한글", "é", "\r\n", "\t", "\b")),
                    f"\x1b[{number}{chooser.choice('ABCD@PXSTGd')}",
                    f"\x1b[{number};{other}H",
                    f"\x1b[{chooser.choice(('', '1', '2'))}{chooser.choice('JK')}",
                    chooser.choice(("\x1b[2;5r", "\x1b[r", "\x1bM", "\x1bD", "\x1bE")),
                    # Not origin mode: there tmux alone homes to the corner at DECSTBM.
                    chooser.choice(("\x1b7", "\x1b8", "\x1b[4h", "\x1b[4l")),
                )
            )
        )
    return "".join(parts).encode()


@pytest.mark.parametrize("seed", range(12))
def test_tmux_agrees_on_streams(tmux: Tmux, seed: int) -> None:
    data = stream(seed)
    assert ours(data, 20, 8) == tmux.show(data, 20, 8)
