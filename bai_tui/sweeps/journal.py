"""A sweep on disk: one line of JSON for its description, then one for every change of a case.

Appending costs the same however many cases there are, and a program killed in the middle of a
line loses that line alone. Only the user may read it: the environment may hold secrets.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

from bai_tui.sweeps.case import Case
from bai_tui.sweeps.spec import SweepError, SweepSpec

ENDING: Final = ".sweep"
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)


class Journal:
    """The record of one sweep.

    Attributes:
        path: the file. folder: for the outputs of its cases.
    """

    def __init__(self, directory: Path, sweep_id: str) -> None:
        if not _ID.fullmatch(sweep_id):
            raise ValueError(f"{sweep_id!r} cannot name a sweep")
        directory = directory.absolute()
        self.path = directory / f"{sweep_id}{ENDING}"
        self.folder = directory / sweep_id
        self._file: IO[str] | None = None

    def begin(self, head: Mapping[str, Any]) -> None:
        """Write the first line.

        Raises:
            OSError: the directory cannot be written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._file = os.fdopen(descriptor, "a", encoding="utf-8")
        self._write(head)

    def add(self, record: Mapping[str, Any]) -> None:
        """Append a change; raises OSError when the disk refuses."""
        if self._file is None:
            self._mend()
            self._file = self.path.open("a", encoding="utf-8")
        self._write(record)

    def _write(self, record: Mapping[str, Any]) -> None:
        assert self._file is not None
        self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
        self._file.flush()

    def _mend(self) -> None:
        """End a line that was cut off, so that what follows stands on its own."""
        with self.path.open("rb+") as file:
            size = file.seek(0, os.SEEK_END)
            if size and file.seek(size - 1) >= 0 and file.read(1) != b"\n":
                file.write(b"\n")

    def read(self) -> Iterator[dict[str, Any]]:
        """The records; lines that were cut off are left out."""
        with self.path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                with suppress(ValueError):
                    record = json.loads(line)
                    if isinstance(record, dict):
                        yield record

    def close(self) -> None:
        """Close the file."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def delete(self) -> None:
        """Remove the record; what was collected stays where it is unless it is empty."""
        self.close()
        self.path.unlink(missing_ok=True)


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
