"""Queries about agents, images, presets and scaling groups."""

from __future__ import annotations

from bai_tui.local.gql.access import Request, superadmin_only
from bai_tui.local.gql.objects import Fields, plain
from bai_tui.local.gql.objects import agent as agent_fields
from bai_tui.local.gql.objects import image as image_fields
from bai_tui.local.gql.objects import preset as preset_fields
from bai_tui.local.gql.paging import order_by, page
from bai_tui.local.gql.select import select
from bai_tui.local.imagerefs import allowed_registries, find_image
from bai_tui.local.problems import ImageNotFound

AGENT_STATUSES = ("ALIVE", "LOST", "RESTARTING", "TERMINATED")


def _agent_filter(scaling_group: str | None, status: str | None) -> tuple[list[str], list[str]]:
    where, values = [], []
    if scaling_group is not None:
        where.append("a.scaling_group = ?")
        values.append(scaling_group)
    if status is not None:
        if status not in AGENT_STATUSES:
            raise KeyError(status)
        where.append("a.status = ?")
        values.append(status)
    return where, values


@superadmin_only
def agent(request: Request, agent_id: str) -> Fields | None:
    """One agent."""
    row = request.store.one("SELECT * FROM agents WHERE id = ?", agent_id)
    return agent_fields(request, row) if row else None


@superadmin_only
def agents(request: Request, scaling_group: str | None, status: str | None) -> list[Fields]:
    """All agents."""
    where, values = _agent_filter(scaling_group, status)
    condition = " AND ".join(where) or "1"
    rows = request.store.all(f"SELECT a.* FROM agents a WHERE {condition} ORDER BY a.id", *values)
    return [agent_fields(request, row) for row in rows]


@superadmin_only
def agent_list(
    request: Request,
    limit: int,
    offset: int,
    order_key: str | None,
    order_asc: bool | None,
    scaling_group: str | None,
    status: str | None,
) -> Fields:
    """One page of agents."""
    where, values = _agent_filter(scaling_group, status)
    order = order_by(request, "agents", "a", order_key, order_asc, "a.id")
    return page(
        request,
        "SELECT a.* FROM agents a",
        where,
        list(values),
        order,
        (limit, offset),
        agent_fields,
    )


def _may_see(request: Request, registry: str) -> bool:
    if request.is_superadmin:
        return True
    return registry in allowed_registries(request.store, request.caller.domain_name)


def image(request: Request, reference: str) -> Fields:
    """One image by alias or canonical reference."""
    row = find_image(request.store, reference)
    if row is None or not _may_see(request, row["registry"]):
        raise ImageNotFound
    return image_fields(request, row)


def images(request: Request, is_installed: bool | None, is_operation: bool | None) -> list[Fields]:
    """The images the caller may use; there are no operation images in this release."""
    if is_operation:
        return []
    rows = request.store.all("SELECT * FROM images ORDER BY name, tag DESC")
    found = [image_fields(request, row) for row in rows if _may_see(request, row["registry"])]
    if is_installed is None:
        return found
    return [fields for fields in found if fields["installed"] == is_installed]


def resource_preset(request: Request, name: str | None) -> Fields | None:
    """One preset."""
    row = request.store.one("SELECT * FROM resource_presets WHERE name = ?", name)
    return preset_fields(request, row) if row else None


def resource_presets(request: Request) -> list[Fields]:
    """All presets."""
    return select(request, preset_fields, "resource_presets", "rowid")


@superadmin_only
def scaling_group(request: Request, name: str | None) -> Fields | None:
    """One scaling group."""
    return request.store.one("SELECT * FROM scaling_groups WHERE name = ?", name)


@superadmin_only
def scaling_groups(request: Request, name: str | None, is_active: bool | None) -> list[Fields]:
    """All scaling groups."""
    return select(request, plain, "scaling_groups", "name", name=name, is_active=is_active)


def _associated(
    request: Request, table: str, column: str, value: str, is_active: bool | None
) -> list[Fields]:
    found = select(request, plain, "scaling_groups", "name", is_active=is_active)
    rows = request.store.all(
        f'SELECT scaling_group AS name FROM {table} WHERE "{column}" = ?', value
    )
    names = {row["name"] for row in rows}
    return [fields for fields in found if fields["name"] in names]


@superadmin_only
def scaling_groups_for_domain(
    request: Request, domain: str, is_active: bool | None
) -> list[Fields]:
    """Scaling groups associated with a domain."""
    return _associated(request, "sgroups_for_domains", "domain", domain, is_active)


def scaling_groups_for_user_group(
    request: Request, user_group: str, is_active: bool | None
) -> None:
    """Null: this release declares the field but does not answer it (graphql.md D4)."""


@superadmin_only
def scaling_groups_for_keypair(
    request: Request, access_key: str, is_active: bool | None
) -> list[Fields]:
    """Scaling groups associated with a key pair."""
    return _associated(request, "sgroups_for_keypairs", "access_key", access_key, is_active)
