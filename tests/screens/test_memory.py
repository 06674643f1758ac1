"""What was closed is let go of."""

from __future__ import annotations

import gc
from pathlib import Path

from textual._styles_cache import StylesCache

from tests.conftest import ThreadedCluster
from tests.screens.driving import Driver, program


def pictures() -> int:
    """How many widgets' pictures are kept."""
    gc.collect()
    return sum(isinstance(kept, StylesCache) for kept in gc.get_objects())


async def open_and_close(d: Driver) -> None:
    await d.press("question_mark")
    await d.shows("keys:")
    await d.press("escape")
    await d.hides("keys:")
    await d.press("n")
    await d.shows("Cluster size")
    await d.press("escape")
    await d.hides("Cluster size")


async def test_closed_screens_leave_no_pictures(cluster: ThreadedCluster, tmp_path: Path) -> None:
    async with program(cluster.config_for("user"), tmp_path) as d:
        await d.shows("live")
        await open_and_close(d)
        kept = pictures()
        for _ in range(3):
            await open_and_close(d)
        assert pictures() <= kept + 5
