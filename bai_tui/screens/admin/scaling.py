"""Scaling groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from bai_tui.screens.admin import columns, offers
from bai_tui.screens.admin.kinds import Flag, Options, Text
from bai_tui.screens.admin.resource import (
    SUPERADMIN,
    Call,
    Fetch,
    Field,
    Relation,
    Resource,
    Scope,
    Values,
    Wire,
    is_active,
)
from bai_tui.screens.admin.view import ResourceView
from bai_tui.widgets.picker import Choice

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.identity import Identity

FIELDS: Final = (
    "name", "description", "is_active", "is_public", "created_at", "driver", "driver_opts",
    "scheduler", "scheduler_opts", "wsproxy_addr",
)  # fmt: skip


async def load(
    session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
) -> Sequence[Wire]:
    """All scaling groups; those of a domain, a group or a keypair."""
    asked: tuple[str, dict[str, tuple[str, Any]]] = ("scaling_groups", {})
    if scope.kind == "domain":
        asked = ("scaling_groups_for_domain", {"domain": ("String!", scope.value)})
    elif scope.kind == "keypair":
        asked = ("scaling_groups_for_keypair", {"access_key": ("String!", scope.value)})
    name, arguments = asked
    found: list[Wire] = await fetch(
        lambda fields: session.ScalingGroup.select(name, fields, arguments), FIELDS
    )
    if scope.kind == "group":
        # Asking for those of a group is answered with null by 19.09; the group itself tells.
        names = scope.item.data.get("scaling_groups") if scope.item else None
        return [group for group in found or () if group.get("name") in (names or ())]
    return found or []


def create(values: Values) -> Call:
    """A new scaling group."""
    rest = {key: value for key, value in values.items() if key != "name"}
    return Call("ScalingGroup.create", (values["name"],), rest)


RESOURCE: Final = Resource(
    name="scaling-groups",
    one="scaling group",
    about="Groups of agents with a scheduler, and who may use them.",
    viewers=SUPERADMIN,
    columns=(
        columns.text("name", "NAME", least=14, most=40, priority=100, pinned=True, flex=2),
        columns.ACTIVE,
        columns.text("driver", "DRIVER", least=7, most=12, priority=60, flex=0.2),
        columns.text("scheduler", "SCHEDULER", least=9, most=12, priority=80, flex=0.2),
        columns.names("scheduler_opts", "OPTIONS", least=10, most=40, priority=40),
        columns.flag("is_public", "PUBLIC", priority=50),
        columns.age(),
        columns.text("description", "DESCRIPTION", least=12, most=50, priority=70),
        columns.text("wsproxy_addr", "APP PROXY", least=12, most=40, priority=20),
    ),
    load=load,
    key=lambda data: str(data.get("name")),
    fields=(
        Field(key="name", label="Name", kind=Text(1, 64, r"\S+", "no blanks"), required=True,
              when="create"),
        Field(key="description", label="Description", kind=Text(0, 512)),
        Field(key="is_active", label="Active", kind=Flag(), choices=offers.YES_NO, default=True),
        Field(key="driver", label="Driver", kind=Text(1, 64), default="static", required=True),
        Field(key="driver_opts", label="  options", kind=Options(), default={}),
        Field(key="scheduler", label="Scheduler", kind=Text(1, 64), default="fifo", required=True,
              choices=(Choice("fifo", "fifo", "first in, first out"),
                       Choice("lifo", "lifo", "last in, first out"),
                       Choice("drf", "drf", "dominant resource fairness"))),
        Field(key="scheduler_opts", label="  options", kind=Options(), default={}),
    ),
    create=create,
    update=lambda item, changes: Call("ScalingGroup.update", (item.key,), changes),
    toggle=lambda item: Call("ScalingGroup.update", (item.key,),
                             {"is_active": not is_active(item)}),
    remove=lambda item: Call("ScalingGroup.delete", (item.key,)),
    removing="No agent may be in it any more, else the server refuses.",
    relations=(
        Relation(action="scaling", target="associations", label="who may use it",
                 scope="scaling", value=lambda item: item.key),
        Relation(action="agents", target="agents", label="its agents", scope="scaling",
                 value=lambda item: item.key),
        Relation(action="sessions", target="related-sessions", label="sessions in it",
                 scope="scaling", value=lambda item: item.key),
    ),
    sort="name",
    hint="n creates one.",
)  # fmt: skip


class ScalingGroupsView(ResourceView):
    """The scaling groups."""

    RESOURCE = RESOURCE
