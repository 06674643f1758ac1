"""Requests and answers."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import lru_cache, partial
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Final

import aiohttp
from yarl import URL

from bai_tui.api import auth
from bai_tui.api.bodies import AttachedFile, Body, Multipart, OpenFile, Source
from bai_tui.api.delivery import FAILURES, attempt, describe, one_line
from bai_tui.api.exceptions import (
    BackendAPIError,
    BackendClientError,
    ClockSkewError,
    InvalidResponseError,
)

if TYPE_CHECKING:
    from bai_tui.api.blocking import BlockingResponse
    from bai_tui.api.config import APIConfig
    from bai_tui.api.session import AsyncSession, BaseSession
    from bai_tui.api.websocket import WebSocketContextManager

Content = bytes | bytearray | memoryview | str | IO[bytes] | None
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
MAX_ANSWER: Final = 256 * 1024 * 1024
"""Bytes an answer that is read whole may have."""
MAX_ERROR: Final = 1024 * 1024
BODY_STALL: Final = 60.0
"""Seconds without a byte after which an answer that has begun counts as broken."""


def _encode(value: Any) -> str:
    if isinstance(value, (Path, Decimal)):
        return str(value)
    raise ValueError(f"{type(value).__name__} cannot be sent as JSON")


def _query(params: Mapping[str, Any]) -> dict[str, str | list[str]]:
    def text(value: Any) -> str:
        return str(value).lower() if isinstance(value, bool) else str(value)

    return {
        key: [text(item) for item in value] if isinstance(value, (list, tuple)) else text(value)
        for key, value in params.items()
        if value is not None
    }


@lru_cache(maxsize=256)
def _below(endpoint: URL, path: str) -> URL:
    return endpoint.with_path(f"{endpoint.raw_path.rstrip('/')}/{path}", encoded="%" in path)


class Request:
    """One request to the server of `session`; nothing is sent before `fetch` is entered.

    Args:
        session: whose configuration and connections are used.
        method: HTTP method.
        path: path below the endpoint.
        content: body; text, bytes, an open binary file or nothing.
        content_type: media type of `content`.
        target: absolute URL in place of endpoint and path, for the addresses servers hand out;
            such requests are neither signed nor sent to another endpoint.
        params: query; values become text, lists repeat their name, None is left out.

    Raises:
        ValueError: unknown method, or a path that is no text.
    """

    def __init__(
        self,
        session: BaseSession,
        method: str = "GET",
        path: str | None = None,
        content: Content = None,
        *,
        content_type: str | None = None,
        params: Mapping[str, Any] | None = None,
        reporthook: Callable[..., None] | None = None,
        target: URL | None = None,
    ) -> None:
        if method not in METHODS:
            raise ValueError(f"unknown HTTP method {method!r}")
        if not isinstance(path or "", str):
            raise ValueError(f"a path is a text, not {path!r}")
        self.session: AsyncSession = session.asynchronous
        self.blocking: bool = session is not self.session
        self.config: APIConfig = session.config
        self.method = method
        self.target = target
        self.path: str = (target.path if target is not None else path or "").lstrip("/")
        self.params: dict[str, str | list[str]] = _query(params or {})
        self.headers: dict[str, str] = {}
        self.reporthook = reporthook
        self._body: Body | None = None
        self.content: bytes = b""
        self.content_type: str = "text/plain"
        self.set_content(content, content_type=content_type)

    def set_content(self, value: Content, *, content_type: str | None = None) -> None:
        """Set the body; text goes out as UTF-8 `text/plain`, bytes and files as octet stream.

        Raises:
            ValueError: the request already carries files, or it is none of these.
        """
        if self._body is not None:
            raise ValueError("the request already carries files")
        if value is None or isinstance(value, str):
            self.content, default = (value or "").encode("utf-8"), "text/plain"
        elif isinstance(value, (bytes, bytearray, memoryview)):
            self.content, default = bytes(value), "application/octet-stream"
        elif hasattr(value, "read"):
            self.set_body(OpenFile(value, content_type or "application/octet-stream"))
            return
        else:
            raise ValueError(f"a body is text, bytes or a binary file, not {value!r}")
        self.content_type = content_type or default

    def set_json(self, value: Any) -> None:
        """Set a JSON body; paths and decimals go out as text.

        Raises:
            ValueError: something in it is no JSON, such as an infinite number.
        """
        self.set_content(
            json.dumps(value, default=_encode, allow_nan=False).encode(),
            content_type="application/json",
        )

    def attach_files(self, files: Iterable[AttachedFile]) -> None:
        """Send `files` as multipart/form-data, each as a field named `src`.

        A `reporthook` given to the request is called with the bytes sent since its last call.
        """
        self.set_body(Multipart(files, report=self.reporthook))

    def set_body(self, body: Body) -> None:
        """Send a body that is produced on the way, such as a file."""
        if self.content:
            raise ValueError("the request already has a body")
        self._body = body
        self.content_type = body.content_type

    @property
    def replayable(self) -> bool:
        """Whether sending it twice does no harm."""
        return self.method in IDEMPOTENT and self._body is None

    def url(self, endpoint: URL | None = None) -> URL:
        """The whole URL at an endpoint, the one in use by default; in session mode below `/func`.

        A `target` has one of its own.
        """
        if self.target is not None:
            return self.target.update_query(self.params) if self.params else self.target
        path = self.path
        if self.config.endpoint_type == "session" and not path.startswith("server"):
            path = f"func/{path}"
        url = _below(endpoint or self.config.endpoint, path)
        return url.with_query(self.params) if self.params else url

    def sign(self, url: URL, content_type: str, *, anonymous: bool = False) -> dict[str, str]:
        """The headers of one attempt: date, version, domain and signature, made anew."""
        if self.target is not None:
            return {"User-Agent": self.config.user_agent, **self.headers}
        session, config = self.session, self.config
        version = session.api_version
        date = auth.date_text(session.clock_offset)
        headers = {
            "User-Agent": config.user_agent,
            "X-BackendAI-Domain": config.domain,
            "X-BackendAI-Version": version,
            "Date": date,
        }
        if self.headers:
            headers |= self.headers
        if not (anonymous or config.is_anonymous) and config.endpoint_type == "api":
            headers["Authorization"] = auth.authorization(
                self.method,
                url,
                date,
                content_type,
                version,
                config.access_key,
                config.secret_key,
                config.hash_type,
                self.content,
            )
        return headers

    def body(self, headers: dict[str, str]) -> bytes | Source | None:
        """What aiohttp sends, begun anew for each attempt; completes its headers."""
        headers.setdefault("Content-Type", self.content_type)
        if self._body is None:
            return self.content or None
        if self._body.length is not None:
            headers["Content-Length"] = str(self._body.length)
        return Source(self._body.pieces())

    def fetch(self, **options: Any) -> FetchContextManager:
        """Send the request: `async with request.fetch() as response`."""
        return FetchContextManager(self, **options)

    def connect_websocket(self, **options: Any) -> WebSocketContextManager[Any]:
        """Open a websocket: `async with request.connect_websocket() as ws`."""
        if self.method != "GET":
            raise ValueError("a websocket begins with GET")
        from bai_tui.api.websocket import WebSocketContextManager

        return WebSocketContextManager(self, **options)

    def connect_events(self, **options: Any) -> Any:
        """Open a reconnecting event stream: `async with request.connect_events() as stream`."""
        if self.method != "GET":
            raise ValueError("an event stream begins with GET")
        from bai_tui.api.events import EventStream

        return EventStream(self, **options)


_PLAIN: Final = json.JSONDecoder().decode
_ORDERED: Final = json.JSONDecoder(object_pairs_hook=OrderedDict).decode


class Response:
    """An answer. Reading methods are coroutines; `aread` and `areadall` are the manual's names."""

    def __init__(self, request: Request, raw: aiohttp.ClientResponse) -> None:
        self.request = request
        self.session: AsyncSession = request.session
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
            return await self._whole()
        except FAILURES as error:
            if isinstance(error, BackendClientError):
                raise
            raise describe(error, self.request, self.raw_response.url) from error

    async def _whole(self) -> bytes:
        """The body. Waiting for an answer may take long, but what has begun must go on."""
        content = self.raw_response.content
        parts, size = [], 0
        while not content.at_eof():
            if content.is_eof():
                part = content.read_nowait()
            else:
                async with asyncio.timeout(BODY_STALL):
                    part = await content.readany()
            size += len(part)
            if size > MAX_ANSWER:
                raise InvalidResponseError(
                    f"The answer to {self.request.method} /{self.request.path} "
                    f"is larger than {MAX_ANSWER >> 20} MiB."
                )
            parts.append(part)
        return b"".join(parts)

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

        Args:
            loads: another decoder; it is called with the text and `object_pairs_hook`.

        Raises:
            InvalidResponseError: it is none.
        """
        if loads is json.loads:
            return await self.decoded(_ORDERED)
        return await self.decoded(partial(loads, object_pairs_hook=OrderedDict))

    async def decoded(self, decode: Callable[[str], Any] = _PLAIN) -> Any:
        """The body as what `decode` makes of its text; by default JSON in plain types.

        Raises:
            InvalidResponseError: `decode` raised a ValueError.
        """
        body = await self.aread()
        try:
            return decode(body.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise InvalidResponseError(
                f"The answer to {self.request.method} /{self.request.path} is not JSON "
                f"({self.content_type or 'no type'}, {len(body)} bytes): {one_line(error)}."
            ) from None


async def api_error(raw: aiohttp.ClientResponse) -> BackendAPIError:
    """The error an answer outside 2xx stands for; its body is read up to a limit.

    Raises:
        InvalidResponseError: the status is none of an answer.
    """
    if raw.status < 200:
        raise InvalidResponseError(
            f"The answer to {raw.method} {raw.url.path} is {raw.status} {one_line(raw.reason)}."
        )
    body = b""
    with suppress(*FAILURES):
        async with asyncio.timeout(BODY_STALL):
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
        stall: float | None = None,
        response_cls: type[Response] = Response,
    ) -> None:
        self.request = request
        self.anonymous = anonymous
        self.check_status = check_status
        self.timeout = timeout
        self.stall = stall
        self.response_cls = response_cls
        self._raw: aiohttp.ClientResponse | None = None
        self._source: Source | None = None

    async def _drop_source(self) -> None:
        """Close the files of a body that was not sent to its end."""
        source, self._source = self._source, None
        if source is not None:
            await source.aclose()

    async def _send(self, url: URL) -> aiohttp.ClientResponse:
        request = self.request
        headers = request.sign(url, request.content_type, anonymous=self.anonymous)
        body = request.body(headers)
        self._source = body if isinstance(body, Source) else None
        try:
            return await request.session.http.request(
                request.method,
                url,
                data=body,
                headers=headers,
                allow_redirects=False,
                proxy=request.session.proxies.of(url),
                timeout=request.session.limits(self.timeout, self.stall),
            )
        except BaseException:
            await self._drop_source()
            raise

    async def __aenter__(self) -> Response:
        self.request.session.prepare()
        corrected = False
        while True:
            session = self.request.session
            assumed = session.clock_offset
            raw = await attempt(self.request, self._send)
            session.learn_clock(raw.headers.get("Date"))
            skewed = session.clock_offset != assumed
            if not self.check_status or 200 <= raw.status < 300:
                self._raw = raw
                return self.response_cls(self.request, raw)
            error = await api_error(raw)
            raw.release()
            await self._drop_source()
            # Refused before it was looked at: the one case in which a POST is sent again.
            if isinstance(error, ClockSkewError) and skewed and not corrected:
                corrected = True
                continue
            raise error

    def __enter__(self) -> BlockingResponse:
        if not self.request.blocking:
            raise BackendClientError("An AsyncSession's requests need `async with`.")
        from bai_tui.api.blocking import BlockingResponse, run

        return BlockingResponse(run(self.__aenter__()))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        from bai_tui.api.blocking import run

        run(self.__aexit__(kind, value, trace))

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
        await self._drop_source()


def server_time(header: str | None) -> datetime | None:
    """The `Date` header of an answer."""
    if not header:
        return None
    try:
        return parsedate_to_datetime(header)
    except ValueError:
        return None
