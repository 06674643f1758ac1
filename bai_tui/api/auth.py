"""Request signing (rest-auth.md 1) without any I/O: texts in, signature out.

The embedded local cluster checks signatures with the same functions.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bai_tui.api.versioning.releases import signs_body

if TYPE_CHECKING:
    from yarl import URL

DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class AuthTokenTypes(StrEnum):
    """Kinds of tokens `User.authorize` can ask for."""

    KEYPAIR = "keypair"
    JWT = "jwt"


class AuthToken(NamedTuple):
    """What `User.authorize` returns; `content` holds access_key, secret_key and role."""

    type: AuthTokenTypes
    content: Mapping[str, Any]


def body_hash(version: str, content_type: str, body: bytes, hash_type: str = "sha256") -> str:
    """Hex digest of what the signature covers of the body (rest-auth.md 1.2)."""
    signed = signs_body(version) and not content_type.startswith("multipart/")
    return hashlib.new(hash_type, body).hexdigest() if signed else _nothing(hash_type)


@lru_cache
def _nothing(hash_type: str) -> str:
    return hashlib.new(hash_type, b"").hexdigest()


def string_to_sign(
    method: str,
    target: str,
    date: str,
    host: str,
    content_type: str,
    version: str,
    body_digest: str,
    version_header: str = "x-backendai-version",
) -> str:
    """The seven lines that are signed (rest-auth.md 1.3).

    Args:
        method: HTTP method.
        target: request target exactly as on the request line.
        date: text of the date header, byte for byte.
        host: text of the `Host` header.
        content_type: media type; parameters are dropped here.
        version: API version.
        body_digest: result of `body_hash`.
        version_header: `x-sorna-version` for very old clients.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    return "\n".join(
        (
            method.upper(),
            target,
            date,
            f"host:{host.lower()}",
            f"content-type:{media_type}",
            f"{version_header}:{version}",
            body_digest,
        )
    )


@lru_cache(maxsize=64)
def signing_key(secret_key: str, day: str, host: str, hash_type: str = "sha256") -> bytes:
    """K2 of rest-auth.md 1.4; `day` is YYYYMMDD in the time zone of the date header."""
    first = hmac.digest(secret_key.encode("ascii"), day.encode(), hash_type)
    return hmac.digest(first, host.lower().encode(), hash_type)


@lru_cache(maxsize=64)
def _keyed(secret_key: str, day: str, host: str, hash_type: str) -> hmac.HMAC:
    """The beginning of each signature of a day, to be copied: it costs more than the rest."""
    return hmac.new(signing_key(secret_key, day, host, hash_type), digestmod=hash_type)


def sign(text: str, key: bytes, hash_type: str = "sha256") -> str:
    """Hex signature of the string to sign."""
    return hmac.digest(key, text.encode("utf-8"), hash_type).hex()


def host_of(url: URL) -> str:
    """The `Host` header HTTP libraries send: default ports are left out, names in lower case."""
    host = (url.raw_host or "").lower()
    if ":" in host:
        host = f"[{host}]"
    port = url.explicit_port
    return host if port is None or port == DEFAULT_PORTS.get(url.scheme) else f"{host}:{port}"


def format_date(moment: datetime) -> str:
    """ISO 8601 with offset, as the manual's client sends it."""
    return moment.isoformat()


def now(offset: float = 0.0) -> datetime:
    """The time of the server whose clock is `offset` seconds ahead of ours, in UTC."""
    return datetime.fromtimestamp(time.time() + offset, UTC)


def check_hash(name: str) -> str:
    """The name of a hash that can sign.

    Raises:
        ValueError: Python does not have it everywhere, or it has no fixed length.
    """
    if name not in hashlib.algorithms_guaranteed or name.startswith("shake"):
        raise ValueError(f"unsupported hash {name!r}")
    return name


def date_text(offset: float = 0.0) -> str:
    """`format_date(now(offset))` for less; what stands before the fraction changes seldom."""
    seconds, fraction = divmod(time.time() + offset, 1.0)
    return f"{_second(int(seconds))}.{int(fraction * 1e6):06}+00:00"


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def authorization(
    method: str,
    url: URL,
    date: datetime | str,
    content_type: str,
    version: str,
    access_key: str,
    secret_key: str,
    hash_type: str = "sha256",
    body: bytes = b"",
) -> str:
    """The `Authorization` header of a request to `url`; `date` as the header's text or before.

    Raises:
        ValueError: unknown hash.
    """
    check_hash(hash_type)
    moment = date if isinstance(date, str) else format_date(date)
    host = host_of(url)
    text = string_to_sign(
        method,
        url.raw_path_qs,
        moment,
        host,
        content_type,
        version,
        body_hash(version, content_type, body, hash_type),
    )
    day = moment[:10].replace("-", "")
    keyed = _keyed(secret_key, day, host, hash_type).copy()
    keyed.update(text.encode("utf-8"))
    credential = f"{access_key}:{keyed.hexdigest()}"
    return f"BackendAI signMethod=HMAC-{hash_type.upper()}, credential={credential}"


def generate_signature(
    method: str,
    version: str,
    endpoint: URL,
    date: datetime,
    rel_url: str,
    content_type: str,
    content: bytes,
    access_key: str,
    secret_key: str,
    hash_type: str,
) -> tuple[dict[str, str], str]:
    """The manual's function: (headers, signature) for a request below `endpoint`."""
    from yarl import URL

    base = str(endpoint).rstrip("/")
    url = URL(base + "/" + str(rel_url).lstrip("/"))
    header = authorization(
        method, url, date, content_type, version, access_key, secret_key, hash_type, content
    )
    return {"Authorization": header}, header.rpartition(":")[2]
