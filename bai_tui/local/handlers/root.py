"""`GET /`: which API version and release the cluster speaks."""

from __future__ import annotations

from aiohttp import web

from bai_tui.local.context import LATEST_VERSION, RELEASE
from bai_tui.local.routing import Call, Guard, Needs, Route, add, reply


async def hello(call: Call) -> web.StreamResponse:
    """API version and release (rest-overview.md 1)."""
    return reply({"version": LATEST_VERSION, "manager": RELEASE})


def add_routes(app: web.Application) -> None:
    """Register the root."""
    add(app, [Route("GET", "/", hello, Guard.PUBLIC, Needs.NOTHING)])
