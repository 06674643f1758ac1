"""All sweeps of this user: kept on disk, run while the program runs, picked up again after."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bai_tui.sweeps.case import ALIVE, Case, State
from bai_tui.sweeps.journal import ENDING
from bai_tui.sweeps.runner import Link, Runner
from bai_tui.sweeps.spec import SweepError, SweepSpec
from bai_tui.sweeps.sweep import Sweep

if TYPE_CHECKING:
    from bai_tui.feed import ClusterEvent


class Sweeps:
    """The sweeps by id, newest last.

    Args:
        directory: where they are kept.
        link: the connection in use, asked for each time.
        on_change: called with a sweep and those of its cases that changed.
    """

    def __init__(
        self,
        directory: Path,
        link: Callable[[], Link],
        on_change: Callable[[Sweep, Sequence[Case]], None] = lambda sweep, cases: None,
    ) -> None:
        self.directory = directory
        self.on_change = on_change
        self.sweeps: dict[str, Sweep] = {}
        self.unreadable: list[str] = []
        self._link = link
        self._runners: dict[str, Runner] = {}
        self._loading: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Read what earlier runs of the program left; only the first call does anything."""
        if self._loading is None:
            self._loading = asyncio.create_task(self._load())
        await asyncio.shield(self._loading)

    async def _load(self) -> None:
        loaded, self.unreadable = await asyncio.to_thread(_read_all, self.directory)
        known = self.sweeps
        self.sweeps = {sweep.id: sweep for sweep in loaded if sweep.id not in known} | known
        for sweep in loaded:
            sweep.on_change = self._changed

    def _changed(self, sweep: Sweep, cases: Sequence[Case]) -> None:
        self.on_change(sweep, cases)

    def runs(self, sweep: Sweep) -> bool:
        """Whether this program looks after the sweep now."""
        runner = self._runners.get(sweep.id)
        return runner is not None and runner.running

    async def begin(self, spec: SweepSpec, cluster: str, access_key: str) -> Sweep:
        """Start a sweep.

        Raises:
            SweepError: it is wrong as written, or cannot be kept on disk.
        """
        sweep = await asyncio.to_thread(Sweep.new, spec, self.directory, cluster, access_key)
        sweep.on_change = self._changed
        self.sweeps[sweep.id] = sweep
        self._run(sweep)
        self._changed(sweep, ())
        return sweep

    def _run(self, sweep: Sweep) -> None:
        runner = self._runners.get(sweep.id)
        if runner is None:
            runner = self._runners[sweep.id] = Runner(sweep, self._link)
        runner.start()

    def resume(self, sweep: Sweep, access_key: str) -> None:
        """Go on with a sweep that was paused, or left by an earlier run of the program.

        Raises:
            SweepError: it belongs to another cluster or user, or the disk refuses.
        """
        # A key belongs to one user of one cluster; addresses change, that of the local one daily.
        if sweep.access_key != access_key:
            raise SweepError(
                f"{sweep.id} belongs to {sweep.access_key} at {sweep.cluster}; connect there first"
            )
        sweep.set_active(True)
        self._run(sweep)

    def pause(self, sweep: Sweep) -> None:
        """Send no more cases; those that run go on. Raises SweepError when the disk refuses."""
        sweep.set_active(False)

    def stop(self, sweep: Sweep) -> None:
        """Send no more cases and end those that run, if the sweep is to remove them.

        Raises:
            SweepError: the disk refuses.
        """
        sweep.set_active(False)
        for case in sweep.cases:
            if case.state is State.WAITING:
                sweep.change(case, State.STOPPED)
        if sweep.count(ALIVE):
            sweep.stopping = True
            self._run(sweep)

    def retry(self, sweep: Sweep, cases: Iterable[Case], access_key: str) -> int:
        """Run cases again that failed or were stopped; returns how many.

        Raises:
            SweepError: as `resume`.
        """
        chosen = [case for case in cases if case.state in (State.FAILED, State.STOPPED)]
        if chosen:
            for case in chosen:
                sweep.again(case)
            self.resume(sweep, access_key)
        return len(chosen)

    async def delete(self, sweep: Sweep) -> None:
        """Forget a sweep that does not run, with the output kept of it.

        Raises:
            SweepError: it still has sessions, or the disk refuses.
        """
        if sweep.count(ALIVE):
            raise SweepError(f"{sweep.id} still has sessions; stop it first")
        runner = self._runners.pop(sweep.id, None)
        if runner is not None:
            await runner.close()
        try:
            await asyncio.to_thread(sweep.journal.delete)
            await asyncio.to_thread(shutil.rmtree, sweep.journal.folder, ignore_errors=True)
        except OSError as error:
            raise SweepError(f"{sweep.id} cannot be deleted: {error.strerror}") from None
        del self.sweeps[sweep.id]

    def events(self, events: Iterable[ClusterEvent]) -> None:
        """Look at the server earlier when something happened to a session of a sweep."""
        if not self._runners:
            return
        names = {event.session.rpartition("-r")[0] or event.session for event in events}
        for sweep_id, runner in self._runners.items():
            if any(name.startswith(sweep_id) for name in names):
                runner.wake()

    def reconnected(self) -> None:
        """The connection is there again, or another one."""
        for runner in self._runners.values():
            runner.wake()

    async def close(self) -> None:
        """Stop looking after them; what runs on the server goes on."""
        for runner in self._runners.values():
            await runner.close()
        for sweep in self.sweeps.values():
            sweep.journal.close()


def _read_all(directory: Path) -> tuple[list[Sweep], list[str]]:
    sweeps: list[Sweep] = []
    unreadable: list[str] = []
    for path in sorted(directory.glob(f"*{ENDING}")) if directory.is_dir() else ():
        try:
            sweeps.append(Sweep.load(path))
        except SweepError as error:
            unreadable.append(str(error))
    sweeps.sort(key=lambda sweep: sweep.created)
    return sweeps, unreadable
