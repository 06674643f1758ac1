"""Values as text to be edited: TOML with the limits as comments, and the difference. Pure."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bai_tui.screens.admin.kinds import Integer
from bai_tui.screens.admin.resource import Field, Values
from bai_tui.widgets.text import printable

ERROR = "# ✗ "
"""Begins the lines that say what was wrong with the text."""


class TextError(ValueError):
    """The text cannot be used; one line each says why."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def toml_value(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(str(k))} = {toml_value(v)}" for k, v in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(toml_value, value))}]"
    return _quoted("" if value is None else str(value))


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _quoted(text: str) -> str:
    def escape(char: str) -> str:
        if char in _ESCAPES:
            return _ESCAPES[char]
        code = ord(char)
        if code < 32 or code == 127:
            return f"\\u{code:04X}"
        return "\ufffd" if 0xD800 <= code <= 0xDFFF else char

    return f'"{"".join(map(escape, text))}"'


def _key(name: str) -> str:
    bare = name and all(c.isascii() and (c.isalnum() or c in "-_") for c in name)
    return name if bare else _quoted(name)


def write_text(heading: str, fields: Sequence[Field], values: Values) -> str:
    """The values of the fields as TOML; each with what may stand there."""
    lines = [f"# {printable(heading)}", "# Save and close: the difference is shown first.", ""]
    for field in fields:
        kinds = ", ".join(filter(None, (field.kind.in_text or field.kind.limits, field.help)))
        choices = [choice.value for choice in field.choices]
        note = " | ".join(choices) if choices and not field.kind.in_text else kinds
        lines.append(f"# {field.label.strip().lower()}{f': {note}' if note else ''}")
        lines += [f"{_key(field.key)} = {toml_value(values.get(field.key))}", ""]
    return "\n".join(lines)


def read_text(text: str, fields: Sequence[Field]) -> dict[str, Any]:
    """The values in a text; a field that is missing is left out.

    Raises:
        TextError: it is no TOML, has unknown fields, or values that are not allowed.
    """
    table = parse_toml(text)
    known = {field.key: field for field in fields}
    problems = [f"{key}: there is no such field" for key in table if key not in known]
    values: dict[str, Any] = {}
    for key, field in known.items():
        if key not in table:
            continue
        if table[key] == "" and isinstance(field.kind, Integer) and not field.required:
            values[key] = None
            continue
        try:
            values[key] = field.kind.check(table[key])
        except ValueError as error:
            problems.append(f"{key}: {error}")
            continue
        reason = field.problem(values[key])
        allowed = {choice.value for choice in field.choices}
        if not reason and allowed and field.kind.show(values[key]) not in allowed:
            reason = f"one of {', '.join(sorted(allowed))}"
        if reason:
            problems.append(f"{key}: {reason}")
    if problems:
        raise TextError(problems)
    return values


def parse_toml(text: str) -> dict[str, Any]:
    """The table in a text.

    Raises:
        TextError: it is no TOML.
    """
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise TextError([f"no TOML: {error}"]) from None


def with_problems(text: str, problems: Sequence[str]) -> str:
    """The text as it was edited, with what is wrong above it."""
    kept = [line for line in text.split("\n") if not line.startswith(ERROR)]
    return "\n".join([*(f"{ERROR}{printable(problem)}" for problem in problems), *kept])


def difference(old: str, new: str) -> list[str]:
    """Lines with `+` and `-`; what stays, and comments, are left out but for one line around."""
    return [
        line
        for line in difflib.unified_diff(_telling(old), _telling(new), n=1, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]


def _telling(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def flatten(tree: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Paths and values of a nested map; an empty name means the map's own value."""
    if not isinstance(tree, Mapping):
        yield prefix, "" if tree is None else tree if isinstance(tree, str) else str(tree)
        return
    for name, inner in tree.items():
        path = f"{prefix}/{name}" if prefix and name else prefix or str(name)
        yield from flatten(inner, path)
