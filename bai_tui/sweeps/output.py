"""What the cases of a sweep leave behind: their logs, their files, and all of it in one folder."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bai_tui.sweeps.case import Case
from bai_tui.sweeps.spec import SEEN, SweepError, exit_status, last_line

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.sweeps.sweep import Sweep

LOG_LIMIT: Final = 4 * 2**20
"""Characters of a log that are kept; the end counts."""


class Output:
    """Keeps the output of one sweep's cases beside its journal."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        self._folder = sweep.journal.folder

    async def keep(self, case: Case, text: str) -> dict[str, Any]:
        """Write a case's log; returns what is now known of the case."""
        path = self._folder / f"{case.number:04d}-{case.attempt}.log"
        changes: dict[str, Any] = {"last_line": last_line(text)}
        code = exit_status(text)
        if code is not None:
            changes["exit_code"] = code
        try:
            await asyncio.to_thread(_write, path, text[-LOG_LIMIT:])
        except OSError as error:
            changes["note"] = f"its log could not be kept: {error.strerror}"
        else:
            changes["log"] = str(path)
        return changes

    async def collect(self, case: Case, session: AsyncSession) -> dict[str, Any]:
        """Fetch a case's files and let it end; returns what is now known of the case."""
        from bai_tui.api.exceptions import BackendError

        kernel = session.Kernel(case.session)
        changes: dict[str, Any] = {}
        target = self._folder / f"{case.number:04d}-{case.attempt}"
        for path in self._sweep.spec.outputs:
            try:
                await asyncio.to_thread(target.mkdir, parents=True, exist_ok=True)
                await kernel.download([path], target)
                changes["files"] = str(target)
            except (BackendError, OSError) as error:
                changes["note"] = f"{path} was not collected: {error}"
        try:
            flag = self._folder / SEEN
            await asyncio.to_thread(_write, flag, "collected\n")
            await kernel.upload([flag], self._folder)
        except (BackendError, OSError) as error:
            # It still waits, so the next look tries again.
            return {**changes, "log": "", "note": f"not collected yet: {error}"}
        return changes


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(text, encoding="utf-8", errors="replace")


def table(sweep: Sweep) -> list[dict[str, Any]]:
    """Every case as a flat record, for export."""
    return [
        {
            "case": case.number,
            **{f"${name}": value for name, value in case.values.items()},
            "state": str(case.state),
            "exit_code": case.exit_code,
            "seconds": round(case.ended - case.began, 1) if case.began and case.ended else None,
            "attempt": case.attempt,
            "session": case.session,
            "last_line": case.last_line,
            "note": case.note,
        }
        for case in sweep.cases
    ]


def gather(sweep: Sweep, target: Path) -> int:
    """Copy logs, files and the table of all cases to a new folder; returns the number of logs.

    Raises:
        SweepError: the folder exists, or cannot be written.
    """
    rows = table(sweep)
    try:
        target.mkdir(parents=True)
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]) if rows else ["case"])
        writer.writeheader()
        writer.writerows(rows)
        (target / "cases.csv").write_text(text.getvalue(), encoding="utf-8")
        (target / "sweep.json").write_text(
            json.dumps({"id": sweep.id, **sweep.spec.to_json()}, indent=1), encoding="utf-8"
        )
        logs = 0
        for case in sweep.cases:
            if case.log and Path(case.log).is_file():
                shutil.copyfile(case.log, target / f"{case.number:04d}.log")
                logs += 1
            if case.files and Path(case.files).is_dir():
                shutil.copytree(case.files, target / f"{case.number:04d}")
    except FileExistsError:
        raise SweepError(f"{target} exists already; choose another name") from None
    except OSError as error:
        raise SweepError(f"{target} cannot be written: {error.strerror or error}") from None
    return logs
