"""Mutations of users and key pairs."""

from __future__ import annotations

import uuid
from typing import Any

from bai_tui.local.accounts import add_keypair
from bai_tui.local.gql.access import Refused, Request, superadmin_only
from bai_tui.local.gql.mutations import given, require_change
from bai_tui.local.gql.objects import Fields
from bai_tui.local.gql.objects import keypair as keypair_fields
from bai_tui.local.gql.objects import user as user_fields
from bai_tui.local.passwords import hash_password

FIRST_POLICY, FIRST_RATE_LIMIT = "default", 10000
"""Of the key pair that comes with a new user."""


def _user(request: Request, email: str) -> Fields:
    row = request.store.one("SELECT * FROM users WHERE email = ?", email)
    if row is None:
        raise Refused("no such user")
    # The groups are left out of mutation results in this release.
    return user_fields(request, row) | {"groups": None}


def _is_admin(role: str) -> bool:
    return role in ("superadmin", "admin")


def _join_groups(request: Request, user_id: str, domain_name: str, groups: list[str]) -> None:
    """Make the user a member of those of `groups` that belong to the domain."""
    for group_id in groups:
        request.store.execute(
            """INSERT OR IGNORE INTO association_groups_users
            SELECT id, ? FROM groups WHERE id = ? AND domain_name = ?""",
            user_id,
            group_id.lower(),
            domain_name,
        )


@superadmin_only
def create_user(request: Request, email: str, props: dict[str, Any]) -> Fields:
    """A new user with a first key pair."""
    user_id = str(uuid.uuid4())
    request.store.insert(
        "users",
        uuid=user_id,
        username=props["username"] or email,
        email=email,
        password=hash_password(props["password"]),
        need_password_change=props["need_password_change"],
        full_name=props["full_name"],
        description=props["description"],
        is_active=props["is_active"],
        created_at=request.ctx.clock.now(),
        domain_name=props["domain_name"],
        role=props["role"],
    )
    add_keypair(
        request.ctx,
        user_id,
        email,
        is_active=True,
        is_admin=_is_admin(props["role"]),
        resource_policy=FIRST_POLICY,
        rate_limit=FIRST_RATE_LIMIT,
    )
    _join_groups(request, user_id, props["domain_name"], props["group_ids"] or [])
    return {"user": _user(request, email)}


@superadmin_only
def modify_user(request: Request, email: str, props: dict[str, Any]) -> Fields:
    """Change a user; role and domain changes reach key pairs and memberships."""
    changes = given(props, "group_ids")
    if not changes and props["group_ids"] is None:
        raise Refused("nothing to update")
    before = request.store.one("SELECT * FROM users WHERE email = ?", email)
    if before is None:
        raise Refused("no such user")
    user_id = before["uuid"]
    if "password" in changes:
        changes["password"] = hash_password(changes["password"])
    request.store.update("users", {"email": email}, **changes)
    if changes.get("role", before["role"]) != before["role"]:
        admin = _is_admin(changes["role"])
        request.store.update("keypairs", {"user": user_id}, is_admin=admin, is_active=True)
    if "is_active" in changes:
        request.store.update("keypairs", {"user": user_id}, is_active=changes["is_active"])
    domain_name: str = changes.get("domain_name") or before["domain_name"]
    if domain_name != before["domain_name"] or props["group_ids"] is not None:
        request.store.delete("association_groups_users", user_id=user_id)
        _join_groups(request, user_id, domain_name, props["group_ids"] or [])
    return {"user": _user(request, email)}


@superadmin_only
def delete_user(request: Request, email: str) -> Fields:
    """Make a user and all its key pairs inactive."""
    require_change(request.store.update("users", {"email": email}, is_active=False))
    request.store.update("keypairs", {"user_id": email}, is_active=False)
    return {}


@superadmin_only
def create_keypair(request: Request, user_id: str, props: dict[str, Any]) -> Fields:
    """A new key pair for the user with the e-mail `user_id`."""
    owner = request.store.value("SELECT uuid FROM users WHERE email = ?", user_id)
    if owner is None:
        raise Refused(f"User not found: {user_id}")
    access_key = add_keypair(
        request.ctx,
        owner,
        user_id,
        is_active=bool(props["is_active"]),
        is_admin=bool(props["is_admin"]),
        resource_policy=props["resource_policy"],
        rate_limit=props["rate_limit"],
    )
    row = request.store.one("SELECT * FROM keypairs WHERE access_key = ?", access_key)
    assert row is not None
    return {"keypair": keypair_fields(request, row)}


@superadmin_only
def modify_keypair(request: Request, access_key: str, props: dict[str, Any]) -> Fields:
    """Change a key pair; `concurrency_limit` is ignored."""
    changes = given(props, "concurrency_limit")
    where = {"access_key": access_key}
    if not changes:
        found = request.store.one("SELECT 1 FROM keypairs WHERE access_key = ?", access_key)
        return require_change(1 if found else 0)
    return require_change(request.store.update("keypairs", where, **changes))


@superadmin_only
def delete_keypair(request: Request, access_key: str) -> Fields:
    """Delete a key pair; an integrity error while sessions refer to it."""
    return require_change(request.store.delete("keypairs", access_key=access_key))
