"""Templates of new sessions: kept here in the state directory, or on servers that keep them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any, Final

from bai_tui.screens.create.draft import Draft, parse_environ, parse_paths
from bai_tui.settings import SettingsError, state_dir, write_private

LIMIT: Final = 200


class TemplateStore:
    """The templates of this machine, by name, in a file only the user may read.

    Environment variables often hold secrets; and a template without them would be half a one.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or state_dir() / "templates.json"

    def all(self) -> dict[str, Draft]:
        """Name to draft; a broken file or entry counts as none."""
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(data, dict):
            return {}
        return {
            str(name): draft
            for name, entry in data.items()
            if isinstance(entry, Mapping) and (draft := draft_of(entry)) is not None
        }

    def save(self, name: str, draft: Draft) -> None:
        """Keep a draft under a name, in place of what had it.

        Raises:
            SettingsError: the disk refuses, or there are too many.
        """
        known = self.all()
        if len(known) >= LIMIT and name not in known:
            raise SettingsError(f"there are {LIMIT} templates already; forget one first")
        self._write({**known, name: replace(draft, name="")})

    def forget(self, name: str) -> bool:
        """Remove one; tells whether there was one. Raises SettingsError as `save` does."""
        known = self.all()
        if known.pop(name, None) is None:
            return False
        self._write(known)
        return True

    def _write(self, known: Mapping[str, Draft]) -> None:
        data = {name: asdict(draft) for name, draft in sorted(known.items())}
        write_private(self.path, json.dumps(data, ensure_ascii=False, indent=1))


def draft_of(entry: Mapping[str, Any]) -> Draft | None:
    """A draft from its file form; None when a value is of the wrong type."""
    values: dict[str, Any] = {}
    for field in fields(Draft):
        if field.name not in entry:
            continue
        value = entry[field.name]
        if field.name == "mounts":
            good = isinstance(value, list) and all(isinstance(v, str) for v in value)
            value = tuple(value) if good else ()
        elif field.name == "slots":
            good = isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
        else:
            good = type(value) is type(getattr(Draft(), field.name))
        if not good:
            return None
        values[field.name] = value
    return Draft(**values)


def to_server(draft: Draft, name: str) -> dict[str, Any]:
    """The draft as servers keep it."""
    paths = parse_paths(draft.paths)
    return {
        "api_version": "6",
        "kind": "task_template",
        "metadata": {"name": name, "tag": draft.tag.strip() or None},
        "spec": {
            "session_type": draft.kind,
            "kernel": {
                "image": draft.image,
                "environ": parse_environ(draft.environ),
                "run": {"bootstrap": None, "startup": draft.command.strip() or None},
            },
            "scaling_group": draft.scaling_group or None,
            "mounts": {folder: paths.get(folder, "") for folder in draft.mounts},
            "resources": {slot: text for slot, text in draft.slots.items() if text.strip()},
        },
    }


def from_server(template: Mapping[str, Any]) -> Draft:
    """A server's template as a draft; what the form has no field for is left out."""
    spec = _part(template, "spec")
    kernel = _part(spec, "kernel")
    metadata = _part(template, "metadata")
    mounts = _part(spec, "mounts")
    environ = _part(kernel, "environ")
    kind = next(
        (spec[n] for n in ("session_type", "sessionType", "type") if isinstance(spec.get(n), str)),
        "interactive",
    ).lower()
    return Draft(
        image=str(kernel.get("image") or ""),
        kind="batch" if kind == "batch" else "interactive",
        command=str(_part(kernel, "run").get("startup") or ""),
        slots={str(s): str(a) for s, a in _part(spec, "resources").items() if a is not None},
        scaling_group=str(spec.get("scaling_group") or ""),
        mounts=tuple(map(str, mounts)),
        paths=" ".join(f"{_quote(str(n))}={_quote(str(p))}" for n, p in mounts.items() if p),
        environ=" ".join(f"{name}={_quote(str(value))}" for name, value in environ.items()),
        tag=str(metadata.get("tag") or ""),
    )


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = data.get(name)
    return part if isinstance(part, Mapping) else {}


def _quote(text: str) -> str:
    import shlex

    return shlex.quote(text)
