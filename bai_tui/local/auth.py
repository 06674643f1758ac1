"""The signature check of release 19.09, in its order (rest-auth.md 1.8)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aiohttp import web
from dateutil import parser as date_parser

from bai_tui.api.auth import body_hash, sign, signing_key, string_to_sign
from bai_tui.api.versioning.releases import signs_body
from bai_tui.local.context import LATEST_VERSION, Context
from bai_tui.local.identity import Caller, find_caller
from bai_tui.local.problems import (
    AuthFailed,
    GenericBadRequest,
    InternalServerError,
    InvalidAuthParams,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCEPTED_VERSIONS = (
    "v1.20160915",
    "v2.20170315",
    "v3.20170615",
    "v4.20181215",
    "v4.20190115",
    "v4.20190315",
    LATEST_VERSION,
)
"""Versions a request may name; the comparison is of the whole text (rest-overview.md 2.1)."""

CLOCK_TOLERANCE = timedelta(minutes=15)
DATE_HEADERS = ("Date", "X-BackendAI-Date", "X-Sorna-Date")
VERSION_HEADERS = ("X-BackendAI-Version", "X-Sorna-Version")
SCHEMES = ("BackendAI", "Sorna")


def effective_method(request: web.Request) -> str:
    """The method a request is treated as (`X-Method-Override`)."""
    return request.headers.get("X-Method-Override", request.method).upper()


def check_version(headers: Mapping[str, str]) -> tuple[str, str] | None:
    """The version header: its lower-case name and text, or None without one.

    Raises:
        GenericBadRequest: a version the release does not know.
    """
    for name in VERSION_HEADERS:
        if name in headers:
            if headers[name] not in ACCEPTED_VERSIONS:
                raise GenericBadRequest("Unsupported API major version.")
            return name.lower(), headers[name]
    return None


def check_date(headers: Mapping[str, str], now: datetime) -> tuple[str, datetime]:
    """The text of the date header and what it means.

    Raises:
        InvalidAuthParams: missing, unreadable, or more than 15 minutes away from `now`.
    """
    text = next((headers[name] for name in DATE_HEADERS if name in headers), "")
    try:
        date = date_parser.parse(text)
    except (ValueError, OverflowError):
        raise InvalidAuthParams("Date/time sync error") from None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    if abs(date - now) > CLOCK_TOLERANCE:
        raise InvalidAuthParams("Date/time sync error")
    return text, date


def parse_authorization(header: str) -> tuple[str, str, str]:
    """Split the `Authorization` header into sign method, access key and signature.

    Raises:
        InvalidAuthParams: rows 4, 5 and 7 of rest-auth.md 1.8.
        InternalServerError: row 6.
    """
    scheme, blank, rest = header.partition(" ")
    if not blank:
        raise InvalidAuthParams("Malformed authorization header")
    if scheme not in SCHEMES:
        raise InvalidAuthParams("Invalid authorization type name")
    parts = {}
    for piece in rest.split(","):
        name, equals, value = piece.strip().partition("=")
        if not equals:
            raise InternalServerError
        parts[name] = value
    access_key, colon, signature = parts.get("credential", "").partition(":")
    if not colon or "signMethod" not in parts:
        raise InvalidAuthParams("Missing or malformed authorization parameters")
    return parts["signMethod"], access_key, signature


def check_sign_method(method: str) -> str:
    """The hash name of a `HMAC-<hash>` sign method.

    Raises:
        InvalidAuthParams: another MAC or a hash that is not always available.
        InternalServerError: one of the shake functions, which have no fixed length.
    """
    mac, _, hash_type = method.lower().partition("-")
    if mac != "hmac":
        raise InvalidAuthParams("Unsupported request signing method (MAC type)")
    if hash_type not in hashlib.algorithms_guaranteed:
        raise InvalidAuthParams("Unsupported request signing method (hash type)")
    if hash_type.startswith("shake"):
        raise InternalServerError
    return hash_type


async def authenticate(request: web.Request, ctx: Context) -> Caller:
    """Who signed this request.

    Raises:
        Problem: whatever is wrong, in the order of rest-auth.md 1.8.
    """
    headers = request.headers
    version = check_version(headers)
    date_text, date = check_date(headers, ctx.clock.now())
    if "Authorization" not in headers:
        raise AuthFailed("Unauthorized access")
    sign_method, access_key, signature = parse_authorization(headers["Authorization"])
    caller = find_caller(ctx.store, access_key)
    if caller is None:
        raise AuthFailed("Access key not found")
    hash_type = check_sign_method(sign_method)
    if version is None:
        raise InvalidAuthParams("API version missing in request headers")
    expected = await _signature(request, caller, version, (date_text, date), hash_type)
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise AuthFailed("Unauthorized access")
    ctx.store.execute(
        "UPDATE keypairs SET last_used = ?, num_queries = num_queries + 1 WHERE access_key = ?",
        ctx.clock.now(),
        caller.access_key,
    )
    return caller


async def _signature(
    request: web.Request,
    caller: Caller,
    version: tuple[str, str],
    date: tuple[str, datetime],
    hash_type: str,
) -> str:
    version_header, version_text = version
    date_text, day = date[0], date[1].strftime("%Y%m%d")
    content_type = request.content_type
    body = b""
    if signs_body(version_text) and content_type != "multipart/form-data":
        body = await request.read()
    text = string_to_sign(
        effective_method(request),
        request.raw_path,
        date_text,
        request.host,
        content_type,
        version_text,
        body_hash(version_text, content_type, body, hash_type),
        version_header,
    )
    return sign(text, signing_key(caller.secret_key, day, request.host, hash_type), hash_type)
