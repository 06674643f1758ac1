"""`/folders`: leaving a shared folder, sharing a group's folder (rest-vfolders.md 7.1, 7.2).

19.09 has neither; they are answered as 20.03 and 21.03 do, so that every function of the client
has a server to talk to.
"""

from __future__ import annotations

from aiohttp import web

from bai_tui.local.folders import PERMISSIONS, accessible_folders, find_folder
from bai_tui.local.params import Field, list_of, one_of, params, text
from bai_tui.local.problems import GenericForbidden, InvalidAPIParams, VFolderNotFound
from bai_tui.local.routing import Call, Guard, Needs, Route, add, reply
from bai_tui.local.store import Row


async def leave(call: Call) -> web.StreamResponse:
    """Give up a folder that was shared with the caller."""
    row = find_folder(call.ctx.store, call.caller, call.path["name"], "ro")
    if row["is_owner"]:
        raise InvalidAPIParams("Cannot leave a vfolder owned by the requesting user.")
    deleted = call.ctx.store.delete("vfolder_permissions", vfolder=row["id"], user=call.caller.uuid)
    if not deleted:
        raise InvalidAPIParams("Cannot leave a group vfolder.")
    return reply({"msg": "left the shared vfolder"})


def _group_folder(call: Call) -> Row:
    if not call.caller.is_admin:
        raise GenericForbidden("Only admins share the folders of groups.")
    for row in accessible_folders(call.ctx.store, call.caller):
        if row["name"] == call.path["name"] and row["type"] == "group":
            return row
    raise VFolderNotFound("Only folders of groups can be shared.")


def _users(call: Call) -> list[Row]:
    emails = call.params["emails"]
    if not emails:
        raise InvalidAPIParams("No users to share with.")
    marks = ", ".join("?" * len(emails))
    return call.ctx.store.all(f"SELECT uuid, email FROM users WHERE email IN ({marks})", *emails)


async def share(call: Call) -> web.StreamResponse:
    """Let users into a group's folder, or change what they may do there."""
    folder, users, store = _group_folder(call), _users(call), call.ctx.store
    if not users:
        raise InvalidAPIParams("No such users.")
    with store.transaction():
        for user in users:
            store.execute(
                "INSERT OR REPLACE INTO vfolder_permissions VALUES (?, ?, ?)",
                folder["id"],
                user["uuid"],
                call.params["permission"],
            )
    return reply({"shared_emails": [user["email"] for user in users]}, 201)


async def unshare(call: Call) -> web.StreamResponse:
    """Take back what `share` gave."""
    folder, users = _group_folder(call), _users(call)
    with call.ctx.store.transaction():
        for user in users:
            call.ctx.store.delete("vfolder_permissions", vfolder=folder["id"], user=user["uuid"])
    return reply({"unshared_emails": [user["email"] for user in users]})


SHARE = params(
    Field("permission", check=one_of(*PERMISSIONS), default="rw"),
    Field("emails", check=list_of(text)),
)
UNSHARE = params(Field("emails", check=list_of(text)))
AUTH, RUNNING = Guard.AUTH, Needs.RUNNING
ROUTES = (
    Route("POST", "/folders/{name}/leave", leave, AUTH, RUNNING),
    Route("POST", "/folders/{name}/share", share, AUTH, RUNNING, SHARE),
    Route("DELETE", "/folders/{name}/unshare", unshare, AUTH, RUNNING, UNSHARE),
)


def add_routes(app: web.Application) -> None:
    """Register leaving and sharing."""
    add(app, ROUTES, versions=range(2, 5))
