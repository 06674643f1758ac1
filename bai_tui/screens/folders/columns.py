"""The columns of folders, shares and invitations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from bai_tui.screens.folders.model import Folder, Invitation, Share
from bai_tui.widgets.table import Cell, Column
from bai_tui.widgets.text import format_age, format_size

_PERMISSION: Final = {"ro": ("muted", "○"), "rw": ("accent", "◐"), "wd": ("success", "●")}


def permission_cell(permission: str) -> Cell:
    """With a glyph that fills with the rights."""
    return Cell(permission, *_PERMISSION.get(permission, ("", "·")))


def _age(moment: datetime | None) -> str:
    return format_age((datetime.now(UTC) - moment).total_seconds()) if moment else "-"


def _name(folder: Folder) -> Cell:
    if folder.doing:
        return Cell(f"{folder.name}  {folder.doing}…", "accent")
    # On narrow screens there is no room for the status.
    return Cell(folder.name, "muted", "⌫") if folder.in_trash else Cell(folder.name)


def _used(folder: Folder) -> str:
    if folder.used is None and folder.quota is None:
        return ""
    used = format_size(folder.used) if folder.used is not None else "?"
    return f"{used}/{format_size(folder.quota)}" if folder.quota else used


TOLD: Final[Mapping[str, Callable[[Folder], bool]]] = {
    "used": lambda f: f.used is not None or f.quota is not None,
    "status": lambda f: bool(f.status),
    "usage": lambda f: bool(f.usage),
}
"""Columns that not every server fills, and whether it did for a folder."""

COLUMNS: Final[tuple[Column[Folder], ...]] = (
    Column(key="name", label="NAME", render=_name, min_width=18, max_width=50, flex=3,
           priority=100, cut="middle", pinned=True, value=lambda f: f.name),
    Column(key="type", label="TYPE", width=6, priority=70,
           render=lambda f: "group" if f.is_group else "user"),
    Column(key="owner", label="OWNER", min_width=14, max_width=36, flex=2, priority=85,
           cut="middle", render=lambda f: Cell("me", "muted") if f.is_owner and not f.is_group
           else Cell(f.owner), value=lambda f: f.owner),
    Column(key="permission", label="PERM", width=6, priority=90,
           render=lambda f: permission_cell(f.permission), value=lambda f: f.permission),
    Column(key="host", label="HOST", min_width=8, max_width=24, flex=1, priority=75,
           cut="middle", render=lambda f: f.host),
    Column(key="used", label="SIZE", width=12, align="right", priority=60, render=_used,
           sort_key=lambda f: f.used, value=lambda f: f.used, descending=True),
    Column(key="status", label="STATUS", width=14, priority=55,
           render=lambda f: Cell(f.status, "warning" if f.in_trash else "muted")),
    Column(key="usage", label="USAGE", width=8, priority=30, render=lambda f: f.usage),
    Column(key="creator", label="CREATOR", min_width=12, max_width=30, flex=1, priority=20,
           render=lambda f: f.creator, optional=True),
    Column(key="age", label="AGE", width=5, align="right", priority=95, live=True,
           searchable=False, render=lambda f: _age(f.created), sort_key=lambda f: f.created,
           descending=True, value=lambda f: f.created),
    Column(key="id", label="ID", width=36, priority=10, optional=True, render=lambda f: f.id),
)  # fmt: skip

SHARES: Final[tuple[Column[Share], ...]] = (
    Column(key="email", label="USER", min_width=20, flex=3, priority=100, cut="middle",
           render=lambda s: s.email),
    Column(key="permission", label="PERM", width=6, priority=95,
           render=lambda s: permission_cell(s.permission), value=lambda s: s.permission),
    Column(key="state", label="STATE", width=12, priority=90,
           render=lambda s: Cell("invited", "warning", "◌") if s.invitation
           else Cell("shared", "success", "●")),
)  # fmt: skip

INVITATIONS: Final[tuple[Column[Invitation], ...]] = (
    Column(key="folder", label="FOLDER", min_width=18, flex=2, priority=100, cut="middle",
           render=lambda i: i.folder),
    Column(key="inviter", label="FROM", min_width=18, flex=2, priority=98, cut="middle",
           render=lambda i: i.inviter),
    Column(key="permission", label="PERM", width=6, priority=95,
           render=lambda i: permission_cell(i.permission), value=lambda i: i.permission),
    Column(key="age", label="AGE", width=5, align="right", priority=90, live=True,
           searchable=False, render=lambda i: _age(i.created), sort_key=lambda i: i.created,
           descending=True),
)  # fmt: skip
