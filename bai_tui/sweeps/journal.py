"""A sweep on disk: a record of its description, then one for every change of a case.

Only the user may read it: the environment may hold secrets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from bai_tui.records import Records
from bai_tui.sweeps.case import Case
from bai_tui.sweeps.spec import SweepError, SweepSpec

ENDING: Final = ".sweep"
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)


class Journal(Records):
    """The record of one sweep.

    Attributes:
        path: the file. folder: for the outputs of its cases.
    """

    def __init__(self, directory: Path, sweep_id: str) -> None:
        if not _ID.fullmatch(sweep_id):
            raise ValueError(f"{sweep_id!r} cannot name a sweep")
        directory = directory.absolute()
        super().__init__(directory / f"{sweep_id}{ENDING}")
        self.folder = directory / sweep_id


def load_cases(spec: SweepSpec, records: Iterator[dict[str, Any]]) -> tuple[list[Case], bool]:
    """The cases as the journal left them, and whether the sweep was going on."""
    cases = [Case(c.number, c.values) for c in spec.combinations()]
    active = True
    for record in records:
        if isinstance(record.get("active"), bool):
            active = record["active"]
        number = record.get("case")
        if isinstance(number, int) and 1 <= number <= len(cases):
            cases[number - 1].update(record)
    return cases, active


__all__ = ["ENDING", "Journal", "SweepError", "load_cases"]
