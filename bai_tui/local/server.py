"""The HTTP application: middlewares, response headers, start and stop of the parts.

Endpoints live in `handlers`; each module there has `add_routes(app)`.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from email.utils import format_datetime
from importlib import import_module

from aiohttp import hdrs, web

from bai_tui.local.agent import Agent
from bai_tui.local.auth import authenticate, effective_method
from bai_tui.local.context import CONTEXT, Context
from bai_tui.local.events import EventBus
from bai_tui.local.problems import (
    GenericBadRequest,
    GenericNotFound,
    InternalServerError,
    MethodNotAllowed,
    Problem,
)
from bai_tui.local.ratelimit import ANONYMOUS_LIMIT, RateLimiter, set_headers
from bai_tui.local.routing import CALLER, PATH, Guard
from bai_tui.local.scheduler import Scheduler

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HANDLERS = (
    "root",
    "webserver",
    "auth",
    "manager",
    "config",
    "resource",
    "usage",
    "folder_members",
    "folder_sharing",
    "folder_files",
    "folder_transfer",
    "folder_mounts",
    "folders",
    "dotfiles",
    "faults",
    "image",
    "graphql",
    "sessions",
    "streams",
    "proxies",
)
"""Modules of `bai_tui.local.handlers` that add routes."""

MAX_BODY = 32 * 1024 * 1024
"""Largest JSON body in bytes; uploads are streamed and have no limit here."""

RATE_LIMITER: web.AppKey[RateLimiter] = web.AppKey("rate_limiter", RateLimiter)


@web.middleware
async def faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Misbehave if asked to."""
    return await request.config_dict[CONTEXT].faults.apply(request, handler)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn everything that goes wrong into a problem document."""
    try:
        return await handler(request)
    except Problem as problem:
        return problem.response()
    except web.HTTPNotFound:
        return GenericNotFound().response()
    except web.HTTPMethodNotAllowed as error:
        allow = {"Allow": ",".join(sorted(error.allowed_methods))}
        return MethodNotAllowed(headers=allow).response()
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return http_problem(error).response()
    except Exception as error:
        if isinstance(error, ConnectionError) and request.transport is None:
            log.debug("%s %s: the client is gone", request.method, request.path)
        else:
            log.exception("%s %s failed", request.method, request.path)
        return InternalServerError().response()


def http_problem(error: web.HTTPException) -> Problem:
    """The problem document of a refusal by the HTTP library, such as 413."""
    problem: Problem = GenericBadRequest(error.text) if error.status < 500 else Problem(error.text)
    problem.status, problem.title = error.status, error.reason
    if hdrs.CONTENT_RANGE in error.headers:
        problem.headers = {hdrs.CONTENT_RANGE: error.headers[hdrs.CONTENT_RANGE]}
    return problem


@web.middleware
async def preflight(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer the questions browsers ask before a request from another origin."""
    method = request.headers.get(hdrs.ACCESS_CONTROL_REQUEST_METHOD)
    if request.method != hdrs.METH_OPTIONS or method is None:
        return await handler(request)
    match = await request.app.router.resolve(request.clone(method=method))
    if match.http_exception is not None:
        raise match.http_exception
    asked = request.headers.get(hdrs.ACCESS_CONTROL_REQUEST_HEADERS, "")
    return web.Response(
        headers={
            hdrs.ACCESS_CONTROL_ALLOW_METHODS: method,
            hdrs.ACCESS_CONTROL_ALLOW_HEADERS: asked.upper(),
        }
    )


@web.middleware
async def identity(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Check the signature of requests to guarded routes, and their rate."""
    if getattr(handler, "guard", Guard.PUBLIC) is Guard.PUBLIC:
        response = await handler(request)
        limit = left = ANONYMOUS_LIMIT
    else:
        ctx = request.config_dict[CONTEXT]
        request[CALLER] = caller = await authenticate(request, ctx)
        limit = caller.rate_limit
        left = request.config_dict[RATE_LIMITER].hit(caller.access_key, limit)
        response = await handler(request)
    if not response.prepared:
        set_headers(response.headers, limit, left)
    return response


@web.middleware
async def method_override(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Route a request as the method that `X-Method-Override` names."""
    if "X-Method-Override" not in request.headers:
        return await handler(request)
    request = request.clone(method=effective_method(request))
    match = await request.app.router.resolve(request)
    if match.http_exception is not None:
        raise match.http_exception
    # The clone keeps the old match info; `Call` prefers these variables of the path.
    request[PATH] = dict(match)
    return await identity(request, match.handler)


async def common_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Headers of every answer, streams and problems included."""
    headers = response.headers
    headers[hdrs.SERVER] = "BackendAI"
    now = request.config_dict[CONTEXT].clock.now()
    headers[hdrs.DATE] = format_datetime(now.replace(microsecond=0), usegmt=True)
    if hdrs.ORIGIN in request.headers:
        headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = request.headers[hdrs.ORIGIN]
        headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = ",".join(
            sorted({name for name in headers if not name.startswith("Access-Control-")})
        )


async def _start(app: web.Application) -> None:
    ctx = app[CONTEXT]
    await ctx.agent.start()
    await ctx.scheduler.start()


async def _stop(app: web.Application) -> None:
    ctx = app[CONTEXT]
    await ctx.scheduler.stop()
    await ctx.agent.stop()
    await ctx.events.close()


def create_app(ctx: Context) -> web.Application:
    """The application of one cluster; also builds the context's events, agent and scheduler."""
    app = web.Application(
        middlewares=[problems, faults, preflight, method_override, identity],
        client_max_size=MAX_BODY,
    )
    app[CONTEXT] = ctx
    app[RATE_LIMITER] = RateLimiter()
    ctx.events = EventBus(ctx)
    ctx.agent = Agent(ctx)
    ctx.scheduler = Scheduler(ctx)
    for name in HANDLERS:
        import_module(f"bai_tui.local.handlers.{name}").add_routes(app)
    app.on_response_prepare.append(common_headers)
    app.on_startup.append(_start)
    app.on_shutdown.append(_stop)
    return app
