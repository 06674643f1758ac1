"""Mutations of domains and groups."""

from __future__ import annotations

import re
import uuid
from typing import Any

from bai_tui.local.gql.access import Refused, Request, admin_of_domain, superadmin_only
from bai_tui.local.gql.mutations import SLUG, given, require_change
from bai_tui.local.gql.objects import Fields, normalized_slots
from bai_tui.local.gql.objects import domain as domain_fields
from bai_tui.local.gql.objects import group as group_fields


def _domain(request: Request, name: str) -> Fields:
    row = request.store.one("SELECT * FROM domains WHERE name = ?", name)
    if row is None:
        raise Refused("no matching record")
    return domain_fields(request, row)


def _require_slug(name: str) -> None:
    if not re.fullmatch(SLUG, name) or len(name) > 64:
        raise ValueError("invalid name format. slug format required.")


@superadmin_only
def create_domain(request: Request, name: str, props: dict[str, Any]) -> Fields:
    """A new domain."""
    if not re.fullmatch(SLUG, name) or len(name) > 64:
        raise Refused("invalid name format. slug format required.")
    now = request.ctx.clock.now()
    request.store.insert(
        "domains",
        name=name,
        description=props["description"],
        is_active=props["is_active"],
        created_at=now,
        modified_at=now,
        total_resource_slots=normalized_slots(props["total_resource_slots"]),
        allowed_vfolder_hosts=props["allowed_vfolder_hosts"] or [],
        allowed_docker_registries=props["allowed_docker_registries"] or [],
        integration_id=props["integration_id"],
    )
    return {"domain": _domain(request, name)}


@superadmin_only
def modify_domain(request: Request, name: str, props: dict[str, Any]) -> Fields:
    """Change a domain; `props.name` renames it."""
    if props["name"] is not None:
        _require_slug(props["name"])
    changes = given(props)
    require_change(
        request.store.update(
            "domains", {"name": name}, **changes, modified_at=request.ctx.clock.now()
        )
    )
    return {"domain": _domain(request, changes.get("name", name))}


@superadmin_only
def delete_domain(request: Request, name: str) -> Fields:
    """Make a domain inactive."""
    return require_change(request.store.update("domains", {"name": name}, is_active=False))


def _group(request: Request, group_id: str) -> Fields | None:
    row = request.store.one("SELECT * FROM groups WHERE id = ?", group_id)
    return group_fields(request, row) if row else None


def require_group_admin(request: Request, group_id: str, mutation: str) -> Fields:
    """The row of a group that the caller administers.

    Raises:
        Refused: no such group, or another domain's.
    """
    row = request.store.one("SELECT * FROM groups WHERE id = ?", group_id)
    if row is None:
        if not request.is_superadmin:
            raise Refused(f"no permission to execute {mutation}")
        raise Refused("no such group")
    if not admin_of_domain(request, row["domain_name"]):
        raise Refused(f"no permission to execute {mutation}")
    return row


def create_group(request: Request, name: str, props: dict[str, Any]) -> Fields:
    """A new group in a domain the caller administers."""
    if not admin_of_domain(request, props["domain_name"]):
        raise Refused("no permission to execute create_group")
    _require_slug(name)
    now = request.ctx.clock.now()
    group_id = str(uuid.uuid4())
    request.store.insert(
        "groups",
        id=group_id,
        name=name,
        description=props["description"],
        is_active=props["is_active"],
        created_at=now,
        modified_at=now,
        domain_name=props["domain_name"],
        total_resource_slots=normalized_slots(props["total_resource_slots"]),
        allowed_vfolder_hosts=props["allowed_vfolder_hosts"] or [],
        integration_id=props["integration_id"],
    )
    return {"group": _group(request, group_id)}


def modify_group(request: Request, gid: str, props: dict[str, Any]) -> Fields:
    """Change a group or its members (`user_update_mode` add or remove, `user_uuids`)."""
    group_id = str(uuid.UUID(gid))
    require_group_admin(request, group_id, "modify_group")
    if props["domain_name"] is not None and not admin_of_domain(request, props["domain_name"]):
        raise Refused("no permission to execute modify_group")
    if props["name"] is not None:
        _require_slug(props["name"])
    mode, members = props["user_update_mode"], props["user_uuids"]
    if mode not in (None, "add", "remove"):
        raise ValueError(f"invalid user_update_mode: {mode}")
    changes = given(props, "user_update_mode", "user_uuids")
    if not changes and not (mode and members):
        raise Refused("nothing to update")
    if mode and members:
        _change_members(request, group_id, mode, [str(uuid.UUID(entry)) for entry in members])
    if not changes:
        return {"group": None}
    changes["modified_at"] = request.ctx.clock.now()
    require_change(request.store.update("groups", {"id": group_id}, **changes))
    return {"group": _group(request, group_id)}


def _change_members(request: Request, group_id: str, mode: str, members: list[str]) -> None:
    for member in members:
        row = {"group_id": group_id, "user_id": member}
        if mode == "add":
            request.store.insert("association_groups_users", **row)
        else:
            request.store.delete("association_groups_users", **row)


def delete_group(request: Request, gid: str) -> Fields:
    """Make a group inactive."""
    require_group_admin(request, gid, "delete_group")
    return require_change(
        request.store.update("groups", {"id": gid}, is_active=False, integration_id=None)
    )
