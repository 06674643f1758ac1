"""Output of a terminal on its way to one client."""

from __future__ import annotations

import asyncio
from collections import deque

BACKLOG = 8 * 1024 * 1024
"""Bytes a slow client may be behind before what is older is dropped."""


class Outlet:
    """Terminal output for one client; never more than `BACKLOG` bytes wait in it."""

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._dropped = 0
        self._ended = False
        self._ready = asyncio.Event()

    def put(self, data: bytes) -> None:
        """Add output."""
        self._chunks.append(data)
        self._size += len(data)
        while self._size > BACKLOG:
            lost = self._chunks.popleft()
            self._size -= len(lost)
            self._dropped += len(lost)
        self._ready.set()

    def end(self) -> None:
        """There will be no more."""
        self._ended = True
        self._ready.set()

    async def get(self) -> bytes | None:
        """All that waits, up to 64 KiB; None at the end."""
        while not self._chunks:
            if self._ended:
                return None
            self._ready.clear()
            await self._ready.wait()
        parts: list[bytes] = []
        if self._dropped:
            parts.append(b"\x18\x1b[0m\r\n[%d bytes of output were dropped]\r\n" % self._dropped)
            self._dropped = 0
        size = 0
        while self._chunks and size < 65536:
            chunk = self._chunks.popleft()
            size += len(chunk)
            parts.append(chunk)
        self._size -= size
        return b"".join(parts)
