"""`/folders/_`: host mounts (rest-vfolders.md 6), as far as one machine can do them honestly.

A "mount" here makes an existing directory of this machine available as a folder host, by a link
below the mount root. Network file systems need the administrator's `mount`: asking for one is
answered with `success: false` and the reason. The fstab is a file of the state directory; the
machine's own can only be read.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from aiohttp import web

from bai_tui.local.accounting import LIVE
from bai_tui.local.params import Field, boolish, matching, nullable, params, text
from bai_tui.local.problems import InvalidAPIParams
from bai_tui.local.routing import Call, Guard, Needs, Route, add, reply
from bai_tui.local.seed import AGENT_ID

MACHINE_FSTAB = Path("/etc/fstab")


def _fstab(call: Call) -> Path:
    """The file that `fstab_path` means: ours by default."""
    wanted = call.params["fstab_path"]
    if wanted is None:
        return call.ctx.state_dir / "fstab"
    if Path(wanted) == MACHINE_FSTAB:
        return MACHINE_FSTAB
    raise InvalidAPIParams(f"Only {MACHINE_FSTAB} and the cluster's own fstab can be used.")


def _read(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.exists() else ""


async def get_fstab(call: Call) -> web.StreamResponse:
    """Content of the fstab; manager and agent share this machine."""
    content = await asyncio.to_thread(_read, _fstab(call))
    agent = call.params["agent_id"]
    if agent is None:
        return reply({"content": content, "node": "manager", "node_id": "manager"})
    if agent != AGENT_ID:
        raise InvalidAPIParams("no such agent")
    return reply({"content": content, "node": "agent", "node_id": agent})


def _everywhere(success: bool, message: str, **more: Any) -> dict[str, Any]:
    """The same result for the manager and its one agent."""
    result = {"success": success, **more, "message": message}
    return {"manager": result, "agents": {AGENT_ID: result}}


async def list_mounts(call: Call) -> web.StreamResponse:
    """Paths below the mount root."""
    root = call.ctx.vfolder_root
    paths = await asyncio.to_thread(lambda: sorted(str(path) for path in root.iterdir()))
    return reply(_everywhere(True, "", mounts=paths))


async def mount(call: Call) -> web.StreamResponse:
    """Make a directory of this machine a folder host."""
    fstab = _fstab(call)
    failure = await asyncio.to_thread(_mount, call.ctx.vfolder_root, call.params, fstab)
    return reply(_everywhere(failure is None, failure or ""))


def _mount(root: Path, values: dict[str, Any], fstab: Path) -> str | None:
    """Link the directory; returns what is wrong, or None."""
    location, name = Path(values["fs_location"]), values["name"]
    if not location.is_absolute() or not location.is_dir():
        return (
            f"{values['fs_location']} is not a directory of this machine; "
            "the local cluster can't mount network file systems"
        )
    try:
        (root / name).symlink_to(location, target_is_directory=True)
        if values["edit_fstab"]:
            _write_fstab(fstab, name, f"{location} {root / name} none bind 0 0")
    except FileExistsError:
        return f"{name} is mounted already"
    except OSError as error:
        return f"{error.strerror}"
    return None


def _write_fstab(fstab: Path, name: str, line: str | None) -> None:
    """Replace the line of a mount, or remove it."""
    if fstab == MACHINE_FSTAB:
        raise PermissionError(1, "the machine's fstab is not changed from here")
    lines = [
        old for old in _read(fstab).splitlines() if Path("".join(old.split()[1:2])).name != name
    ]
    if line is not None:
        lines.append(line)
    fstab.write_text("".join(f"{entry}\n" for entry in lines), "utf-8")


async def umount(call: Call) -> web.StreamResponse:
    """Take a folder host away, unless a session uses it."""
    name = call.params["name"]
    live = call.ctx.store.all(f"SELECT mounts FROM kernels WHERE {LIVE}")
    if any(used[1] == name for row in live for used in row["mounts"]):
        return reply({"title": "Target host is used in sessions", "message": ""}, 409)
    fstab = _fstab(call)
    failure = await asyncio.to_thread(
        _umount, call.ctx.vfolder_root / name, call.params["edit_fstab"], fstab
    )
    return reply(_everywhere(failure is None, failure or ""))


def _umount(path: Path, edit_fstab: bool, fstab: Path) -> str | None:
    if not path.is_symlink():
        return f"{path.name} is not mounted"
    try:
        path.unlink()
        if edit_fstab:
            _write_fstab(fstab, path.name, None)
    except OSError as error:
        return f"{error.strerror}"
    return None


OPTIONAL = nullable(text)
FSTAB_PATH = Field("fstab_path", check=OPTIONAL, default=None)
SCALING_GROUP = Field("scaling_group", check=OPTIONAL, default=None)
EDIT = Field("edit_fstab", check=boolish, default=False)
NAME = Field("name", check=matching(r"[A-Za-z0-9][A-Za-z0-9._-]*"))
FSTAB = params(FSTAB_PATH, Field("agent_id", check=OPTIONAL, default=None))
MOUNT = params(
    Field("fs_location"),
    NAME,
    Field("fs_type", default="nfs"),
    Field("options", check=OPTIONAL, default=None),
    SCALING_GROUP,
    FSTAB_PATH,
    EDIT,
)
UMOUNT = params(NAME, SCALING_GROUP, FSTAB_PATH, EDIT)
SUPER, READ, RUNNING = Guard.SUPERADMIN, Needs.READABLE, Needs.RUNNING
ROUTES = (
    Route("GET", "/folders/_/fstab", get_fstab, SUPER, READ, FSTAB),
    Route("GET", "/folders/_/mounts", list_mounts, SUPER, READ),
    Route("POST", "/folders/_/mounts", mount, SUPER, RUNNING, MOUNT),
    Route("DELETE", "/folders/_/mounts", umount, SUPER, RUNNING, UMOUNT),
)


def add_routes(app: web.Application) -> None:
    """Register the host mounts."""
    add(app, ROUTES, versions=range(2, 5))
