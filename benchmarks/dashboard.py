"""What the dashboard costs while nothing happens, and while sessions come and go.

python -m benchmarks.dashboard [SECONDS]

Limits: idle at most 0.5 % of a core and nothing written to the terminal.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bai_tui.api import APIConfig, AsyncSession
from benchmarks.harness import PYTHON, TerminalProgram
from benchmarks.startup import EMPTY_APP


@contextmanager
def cluster() -> Iterator[dict[str, Any]]:
    """A local cluster of its own process; yields what it announces."""
    with tempfile.TemporaryDirectory() as state:
        process = subprocess.Popen(
            [PYTHON, "-m", "bai_tui.local", "--state-dir", state, "--json", "--exit-with-parent"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.communicate()


async def churn(told: dict[str, Any], seconds: float) -> int:
    """Start and end sessions for a while; returns how many."""
    config = APIConfig(
        endpoint=told["endpoint"], access_key=told["access_key"], secret_key=told["secret_key"]
    )
    count = 0
    async with AsyncSession(config=config) as session:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            kernel = await session.Kernel.get_or_create(
                "python", client_token=f"bench-{count}", resources={"cpu": 1, "mem": "128m"}
            )
            await kernel.destroy()
            count += 1
    return count


def show(name: str, share: float, rate: float) -> None:
    print(f"  {name:<34} {share * 100:6.2f} % of a core  {rate:10.0f} B/s to the terminal")


def main(seconds: float) -> None:
    print(f"120x40, observed for {seconds:.0f} s each")
    with TerminalProgram([PYTHON, "-c", EMPTY_APP]) as empty:
        empty.wait_for(b"painted")
        time.sleep(2)
        show("empty Textual app, idle", *empty.observe(seconds))
    with cluster() as told, tempfile.TemporaryDirectory() as state:
        env = {
            "BACKEND_ENDPOINT": told["endpoint"],
            "BACKEND_ACCESS_KEY": told["access_key"],
            "BACKEND_SECRET_KEY": told["secret_key"],
            "XDG_STATE_HOME": state,
            "XDG_CONFIG_HOME": state,
        }
        with TerminalProgram([PYTHON, "-m", "bai_tui"], env=env) as dashboard:
            dashboard.wait_for(b"No sessions")
            time.sleep(3)
            show("dashboard, no session, idle", *dashboard.observe(seconds))
            asyncio.run(churn(told, 1))
            time.sleep(12)
            # Ages tick once a second while they are counted in seconds.
            began, written = dashboard.cpu_seconds(), len(dashboard.output)
            count = asyncio.run(churn(told, seconds))
            show(
                f"dashboard, {count / seconds:.1f} sessions come and go/s",
                (dashboard.cpu_seconds() - began) / seconds,
                (len(dashboard.output) - written) / seconds,
            )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 15)
