"""Queries about sessions and virtual folders."""

from __future__ import annotations

from typing import Any

from bai_tui.local.gql.access import Request, scope
from bai_tui.local.gql.objects import (
    LATEST,
    SESSION_SELECT,
    Fields,
    check_status,
    session,
    sessions,
    vfolder,
)
from bai_tui.local.gql.paging import order_by, page
from bai_tui.local.problems import TooManyKernels

FOLDER_SELECT = 'SELECT f.* FROM vfolders f JOIN users u ON u.uuid = f."user"'


def _session_filter(
    request: Request,
    domain_name: str | None,
    group_id: str | None,
    access_key: str | None,
    status: str | None,
) -> tuple[list[str], list[Any]]:
    domain_name, access_key = scope(request, domain_name, access_key, request.caller.access_key)
    where, values = [], []
    for column, value in (
        ("domain_name", domain_name),
        ("group_id", group_id),
        ("access_key", access_key),
    ):
        if value is not None:
            where.append(f"k.{column} = ?")
            values.append(value)
    if status:
        names = [check_status(name.strip()) for name in status.split(",")]
        where.append(f"k.status IN ({', '.join('?' * len(names))})")
        values.extend(names)
    return where, values


def compute_session_list(
    request: Request,
    limit: int,
    offset: int,
    order_key: str | None,
    order_asc: bool | None,
    domain_name: str | None,
    group_id: str | None,
    access_key: str | None,
    status: str | None,
) -> Fields:
    """One page of sessions, latest change first unless ordered otherwise."""
    where, values = _session_filter(request, domain_name, group_id, access_key, status)
    order = order_by(request, "kernels", "k", order_key, order_asc, f"{LATEST} DESC")
    return page(request, SESSION_SELECT, where, values, order, (limit, offset), session)


def compute_sessions(
    request: Request,
    domain_name: str | None,
    group_id: str | None,
    access_key: str | None,
    status: str | None,
) -> list[Fields]:
    """At most 100 sessions."""
    where, values = _session_filter(request, domain_name, group_id, access_key, status)
    return sessions(request, where, values)


def compute_session(
    request: Request, sess_id: str, domain_name: str | None, access_key: str | None
) -> Fields | None:
    """The RUNNING session of that name; this release finds no others.

    Raises:
        TooManyKernels: several keys have one of that name.
    """
    where, values = _session_filter(request, domain_name, None, access_key, "RUNNING")
    found = sessions(request, [*where, "k.sess_id = ?"], [*values, sess_id], limit=2)
    if len(found) > 1:
        raise TooManyKernels
    return found[0] if found else None


def compute_workers(
    request: Request,
    sess_id: str,
    domain_name: str | None,
    access_key: str | None,
    status: str | None,
) -> list[Fields]:
    """Nothing: a session of this release has its master kernel only."""
    _session_filter(request, domain_name, None, access_key, status)
    return []


def _folder_filter(
    request: Request, domain_name: str | None, group_id: str | None, access_key: str | None
) -> tuple[list[str], list[Any]]:
    owner = None
    if access_key is not None:
        owner = request.store.value(
            'SELECT "user" FROM keypairs WHERE access_key = ?', access_key
        ) or ("no such key " + access_key)
    domain_name, owner = scope(request, domain_name, owner, request.caller.uuid)
    where, values = [], []
    if domain_name is not None:
        where.append("u.domain_name = ?")
        values.append(domain_name)
    if owner is not None:
        where.append('f."user" = ?')
        values.append(owner)
    if group_id is not None:
        where.append("u.uuid IN (SELECT user_id FROM association_groups_users WHERE group_id = ?)")
        values.append(group_id)
    return where, values


def vfolder_list(
    request: Request,
    limit: int,
    offset: int,
    order_key: str | None,
    order_asc: bool | None,
    domain_name: str | None,
    group_id: str | None,
    access_key: str | None,
) -> Fields:
    """One page of user folders, newest first unless ordered otherwise."""
    where, values = _folder_filter(request, domain_name, group_id, access_key)
    order = order_by(request, "vfolders", "f", order_key, order_asc, "f.created_at DESC")
    return page(request, FOLDER_SELECT, where, values, order, (limit, offset), vfolder)


def vfolders(
    request: Request, domain_name: str | None, group_id: str | None, access_key: str | None
) -> list[Fields]:
    """All user folders in scope, newest first."""
    where, values = _folder_filter(request, domain_name, group_id, access_key)
    condition = " AND ".join(where) or "1"
    rows = request.store.all(
        f"{FOLDER_SELECT} WHERE {condition} ORDER BY f.created_at DESC", *values
    )
    return [vfolder(request, row) for row in rows]
