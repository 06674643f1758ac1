"""What the dashboard costs: start, first shows, filter, floods of events, idle.

python -m benchmarks.dashboard [PART ...] [--seconds N]

start   first paint, against an empty Textual app
show    the first time a screen is shown, from the key until it is painted
filter  a key in the filter of 10,000 sessions, until the filtered table is painted
events  1,000 events a second: keys meanwhile, memory, the log afterwards; `--seconds`: 60
idle    CPU and bytes written while nothing happens, after every main view was shown
memory  after an hour of use, told in some minutes, to that after five; `--seconds`: for all of it

All run when no part is named. Programs run in pseudo-terminals of 120x40 and are
measured from outside, from the key written to the last byte painted. Every figure is shown with
its bar and the ratio of both: above 1.00 the bar is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
import time
from collections.abc import Callable, Iterator

from bai_tui.actions import MAIN_VIEWS
from bai_tui.api import AsyncSession
from benchmarks import floods, using
from benchmarks.figures import Figure, show
from benchmarks.harness import PYTHON, TerminalProgram
from benchmarks.programs import Cluster, cluster, dashboard
from benchmarks.startup import EMPTY_APP, first_paint, unreachable

SHOW, FILTER, START, IDLE = 0.1, 0.05, 2.2, 0.005
"""Bars: seconds, seconds, times, share of a core."""

LOOK = 5.0
"""Seconds a person looks at the first picture."""

LOADED = 12.0
"""Seconds after which modules, lists and schemas have been loaded, and nothing is left to do."""

KEYS = {"grave_accent": "`"}

DIALOGS = (
    # Name, key in the list of sessions, a part of what it paints.
    ("help", b"?", "keys: sessions"),
    ("palette", b"\x10", "earch for commands"),  # its cursor is on the first letter
    ("messages", b"!", "▸ messages"),
    ("new session", b"n", "▸ new"),
    ("one session", b"\r", "▸ train-resnet"),
    ("logs", b"l", "▸ logs"),
    ("actions of a row", b"a", "Actions"),
    ("columns", b"w", "Columns"),
    ("terminate", b"\x04", "erminate"),
    ("code", b"r", "▸ code"),
)


def start(seconds: float) -> None:
    """First paint."""
    ours, empty = [], []
    with unreachable() as command:
        for number in range(8):
            pair = (
                first_paint([PYTHON, "-c", EMPTY_APP], b"painted"),
                first_paint(command, b"sessions"),
            )
            if number:
                empty.append(pair[0])
                ours.append(pair[1])
    base, found = statistics.median(empty), statistics.median(ours)
    show(
        Figure("empty Textual app, first paint", base * 1000, "ms"),
        Figure("bai-tui, first paint", found * 1000, "ms"),
        Figure("start, to that of an empty app", found / base, "times", START),
    )


def walk(program: TerminalProgram) -> Iterator[tuple[str, float]]:
    """Show every main view; yields its name and the seconds from its key, or from enter."""
    # In the console letters are text, so it comes last.
    for view in sorted(MAIN_VIEWS, key=lambda view: view.name == "graphql"):
        if view.name == "sessions":
            continue
        key = KEYS.get(view.key, view.key).encode()
        if not key:
            program.send(b":")
            program.settle()
            program.send(view.name.encode())
            program.settle()
        at = len(program.output)
        began = program.send(key or b"\r")
        title = re.compile(rf"▸ {view.name.replace('-', '.')}".encode())
        yield view.name, program.wait_for(title, start=at) - began
        program.settle()


def first_shows(seconds: float) -> None:
    """Every main view, and what opens over the list of sessions, once."""
    found = []

    def told(name: str, took: float) -> None:
        found.append(took)
        show(Figure(f"first show: {name}", took * 1000, "ms", SHOW * 1000))

    with cluster(20) as busy, dashboard(busy, text="train-resnet") as program:
        time.sleep(LOOK)
        for name, took in walk(program):
            told(name, took)
    with cluster(20) as busy, dashboard(busy, text="train-resnet") as program:
        time.sleep(LOOK)
        for name, key, text in DIALOGS:
            at = len(program.output)
            began = program.send(key)
            told(name, program.wait_for(text.encode(), start=at) - began)
            program.settle(0.5)
            program.send(b"\x1b")
            program.settle(0.5)
    show(Figure("first show: median", statistics.median(found) * 1000, "ms", SHOW * 1000))


def filters(seconds: float) -> None:
    """Letter by letter, and back."""
    with cluster(10_000) as busy, dashboard(busy, text="train-resnet") as program:
        program.wait_for(re.compile(rb"10,?000\x1b"), 60)
        program.settle(1.5)
        time.sleep(5)
        program.send(b"/")
        program.settle()
        text, worst = "", []
        for key in "rEsnet-9 user\x7f\x7f\x7f\x7f\x7f":
            text = text[:-1] if key == "\x7f" else text + key
            at = len(program.output)
            began = program.send(key.encode())
            shown = re.compile(rf"/{text.rstrip()} *[0-9,]+/10,?000".encode())
            took = (program.wait_for(shown, start=at) - began) * 1000
            worst.append(took)
            show(Figure(f"filter 10,000 rows: key {key!r}", took, "ms", FILTER * 1000))
            program.settle(0.15)
    show(
        Figure("filter: median", statistics.median(worst), "ms", FILTER * 1000),
        Figure("filter: slowest", max(worst), "ms", FILTER * 1000),
    )


def idle(seconds: float) -> None:
    """An empty app, then the dashboard at rest, with all views shown, and with sessions coming."""
    seconds = seconds or 12
    with TerminalProgram([PYTHON, "-c", EMPTY_APP]) as empty:
        empty.wait_for(b"painted")
        time.sleep(2)
        at_rest(empty, "empty Textual app", seconds)
    with cluster() as local, dashboard(local, text="No sessions") as program:
        time.sleep(LOADED)
        at_rest(program, "idle, first view", seconds, IDLE)
        for _name, _took in walk(program):
            pass
        for key, name in ((b"", "graphql"), (b"1", "home"), (b"5", "events"), (b"2", "sessions")):
            program.send(key)
            program.settle(1)
            time.sleep(LOADED / 2)
            at_rest(program, f"idle on {name}, all views shown", seconds, IDLE)
        began, written = program.cpu_seconds(), len(program.output)
        count = asyncio.run(churn(local, seconds))
        share = (program.cpu_seconds() - began) / seconds
        name = f"{count / seconds:.1f} sessions come and go a second"
        show(Figure(name, share * 100, "% core"))
        show(Figure("  bytes painted", (len(program.output) - written) / seconds, "B/s"))


def at_rest(program: TerminalProgram, name: str, seconds: float, bar: float | None = None) -> None:
    """Show what a program costs that is left alone."""
    share, rate = program.observe(seconds)
    show(
        Figure(name, share * 100, "% core", None if bar is None else bar * 100),
        Figure("  bytes painted", rate, "B/s"),
    )


async def churn(local: Cluster, seconds: float) -> int:
    """Start and end sessions for a while; returns how many."""
    count = 0
    async with AsyncSession(config=local.config) as session:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            kernel = await session.Kernel.get_or_create(
                "python", client_token=f"bench-{count}", resources={"cpu": 1, "mem": "128m"}
            )
            await kernel.destroy()
            count += 1
    return count


PARTS: dict[str, Callable[[float], None]] = {
    "start": start,
    "show": first_shows,
    "filter": filters,
    "events": floods.events,
    "idle": idle,
    "memory": using.memory,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboard")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--seconds", type=float, default=0, help="how long a part observes")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    for part in options.parts or PARTS:
        print(part)
        PARTS[part](options.seconds)


if __name__ == "__main__":
    main()
