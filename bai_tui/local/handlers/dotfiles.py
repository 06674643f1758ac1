"""`/user-config/dotfiles`: small files that every session of a key pair gets (rest-admin.md 6)."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from bai_tui.local.dotfiles import dotfiles_of
from bai_tui.local.params import Field, Invalid, matching, nullable, params, text
from bai_tui.local.problems import GenericBadRequest, GenericNotFound, InvalidAPIParams
from bai_tui.local.routing import Call, Guard, Needs, Route, add, reply

MAX_FILES = 100
MAX_TOTAL = 64 * 1024
MAX_FILE = 65_536
RESERVED = (".terminfo", ".jupyter", ".ssh", ".ssh/authorized_keys", ".local", ".config")
NOT_FOUND = "Requested Dotfile not found."

Dotfiles = list[dict[str, Any]]


def content(value: Any) -> str:
    """The text of a file, at most 65 536 characters."""
    if len(text(value)) > MAX_FILE:
        raise Invalid("value is too long")
    return str(value)


def _load(call: Call, access_key: str) -> Dotfiles:
    return dotfiles_of(call.ctx.store, access_key)


def _save(call: Call, access_key: str, files: Dotfiles) -> None:
    if len(json.dumps(files)) > MAX_TOTAL:
        raise GenericBadRequest("No leftover space", title="Dotfile creation has failed.")
    call.ctx.store.update("keypairs", {"access_key": access_key}, dotfiles=files)


def _index(files: Dotfiles, path: str) -> int:
    for index, file in enumerate(files):
        if file["path"] == path:
            return index
    raise GenericNotFound(title=NOT_FOUND)


def _entry(call: Call) -> dict[str, Any]:
    path = call.params["path"]
    if path in RESERVED:
        raise InvalidAPIParams(f"dotfile path is reserved for internal operations: {path}")
    return {"path": path, "perm": call.params["permission"], "data": call.params["data"]}


async def create(call: Call) -> web.StreamResponse:
    """Add a file."""
    entry, key = _entry(call), call.owner.access_key
    files = _load(call, key)
    if any(file["path"] == entry["path"] for file in files):
        raise GenericBadRequest(title="Dotfile already exists.")
    if len(files) >= MAX_FILES:
        raise GenericBadRequest("Dotfile limit reached", title="Dotfile creation has failed.")
    _save(call, key, [*files, entry])
    return reply({})


async def get(call: Call) -> web.StreamResponse:
    """All files of the caller's key, or one (with the other name of its permission)."""
    if call.params["path"] is not None:
        files = _load(call, call.owner.access_key)
        return reply(files[_index(files, call.params["path"])])
    # The listing ignores the owner, as the real release does.
    files = _load(call, call.caller.access_key)
    return reply(
        [{"path": file["path"], "permission": file["perm"], "data": file["data"]} for file in files]
    )


async def update(call: Call) -> web.StreamResponse:
    """Replace a file."""
    entry, key = _entry(call), call.owner.access_key
    files = _load(call, key)
    files[_index(files, entry["path"])] = entry
    _save(call, key, files)
    return reply({})


async def delete(call: Call) -> web.StreamResponse:
    """Remove a file."""
    key = call.owner.access_key
    files = _load(call, key)
    del files[_index(files, call.params["path"])]
    _save(call, key, files)
    return reply({"success": True})


PATH = Field("path")
FILE = params(PATH, Field("data", check=content), Field("permission", check=matching("[0-7]{3}")))
ROUTE = "/user-config/dotfiles"
AUTH, READ = Guard.AUTH, Needs.READABLE
ROUTES = (
    Route("POST", ROUTE, create, AUTH, READ, FILE),
    Route("GET", ROUTE, get, AUTH, READ, params(Field("path", check=nullable(text), default=None))),
    Route("PATCH", ROUTE, update, AUTH, READ, FILE),
    Route("DELETE", ROUTE, delete, AUTH, READ, params(PATH)),
)


def add_routes(app: web.Application) -> None:
    """Register `/user-config`."""
    add(app, ROUTES, versions=(4, 5))
