"""Who uses how much: limits, occupied and remaining slots (data-model.md 3), from the rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bai_tui.local.slots import (
    INFINITY,
    Slots,
    add,
    parse_slots,
    subtract,
    with_default,
)
from bai_tui.local.store import Store

DEAD_STATUSES = frozenset({"TERMINATED", "CANCELLED"})
"""Statuses in which a session's name is free again."""

ALL_STATUSES = (
    "PENDING",
    "PREPARING",
    "BUILDING",
    "PULLING",
    "RUNNING",
    "RESTARTING",
    "RESIZING",
    "SUSPENDED",
    "TERMINATING",
    "TERMINATED",
    "ERROR",
    "CANCELLED",
)
"""Every kernel status of the release (graphql.md 3.9)."""

LIVE = "status NOT IN ('TERMINATED', 'CANCELLED')"
"""SQL condition of sessions that are not over."""

_AGENT_FREE = "('PENDING', 'TERMINATED', 'CANCELLED')"
_USER_FREE = "('PENDING', 'TERMINATING', 'TERMINATED', 'CANCELLED')"


def _occupied(store: Store, free: str, column: str, value: str) -> Slots:
    rows = store.all(
        f'SELECT occupied_slots FROM kernels WHERE "{column}" = ? AND status NOT IN {free}', value
    )
    return add(parse_slots(row["occupied_slots"]) for row in rows)


def agent_occupied(store: Store, agent_id: str) -> Slots:
    """Slots reserved on an agent, from scheduling to termination."""
    return _occupied(store, _AGENT_FREE, "agent", agent_id)


def keypair_occupied(store: Store, access_key: str) -> Slots:
    """Slots that count against a key pair's policy."""
    return _occupied(store, _USER_FREE, "access_key", access_key)


def group_occupied(store: Store, group_id: str) -> Slots:
    """Slots that count against a group's limit."""
    return _occupied(store, _USER_FREE, "group_id", group_id)


def domain_occupied(store: Store, domain_name: str) -> Slots:
    """Slots that count against a domain's limit."""
    return _occupied(store, _USER_FREE, "domain_name", domain_name)


def concurrency_used(store: Store, access_key: str) -> int:
    """Sessions of a key that hold user resources."""
    return int(
        store.value(
            f"SELECT count(*) FROM kernels WHERE access_key = ? AND status NOT IN {_USER_FREE}",
            access_key,
        )
    )


def policy_limits(policy: dict[str, Any]) -> Slots:
    """Limits of a key pair policy; slots it does not name follow `default_for_unspecified`."""
    unlimited = policy["default_for_unspecified"] == "UNLIMITED"
    return with_default(
        parse_slots(policy["total_resource_slots"]), INFINITY if unlimited else Decimal(0)
    )


def keypair_policy(store: Store, access_key: str) -> dict[str, Any]:
    """The policy row of a key pair."""
    row = store.one(
        """SELECT p.* FROM keypair_resource_policies p
        JOIN keypairs k ON k.resource_policy = p.name WHERE k.access_key = ?""",
        access_key,
    )
    if row is None:
        raise KeyError(access_key)
    return row


def group_limits(store: Store, group_id: str) -> Slots:
    """Limits of a group; unnamed slots are unlimited."""
    slots = store.one("SELECT total_resource_slots AS s FROM groups WHERE id = ?", group_id)
    return with_default(parse_slots(slots["s"] if slots else None), INFINITY)


def domain_limits(store: Store, domain_name: str) -> Slots:
    """Limits of a domain; unnamed slots are unlimited."""
    slots = store.one("SELECT total_resource_slots AS s FROM domains WHERE name = ?", domain_name)
    return with_default(parse_slots(slots["s"] if slots else None), INFINITY)


def agent_remaining(store: Store, scaling_group: str) -> list[Slots]:
    """Free slots of every live agent of a scaling group."""
    agents = store.all(
        "SELECT id, available_slots FROM agents WHERE scaling_group = ? AND status = 'ALIVE'",
        scaling_group,
    )
    return [
        subtract(parse_slots(agent["available_slots"]), agent_occupied(store, agent["id"]))
        for agent in agents
    ]


def allowed_scaling_groups(
    store: Store, domain_name: str, group_id: str, access_key: str
) -> list[str]:
    """Active scaling groups open to the domain, the group or the key (their union), by name."""
    rows = store.all(
        """SELECT name FROM scaling_groups WHERE is_active = 1 AND name IN (
            SELECT scaling_group FROM sgroups_for_domains WHERE domain = ?
            UNION SELECT scaling_group FROM sgroups_for_groups WHERE "group" = ?
            UNION SELECT scaling_group FROM sgroups_for_keypairs WHERE access_key = ?
        ) ORDER BY name""",
        domain_name,
        group_id,
        access_key,
    )
    return [row["name"] for row in rows]
