"""Messages between cluster, supervisor and interpreter: a JSON header and a payload of bytes."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from typing import Any

MAX_HEADER = 16 * 1024 * 1024
MAX_PAYLOAD = 64 * 1024 * 1024
_SIZES = struct.Struct("!II")

Header = dict[str, Any]


class FrameError(Exception):
    """The other side sent something that is no frame."""


def encode(header: Header, payload: bytes = b"") -> bytes:
    """One message as bytes."""
    head = json.dumps(header).encode()
    return _SIZES.pack(len(head), len(payload)) + head + payload


def _sizes(data: bytes) -> tuple[int, int]:
    head, body = _SIZES.unpack(data)
    if head > MAX_HEADER or body > MAX_PAYLOAD:
        raise FrameError("a message is too large")
    return head, body


async def read(reader: asyncio.StreamReader) -> tuple[Header, bytes] | None:
    """The next message, or None at the end of the channel."""
    try:
        head, body = _sizes(await reader.readexactly(_SIZES.size))
        header = json.loads(await reader.readexactly(head))
        payload = await reader.readexactly(body) if body else b""
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return header, payload


def read_blocking(channel: socket.socket) -> tuple[Header, bytes] | None:
    """The next message, waiting for it, or None at the end of the channel."""
    sizes = _exactly(channel, _SIZES.size)
    if sizes is None:
        return None
    head, body = _sizes(sizes)
    header = _exactly(channel, head)
    payload = _exactly(channel, body) if body else b""
    if header is None or payload is None:
        return None
    return json.loads(header), payload


def _exactly(channel: socket.socket, size: int) -> bytes | None:
    parts = []
    while size:
        part = channel.recv(min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
