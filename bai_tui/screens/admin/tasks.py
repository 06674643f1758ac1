"""Following background tasks of the server, where it runs long work in them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession


async def follow_task(session: AsyncSession, task: str, tell: Callable[[str], None]) -> None:
    """Tell the progress of a task until it is over (rest-streams.md, background tasks).

    Args:
        task: its id. tell: called with a line for each step.

    Raises:
        BackendAPIError: it failed, or the server does not know it.
    """
    from bai_tui.api.exceptions import BackendAPIError
    from bai_tui.api.request import Request

    request = Request(session, "GET", "events/background-task", params={"task_id": task})
    async with request.connect_events() as stream:
        async for event in stream:
            data = _decoded(event.data)
            name = (event.event or "").removeprefix("bgtask_").removeprefix("task_")
            message = str(data.get("message") or "")
            if name == "updated":
                now, whole = data.get("current_progress"), data.get("total_progress")
                share = f" {now}/{whole}" if whole else ""
                tell(f"rescanning…{share} {message}".strip())
            elif name in ("failed", "cancelled"):
                raise BackendAPIError(500, "Task failed", {"title": message or f"task {name}"})
            elif name in ("done", "partial_success", "already_done"):
                return


def _decoded(text: str) -> dict[str, object]:
    try:
        data = json.loads(text)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
