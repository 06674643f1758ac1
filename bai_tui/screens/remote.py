"""Base of the lists that are asked for as a whole: load, reload, stale, offline, errors."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar

from bai_tui.diagnosis import explain
from bai_tui.feed import GAP, POLL, ClusterEvent
from bai_tui.screens.listing import ListView
from bai_tui.widgets.table import LiveTable


class RemoteListView(ListView):
    """A `ListView` whose rows `fetch` gets; old rows stay until new ones came."""

    FOCUS_AGAIN: ClassVar[float] = 30.0
    """Seconds after which the list is asked for again when the view is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._generation = -1
        self._loaded_at: float | None = None
        self._set_up = False

    async def fetch(self) -> Sequence[Any]:
        """All rows."""
        raise NotImplementedError

    def loaded(self, rows: Sequence[Any]) -> None:
        """The rows came."""
        self.table.set_rows(rows)

    def setup(self) -> None:
        """A skeleton until the rows are there."""
        super().setup()
        self._set_up = True
        self.table.loading_rows = True
        self.connection_changed()

    def stale_since(self) -> float | None:
        """When the rows came."""
        return self._loaded_at

    def connection_changed(self) -> None:
        """(Re)connected: ask again. Lost: the rows stay, marked stale."""
        super().connection_changed()
        if not self._set_up or not self.query(LiveTable):
            return  # not yet, or not any more
        connection = self.connection
        if connection.ready and connection.generation != self._generation and self.painted:
            self._generation = connection.generation
            self.reload()
        self.table.stale = not connection.ready and self._loaded_at is not None
        if self._loaded_at is None and connection.problem is not None and not connection.ready:
            problem = connection.problem
            steps = "\n".join(problem.steps)
            self.table.error_text = f"{problem.what}\n{problem.why}\n\n{steps}\nctrl+r retries"
            self.table.loading_rows = False

    def cluster_events(self, events: Sequence[ClusterEvent]) -> None:
        """Servers send no events about these things; without a stream, polls stand for them."""
        if self.is_mounted and self.app.screen is self and any(e.name == POLL for e in events):
            self.reload()
        if self.is_mounted and any(e.name == GAP for e in events):
            self.reload()

    def resumed(self) -> None:
        """Shown again: what is old is asked for again."""
        super().resumed()
        now = asyncio.get_running_loop().time()
        if self._loaded_at is not None and now - self._loaded_at > self.FOCUS_AGAIN:
            self.reload()

    def reload(self) -> None:
        """Ask for the rows; those shown stay meanwhile."""
        if self.connection.ready:
            self.in_background(self._load, "list")

    async def _load(self) -> None:
        try:
            rows = await self.fetch()
        except Exception as error:
            self.connection.suspect(error)
            if self._loaded_at is None:
                problem = explain(error)
                steps = "\n".join(problem.steps)
                self.table.error_text = f"{problem.what}\n{problem.why}\n\n{steps}\nctrl+r retries"
                self.table.loading_rows = False
            else:
                self.report(error, "refresh")
            return
        if not self.is_mounted:
            return
        self._loaded_at = asyncio.get_running_loop().time()
        self.table.error_text = ""
        self.table.loading_rows = False
        self.loaded(rows)
        self.table.stale = not self.connection.ready
        self.refresh_bars()

    def on_row_highlighted(self) -> None:
        """Other hints."""
        self.refresh_bars()
