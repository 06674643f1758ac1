"""A row in full: every field the server told, the fields of the form first. Pure."""

from __future__ import annotations

import json
from typing import Any

from bai_tui.api.models import parse_json, parse_time
from bai_tui.screens.admin.columns import seconds_since, show_slots
from bai_tui.screens.admin.resource import Item, Resource
from bai_tui.widgets.facts import Fact
from bai_tui.widgets.text import format_age

HIDDEN = frozenset({"password", "secret_key", "plain"})


def describe(resource: Resource, item: Item) -> list[Fact]:
    """Names and values."""
    facts: list[Fact] = [(resource.one, resource.title(item), "bold")]
    if item.doing:
        facts.append(("", f"{item.doing}…", "$text-accent"))
    if item.note:
        facts.append(("failed", item.note, "$text-error"))
    facts += [
        (name.replace("_", " "), show(name, value))
        for name, value in item.data.items()
        if name not in HIDDEN
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
    parsed = parse_json(value) if isinstance(value, str) and value[:1] in "{[" else value
    if isinstance(parsed, list) and all(isinstance(entry, str) for entry in parsed):
        return "\n".join(parsed)
    if isinstance(parsed, list):
        return "\n".join(_entry(entry) for entry in parsed)
    if isinstance(parsed, dict):
        return json.dumps(parsed, indent=1, ensure_ascii=False).strip("{}\n").replace('"', "")
    return str(value)


def _entry(entry: Any) -> str:
    """`key value` of pairs, `name` of named things."""
    if not isinstance(entry, dict):
        return str(entry)
    if "name" in entry:
        return str(entry["name"])
    return "  ".join(str(part) for part in entry.values())
