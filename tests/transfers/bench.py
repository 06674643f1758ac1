"""A folder, a queue, and directories here, for tests of transfers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from bai_tui.api import AsyncSession
from bai_tui.files import FolderPlace
from bai_tui.identity import Identity
from bai_tui.transfers import Order, State, Transfer, Transfers
from bai_tui.transfers.model import Existing
from tests.conftest import ThreadedCluster
from tests.waiting import until

T = TypeVar("T")


class Gate:
    """A connection that is told how it is."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.ready = True
        self.read_only = False
        self.suspected: list[BaseException] = []
        self.label = "test"
        self.endpoint = str(session.config.endpoint)
        self.identity = Identity(session.config.access_key)

    async def write(self, change: Callable[[AsyncSession], Awaitable[T]]) -> T:
        if self.read_only or not self.ready:
            raise RuntimeError("not sent")
        return await change(self.session)

    def suspect(self, error: BaseException) -> None:
        self.suspected.append(error)


class Bench:
    """A folder, a queue, and directories here."""

    def __init__(self, gate: Gate, name: str, root: Path, cluster: ThreadedCluster) -> None:
        self.gate, self.cluster = gate, cluster
        self.place = FolderPlace(gate, name)
        self.here, self.there = root / "here", root / "there"
        self.here.mkdir()
        self.there.mkdir()
        self.states: list[State] = []
        self.queue = Transfers(lambda transfer: self.states.append(transfer.state), root / "kept")
        self.way = self.queue.ways.through(gate)

    def upload(self, *names: str, to: str = "", existing: Existing = "replace") -> Transfer:
        source = str(self.here)
        return self.queue.add(Order("upload", self.way, self.place, names, source, to, existing))

    def download(self, *names: str, source: str = "", existing: Existing = "replace") -> Transfer:
        target = str(self.there)
        return self.queue.add(
            Order("download", self.way, self.place, names, source, target, existing)
        )

    async def put(self, name: str, content: bytes) -> None:
        (self.here / name).write_bytes(content)
        await self.place.folder.upload([name], self.here)


async def over(transfer: Transfer, state: State = State.DONE) -> Transfer:
    await until(lambda: transfer.state is state, f"{state}: {transfer.state} {transfer.note}")
    return transfer


def tree(root: Path) -> dict[str, bytes | None]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None
        for path in root.rglob("*")
    }
