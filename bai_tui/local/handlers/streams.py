"""Streams of sessions: terminal, execution and events (rest-streams.md)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import secrets
from contextlib import suppress
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from bai_tui.local.container import Container, ContainerError
from bai_tui.local.events import SessionEvent
from bai_tui.local.execution import Run
from bai_tui.local.handlers.sessions import container_of, session_of
from bai_tui.local.identity import Caller
from bai_tui.local.params import Field, params
from bai_tui.local.problems import GenericForbidden, GroupNotFound
from bai_tui.local.routing import Call, Route, add
from bai_tui.local.runner.outlet import Outlet

PING_EVERY = 15.0
"""Seconds between the comments that keep an event stream alive."""

FLUSH = 0.2
"""Seconds output is held before it is sent over the execution websocket."""

MAX_MESSAGE = 4 * 1024 * 1024
MAX_SIZE = 1000
"""Largest number of rows or columns a client may ask for."""


async def _open(call: Call) -> web.WebSocketResponse:
    websocket = web.WebSocketResponse(max_msg_size=MAX_MESSAGE, compress=False)
    await websocket.prepare(call.request)
    return websocket


async def pty(call: Call) -> web.StreamResponse:
    """The terminal of a session; all clients share it."""
    container = container_of(call, session_of(call))
    client = container.attach()
    websocket = await _open(call)
    sending = asyncio.create_task(_send_output(websocket, client))
    try:
        await _receive_keys(websocket, container)
    finally:
        container.detach(client)
        client.end()
        sending.cancel()
        with suppress(asyncio.CancelledError, ConnectionError):
            await sending
    return websocket


async def _send_output(websocket: web.WebSocketResponse, client: Outlet) -> None:
    while (data := await client.get()) is not None:
        encoded = base64.b64encode(data).decode("ascii")
        await websocket.send_str(f'{{"type": "out", "data": "{encoded}"}}')
    await websocket.close(code=WSCloseCode.OK)


async def _receive_keys(websocket: web.WebSocketResponse, container: Container) -> None:
    """Handle messages until the client leaves or sends something that is none."""
    async for message in websocket:
        if message.type is not WSMsgType.TEXT:
            continue
        container.touch()
        try:
            data = json.loads(message.data)
            match data["type"]:
                case "stdin":
                    container.type(base64.b64decode(data["chars"], validate=True))
                case "resize":
                    rows, columns = int(data["rows"]), int(data["cols"])
                    if not (1 <= rows <= MAX_SIZE and 1 <= columns <= MAX_SIZE):
                        raise ValueError("size")
                    container.resize(rows, columns)
                case "restart":
                    container.restart_shell()
        except (ValueError, KeyError, TypeError, binascii.Error, ContainerError):
            await websocket.close(code=WSCloseCode.POLICY_VIOLATION)
            return


async def execute(call: Call) -> web.StreamResponse:
    """One run of code over a websocket."""
    container = container_of(call, session_of(call))
    websocket = await _open(call)
    run: Run | None = None
    try:
        first = await websocket.receive()
        if first.type is not WSMsgType.TEXT:
            return websocket
        try:
            run = _begin(container, json.loads(first.data))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            await websocket.send_json(
                {"status": "error", "msg": f"Invalid API parameters: {error!r}"}
            )
            return websocket
        reading = asyncio.create_task(_receive_input(websocket, container))
        try:
            await _send_results(websocket, run)
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading
    except ContainerError as error:
        with suppress(ConnectionError):
            await websocket.send_json({"status": "error", "msg": f"BackendError: {error}"})
    finally:
        if run is not None:
            if not run.over and container.alive:
                with suppress(ContainerError):
                    container.interrupt()
            container.forget_run(run)
        await websocket.close()
    return websocket


def _begin(container: Container, message: dict[str, Any]) -> Run:
    run_id = secrets.token_hex(8)
    code, options = str(message.get("code") or ""), message.get("options") or {}
    match message["mode"]:
        case "query":
            return container.execute(run_id, code)
        case "batch":
            steps = {step: options.get(step) for step in ("clean", "build", "exec")}
            return container.batch(run_id, steps)
        case mode:
            raise ValueError(f"mode has an invalid value: {mode!r}")


async def _send_results(websocket: web.WebSocketResponse, run: Run) -> None:
    while not run.over and not websocket.closed:
        result = await run.result(FLUSH)
        if result["status"] == "continued" and not result["console"]:
            continue
        with suppress(ConnectionError):
            await websocket.send_json(result)


async def _receive_input(websocket: web.WebSocketResponse, container: Container) -> None:
    async for message in websocket:
        if message.type is WSMsgType.TEXT:
            container.touch()
            container.input(message.data)


async def events(call: Call) -> web.StreamResponse:
    """Life-cycle events of the sessions the caller may see."""
    caller, wanted = call.caller, call.params
    key = wanted["ownerAccessKey"] or caller.access_key
    if key != caller.access_key and caller.role == "user":
        raise GenericForbidden("You may not watch the sessions of others")
    group_id = _group_id(call, wanted["group"])
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
    )
    response.enable_chunked_encoding()
    with call.ctx.events.subscribe() as queue:
        await response.prepare(call.request)
        while True:
            try:
                async with asyncio.timeout(PING_EVERY):
                    event = await queue.get()
            except TimeoutError:
                await response.write(b": ping\r\n\r\n")
                continue
            if event is None:
                return response
            if _may_see(caller, event) and _matches(event, wanted["sessionId"], key, group_id):
                await response.write(_record(event))


def _group_id(call: Call, name: str) -> str | None:
    if name == "*":
        return None
    row = call.ctx.store.one("SELECT id FROM groups WHERE name = ?", name)
    if row is None:
        raise GroupNotFound(name)
    return str(row["id"])


def _may_see(caller: Caller, event: SessionEvent) -> bool:
    if caller.role == "superadmin":
        return True
    if caller.role == "admin":
        return event.domain == caller.domain_name
    return event.user == caller.uuid


def _matches(event: SessionEvent, name: str, key: str, group_id: str | None) -> bool:
    if group_id is not None and event.group_id != group_id:
        return False
    return name == "*" or (event.session == name and event.access_key == key)


def _record(event: SessionEvent) -> bytes:
    data = {"sessionId": event.session, "ownerAccessKey": event.access_key}
    text = json.dumps({**data, "reason": event.reason})
    return f"event: {event.name}\r\ndata: {text}\r\n\r\n".encode()


_EVENTS = params(
    Field("sessionId", default="*"),
    Field("ownerAccessKey", default=None),
    Field("group", "groupName", default="*"),
)

ROUTES = (
    Route("GET", "/stream/kernel/_/events", events, params=_EVENTS),
    Route("GET", "/stream/kernel/{session}/pty", pty),
    Route("GET", "/stream/kernel/{session}/execute", execute),
)


def add_routes(app: web.Application) -> None:
    """Register the streams."""
    add(app, ROUTES, versions=range(2, 5))
