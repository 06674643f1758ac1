"""Dotfiles of a key pair on their way into the home directory of a session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bai_tui.local.folders import inside
from bai_tui.local.problems import InvalidAPIParams
from bai_tui.local.store import Store


def dotfiles_of(store: Store, access_key: str) -> list[dict[str, Any]]:
    """The dotfiles of a key pair: `path` below the home, `perm` in octal digits, `data`."""
    row = store.one("SELECT dotfiles FROM keypairs WHERE access_key = ?", access_key)
    return list(row["dotfiles"]) if row else []


def write_dotfiles(home: Path, files: list[dict[str, Any]]) -> None:
    """Write dotfiles into a home directory; paths that leave it or are directories are skipped."""
    for file in files:
        try:
            path = inside(home, file["path"])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file["data"], "utf-8")
            path.chmod(int(file["perm"], 8))
        except (InvalidAPIParams, OSError):
            continue
