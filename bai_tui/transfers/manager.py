"""The manager: which transfers run, and what becomes of those that cannot.

It calls back when a transfer changes its state; how far one is, whoever shows it looks by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bai_tui.files.model import PlaceError
from bai_tui.transfers.model import ACTIVE, FAILURES, UNFINISHED, Order, State, Transfer
from bai_tui.transfers.ways import Connected, Way, Ways

if TYPE_CHECKING:
    from bai_tui.transfers.kept import Found
    from bai_tui.transfers.pieces import Piece

AT_ONCE: Final = 2
"""Transfers that run at the same time; each moves a few files at a time."""
PAUSES: Final = (2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds before a transfer is tried again while the connection seems to be good."""
HOPELESS: Final = 10
"""Files that fail one after the other before the rest is not tried."""
KEPT: Final = 200
"""Finished transfers that are remembered."""

OnChange = Callable[[Transfer], None]


class Transfers:
    """The queue.

    Args:
        on_change: called when a transfer was added or changed its state.
        directory: where unfinished ones are kept for later runs of the program; None: nowhere.

    Attributes:
        loaded: what earlier runs left was looked for.
    """

    def __init__(
        self, on_change: OnChange = lambda transfer: None, directory: Path | None = None
    ) -> None:
        self.on_change = on_change
        self.directory = directory
        self.ways = Ways()
        self.loaded = False
        self._all: dict[int, Transfer] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._withdrawing: set[asyncio.Task[None]] = set()
        self._count = 0
        self._closed = False

    def __iter__(self) -> Iterator[Transfer]:
        return iter(list(self._all.values()))

    def __len__(self) -> int:
        return len(self._all)

    @property
    def unfinished(self) -> list[Transfer]:
        """Those that would be lost with the program."""
        return [t for t in self._all.values() if t.state in UNFINISHED]

    @property
    def active(self) -> list[Transfer]:
        """Those that move something just now."""
        return [t for t in self._all.values() if t.state in ACTIVE]

    # What earlier runs left.

    async def load(self) -> list[Transfer]:
        """Pick up what earlier runs of the program left; it is paused until somebody resumes it."""
        if self.directory is None:
            return []
        from bai_tui.transfers import kept

        found = await asyncio.to_thread(kept.load, self.directory, self.ways.to)
        self.loaded = True
        return [self._restore(one) for one in found]

    def _restore(self, found: Found) -> Transfer:
        transfer = self._new(found.order)
        transfer.state = State.PAUSED
        transfer.note = "left by an earlier run of the program; p goes on"
        transfer.kept, transfer.finished, transfer.tickets = (
            found.kept,
            found.finished,
            found.tickets,
        )
        transfer.total, transfer.files = found.total, found.files
        transfer.done = sum(mark.size for mark in found.finished.values())
        transfer.files_done = len(found.finished)
        self.on_change(transfer)
        return transfer

    # What people do.

    def add(self, order: Order) -> Transfer:
        """Put an order into the queue.

        Raises:
            PlaceError: it is in the queue already, or the place takes nothing.
        """
        if any(t.order.same == order.same for t in self.unfinished):
            raise PlaceError("this is in the queue already")
        if order.direction == "upload" and (reason := order.place.obstacle("put")):
            raise PlaceError(reason)
        transfer = self._new(order)
        finished = [t for t in self._all.values() if t.over]
        for old in finished[: max(0, len(finished) - KEPT)]:
            self.forget(old)
        self._keep(transfer)
        self.on_change(transfer)
        self._pump()
        return transfer

    def _new(self, order: Order) -> Transfer:
        self._count += 1
        transfer = self._all[self._count] = Transfer(self._count, order)
        return transfer

    def _keep(self, transfer: Transfer) -> None:
        """Have it on disk."""
        if transfer.kept is None and self.directory is not None:
            from bai_tui.transfers.kept import Kept

            transfer.kept = Kept.new(self.directory, transfer.order)

    def _drop(self, transfer: Transfer) -> None:
        """It is over, or given up: nothing is left to go on with."""
        transfer.finished.clear()
        transfer.tickets.clear()
        kept, transfer.kept = transfer.kept, None
        if kept is not None:
            kept.remove()

    def pause(self, transfer: Transfer, note: str = "") -> None:
        """Stop it for now; what moved is kept."""
        if transfer.state in UNFINISHED:
            self._stop(transfer, State.PAUSED, note)

    def resume(self, transfer: Transfer) -> None:
        """Go on with a paused, waiting or failed one."""
        if transfer.state in (State.PAUSED, State.WAITING, State.FAILED, State.CANCELLED):
            self._queue(transfer)

    def cancel(self, transfer: Transfer) -> None:
        """Give it up; unfinished files are removed, finished ones stay."""
        if transfer.state in UNFINISHED or transfer.state is State.FAILED:
            self._stop(transfer, State.CANCELLED)

    def clear(self) -> int:
        """Forget what is over, but not what failed; returns how many."""
        over = [t for t in self._all.values() if t.state in (State.DONE, State.CANCELLED)]
        for transfer in over:
            del self._all[transfer.number]
        return len(over)

    def forget(self, transfer: Transfer) -> None:
        """Take a finished one out of the list."""
        if transfer.over:
            self._all.pop(transfer.number, None)
            self._drop(transfer)

    # What happens around.

    def connection_changed(self, connection: Connected) -> None:
        """The connection in use is another one, is back, or is not writable any more."""
        self.ways.use(connection)
        for transfer in self:
            gate = transfer.order.gate
            if gate.connection is None:
                self._leave_alone(transfer)
            elif gate.read_only and transfer.order.direction == "upload":
                self.pause(transfer, "read-only mode")
            elif gate.ready and transfer.state is State.WAITING and transfer.retry_at is None:
                self._queue(transfer)

    def _leave_alone(self, transfer: Transfer) -> None:
        """Its cluster is not in use: wait until it is."""
        if transfer.state in UNFINISHED - {State.PAUSED, State.WAITING}:
            self._stop(transfer, State.WAITING, _not_in_use(transfer.order.gate))

    async def close(self) -> None:
        """End all work; nothing is removed, so that it can go on another day."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()
        tasks = [*self._tasks.values(), *self._withdrawing]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for transfer in self._all.values():
            if transfer.kept is not None:
                transfer.kept.close()

    # Work.

    def _set(self, transfer: Transfer, state: State, note: str = "") -> None:
        transfer.state, transfer.note = state, note
        transfer.retry_at = None
        transfer.end()
        timer = self._timers.pop(transfer.number, None)
        if timer is not None:
            timer.cancel()
        transfer.ended = datetime.now(UTC) if transfer.over else None
        if not self._closed:
            self.on_change(transfer)

    def _queue(self, transfer: Transfer) -> None:
        transfer.failures.clear()
        transfer.failed_files = 0
        self._keep(transfer)
        self._set(transfer, State.QUEUED)
        self._pump()

    def _pump(self) -> None:
        """Start what may run."""
        for transfer in self._all.values():
            if len(self._tasks) >= AT_ONCE or self._closed:
                return
            if transfer.state is State.QUEUED and transfer.number not in self._tasks:
                name = f"transfer {transfer.number}"
                self._tasks[transfer.number] = asyncio.create_task(self._run(transfer), name=name)

    def _stop(self, transfer: Transfer, state: State, note: str = "") -> None:
        self._set(transfer, state, note)
        task = self._tasks.get(transfer.number)
        if task is not None:
            task.cancel()  # its end discards, when that is what was wanted
        elif state is State.CANCELLED:
            self._discard(transfer)

    def _discard(self, transfer: Transfer) -> None:
        for piece in transfer.plan or ():
            piece.discard()
        begun = [t.text for name, t in transfer.tickets.items() if name not in transfer.finished]
        if begun:
            task = asyncio.create_task(_withdraw(transfer.order, begun))
            self._withdrawing.add(task)
            task.add_done_callback(self._withdrawing.discard)
        # Another attempt begins anew.
        self._drop(transfer)
        transfer.plan = None
        transfer.done = transfer.total = transfer.files = transfer.files_done = 0
        transfer.skipped = 0

    async def _run(self, transfer: Transfer) -> None:
        try:
            await self._work(transfer)
        except asyncio.CancelledError:
            # Paused or cancelled by a person, or the program ends.
            pass
        except Exception as error:
            self._failed(transfer, error)
        finally:
            self._tasks.pop(transfer.number, None)
            if transfer.state is State.CANCELLED and not self._closed:
                self._discard(transfer)
                self.on_change(transfer)  # nothing is left of what it had moved
            self._pump()

    async def _work(self, transfer: Transfer) -> None:
        from bai_tui.api.transfers import CONCURRENCY, run_all
        from bai_tui.transfers.pieces import SomeFailed
        from bai_tui.transfers.plan import make_plan

        self._set(transfer, State.PREPARING)
        if transfer.plan is None:
            transfer.done = transfer.total = transfer.files = transfer.files_done = 0
            transfer.skipped = transfer.recovered = 0
            transfer.plan = await make_plan(transfer)
            transfer.counted()
        self._set(transfer, State.RUNNING)
        transfer.begin()
        row = 0  # failures one after the other

        async def move(piece: Piece) -> None:
            nonlocal row
            piece.report, piece.recovered = transfer.moved, transfer.recover
            before = piece.done
            try:
                await piece.run()
            except Exception as error:
                if piece.done > before:
                    transfer.tries = 0
                failures = _own_failures(piece, error)
                if not failures or _passing(transfer, error):
                    raise
                if isinstance(error, SomeFailed):
                    transfer.files_done += len(error.whole)
                    transfer.whole(error.whole)
                transfer.failed_files += len(failures)
                transfer.failures += failures[: FAILURES - len(transfer.failures)]
                row += 1
                if row >= HOPELESS:
                    raise
            else:
                row = 0
                transfer.tries = 0
                transfer.files_done += piece.files
                transfer.whole(piece.marks)

        left = [piece for piece in transfer.plan if not piece.complete]
        await run_all((partial(move, piece) for piece in left), CONCURRENCY)
        if transfer.failed_files:
            name, reason = transfer.failures[0]
            many = f"{transfer.failed_files} of {transfer.files} files failed: "
            self._set(
                transfer, State.FAILED, f"{many if transfer.files > 1 else ''}{name}: {reason}"
            )
        else:
            transfer.plan = None
            self._drop(transfer)
            self._set(transfer, State.DONE)

    def _failed(self, transfer: Transfer, error: Exception) -> None:
        """Wait, when waiting can help; else it failed."""
        gate = transfer.order.gate
        gate.suspect(error)
        if gate.connection is None:
            self._set(transfer, State.WAITING, _not_in_use(gate))
        elif gate.read_only and transfer.order.direction == "upload":
            self._set(transfer, State.PAUSED, "read-only mode")
        elif _passing(transfer, error):
            self._set(transfer, State.WAITING, str(error).strip() or type(error).__name__)
            pause = PAUSES[min(transfer.tries, len(PAUSES) - 1)]
            transfer.tries += 1
            if gate.ready:
                # The connection may be found broken only now: `connection_changed` helps then.
                transfer.retry_at = time.monotonic() + pause
                loop = asyncio.get_running_loop()
                self._timers[transfer.number] = loop.call_later(pause, self._retry, transfer)
        else:
            self._set(transfer, State.FAILED, str(error).strip() or type(error).__name__)

    def _retry(self, transfer: Transfer) -> None:
        if transfer.state is not State.WAITING:
            return
        if transfer.order.gate.ready:
            self._queue(transfer)
        else:
            transfer.retry_at = None  # when the connection is back


async def _withdraw(order: Order, begun: Sequence[str]) -> None:
    """Remove what a server has of files that nobody wants any more, where it lets us."""
    from bai_tui.transfers.pieces import kept_there

    paths = [path for path in map(kept_there, begun) if path]
    if paths:
        with suppress(Exception):  # it is out of the way, and not yet a file
            await order.place.delete(paths)


def _not_in_use(gate: Way) -> str:
    return f"it belongs to {gate.cluster.label}, which is not in use"


def _passing(transfer: Transfer, error: BaseException) -> bool:
    from bai_tui.api.transfers import may_pass

    return may_pass(error) or not transfer.order.gate.ready


def _own_failures(piece: Piece, error: Exception) -> list[tuple[str, str]]:
    """What failed of a piece, in words."""
    from bai_tui.transfers.pieces import SomeFailed

    if isinstance(error, SomeFailed):
        return list(error.failures)
    return [(piece.name, str(error).strip() or type(error).__name__)]
