"""Keypair resource policies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from bai_tui.screens.admin import columns, offers
from bai_tui.screens.admin.groups import sent
from bai_tui.screens.admin.kinds import Integer, Names, Size, Slots, Text
from bai_tui.screens.admin.resource import (
    Call,
    Fetch,
    Field,
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

FIELDS: Final = (
    "name", "created_at", "default_for_unspecified", "total_resource_slots",
    "max_concurrent_sessions", "max_containers_per_session", "idle_timeout", "max_vfolder_count",
    "max_vfolder_size", "allowed_vfolder_hosts",
)  # fmt: skip


async def load(
    session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
) -> Sequence[Wire]:
    """The policies the caller may see."""
    found: list[Wire] = await fetch(
        lambda fields: session.KeypairResourcePolicy.list(fields=fields), FIELDS
    )
    return found


def create(values: Values) -> Call:
    """A new policy; the call has no defaults."""
    unlimited = {"max_vfolder_count": 0, "max_vfolder_size": 0}
    return Call("KeypairResourcePolicy.create", (), unlimited | sent(values))


RESOURCE: Final = Resource(
    name="policies",
    one="policy",
    about="Keypair resource policies: what a keypair may use.",
    columns=(
        columns.text("name", "NAME", least=14, most=40, priority=100, pinned=True, flex=2),
        columns.slots("total_resource_slots", "LIMITS", priority=90),
        columns.text("default_for_unspecified", "OTHERS", width=9, priority=60),
        columns.number("max_concurrent_sessions", "SESS", width=5, priority=85),
        columns.number("max_containers_per_session", "CONT", width=5, priority=40),
        columns.number("idle_timeout", "IDLE s", width=7, priority=75, zero="never"),
        columns.number("max_vfolder_count", "FOLDERS", width=7, priority=65, zero="any"),
        columns.number("max_vfolder_size", "SIZE", width=6, priority=30, size=True, zero="any"),
        columns.names("allowed_vfolder_hosts", "HOSTS", priority=55),
        columns.age(priority=45),
    ),
    load=load,
    key=lambda data: str(data.get("name")),
    fields=(
        Field(key="name", label="Name", kind=Text(1, 256), required=True, when="create"),
        Field(key="total_resource_slots", label="Limits", kind=Slots(), default={}),
        Field(key="default_for_unspecified", label="Other slots", kind=Text(),
              choices=(Choice("LIMITED", "LIMITED", "slots not named: none"),
                       Choice("UNLIMITED", "UNLIMITED", "slots not named: no limit")),
              default="LIMITED"),
        Field(key="max_concurrent_sessions", label="Sessions", kind=Integer(0, unit="at once"),
              default=5, required=True),
        Field(key="max_containers_per_session", label="Containers",
              kind=Integer(1, unit="a session"), default=1, required=True),
        Field(key="idle_timeout", label="Idle timeout", kind=Integer(0, 2**53, "s"), default=3600,
              required=True, help="seconds; 0: never ended"),
        Field(key="max_vfolder_count", label="Folders", kind=Integer(0), default=10,
              help="0: as many as one likes"),
        Field(key="max_vfolder_size", label="Folder size", kind=Size(), default=0,
              help="such as 10g; 0: no limit"),
        Field(key="allowed_vfolder_hosts", label="Hosts", kind=Names(), offer=offers.hosts,
              several=True, default=()),
    ),
    create=create,
    lacks=lambda generation: generation.policy_lacks,
    update=lambda item, changes: Call("KeypairResourcePolicy.update", (item.key,), sent(changes)),
    remove=lambda item: Call("KeypairResourcePolicy.delete", (item.key,)),
    removing="No keypair may use it any more, else the server refuses.",
    relations=(
        Relation(action="keypairs", target="keypairs", label="keypairs with the policy",
                 scope="policy", value=lambda item: item.key),
    ),
    sort="name",
    hint="n creates one.",
)  # fmt: skip


class PoliciesView(ResourceView):
    """The keypair resource policies."""

    RESOURCE = RESOURCE
