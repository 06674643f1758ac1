"""Configuration: explicit arguments first, then the environment, then defaults. No files.

Names and meaning follow the manual (rest-client-behaviour.md 1); timeouts given as text become
numbers, and an endpoint list is tried in random order so that many clients spread their load.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

from bai_tui.api.auth import check_hash
from bai_tui.api.versioning import DEFAULT_API_VERSION, parse_version

if TYPE_CHECKING:
    from yarl import URL

T = TypeVar("T")
D = TypeVar("D")

DEFAULT_CHUNK_SIZE: Final = 256 * 1024
"""Bytes read or written at a time by transfers and tunnels."""

_UNSET: Any = object()
_TRUE = frozenset({"y", "yes", "t", "true", "1"})
_FALSE = frozenset({"n", "no", "f", "false", "0"})


def bool_env(value: str) -> bool:
    """Read a yes/no text: y yes t true 1, n no f false 0, in any case.

    Raises:
        ValueError: anything else.
    """
    text = value.lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(f"{value!r} is neither yes nor no")


@overload
def get_env(key: str, default: str = ...) -> str: ...
@overload
def get_env(key: str, default: Any = ..., *, clean: Callable[[Any], T]) -> T: ...
def get_env(
    key: str, default: Any = _UNSET, *, clean: Callable[[Any], Any] = lambda value: value
) -> Any:
    """The environment variable `BACKEND_<key>`, or `SORNA_<key>`, through `clean`.

    Raises:
        KeyError: not set, and no default given.
        ValueError: `clean` refused the value; the text names the variable.
    """
    name = f"BACKEND_{key.upper()}"
    value = os.environ.get(name)
    if value is None:
        name = f"SORNA_{key.upper()}"
        value = os.environ.get(name)
    if value is None:
        if default is _UNSET:
            raise KeyError(f"BACKEND_{key.upper()}")
        return clean(default)
    try:
        return clean(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _timeout(value: Any) -> float | None:
    """Seconds, or None for no limit; zero means no limit, too."""
    if value is None or value == "":
        return None
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{value!r} is not a number of seconds") from None
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"{value!r} is not a number of seconds")
    return seconds or None


def _names(value: str | Iterable[str]) -> tuple[str, ...]:
    items = value.split(",") if isinstance(value, str) else value
    return tuple(dict.fromkeys(item for item in items if item))


def get_user_agent() -> str:
    """Text of the `User-Agent` header unless a configuration has its own."""
    from bai_tui import __version__

    return f"bai-tui/{__version__} (Python)"


class APIConfig:
    """How to reach a server and as whom.

    Args:
        endpoint: absolute http(s) URL, or several separated by commas.
        endpoint_type: `api` (signed requests) or `session` (web server with a login).
        domain: domain of the user, sent with each request.
        group: default group (project) of new sessions.
        version: newest API version to speak, such as `v4.20190615`.
        user_agent: text of the `User-Agent` header.
        access_key: empty for anonymous requests.
        secret_key: secret of the access key.
        hash_type: hash of the signature, any of hashlib's guaranteed names.
        vfolder_mounts: names of vfolders mounted in every new session.
        skip_sslcert_validation: accept any certificate.
        connection_timeout: seconds to connect.
        read_timeout: seconds between two reads of an answer; None waits for ever.
        announcement_handler: called with the server's announcement when a session opens.
        storage_proxy_address_map: addresses of storage proxies as servers name them, to the ones
            that are reachable from here; also `BACKEND_OVERRIDE_STORAGE_PROXY=X1=Y1,X2=Y2`.

    Raises:
        ValueError: an unusable value, wherever it came from; the text names it.
    """

    DEFAULTS: Final[Mapping[str, Any]] = {
        "endpoint": "https://api.backend.ai",
        "endpoint_type": "api",
        "version": DEFAULT_API_VERSION,
        "hash_type": "sha256",
        "domain": "default",
        "group": "default",
        "connection_timeout": 10.0,
        "read_timeout": None,
    }

    def __init__(
        self,
        *,
        endpoint: str | URL | None = None,
        endpoint_type: str | None = None,
        domain: str | None = None,
        group: str | None = None,
        version: str | None = None,
        user_agent: str | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
        hash_type: str | None = None,
        vfolder_mounts: Iterable[str] | None = None,
        skip_sslcert_validation: bool | None = None,
        connection_timeout: float | str | None = None,
        read_timeout: float | str | None = None,
        announcement_handler: Callable[[str], None] | None = None,
        storage_proxy_address_map: Mapping[str, str] | None = None,
    ) -> None:
        given = self.DEFAULTS
        self._endpoints = _endpoints(
            str(endpoint) if endpoint else get_env("ENDPOINT", str(given["endpoint"]))
        )
        self._endpoint_type = endpoint_type or get_env("ENDPOINT_TYPE", str(given["endpoint_type"]))
        if self._endpoint_type not in ("api", "session"):
            raise ValueError(f"unsupported endpoint type {self._endpoint_type!r}: api or session")
        self._domain = domain or get_env("DOMAIN", str(given["domain"]))
        self._group = group or get_env("GROUP", str(given["group"]))
        self._explicit_version = version is not None
        self._version = version or str(given["version"])
        parse_version(self._version)
        self._user_agent = user_agent or get_user_agent()
        for name, text in (
            ("domain", self._domain),
            ("group", self._group),
            ("user agent", self._user_agent),
        ):
            if not text.isprintable():
                raise ValueError(f"the {name} {text!r} has control characters")
        if self._endpoint_type == "session":
            # The web server signs on our behalf; keys of the environment are not ours to send.
            access_key = secret_key = "dummy"
        self._access_key = access_key if access_key is not None else get_env("ACCESS_KEY", "")
        self._secret_key = secret_key if secret_key is not None else get_env("SECRET_KEY", "")
        for name, key in (("access key", self._access_key), ("secret key", self._secret_key)):
            if not key.isascii() or not key.isprintable():
                raise ValueError(f"the {name} has characters that no key has")
        self._hash_type = check_hash((hash_type or str(given["hash_type"])).lower())
        self._vfolder_mounts = _names(
            (*(vfolder_mounts or ()), *get_env("VFOLDER_MOUNTS", "", clean=_names))
        )
        self._skip_sslcert_validation = skip_sslcert_validation or get_env(
            "SKIP_SSLCERT_VALIDATION", "no", clean=bool_env
        )
        self._connection_timeout = (
            _timeout(connection_timeout)
            if connection_timeout is not None
            else get_env("CONNECTION_TIMEOUT", given["connection_timeout"], clean=_timeout)
        )
        self._read_timeout = (
            _timeout(read_timeout)
            if read_timeout is not None
            else get_env("READ_TIMEOUT", given["read_timeout"], clean=_timeout)
        )
        self._announcement_handler = announcement_handler
        self._storage_proxies = _addresses(
            storage_proxy_address_map
            if storage_proxy_address_map is not None
            else get_env("OVERRIDE_STORAGE_PROXY", "", clean=_pairs)
        )

    def __repr__(self) -> str:
        """Everything but the secret key."""
        return (
            f"APIConfig(endpoint={','.join(map(str, self._endpoints))!r}, "
            f"endpoint_type={self._endpoint_type!r}, access_key={self._access_key!r})"
        )

    @property
    def endpoint(self) -> URL:
        """The endpoint in use."""
        return self._endpoints[0]

    @property
    def endpoints(self) -> tuple[URL, ...]:
        """All endpoints: the one in use first, those that failed last."""
        return tuple(self._endpoints)

    def rotate_endpoints(self) -> None:
        """Move the endpoint in use to the end of the list."""
        self.endpoint_failed(self.endpoint)

    def endpoint_failed(self, endpoint: URL) -> None:
        """Move an endpoint to the end of the list, behind those that failed before it.

        So the order tells how long ago each failed, and a request that learns late that the
        endpoint is down does not push away the one that others use meanwhile.
        """
        if endpoint in self._endpoints:
            self._endpoints.remove(endpoint)
            self._endpoints.append(endpoint)

    @property
    def endpoint_type(self) -> str:
        """`api` or `session`."""
        return self._endpoint_type

    @property
    def domain(self) -> str:
        """Domain of the user."""
        return self._domain

    @property
    def group(self) -> str:
        """Default group of new sessions."""
        return self._group

    @property
    def version(self) -> str:
        """The API version asked for; what is spoken is decided when a session opens."""
        return self._version

    @property
    def explicit_version(self) -> bool:
        """Whether the version was given, so that nothing is to be negotiated."""
        return self._explicit_version

    @property
    def user_agent(self) -> str:
        """Text of the `User-Agent` header."""
        return self._user_agent

    @property
    def access_key(self) -> str:
        """The access key; empty means anonymous."""
        return self._access_key

    @property
    def secret_key(self) -> str:
        """The secret key."""
        return self._secret_key

    @property
    def hash_type(self) -> str:
        """Hash of the signature."""
        return self._hash_type

    @property
    def is_anonymous(self) -> bool:
        """Whether requests go out without a signature."""
        return self._access_key == ""

    @property
    def vfolder_mounts(self) -> tuple[str, ...]:
        """Vfolders mounted in every new session."""
        return self._vfolder_mounts

    @property
    def skip_sslcert_validation(self) -> bool:
        """Whether any certificate is accepted."""
        return self._skip_sslcert_validation

    @property
    def connection_timeout(self) -> float | None:
        """Seconds to connect, None for no limit."""
        return self._connection_timeout

    @property
    def read_timeout(self) -> float | None:
        """Seconds between two reads, None for no limit."""
        return self._read_timeout

    @property
    def announcement_handler(self) -> Callable[[str], None] | None:
        """Called with the announcement when a session opens."""
        return self._announcement_handler

    def storage_proxy(self, url: URL) -> URL:
        """An address of a storage proxy as it is reachable from here."""
        for theirs, ours in self._storage_proxies:
            if url.origin() == theirs:
                return ours.with_path(
                    f"{ours.raw_path.rstrip('/')}{url.raw_path}", encoded=True
                ).with_query(url.query)
        return url


def _pairs(text: str) -> dict[str, str]:
    pairs = {}
    for part in filter(None, text.split(",")):
        theirs, equals, ours = part.partition("=")
        if not equals:
            raise ValueError(f"{part!r} is not of the form THEIRS=OURS")
        pairs[theirs] = ours
    return pairs


def _addresses(addresses: Mapping[str, str]) -> tuple[tuple[URL, URL], ...]:
    return tuple(
        (_endpoint(theirs).origin(), _endpoint(ours)) for theirs, ours in addresses.items()
    )


def _endpoints(text: str) -> list[URL]:
    urls = [_endpoint(part) for part in text.split(",")]
    random.shuffle(urls)
    return urls


def _endpoint(text: str) -> URL:
    from yarl import URL

    try:
        url = URL(text.strip())
    except ValueError as error:
        raise ValueError(f"the endpoint {text!r} is not a URL: {error}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError(
            f"the endpoint {text!r} is not an absolute URL like https://api.example.com"
        )
    if url.user or url.password:
        raise ValueError("an endpoint cannot carry a user name or a password")
    return url


_config: APIConfig | None = None


def get_config() -> APIConfig:
    """The configuration of this process, read from the environment on first use."""
    global _config
    if _config is None:
        _config = APIConfig()
    return _config


def set_config(conf: APIConfig | None) -> None:
    """Replace the configuration of this process; None lets it be read anew."""
    global _config
    _config = conf


def local_state_path() -> Path:
    """Where logins of session mode are kept (cookie and name), as the manual's client does."""
    from platformdirs import user_state_path

    return user_state_path("backend.ai", "Lablup")


def local_cache_path() -> Path:
    """Where logs of parallel runs are kept."""
    from platformdirs import user_cache_path

    return user_cache_path("backend.ai", "Lablup")
