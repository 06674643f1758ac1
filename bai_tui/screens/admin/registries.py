"""Container registries: where images come from (23.09 and later; changed by 24.09 and later)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from bai_tui.screens.admin import columns, offers
from bai_tui.screens.admin.kinds import Flag, Secret, Text
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
)
from bai_tui.screens.admin.view import ResourceView
from bai_tui.widgets.picker import Choice

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.identity import Identity

KINDS: Final = tuple(
    Choice(name, name)
    for name in ("docker", "harbor2", "harbor", "github", "gitlab", "ecr", "ecr-public", "local")
)


async def load(
    session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
) -> Sequence[Wire]:
    """All registries, a row for each project of theirs that is read."""
    return [_wire(row) for row in await session.ContainerRegistry.list()]


def _wire(row: Wire) -> Wire:
    config: dict[str, Any] = dict(row.get("config") or {})
    projects = config.pop("project", None)
    kind = config.pop("type", None)
    named = projects if isinstance(projects, str) else ", ".join(map(str, projects or ()))
    return {"hostname": row.get("hostname"), "project": named, "kind": kind, **config,
            "id": row.get("id")}  # fmt: skip


def create(values: Values) -> Call:
    """Another registry."""
    names = ("hostname", "url", "kind", "project")
    first = tuple(values[name] for name in names)
    more = {key: v for key, v in values.items() if key not in names and v not in ("", None)}
    title = f"{values['hostname']}/{values['project']}"
    return Call("ContainerRegistry.create", first, more, frozenset({"password"}), title)


def update(item: Item, changes: Values) -> Call:
    """Change one."""
    return Call("ContainerRegistry.update", (item.key,), changes, frozenset({"password"}))


RESOURCE: Final = Resource(
    name="registries",
    one="registry",
    about="Container registries that images are read from.",
    viewers=SUPERADMIN,
    columns=(
        columns.text("hostname", "REGISTRY", least=16, most=40, priority=100, pinned=True, flex=2,
                     cut="middle"),
        columns.text("project", "PROJECT", least=10, most=30, priority=95),
        columns.text("kind", "TYPE", least=8, most=12, priority=90, flex=0.2),
        columns.text("url", "URL", least=18, most=60, priority=80, cut="middle", flex=2),
        columns.flag("ssl_verify", "TLS CHECK", width=9, priority=60),
        columns.text("username", "USER", least=8, most=24, priority=50),
    ),
    load=load,
    key=lambda data: str(data.get("id")),
    title=lambda item: "/".join(filter(None, (item.text("hostname"), item.text("project")))),
    fields=(
        Field(key="hostname", label="Registry", kind=Text(1, 255, r"\S+", "no blanks"),
              required=True, help="such as cr.example.com"),
        Field(key="url", label="URL", kind=Text(8, 512, r"https?://\S+", "http:// or https://"),
              required=True),
        Field(key="kind", label="Type", kind=Text(), choices=KINDS, default="docker",
              required=True),
        Field(key="project", label="Project", kind=Text(1, 255, r"\S+", "no blanks"),
              required=True, default="stable", help="the part that is read"),
        Field(key="username", label="User", kind=Text(0, 255)),
        Field(key="password", label="Password", kind=Secret(0, 255)),
        Field(key="ssl_verify", label="TLS check", kind=Flag(), choices=offers.YES_NO,
              default=True, help="no: any certificate"),
        Field(key="is_global", label="For all", kind=Flag(), choices=offers.YES_NO, default=True,
              when="create", help="yes: for every project"),
    ),
    create=create,
    update=update,
    remove=lambda item: Call("ContainerRegistry.delete", (item.key,)),
    removing="Its images stay in the list until they are forgotten, but cannot be read anew.",
    relations=(
        Relation(action="images", target="images", label="its images", scope="registry",
                 value=lambda item: item.text("hostname")),
    ),
    interval=60,
    sort="hostname",
    hint="n adds one.",
    offer="ContainerRegistryAPI",
    changing="ContainerRegistryAPI.create",
)  # fmt: skip


class RegistriesView(ResourceView):
    """The container registries."""

    RESOURCE = RESOURCE
