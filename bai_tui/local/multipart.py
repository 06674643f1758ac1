"""Multipart bodies: names of uploaded files, and `multipart/mixed` downloads."""

from __future__ import annotations

from urllib.parse import quote, unquote

from aiohttp import BodyPartReader


def uploaded_name(part: BodyPartReader) -> str | None:
    """The file name of an uploaded part, None for ordinary fields.

    HTTP libraries percent-encode the names they send (RFC 7578 2), slashes included.
    """
    return unquote(part.filename) if part.filename else None


def attachment(name: str) -> str:
    """A `Content-Disposition` for downloading a file of that name (RFC 6266)."""
    plain = "".join(c if " " <= c < "\x7f" and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
