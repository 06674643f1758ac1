"""Signed tokens for transfers without a signature: JWT with HS256 (rest-vfolders.md 4.3, 4.4)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

from bai_tui.local.context import Context

SECRET_KEY = "config/token-secret"
_HEADER = {"alg": "HS256", "typ": "JWT"}


class InvalidToken(Exception):
    """Not one of ours, or expired."""


def _secret(ctx: Context) -> bytes:
    value = ctx.store.value("SELECT value FROM config WHERE key = ?", SECRET_KEY)
    if value is None:
        value = secrets.token_hex(32)
        ctx.store.insert("config", key=SECRET_KEY, value=value)
    return bytes.fromhex(value)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _mac(ctx: Context, text: str) -> bytes:
    return hmac.new(_secret(ctx), text.encode(), hashlib.sha256).digest()


def issue(ctx: Context, claims: dict[str, Any], lifetime: float) -> str:
    """A token with the claims, valid for `lifetime` seconds."""
    expires = int(ctx.clock.now().timestamp() + lifetime)
    parts = (json.dumps(part).encode() for part in (_HEADER, claims | {"exp": expires}))
    text = ".".join(map(_encode, parts))
    return f"{text}.{_encode(_mac(ctx, text))}"


def read(ctx: Context, token: str) -> dict[str, Any]:
    """The claims of a token.

    Raises:
        InvalidToken: forged, damaged or expired.
    """
    text, _, mac = token.rpartition(".")
    try:
        if not hmac.compare_digest(_decode(mac), _mac(ctx, text)):
            raise InvalidToken
        claims: dict[str, Any] = json.loads(_decode(text.partition(".")[2]))
    except ValueError:
        raise InvalidToken from None
    if claims["exp"] < ctx.clock.now().timestamp():
        raise InvalidToken
    return claims
