"""The live table beside Textual's DataTable: time to paint, work per update, work at rest.

python -m benchmarks.table [SECONDS]

Limits: 100,000 rows mounted and painted within 50 ms; 10 row updates a second at 120x40 at most
3 % of a core and 10 KB/s to the terminal; nothing written at rest.  Programs run in a real
pseudo-terminal; CPU is the whole program's, read from outside.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from bai_tui.widgets.table.columns import cell_of
from bai_tui.widgets.table.filters import parse_filter
from bai_tui.widgets.table.store import RowStore
from benchmarks.harness import PYTHON, TerminalProgram
from benchmarks.table_demo import COLUMNS, sessions

BEGIN = b"\x1b]2;begin\x07"


def command(kind: str, rows: int, rate: float, *more: str) -> list[str]:
    return [PYTHON, "-m", "benchmarks.table_demo", kind, str(rows), str(rate), *more]


def opening(kind: str, rows: int) -> float:
    """Seconds from opening a view with `rows` rows until its first row is at the terminal."""
    with TerminalProgram(command(kind, rows, 0, "--time")) as program:
        began = program.wait_for(BEGIN)
        return program.wait_for(b"train-resnet-0", timeout=120) - began


def running(kind: str, rows: int, rate: float, seconds: float) -> tuple[float, float]:
    """Share of a core and bytes per second of a table with `rate` row updates a second."""
    with TerminalProgram(command(kind, rows, rate)) as program:
        program.wait_for(b"train-resnet-0", timeout=120)
        time.sleep(2.5)
        return program.observe(seconds)


def milliseconds(work: Callable[[], object], runs: int = 7) -> float:
    """Median of several runs."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def compare(title: str, unit: str, ours: float, theirs: float, limit: float | None = None) -> None:
    note = "" if limit is None else f"  limit {limit:g}: {'kept' if ours <= limit else 'BROKEN'}"
    ratio = f"{theirs / ours:8.1f}x" if ours else "        -"
    print(f"  {title:<40} {ours:9.2f} {theirs:9.2f} {unit:<5}{ratio}{note}")


def model() -> None:
    rows = sessions(100_000)
    store: RowStore[object] = RowStore(lambda row: row.id)  # type: ignore[attr-defined]
    store.set_rows(rows)
    store.haystacks.set_columns(COLUMNS, [column.key for column in COLUMNS])
    print("\nthe model alone, 100,000 rows, ms (no counterpart in DataTable)")

    def show(title: str, work: Callable[[], object]) -> None:
        print(f"  {title:<40} {milliseconds(work):9.2f}")

    def fresh() -> None:
        other: RowStore[object] = RowStore(lambda row: row.id)  # type: ignore[attr-defined]
        other.set_rows(rows)

    show("load, painted from then on", fresh)
    show("reload, nothing changed", lambda: store.set_rows(rows))
    began = time.perf_counter()
    store.haystacks.warm(store.rows, iter(list(store.rows)), 60)
    warm = (time.perf_counter() - began) * 1000
    print(f"  {'texts for the filter, once, in slices':<40} {warm:9.2f}")
    for text in ("train-resnet-9", "!running", "/9{2,}$/", "status:err"):
        wanted = store.haystacks.predicate(parse_filter(text, COLUMNS))
        show(f"filter {text}", lambda wanted=wanted: store.set_filter(wanted))
    store.set_filter(None)
    status = COLUMNS[2]
    show("sort by a number", lambda: store.sort(lambda row: row.cpu))  # type: ignore[attr-defined]
    show("sort by a rendered text", lambda: store.sort(lambda row: cell_of(status, row).text))
    store.sort(lambda row: row.cpu)  # type: ignore[attr-defined]
    loads = iter(range(1, 100))
    show(
        "one row changed and moved",
        lambda: store.upsert([replace(rows[0], cpu=float(next(loads)))]),
    )


def main(seconds: float) -> None:
    print(f"{'':42}  LiveTable DataTable")
    print("opening a view, until the first row is at the terminal")
    for rows, limit in ((1_000, None), (10_000, None), (100_000, 50.0)):
        runs = 3 if rows < 100_000 else 2
        ours, theirs = [], []
        for _ in range(runs):
            ours += [opening("live", rows), opening("live", rows)]
            theirs.append(opening("data", rows))
        best = statistics.median(ours) * 1000
        compare(f"{rows:,} rows", "ms", best, statistics.median(theirs) * 1000, limit)
    print("\n200 rows x 10 columns, 120x40")
    for rate in (0, 1, 10, 100):
        mine, other = running("live", 200, rate, seconds), running("data", 200, rate, seconds)
        title = f"{rate} updates/s" if rate else "at rest"
        compare(
            f"{title}, % of a core", "%", mine[0] * 100, other[0] * 100, 3.0 if rate == 10 else None
        )
        limits = {0: 0.0, 10: 10.0}
        compare(
            f"{title}, to the terminal", "KB/s", mine[1] / 1e3, other[1] / 1e3, limits.get(rate)
        )
    model()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 8.0)
