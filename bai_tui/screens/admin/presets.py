"""Resource presets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from bai_tui.screens.admin import columns
from bai_tui.screens.admin.kinds import Size, Slots, Text, wire_slots
from bai_tui.screens.admin.resource import Call, Fetch, Field, Resource, Scope, Values, Wire
from bai_tui.screens.admin.view import ResourceView

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.identity import Identity

FIELDS: Final = ("name", "resource_slots", "shared_memory", "scaling_group_name")


async def load(
    session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
) -> Sequence[Wire]:
    """All presets."""
    found: list[Wire] = await fetch(session.Resource.list_presets, FIELDS)
    return found


def _sent(values: Values) -> dict[str, Any]:
    sent = {}
    for key, value in values.items():
        if key == "resource_slots":
            sent[key] = wire_slots(value)
        elif value is not None:
            sent[key] = value
    return sent


def create(values: Values) -> Call:
    """A new preset."""
    rest = {key: value for key, value in values.items() if key != "name"}
    return Call("Resource.create_preset", (values["name"],), _sent(rest))


RESOURCE: Final = Resource(
    name="presets",
    one="preset",
    about="Named sets of resources for new sessions.",
    columns=(
        columns.text("name", "NAME", least=14, most=40, priority=100, pinned=True, flex=1),
        columns.slots("resource_slots", "RESOURCES", least=24, most=70, priority=90, none="none"),
        columns.number("shared_memory", "SHARED MEM", width=10, priority=80, size=True),
        columns.text("scaling_group_name", "SCALING GROUP", least=13, priority=40),
    ),
    load=load,
    key=lambda data: str(data.get("name")),
    fields=(
        Field(key="name", label="Name", kind=Text(1, 256), required=True, when="create"),
        Field(key="resource_slots", label="Resources", kind=Slots(1), required=True, default={},
              help="such as cpu=4 mem=8g"),
        Field(key="shared_memory", label="Shared mem", kind=Size(), default=None,
              help="64m; empty: as the image"),
    ),
    create=create,
    sort="name",
    update=lambda item, changes: Call("Resource.modify_preset", (item.key,), _sent(changes)),
    remove=lambda item: Call("Resource.delete_preset", (item.key,)),
    removing="Forms no longer offer it; sessions go on.",
    hint="n creates one.",
)  # fmt: skip


class PresetsView(ResourceView):
    """The resource presets."""

    RESOURCE = RESOURCE
