"""First rows of a new state directory (data-model.md 6), and what every start refreshes."""

from __future__ import annotations

import os
import platform
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import psutil

from bai_tui import __version__
from bai_tui.local.clock import Clock
from bai_tui.local.images import REGISTRY, scan_images
from bai_tui.local.passwords import hash_password, new_access_key, new_secret_key
from bai_tui.local.store import Store

DOMAIN = GROUP = SCALING_GROUP = POLICY = "default"
VFOLDER_HOST = "local"
AGENT_ID = "i-local"

USERS = (
    # name, role, is_admin, full name
    ("superadmin", "superadmin", True, "Super Admin"),
    ("admin", "admin", True, "Domain Admin"),
    ("user", "user", False, "First User"),
    ("user2", "user", False, "Second User"),
    ("monitor", "monitor", False, "Monitor"),
)

SESSION_MEMORY = timedelta(days=130)
"""How long ended sessions stay: usage reports reach back 100 days from any day of a month."""
MAX_SESSIONS = 20_000
"""How many sessions are remembered at the most, live ones apart."""

GIB = 2**30
PRESETS = (
    # name, cpu, memory, shared memory
    ("small", 1, GIB // 2, None),
    ("medium", 2, GIB, 64 * 2**20),
    ("large", 4, 4 * GIB, 256 * 2**20),
)

CONFIG = {
    "config/docker/registry/" + REGISTRY: "local:",
    "config/redis/rate-limit-window": "900",
    "volumes/_default_host": VFOLDER_HOST,
    "volumes/_types/user": "",
    "volumes/_types/group": "",
}


@dataclass(frozen=True)
class Account:
    """What the person who starts the cluster is told once about a seeded user."""

    email: str
    password: str
    access_key: str


def default_slots() -> dict[str, str]:
    """Capacity offered by the agent: all memory, and four sessions' worth of each core.

    Sessions are ordinary processes that share the cores, so one slot per core would make a
    small machine refuse a third session for no reason.
    """
    cores = os.cpu_count() or 1
    return {"cpu": str(cores * 4), "mem": str(psutil.virtual_memory().total)}


def fill(store: Store, clock: Clock) -> dict[str, Account]:
    """Write the first rows; returns the accounts by name, passwords in clear."""
    now = clock.now()
    with store.transaction():
        store.insert(
            "domains",
            name=DOMAIN,
            description="The default domain",
            is_active=True,
            created_at=now,
            modified_at=now,
            allowed_vfolder_hosts=[VFOLDER_HOST],
            allowed_docker_registries=[REGISTRY],
        )
        group_id = str(uuid.uuid4())
        store.insert(
            "groups",
            id=group_id,
            name=GROUP,
            description="The default group",
            is_active=True,
            created_at=now,
            modified_at=now,
            domain_name=DOMAIN,
            allowed_vfolder_hosts=[VFOLDER_HOST],
        )
        store.insert(
            "keypair_resource_policies",
            name=POLICY,
            created_at=now,
            default_for_unspecified="UNLIMITED",
            max_concurrent_sessions=30,
            max_containers_per_session=1,
            idle_timeout=3600,
            max_vfolder_count=10,
            max_vfolder_size=0,
            allowed_vfolder_hosts=[VFOLDER_HOST],
        )
        store.insert(
            "scaling_groups",
            name=SCALING_GROUP,
            description="This machine",
            is_active=True,
            created_at=now,
            driver="static",
            scheduler="fifo",
        )
        store.insert("sgroups_for_domains", scaling_group=SCALING_GROUP, domain=DOMAIN)
        for name, cpu, memory, shared in PRESETS:
            slots = {"cpu": str(cpu), "mem": str(memory)}
            store.insert("resource_presets", name=name, resource_slots=slots, shared_memory=shared)
        for key, value in CONFIG.items():
            store.insert("config", key=key, value=value)
        return {
            name: _add_user(store, clock, group_id, name, role, is_admin, full_name)
            for name, role, is_admin, full_name in USERS
        }


def _add_user(
    store: Store,
    clock: Clock,
    group_id: str,
    name: str,
    role: str,
    is_admin: bool,
    full_name: str,
) -> Account:
    account = Account(f"{name}@localhost", new_secret_key()[:16], new_access_key())
    user_id = str(uuid.uuid4())
    store.insert(
        "users",
        uuid=user_id,
        username=name,
        email=account.email,
        password=hash_password(account.password),
        need_password_change=False,
        full_name=full_name,
        description="",
        is_active=True,
        created_at=clock.now(),
        domain_name=DOMAIN,
        role=role,
    )
    store.insert("association_groups_users", group_id=group_id, user_id=user_id)
    store.insert(
        "keypairs",
        access_key=account.access_key,
        secret_key=new_secret_key(),
        user_id=account.email,
        user=user_id,
        is_active=True,
        is_admin=is_admin,
        resource_policy=POLICY,
        created_at=clock.now(),
        rate_limit=30000,
    )
    return account


def refresh(store: Store, clock: Clock, slots: dict[str, str]) -> None:
    """What may have changed since the last start: the interpreter, the machine, our version."""
    with store.transaction():
        rescan_images(store)
        now = clock.now()
        forget_old_sessions(store, now)
        changing = {
            "status": "ALIVE",
            "status_changed": now,
            "available_slots": slots,
            "version": __version__,
            "lost_at": None,
            "compute_plugins": {
                "cpu": {"version": __version__, "model": platform.machine()},
                "mem": {"version": __version__},
            },
        }
        if not store.update("agents", {"id": AGENT_ID}, **changing):
            store.insert(
                "agents",
                id=AGENT_ID,
                region="local",
                scaling_group=SCALING_GROUP,
                addr="tcp://127.0.0.1:6001",
                first_contact=now,
                **changing,
            )


def forget_old_sessions(store: Store, now: datetime) -> None:
    """Drop rows of sessions that ended before any usage report could ask for them."""
    store.execute(
        """DELETE FROM kernels WHERE status IN ('TERMINATED', 'CANCELLED')
        AND coalesce(terminated_at, status_changed, created_at) < ?""",
        now - SESSION_MEMORY,
    )
    store.execute(
        """DELETE FROM kernels WHERE status IN ('TERMINATED', 'CANCELLED') AND id NOT IN
        (SELECT id FROM kernels ORDER BY created_at DESC LIMIT ?)""",
        MAX_SESSIONS,
    )


def rescan_images(store: Store) -> None:
    """Bring the image rows in line with this machine; aliases made by people stay."""
    found = {image.canonical: image for image in scan_images()}
    for row in store.all("SELECT canonical FROM images"):
        if row["canonical"] not in found:
            store.delete("images", canonical=row["canonical"])
    for image in found.values():
        columns = {
            "digest": image.digest,
            "size_bytes": image.size_bytes,
            "labels": image.labels,
            "runtime_path": image.runtime_path,
            "resource_limits": {"cpu": {"min": "1"}, "mem": {"min": "64m"}},
        }
        if not store.update("images", {"canonical": image.canonical}, **columns):
            store.insert(
                "images",
                canonical=image.canonical,
                registry=REGISTRY,
                name=image.name,
                tag=image.tag,
                **columns,
            )
        for alias in image.aliases:
            store.execute(
                "INSERT OR IGNORE INTO image_aliases VALUES (?, ?)", alias, image.canonical
            )
