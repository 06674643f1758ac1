"""What was run before, by language; kept in the state directory, readable by the user alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from bai_tui.settings import SettingsError, state_dir, write_private

LIMIT: Final = 500
"""Entries kept of a language."""
LONGEST: Final = 20_000
"""Characters of an entry that is kept."""


class History:
    """Entries of one language, and the place at which one is while looking back."""

    def __init__(self, language: str, path: Path | None = None) -> None:
        self.path = path or state_dir() / "code-history.json"
        self._language = language or "text"
        self._entries = self._read().get(self._language, [])
        self._place = len(self._entries)
        self._draft = ""
        self._changed = False

    def _read(self) -> dict[str, list[str]]:
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(data, dict):
            return {}
        return {
            str(language): [entry for entry in entries if isinstance(entry, str)][-LIMIT:]
            for language, entries in data.items()
            if isinstance(entries, list)
        }

    def add(self, code: str) -> None:
        """Remember; the same as the last one is not remembered twice."""
        if len(code) <= LONGEST and (not self._entries or self._entries[-1] != code):
            self._entries = [*self._entries, code][-LIMIT:]
            self._changed = True
        self._place, self._draft = len(self._entries), ""

    def step(self, step: int, typed: str) -> str | None:
        """The entry before or after; what was typed meanwhile comes back at the end."""
        if self._place == len(self._entries):
            self._draft = typed
        place = self._place + step
        if not 0 <= place <= len(self._entries):
            return None
        self._place = place
        return self._draft if place == len(self._entries) else self._entries[place]

    def save(self) -> None:
        """Write; another window's languages are kept. A disk that refuses troubles nobody."""
        if not self._changed:
            return
        self._changed = False
        data = self._read()
        data[self._language] = self._entries
        try:
            write_private(self.path, json.dumps(data, ensure_ascii=False, indent=0))
        except SettingsError:
            return
