"""`/config`: the key-value configuration store and what is derived from it (rest-admin.md 2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web

from bai_tui.local.params import Field, boolean, params
from bai_tui.local.problems import InvalidAPIParams
from bai_tui.local.routing import Call, Guard, Needs, Route, add, reply
from bai_tui.local.slots import KNOWN_SLOTS
from bai_tui.local.store import Store

MAX_LEAVES = 16
REGISTRY_PREFIX = "config/docker/registry/"
FOLDER_TYPES_PREFIX = "volumes/_types/"


def _below(store: Store, prefix: str) -> dict[str, str]:
    """Keys and values below a prefix, the prefix cut off."""
    rows = store.all(
        "SELECT key, value FROM config WHERE substr(key, 1, ?) = ? ORDER BY key",
        len(prefix),
        prefix,
    )
    return {row["key"][len(prefix) :]: row["value"] for row in rows}


async def resource_slots(call: Call) -> web.StreamResponse:
    """Known slots and their units."""
    return reply(KNOWN_SLOTS)


async def vfolder_types(call: Call) -> web.StreamResponse:
    """Which kinds of folders may be created."""
    return reply(folder_types(call.ctx.store))


def folder_types(store: Store) -> list[str]:
    """Enabled folder types, user first."""
    return sorted(_below(store, FOLDER_TYPES_PREFIX), reverse=True)


async def docker_registries(call: Call) -> web.StreamResponse:
    """Registry names and addresses."""
    return reply(_below(call.ctx.store, REGISTRY_PREFIX))


async def get_config(call: Call) -> web.StreamResponse:
    """One value, or with `prefix` everything below the key as a nested object."""
    store, key = call.ctx.store, call.params["key"]
    value: Any = store.value("SELECT value FROM config WHERE key = ?", key)
    if call.params["prefix"]:
        tree: dict[str, Any] = {"": value} if value is not None else {}
        root = key.strip("/") == ""
        for path, leaf in _below(store, "" if root else key.rstrip("/") + "/").items():
            _plant(tree, path.split("/"), leaf)
        value = tree
    return reply({"result": value})


def _plant(tree: dict[str, Any], path: list[str], leaf: str) -> None:
    """Put a leaf into a nested object; a value that is also a parent moves to its empty key."""
    for name in path[:-1]:
        branch = tree.setdefault(name, {})
        if not isinstance(branch, dict):
            branch = tree[name] = {"": branch}
        tree = branch
    if isinstance(tree.get(path[-1]), dict):
        tree[path[-1]][""] = leaf
    else:
        tree[path[-1]] = leaf


def _leaves(key: str, value: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(value, Mapping):
        yield key, value if isinstance(value, str) else str(value)
        return
    for name, inner in value.items():
        yield from _leaves(f"{key}/{name}" if name else key, inner)


async def set_config(call: Call) -> web.StreamResponse:
    """Store one value or a nested object of values."""
    value = call.params["value"]
    if not isinstance(value, (str, Mapping)):
        raise InvalidAPIParams("Input validation error", {"value": "neither a text nor a map"})
    leaves = list(_leaves(call.params["key"], value))
    if len(leaves) > MAX_LEAVES:
        raise InvalidAPIParams("Too large update! Split into smaller key-value pair sets.")
    store = call.ctx.store
    with store.transaction():
        for key, leaf in leaves:
            store.execute("INSERT OR REPLACE INTO config VALUES (?, ?)", key, leaf)
    return reply({"result": "ok"})


async def delete_config(call: Call) -> web.StreamResponse:
    """Remove one value, or with `prefix` also everything below it."""
    store, key = call.ctx.store, call.params["key"]
    with store.transaction():
        store.delete("config", key=key)
        if call.params["prefix"]:
            below = key.rstrip("/") + "/"
            store.execute("DELETE FROM config WHERE substr(key, 1, ?) = ?", len(below), below)
    return reply({"result": "ok"})


KEY = Field("key")
PREFIX = Field("prefix", check=boolean, default=False)
SUPER, FREE = Guard.SUPERADMIN, Needs.NOTHING
ROUTES = (
    Route("GET", "/config/resource-slots", resource_slots, Guard.PUBLIC, FREE),
    Route("GET", "/config/vfolder-types", vfolder_types, Guard.PUBLIC, FREE),
    Route("GET", "/config/docker-registries", docker_registries, SUPER, FREE),
    Route("POST", "/config/get", get_config, SUPER, FREE, params(KEY, PREFIX)),
    Route(
        "POST",
        "/config/set",
        set_config,
        SUPER,
        FREE,
        params(KEY, Field("value", check=lambda value: value)),
    ),
    Route("POST", "/config/delete", delete_config, SUPER, FREE, params(KEY, PREFIX)),
)


def add_routes(app: web.Application) -> None:
    """Register `/config`."""
    add(app, ROUTES, versions=range(3, 5))
