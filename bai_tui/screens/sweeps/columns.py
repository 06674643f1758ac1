"""The columns of the sweeps and of the cases of one; the rows are copies, so that changes show."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bai_tui.api.ranges import RangeExpression
from bai_tui.sweeps.case import ALIVE, OVER, Case, State
from bai_tui.sweeps.sweep import Sweep
from bai_tui.widgets.table.columns import Cell, Column
from bai_tui.widgets.text import cell_len, format_age

CASE_STATE: Final[Mapping[State, tuple[str, str]]] = {
    State.WAITING: ("muted", "·"),
    State.SENDING: ("accent", "↑"),
    State.QUEUED: ("warning", "◌"),
    State.RUNNING: ("success", "●"),
    State.DONE: ("muted", "✓"),
    State.FAILED: ("error", "✗"),
    State.STOPPED: ("muted", "⊘"),
}
BAR: Final = 14
WIDEST: Final = 18
"""Cells that a value of a range gets at most."""


@dataclass(frozen=True, slots=True)
class SweepRow:
    """A sweep as the list shows it."""

    id: str
    state: str
    total: int
    over: int
    done: int
    failed: int
    alive: int
    created: float
    cluster: str
    image: str
    command: str
    hold: str

    @classmethod
    def of(cls, sweep: Sweep, *, runs: bool) -> SweepRow:
        """The sweep now; `runs`: whether this program looks after it."""
        return cls(
            sweep.id,
            state_of(sweep, runs=runs),
            len(sweep.cases),
            sweep.count(OVER),
            sweep.counts[State.DONE],
            sweep.counts[State.FAILED],
            sweep.count(ALIVE),
            sweep.created,
            sweep.cluster,
            sweep.spec.image,
            sweep.spec.command,
            sweep.hold,
        )


def state_of(sweep: Sweep, *, runs: bool) -> str:
    """One word for how a sweep is."""
    if sweep.over:
        return "failed" if sweep.counts[State.FAILED] else "finished"
    if sweep.stopping:
        return "stopping"
    if sweep.unfinished and not runs:
        return "interrupted"
    if not sweep.active:
        return "paused"
    return "held" if sweep.hold else "running"


SWEEP_STATE: Final[Mapping[str, tuple[str, str]]] = {
    "running": ("success", "●"),
    "held": ("warning", "◌"),
    "paused": ("warning", "‖"),
    "interrupted": ("warning", "↯"),
    "stopping": ("warning", "◍"),
    "finished": ("muted", "✓"),
    "failed": ("error", "✗"),
}


def _state(row: SweepRow) -> Cell:
    return Cell(row.state, *SWEEP_STATE[row.state])


def progress(over: int, total: int, width: int = BAR) -> str:
    """A bar and the numbers behind it."""
    full = width * over // total if total else 0
    return f"{'━' * full}{'┄' * (width - full)} {over}/{total}"


SWEEP_COLUMNS: Final[tuple[Column[SweepRow], ...]] = (
    Column(key="name", label="SWEEP", min_width=14, max_width=46, priority=100, cut="middle",
           render=lambda r: r.id),
    Column(key="state", label="STATE", width=13, priority=100, render=_state, watch=True),
    Column(key="progress", label="PROGRESS", width=BAR + 12, priority=95,
           render=lambda r: Cell(progress(r.over, r.total), "accent"),
           sort_key=lambda r: r.over / max(1, r.total)),
    Column(key="alive", label="LIVE", width=4, align="right", priority=80,
           render=lambda r: str(r.alive) if r.alive else "", sort_key=lambda r: r.alive),
    Column(key="failed", label="FAILED", width=6, align="right", priority=90,
           render=lambda r: Cell(str(r.failed), "error", "") if r.failed else "",
           sort_key=lambda r: r.failed),
    Column(key="age", label="AGE", width=6, align="right", priority=82, live=True,
           descending=True, searchable=False,
           render=lambda r: format_age(time.time() - r.created),
           sort_key=lambda r: r.created,
           value=lambda r: datetime.fromtimestamp(r.created, UTC)),
    Column(key="command", label="COMMAND", min_width=16, flex=2, priority=50,
           render=lambda r: Cell(r.command, "muted")),
    Column(key="hold", label="IN THE WAY", min_width=16, flex=2, priority=70,
           render=lambda r: Cell(r.hold, "warning")),
    Column(key="cluster", label="CLUSTER", width=14, priority=40, cut="middle",
           render=lambda r: Cell(r.cluster, "muted")),
    Column(key="image", label="IMAGE", width=24, priority=30, cut="middle", optional=True,
           render=lambda r: r.image),
)  # fmt: skip


def seconds(case: Case) -> float | None:
    """How long a case runs or ran."""
    if case.began is None:
        return None
    return (case.ended if case.ended is not None else time.time()) - case.began


def _case_state(case: Case) -> Cell:
    again = f" ({case.attempt})" if case.attempt > 1 else ""
    return Cell(f"{case.state}{again}", *CASE_STATE[case.state])


def _exit(case: Case) -> Cell:
    if case.exit_code is None:
        return Cell("")
    return Cell(str(case.exit_code), "error" if case.exit_code else "muted")


def number_key(text: str) -> tuple[int, float, str]:
    """Sorts numbers as numbers and before words."""
    try:
        return (0, float(text), "")
    except ValueError:
        return (1, 0.0, text)


def widths_of(ranges: Sequence[str]) -> dict[str, int]:
    """Names of ranges, and the cells that their values need; the ranges can be read."""
    expressions = map(RangeExpression.parse, ranges)
    return {e.name: max(map(cell_len, (f"${e.name} ", *e.values))) for e in expressions}


def value_columns(widths: Mapping[str, int]) -> list[Column[Case]]:
    """A column for each range."""
    return [
        Column(
            key=f"${name}", label=f"${name}", width=min(width, WIDEST), priority=90 - place,
            cut="middle",
            render=lambda case, name=name: case.values.get(name, ""),  # type: ignore[misc]
            sort_key=lambda case, name=name: number_key(  # type: ignore[misc]
                case.values.get(name, "")
            ),
        )
        for place, (name, width) in enumerate(widths.items())
    ]  # fmt: skip


def _last(case: Case) -> Cell:
    """What it printed last, after what went wrong with it."""
    if case.note:
        return Cell(" · ".join(filter(None, (case.note, case.last_line))), "warning")
    return Cell(case.last_line, "muted" if case.state is not State.RUNNING else "")


def case_columns(ranges: Sequence[str]) -> tuple[Column[Case], ...]:
    """The columns of a sweep with these ranges."""
    return (
        Column(key="case", label="#", width=5, align="right", priority=100,
               render=lambda c: str(c.number), sort_key=lambda c: c.number),
        *value_columns(widths_of(ranges)),
        Column(key="state", label="STATE", width=12, priority=100, render=_case_state, watch=True),
        Column(key="exit", label="EXIT", width=4, align="right", priority=92, render=_exit,
               sort_key=lambda c: c.exit_code),
        Column(key="time", label="TIME", width=6, align="right", priority=85, live=True,
               searchable=False, sort_key=seconds, value=seconds,
               render=lambda c: format_age(s) if (s := seconds(c)) is not None else ""),
        Column(key="last", label="LAST LINE", min_width=16, flex=3, priority=95,
               render=_last),
        Column(key="note", label="NOTE", min_width=12, flex=2, priority=30, optional=True,
               render=lambda c: Cell(c.note, "warning")),
        Column(key="session", label="SESSION", width=26, priority=20, cut="middle", optional=True,
               render=lambda c: Cell(c.session, "muted")),
    )  # fmt: skip
