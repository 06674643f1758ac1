"""An hour of use, told in a few minutes: the memory after it to that after five minutes.

A round is a minute of somebody's use: every main view, details and logs, filter, help, palette,
a session that is asked for and cancelled, and a burst of events.
"""

from __future__ import annotations

import asyncio
import re
import time

from bai_tui.actions import MAIN_VIEWS
from bai_tui.api import AsyncSession
from benchmarks.figures import Figure, show
from benchmarks.harness import TerminalProgram
from benchmarks.programs import Cluster, cluster, dashboard

ROUNDS, EARLY = 60, 5
"""Minutes of use, and those after which memory is first read."""
GROWTH = 1.2
"""Bar: memory at the end to that after the early rounds."""
SESSIONS, EVENTS = 200, 600
HOLD, READ = 0.2, 2.0
"""Seconds a view is looked at, and seconds of each minute without a key."""

ESCAPE, ENTER, PALETTE = b"\x1b", b"\r", b"\x10"

AMONG_SESSIONS = (
    (b"2",),
    (b"/", b"train", ENTER, b"j", b"j", b"G", b"g", ESCAPE),
    (ENTER, b"j", ESCAPE),
    (b"l", ESCAPE),
    (b"?", ESCAPE),
    (PALETTE, b"sess", ESCAPE),
    (b"w", ESCAPE),
    (b"n", ESCAPE),
)
"""Keys in the list of sessions; what they open is closed again."""


def memory(seconds: float) -> None:
    """Rounds of use; the program's own memory after the early ones and at the end."""
    with cluster(SESSIONS) as busy, dashboard(busy, text="train-resnet") as program:
        program.settle(1)
        sizes = []
        began = time.perf_counter()
        for number in range(1, ROUNDS + 1):
            _minute(program, busy)
            sizes.append(program.memory())
            if number in (1, EARLY, 15, 30, 45, ROUNDS):
                show(Figure(f"memory after {number} minutes of use", sizes[-1] / 2**20, "MB"))
            due = began + seconds / ROUNDS * number
            time.sleep(max(0.0, due - time.perf_counter()))
        show(Figure("memory at the end, to that early", sizes[-1] / sizes[EARLY - 1], "x", GROWTH))


def _minute(program: TerminalProgram, busy: Cluster) -> None:
    busy.send_events(EVENTS, 1)
    for view in sorted(MAIN_VIEWS, key=lambda view: view.name == "graphql"):
        at = len(program.output)
        for key in (b":", view.name.encode(), ENTER):
            program.send(key)
            time.sleep(0.05)
        program.wait_for(re.compile(rf"▸ {view.name.replace('-', '.')}".encode()), start=at)
        time.sleep(HOLD)
    program.send(ESCAPE)
    for keys in AMONG_SESSIONS:
        for key in keys:
            program.send(key)
            time.sleep(HOLD)
    asyncio.run(_come_and_go(busy))
    busy.events_sent()
    time.sleep(READ)


async def _come_and_go(busy: Cluster) -> None:
    async with AsyncSession(config=busy.config) as session:
        name = f"used-{time.time_ns()}"
        kernel = await session.Kernel.get_or_create(
            "python", client_token=name, resources={"cpu": 1, "mem": "128m"}, enqueue_only=True
        )
        await kernel.destroy()
