"""What a case printed: from the session while it runs, from disk once it is over."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bai_tui.diagnosis import explain
from bai_tui.screens.text import TextView
from bai_tui.sweeps.case import Case
from bai_tui.sweeps.sweep import Sweep

INTERVAL: Final = 2
"""Seconds between two readings while following."""


class CaseOutputView(TextView):
    """The log of one case."""

    CRUMB = "output"

    def __init__(self, sweep: Sweep, number: int) -> None:
        super().__init__()
        self._sweep = sweep
        self._case = sweep.cases[number - 1]
        self._seconds = 0
        self._shown = ""

    def crumbs(self) -> list[str]:
        """With its values."""
        values = " ".join(f"{name}={value}" for name, value in self._case.values.items())
        return [*super().crumbs()[:-1], values or str(self._case.number)]

    def grows(self) -> bool:
        """Only while the case is not over."""
        return not self._case.log

    def file_name(self) -> str:
        """Sweep and number."""
        return f"{self._sweep.id}-{self._case.number:04d}"

    def setup(self) -> None:
        """Load."""
        super().setup()
        self.log_view.set_text("loading…")
        self.reload()

    def reload(self) -> None:
        """Read again."""
        self.in_background(self._load, "load")

    async def _load(self) -> None:
        try:
            text = await self._text()
        except Exception as error:
            self.connection.suspect(error)
            text = self._shown or f"The output cannot be had: {explain(error).line}"
            self.log_view.set_follow(False)
        self._shown = text
        self.log_view.set_text(text or "It has printed nothing yet.")
        self.refresh_bars()

    async def _text(self) -> str:
        case = self._case
        if case.log:
            return await asyncio.to_thread(
                Path(case.log).read_text, encoding="utf-8", errors="replace"
            )
        if not case.session:
            return case.note or f"The case is {case.state}."
        answer = await self.connection.session.Kernel(case.session).get_logs()
        result = answer.get("result") if isinstance(answer, dict) else None
        return str((result or {}).get("logs") or "")

    def sweep_changed(self, sweep: Sweep, cases: Sequence[Case]) -> None:
        """It may be over."""
        super().sweep_changed(sweep, cases)
        if sweep is self._sweep and any(case is self._case for case in cases) and self._case.log:
            self.reload()

    def tick(self) -> None:
        """Follow."""
        super().tick()
        self._seconds += 1
        if self._seconds % INTERVAL == 0 and self.log_view.follow and not self._case.log:
            self.reload()
