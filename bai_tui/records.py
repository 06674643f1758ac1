"""Records on disk: one line of JSON each, appended.

Appending costs the same however many there are, and a program killed in the middle of a line
loses that line alone. Only the user may read them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any


class Records:
    """A file of records; the first one says what they are about."""

    def __init__(self, path: Path) -> None:
        self.path = path
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
        self.open()
        self._write(record)

    def open(self) -> None:
        """Be ready to append; raises OSError."""
        if self._file is None:
            self._mend()
            self._file = self.path.open("a", encoding="utf-8")

    def lock(self) -> None:
        """Keep other programs from it while it is open, where the system can do that.

        Raises:
            BlockingIOError: another program has it.
        """
        try:
            import fcntl
        except ImportError:
            return
        assert self._file is not None
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _write(self, record: Mapping[str, Any]) -> None:
        assert self._file is not None
        # In ASCII: names of files need not be valid text.
        self._file.write(json.dumps(record) + "\n")
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
        """Remove the file; raises OSError."""
        self.close()
        self.path.unlink(missing_ok=True)
