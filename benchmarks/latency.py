"""From a key to its echo on the screen, seen from outside, beside Textual's own Input.

python -m benchmarks.latency [KEYS]

The pane runs on the local cluster over its websocket, with the user's shell at the other end.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time

from bai_tui.api import APIConfig, AsyncSession
from benchmarks.dashboard import cluster
from benchmarks.harness import PYTHON, TerminalProgram

INPUT_APP = """
from textual.app import App
from textual.widgets import Input
class Typing(App):
    def compose(self):
        yield Input(placeholder="ready")
Typing().run()
"""


def echoes(program: TerminalProgram, keys: int) -> list[float]:
    """Seconds from each key to its appearance."""
    found = []
    chooser = random.Random(1)
    for number in range(keys):
        character = b"abcdefghijklmnopqrstuvwxyz"[number % 26 : number % 26 + 1]
        if number % 40 == 39:
            program.send(b"\x15")
            time.sleep(0.2)
        start = len(program.output)
        sent = program.send(character)
        found.append(program.wait_for(character, 5, start) - sent)
        time.sleep(chooser.uniform(0.02, 0.08))
    return found


def show(name: str, values: list[float]) -> None:
    ordered = sorted(values)
    p99 = ordered[int(len(ordered) * 0.99)]
    median = statistics.median(ordered)
    print(f"  {name:<22} median {median * 1e3:6.2f} ms  p99 {p99 * 1e3:6.2f} ms")


async def start(told: dict[str, str]) -> None:
    config = APIConfig(
        endpoint=told["endpoint"], access_key=told["access_key"], secret_key=told["secret_key"]
    )
    async with AsyncSession(config=config) as session:
        await session.Kernel.get_or_create(
            "python", client_token="latency", resources={"cpu": 1, "mem": "128m"}
        )


def main(keys: int) -> None:
    for columns, lines in ((80, 24), (200, 60)):
        print(f"{columns}x{lines}")
        with TerminalProgram([PYTHON, "-c", INPUT_APP], columns=columns, lines=lines) as program:
            program.wait_for(b"ready")
            time.sleep(1)
            show("Textual's Input", echoes(program, keys))
        with cluster() as told, tempfile.TemporaryDirectory() as state:
            asyncio.run(start(told))
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
                time.sleep(1)
                show("the pane", echoes(program, keys))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 150)
