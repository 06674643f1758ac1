"""A cluster that is the same every time: fixed keys, names, images, sessions and ages."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from bai_tui.local import agent, seed
from bai_tui.local.context import Context
from bai_tui.local.images import LocalImage
from bai_tui.local.usage import month_series
from tests.conftest import ThreadedCluster

LONG = "preprocess-the-whole-of-the-corpus-with-many-workers-v12"
MIB = 2**20
SESSIONS: tuple[dict[str, Any], ...] = (
    {"name": "train-resnet", "type": "BATCH", "status": "RUNNING", "hours": 12.5, "cpu": 4,
     "mem": 4096, "owner": "superadmin", "command": "python train.py --epochs 90"},
    {"name": "notebook", "status": "RUNNING", "hours": 26.5, "cpu": 1, "mem": 512, "owner": "user"},
    {"name": "실험-07", "status": "RUNNING", "hours": 10.5, "cpu": 2, "mem": 1024, "owner": "user2",
     "tag": "감정 분석 🙂"},
    {"name": LONG, "status": "TERMINATING", "hours": 49.5, "cpu": 2, "mem": 256,
     "owner": "superadmin", "info": "user-requested"},
    {"name": "restarts", "status": "RESTARTING", "hours": 23.5, "cpu": 1, "mem": 256,
     "owner": "admin"},
    {"name": "evaluate", "type": "BATCH", "status": "TERMINATED", "hours": 30.5, "lived": 11.5,
     "cpu": 1, "mem": 256, "owner": "superadmin", "command": "exit 3", "result": "FAILURE",
     "info": "task-failure"},
    {"name": "no-image", "status": "CANCELLED", "hours": 74.5, "cpu": 1, "mem": 256,
     "owner": "user", "info": "failed-to-start: the image 'tensorflow:2.1' is not installed"},
    {"name": "waits-its-turn", "status": "PENDING", "hours": 11.5, "cpu": 128, "mem": 1024,
     "owner": "superadmin", "info": "no-available-instances"},
)  # fmt: skip
"""The one that is PENDING wants more than there is: the cluster would start it."""
LAUNCH = timedelta(seconds=9)
SHIFT = timedelta(seconds=30)
"""Ages are so much beyond the half hour."""

FILES = {
    "README.md": b"# Datasets\n\nWhat lies here.\n\n- faces: 10,000 pictures\n",
    "labels-2019.csv": b"id,label\n" * 4000,
    "한국어.txt": "첫 줄\n".encode() * 100,
    "faces/0001.png": b"",
}
"""What is in the first folder, and in the directory one works in."""

FILE_AGE = (100 * 24 + 12) * 3600
"""Seconds since they were changed: not a fixed time, of which the years would be counted on."""

FOLDERS = (("datasets", "superadmin", 12.5), ("models", "superadmin", 80.5),
           ("한국어-말뭉치", "superadmin", 340.5), ("shared-results", "user", 6.5))  # fmt: skip

IMAGE = LocalImage(
    name="python",
    tag="3.13-debian",
    runtime_path="/bin/sh",
    aliases=("python:3.13", "python"),
    labels={"ai.backend.features": "query batch", "ai.backend.base-distro": "debian"},
)


def _fixed(kind: str) -> Any:
    numbers = itertools.count(1)
    return {
        "access": lambda: f"AKIA{next(numbers):016}",
        "secret": lambda: f"{next(numbers):040}",
        "uuid": lambda: UUID(int=next(numbers)),
    }[kind]


@contextmanager
def same_cluster(state: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadedCluster]:
    """Run it. What it would take from the machine or from chance is fixed."""
    monkeypatch.setattr(seed, "new_access_key", _fixed("access"))
    monkeypatch.setattr(seed, "new_secret_key", _fixed("secret"))
    monkeypatch.setattr(seed, "uuid", SimpleNamespace(uuid4=_fixed("uuid")))
    monkeypatch.setattr(seed, "scan_images", lambda: [IMAGE])
    monkeypatch.setattr(seed, "__version__", "1.0")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr(LocalImage, "digest", "sha256:" + "0123456789abcdef" * 4)
    monkeypatch.setattr(LocalImage, "size_bytes", 130 * MIB)
    monkeypatch.setattr(agent.Agent, "node_stat", lambda self: None)
    cluster = ThreadedCluster(state)
    cluster.start()
    try:
        filled = cluster.run(lambda: fill(cluster.cluster.context))
        # Else the plot of the month moves on with every quarter of an hour.
        monkeypatch.setattr(
            "bai_tui.local.handlers.usage.month_series",
            lambda store, _, who: month_series(store, filled - SHIFT, who),
        )
        yield cluster
    finally:
        cluster.stop()


def fill(ctx: Context) -> datetime:
    """Sessions, folders, an invitation, somebody with a long name; returns when."""
    store, now = ctx.store, ctx.clock.now()
    users = {row["username"]: row for row in store.all("SELECT * FROM users")}
    keys = {row["user_id"]: row["access_key"] for row in store.all("SELECT * FROM keypairs")}
    group = store.value("SELECT id FROM groups")
    with store.transaction():
        # The server counts our own questions.
        store.execute(
            """CREATE TRIGGER uncounted AFTER UPDATE OF num_queries ON keypairs BEGIN
            UPDATE keypairs SET num_queries = 1234, last_used = NULL; END"""
        )
        # Ages of hours and days, away from where they change.
        for table in ("users", "keypairs", "domains", "groups", "scaling_groups",
                      "keypair_resource_policies"):  # fmt: skip
            store.execute(f"UPDATE {table} SET created_at = ?", now - timedelta(days=100, hours=2))
        long_ago = now - timedelta(days=100, hours=2)
        store.execute("UPDATE agents SET first_contact = ?, status_changed = ?", long_ago, long_ago)
        store.execute("UPDATE domains SET modified_at = ?", long_ago)
        store.execute("UPDATE groups SET modified_at = ?", long_ago)
        store.update("users", {"username": "user2"}, full_name="김하늘")
        for number, wanted in enumerate(SESSIONS, 1):
            owner = users[wanted["owner"]]
            begun = now - timedelta(hours=wanted["hours"]) - SHIFT
            ended = begun + timedelta(hours=wanted.get("lived", 10.5))
            over = wanted["status"] in ("TERMINATED", "CANCELLED")
            queued = wanted["status"] == "PENDING"
            store.insert(
                "kernels",
                id=str(UUID(int=1000 + number)),
                sess_id=wanted["name"],
                sess_type=wanted.get("type", "INTERACTIVE"),
                image=IMAGE.canonical,
                registry=IMAGE.canonical.partition("/")[0],
                tag=wanted.get("tag"),
                domain_name="default",
                group_id=group,
                user_uuid=owner["uuid"],
                access_key=keys[owner["email"]],
                scaling_group="default",
                agent=None if queued else seed.AGENT_ID,
                container_id=None if over or queued else f"{number:012d}",
                status=wanted["status"],
                status_info=wanted.get("info"),
                status_changed=None if queued else ended if over else begun + LAUNCH,
                created_at=begun,
                terminated_at=ended if over else None,
                occupied_slots={"cpu": str(wanted["cpu"]), "mem": str(wanted["mem"] * MIB)},
                startup_command=wanted.get("command"),
                result=wanted.get("result", "UNDEFINED"),
                resource_opts={"shmem": str(64 * MIB)},
                service_ports=[{"name": "ttyd", "protocol": "http", "container_ports": [7681],
                                "host_ports": []}],
            )  # fmt: skip
        for number, (name, owner_name, days) in enumerate(FOLDERS, 1):
            owner = users[owner_name]
            folder = f"{number:032x}"
            store.insert(
                "vfolders", id=folder, host=seed.VFOLDER_HOST, name=name, creator=owner["email"],
                user=owner["uuid"], created_at=now - timedelta(days=days, hours=1),
            )  # fmt: skip
            ctx.folder_path(seed.VFOLDER_HOST, folder).mkdir(parents=True)
        write_files(ctx.folder_path(seed.VFOLDER_HOST, f"{1:032x}"))
        store.insert(
            "vfolder_invitations", id=str(UUID(int=7)), permission="ro", inviter="user@localhost",
            invitee="superadmin@localhost", vfolder=f"{4:032x}",
            created_at=now - timedelta(days=1, hours=5, minutes=30),
        )  # fmt: skip
    ctx.agent.account()
    ctx.agent._live.update({str(UUID(int=1001)): METRICS})
    return now


def write_files(root: Path) -> None:
    """Files that look the same wherever they are written."""
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(mode=0o755, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o644)
    changed = time.time() - FILE_AGE
    for path in (*root.iterdir(), root):
        os.utime(path, (changed, changed))


METRICS: dict[str, dict[str, Any]] = {
    "cpu_util": {"current": "271.4", "capacity": "400", "pct": "67.85", "unit_hint": "percent"},
    "mem": {"current": str(2900 * MIB), "capacity": str(4096 * MIB), "pct": "70.8",
            "unit_hint": "bytes", "stats.max": str(3500 * MIB)},
    "io_read": {"current": "1048576", "capacity": None, "pct": None, "unit_hint": "bytes"},
    "io_write": {"current": "73400320", "capacity": None, "pct": None, "unit_hint": "bytes"},
}  # fmt: skip
