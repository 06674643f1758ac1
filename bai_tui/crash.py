"""Crash reports: what went wrong is kept in a private file, not thrown at the user."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_state_path
from rich.text import Text

from bai_tui import __version__

KEEP = 10
"""How many reports stay on disk; the oldest go first."""


def report_directory() -> Path:
    """Where crash reports are kept."""
    return user_state_path("bai-tui") / "crashes"


def write_report(error: BaseException, directory: Path | None = None) -> Path:
    """Write the traceback of `error` to a new file readable by the user alone; returns its path.

    Local variables are left out on purpose: they may hold keys.
    """
    directory = directory or report_directory()
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = datetime.now(UTC)
    path = directory / f"{now:%Y%m%dT%H%M%S%f}.txt"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"bai-tui {__version__} on Python {platform.python_version()}, {sys.platform}\n")
        file.write(f"{now.isoformat()}\n\n")
        file.writelines(traceback.format_exception(error))
    for old in sorted(directory.glob("*.txt"))[:-KEEP]:
        old.unlink(missing_ok=True)
    return path


class CrashReports:
    """A mixin for Textual apps: an unexpected error ends in one message and a report, no traceback.

    Put it before `App` among the bases.
    """

    def _fatal_error(self) -> None:
        error = sys.exc_info()[1] or getattr(self, "_exception", None)
        if error is None:
            error = RuntimeError("unknown error")
        try:
            where = f"The details are in {write_report(error)}. Please report it with that file."
        except OSError as problem:
            where = f"No report could be written ({problem})."
        text = f"bai-tui: unexpected error: {type(error).__name__}: {error}\n{where}\n"
        # Printed once the terminal is restored; as plain text, whatever the error says.
        self._exit_renderables.append(Text(text.replace("\x1b", "␛")))  # type: ignore[attr-defined]
        self._close_messages_no_wait()  # type: ignore[attr-defined]
