"""Password hashes (scrypt) and generated secrets."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

# 16 MiB and about 30 ms: enough for accounts that only loopback can try.
_N, _R, _P = 2**14, 8, 1


def hash_password(password: str) -> str:
    """`scrypt$N$r$p$salt$hash`, salted, base64 parts."""
    salt = secrets.token_bytes(16)
    digest = hashlib.scrypt(password.encode(), salt=salt, n=_N, r=_R, p=_P, dklen=32)
    texts = (base64.b64encode(part).decode() for part in (salt, digest))
    return "$".join(("scrypt", str(_N), str(_R), str(_P), *texts))


def check_password(password: str, stored: str) -> bool:
    """Whether `password` is the one that `stored` was made from."""
    kind, *numbers, salt, digest = stored.split("$")
    if kind != "scrypt":
        return False
    n, r, p = (int(number) for number in numbers)
    found = hashlib.scrypt(password.encode(), salt=base64.b64decode(salt), n=n, r=r, p=p, dklen=32)
    return hmac.compare_digest(found, base64.b64decode(digest))


def new_access_key() -> str:
    """`AKIA` and 16 base32 characters (graphql.md 6)."""
    return "AKIA" + base64.b32encode(secrets.token_bytes(10)).decode()


def new_secret_key() -> str:
    """40 URL-safe characters (graphql.md 6)."""
    return secrets.token_urlsafe(30)
