"""Routes as data, and the `Call` object that handlers receive.

A handler is `async def handler(call: Call) -> web.StreamResponse`; guards, parameter checks and
manager status are declared on its `Route` and done here, in the order of the real manager.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from aiohttp import web

from bai_tui.local.context import CONTEXT, Context
from bai_tui.local.identity import Caller, owner_of
from bai_tui.local.params import Params, read_params
from bai_tui.local.problems import AuthFailed
from bai_tui.local.status import require_status

# Typed keys came with aiohttp 3.14; before, any hashable key did.
_RequestKey: Any = getattr(web, "RequestKey", web.AppKey)
CALLER = _RequestKey("caller", Caller)
"""Where the signature check leaves the caller."""
PATH = _RequestKey("path", dict)
"""Variables of the path of a request that was routed anew (`X-Method-Override`)."""


class Guard(Enum):
    """Who may call a route (rest-overview.md 5)."""

    PUBLIC = "public"
    AUTH = "auth"
    ADMIN = "admin"
    SUPERADMIN = "superadmin"


class Needs(Enum):
    """Which manager status a route needs."""

    NOTHING = "nothing"
    READABLE = "running or frozen"
    RUNNING = "running"


class Call:
    """One request on its way through a handler."""

    __slots__ = ("_caller", "ctx", "params", "path", "request")

    def __init__(self, request: web.Request, caller: Caller | None) -> None:
        self.request = request
        self.ctx: Context = request.config_dict[CONTEXT]
        self.params: dict[str, Any] = {}
        self.path: dict[str, str] = dict(request.get(PATH) or request.match_info)
        self._caller = caller

    @property
    def caller(self) -> Caller:
        """Who calls.

        Raises:
            AuthFailed: the request is anonymous (only on public routes).
        """
        if self._caller is None:
            raise AuthFailed("Unauthorized access")
        return self._caller

    @property
    def owner(self) -> Caller:
        """Whose objects are meant: `?owner_access_key=` if given, else the caller.

        Only the query counts, never the body (rest-overview.md 4.3).

        Raises:
            GenericForbidden: the caller may not act for that key.
            InternalServerError: there is no such key.
        """
        key = self.request.query.get("owner_access_key")
        return owner_of(self.ctx.store, self.caller, key)


Handler = Callable[[Call], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint.

    `path` has aiohttp placeholders (`/kernel/{session}`); `params` None = the handler reads the
    body itself.
    """

    method: str
    path: str
    handler: Handler
    guard: Guard = Guard.AUTH
    needs: Needs = Needs.READABLE
    params: Params | None = None


class Endpoint:
    """The aiohttp handler made from a route."""

    def __init__(self, route: Route) -> None:
        self.route = route

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Check guard, status and parameters, then handle."""
        route = self.route
        caller: Caller | None = request.get(CALLER)
        if route.guard is not Guard.PUBLIC and (caller is None or not _passes(route.guard, caller)):
            raise AuthFailed("Unauthorized access")
        call = Call(request, caller)
        if route.needs is not Needs.NOTHING:
            require_status(call.ctx, mutating=route.needs is Needs.RUNNING)
        if route.params is not None:
            call.params = await read_params(request, route.params)
        return await route.handler(call)


def _passes(guard: Guard, caller: Caller) -> bool:
    if guard is Guard.ADMIN:
        return caller.is_admin
    if guard is Guard.SUPERADMIN:
        return caller.role == "superadmin"
    return True


def add(app: web.Application, routes: Iterable[Route], versions: Iterable[int] = ()) -> None:
    """Register routes, also below the `/v<N>` prefixes that the release knows for them."""
    choice = "|".join(str(version) for version in versions)
    for route in routes:
        app.router.add_route(route.method, route.path, _endpoint(route))
        if choice:
            app.router.add_route(
                route.method, f"/v{{version:{choice}}}{route.path}", _endpoint(route)
            )


def _endpoint(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    endpoint = Endpoint(route)

    async def handle(request: web.Request) -> web.StreamResponse:
        return await endpoint(request)

    handle.guard = route.guard  # type: ignore[attr-defined]
    return handle


def reply(data: Any, status: int = 200) -> web.Response:
    """A JSON answer, `application/json; charset=utf-8`."""
    return web.Response(
        status=status,
        text=json.dumps(data, default=str),
        content_type="application/json",
        charset="utf-8",
    )


def nothing(status: int = 204) -> web.Response:
    """An answer without a body."""
    return web.Response(status=status)
