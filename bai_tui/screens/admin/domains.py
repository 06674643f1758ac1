"""Domains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from bai_tui.screens.admin import columns, offers
from bai_tui.screens.admin.groups import SLUG, sent
from bai_tui.screens.admin.kinds import Flag, Names, Slots, Text
from bai_tui.screens.admin.resource import (
    SUPERADMIN,
    Call,
    Fetch,
    Field,
    Item,
    Relation,
    Resource,
    Scope,
    Values,
    Wire,
    is_active,
)
from bai_tui.screens.admin.view import ResourceView

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.identity import Identity

FIELDS: Final = (
    "name", "description", "is_active", "created_at", "total_resource_slots",
    "allowed_vfolder_hosts", "allowed_docker_registries", "integration_id", "scaling_groups",
)  # fmt: skip


async def load(
    session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
) -> Sequence[Wire]:
    """All domains."""
    found: list[Wire] = await fetch(lambda fields: session.Domain.list(fields=fields), FIELDS)
    return found


def create(values: Values) -> Call:
    """A new domain."""
    rest = {key: value for key, value in values.items() if key != "name"}
    return Call("Domain.create", (values["name"],), sent(rest))


def update(item: Item, changes: Values) -> Call:
    """Change a domain; another name is a new one."""
    changed = sent(changes)
    if "name" in changed:
        changed["new_name"] = changed.pop("name")
    return Call("Domain.update", (item.key,), changed)


RESOURCE: Final = Resource(
    name="domains",
    one="domain",
    about="Domains with limits, hosts and registries.",
    viewers=SUPERADMIN,
    columns=(
        columns.text("name", "NAME", least=14, most=40, priority=100, pinned=True, flex=2),
        columns.ACTIVE,
        columns.slots("total_resource_slots", "LIMITS", priority=70),
        columns.names("allowed_vfolder_hosts", "HOSTS", priority=60),
        columns.names("allowed_docker_registries", "REGISTRIES", priority=50, least=12),
        columns.names("scaling_groups", "SCALING GROUPS", priority=55, least=14),
        columns.age(),
        columns.text("description", "DESCRIPTION", least=12, most=40, priority=40),
    ),
    load=load,
    key=lambda data: str(data.get("name")),
    fields=(
        Field(key="name", label="Name", kind=SLUG, required=True),
        Field(key="description", label="Description", kind=Text(0, 500)),
        Field(key="is_active", label="Active", kind=Flag(), choices=offers.YES_NO, default=True),
        Field(key="total_resource_slots", label="Limits", kind=Slots(), default={}),
        Field(key="allowed_vfolder_hosts", label="Hosts", kind=Names(), offer=offers.hosts,
              several=True, default=()),
        Field(key="allowed_docker_registries", label="Registries", kind=Names(),
              offer=offers.registries, several=True, default=()),
        Field(key="integration_id", label="External id", kind=Text(0, 512)),
    ),
    create=create,
    update=update,
    toggle=lambda item: Call("Domain.update", (item.key,), {"is_active": not is_active(item)}),
    verb="Deactivate",
    remove=lambda item: Call("Domain.delete", (item.key,)),
    removing="Its users can no longer start sessions; it stays in the list.",
    purge=lambda item: Call("Domain.purge", (item.key,)),
    purging="It must have no users and groups any more, also none for models (m shows them), and "
    "no sessions that run.",
    relations=(
        Relation(action="groups", target="groups", label="groups of the domain", scope="domain",
                 value=lambda item: item.key),
        Relation(action="users", target="users", label="users of the domain", scope="domain",
                 value=lambda item: item.key),
        Relation(action="sessions", target="related-sessions", label="sessions of the domain",
                 scope="domain", value=lambda item: item.key),
        Relation(action="scaling", target="scaling-groups", label="its scaling groups",
                 scope="domain", value=lambda item: item.key),
    ),
    sort="name",
    hint="n creates one.",
)  # fmt: skip


class DomainsView(ResourceView):
    """The domains."""

    RESOURCE = RESOURCE
