"""The pane as its user feels it, measured from outside: from a key to what it changes.

python -m benchmarks.latency [KEYS]

`bai-tui attach` runs in a pseudo-terminal, on the local cluster over its websocket, with a shell
at the other end; Textual's own Input in an app of ten lines stands beside it in the same run.

echo    from a key to its appearance, in turn: Input, pane, Input, pane, …
flood   while a program in the session prints without end: from ctrl+] to the leader's line, and
        from ctrl+c to the shell's answer
frames  a program that paints the whole screen 60 times a second: how many pictures arrive; and
        how many when Textual paints such pictures alone, without a session or an engine
idle    share of a core while nothing happens
"""

from __future__ import annotations

import asyncio
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bai_tui.api import APIConfig, AsyncSession
from benchmarks.harness import PYTHON, TerminalProgram
from benchmarks.programs import cluster

INPUT_APP = """
from textual.app import App
from textual.widgets import Input
class Typing(App):
    def compose(self):
        yield Input(placeholder="ready")
Typing().run()
"""

PICTURES_APP = """
import random, sys, time
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.strip import Strip
from textual.widget import Widget
columns, lines, seconds = map(int, sys.argv[1:])
chooser = random.Random(1)
styles = [Style(color=f"color({n % 8})", bgcolor=f"color({n // 8})") for n in range(64)]
def row():
    return [Segment(f"word{chooser.randrange(10)}", chooser.choice(styles))
            for _ in range(columns // 5)]
pictures = [[row() for _ in range(lines)] for _ in range(4)]
class Pictures(Widget):
    number, text = 0, "ready"
    def render_line(self, y):
        segments = pictures[self.number % 4][y]
        if not y:
            segments = [Segment(self.text.ljust(20)), *segments[4:]]
        return Strip(segments)
class Painting(App):
    CSS = "Pictures { width: 1fr; height: 1fr; }"
    def compose(self):
        yield Pictures()
    def on_key(self):
        self.began = time.perf_counter()
        self.timer = self.set_interval(1 / 60, self.paint)
    def paint(self):
        widget = self.query_one(Pictures)
        widget.number += 1
        widget.text = f"F{widget.number:05d}F"
        if time.perf_counter() - self.began > seconds:
            self.timer.stop()
            widget.text = f"drawn-{seconds * 60}-"
        widget.refresh()
Painting().run()
"""

FLOOD = """
import os, random, sys, time
kind, columns, lines = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
chooser = random.Random(1)
words = [f"word{n}" for n in range(99)]
def line(colours):
    return " ".join((f"\\x1b[3{chooser.randrange(8)}m" if colours else "") + chooser.choice(words)
                    for _ in range(columns // 8))
def frame(number):
    rows = []
    for y in range(lines - 1):
        cells = "".join(f"\\x1b[4{chooser.randrange(8)}m\\x1b[3{chooser.randrange(8)}m"
                        + chooser.choice(words)[:5].ljust(5) for _ in range(columns // 5))
        rows.append(f"\\x1b[{y + 1};1H{cells}")
    return rows
if kind == "text":
    block = "\\r\\n".join(line(False) for _ in range(500)).encode()
elif kind == "colours":
    block = "\\r\\n".join(line(True) for _ in range(500)).encode()
elif kind == "screens":
    block = "".join("".join(frame(n)) for n in range(8)).encode()
elif kind == "frames":
    pictures = ["".join(frame(n)) for n in range(4)]
    began, number = time.perf_counter(), 0
    while time.perf_counter() - began < float(sys.argv[4]):
        picture = pictures[number % 4]
        os.write(1, f"\\x1b[?2026h{picture}\\x1b[1;1H\\x1b[0mF{number:05d}F\\x1b[?2026l".encode())
        number += 1
        time.sleep(max(0, began + number / 60 - time.perf_counter()))
    print(f"\\x1b[0m\\x1b[2J\\x1b[Hdrawn-{number}-", flush=True)
    sys.exit()
while True:
    os.write(1, block)
"""

KEYS_IN_FLOOD = 100

SIZES = ((80, 24), (200, 60))


def echoes(program: TerminalProgram, keys: int, seed: int) -> list[float]:
    """Seconds from each key to its appearance."""
    found = []
    chooser = random.Random(seed)
    for number in range(keys):
        character = b"abcdefghijklmnopqrstuvwxyz"[number % 26 : number % 26 + 1]
        if number % 40 == 39:
            program.send(b"\x15")
            time.sleep(0.2)
        start = len(program.output)
        sent = program.send(character)
        found.append(program.wait_for(character, 5, start) - sent)
        time.sleep(chooser.uniform(0.02, 0.08))
    program.send(b"\x15")
    return found


def percentile(values: list[float], share: float) -> float:
    """The value that this share of all does not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def show(name: str, values: list[float]) -> None:
    """Print median and 99th percentile."""
    median, p99 = statistics.median(values), percentile(values, 0.99)
    print(f"  {name:<22} median {median * 1e3:6.2f} ms  p99 {p99 * 1e3:6.2f} ms  n {len(values)}")


@contextmanager
def attached(told: dict[str, str], columns: int, lines: int) -> Iterator[TerminalProgram]:
    """`bai-tui attach` in a terminal of that size."""
    with tempfile.TemporaryDirectory() as state:
        env = {
            "BACKEND_ENDPOINT": told["endpoint"],
            "BACKEND_ACCESS_KEY": told["access_key"],
            "BACKEND_SECRET_KEY": told["secret_key"],
            "XDG_STATE_HOME": state,
            "XDG_CONFIG_HOME": state,
        }
        command = [PYTHON, "-m", "bai_tui", "attach", "latency"]
        with TerminalProgram(command, columns=columns, lines=lines, env=env) as program:
            program.wait_for(b"leaves")
            # All runs share one shell: what the last one typed may still stand in its line.
            program.send(b"\x15")
            time.sleep(1)
            yield program


def echo(told: dict[str, str], columns: int, lines: int, keys: int) -> None:
    """Input and pane in turn, so that a drift of the machine hits both."""
    rounds = 4
    theirs: list[float] = []
    ours: list[float] = []
    with (
        TerminalProgram([PYTHON, "-c", INPUT_APP], columns=columns, lines=lines) as plain,
        attached(told, columns, lines) as pane,
    ):
        plain.wait_for(b"ready")
        time.sleep(1)
        for turn in range(rounds):
            theirs += echoes(plain, keys // rounds, turn)
            ours += echoes(pane, keys // rounds, turn)
    show("Textual's Input", theirs)
    show("the pane", ours)


def flood(told: dict[str, str], script: str, columns: int, lines: int) -> None:
    """Keys of the program, and ctrl+c, while the session prints without end."""
    with attached(told, columns, lines) as program:
        for kind in ("yes", "text", "colours", "screens"):
            command = "yes" if kind == "yes" else f"{PYTHON} {script} {kind} {columns} {lines}"
            program.send(f"{command}\r".encode())
            time.sleep(2)
            before = len(program.output)
            answers = []
            for _ in range(KEYS_IN_FLOOD):
                start = len(program.output)
                sent = program.send(b"\x1d")
                answers.append(program.wait_for(b"leader:", 10, start) - sent)
                # Any key ends it; not escape, which would become one key with the next ctrl+].
                start = len(program.output)
                program.send(b"z")
                program.wait_for("latency ·".encode(), 10, start)
                time.sleep(0.05)
            written = len(program.output) - before
            start = len(program.output)
            sent = program.send(b"\x03")
            time.sleep(0.3)
            program.send(b"clear; echo back-$((40+2))\r")
            came = program.wait_for(b"back-42", 30, start) - sent - 0.3
            show(f"leader, {kind}", answers)
            print(f"    shell back {came:.2f} s after ctrl+c, {written / 1e6:.1f} MB painted")


SECONDS = 5


def frames(told: dict[str, str], script: str, columns: int, lines: int) -> None:
    """Pictures that arrive of those that were drawn, and what they cost."""
    drawing = f"{PYTHON} {script} frames {columns} {lines - 1} {SECONDS}\r".encode()
    with attached(told, columns, lines) as program:
        pictures("the pane", program, drawing)
    command = [PYTHON, "-c", PICTURES_APP, str(columns), str(lines), str(SECONDS)]
    with TerminalProgram(command, columns=columns, lines=lines) as program:
        program.wait_for(b"ready")
        pictures("Textual alone", program, b"\r")


def pictures(name: str, program: TerminalProgram, command: bytes) -> None:
    """Count the pictures a program shows."""
    start, cpu = len(program.output), program.cpu_seconds()
    program.send(command)
    program.wait_for(b"drawn-", 60, start)
    cpu = program.cpu_seconds() - cpu
    time.sleep(0.2)
    output = bytes(program.output[start:])
    drawn = re.search(rb"drawn-(\d+)-", output)
    assert drawn is not None
    shown = len(set(re.findall(rb"F(\d{5})F", output))) / SECONDS
    print(
        f"  {name:<22} {shown:.1f} of {int(drawn[1]) / SECONDS:.1f} pictures a second,"
        f" {cpu / SECONDS:.0%} of a core, {cpu / SECONDS / shown * 1e3:.1f} ms a picture"
    )


def idle(told: dict[str, str], columns: int, lines: int) -> None:
    """What it costs to do nothing."""
    with attached(told, columns, lines) as program:
        time.sleep(2)
        share, written = program.observe(10)
    print(f"  idle                   {share:.2%} of a core, {written:.0f} B/s written")


async def start(told: dict[str, str]) -> None:
    """The session that all runs are attached to."""
    config = APIConfig(
        endpoint=told["endpoint"], access_key=told["access_key"], secret_key=told["secret_key"]
    )
    async with AsyncSession(config=config) as session:
        await session.Kernel.get_or_create(
            "python", client_token="latency", resources={"cpu": 1, "mem": "128m"}
        )


def main(keys: int, what: list[str]) -> None:
    """Measure at both sizes."""
    with cluster() as local, tempfile.TemporaryDirectory() as directory:
        script = Path(directory) / "flood.py"
        script.write_text(FLOOD)
        told = local.told
        asyncio.run(start(told))
        for columns, lines in SIZES:
            print(f"{columns}x{lines}")
            if "echo" in what:
                echo(told, columns, lines, keys)
            if "idle" in what:
                idle(told, columns, lines)
            if "frames" in what:
                frames(told, str(script), columns, lines)
            if "flood" in what:
                flood(told, str(script), columns, lines - 1)


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()]
    kinds = [argument for argument in sys.argv[1:] if not argument.isdecimal()]
    main(*(numbers or [200]), kinds or ["echo", "idle", "frames", "flood"])
