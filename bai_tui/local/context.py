"""What every part of the running cluster shares, and the application key it is found under."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from bai_tui.local.clock import Clock
from bai_tui.local.faults import Faults
from bai_tui.local.store import Store

if TYPE_CHECKING:
    from bai_tui.local.agent import Agent
    from bai_tui.local.events import EventBus
    from bai_tui.local.scheduler import Scheduler

RELEASE = "19.09.27"
"""Release of the manager that the cluster speaks as."""

LATEST_VERSION = "v4.20190615"
"""Newest API version of that release."""


@dataclass
class Context:
    """The running cluster.

    `events`, `agent` and `scheduler` are set by `server.create_app` right after construction
    (they take the context itself), before any request or start-up hook runs.
    """

    state_dir: Path
    store: Store
    clock: Clock
    faults: Faults
    slots: dict[str, str]
    """Capacity of the one agent: slot name to decimal text."""
    events: EventBus = field(init=False)
    agent: Agent = field(init=False)
    scheduler: Scheduler = field(init=False)

    @property
    def scratch_root(self) -> Path:
        """Where the agent keeps the sessions' home directories (`scratches/<kernel id>`)."""
        return self.state_dir / "scratches"

    @property
    def vfolder_root(self) -> Path:
        """Mount root of the folder hosts; see `folder_path`."""
        return self.state_dir / "vfolders"

    def folder_path(self, host: str, folder_id: str) -> Path:
        """Directory with the content of one folder (`folder_id`: 32 hex digits)."""
        return self.vfolder_root / host / folder_id


CONTEXT: web.AppKey[Context] = web.AppKey("context", Context)
