"""`/resource/usage`, `/resource/stats` and `/resource/watcher` (rest-admin.md 3.2 to 3.4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from bai_tui.local.params import Field, list_of, matching, nullable, params, text
from bai_tui.local.problems import InvalidAPIParams
from bai_tui.local.routing import Call, Guard, Needs, Route, add, reply
from bai_tui.local.seed import AGENT_ID
from bai_tui.local.usage import group_usage, month_series

MAX_PERIOD = timedelta(days=100)
NO_WATCHER = "Agent is not loaded with systemctl."


def _day(digits: str, form: str) -> datetime:
    """Midnight, in this machine's time zone, of a date in digits."""
    try:
        return datetime.strptime(digits, form).astimezone()
    except ValueError:
        raise InvalidAPIParams(msg="Invalid date values") from None


async def per_month(call: Call) -> web.StreamResponse:
    """Use of the groups in a calendar month."""
    begin = _day(call.params["month"], "%Y%m")
    end = (begin + timedelta(days=32)).replace(day=1)
    return reply(group_usage(call.ctx.store, begin, end, call.params["group_ids"]))


async def per_period(call: Call) -> web.StreamResponse:
    """Use of one group, or all, in a range of days, both included."""
    begin = _day(call.params["start_date"], "%Y%m%d")
    end = _day(call.params["end_date"], "%Y%m%d") + timedelta(days=1)
    if end <= begin:
        raise InvalidAPIParams("end_date must be later than start_date.")
    if end - begin > MAX_PERIOD + timedelta(days=1):
        raise InvalidAPIParams("Cannot query more than 100 days")
    group = call.params["group_id"]
    return reply(group_usage(call.ctx.store, begin, end, None if group is None else [group]))


def _series(own: bool) -> Any:
    async def series(call: Call) -> web.StreamResponse:
        user = call.caller.uuid if own else None
        return reply(month_series(call.ctx.store, call.ctx.clock.now(), user))

    return series


async def watcher(call: Call) -> web.StreamResponse:
    """The one agent lives inside this process: no watcher could stop or start it."""
    if call.params["agent_id"] != AGENT_ID:
        raise InvalidAPIParams("No such agent")
    return reply({"message": NO_WATCHER})


MONTH = params(Field("group_ids", check=list_of(text)), Field("month", check=matching(r"\d{6}")))
PERIOD = params(
    Field("group_id", check=nullable(text)),
    Field("start_date", check=matching(r"\d{8}")),
    Field("end_date", check=matching(r"\d{8}")),
)
AGENT = params(Field("agent_id", "agent"))
AUTH, SUPER, READ = Guard.AUTH, Guard.SUPERADMIN, Needs.READABLE
ROUTES = (
    Route("GET", "/resource/usage/month", per_month, SUPER, READ, MONTH),
    Route("GET", "/resource/usage/period", per_period, SUPER, READ, PERIOD),
    Route("GET", "/resource/stats/user/month", _series(own=True), AUTH),
    Route("GET", "/resource/stats/admin/month", _series(own=False), SUPER),
    Route("GET", "/resource/watcher", watcher, SUPER, READ, AGENT),
    Route("POST", "/resource/watcher/agent/start", watcher, SUPER, READ, AGENT),
    Route("POST", "/resource/watcher/agent/stop", watcher, SUPER, READ, AGENT),
    Route("POST", "/resource/watcher/agent/restart", watcher, SUPER, READ, AGENT),
)


def add_routes(app: web.Application) -> None:
    """Register usage, statistics and the watcher."""
    add(app, ROUTES, versions=(4,))
