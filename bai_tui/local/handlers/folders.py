"""`/folders`: create, list, info, rename, delete, hosts (rest-vfolders.md 3)."""

from __future__ import annotations

import asyncio
import shutil
import uuid
from typing import Any

from aiohttp import web

from bai_tui.local.accounting import keypair_policy
from bai_tui.local.folders import (
    NAME,
    RESERVED,
    accessible_folders,
    all_folders,
    allowed_hosts,
    default_host,
    describe,
    find_folder,
    mounted_hosts,
)
from bai_tui.local.handlers.config import folder_types
from bai_tui.local.params import Field, boolish, matching, nullable, params, text, uuid_text
from bai_tui.local.problems import (
    GenericForbidden,
    InternalServerError,
    InvalidAPIParams,
    VFolderAlreadyExists,
    VFolderCreationFailed,
)
from bai_tui.local.routing import Call, Guard, Needs, Route, add, nothing, reply
from bai_tui.local.store import Row


async def create(call: Call) -> web.StreamResponse:
    """A new user folder, or a group folder by a domain admin."""
    ctx, store, caller = call.ctx, call.ctx.store, call.caller
    name, group = call.params["name"], call.params["group"]
    host = call.params["host"] or default_host(store)
    if RESERVED.fullmatch(name) or name == "invitations":
        raise InvalidAPIParams(f"VFolder name '{name}' is reserved for internal operations")
    if name.startswith(".") and group is not None:
        raise InvalidAPIParams("dot-prefixed vfolders cannot be a group folder.")
    if host is None:
        raise InvalidAPIParams("You must specify the vfolder host because no default is set.")
    group_id = _group_id(call, group) if group is not None else None
    if host not in allowed_hosts(ctx, caller):
        raise InvalidAPIParams("You are not allowed to use this vfolder host.")
    kind = "user" if group_id is None else "group"
    if kind not in folder_types(store):
        raise InvalidAPIParams(f"{kind} vfolder cannot be created in this host")
    if group_id is not None and caller.role != "admin":
        # Superadmins are refused too, as in the real release.
        raise GenericForbidden("no permission")
    if any(row["name"] == name and row["host"] == host for row in _visible(call)):
        raise VFolderAlreadyExists
    most = keypair_policy(store, caller.access_key)["max_vfolder_count"]
    if most and _own_count(call) >= most:
        raise InvalidAPIParams("You cannot create more vfolders.")

    row = {
        "id": uuid.uuid4().hex,
        "name": name,
        "host": host,
        "creator": caller.email,
        "user": caller.uuid if group_id is None else None,
        "group": group_id,
    }
    try:
        ctx.folder_path(host, row["id"]).mkdir(mode=0o755)
    except OSError as error:
        raise VFolderCreationFailed(str(error)) from error
    store.insert("vfolders", **row, created_at=ctx.clock.now())
    return reply(row, 201)


def _visible(call: Call) -> list[Row]:
    return accessible_folders(call.ctx.store, call.caller)


def _own_count(call: Call) -> int:
    return int(
        call.ctx.store.value('SELECT count(*) FROM vfolders WHERE "user" = ?', call.caller.uuid)
    )


def _group_id(call: Call, group: str) -> str:
    """Id of a group of the caller's domain by id or name."""
    try:
        condition, value = "id = ?", str(uuid.UUID(group))
    except ValueError:
        condition, value = "name = ?", group
    found: str | None = call.ctx.store.value(
        f"SELECT id FROM groups WHERE {condition} AND domain_name = ?",
        value,
        call.caller.domain_name,
    )
    if found is None:
        raise InvalidAPIParams("no such group")
    return found


async def list_all(call: Call) -> web.StreamResponse:
    """Accessible folders; `all` shows a superadmin every folder."""
    if call.params["all"] and call.caller.role == "superadmin":
        rows = all_folders(call.ctx.store)
    else:
        rows = _visible(call)
    group_id = call.params["group_id"]
    if group_id is not None:
        rows = [row for row in rows if row["group"] in (None, group_id)]
    return reply([_listed(row) for row in rows])


def _listed(row: Row) -> dict[str, Any]:
    return {
        **describe(row),
        "creator": row["creator"],
        "user_email": row["user_email"],
        "group_name": row["group_name"],
    }


async def info(call: Call) -> web.StreamResponse:
    """One folder; the counts are the entries of the top directory."""
    row = find_folder(call.ctx.store, call.caller, call.path["name"])
    path = call.ctx.folder_path(row["host"], row["id"])
    entries = await asyncio.to_thread(lambda: len(list(path.iterdir())) if path.is_dir() else 0)
    created = str(row["created_at"])
    return reply(
        {
            **describe(row),
            "numFiles": entries,
            "num_files": entries,
            "created": created,
            "last_used": created,
        }
    )


async def rename(call: Call) -> web.StreamResponse:
    """Give an own folder another name."""
    old, new = call.path["name"], call.params["new_name"]
    store = call.ctx.store
    row = find_folder(store, call.caller, old, "wd")
    if any(other["name"] == new for other in _visible(call)):
        raise InvalidAPIParams("One of your accessible vfolders already has that name.")
    if not row["is_owner"]:
        raise InvalidAPIParams("Cannot change the name of a vfolder that is not owned by myself.")
    store.update("vfolders", {"id": row["id"]}, name=new)
    return nothing(201)


async def delete(call: Call) -> web.StreamResponse:
    """Remove an own folder with its files."""
    name = call.path["name"]
    rows = [row for row in _visible(call) if row["name"] == name]
    if not rows:
        raise InvalidAPIParams("No such vfolder.")
    if not rows[0]["is_owner"]:
        raise InvalidAPIParams("Cannot delete the vfolder that is not owned by myself.")
    await _remove(call, rows[0])
    return nothing()


async def delete_by_id(call: Call) -> web.StreamResponse:
    """Remove any folder by its id (superadmin)."""
    folder_id = uuid.UUID(call.params["id"]).hex
    row = call.ctx.store.one("SELECT * FROM vfolders WHERE id = ?", folder_id)
    if row is None:
        # What this release answers.
        raise InternalServerError
    await _remove(call, row)
    return nothing()


async def _remove(call: Call, row: Row) -> None:
    call.ctx.store.delete("vfolders", id=row["id"])
    path = call.ctx.folder_path(row["host"], row["id"])
    await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)


async def hosts(call: Call) -> web.StreamResponse:
    """Hosts the caller may create folders on."""
    allowed = allowed_hosts(call.ctx, call.caller)
    name = default_host(call.ctx.store)
    return reply({"default": name if name in allowed else None, "allowed": allowed})


async def all_hosts(call: Call) -> web.StreamResponse:
    """Every mounted host."""
    mounted = mounted_hosts(call.ctx)
    name = default_host(call.ctx.store)
    return reply({"default": name if name in mounted else None, "allowed": mounted})


async def allowed_types(call: Call) -> web.StreamResponse:
    """Enabled folder types."""
    return reply(folder_types(call.ctx.store))


CREATE = params(
    Field("name", check=matching(NAME)),
    Field("host", check=nullable(text), default=None),
    Field("group", "groupId", "group_id", check=nullable(text), default=None),
)
LIST = params(
    Field("all", check=boolish, default=False),
    Field("group_id", "groupId", check=nullable(text), default=None),
)
RENAME = params(Field("new_name", check=matching(NAME)))
BY_ID = params(Field("id", check=uuid_text))
AUTH, SUPER, RUNNING, READ = Guard.AUTH, Guard.SUPERADMIN, Needs.RUNNING, Needs.READABLE
ROUTES = (
    Route("POST", "/folders", create, AUTH, RUNNING, CREATE),
    Route("GET", "/folders", list_all, AUTH, READ, LIST),
    Route("DELETE", "/folders", delete_by_id, SUPER, RUNNING, BY_ID),
    Route("GET", "/folders/_/hosts", hosts),
    Route("GET", "/folders/_/all_hosts", all_hosts, SUPER),
    Route("GET", "/folders/_/allowed_types", allowed_types),
    Route("GET", "/folders/{name}", info),
    Route("DELETE", "/folders/{name}", delete, AUTH, RUNNING),
    Route("POST", "/folders/{name}/rename", rename, AUTH, RUNNING, RENAME),
)


def add_routes(app: web.Application) -> None:
    """Register the folders themselves."""
    add(app, ROUTES, versions=range(2, 5))
