"""What sessions have used, per group and over time, from their rows (rest-admin.md 3.2, 3.3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bai_tui.local.slots import parse_slots
from bai_tui.local.store import Row, Store

Info = dict[str, Any]

_SELECT = """
SELECT k.*, g.name AS group_name, u.email FROM kernels k
JOIN groups g ON g.id = k.group_id JOIN users u ON u.uuid = k.user_uuid
"""
_COUNTED = "k.status IN ('RUNNING', 'TERMINATED')"

BIN = timedelta(minutes=15)
BINS = 30 * 24 * 4

SUMMED = {
    # of a group: of its sessions
    "g_cpu_allocated": "cpu_allocated",
    "g_cpu_used": "cpu_used",
    "g_mem_allocated": "mem_allocated",
    "g_mem_used": "mem_used",
    "g_shared_memory": "shared_memory",
    "g_disk_allocated": "disk_allocated",
    "g_disk_used": "disk_used",
    "g_io_read": "io_read",
    "g_io_write": "io_write",
    "g_smp": "smp",
    "g_gpu_mem_allocated": "gpu_mem_allocated",
    "g_gpu_allocated": "gpu_allocated",
}


def _metric(row: Row, metric: str, key: str = "current") -> Decimal:
    entry = (row["last_stat"] or {}).get(metric)
    return Decimal(str((entry or {}).get(key) or 0))


def container_info(row: Row) -> Info:
    """One session as usage reports show it (C of rest-admin.md 3.2)."""
    slots = parse_slots(row["occupied_slots"])
    cpu = float(slots.get("cpu", 0))
    begun, ended = row["created_at"], row["terminated_at"]
    return {
        "id": row["id"],
        "container_id": row["container_id"],
        "domain_name": row["domain_name"],
        "group_id": row["group_id"],
        "group_name": row["group_name"],
        "name": row["sess_id"],
        "access_key": row["access_key"],
        "email": row["email"],
        "agent": row["agent"],
        "cpu_allocated": cpu,
        "cpu_used": float(_metric(row, "cpu_used")),
        "mem_allocated": int(slots.get("mem", 0)),
        "mem_used": int(_metric(row, "mem")),
        "shared_memory": int(row["resource_opts"].get("shmem") or 0),
        "disk_allocated": 0,
        "disk_used": int(_metric(row, "io_scratch_size", "stats.max")),
        "io_read": int(_metric(row, "io_read")),
        "io_write": int(_metric(row, "io_write")),
        "used_time": None if ended is None else str(ended - begun),
        "used_days": None if ended is None else (ended.date() - begun.date()).days + 1,
        "device_type": [],
        "smp": cpu,
        "gpu_mem_allocated": 0.0,
        "gpu_allocated": float(slots.get("cuda.device", slots.get("cuda.shares", 0))),
        "nfs": sorted({mount[1] for mount in row["mounts"]}) or None,
        "image_id": row["image"],
        "image_name": row["image"],
        "created_at": str(begun),
        "terminated_at": str(ended),
        "status": row["status"],
        "status_changed": str(row["status_changed"]),
    }


def group_usage(
    store: Store, begin: datetime, end: datetime, group_ids: Iterable[str] | None
) -> list[Info]:
    """Use of each group by sessions that ran within [begin, end) (G of rest-admin.md 3.2)."""
    rows = store.all(
        f"""{_SELECT} WHERE {_COUNTED} AND k.created_at < ?
        AND (k.terminated_at IS NULL OR k.terminated_at >= ?) ORDER BY k.created_at""",
        end,
        begin,
    )
    wanted = None if group_ids is None else set(group_ids)
    groups: dict[str, Info] = {}
    for row in rows:
        if wanted is not None and row["group_id"] not in wanted:
            continue
        info = container_info(row)
        group = groups.setdefault(
            row["group_id"],
            {
                "domain_name": row["domain_name"],
                "g_id": row["group_id"],
                "g_name": row["group_name"],
                **dict.fromkeys(SUMMED, 0),
                "g_device_type": [],
                "c_infos": [],
            },
        )
        for total, part in SUMMED.items():
            group[total] += info[part]
        group["c_infos"].append(info)
    return list(groups.values())


def month_series(store: Store, now: datetime, user_uuid: str | None) -> list[Info]:
    """15-minute points of the last 30 days over ended sessions, of one user or of all."""
    last = now.replace(minute=now.minute - now.minute % 15, second=0, microsecond=0)
    first = last - BIN * (BINS - 1)
    rows = store.all(
        """SELECT * FROM kernels WHERE status = 'TERMINATED' AND terminated_at >= ?1
        AND (?2 IS NULL OR user_uuid = ?2)""",
        first,
        user_uuid,
    )
    points: list[list[Decimal]] = [[Decimal(0)] * 7 for _ in range(BINS)]
    for row in rows:
        slots = parse_slots(row["occupied_slots"])
        zero = Decimal(0)
        shares = (
            Decimal(1),
            slots.get("cpu", zero),
            slots.get("mem", zero),
            slots.get("cuda.device", zero),
            _metric(row, "io_read"),
            _metric(row, "io_write"),
            _metric(row, "io_scratch_size", "stats.max"),
        )
        begin = max(0, int((row["created_at"] - first) / BIN))
        for index in range(begin, min(BINS, int((row["terminated_at"] - first) / BIN) + 1)):
            points[index] = [old + share for old, share in zip(points[index], shares, strict=True)]
    return [_point(first + BIN * index, values) for index, values in enumerate(points)]


def _point(date: datetime, values: list[Decimal]) -> Info:
    sessions, cpu, memory, gpu, read, written, disk = values

    def count(number: Decimal) -> Info:
        return {"value": float(number), "unit_hint": "count"}

    def size(number: Decimal) -> Info:
        return {"value": int(number), "unit_hint": "bytes"}

    return {
        "date": date.timestamp(),
        "num_sessions": {"value": int(sessions), "unit_hint": "count"},
        "cpu_allocated": count(cpu),
        "mem_allocated": size(memory),
        "gpu_allocated": count(gpu),
        "io_read_bytes": size(read),
        "io_write_bytes": size(written),
        # The release misspells this one key; readers accept both.
        "disk_used": {"value ": int(disk), "unit_hint": "bytes"},
    }
