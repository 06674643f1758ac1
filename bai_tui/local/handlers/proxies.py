"""App tunnels: a websocket for each connection to a service (rest-streams.md 4)."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from bai_tui.local.container import Container, ContainerError
from bai_tui.local.handlers.sessions import container_of, session_of
from bai_tui.local.params import Field, integer, nullable, params
from bai_tui.local.problems import AppNotFound, InternalServerError, InvalidAPIParams
from bai_tui.local.routing import Call, Route, add

PIECE = 256 * 1024
MAX_MESSAGE = 16 * 1024 * 1024


async def proxy(call: Call) -> web.StreamResponse:
    """Carry one connection; the service is started if it does not run."""
    session = session_of(call)
    container = container_of(call, session)
    app, port = call.params["app"], call.params["port"]
    service = next((s for s in session["service_ports"] or [] if s["name"] == app), None)
    if service is None:
        raise AppNotFound(f"{session['sess_id']}:{app}")
    if port is not None and port not in service["container_ports"]:
        raise InvalidAPIParams(f"{app} has no port {port}.")
    try:
        path = await container.service(app)
    except ContainerError as error:
        raise InternalServerError("Failed to launch the app service", str(error)) from None
    websocket = web.WebSocketResponse(max_msg_size=MAX_MESSAGE, compress=False)
    await websocket.prepare(call.request)
    try:
        reader, writer = await asyncio.open_unix_connection(path, limit=PIECE)
    except OSError:
        await websocket.close(code=WSCloseCode.TRY_AGAIN_LATER)
        return websocket
    ways = [
        asyncio.create_task(_from_service(reader, websocket)),
        asyncio.create_task(_to_service(websocket, writer, container)),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        writer.close()
        await websocket.close(code=WSCloseCode.GOING_AWAY)
    return websocket


async def _from_service(reader: asyncio.StreamReader, websocket: web.WebSocketResponse) -> None:
    """Read only as fast as the client takes it: sending waits for the connection."""
    while data := await reader.read(PIECE):
        await websocket.send_bytes(data)


async def _to_service(
    websocket: web.WebSocketResponse, writer: asyncio.StreamWriter, container: Container
) -> None:
    async for message in websocket:
        if message.type is WSMsgType.BINARY:
            container.touch()
            writer.write(message.data)
            await writer.drain()


_PARAMS: Any = params(
    Field("app"), Field("port", check=nullable(integer(1024, 65535)), default=None)
)
ROUTES = tuple(
    Route("GET", f"/stream/kernel/{{session}}/{kind}proxy", proxy, params=_PARAMS)
    for kind in ("tcp", "http")
)


def add_routes(app: web.Application) -> None:
    """Register the tunnels."""
    add(app, ROUTES, versions=range(2, 5))
