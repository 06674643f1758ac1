"""`/resource` and `/scaling-groups`: what may be used, and what is free (rest-admin.md 3, 4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from aiohttp import web

from bai_tui.local import accounting
from bai_tui.local.identity import Caller
from bai_tui.local.params import Field, nullable, params, text
from bai_tui.local.problems import InternalServerError, InvalidAPIParams
from bai_tui.local.routing import Call, Guard, Route, add, reply
from bai_tui.local.slots import (
    Slots,
    fits,
    minimum,
    parse_slots,
    slot_texts,
    subtract,
    with_default,
)
from bai_tui.local.slots import (
    add as add_slots,
)
from bai_tui.local.store import Row, Store


async def list_presets(call: Call) -> web.StreamResponse:
    """All presets."""
    rows = call.ctx.store.all("SELECT * FROM resource_presets ORDER BY rowid")
    return reply({"presets": [_preset(row) for row in rows]})


def _preset(row: Row) -> dict[str, Any]:
    return {
        "name": row["name"],
        "resource_slots": slot_texts(parse_slots(row["resource_slots"])),
        "shared_memory": None if row["shared_memory"] is None else str(row["shared_memory"]),
    }


def _texts(slots: Slots) -> dict[str, str]:
    """A complete slot map: every known slot is there."""
    return slot_texts(with_default(slots, Decimal(0)))


def member_group(store: Store, caller: Caller, name: str) -> str | None:
    """Id of an active group of the caller's domain that the caller is a member of."""
    found: str | None = store.value(
        """SELECT g.id FROM groups g JOIN association_groups_users a ON a.group_id = g.id
        WHERE a.user_id = ? AND g.domain_name = ? AND g.name = ? AND g.is_active = 1""",
        caller.uuid,
        caller.domain_name,
        name,
    )
    return found


async def check_presets(call: Call) -> web.StreamResponse:
    """Limits, use and what is left of key pair, group and scaling groups."""
    store, caller = call.ctx.store, call.caller
    group_id = member_group(store, caller, call.params["group"])
    if group_id is None:
        # What this release answers to strangers of the group.
        raise InternalServerError("Invalid group")
    allowed = accounting.allowed_scaling_groups(
        store, caller.domain_name, group_id, caller.access_key
    )
    wanted = call.params["scaling_group"]
    if wanted is not None:
        if wanted not in allowed:
            raise InvalidAPIParams("Unknown scaling group")
        allowed = [wanted]

    key_limits = accounting.policy_limits(accounting.keypair_policy(store, caller.access_key))
    key_using = accounting.keypair_occupied(store, caller.access_key)
    group_limits = accounting.group_limits(store, group_id)
    group_using = accounting.group_occupied(store, group_id)
    group_left = subtract(group_limits, group_using)
    domain_left = subtract(
        accounting.domain_limits(store, caller.domain_name),
        accounting.domain_occupied(store, caller.domain_name),
    )
    key_left = minimum(subtract(key_limits, key_using), group_left, domain_left)

    agents = {name: accounting.agent_remaining(store, name) for name in allowed}
    free = [slots for found in agents.values() for slots in found]
    presets = []
    for row in store.all("SELECT * FROM resource_presets ORDER BY rowid"):
        needed = parse_slots(row["resource_slots"])
        room = any(fits(needed, slots) for slots in free)
        presets.append(_preset(row) | {"allocatable": room and fits(needed, key_left)})
    answer = {
        "keypair_limits": _texts(key_limits),
        "keypair_using": _texts(key_using),
        "keypair_remaining": _texts(key_left),
        "group_limits": _texts(group_limits),
        "group_using": _texts(group_using),
        "group_remaining": _texts(group_left),
        "scaling_group_remaining": _texts(add_slots(free)),
        "scaling_groups": {
            name: {
                "using": _texts(_group_using(store, caller.access_key, name)),
                "remaining": _texts(add_slots(found)),
            }
            for name, found in agents.items()
        },
        "presets": presets,
    }
    return reply(answer)


def _group_using(store: Store, access_key: str, scaling_group: str) -> Slots:
    rows = store.all(
        """SELECT occupied_slots FROM kernels WHERE access_key = ? AND scaling_group = ?
        AND status NOT IN ('PENDING', 'TERMINATING', 'TERMINATED', 'CANCELLED')""",
        access_key,
        scaling_group,
    )
    return add_slots(parse_slots(row["occupied_slots"]) for row in rows)


async def recalculate_usage(call: Call) -> web.StreamResponse:
    """Nothing is cached here, so there is nothing to recalculate; pending sessions get a look."""
    call.ctx.scheduler.wake()
    return reply({})


async def scaling_groups(call: Call) -> web.StreamResponse:
    """Scaling groups the caller may use together with a group."""
    store, caller, group = call.ctx.store, call.caller, call.params["group"]
    try:
        group_id: str | None = store.value("SELECT id FROM groups WHERE id = ?", str(UUID(group)))
    except ValueError:
        group_id = store.value(
            "SELECT id FROM groups WHERE name = ? AND domain_name = ?", group, caller.domain_name
        )
    names = accounting.allowed_scaling_groups(
        store, caller.domain_name, group_id or "", caller.access_key
    )
    return reply({"scaling_groups": [{"name": name} for name in names]})


CHECK = params(
    Field("scaling_group", check=nullable(text), default=None), Field("group", default="default")
)
ROUTES = (
    Route("GET", "/resource/presets", list_presets, params=params()),
    Route("POST", "/resource/check-presets", check_presets, params=CHECK),
    Route("POST", "/resource/recalculate-usage", recalculate_usage, Guard.SUPERADMIN),
)
SCALING_GROUPS = (
    Route(
        "GET",
        "/scaling-groups",
        scaling_groups,
        params=params(Field("group", "group_id", "group_name")),
    ),
)


def add_routes(app: web.Application) -> None:
    """Register `/resource` (without usage, see `usage`) and `/scaling-groups`."""
    add(app, ROUTES, versions=(4,))
    add(app, SCALING_GROUPS, versions=range(2, 5))
