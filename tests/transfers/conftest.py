"""A folder on the local cluster with a queue."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bai_tui.api import AsyncSession
from tests.conftest import ThreadedCluster
from tests.transfers.bench import Bench, Gate


@pytest.fixture
async def bench(cluster: ThreadedCluster, tmp_path: Path) -> AsyncIterator[Bench]:
    async with AsyncSession(config=cluster.config_for("user")) as session:
        name = f"t-{secrets.token_hex(4)}"
        await session.VFolder.create(name)
        bench = Bench(Gate(session), name, tmp_path, cluster)
        try:
            yield bench
        finally:
            await bench.queue.close()
            cluster.faults.clear()
            await session.VFolder(name).delete()
