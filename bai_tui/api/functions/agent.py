"""Worker nodes and the daemons that watch them."""

from __future__ import annotations

from typing import Any

from bai_tui.api.functions.base import BaseFunction, Fields, Item

LIST_FIELDS = (
    "id",
    "addr",
    "status",
    "first_contact",
    "mem_slots",
    "cpu_slots",
    "gpu_slots",
)
DETAIL_FIELDS = (
    "id",
    "status",
    "addr",
    "region",
    "first_contact",
    "cpu_cur_pct",
    "mem_cur_bytes",
    "available_slots",
    "occupied_slots",
)


class AgentAPI(BaseFunction):
    """`session.Agent`; superadmins only."""

    async def list_with_limit(
        self, limit: int, offset: int, status: str = "ALIVE", fields: Fields | None = None
    ) -> Item:
        """One page: `{"items": […], "total_count": int}`."""
        if limit < 0 or offset < 0:
            raise ValueError("limit and offset cannot be negative")
        return await self.page(
            "agent_list",
            fields or LIST_FIELDS,
            {"limit": ("Int!", limit), "offset": ("Int!", offset), "status": ("String", status)},
        )

    async def detail(self, agent_id: str, fields: Fields | None = None) -> Item | None:
        """One agent."""
        return await self.row("agent", fields or DETAIL_FIELDS, {"agent_id": ("String!", agent_id)})


class AgentWatcherAPI(BaseFunction):
    """`session.AgentWatcher` (rest-admin.md); superadmins only."""

    async def get_status(self, agent_id: str) -> Any:
        """State of the agent's service."""
        return _message(await self.read("resource/watcher", {"agent_id": agent_id}))

    async def _act(self, action: str, agent_id: str) -> Any:
        path = f"resource/watcher/agent/{action}"
        return _message(await self.call("POST", path, {"agent_id": agent_id}))

    async def agent_start(self, agent_id: str) -> Any:
        """Start the agent."""
        return await self._act("start", agent_id)

    async def agent_stop(self, agent_id: str) -> Any:
        """Stop the agent."""
        return await self._act("stop", agent_id)

    async def agent_restart(self, agent_id: str) -> Any:
        """Restart the agent."""
        return await self._act("restart", agent_id)


def _message(answer: Any) -> Any:
    return answer["message"] if isinstance(answer, dict) and "message" in answer else answer
