"""Creating a session: what the request must hold, and the row it becomes (rest-sessions.md 3)."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal
from typing import Any

from bai_tui.local import accounting
from bai_tui.local.context import Context
from bai_tui.local.identity import Caller
from bai_tui.local.imagerefs import find_image
from bai_tui.local.params import (
    Field,
    Invalid,
    Params,
    boolish,
    integer,
    list_of,
    map_of,
    mapping,
    matching,
    nullable,
    one_of,
    params,
    text,
)
from bai_tui.local.problems import (
    ImageNotFound,
    InternalServerError,
    InvalidAPIParams,
    ScalingGroupNotFound,
    VFolderNotFound,
)
from bai_tui.local.slots import KNOWN_SLOTS, Slots, number_text, parse_amount, parse_size

Row = dict[str, Any]

NAME = r"(?=.{4,64}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_.\-]*[A-Za-z0-9_])?"

CREATE = params(
    Field("clientSessionToken", check=matching(NAME)),
    Field("image", "lang"),
    Field("type", "sessionType", check=one_of("interactive", "batch"), default="interactive"),
    Field("group", "groupName", "group_name", default="default"),
    Field("domain", "domainName", "domain_name", default="default"),
    Field("config", check=mapping, default={}),
    Field("tag", check=nullable(text), default=None),
    Field("enqueueOnly", check=boolish, default=False),
    Field("maxWaitSeconds", check=integer(0), default=0),
    Field("reuseIfExists", check=boolish, default=True),
    Field("startupCommand", check=nullable(text), default=None),
    Field("owner_access_key", check=nullable(text), default=None),
)


def _anything(value: Any) -> Any:
    return value


CONFIG = Params(
    (
        Field("mounts", check=nullable(list_of(text)), default=None),
        Field("environ", check=nullable(map_of(text)), default=None),
        Field("cluster_size", "clusterSize", check=nullable(integer(1)), default=None),
        Field("scaling_group", "scalingGroup", check=nullable(text), default=None),
        Field("resources", check=map_of(_anything)),
        Field("resource_opts", "resourceOpts", check=nullable(mapping), default=None),
    )
)
"""`config`; 19.09 reads it late and without converting a failure: 500, not 400."""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _config(raw: dict[str, Any]) -> dict[str, Any]:
    try:
        return CONFIG.parse(raw)
    except Invalid as error:
        raise InternalServerError(data=error.args[0]) from None


def _group(ctx: Context, owner: Caller, domain: str, name: str) -> str:
    """Id of the group; the owner must be a member, or an admin of the domain."""
    row = ctx.store.one(
        "SELECT id, is_active FROM groups WHERE name = ? AND domain_name = ?", name, domain
    )
    member = row is not None and ctx.store.value(
        "SELECT 1 FROM association_groups_users WHERE group_id = ? AND user_id = ?",
        row["id"],
        owner.uuid,
    )
    foreign = domain != owner.domain_name and owner.role != "superadmin"
    if row is None or foreign or not (member or owner.role in ("superadmin", "admin")):
        raise InvalidAPIParams("Invalid group")
    return str(row["id"])


def _slots(image: Row, resources: dict[str, Any], shmem: Decimal) -> Slots:
    """The slots to reserve: what was asked, filled up with the image's minimum."""
    unknown = sorted(set(resources) - set(KNOWN_SLOTS))
    if unknown:
        raise InvalidAPIParams(f"Unknown requested resource slot: {', '.join(unknown)}")
    limits = image["resource_limits"]
    slots: Slots = {}
    for slot in KNOWN_SLOTS:
        limit = limits.get(slot, {})
        least = parse_amount(slot, limit.get("min") or 0)
        if slot == "mem":
            least += shmem
        most = parse_amount(slot, limit.get("max") or "Infinity")
        try:
            amount = parse_amount(slot, resources.get(slot) or 0)
        except ValueError as error:
            raise InvalidAPIParams(str(error)) from None
        if not amount:
            amount = least
        if amount < least:
            raise InvalidAPIParams(
                "Your resource request is smaller than the minimum required by the image. "
                f"({slot}: {number_text(amount)} < {number_text(least)})"
            )
        if amount > most:
            raise InvalidAPIParams(
                "Your resource request is larger than the maximum allowed by the image. "
                f"({slot}: {number_text(amount)} > {number_text(most)})"
            )
        slots[slot] = amount
    return slots


def _mounts(ctx: Context, owner: Caller, group_id: str, names: list[str]) -> list[list[str]]:
    """`[name, host, id, permission]` of the wanted folders and of those that are always mounted."""
    rows = ctx.store.all(
        """SELECT f.name, f.host, f.id, CASE WHEN f."user" = ?1 THEN 'wd'
             WHEN f."group" IS NOT NULL THEN 'rw' ELSE p.permission END AS permission
        FROM vfolders f LEFT JOIN vfolder_permissions p ON p.vfolder = f.id AND p."user" = ?1
        WHERE f."user" = ?1 OR f."group" = ?2 OR p."user" = ?1""",
        owner.uuid,
        group_id,
    )
    found = {row["name"]: row for row in rows if row["name"] in names or row["name"][0] == "."}
    missing = [name for name in names if name not in found]
    if missing:
        raise VFolderNotFound(", ".join(missing))
    return [[r["name"], r["host"], r["id"], r["permission"]] for r in found.values()]


def new_row(ctx: Context, owner: Caller, wanted: dict[str, Any]) -> Row:
    """The row of a new session; not stored yet.

    Raises:
        Problem: the request breaks a rule (rest-sessions.md 3.3).
    """
    config = _config(wanted["config"])
    image = find_image(ctx.store, wanted["image"])
    if image is None:
        raise ImageNotFound(wanted["image"])
    command = wanted["startupCommand"]
    if wanted["type"] == "batch" and not command:
        raise InvalidAPIParams("Batch sessions must have a non-empty startup command.")
    environ = config["environ"] or {}
    bad = [name for name in environ if not _VARIABLE.fullmatch(name)]
    if bad or any("\0" in value for value in environ.values()):
        raise InvalidAPIParams(f"Invalid environment variable: {', '.join(bad) or 'NUL in value'}")
    group_id = _group(ctx, owner, wanted["domain"], wanted["group"])
    allowed = accounting.allowed_scaling_groups(
        ctx.store, wanted["domain"], group_id, owner.access_key
    )
    scaling_group = config["scaling_group"]
    if scaling_group is not None and scaling_group not in allowed:
        raise ScalingGroupNotFound(scaling_group)
    options = dict(config["resource_opts"] or {})
    default = image["labels"].get("ai.backend.resource.preferred.shmem", "64m")
    try:
        shmem = parse_size(options.get("shmem") or default)
    except ValueError as error:
        raise InvalidAPIParams(str(error)) from None
    slots = _slots(image, config["resources"], shmem)
    return {
        "id": str(uuid.uuid4()),
        "sess_id": wanted["clientSessionToken"],
        "sess_type": wanted["type"].upper(),
        "role": "master",
        "image": image["canonical"],
        "registry": image["registry"],
        "tag": wanted["tag"],
        "domain_name": wanted["domain"],
        "group_id": group_id,
        "user_uuid": owner.uuid,
        "access_key": owner.access_key,
        "scaling_group": scaling_group,
        "agent": None,
        "container_id": None,
        "status": "PENDING",
        "status_info": None,
        "status_changed": None,
        "created_at": ctx.clock.now(),
        "occupied_slots": {slot: number_text(amount) for slot, amount in slots.items()},
        "environ": [f"{name}={value}" for name, value in environ.items()],
        "mounts": _mounts(ctx, owner, group_id, list(dict.fromkeys(config["mounts"] or ()))),
        "resource_opts": {**options, "shmem": number_text(shmem)},
        "startup_command": command,
        "cluster_size": config["cluster_size"] or 1,
    }
