"""Virtual folders: rows, who reaches which, hosts, safe paths (rest-vfolders.md 1). No HTTP."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bai_tui.local.accounting import keypair_policy
from bai_tui.local.context import Context
from bai_tui.local.identity import Caller
from bai_tui.local.problems import InvalidAPIParams, VFolderNotFound
from bai_tui.local.store import Row, Store

NAME = r"\.?[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
RESERVED = re.compile(r"\.terminfo|\.jupyter|\.tmux\.conf|\.ssh|\.[a-z0-9]+rc|\.[a-z0-9]+_profile")
PERMISSIONS = ("ro", "rw", "wd")
"""From the weakest to the strongest; owners have `wd`."""

DEFAULT_HOST_KEY = "volumes/_default_host"

_SELECT = """
SELECT f.*, u.email AS user_email, g.name AS group_name
FROM vfolders f LEFT JOIN users u ON u.uuid = f."user" LEFT JOIN groups g ON g.id = f."group"
"""


def _seen(row: Row, permission: str, is_owner: bool) -> Row:
    kind = "group" if row["group"] is not None else "user"
    return row | {"permission": permission, "is_owner": is_owner, "type": kind}


def own_folders(store: Store, caller: Caller) -> list[Row]:
    """The caller's own user folders."""
    rows = store.all(f'{_SELECT} WHERE f."user" = ? ORDER BY f.created_at', caller.uuid)
    return [_seen(row, "wd", True) for row in rows]


def shared_folders(store: Store, caller: Caller) -> list[Row]:
    """Folders of other users that were shared with the caller."""
    rows = store.all(
        _SELECT.replace("SELECT f.*", "SELECT f.*, p.permission AS permission")
        + 'JOIN vfolder_permissions p ON p.vfolder = f.id WHERE p."user" = ? ORDER BY f.created_at',
        caller.uuid,
    )
    return [_seen(row, row["permission"], False) for row in rows]


def is_domain_admin(caller: Caller) -> bool:
    """Whether the caller administers group folders of the domain."""
    return caller.role in ("admin", "superadmin")


def group_folders(store: Store, caller: Caller) -> list[Row]:
    """Folders of the caller's groups; for admins those of all groups of the domain."""
    if is_domain_admin(caller):
        rows = store.all(
            f"{_SELECT} WHERE g.domain_name = ? ORDER BY f.created_at", caller.domain_name
        )
        return [_seen(row, "wd", True) for row in rows]
    rows = store.all(
        f"""{_SELECT} JOIN association_groups_users a ON a.group_id = f."group"
        WHERE a.user_id = ? ORDER BY f.created_at""",
        caller.uuid,
    )
    return [_seen(row, "rw", False) for row in rows]


def all_folders(store: Store) -> list[Row]:
    """Every folder of the cluster, as a superadmin sees them."""
    return [_seen(row, "wd", False) for row in store.all(f"{_SELECT} ORDER BY f.created_at")]


def accessible_folders(store: Store, caller: Caller) -> list[Row]:
    """Own, shared and group folders; rows also have `permission`, `is_owner` and `type`."""
    return [
        *own_folders(store, caller),
        *shared_folders(store, caller),
        *group_folders(store, caller),
    ]


def find_folder(store: Store, caller: Caller, name: str, needs: str = "ro") -> Row:
    """The first accessible folder of that name with at least the needed permission.

    Raises:
        VFolderNotFound: none.
    """
    enough = PERMISSIONS[PERMISSIONS.index(needs) :]
    for row in accessible_folders(store, caller):
        if row["name"] == name and row["permission"] in enough:
            return row
    raise VFolderNotFound("Your operation may be permission denied.")


def mounted_hosts(ctx: Context) -> list[str]:
    """Folder hosts that exist, by name."""
    return sorted(path.name for path in ctx.vfolder_root.iterdir() if path.is_dir())


def allowed_hosts(ctx: Context, caller: Caller) -> list[str]:
    """Existing hosts that domain, groups or key pair policy allow (their union)."""
    store = ctx.store
    allowed = set(keypair_policy(store, caller.access_key)["allowed_vfolder_hosts"])
    rows = store.all(
        """SELECT allowed_vfolder_hosts AS hosts FROM domains WHERE name = ? AND is_active = 1""",
        caller.domain_name,
    ) + store.all(
        """SELECT g.allowed_vfolder_hosts AS hosts FROM groups g
        JOIN association_groups_users a ON a.group_id = g.id
        WHERE a.user_id = ? AND g.is_active = 1""",
        caller.uuid,
    )
    for row in rows:
        allowed.update(row["hosts"])
    return [name for name in mounted_hosts(ctx) if name in allowed]


def default_host(store: Store) -> str | None:
    """The configured default host, if any."""
    name: str | None = store.value("SELECT value FROM config WHERE key = ?", DEFAULT_HOST_KEY)
    return name


def inside(root: Path, relative: str) -> Path:
    """The path below `root` that a request names; links are followed before the check.

    Raises:
        InvalidAPIParams: it leads outside.
    """
    top = root.resolve()
    try:
        path = (top / relative).resolve()
    except (OSError, ValueError) as error:
        raise InvalidAPIParams(f"No usable path: {error}") from None
    if path != top and top not in path.parents:
        raise InvalidAPIParams("The path is outside of the folder.")
    return path


def describe(row: Row) -> dict[str, Any]:
    """Fields that list and info share (rest-vfolders.md 3.2)."""
    return {
        "name": row["name"],
        "id": row["id"],
        "host": row["host"],
        "created_at": str(row["created_at"]),
        "is_owner": row["is_owner"],
        "permission": row["permission"],
        "user": str(row["user"]),
        "group": str(row["group"]),
        "type": row["type"],
    }
