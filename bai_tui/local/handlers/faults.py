"""`/_local/faults`: switch misbehaviour of a running cluster; not part of the real protocol."""

from __future__ import annotations

from aiohttp import web

from bai_tui.local.faults import CONTROL_PREFIX
from bai_tui.local.params import params
from bai_tui.local.problems import InvalidAPIParams
from bai_tui.local.routing import Call, Guard, Needs, Route, add, reply

PATH = f"{CONTROL_PREFIX}faults"


async def get_faults(call: Call) -> web.StreamResponse:
    """What goes wrong at the moment."""
    return reply(call.ctx.faults.as_dict())


async def change_faults(call: Call) -> web.StreamResponse:
    """Change some faults; answers with all of them."""
    try:
        call.ctx.faults.change(**call.params)
    except ValueError as error:
        raise InvalidAPIParams(str(error)) from None
    return reply(call.ctx.faults.as_dict())


async def clear_faults(call: Call) -> web.StreamResponse:
    """Behave again."""
    call.ctx.faults.clear()
    return reply(call.ctx.faults.as_dict())


SUPER, FREE = Guard.SUPERADMIN, Needs.NOTHING
ROUTES = (
    Route("GET", PATH, get_faults, SUPER, FREE),
    Route("PUT", PATH, change_faults, SUPER, FREE, params(extra=True)),
    Route("DELETE", PATH, clear_faults, SUPER, FREE),
)


def add_routes(app: web.Application) -> None:
    """Register the switch."""
    add(app, ROUTES)
