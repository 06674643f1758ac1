"""The state directory: its permissions, its lock, the files with credentials and endpoint."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any


class ClusterError(Exception):
    """The cluster can't run; the text says why and what to do about it."""


class StateLockedError(ClusterError):
    """Another live process runs a cluster on this state directory (`pid`, 0 = unknown)."""

    def __init__(self, directory: Path, pid: int) -> None:
        self.pid = pid
        super().__init__(
            f"the state directory {directory} is in use by another local cluster"
            + (f" (process {pid})" if pid else "")
            + "; stop that one, or choose another directory with --state-dir"
        )


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, all or nothing."""
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)


class StateDir:
    """A state directory, locked between `open` and `close`."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: int | None = None

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.path / "cluster.sqlite3"

    @property
    def endpoint_file(self) -> Path:
        """JSON with endpoint, pid and keys of the running cluster."""
        return self.path / "endpoint.json"

    @property
    def accounts_file(self) -> Path:
        """JSON with the passwords that were generated at the first start."""
        return self.path / "accounts.json"

    def open(self) -> None:
        """Create the directory (0700) and lock it.

        Raises:
            StateLockedError: a live process holds it.
            ClusterError: it can't be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.path.chmod(0o700)
            for name in ("scratches", "vfolders", "vfolders/local"):
                (self.path / name).mkdir(exist_ok=True, mode=0o700)
            lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ClusterError(
                f"can't write to the state directory {self.path}: {error.strerror}; "
                "choose another one with --state-dir"
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(lock, 32, 0).decode("ascii", "replace").strip()
            os.close(lock)
            raise StateLockedError(self.path, int(holder) if holder.isdigit() else 0) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        self._lock = lock

    def close(self) -> None:
        """Give the directory back."""
        if self._lock is not None:
            self.endpoint_file.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def read_json(self, path: Path) -> Any:
        """The content of one of the files, or None if it is missing or damaged."""
        try:
            return json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return None
