"""`/manager`: status (freeze and unfreeze) and the announcement (rest-admin.md 1)."""

from __future__ import annotations

import os

from aiohttp import web

from bai_tui.local.accounting import LIVE
from bai_tui.local.context import Context
from bai_tui.local.params import Field, boolish, nullable, params, text
from bai_tui.local.problems import InvalidAPIParams
from bai_tui.local.routing import Call, Guard, Needs, Route, add, nothing, reply
from bai_tui.local.status import (
    announcement,
    manager_status,
    set_announcement,
    set_manager_status,
)

STATUSES = ("running", "frozen")


def _active_sessions(ctx: Context) -> int:
    return int(ctx.store.value(f"SELECT count(*) FROM kernels WHERE {LIVE}"))


async def get_status(call: Call) -> web.StreamResponse:
    """Status of the manager and of its one node."""
    active = _active_sessions(call.ctx)
    status = manager_status(call.ctx)
    node = {
        "id": "i-local-manager",
        "num_proc": os.cpu_count() or 1,
        "service_addr": call.request.host,
        "heartbeat_timeout": 5.0,
        "ssl_enabled": False,
        "active_sessions": active,
        "status": status,
    }
    return reply({"nodes": [node], "status": status, "active_sessions": active})


async def put_status(call: Call) -> web.StreamResponse:
    """Freeze or unfreeze, as the manual says (real 19.09 servers fail here, rest-admin.md 1.1)."""
    status = call.params["status"].lower()
    if status not in STATUSES:
        raise InvalidAPIParams("Input validation error", {"status": "no such status"})
    if call.params["force_kill"]:
        rows = call.ctx.store.all(f"SELECT * FROM kernels WHERE {LIVE}")
        for row in rows:
            await call.ctx.agent.destroy(row, "force-terminated")
    set_manager_status(call.ctx, status)
    if status == "running":
        call.ctx.scheduler.wake()
    return nothing()


async def get_announcement(call: Call) -> web.StreamResponse:
    """The announcement, if there is one."""
    message = announcement(call.ctx)
    return reply({"enabled": bool(message), "message": message})


async def update_announcement(call: Call) -> web.StreamResponse:
    """Set or remove the announcement."""
    message = ""
    if call.params["enabled"]:
        message = call.params["message"] or ""
        if not message:
            raise InvalidAPIParams("Empty message not allowed to enable announcement")
    set_announcement(call.ctx, message)
    return nothing()


STATUS = params(Field("status"), Field("force_kill", check=boolish, default=False))
ANNOUNCEMENT = params(
    Field("enabled", check=boolish, default=False),
    Field("message", check=nullable(text), default=None),
)
ADMIN, FREE = Guard.SUPERADMIN, Needs.NOTHING
ROUTES = (
    # Its client sends a body that means nothing, so parameters are not read at all.
    Route("GET", "/manager/status", get_status, Guard.PUBLIC, FREE),
    Route("PUT", "/manager/status", put_status, ADMIN, FREE, STATUS),
    Route("GET", "/manager/announcement", get_announcement, Guard.PUBLIC, FREE),
    Route("POST", "/manager/announcement", update_announcement, ADMIN, FREE, ANNOUNCEMENT),
)


def add_routes(app: web.Application) -> None:
    """Register `/manager`."""
    add(app, ROUTES, versions=range(2, 5))
