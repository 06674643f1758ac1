"""`/auth`: who am I, login, signup, passwords, SSH keys (rest-auth.md 3)."""

from __future__ import annotations

import asyncio
import sqlite3
import uuid

from aiohttp import web

from bai_tui.local.accounts import add_keypair
from bai_tui.local.keys import replace_ssh_keypair
from bai_tui.local.params import Field, nullable, one_of, params, text, uuid_text
from bai_tui.local.passwords import check_password, hash_password
from bai_tui.local.problems import (
    AuthFailed,
    GenericBadRequest,
    GenericForbidden,
    GenericNotFound,
    InvalidAPIParams,
)
from bai_tui.local.routing import Call, Guard, Needs, Route, add, reply
from bai_tui.local.store import Row

SIGNUP_RATE_LIMIT = 1000


async def echo(call: Call) -> web.StreamResponse:
    """The echo test."""
    return reply({"authorized": "yes", "echo": call.params["echo"]})


async def role(call: Call) -> web.StreamResponse:
    """The caller's roles; `domain_role` follows the key pair's admin flag."""
    caller, group_id = call.caller, call.params["group"]
    group_role = None
    if group_id is not None:
        member = call.ctx.store.value(
            "SELECT 1 FROM association_groups_users WHERE group_id = ? AND user_id = ?",
            group_id,
            caller.uuid,
        )
        if not member:
            raise GenericNotFound("No such user group or you are not the member of the group.")
        group_role = "user"
    return reply(
        {
            "global_role": "superadmin" if caller.role == "superadmin" else "user",
            "domain_role": "admin" if caller.is_admin else "user",
            "group_role": group_role,
        }
    )


async def authorize(call: Call) -> web.StreamResponse:
    """E-mail and password against a key pair, preferring one with the admin flag."""
    if call.params["type"] == "jwt":
        raise InvalidAPIParams("Unsupported authorization type")
    user = call.ctx.store.one(
        "SELECT * FROM users WHERE email = ? AND domain_name = ? AND is_active = 1",
        call.params["username"],
        call.params["domain"],
    )
    if not await _password_fits(user, call.params["password"]):
        raise AuthFailed("User credential mismatch.")
    assert user is not None
    key = call.ctx.store.one(
        """SELECT access_key, secret_key FROM keypairs WHERE "user" = ? AND is_active = 1
        ORDER BY is_admin DESC, created_at LIMIT 1""",
        user["uuid"],
    )
    if key is None:
        raise AuthFailed("User credential mismatch.")
    return reply({"data": {**key, "role": user["role"]}})


async def _password_fits(user: Row | None, password: str) -> bool:
    """Check in a thread: hashing is slow on purpose."""
    stored = user["password"] if user is not None else await asyncio.to_thread(hash_password, "")
    fits = await asyncio.to_thread(check_password, password, stored)
    return fits and user is not None


async def signup(call: Call) -> web.StreamResponse:
    """A new plain user in group `default` of the domain."""
    store, now, values = call.ctx.store, call.ctx.clock.now(), call.params
    hashed = await asyncio.to_thread(hash_password, values["password"])
    user_id = str(uuid.uuid4())
    try:
        with store.transaction():
            if store.value("SELECT 1 FROM users WHERE email = ?", values["email"]):
                raise GenericBadRequest("Email already exists")
            store.insert(
                "users",
                uuid=user_id,
                username=values["username"] or values["email"],
                email=values["email"],
                password=hashed,
                need_password_change=False,
                full_name=values["full_name"] or "",
                description=values["description"] or "",
                is_active=True,
                created_at=now,
                domain_name=values["domain"],
                role="user",
            )
            access_key = add_keypair(
                call.ctx,
                user_id,
                values["email"],
                is_active=True,
                is_admin=False,
                resource_policy="default",
                rate_limit=SIGNUP_RATE_LIMIT,
            )
            store.execute(
                """INSERT INTO association_groups_users
                SELECT id, ? FROM groups WHERE name = 'default' AND domain_name = ?""",
                user_id,
                values["domain"],
            )
    except sqlite3.IntegrityError as error:
        raise GenericBadRequest(f"The account can't be created: {error}") from None
    secret = store.value("SELECT secret_key FROM keypairs WHERE access_key = ?", access_key)
    return reply({"access_key": access_key, "secret_key": secret}, 201)


async def signout(call: Call) -> web.StreamResponse:
    """Deactivate the caller's own user and all its keys."""
    if call.params["email"] != call.caller.email:
        raise GenericForbidden("Not the account owner")
    store = call.ctx.store
    user = store.one("SELECT * FROM users WHERE uuid = ?", call.caller.uuid)
    if not await _password_fits(user, call.params["password"]):
        raise GenericBadRequest("Invalid email and/or password")
    with store.transaction():
        store.update("users", {"uuid": call.caller.uuid}, is_active=False)
        store.update("keypairs", {"user": call.caller.uuid}, is_active=False)
    return reply({})


async def update_password(call: Call) -> web.StreamResponse:
    """Change the caller's password; different new ones are not a problem document here."""
    store, values = call.ctx.store, call.params
    user = store.one("SELECT * FROM users WHERE uuid = ?", call.caller.uuid)
    if not await _password_fits(user, values["old_password"]):
        raise AuthFailed("Old password mismatch")
    if values["new_password"] != values["new_password2"]:
        return reply({"error_msg": "new password mismatch"}, 400)
    hashed = await asyncio.to_thread(hash_password, values["new_password"])
    store.update("users", {"uuid": call.caller.uuid}, password=hashed, need_password_change=False)
    return reply({})


async def get_ssh_keypair(call: Call) -> web.StreamResponse:
    """The public SSH key, or null if none was made yet."""
    public = call.ctx.store.value(
        "SELECT ssh_public_key FROM keypairs WHERE access_key = ?", call.caller.access_key
    )
    return reply({"ssh_public_key": public})


async def refresh_ssh_keypair(call: Call) -> web.StreamResponse:
    """Make a new pair of SSH keys."""
    public, private = await replace_ssh_keypair(call.ctx.store, call.caller.access_key)
    return reply({"ssh_public_key": public, "ssh_private_key": private})


_TEXT_OR_NULL = nullable(text)
ECHO = params(Field("echo"))
ROLE = params(Field("group", check=nullable(uuid_text), default=None))
AUTHORIZE = params(
    Field("type", check=one_of("keypair", "jwt")),
    Field("domain"),
    Field("username"),
    Field("password"),
)
SIGNUP = params(
    Field("domain"),
    Field("email"),
    Field("password"),
    Field("username", check=_TEXT_OR_NULL, default=None),
    Field("full_name", check=_TEXT_OR_NULL, default=None),
    Field("description", check=_TEXT_OR_NULL, default=None),
    extra=True,
)
SIGNOUT = params(Field("email", "username"), Field("password"))
PASSWORD = params(Field("old_password"), Field("new_password"), Field("new_password2"))

AUTH, FREE = Guard.AUTH, Needs.NOTHING
ROUTES = (
    Route("GET", "/auth", echo, AUTH, FREE, ECHO),
    Route("POST", "/auth", echo, AUTH, FREE, ECHO),
    Route("GET", "/auth/test", echo, AUTH, FREE, ECHO),
    Route("POST", "/auth/test", echo, AUTH, FREE, ECHO),
    Route("GET", "/auth/role", role, AUTH, FREE, ROLE),
    Route("POST", "/auth/authorize", authorize, Guard.PUBLIC, FREE, AUTHORIZE),
    Route("POST", "/auth/signup", signup, Guard.PUBLIC, FREE, SIGNUP),
    Route("POST", "/auth/signout", signout, AUTH, FREE, SIGNOUT),
    Route("POST", "/auth/update-password", update_password, AUTH, FREE, PASSWORD),
    Route("GET", "/auth/ssh-keypair", get_ssh_keypair, AUTH, FREE),
    Route("PATCH", "/auth/ssh-keypair", refresh_ssh_keypair, AUTH, FREE),
)


async def old_authorize(request: web.Request) -> web.StreamResponse:
    """`GET /v<N>/authorize` of very old clients."""
    raise web.HTTPFound("/v3/auth/test")


def add_routes(app: web.Application) -> None:
    """Register `/auth`."""
    add(app, ROUTES, versions=range(1, 5))
    app.router.add_get(r"/v{version:\d+}/authorize", old_authorize, allow_head=False)
