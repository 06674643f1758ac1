"""Groups (projects)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from bai_tui.screens.admin import columns, offers
from bai_tui.screens.admin.kinds import Flag, Names, Slots, Text, wire_slots
from bai_tui.screens.admin.resource import (
    ADMINS,
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
    "id", "name", "description", "is_active", "created_at", "domain_name",
    "total_resource_slots", "allowed_vfolder_hosts", "integration_id", "scaling_groups", "type",
    "resource_policy",
)  # fmt: skip
SLUG: Final = Text(
    1, 64, r"[a-zA-Z0-9](?:[a-zA-Z0-9._-]*[a-zA-Z0-9])?", "a-z 0-9, inside also . _ -"
)


async def load(
    session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
) -> Sequence[Wire]:
    """Groups of all domains (superadmin) or the own one; of one user."""
    domain = None if identity.role == "superadmin" else identity.domain
    if scope.kind == "domain":
        domain = scope.value
    arguments: dict[str, tuple[str, Any]] = {"domain_name": ("String", domain)}
    if types := session.generation.group_types:
        arguments["type"] = ("[String]", types)
    found: list[Wire] = await fetch(
        lambda fields: session.Group.select("groups", fields, arguments), FIELDS
    )
    if scope.kind == "policy":
        return [group for group in found if group.get("resource_policy") == scope.value]
    if scope.kind == "user" and scope.item is not None:
        mine = {str(group.get("id")) for group in scope.item.data.get("groups") or ()}
        return [group for group in found if str(group.get("id")) in mine]
    return found


def sent(values: Values) -> dict[str, object]:
    """Values as the calls of groups and domains take them."""
    return {
        key: wire_slots(value) if key == "total_resource_slots" else value
        for key, value in values.items()
        if value is not None
    }


def create(values: Values) -> Call:
    """A new group."""
    rest = {key: value for key, value in values.items() if key not in ("domain_name", "name")}
    return Call("Group.create", (values["domain_name"], values["name"]), sent(rest))


def refuses(action: str, group: Item | None) -> str:
    """A personal project (from 26.9 on) has one member, and servers keep it for him."""
    if group is None or group.text("type").upper() != "PERSONAL":
        return ""
    return {
        "admin.remove": "it is personal: it stays with its user",
        "admin.purge": "it is personal: it stays with its user",
        "members.add": "it is personal: nobody joins its user",
    }.get(action, "")


RESOURCE: Final = Resource(
    name="groups",
    one="group",
    about="Groups (projects) of users, with limits and hosts.",
    viewers=ADMINS,
    editors=ADMINS,
    columns=(
        columns.text("name", "NAME", least=14, most=40, priority=100, pinned=True, flex=2),
        columns.text("domain_name", "DOMAIN", least=8, most=24, priority=80),
        columns.ACTIVE,
        columns.text("type", "TYPE", least=11, most=12, priority=65, flex=0.2),
        columns.slots("total_resource_slots", "LIMITS", priority=60),
        columns.names("allowed_vfolder_hosts", "HOSTS", priority=50),
        columns.names("scaling_groups", "SCALING GROUPS", priority=55, least=14),
        columns.age(),
        columns.text("description", "DESCRIPTION", least=12, most=40, priority=45),
        columns.text("id", "ID", width=36, priority=10, optional=True),
    ),
    load=load,
    key=lambda data: str(data.get("id")),
    title=lambda item: item.text("name"),
    fields=(
        Field(key="domain_name", label="Domain", kind=Text(), required=True, when="create",
              offer=offers.domains, default="default"),
        Field(key="name", label="Name", kind=SLUG, required=True),
        Field(key="description", label="Description", kind=Text(0, 500)),
        Field(key="is_active", label="Active", kind=Flag(), choices=offers.YES_NO, default=True),
        Field(key="total_resource_slots", label="Limits", kind=Slots(), default={}),
        Field(key="allowed_vfolder_hosts", label="Hosts", kind=Names(), offer=offers.hosts,
              several=True, default=(), help="for vfolders of the group"),
        Field(key="resource_policy", label="Policy", kind=Text(), offer=offers.project_policies,
              default="default", needs="ProjectResourcePolicyAPI", help="for folders"),
        Field(key="integration_id", label="External id", kind=Text(0, 512)),
    ),
    create=create,
    lacks=lambda generation: () if generation.group_types else ("type",),
    update=lambda item, changes: Call("Group.update", (item.key,), sent(changes)),
    toggle=lambda item: Call("Group.update", (item.key,), {"is_active": not is_active(item)}),
    verb="Deactivate",
    remove=lambda item: Call("Group.delete", (item.key,)),
    removing="No new sessions in it; it stays in the list.",
    purge=lambda item: Call("Group.purge", (item.key,)),
    refuses=refuses,
    purging="Its folders and their files are removed, too. None of its sessions may run.",
    relations=(
        Relation(action="users", target="members", label="members of the group", scope="group",
                 value=lambda item: item.key),
        Relation(action="sessions", target="related-sessions", label="sessions of the group",
                 scope="group", value=lambda item: item.key),
        Relation(action="scaling", target="scaling-groups", label="its scaling groups",
                 scope="group", value=lambda item: item.key),
        Relation(action="domain", target="domains", label="its domain",
                 value=lambda item: item.text("domain_name")),
        Relation(action="policy", target="project-policies", label="its resource policy",
                 value=lambda item: item.text("resource_policy"),
                 offer="ProjectResourcePolicyAPI"),
        Relation(action="quotas", target="quotas", label="what it stores", scope="group",
                 value=lambda item: item.key, offer="QuotaScopeAPI"),
    ),
    sort="name",
    hint="n creates one.",
)  # fmt: skip


class GroupsView(ResourceView):
    """The groups."""

    RESOURCE = RESOURCE
