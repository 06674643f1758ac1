"""The web server of a cluster, on the manager's own port (rest-auth.md 2.3, 2.4).

`/server/*` keeps logins in cookies; `/func/*` carries requests of logged-in users to the manager,
signed on their behalf, streams and websockets included.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import hdrs, web
from yarl import URL

from bai_tui.api import auth
from bai_tui.local.context import LATEST_VERSION
from bai_tui.local.params import Field, params
from bai_tui.local.problems import AuthFailed, GenericBadRequest, Problem
from bai_tui.local.routing import Call, Guard, Needs, Route, add, reply

COOKIE = "AIOHTTP_SESSION"
LIFETIME = 7 * 86400.0
CHUNK = 2**18
MAX_FRAME = 16 * 1024 * 1024
KEPT = ("Content-Type", "Content-Length", "Accept-Language", "Range", "If-Range", "Accept-Encoding")
DROPPED = frozenset({"transfer-encoding", "connection", "date", "server", "content-encoding"})


class BadGateway(Problem):
    """The manager refused a websocket, or could not be reached."""

    status = 502
    suffix = "bad-gateway"
    title = "The proxy target server is inaccessible."


@dataclass(slots=True)
class Login:
    """Who is behind a cookie."""

    username: str
    access_key: str
    secret_key: str
    role: str
    until: float


@dataclass(slots=True)
class Logins:
    """Logins by cookie, and the connections to the manager."""

    by_cookie: dict[str, Login] = field(default_factory=dict)
    http: aiohttp.ClientSession | None = None

    def find(self, request: web.Request) -> Login | None:
        """The login of a request, if it has one that still holds."""
        cookie = request.cookies.get(COOKIE, "")
        login = self.by_cookie.get(cookie)
        if login is not None and login.until < time.time():
            del self.by_cookie[cookie]
            return None
        return login

    def client(self) -> aiohttp.ClientSession:
        """The connections to the manager."""
        if self.http is None:
            self.http = aiohttp.ClientSession(
                auto_decompress=False,
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self.http


LOGINS: web.AppKey[Logins] = web.AppKey("logins", Logins)


async def login(call: Call) -> web.StreamResponse:
    """Exchange user name and password for a cookie."""
    logins = call.request.config_dict[LOGINS]
    if logins.find(call.request) is not None:
        raise GenericBadRequest("You have already logged in.")
    body = {
        "type": "keypair",
        "domain": call.request.headers.get("X-BackendAI-Domain", "default"),
        "username": call.params["username"],
        "password": call.params["password"],
    }
    url = _manager(call.request).with_path("/auth/authorize")
    headers = {"X-BackendAI-Version": LATEST_VERSION}
    async with logins.client().post(url, json=body, headers=headers) as answer:
        if answer.status != 200:
            return reply({"authenticated": False, "data": None})
        data = (await answer.json())["data"]
    cookie = secrets.token_urlsafe(32)
    logins.by_cookie[cookie] = Login(
        call.params["username"],
        data["access_key"],
        data["secret_key"],
        data["role"],
        time.time() + LIFETIME,
    )
    public = {"access_key": data["access_key"], "role": data["role"]}
    response = reply({"authenticated": True, "data": public})
    response.set_cookie(COOKIE, cookie, httponly=True, max_age=int(LIFETIME), samesite="Lax")
    return response


async def login_check(call: Call) -> web.StreamResponse:
    """Whether the cookie holds a login."""
    found = call.request.config_dict[LOGINS].find(call.request)
    data = {"access_key": found.access_key, "role": found.role} if found else None
    cookie = call.request.cookies.get(COOKIE, "")
    return reply({"authenticated": found is not None, "data": data, "session_id": cookie})


async def logout(call: Call) -> web.StreamResponse:
    """Forget the login."""
    call.request.config_dict[LOGINS].by_cookie.pop(call.request.cookies.get(COOKIE, ""), None)
    response = web.Response(status=201)
    response.del_cookie(COOKIE)
    return response


async def forward(call: Call) -> web.StreamResponse:
    """Carry a request to the manager and its answer back."""
    request = call.request
    logins = request.config_dict[LOGINS]
    path = request.raw_path.removeprefix("/func")
    found = logins.find(request)
    public = path.partition("?")[0] in ("/", "/auth/signup") or path.startswith(
        "/folders/_/tus/upload/"
    )
    if found is None and not public:
        raise AuthFailed("Unauthorized access")
    url = _manager(request).join(URL(path, encoded=True))
    headers = {name: request.headers[name] for name in KEPT if name in request.headers}
    headers |= _signed(request, url, found)
    if request.headers.get(hdrs.UPGRADE, "").lower() == "websocket":
        return await _carry_websocket(request, logins.client(), url, headers)
    body = request.content.iter_chunked(CHUNK) if request.body_exists else None
    timeout = aiohttp.ClientTimeout(total=None)
    async with logins.client().request(
        request.method, url, headers=headers, data=body, timeout=timeout, allow_redirects=False
    ) as answer:
        response = web.StreamResponse(status=answer.status, reason=answer.reason)
        for name, value in answer.headers.items():
            if name.lower() not in DROPPED:
                response.headers[name] = value
        if "Content-Length" not in answer.headers and answer.status not in (204, 304):
            response.enable_chunked_encoding()
        await response.prepare(request)
        async for chunk in answer.content.iter_any():
            await response.write(chunk)
        await response.write_eof()
        return response


def _manager(request: web.Request) -> URL:
    """This very server, by the address the request came to."""
    transport = request.transport
    assert transport is not None
    host, port = transport.get_extra_info("sockname")[:2]
    return URL.build(scheme="http", host=host, port=port)


def _signed(request: web.Request, url: URL, login: Login | None) -> dict[str, str]:
    version = request.headers.get("X-BackendAI-Version", LATEST_VERSION)
    moment = datetime.now(UTC)
    headers = {"Date": auth.format_date(moment), "X-BackendAI-Version": version}
    if login is not None:
        headers["Authorization"] = auth.authorization(
            request.method,
            url,
            moment,
            request.headers.get(hdrs.CONTENT_TYPE, "application/octet-stream"),
            version,
            login.access_key,
            login.secret_key,
        )
        headers.setdefault("Content-Type", request.headers.get(hdrs.CONTENT_TYPE, ""))
        if not headers["Content-Type"]:
            headers["Content-Type"] = "application/octet-stream"
    return headers


async def _carry_websocket(
    request: web.Request, client: aiohttp.ClientSession, url: URL, headers: dict[str, str]
) -> web.StreamResponse:
    try:
        manager = await client.ws_connect(url, headers=headers, max_msg_size=MAX_FRAME)
    except aiohttp.ClientError:
        raise BadGateway from None
    user = web.WebSocketResponse(max_msg_size=MAX_FRAME, compress=False)
    await user.prepare(request)
    ways = [
        asyncio.create_task(_copy(user, manager)),
        asyncio.create_task(_copy(manager, user)),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        await manager.close()
        await user.close(code=manager.close_code or aiohttp.WSCloseCode.OK)
    return user


async def _copy(source: Any, target: Any) -> None:
    async for message in source:
        if message.type is aiohttp.WSMsgType.TEXT:
            await target.send_str(message.data)
        elif message.type is aiohttp.WSMsgType.BINARY:
            await target.send_bytes(message.data)


async def _close(app: web.Application) -> None:
    http = app[LOGINS].http
    if http is not None:
        await http.close()


CREDENTIALS = params(Field("username"), Field("password"))
FREE = (Guard.PUBLIC, Needs.NOTHING)
ROUTES = (
    Route("POST", "/server/login", login, *FREE, CREDENTIALS),
    Route("POST", "/server/login-check", login_check, *FREE),
    Route("POST", "/server/logout", logout, *FREE),
    Route("*", "/func{path:/.*}", forward, *FREE),
)


def add_routes(app: web.Application) -> None:
    """Register the web server."""
    app[LOGINS] = Logins()
    # After the connections: what is being carried must be able to end by itself.
    app.on_cleanup.append(_close)
    add(app, ROUTES)
