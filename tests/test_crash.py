"""Crash reports: private, bounded, and without the values of variables."""

from __future__ import annotations

import stat
from pathlib import Path

from bai_tui.crash import KEEP, write_report


def crash() -> Exception:
    secret_key = "wJalrXUtnFEMI-very-secret"
    try:
        raise ValueError(f"a fault of {len(secret_key)} characters")
    except ValueError as error:
        return error


def test_report_tells_where_but_not_the_secrets(tmp_path: Path) -> None:
    path = write_report(crash(), tmp_path / "crashes")
    text = path.read_text()
    assert "ValueError: a fault of 25 characters" in text
    assert "test_crash.py" in text
    assert "very-secret" not in text.replace('secret_key = "wJalrXUtnFEMI-very-secret"', "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_old_reports_go_first(tmp_path: Path) -> None:
    paths = [write_report(crash(), tmp_path) for _ in range(KEEP + 3)]
    left = sorted(tmp_path.glob("*.txt"))
    assert left == paths[-KEEP:]
