"""Usage of projects as 24.03 and later tell it, in the form of the manual (rest-admin.md 3.2).

They nest containers in sessions in projects, each with what it used under `total_usage`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bai_tui.api.functions.base import Item

GROUP = {"domain_name": "domain_name", "g_id": "project_id", "g_name": "project_name"}
"""Keys of a group, and what they are called in a project."""

CONTAINER = {
    "id": "kernel_id",
    "domain_name": "domain_name",
    "group_id": "project_id",
    "group_name": "project_name",
    "name": "session_name",
    "access_key": "access_key",
    "email": "user_email",
    "full_name": "full_name",
    "agent": "agent",
    "used_time": "used_time",
    "used_days": "used_days",
    "created_at": "created_at",
    "status": "status",
    "status_info": "status_info",
    "status_history": "status_history",
    "cluster_mode": "cluster_mode",
    "session_id": "session_id",
}


def group_of(project: Mapping[str, Any]) -> Item:
    """A group with its containers in `c_infos`; what is in that form already stays."""
    if "g_id" in project:
        return dict(project)
    return {
        **{key: project.get(name) for key, name in GROUP.items()},
        **{f"g_{key}": value for key, value in _used(project).items() if key != "nfs"},
        "c_infos": [
            _container(container)
            for session in _inner(project, "sessions")
            for container in _inner(session, "kernels")
        ],
    }


def _container(told: Mapping[str, Any]) -> Item:
    first = {key: next(iter(told.get(f"{key}s") or ()), None) for key in ("container_id", "image")}
    return {
        **{key: told.get(name) for key, name in CONTAINER.items()},
        **_used(told),
        "container_id": first["container_id"],
        "image_id": first["image"],
        "image_name": first["image"],
        # As text, like the manual's; also of what runs.
        "terminated_at": str(told.get("terminated_at")),
    }


def _used(told: Mapping[str, Any]) -> Mapping[str, Any]:
    total = told.get("total_usage")
    return total if isinstance(total, Mapping) else {}


def _inner(told: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    inner = told.get(key)
    values = inner.values() if isinstance(inner, Mapping) else ()
    return (value for value in values if isinstance(value, Mapping))
