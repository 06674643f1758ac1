"""`/folders`: invitations and sharing (rest-vfolders.md 5)."""

from __future__ import annotations

import uuid
from typing import Any

from aiohttp import web

from bai_tui.local.folders import PERMISSIONS, accessible_folders, own_folders
from bai_tui.local.params import Field, list_of, nullable, one_of, params, text, uuid_text
from bai_tui.local.problems import (
    GenericForbidden,
    GenericNotFound,
    InternalServerError,
    VFolderAlreadyExists,
    VFolderNotFound,
)
from bai_tui.local.routing import Call, Guard, Needs, Route, add, reply
from bai_tui.local.store import Row

_SELECT = """SELECT i.*, f.name AS vfolder_name FROM vfolder_invitations i
JOIN vfolders f ON f.id = i.vfolder"""


async def invite(call: Call) -> web.StreamResponse:
    """Invite existing users to an own folder; strangers and repetitions are left out silently."""
    store, caller, emails = call.ctx.store, call.caller, call.params["user_ids"]
    name = call.path["name"]
    if not emails:
        raise InternalServerError
    if name.startswith("."):
        raise GenericForbidden("Cannot share private dot-prefixed vfolders.")
    folder = next((row for row in own_folders(store, caller) if row["name"] == name), None)
    if folder is None:
        raise VFolderNotFound
    marks = ", ".join("?" * len(emails))
    users = store.all(
        f"SELECT uuid, email FROM users WHERE email IN ({marks}) AND email <> ?",
        *emails,
        caller.email,
    )
    invited = []
    with store.transaction():
        for user in users:
            shared = store.value(
                'SELECT 1 FROM vfolder_permissions WHERE vfolder = ? AND "user" = ?',
                folder["id"],
                user["uuid"],
            )
            if shared:
                raise VFolderAlreadyExists
            pending = store.value(
                """SELECT 1 FROM vfolder_invitations WHERE vfolder = ? AND inviter = ?
                AND invitee = ? AND state = 'pending'""",
                folder["id"],
                caller.email,
                user["email"],
            )
            if pending:
                continue
            store.insert(
                "vfolder_invitations",
                id=uuid.uuid4().hex,
                permission=call.params["perm"],
                inviter=caller.email,
                invitee=user["email"],
                created_at=call.ctx.clock.now(),
                vfolder=folder["id"],
            )
            invited.append(user["email"])
    return reply({"invited_ids": invited}, 201)


def _described(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "inviter": row["inviter"],
        "invitee": row["invitee"],
        "perm": row["permission"],
        "state": row["state"],
        "created_at": str(row["created_at"]),
        "vfolder_id": row["vfolder"],
        "vfolder_name": row["vfolder_name"],
    }


def _listing(column: str) -> Any:
    async def listing(call: Call) -> web.StreamResponse:
        rows = call.ctx.store.all(
            f"{_SELECT} WHERE i.{column} = ? AND i.state = 'pending' ORDER BY i.created_at",
            call.caller.email,
        )
        return reply({"invitations": [_described(row) for row in rows]})

    return listing


async def update(call: Call) -> web.StreamResponse:
    """Change the permission of an own pending invitation; others are left alone silently."""
    call.ctx.store.execute(
        """UPDATE vfolder_invitations SET permission = ?, modified_at = ?
        WHERE id = ? AND inviter = ? AND state = 'pending'""",
        call.params["perm"],
        call.ctx.clock.now(),
        _folder_id(call.path["invitation"]),
        call.caller.email,
    )
    return reply({"msg": f"vfolder invitation updated: {call.path['invitation']}."})


def _folder_id(text_of_id: str) -> str:
    """Ids of folders and invitations have no dashes here; both spellings are taken."""
    return text_of_id.replace("-", "").lower()


def _set_state(call: Call, invitation_id: str, state: str) -> None:
    call.ctx.store.update(
        "vfolder_invitations",
        {"id": invitation_id},
        state=state,
        modified_at=call.ctx.clock.now(),
    )


async def accept(call: Call) -> web.StreamResponse:
    """Accept a pending invitation: the folder becomes accessible."""
    store, caller = call.ctx.store, call.caller
    row = store.one(
        f"{_SELECT} WHERE i.id = ? AND i.state = 'pending' AND i.invitee = ?",
        _folder_id(call.params["inv_id"]),
        caller.email,
    )
    if row is None:
        raise GenericNotFound("No such vfolder invitation")
    names = {folder["name"] for folder in accessible_folders(store, caller)}
    if row["vfolder_name"] in names:
        raise VFolderAlreadyExists
    with store.transaction():
        store.execute(
            "INSERT OR REPLACE INTO vfolder_permissions VALUES (?, ?, ?)",
            row["vfolder"],
            caller.uuid,
            row["permission"],
        )
        _set_state(call, row["id"], "accepted")
    return reply({})


async def withdraw(call: Call) -> web.StreamResponse:
    """The inviter cancels, the invitee rejects; everything else is 500 in this release."""
    row = call.ctx.store.one(
        f"{_SELECT} WHERE i.id = ? AND i.state = 'pending'", _folder_id(call.params["inv_id"])
    )
    states = {}
    if row is not None:
        states = {row["invitee"]: "rejected", row["inviter"]: "canceled"}
    if row is None or call.caller.email not in states:
        raise InternalServerError
    _set_state(call, row["id"], states[call.caller.email])
    return reply({})


async def list_shared(call: Call) -> web.StreamResponse:
    """With whom the caller's folders are shared."""
    folder_id = call.params["vfolder_id"]
    rows = call.ctx.store.all(
        """SELECT p.vfolder, p.permission, f.name, o.email AS owner, u.uuid, u.email
        FROM vfolder_permissions p JOIN vfolders f ON f.id = p.vfolder
        JOIN users o ON o.uuid = f."user" JOIN users u ON u.uuid = p."user"
        WHERE f."user" = ? AND (? IS NULL OR f.id = ?) ORDER BY f.name, u.email""",
        call.caller.uuid,
        folder_id,
        _folder_id(folder_id or ""),
    )
    shared = [
        {
            "vfolder_id": row["vfolder"],
            "vfolder_name": row["name"],
            "shared_by": row["owner"],
            "shared_to": {"uuid": row["uuid"], "email": row["email"]},
            "perm": row["permission"],
        }
        for row in rows
    ]
    return reply({"shared": shared})


async def change_shared(call: Call) -> web.StreamResponse:
    """Change what somebody may do with an own folder; null revokes it."""
    store = call.ctx.store
    folder_id, permission = _folder_id(call.params["vfolder"]), call.params["perm"]
    where = {"vfolder": folder_id, "user": call.params["user"]}
    if any(row["id"] == folder_id for row in own_folders(store, call.caller)):
        if permission is None:
            store.delete("vfolder_permissions", **where)
        else:
            store.update("vfolder_permissions", where, permission=permission)
    return reply({"msg": "shared vfolder permission updated"})


PERMISSION = one_of(*PERMISSIONS)
INVITE = params(
    Field("perm", "permission", check=PERMISSION, default="rw"),
    Field("user_ids", "userIDs", check=list_of(text)),
)
UPDATE = params(Field("perm", "permission", check=PERMISSION))
INVITATION = params(Field("inv_id"))
SHARED = params(Field("vfolder_id", check=nullable(uuid_text), default=None))
CHANGE = params(
    Field("vfolder", check=uuid_text),
    Field("user", check=uuid_text),
    Field("perm", "permission", check=nullable(PERMISSION)),
)
AUTH, RUNNING, READ = Guard.AUTH, Needs.RUNNING, Needs.READABLE
ROUTES = (
    Route("POST", "/folders/{name}/invite", invite, AUTH, RUNNING, INVITE),
    Route("GET", "/folders/invitations/list", _listing("invitee")),
    Route("GET", "/folders/invitations/list_sent", _listing("inviter")),
    Route("POST", "/folders/invitations/update/{invitation}", update, AUTH, RUNNING, UPDATE),
    Route("POST", "/folders/invitations/accept", accept, AUTH, RUNNING, INVITATION),
    Route("DELETE", "/folders/invitations/delete", withdraw, AUTH, RUNNING, INVITATION),
    Route("GET", "/folders/_/shared", list_shared, AUTH, READ, SHARED),
    Route("POST", "/folders/_/shared", change_shared, AUTH, RUNNING, CHANGE),
)


def add_routes(app: web.Application) -> None:
    """Register sharing; before the folders, whose names would match these paths."""
    add(app, ROUTES, versions=range(2, 5))
