"""Mutations of images and scaling groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bai_tui.local import seed
from bai_tui.local.gql.access import Refused, Request, superadmin_only
from bai_tui.local.gql.mutations import given, require_change
from bai_tui.local.gql.objects import Fields
from bai_tui.local.imagerefs import find_image

Resolver = Callable[..., Fields]
EMPTY = {"msg": ""}
"""Image mutations answer an empty text where others say `success`."""


def rescan_images(request: Request, registry: str | None) -> Fields:
    """Look for the interpreters of this machine again."""
    if request.caller.role not in ("superadmin", "admin"):
        raise Refused("no permission to execute rescan_images")
    known = request.store.value(
        "SELECT 1 FROM config WHERE key = ?", f"config/docker/registry/{registry}"
    )
    if registry is not None and not known:
        raise ValueError("Unknown registry")
    seed.rescan_images(request.store)
    return EMPTY


@superadmin_only
def forget_image(request: Request, reference: str) -> Fields:
    """Remove an image until the next rescan."""
    row = find_image(request.store, reference)
    if row is None:
        raise Refused("no matching record")
    request.store.delete("images", canonical=row["canonical"])
    return EMPTY


@superadmin_only
def alias_image(request: Request, alias: str, target: str) -> Fields:
    """Give an image another name; an existing alias moves."""
    row = find_image(request.store, target)
    if row is None:
        raise Refused("no matching record")
    request.store.execute(
        "INSERT OR REPLACE INTO image_aliases VALUES (?, ?)", alias, row["canonical"]
    )
    return EMPTY


@superadmin_only
def dealias_image(request: Request, alias: str) -> Fields:
    """Remove an alias."""
    require_change(request.store.delete("image_aliases", alias=alias))
    return EMPTY


@superadmin_only
def create_scaling_group(request: Request, name: str, props: dict[str, Any]) -> Fields:
    """A new scaling group."""
    request.store.insert(
        "scaling_groups", name=name, created_at=request.ctx.clock.now(), **given(props)
    )
    return {"scaling_group": request.store.one("SELECT * FROM scaling_groups WHERE name = ?", name)}


@superadmin_only
def modify_scaling_group(request: Request, name: str, props: dict[str, Any]) -> Fields:
    """Change a scaling group."""
    changes = given(props) or {"name": name}
    return require_change(request.store.update("scaling_groups", {"name": name}, **changes))


@superadmin_only
def delete_scaling_group(request: Request, name: str) -> Fields:
    """Delete a scaling group; an integrity error while agents are in it."""
    return require_change(request.store.delete("scaling_groups", name=name))


def _associate(table: str, column: str, argument: str) -> Resolver:
    """Open a scaling group to whom `argument` names."""

    @superadmin_only
    def resolve(request: Request, scaling_group: str, **target: str) -> Fields:
        request.store.insert(
            table, **{"scaling_group": scaling_group, column: _key(target[argument], column)}
        )
        return {}

    return resolve


def _disassociate(table: str, column: str, argument: str) -> Resolver:
    """Close one scaling group, or without one all of them, to whom `argument` names."""

    @superadmin_only
    def resolve(request: Request, **arguments: str) -> Fields:
        where = {column: _key(arguments.pop(argument), column)} | arguments
        return require_change(request.store.delete(table, **where))

    return resolve


def _key(value: str, column: str) -> str:
    """Group ids may come in capitals."""
    return value.lower() if column == "group" else value


_DOMAIN = ("sgroups_for_domains", "domain", "domain")
_GROUP = ("sgroups_for_groups", "group", "user_group")
_KEYPAIR = ("sgroups_for_keypairs", "access_key", "access_key")

associate_scaling_group_with_domain = _associate(*_DOMAIN)
associate_scaling_group_with_user_group = _associate(*_GROUP)
associate_scaling_group_with_keypair = _associate(*_KEYPAIR)
disassociate_scaling_group_with_domain = _disassociate(*_DOMAIN)
disassociate_scaling_group_with_user_group = _disassociate(*_GROUP)
disassociate_scaling_group_with_keypair = _disassociate(*_KEYPAIR)
disassociate_all_scaling_groups_with_domain = _disassociate(*_DOMAIN)
disassociate_all_scaling_groups_with_group = _disassociate(*_GROUP)
