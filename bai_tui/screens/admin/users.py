"""Users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from bai_tui.screens.admin import columns, offers
from bai_tui.screens.admin.kinds import Flag, Names, Secret, Text
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
from bai_tui.widgets.table.columns import Cell, Column

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.identity import Identity

FIELDS: Final = (
    "uuid", "email", "username", "full_name", "description", "need_password_change", "is_active",
    "status", "created_at", "domain_name", "role", "groups { id name }", "resource_policy",
)  # fmt: skip
PASSWORD: Final = Secret(least=4, most=64, limits="4 to 64 characters")


def group_names(item: Item) -> str:
    """Names of the groups a user is a member of."""
    return ", ".join(str(group.get("name")) for group in item.data.get("groups") or ())


def _role(item: Item) -> Cell:
    tones = {"superadmin": "accent", "admin": "accent", "monitor": "muted"}
    return Cell(item.text("role"), tones.get(item.text("role"), ""))


COLUMNS: Final[tuple[Column[Item], ...]] = (
    columns.text("email", "E-MAIL", least=20, most=40, priority=100, cut="middle", pinned=True,
                 flex=2),
    columns.text("full_name", "NAME", least=12, most=30, priority=70),
    Column(key="role", label="ROLE", width=10, priority=85, render=_role),
    columns.ACTIVE,
    columns.text("domain_name", "DOMAIN", least=8, most=20, priority=60, flex=0.5),
    Column(key="groups", label="GROUPS", min_width=10, max_width=40, priority=65,
           render=group_names),
    columns.age(priority=55),
    columns.text("username", "USERNAME", least=10, priority=30, flex=0.5),
    columns.flag("need_password_change", "NEWPW", priority=20),
    columns.text("description", "DESCRIPTION", least=10, most=40, priority=15),
    columns.text("uuid", "ID", width=36, optional=True),
)  # fmt: skip


async def load(
    session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
) -> Sequence[Wire]:
    """All users the caller may see; of one domain, of one group, or one of them."""
    found: list[Wire] = await fetch(lambda fields: session.User.list(fields=fields), FIELDS)
    return [user for user in found if belongs(user, scope)]


def belongs(user: Wire, scope: Scope) -> bool:
    """Whether a user belongs to a domain or a group."""
    match scope.kind:
        case "policy":
            return bool(user.get("resource_policy") == scope.value)
        case "domain":
            return bool(user.get("domain_name") == scope.value)
        case "group":
            return any(group.get("id") == scope.value for group in user.get("groups") or ())
        case _:
            return True


def create(values: Values) -> Call:
    """A new user, with a keypair made by the server."""
    chosen = {key: value for key, value in values.items() if key not in ("domain_name", "email")}
    return Call(
        "User.create",
        (values["domain_name"], values["email"]),
        {key: value for key, value in chosen.items() if value not in ("", [], None)},
        frozenset({"password"}),
    )


def update(item: Item, changes: Values) -> Call:
    """Change a user."""
    return Call("User.update", (item.text("email"),), changes, frozenset({"password"}))


RESOURCE: Final = Resource(
    name="users",
    one="user",
    about="People: roles, domains, groups, passwords.",
    viewers=ADMINS,
    columns=COLUMNS,
    load=load,
    key=lambda data: str(data.get("uuid") or data.get("email")),
    title=lambda item: item.text("email"),
    fields=(
        Field(key="email", label="E-mail", kind=Text(3, 64, r"[^@\s]+@[^@\s]+", "name@host"),
              required=True, when="create"),
        Field(key="password", label="Password", kind=PASSWORD, required=True),
        Field(key="username", label="Username", kind=Text(0, 64), help="empty: the e-mail"),
        Field(key="full_name", label="Full name", kind=Text(0, 64)),
        Field(key="domain_name", label="Domain", kind=Text(), required=True,
              offer=offers.domains, default="default"),
        Field(key="role", label="Role", kind=Text(), choices=offers.ROLES, default="user"),
        Field(key="group_ids", label="Groups", kind=Names(), offer=offers.groups, several=True,
              source="group_ids", default=(), help="of the user's domain"),
        Field(key="is_active", label="Active", kind=Flag(), choices=offers.YES_NO, default=True),
        Field(key="resource_policy", label="Policy", kind=Text(), offer=offers.user_policies,
              default="default", needs="UserResourcePolicyAPI", help="for folders"),
        Field(key="need_password_change", label="New password", kind=Flag(),
              choices=offers.YES_NO, default=False, help="must be changed at login"),
        Field(key="description", label="Description", kind=Text(0, 500)),
    ),
    create=create,
    update=update,
    toggle=lambda item: Call("User.update", (item.text("email"),),
                             {"is_active": not is_active(item)}),
    verb="Deactivate",
    remove=lambda item: Call("User.delete", (item.text("email"),)),
    removing="The user and all keypairs become inactive and stay in the lists.",
    purge=lambda item: Call("User.purge", (item.text("email"),)),
    purging="Keypairs and folders are removed with the user; folders that were shared with "
    "others become yours.",
    relations=(
        Relation(action="keypairs", target="keypairs", label="keypairs of the user", scope="user",
                 value=lambda item: item.text("email")),
        Relation(action="sessions", target="related-sessions", label="sessions of the user",
                 scope="user", value=lambda item: item.text("email")),
        Relation(action="groups", target="groups", label="groups of the user", scope="user",
                 value=lambda item: item.text("email")),
        Relation(action="domain", target="domains", label="domain of the user",
                 value=lambda item: item.text("domain_name")),
        Relation(action="policy", target="user-policies", label="resource policy of the user",
                 value=lambda item: item.text("resource_policy"),
                 offer="UserResourcePolicyAPI"),
        Relation(action="quotas", target="quotas", label="what the user stores", scope="user",
                 value=lambda item: item.text("uuid"), offer="QuotaScopeAPI"),
    ),
    sort="email",
    hint="n creates one.",
)  # fmt: skip


class UsersView(ResourceView):
    """The users."""

    RESOURCE = RESOURCE

    def wire(self, data: Wire) -> Wire:
        """Ids of the groups, as the form has them."""
        ids = [str(group.get("id")) for group in data.get("groups") or ()]
        return {**data, "group_ids": ids}
