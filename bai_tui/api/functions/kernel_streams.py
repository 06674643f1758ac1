"""The websockets of a compute session: its terminal and its runs of code."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator

import aiohttp

from bai_tui.api.exceptions import BackendClientError, InvalidResponseError
from bai_tui.api.functions.base import Item
from bai_tui.api.websocket import WebSocketResponse


class StreamPty(WebSocketResponse):
    """A session's terminal (rest-streams.md 2). Iterate it for raw messages, or use `output`."""

    async def output(self) -> AsyncIterator[bytes]:
        """What the terminal prints, in pieces cut anywhere; ends when the connection does.

        Raises:
            InvalidResponseError: the server sent something that is no terminal message.
        """
        async for message in self.raw_websocket:
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                continue
            try:
                record = json.loads(message.data)
                if record["type"] == "out":
                    yield base64.b64decode(record["data"], validate=True)
            except (ValueError, KeyError, TypeError, RecursionError):
                raise InvalidResponseError(
                    f"/{self.request.path} sent a message that is not terminal output."
                ) from None

    async def send_stdin(self, data: bytes) -> None:
        """Type `data`; raises StreamClosedError when closed."""
        await self.send_json({"type": "stdin", "chars": base64.b64encode(data).decode()})

    async def resize(self, rows: int, cols: int) -> None:
        """Tell the terminal its size in cells; raises StreamClosedError when closed."""
        await self.send_json({"type": "resize", "rows": rows, "cols": cols})

    async def restart(self) -> None:
        """Restart the container; raises StreamClosedError when closed."""
        await self.send_json({"type": "restart"})

    async def ping(self) -> None:
        """Keep an idle session from being reaped; raises StreamClosedError when closed."""
        await self.send_json({"type": "ping"})


class StreamExecute(WebSocketResponse):
    """One run of code (rest-streams.md 3). Iterate it for raw messages, or use `results`."""

    async def results(self) -> AsyncIterator[Item]:
        """The results as they come; answer `waiting-input` with `send_text`.

        Raises:
            BackendClientError: the server reported an error instead of a result.
        """
        async for message in self.raw_websocket:
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                continue
            try:
                result = json.loads(message.data)
                status = result["status"]
            except (ValueError, KeyError, TypeError, RecursionError):
                raise InvalidResponseError(
                    f"/{self.request.path} sent a message that is not a result."
                ) from None
            if status in ("error", "server-restarting"):
                raise BackendClientError(str(result.get("msg") or status))
            yield result
