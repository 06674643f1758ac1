"""A local cluster with many sessions that can be told to send events, for the other benchmarks.

python -m benchmarks.busy_cluster STATE_DIR SESSIONS

Prints what `python -m bai_tui.local --json` prints. A line `RATE SECONDS` on standard input
makes it send so many events a second, each with its number as the reason; it answers with how
many that were. Ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from bai_tui.local import LocalCluster

BEAT = 0.01
"""Seconds between two bursts of events."""
STEPS = ("kernel_preparing", "kernel_creating", "kernel_started")


def fill(cluster: LocalCluster, count: int) -> list[dict[str, Any]]:
    """Rows of running sessions; there are no processes behind them."""
    store, now = cluster.context.store, cluster.context.clock.now()
    image = store.one("SELECT canonical, registry, tag FROM images")
    owners = store.all(
        """SELECT u.uuid AS user_uuid, u.domain_name, k.access_key, g.group_id
        FROM users u JOIN keypairs k ON k.user = u.uuid
        JOIN association_groups_users g ON g.user_id = u.uuid"""
    )
    assert image is not None
    rows = [
        {
            **owners[number % len(owners)],
            "id": str(uuid.UUID(int=number + 1)),
            "sess_id": f"train-resnet-{number}",
            "sess_type": "INTERACTIVE",
            "image": image["canonical"],
            "registry": image["registry"],
            "tag": image["tag"],
            "agent": "i-local",
            "status": "RUNNING",
            "status_changed": now - timedelta(minutes=number),
            "created_at": now - timedelta(minutes=number),
            "occupied_slots": {"cpu": str(1 + number % 7), "mem": str(2**28 * (1 + number % 5))},
        }
        for number in range(count)
    ]
    with store.transaction():
        for row in rows:
            store.insert("kernels", **row)
    return rows


async def pump(
    cluster: LocalCluster, rows: list[dict[str, Any]], rate: float, seconds: float
) -> int:
    """Send events; returns how many. What a slow moment left out is made up for."""
    loop = asyncio.get_running_loop()
    began, sent = loop.time(), 0
    while sent < rate * seconds:
        due = min(int((loop.time() - began) * rate), round(rate * seconds))
        for number in range(sent, due):
            row = rows[number // len(STEPS) % len(rows)]
            cluster.context.events.publish(STEPS[number % len(STEPS)], row, f"number {number + 1}")
        sent = max(sent, due)
        await asyncio.sleep(BEAT)
    return sent


async def main(state: Path, count: int) -> None:
    async with LocalCluster(state) as cluster:
        rows = fill(cluster, count)
        print(json.dumps(cluster.announcement()), flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            rate, seconds = map(float, line.split())
            print(await pump(cluster, rows, rate, seconds), flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
