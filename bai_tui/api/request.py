"""Requests, answers and websockets. The only module that touches aiohttp's client."""

from __future__ import annotations

import json
import os
import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

import aiohttp
from yarl import URL

from bai_tui.api import auth
from bai_tui.api.exceptions import (
    BackendAPIError,
    BackendClientError,
    BackendConnectionError,
    BackendTimeoutError,
    ClockSkewError,
    ConnectionLostError,
    InvalidResponseError,
    NameResolutionError,
    StreamClosedError,
    TLSError,
)

if TYPE_CHECKING:
    from bai_tui.api.session import BaseSession

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
HEARTBEAT: Final = 30.0
"""Seconds between the pings that keep a websocket known to be alive."""
MAX_ANSWER: Final = 256 * 1024 * 1024
"""Bytes an answer that is read whole may have."""
MAX_ERROR: Final = 1024 * 1024
MAX_FRAME: Final = 16 * 1024 * 1024


class AttachedFile(NamedTuple):
    """A file of a multipart upload; `filename` may contain directories."""

    filename: str
    stream: IO[bytes] | Callable[[], IO[bytes]]
    content_type: str = "application/octet-stream"


def _encode(value: Any) -> str:
    if isinstance(value, (Path, Decimal)):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")


def _query(params: Mapping[str, Any]) -> dict[str, str | list[str]]:
    def text(value: Any) -> str:
        return str(value).lower() if isinstance(value, bool) else str(value)

    return {
        key: [text(item) for item in value] if isinstance(value, (list, tuple)) else text(value)
        for key, value in params.items()
        if value is not None
    }


class Request:
    """One request to the server of `session`; nothing is sent before `fetch` is entered.

    Args:
        session: whose configuration and connections are used.
        method: HTTP method.
        path: path below the endpoint.
        content: body; text, bytes or nothing.
        content_type: media type of `content`.
        params: query; values become text, lists repeat their name, None is left out.

    Raises:
        ValueError: unknown method, or a path that is no text.
    """

    def __init__(
        self,
        session: BaseSession,
        method: str = "GET",
        path: str | None = None,
        content: bytes | str | None = None,
        *,
        content_type: str | None = None,
        params: Mapping[str, Any] | None = None,
        reporthook: Callable[..., None] | None = None,
    ) -> None:
        if method not in METHODS:
            raise ValueError(f"unknown HTTP method {method!r}")
        self.session = session
        self.config = session.config
        self.method = method
        self.path = (path or "").lstrip("/")
        self.params = _query(params or {})
        self.headers: dict[str, str] = {}
        self.reporthook = reporthook
        self._files: tuple[AttachedFile, ...] = ()
        self.content: bytes = b""
        self.content_type = "text/plain"
        self.set_content(content, content_type=content_type)

    def set_content(self, value: bytes | str | None, *, content_type: str | None = None) -> None:
        """Set the body; text goes out as UTF-8 `text/plain`, bytes as octet stream."""
        if self._files:
            raise ValueError("the request already carries files")
        if value is None:
            self.content, default = b"", "text/plain"
        elif isinstance(value, str):
            self.content, default = value.encode("utf-8"), "text/plain"
        else:
            self.content, default = value, "application/octet-stream"
        self.content_type = content_type or default

    def set_json(self, value: Any) -> None:
        """Set a JSON body; paths and decimals go out as text."""
        self.set_content(
            json.dumps(value, default=_encode).encode(), content_type="application/json"
        )

    def attach_files(self, files: Iterable[AttachedFile]) -> None:
        """Send `files` as multipart/form-data, each as a field named `src`."""
        if self.content:
            raise ValueError("the request already has a body")
        self._files = tuple(files)
        self.content_type = "multipart/form-data"

    @property
    def replayable(self) -> bool:
        """Whether sending it twice does no harm."""
        return self.method in IDEMPOTENT and not self._files

    def url(self) -> URL:
        """The whole URL at the endpoint in use; in session mode below `/func`."""
        path = self.path
        if self.config.endpoint_type == "session" and not path.startswith("server"):
            path = f"func/{path}"
        base = self.config.endpoint
        url = base.with_path(f"{base.raw_path.rstrip('/')}/{path}", encoded="%" in path)
        return url.with_query(self.params) if self.params else url

    def sign(self, url: URL, content_type: str, *, anonymous: bool = False) -> dict[str, str]:
        """The headers of one attempt: date, version, domain and signature, made anew."""
        date = auth.now(self.session.clock_offset)
        headers = {
            "User-Agent": self.config.user_agent,
            "X-BackendAI-Domain": self.config.domain,
            "X-BackendAI-Version": self.session.api_version,
            "Date": auth.format_date(date),
            **self.headers,
        }
        if self.config.endpoint_type == "api" and not (anonymous or self.config.is_anonymous):
            headers["Authorization"] = auth.authorization(
                self.method,
                url,
                date,
                content_type,
                self.session.api_version,
                self.config.access_key,
                self.config.secret_key,
                self.config.hash_type,
                self.content,
            )
        return headers

    def body(self) -> Any:
        """What aiohttp sends; files are opened anew for each attempt."""
        if not self._files:
            return self.content or None
        # Names keep their slashes: they are paths below the working directory.
        form = aiohttp.FormData(quote_fields=False)
        for file in self._files:
            stream = file.stream() if callable(file.stream) else file.stream
            form.add_field("src", stream, filename=file.filename, content_type=file.content_type)
        return form()

    def fetch(self, **options: Any) -> FetchContextManager:
        """Send the request: `async with request.fetch() as response`."""
        return FetchContextManager(self, **options)

    def connect_websocket(self, **options: Any) -> WebSocketContextManager[Any]:
        """Open a websocket: `async with request.connect_websocket() as ws`."""
        if self.method != "GET":
            raise ValueError("a websocket begins with GET")
        return WebSocketContextManager(self, **options)

    def connect_events(self, **options: Any) -> Any:
        """Open a reconnecting event stream: `async with request.connect_events() as stream`."""
        if self.method != "GET":
            raise ValueError("an event stream begins with GET")
        from bai_tui.api.events import EventStream

        return EventStream(self, **options)


def describe(error: BaseException, request: Request) -> BackendClientError:
    """Our error for one of aiohttp's, naming the request, without its traceback texts."""
    where = f"{request.config.endpoint.origin()}"
    what = f"{request.method} /{request.path}"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return TLSError(f"The certificate of {where} is not accepted: {error.certificate_error}.")
    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError)):
        reason = getattr(error, "os_error", error)
        return TLSError(f"No TLS connection to {where}: {getattr(reason, 'reason', reason)}.")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return NameResolutionError(f"The host name {request.config.endpoint.host} is not known.")
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno
        reason = os.strerror(number).lower() if number else type(error.os_error).__name__
        return BackendConnectionError(f"No connection to {where}: {reason}.")
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return BackendConnectionError(f"No connection to {where} in time.")
    if isinstance(error, TimeoutError):
        return BackendTimeoutError(f"No answer from {where} to {what} in time.")
    if isinstance(error, (aiohttp.ClientResponseError, aiohttp.ClientPayloadError)):
        detail = getattr(error, "message", "") or str(error) or type(error).__name__
        return InvalidResponseError(f"The answer to {what} cannot be read: {_line(detail)}.")
    if isinstance(error, (aiohttp.ClientError, OSError)):
        return ConnectionLostError(f"The connection to {where} broke during {what}.")
    raise error


def _line(text: object) -> str:
    return " ".join(str(text).split())[:200]


_NOTHING_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


@dataclass(slots=True)
class RetryPolicy:
    """What may be sent again, and how often (design: only what is safe to repeat).

    Attributes:
        enabled: switch for tests.
    """

    enabled: bool = True

    def next_endpoint(self, error: BaseException, request: Request, failures: int) -> bool:
        """Whether to try the next endpoint: nothing was read, or reading it twice is harmless."""
        if not self.enabled or failures >= len(request.config.endpoints):
            return False
        if isinstance(error, _NOTHING_SENT):
            return True
        broken = isinstance(error, (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError))
        return broken and request.replayable


async def _attempt(
    request: Request, send: Callable[[URL], Awaitable[aiohttp.ClientResponse]]
) -> aiohttp.ClientResponse:
    """Send to one endpoint after the other until one answers."""
    failures = 0
    while True:
        try:
            return await send(request.url())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failures += 1
            if isinstance(error, (*_NOTHING_SENT, aiohttp.ServerDisconnectedError)):
                request.config.rotate_endpoints()
            if not request.session.retry_policy.next_endpoint(error, request, failures):
                raise describe(error, request) from error


class Response:
    """An answer. Reading methods are coroutines; `aread` and `areadall` are the manual's names."""

    def __init__(self, request: Request, raw: aiohttp.ClientResponse) -> None:
        self.request = request
        self.session = request.session
        self.raw_response = raw

    @property
    def status(self) -> int:
        """HTTP status."""
        return self.raw_response.status

    @property
    def reason(self) -> str:
        """HTTP reason phrase."""
        return self.raw_response.reason or ""

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of the answer."""
        return self.raw_response.headers

    @property
    def content_type(self) -> str:
        """Media type without parameters."""
        return self.raw_response.content_type

    @property
    def content_length(self) -> int | None:
        """Length the server announced."""
        return self.raw_response.content_length

    @property
    def content(self) -> aiohttp.StreamReader:
        """The body as a stream."""
        return self.raw_response.content

    async def aread(self, n: int = -1) -> bytes:
        """Read at most `n` bytes; empty at the end. Everything when `n` is negative."""
        try:
            if n >= 0:
                return await self.raw_response.content.read(n)
            parts, size = [], 0
            async for part in self.raw_response.content.iter_chunked(65536):
                size += len(part)
                if size > MAX_ANSWER:
                    raise InvalidResponseError(
                        f"The answer to {self.request.method} /{self.request.path} "
                        f"is larger than {MAX_ANSWER >> 20} MiB."
                    )
                parts.append(part)
            return b"".join(parts)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if isinstance(error, BackendClientError):
                raise
            raise describe(error, self.request) from error

    async def areadall(self) -> bytes:
        """The whole body."""
        return await self.aread()

    read = aread
    readall = areadall

    async def text(self) -> str:
        """The body as text; bytes that are no UTF-8 become U+FFFD."""
        return (await self.aread()).decode("utf-8", "replace")

    async def json(self, *, loads: Callable[..., Any] = json.loads) -> Any:
        """The body as JSON; objects are `OrderedDict`s.

        Raises:
            InvalidResponseError: it is none.
        """
        body = await self.aread()
        try:
            return loads(body.decode("utf-8"), object_pairs_hook=OrderedDict)
        except (ValueError, RecursionError) as error:
            raise InvalidResponseError(
                f"The answer to {self.request.method} /{self.request.path} is not JSON "
                f"({self.content_type or 'no type'}, {len(body)} bytes): {_line(error)}."
            ) from None


async def api_error(raw: aiohttp.ClientResponse) -> BackendAPIError:
    """The error an answer outside 2xx stands for; its body is read up to a limit."""
    body = b""
    with suppress(aiohttp.ClientError, TimeoutError, OSError):
        while len(body) < MAX_ERROR and (part := await raw.content.read(65536)):
            body += part
    return BackendAPIError.of(raw.status, raw.reason or "", body)


class FetchContextManager:
    """Sends the request on entering and releases the connection on leaving.

    Raises on entering:
        BackendAPIError: status outside 2xx (not with `check_status=False`).
        BackendClientError: no usable answer.
    """

    def __init__(
        self,
        request: Request,
        *,
        anonymous: bool = False,
        check_status: bool = True,
        timeout: float | None = None,
        response_cls: type[Response] = Response,
    ) -> None:
        self.request = request
        self.anonymous = anonymous
        self.check_status = check_status
        self.timeout = timeout
        self.response_cls = response_cls
        self._raw: aiohttp.ClientResponse | None = None

    async def _send(self, url: URL) -> aiohttp.ClientResponse:
        request = self.request
        headers = request.sign(url, request.content_type, anonymous=self.anonymous)
        body = request.body()
        if body is None or isinstance(body, bytes):
            headers.setdefault("Content-Type", request.content_type)
        config = request.config
        return await request.session.http.request(
            request.method,
            url,
            data=body,
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(
                total=self.timeout,
                sock_connect=config.connection_timeout,
                sock_read=config.read_timeout,
            ),
        )

    async def __aenter__(self) -> Response:
        self.request.session.prepare()
        corrected = False
        while True:
            raw = await _attempt(self.request, self._send)
            skewed = self.request.session.learn_clock(raw.headers.get("Date"))
            if not self.check_status or 200 <= raw.status < 300:
                self._raw = raw
                return self.response_cls(self.request, raw)
            error = await api_error(raw)
            raw.release()
            # Refused before it was looked at: the one case in which a POST is sent again.
            if isinstance(error, ClockSkewError) and skewed and not corrected:
                corrected = True
                continue
            raise error

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._raw is not None:
            if self._raw.content.is_eof():
                self._raw.release()
            else:
                self._raw.close()
            self._raw = None


class WebSocketResponse:
    """An open websocket; iterate it for raw messages."""

    def __init__(self, request: Request, raw: aiohttp.ClientWebSocketResponse) -> None:
        self.request = request
        self.session = request.session
        self.raw_websocket = raw

    @property
    def raw_weboscket(self) -> aiohttp.ClientWebSocketResponse:
        """The raw object, as the manual's client spells it."""
        return self.raw_websocket

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self.raw_websocket.closed

    @property
    def close_code(self) -> int | None:
        """Why it was closed, see RFC 6455 7.4; None while open."""
        return self.raw_websocket.close_code

    async def close(self) -> None:
        """Close it; harmless when closed."""
        await self.raw_websocket.close()

    def exception(self) -> BaseException | None:
        """What broke the connection, if anything did."""
        return self.raw_websocket.exception()

    async def __aiter__(self) -> AsyncIterator[aiohttp.WSMessage]:
        async for message in self.raw_websocket:
            yield message

    async def _send(self, sending: Awaitable[None]) -> None:
        try:
            await sending
        except (ConnectionError, aiohttp.ClientError, RuntimeError) as error:
            raise StreamClosedError(f"/{self.request.path} is closed.") from error

    async def send_str(self, data: str) -> None:
        """Send a text frame.

        Raises:
            StreamClosedError: the websocket is closed.
        """
        await self._send(self.raw_websocket.send_str(data))

    send_text = send_str

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame; raises StreamClosedError when closed."""
        await self._send(self.raw_websocket.send_bytes(data))

    async def send_json(self, data: Any) -> None:
        """Send a text frame holding JSON; raises StreamClosedError when closed."""
        await self.send_str(json.dumps(data))

    async def _receive(self, kind: aiohttp.WSMsgType) -> Any:
        message = await self.raw_websocket.receive()
        if message.type != kind:
            raise StreamClosedError(
                f"/{self.request.path}: expected {kind.name}, got {message.type.name}."
            )
        return message.data

    async def receive_str(self) -> str:
        """The next text frame; raises StreamClosedError when something else comes."""
        return str(await self._receive(aiohttp.WSMsgType.TEXT))

    async def receive_bytes(self) -> bytes:
        """The next binary frame; raises StreamClosedError when something else comes."""
        return bytes(await self._receive(aiohttp.WSMsgType.BINARY))

    async def receive_json(self) -> Any:
        """The JSON of the next text frame; raises StreamClosedError when something else comes."""
        return json.loads(await self.receive_str())


W = TypeVar("W", bound=WebSocketResponse)


class WebSocketContextManager(Generic[W]):
    """Opens the websocket on entering and closes it on leaving.

    Raises on entering:
        BackendAPIError: the server refused the handshake, with the status and what it said.
        BackendClientError: no connection.
    """

    def __init__(
        self,
        request: Request,
        *,
        on_enter: Callable[[W], Awaitable[None]] | None = None,
        response_cls: type[W] = WebSocketResponse,  # type: ignore[assignment]
        protocols: Sequence[str] = (),
    ) -> None:
        self.request = request
        self.on_enter = on_enter
        self.response_cls = response_cls
        self.protocols = protocols
        self._ws: W | None = None

    async def __aenter__(self) -> W:
        request = self.request
        request.session.prepare()
        corrected = False
        failures = 0
        while True:
            url = request.url()
            headers = request.sign(url, "application/octet-stream")
            try:
                raw = await request.session.http.ws_connect(
                    url,
                    headers=headers,
                    heartbeat=HEARTBEAT,
                    max_msg_size=MAX_FRAME,
                    protocols=self.protocols,
                    timeout=aiohttp.ClientWSTimeout(ws_close=5.0),
                )
                break
            except aiohttp.WSServerHandshakeError as error:
                # The body is lost with a refused handshake: ask again as a plain request.
                skewed = request.session.learn_clock(
                    error.headers.get("Date") if error.headers else None
                )
                refusal = await self._refusal(error)
                if isinstance(refusal, ClockSkewError) and skewed and not corrected:
                    corrected = True
                    continue
                raise refusal from None
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                failures += 1
                request.config.rotate_endpoints()
                if not request.session.retry_policy.next_endpoint(error, request, failures):
                    raise describe(error, request) from error
        self._ws = self.response_cls(request, raw)
        if self.on_enter is not None:
            try:
                await self.on_enter(self._ws)
            except BaseException:
                await self._ws.close()
                raise
        return self._ws

    async def _refusal(self, error: aiohttp.WSServerHandshakeError) -> BackendAPIError:
        plain = Request(self.request.session, "GET", self.request.path, params=self.request.params)
        url = plain.url()
        headers = plain.sign(url, "application/octet-stream")
        with suppress(aiohttp.ClientError, TimeoutError, OSError):
            async with plain.session.http.get(
                url,
                headers=headers,
                allow_redirects=False,
                skip_auto_headers=("Content-Type",),
                timeout=aiohttp.ClientTimeout(total=10),
            ) as raw:
                if raw.status == error.status:
                    return await api_error(raw)
        return BackendAPIError.of(error.status, error.message or "refused")

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._ws is not None:
            await self._ws.close()
            self._ws = None


def server_time(header: str | None) -> datetime | None:
    """The `Date` header of an answer."""
    if not header:
        return None
    try:
        return parsedate_to_datetime(header)
    except ValueError:
        return None
