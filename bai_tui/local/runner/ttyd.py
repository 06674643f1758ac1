"""The service `ttyd`: the session's shell over HTTP, in the protocol of the program of that name.

`GET /ws` with the subprotocol `tty` is a terminal. The client's first message is JSON with the
size; after it, the first byte of every message says what the rest is. All clients, and those of
the `pty` stream, share one shell. The web page that real ones bring is left out.
"""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import suppress

from aiohttp import WSCloseCode, WSMsgType, web

from bai_tui.local.runner.outlet import Outlet
from bai_tui.local.runner.terminal import Terminal

OUTPUT, TITLE, PREFERENCES = b"0", b"1", b"2"

MAX_MESSAGE = 4 * 1024 * 1024
MAX_SIZE = 1000
"""Largest number of rows or columns a client may ask for."""


class Client:
    """One websocket: what waits for it, and whether it wants more."""

    def __init__(self) -> None:
        self.outlet = Outlet()
        self.flowing = asyncio.Event()
        self.flowing.set()


class Ttyd:
    """Serves one terminal."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._clients: set[Client] = set()

    async def start(self, path: str) -> None:
        """Listen on the socket of that path, for as long as the process lives."""
        app = web.Application()
        app.router.add_get("/ws", self._serve)
        app.router.add_get("/token", _token)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.UnixSite(runner, path).start()

    def output(self, data: bytes) -> None:
        """The shell printed."""
        for client in self._clients:
            client.outlet.put(data)

    def shell_ended(self) -> None:
        """Every client is sent away, as when the program that ttyd runs ends."""
        for client in self._clients:
            client.outlet.end()

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(
            protocols=("tty",), max_msg_size=MAX_MESSAGE, compress=False
        )
        await websocket.prepare(request)
        first = await websocket.receive()
        try:
            self._resize(first.data if first.type in (WSMsgType.TEXT, WSMsgType.BINARY) else "")
        except ValueError:
            await websocket.close(code=WSCloseCode.POLICY_VIOLATION)
            return websocket
        self._terminal.open()
        title = f"{self._terminal.argv[0]} ({socket.gethostname()})"
        await websocket.send_bytes(TITLE + title.encode())
        await websocket.send_bytes(PREFERENCES + b"{}")
        client = Client()
        self._clients.add(client)
        sending = asyncio.create_task(_send(websocket, client))
        try:
            await self._receive(websocket, client)
        finally:
            self._clients.discard(client)
            client.outlet.end()
            client.flowing.set()
            sending.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await sending
        return websocket

    async def _receive(self, websocket: web.WebSocketResponse, client: Client) -> None:
        async for message in websocket:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                continue
            data = message.data.encode() if isinstance(message.data, str) else message.data
            match data[:1]:
                case b"0":
                    self._terminal.write(data[1:])
                case b"1":
                    with suppress(ValueError):
                        self._resize(data[1:])
                case b"2":
                    client.flowing.clear()
                case b"3":
                    client.flowing.set()

    def _resize(self, text: str | bytes) -> None:
        """Take the size from JSON; raises ValueError when it has none."""
        record = json.loads(text)
        try:
            rows, columns = int(record["rows"]), int(record["columns"])
        except (KeyError, TypeError):
            raise ValueError("no size") from None
        if not (1 <= rows <= MAX_SIZE and 1 <= columns <= MAX_SIZE):
            raise ValueError("size")
        self._terminal.resize(rows, columns)


async def _send(websocket: web.WebSocketResponse, client: Client) -> None:
    while (data := await client.outlet.get()) is not None:
        await client.flowing.wait()
        await websocket.send_bytes(OUTPUT + data)
    await websocket.close(code=WSCloseCode.OK)


async def _token(request: web.Request) -> web.Response:
    return web.json_response({"token": ""})
