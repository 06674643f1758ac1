"""Which endpoint a request goes to, whether to another one too, and what its failure is called."""

from __future__ import annotations

import os
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import aiohttp

from bai_tui.api.exceptions import (
    BackendClientError,
    BackendConnectionError,
    BackendTimeoutError,
    ConnectionLostError,
    InvalidResponseError,
    NameResolutionError,
    TLSError,
    TruncatedResponseError,
)

if TYPE_CHECKING:
    from yarl import URL

    from bai_tui.api.request import Request

T = TypeVar("T")

FAILURES = (aiohttp.ClientError, TimeoutError, OSError)
"""What the HTTP library raises when there is no answer, or none that can be read."""

_NOTHING_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


@dataclass(slots=True)
class RetryPolicy:
    """What may be sent again, and how often (design: only what is safe to repeat).

    Attributes:
        enabled: switch for tests.
    """

    enabled: bool = True

    def next_endpoint(self, error: BaseException, request: Request) -> bool:
        """Whether to try another endpoint: nothing was read, or reading it twice is harmless."""
        if not self.enabled:
            return False
        broken = isinstance(error, (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError))
        return isinstance(error, _NOTHING_SENT) or (broken and request.replayable)


async def attempt(request: Request, send: Callable[[URL], Awaitable[T]]) -> T:
    """Send to one endpoint after the other until one answers, each at most once.

    An endpoint that failed goes to the end of the configuration's list, so that all requests
    after this one begin with one that was well.

    Raises:
        BackendClientError: none answered, or it is not known whether one read the request.
        aiohttp.WSServerHandshakeError: the server refused a websocket, which is an answer.
    """
    if request.target is not None:
        endpoints = [request.target.origin()]
    else:
        endpoints = list(request.config.endpoints)
    for number, endpoint in enumerate(endpoints, 1):
        url = request.url(endpoint)
        try:
            return await send(url)
        except aiohttp.WSServerHandshakeError:
            raise
        except FAILURES as error:
            if isinstance(error, (*_NOTHING_SENT, aiohttp.ServerDisconnectedError)):
                request.config.endpoint_failed(endpoint)
            again = request.session.retry_policy.next_endpoint(error, request)
            if number == len(endpoints) or not again:
                raise describe(error, request, url, number) from error
    raise AssertionError("a configuration has an endpoint")


def describe(
    error: BaseException, request: Request, url: URL, tried: int = 1
) -> BackendClientError:
    """Our error for one of aiohttp's, naming the request, without its traceback texts.

    Args:
        error: what was raised.
        request: by which request.
        url: where it went.
        tried: how many endpoints failed.
    """
    # What broke while a body was produced is aiohttp's cause, not its error.
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, BackendClientError):
            return cause
        cause = cause.__cause__
    where = str(url.origin())
    what = f"{request.method} /{request.path}"
    others = f" {tried - 1} more endpoints failed before." if tried > 1 else ""
    if isinstance(error, (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError)):
        return _proxy_error(error, request, url)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return TLSError(f"The certificate of {where} is not accepted: {error.certificate_error}.")
    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError)):
        reason = getattr(error, "os_error", error)
        return TLSError(f"No TLS connection to {where}: {getattr(reason, 'reason', reason)}.")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return NameResolutionError(f"The host name {url.host} is not known.{others}")
    if isinstance(error, aiohttp.ClientConnectorError):
        return BackendConnectionError(f"No connection to {where}: {_reason(error)}.{others}")
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return BackendConnectionError(f"No connection to {where} in time.{others}")
    if isinstance(error, TimeoutError):
        return BackendTimeoutError(f"No answer from {where} to {what} in time.")
    if isinstance(error, aiohttp.ClientPayloadError):
        return TruncatedResponseError(f"The answer to {what} broke off.")
    if isinstance(error, aiohttp.ClientResponseError):
        detail = getattr(error, "message", "") or str(error) or type(error).__name__
        return InvalidResponseError(f"The answer to {what} cannot be read: {one_line(detail)}.")
    if isinstance(error, (aiohttp.ClientError, OSError)):
        return ConnectionLostError(f"The connection to {where} broke during {what}.")
    raise error


def _reason(error: aiohttp.ClientConnectorError) -> str:
    number = error.os_error.errno
    return os.strerror(number).lower() if number else type(error.os_error).__name__


def _proxy_error(
    error: aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError,
    request: Request,
    url: URL,
) -> BackendConnectionError:
    """Names the proxy, without the password it may be addressed with."""
    proxy = request.session.proxies.of(url)
    where = proxy.origin() if proxy is not None else "the proxy"
    if isinstance(error, aiohttp.ClientHttpProxyError):
        reason = f"{error.status} {one_line(error.message)}".strip()
        text = f"The proxy {where} does not connect to {url.origin()}: {reason}."
    else:
        text = f"No connection to the proxy {where}: {_reason(error)}."
    return BackendConnectionError(
        text, hint="Check the proxy (HTTPS_PROXY, HTTP_PROXY); NO_PROXY names hosts without one."
    )


def one_line(text: object) -> str:
    """A text of somebody else in one line of a message."""
    return " ".join(str(text).split())[:200]
