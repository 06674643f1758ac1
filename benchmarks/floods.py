"""A thousand events a second for a minute: keys meanwhile, memory, and the log afterwards."""

from __future__ import annotations

import random
import re
import statistics
import tempfile
import time
from pathlib import Path

from bai_tui.feed import LIMIT
from benchmarks.figures import Figure, show
from benchmarks.harness import TerminalProgram
from benchmarks.programs import cluster, dashboard

RATE, SECONDS, SESSIONS = 1000, 60, 200
KEY = 0.05
"""Bar: seconds from key to paint."""
GROWTH = 1.2
"""Bar: memory at the end to that at the end of the log's first filling."""


def typed(program: TerminalProgram, count: int) -> list[float]:
    """Type at the prompt; seconds until each letter is painted."""
    program.send(b":")
    time.sleep(0.3)
    found = []
    for number in range(1, count + 1):
        found.append(_answer(program, b"z", b"z" * number))
        time.sleep(random.uniform(0.1, 0.2))
    program.send(b"\x1b")
    time.sleep(0.3)
    return found


def _answer(program: TerminalProgram, key: bytes, text: bytes) -> float:
    at = len(program.output)
    began = program.send(key)
    return program.wait_for(text, start=at) - began


def paused(program: TerminalProgram, count: int) -> list[float]:
    """Stop following the log and follow again; seconds until that is said."""
    found = []
    for _ in range(count):
        found.append(_answer(program, b"k", b"paused"))
        time.sleep(random.uniform(0.1, 0.2))
        found.append(_answer(program, b"G", b"following"))
        time.sleep(random.uniform(0.1, 0.2))
    return found


def events(seconds: float) -> None:
    """The flood, watched in the log and in the list of sessions."""
    seconds = seconds or SECONDS
    with cluster(SESSIONS) as busy, dashboard(busy, text="train-resnet") as program:
        program.settle(1.5)
        program.send(b"5")
        program.wait_for("▸ events".encode())
        program.settle(1)
        busy.send_events(RATE, seconds)
        began, cpu = time.perf_counter(), program.cpu_seconds()
        keys: dict[str, list[float]] = {"log, prompt": [], "log, pause": [], "sessions, prompt": []}
        memory: list[tuple[float, int]] = []
        while (passed := time.perf_counter() - began) < seconds - 5:
            memory.append((passed, program.memory()))
            program.send(b"5")
            time.sleep(0.4)
            keys["log, prompt"] += typed(program, 8)
            keys["log, pause"] += paused(program, 4)
            program.send(b"2")
            time.sleep(0.4)
            keys["sessions, prompt"] += typed(program, 8)
        program.send(b"5")
        sent = busy.events_sent()
        share = (program.cpu_seconds() - cpu) / (time.perf_counter() - began)
        program.settle(0.5)
        memory.append((time.perf_counter() - began, program.memory()))
        for name, values in keys.items():
            report(f"{RATE} events/s: {name}", values)
        full = [size for passed, size in memory if passed > 1.2 * LIMIT / RATE] or [memory[0][1]]
        show(
            Figure("events: CPU", share * 100, "% core"),
            Figure("events: memory at first", memory[0][1] / 2**20, "MiB"),
            Figure("events: memory at the end", full[-1] / 2**20, "MiB"),
            Figure("events: memory, end to full log", full[-1] / full[0], "times", GROWTH),
            Figure("events: missing in the log", lost(program, sent), "events", None),
        )


def report(name: str, values: list[float]) -> None:
    """Median, 95th of a hundred, worst."""
    ordered = sorted(values)
    for word, value in (
        ("median", statistics.median(ordered)),
        ("95 %", ordered[int(len(ordered) * 0.95)]),
        ("worst", ordered[-1]),
    ):
        show(Figure(f"{name}, {word} of {len(ordered)}", value * 1000, "ms", KEY * 1000))


def lost(program: TerminalProgram, sent: int) -> int:
    """Export the log; how many of the newest events are not in it, in their order."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "log.csv"
        at = len(program.output)
        program.send(f":export {path}\r".encode())
        program.wait_for(b"rows written", start=at)
        with path.open(newline="") as file:
            text = file.read()
    numbers = [int(number) for number in re.findall(r"number (\d+)", text)]
    wanted = list(range(max(1, sent - LIMIT + 1), sent + 1))
    return len(wanted) - sum(
        a == b for a, b in zip(reversed(numbers), reversed(wanted), strict=False)
    )
