"""From rows to the fields of GraphQL objects (graphql.md 8).

A value may be a function `(info, **arguments)`: it is only called when the field is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bai_tui.local import accounting
from bai_tui.local.gql.access import Request
from bai_tui.local.keys import ensure_ssh_keypair
from bai_tui.local.slots import Slots, number_text, parse_slots, slot_texts
from bai_tui.local.store import Row

Fields = dict[str, Any]
MIB = 2**20

SESSION_SELECT = """
SELECT k.*, g.name AS group_name, u.email AS user_email
FROM kernels k LEFT JOIN groups g ON g.id = k.group_id LEFT JOIN users u ON u.uuid = k.user_uuid
"""

LEGACY_NUMBERS = {
    # field: metric, key within it
    "cpu_used": ("cpu_used", "current"),
    "cpu_using": ("cpu_util", "pct"),
    "mem_max_bytes": ("mem", "stats.max"),
    "mem_cur_bytes": ("mem", "current"),
    "net_rx_bytes": ("net_rx", "stats.rate"),
    "net_tx_bytes": ("net_tx", "stats.rate"),
    "io_read_bytes": ("io_read", "current"),
    "io_write_bytes": ("io_write", "current"),
    "io_max_scratch_size": ("io_scratch_size", "stats.max"),
    "io_cur_scratch_size": ("io_scratch_size", "current"),
}


def _slot_numbers(slots: Slots, prefix: str, suffix: str) -> Fields:
    def number(name: str) -> float:
        return float(slots.get(name, Decimal(0)))

    return {
        f"{prefix}mem_{suffix}": int(slots.get("mem", Decimal(0)) / MIB),
        f"{prefix}cpu_{suffix}": number("cpu"),
        f"{prefix}gpu_{suffix}": number("cuda.device"),
        f"{prefix}tpu_{suffix}": number("tpu.device"),
    }


def agent(request: Request, row: Row) -> Fields:
    """Fields of `Agent`."""
    available = parse_slots(row["available_slots"])
    occupied = accounting.agent_occupied(request.store, row["id"])
    shown = slot_texts({slot: occupied.get(slot, Decimal(0)) for slot in available})
    live = request.ctx.agent.node_stat() if row["status"] == "ALIVE" else None
    node = (live or {}).get("node", {})

    def computations(info: Any, status: str | None = None) -> list[Fields]:
        where, values = ["k.agent = ?"], [row["id"]]
        _one_status(status, where, values)
        return sessions(request, where, values)

    return {
        **row,
        "available_slots": slot_texts(available),
        "occupied_slots": shown,
        "live_stat": live,
        **_slot_numbers(available, "", "slots"),
        **_slot_numbers(occupied, "used_", "slots"),
        "cpu_cur_pct": float(node.get("cpu_util", {}).get("pct") or 0),
        "mem_cur_bytes": float(node.get("mem", {}).get("current") or 0),
        "computations": computations,
    }


def session(request: Request, row: Row) -> Fields:
    """Fields of `ComputeSession` (and of workers and computations); needs `SESSION_SELECT`."""
    slots = parse_slots(row["occupied_slots"])
    running = row["status"] == "RUNNING"
    live = request.ctx.agent.live_stat(row["id"]) if running else None
    stat = live or row["last_stat"]
    hidden = request.hides_agents
    return {
        **row,
        "lang": row["image"],
        "agent": None if hidden else row["agent"],
        "container_id": None if hidden else row["container_id"],
        "occupied_slots": slot_texts(slots),
        "live_stat": live,
        "last_stat": row["last_stat"],
        **_slot_numbers(slots, "", "slot"),
        **{field: _metric(stat, metric, key) for field, (metric, key) in LEGACY_NUMBERS.items()},
        "workers": [],
    }


def _metric(stat: Mapping[str, Any] | None, metric: str, key: str) -> float | int:
    entry = (stat or {}).get(metric)
    number = Decimal(str((entry or {}).get(key) or 0))
    return float(number) if key == "pct" else int(number)


def _one_status(status: str | None, where: list[str], values: list[Any]) -> None:
    if status is not None:
        where.append("k.status = ?")
        values.append(check_status(status))


def check_status(name: str) -> str:
    """A kernel status name.

    Raises:
        KeyError: unknown; its text is the name in quotes, what clients of 19.09 get to see.
    """
    if name not in accounting.ALL_STATUSES:
        raise KeyError(name)
    return name


LATEST = "max(k.created_at, coalesce(k.status_changed, ''), coalesce(k.terminated_at, ''))"
"""SQL of the time a session last changed; the default order of session lists."""


def sessions(
    request: Request,
    where: list[str],
    values: list[Any],
    order: str = f"{LATEST} DESC",
    limit: int = 100,
    offset: int = 0,
) -> list[Fields]:
    """Sessions that match all conditions."""
    condition = " AND ".join(where) or "1"
    rows = request.store.all(
        f"{SESSION_SELECT} WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?",
        *values,
        limit,
        offset,
    )
    return [session(request, row) for row in rows]


def domain(request: Request, row: Row) -> Fields:
    """Fields of `Domain`."""
    names = request.store.all(
        "SELECT scaling_group AS name FROM sgroups_for_domains WHERE domain = ? ORDER BY 1",
        row["name"],
    )
    return {**row, "scaling_groups": [entry["name"] for entry in names]}


def group(request: Request, row: Row) -> Fields:
    """Fields of `Group`."""
    names = request.store.all(
        'SELECT scaling_group AS name FROM sgroups_for_groups WHERE "group" = ? ORDER BY 1',
        row["id"],
    )
    return {**row, "scaling_groups": [entry["name"] for entry in names]}


def user(request: Request, row: Row) -> Fields:
    """Fields of `User`; the password is never shown."""
    groups = request.store.all(
        """SELECT g.id, g.name FROM groups g JOIN association_groups_users a ON a.group_id = g.id
        WHERE a.user_id = ? ORDER BY g.name""",
        row["uuid"],
    )
    return {**row, "password": None, "groups": groups or None}


def keypair(request: Request, row: Row) -> Fields:
    """Fields of `KeyPair`."""
    key = row["access_key"]

    async def ssh_public_key(info: Any) -> str:
        public, _ = await ensure_ssh_keypair(request.store, key)
        return public

    def folders(info: Any) -> list[Fields]:
        rows = request.store.all(
            'SELECT * FROM vfolders WHERE "user" = ? ORDER BY created_at DESC', row["user"]
        )
        return [vfolder(request, entry) for entry in rows]

    def compute_sessions(info: Any, status: str | None = None) -> list[Fields]:
        where, values = ["k.access_key = ?"], [key]
        _one_status(status, where, values)
        return sessions(request, where, values)

    return {
        **row,
        "concurrency_used": accounting.concurrency_used(request.store, key),
        "concurrency_limit": 0,
        "ssh_public_key": ssh_public_key,
        "vfolders": folders,
        "compute_sessions": compute_sessions,
    }


def vfolder(request: Request, row: Row) -> Fields:
    """Fields of `VirtualFolder`; the two counters are always 0 in this release."""
    return {**row, "num_files": 0, "cur_size": 0}


def image(request: Request, row: Row) -> Fields:
    """Fields of `Image`."""
    aliases = request.store.all(
        "SELECT alias FROM image_aliases WHERE image = ? ORDER BY alias", row["canonical"]
    )
    agents = request.store.all("SELECT id FROM agents WHERE status = 'ALIVE'")
    limits = [
        {"key": slot, "min": limit.get("min", "0"), "max": limit.get("max", "Infinity")}
        for slot, limit in row["resource_limits"].items()
    ]
    return {
        **row,
        "humanized_name": row["name"],
        "hash": row["digest"],
        "labels": [{"key": key, "value": value} for key, value in row["labels"].items()],
        "aliases": [entry["alias"] for entry in aliases],
        "resource_limits": limits,
        "installed": bool(agents),
        "installed_agents": None if request.hides_agents else [entry["id"] for entry in agents],
    }


def preset(request: Request, row: Row) -> Fields:
    """Fields of `ResourcePreset`."""
    return {**row, "resource_slots": slot_texts(parse_slots(row["resource_slots"]))}


def plain(request: Request, row: Row) -> Fields:
    """Rows whose columns are the fields: policies, scaling groups."""
    return row


def normalized_slots(value: Any) -> dict[str, str]:
    """Input slot maps as they are stored; null counts as empty (graphql.md 13).

    Raises:
        ValueError: not a map of amounts.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError("resource slots must be a JSON object")
    return {slot: number_text(amount) for slot, amount in parse_slots(value).items()}
