"""Proxies from the environment (`HTTPS_PROXY`, `NO_PROXY`, …), looked up once for each host.

The HTTP library would ask the environment and `~/.netrc` in threads for every single request.
"""

from __future__ import annotations

import urllib.request
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yarl import URL

_PLAIN = {"ws": "http", "wss": "https"}


class Proxies:
    """What the environment said when it was first asked."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, int | None], URL | None] = {}

    @cached_property
    def _environment(self) -> dict[str, str]:
        return urllib.request.getproxies()

    def of(self, url: URL) -> URL | None:
        """The proxy that leads to `url`, or None."""
        if not self._environment:
            return None
        key = (url.scheme, url.host or "", url.port)
        if key not in self._known:
            self._known[key] = self._find(*key)
        return self._known[key]

    def _find(self, scheme: str, host: str, port: int | None) -> URL | None:
        from yarl import URL

        proxy = self._environment.get(_PLAIN.get(scheme, scheme))
        if not proxy or urllib.request.proxy_bypass(f"{host}:{port}" if port else host):
            return None
        return URL(proxy if "://" in proxy else f"http://{proxy}")
