"""A program that is killed in the middle of a transfer.

Its argument is a JSON object with the order and how to reach the cluster. It ends by SIGKILL.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from bai_tui.api import APIConfig, AsyncSession
from bai_tui.files import FolderPlace
from bai_tui.transfers import Order, Transfer, Transfers
from tests.transfers.bench import Gate


async def main(what: dict[str, Any]) -> None:
    moved = Transfer.moved

    def fatal(self: Transfer, count: int, name: str) -> None:
        moved(self, count, name)
        if self.done > what["kill_at"]:
            os.kill(os.getpid(), signal.SIGKILL)

    Transfer.moved = fatal  # type: ignore[method-assign]
    config = APIConfig(
        endpoint=what["endpoint"],
        access_key=what["access_key"],
        secret_key=what["secret_key"],
    )
    async with AsyncSession(config=config) as session:
        queue = Transfers(directory=Path(what["kept"]))
        way = queue.ways.through(Gate(session))
        place = FolderPlace(way, what["folder"])
        names = tuple(what["names"])
        queue.add(Order(what["direction"], way, place, names, what["source"], what["target"]))
        await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
