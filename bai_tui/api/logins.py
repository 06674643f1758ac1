"""Logins of session mode, kept between programs: a cookie and a name for each web server.

One file in the user's state directory, readable by its owner alone.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bai_tui.api.config import local_state_path

if TYPE_CHECKING:
    import aiohttp
    from yarl import URL


class Logins:
    """The file with the logins; `path` is for tests."""

    def __init__(self, path: Path | None = None) -> None:
        self.path: Path = path or local_state_path() / "logins.json"

    def load(self, endpoints: Iterable[URL], jar: aiohttp.CookieJar) -> str:
        """Put the cookies of `endpoints` into `jar`; the user name, empty without a login."""
        logins = self._read()
        username = ""
        for endpoint in endpoints:
            entry = logins.get(_key(endpoint))
            if not isinstance(entry, dict) or not isinstance(entry.get("cookies"), dict):
                continue
            cookies = {str(name): str(value) for name, value in entry["cookies"].items()}
            jar.update_cookies(cookies, endpoint.origin())
            username = username or str(entry.get("username", ""))
        return username

    def username(self, endpoints: Iterable[URL]) -> str:
        """Who is logged in at the first of `endpoints` that has a login; empty without one."""
        entries = map(self._read().get, map(_key, endpoints))
        return next((str(e.get("username", "")) for e in entries if isinstance(e, dict)), "")

    def save(self, endpoints: Iterable[URL], cookies: Mapping[str, str], username: str) -> None:
        """Keep the cookies of a login, which hold for all `endpoints` of a configuration.

        Raises:
            OSError: the state directory cannot be written.
        """
        entry = {"username": username, "cookies": dict(cookies)}
        self._write(self._read() | {_key(url): entry for url in endpoints})

    def forget(self, endpoints: Iterable[URL]) -> None:
        """Remove the login at `endpoints`; harmless when there is none."""
        logins = self._read()
        found = [key for key in map(_key, endpoints) if logins.pop(key, None) is not None]
        if found:
            self._write(logins)

    def _read(self) -> dict[str, Any]:
        with suppress(OSError, ValueError, RecursionError):
            content = json.loads(self.path.read_text("utf-8"))
            if isinstance(content, dict):
                return content
        return {}

    def _write(self, logins: dict[str, Any]) -> None:
        """Replace the file in one step; a temporary file is 0600 from its first byte."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".logins-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(logins, file)
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _key(endpoint: URL) -> str:
    return str(endpoint.with_query(None)).rstrip("/")
