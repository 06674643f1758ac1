"""Misbehaviour on demand, for tests and for demonstrating error states."""

from __future__ import annotations

import asyncio
import re
from dataclasses import asdict, dataclass, fields
from typing import Any

from aiohttp import web

CONTROL_PREFIX = "/_local/"
"""Routes below this are ours and never suffer from faults."""


@dataclass
class Faults:
    """What goes wrong at the moment; change the attributes at any time.

    A fault applies to requests whose path matches `paths` (a regular expression, default all),
    and to at most `times` of them (None = until switched off).
    """

    drop: bool = False
    """Cut the connection before the request is handled."""
    drop_after: bool = False
    """Handle the request, then cut the connection instead of answering."""
    stall: float = 0.0
    """Seconds to wait before handling."""
    status: int = 0
    """Answer with this status (for example 500, 502, 503) instead of handling."""
    skew: float = 0.0
    """Seconds added to the cluster's clock."""
    frozen: bool = False
    """Behave as a frozen manager whatever its stored status is."""
    paths: str = ""
    """Regular expression (searched) of the paths the request faults apply to."""
    times: int | None = None
    """How many more requests the request faults hit."""

    def change(self, **values: Any) -> None:
        """Set several at once.

        Raises:
            ValueError: unknown name, wrong type, or an expression that does not compile.
        """
        known = {field.name: getattr(Faults(), field.name) for field in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"no such fault: {name}")
            if name == "times":
                right = value is None or (type(value) is int and value >= 0)
            elif isinstance(known[name], float):
                right = type(value) in (int, float)
            else:
                right = type(value) is type(known[name])
            if not right:
                raise ValueError(f"{name} can't be {value!r}")
        if "paths" in values:
            try:
                re.compile(values["paths"])
            except re.error as error:
                raise ValueError(f"paths: {error}") from None
        for name, value in values.items():
            setattr(self, name, value)

    def clear(self) -> None:
        """Behave again."""
        self.change(**asdict(Faults()))

    def as_dict(self) -> dict[str, Any]:
        """The present setting, JSON ready."""
        return asdict(self)

    def _applies(self, request: web.BaseRequest) -> bool:
        if request.path.startswith(CONTROL_PREFIX):
            return False
        if not (self.drop or self.drop_after or self.stall or self.status):
            return False
        if self.paths and not re.search(self.paths, request.path):
            return False
        if self.times is not None:
            if self.times <= 0:
                return False
            self.times -= 1
        return True

    async def apply(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Apply the faults to one request, then (perhaps) handle it."""
        if not self._applies(request):
            response: web.StreamResponse = await handler(request)
            return response
        drop, drop_after, stall, status = self.drop, self.drop_after, self.stall, self.status
        if stall:
            await asyncio.sleep(stall)
        if drop:
            return cut(request)
        if status:
            return web.Response(status=status, text="A fault was asked for.")
        response = await handler(request)
        return cut(request) if drop_after else response


def cut(request: web.BaseRequest) -> web.Response:
    """Close the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
