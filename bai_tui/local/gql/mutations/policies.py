"""Mutations of key pair resource policies and resource presets."""

from __future__ import annotations

from typing import Any

from bai_tui.local.gql.access import Refused, Request, superadmin_only
from bai_tui.local.gql.mutations import given, require_change
from bai_tui.local.gql.objects import Fields, normalized_slots
from bai_tui.local.gql.objects import preset as preset_fields
from bai_tui.local.slots import parse_size


@superadmin_only
def create_keypair_resource_policy(request: Request, name: str, props: dict[str, Any]) -> Fields:
    """A new policy."""
    request.store.insert(
        "keypair_resource_policies",
        name=name,
        created_at=request.ctx.clock.now(),
        **given({"allowed_vfolder_hosts": [], **props}),
    )
    row = request.store.one("SELECT * FROM keypair_resource_policies WHERE name = ?", name)
    return {"resource_policy": row}


def _update(request: Request, table: str, name: str, changes: dict[str, Any]) -> Fields:
    if not changes:
        changes = {"name": name}
    return require_change(request.store.update(table, {"name": name}, **changes))


@superadmin_only
def modify_keypair_resource_policy(request: Request, name: str, props: dict[str, Any]) -> Fields:
    """Change a policy."""
    return _update(request, "keypair_resource_policies", name, given(props))


@superadmin_only
def delete_keypair_resource_policy(request: Request, name: str) -> Fields:
    """Delete a policy; an integrity error while key pairs use it."""
    return require_change(request.store.delete("keypair_resource_policies", name=name))


def _preset_columns(props: dict[str, Any]) -> dict[str, Any]:
    columns = given(props)
    if "shared_memory" in columns:
        columns["shared_memory"] = int(parse_size(columns["shared_memory"]))
    return columns


@superadmin_only
def create_resource_preset(request: Request, name: str, props: dict[str, Any]) -> Fields:
    """A new preset; `shared_memory` is a size text."""
    columns = {"resource_slots": normalized_slots(None), **_preset_columns(props)}
    request.store.insert("resource_presets", name=name, **columns)
    row = request.store.one("SELECT * FROM resource_presets WHERE name = ?", name)
    if row is None:
        raise Refused("no matching record")
    return {"resource_preset": preset_fields(request, row)}


@superadmin_only
def modify_resource_preset(request: Request, name: str, props: dict[str, Any]) -> Fields:
    """Change a preset."""
    return _update(request, "resource_presets", name, _preset_columns(props))


@superadmin_only
def delete_resource_preset(request: Request, name: str) -> Fields:
    """Delete a preset."""
    return require_change(request.store.delete("resource_presets", name=name))
