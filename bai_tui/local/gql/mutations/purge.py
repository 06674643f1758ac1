"""Mutations that remove domains, groups and users for good."""

from __future__ import annotations

from typing import Any

from bai_tui.local.accounting import LIVE
from bai_tui.local.gql.access import Refused, Request, superadmin_only
from bai_tui.local.gql.mutations import require_change
from bai_tui.local.gql.mutations.accounts import require_group_admin
from bai_tui.local.gql.objects import Fields
from bai_tui.local.store import Row

ACTIVE_SESSIONS = "There are some active kernels. Terminate them first to proceed purging."


def _active_sessions(request: Request, column: str, value: str) -> int:
    return int(
        request.store.value(f"SELECT count(*) FROM kernels WHERE {column} = ? AND {LIVE}", value)
    )


def _mounted(request: Request, folders: list[Row]) -> bool:
    """Whether a live session mounts one of the folders."""
    ids = {row["id"] for row in folders}
    live = request.store.all(f"SELECT mounts FROM kernels WHERE {LIVE}")
    return any(mount[2] in ids for row in live for mount in row["mounts"])


def _remove_folders(request: Request, folders: list[Row]) -> None:
    for row in folders:
        request.store.delete("vfolders", id=row["id"])
        request.doomed.append(request.ctx.folder_path(row["host"], row["id"]))


@superadmin_only
def purge_domain(request: Request, name: str) -> Fields:
    """Delete a domain that has no active sessions, users or groups.

    Raises:
        RuntimeError: it still has some.
    """
    if _active_sessions(request, "domain_name", name):
        raise RuntimeError(ACTIVE_SESSIONS)
    for table in ("users", "groups"):
        if request.store.value(f"SELECT 1 FROM {table} WHERE domain_name = ?", name):
            raise RuntimeError(f"There are {table} bound to the domain. Remove them first.")
    request.store.delete("kernels", domain_name=name)
    return require_change(request.store.delete("domains", name=name))


def purge_group(request: Request, gid: str) -> Fields:
    """Delete a group with its folders and session records.

    Raises:
        RuntimeError: it has active sessions, or its folders are mounted.
    """
    require_group_admin(request, gid, "purge_group")
    folders = request.store.all('SELECT * FROM vfolders WHERE "group" = ?', gid)
    if _mounted(request, folders):
        raise RuntimeError("Some of virtual folders that belong to this group are mounted.")
    if _active_sessions(request, "group_id", gid):
        raise RuntimeError(ACTIVE_SESSIONS)
    _remove_folders(request, folders)
    request.store.delete("kernels", group_id=gid)
    return require_change(request.store.delete("groups", id=gid))


@superadmin_only
def purge_user(request: Request, email: str, props: dict[str, Any]) -> Fields:
    """Delete a user; folders shared with others go to the caller unless told otherwise."""
    user_id = request.store.value("SELECT uuid FROM users WHERE email = ?", email)
    if user_id is None:
        raise Refused("no such user")
    folders = request.store.all('SELECT * FROM vfolders WHERE "user" = ?', user_id)
    if _mounted(request, folders):
        raise Refused("unexpected error: Some of user's virtual folders are mounted.")
    if _active_sessions(request, "user_uuid", user_id):
        raise Refused("unexpected error: User has some active kernels. Terminate them first.")
    if not props["purge_shared_vfolders"]:
        shared = [row for row in folders if _is_shared(request, row["id"])]
        for row in shared:
            _hand_over(request, row)
        folders = [row for row in folders if row not in shared]
    _remove_folders(request, folders)
    request.store.delete("kernels", user_uuid=user_id)
    return require_change(request.store.delete("users", uuid=user_id))


def _is_shared(request: Request, folder_id: str) -> bool:
    return bool(
        request.store.value("SELECT 1 FROM vfolder_permissions WHERE vfolder = ?", folder_id)
    )


def _hand_over(request: Request, folder: Row) -> None:
    """Make the caller the owner of a folder; its name gets a suffix if the caller has it."""
    name, caller = folder["name"], request.caller
    taken = {
        row["name"]
        for row in request.store.all('SELECT name FROM vfolders WHERE "user" = ?', caller.uuid)
    }
    if name in taken:
        name = f"{name}-{folder['id'][:10]}"
    request.store.update(
        "vfolders", {"id": folder["id"]}, user=caller.uuid, name=name, creator=caller.email
    )
    request.store.delete("vfolder_permissions", vfolder=folder["id"], user=caller.uuid)
