"""A row in full: every field the server told, the fields of the form first. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bai_tui.api.models import parse_decimal, parse_json, parse_time
from bai_tui.screens.admin.columns import seconds_since, show_slots
from bai_tui.screens.admin.resource import Item, Resource
from bai_tui.widgets.facts import Fact
from bai_tui.widgets.text import format_age, format_size

HIDDEN = frozenset({"password", "secret_key", "plain"})
TITLES = ("email", "access_key", "name", "id")
"""Fields that may be what the row is called: it is not told twice."""
SIZES = frozenset({"shared_memory", "max_vfolder_size"})
"""Bytes, besides what says so in its name."""


def describe(resource: Resource, item: Item) -> list[Fact]:
    """Names and values."""
    title = resource.title(item)
    told = next((name for name in TITLES if item.data.get(name) == title), "")
    facts: list[Fact] = [(resource.one, title, "bold")]
    if item.doing:
        facts.append(("", f"{item.doing}…", "$text-accent"))
    if item.note:
        facts.append(("failed", item.note, "$text-error"))
    facts += [
        (name.replace("_", " "), show(name, value))
        for name, value in item.data.items()
        if name not in HIDDEN and name != told
    ]
    return facts


def show(name: str, value: Any) -> str:
    """A value in words, over several lines when it is a structure."""
    if value in (None, "", [], {}):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    moment = parse_time(value)
    if moment is not None:
        age = format_age(seconds_since(moment))
        return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}  ({age} ago)"
    if name.endswith("slots"):
        return show_slots(value) or "no limit"
    size = parse_decimal(value) if name.endswith("_bytes") or name in SIZES else None
    if size is not None and size.is_finite():
        return format_size(float(size))
    parsed = parse_json(value) if isinstance(value, str) and value[:1] in "{[" else value
    if isinstance(parsed, list) and all(isinstance(entry, str) for entry in parsed):
        return "\n".join(parsed)
    if isinstance(parsed, list):
        return "\n".join(_entry(entry) for entry in parsed)
    if isinstance(parsed, dict):
        return "\n".join(_lines(parsed)) or "-"
    return str(value)


def _lines(tree: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """A map, the names of inner ones above what they hold."""
    for name, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield f"{indent}{name}"
            yield from _lines(value, f"{indent}  ")
        else:
            text = ", ".join(map(str, value)) if isinstance(value, list) else value
            yield f"{indent}{name}  {'-' if text in (None, '', {}) else text}"


def _entry(entry: Any) -> str:
    """`key value` of pairs, `name` of named things."""
    if not isinstance(entry, dict):
        return str(entry)
    if "min" in entry and "key" in entry:
        most = str(entry.get("max") or "inf")
        upto = "+" if most.lower().startswith("inf") else f"-{most}"
        return f"{entry['key']}  {entry['min'] or 0}{upto}"
    if "name" in entry:
        return str(entry["name"])
    return "  ".join(str(part) for part in entry.values())
