"""Media a run shows: decoded, kept as files of the user's own, pictures drawn in cells."""

from __future__ import annotations

import base64
import binascii
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bai_tui.settings import state_dir

ENDINGS: Final = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/bmp": "bmp",
    "image/svg+xml": "svg",
    "text/html": "html",
    "application/pdf": "pdf",
    "application/json": "json",
    "application/x-sorna-drawing": "json",
}
DRAWN: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})
MAX_BYTES: Final = 64 * 1024 * 1024

_DATA_URI = re.compile(r"data:[^,]{0,200},")


class MediaError(Exception):
    """The server sent something that is no medium; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Medium:
    """One picture or document."""

    mime: str
    data: bytes

    @property
    def drawn(self) -> bool:
        """Whether it is a picture that can be drawn in cells."""
        return self.mime in DRAWN

    @property
    def ending(self) -> str:
        """Ending of its file."""
        return ENDINGS.get(self.mime, "bin")


def medium_of(kind: str, data: Any) -> Medium:
    """The medium of a console record `media` or `html` (rest-sessions.md 5.4).

    Raises:
        MediaError: it cannot be read, or is too large.
    """
    if kind == "html":
        return Medium("text/html", str(data).encode("utf-8", "replace"))
    if not isinstance(data, (list, tuple)) or len(data) != 2:
        raise MediaError("media without a type")
    mime, content = str(data[0]).partition(";")[0].strip().lower(), data[1]
    if not isinstance(content, str):
        raise MediaError(f"{mime}: no content")
    if len(content) > 2 * MAX_BYTES:
        raise MediaError(f"{mime}: {len(content) / 2**20:.0f} MiB are too much")
    head = _DATA_URI.match(content)
    if head is not None and ";base64" in head[0]:
        try:
            return Medium(mime, base64.b64decode(content[head.end() :], validate=False))
        except (binascii.Error, ValueError):
            raise MediaError(f"{mime}: broken base64") from None
    if head is not None:
        from urllib.parse import unquote_to_bytes

        return Medium(mime, unquote_to_bytes(content[head.end() :]))
    if mime in DRAWN or mime == "application/pdf":
        try:
            return Medium(mime, base64.b64decode(content, validate=True))
        except (binascii.Error, ValueError):
            raise MediaError(f"{mime}: neither a data URI nor base64") from None
    return Medium(mime, content.encode("utf-8", "replace"))


def directory(session: str) -> Path:
    """Where the media of a session are kept."""
    name = re.sub(r"[^\w.-]+", "_", session).lstrip(".") or "session"
    return state_dir() / "media" / name


def keep(medium: Medium, session: str, label: str) -> Path:
    """Write it to a file of its own, readable by the user alone; never over another one.

    Raises:
        MediaError: the disk refuses.
    """
    folder = directory(session)
    for number in range(1, 10_000):
        path = folder / f"{label}-{number}.{medium.ending}"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(medium.data)
        except FileExistsError:
            continue
        except OSError as error:
            raise MediaError(f"{path}: {error.strerror}") from None
        return path
    raise MediaError(f"{folder}: there are too many files")
