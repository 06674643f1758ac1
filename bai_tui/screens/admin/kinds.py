"""Kinds of values in forms: how they are read from the server, typed, checked and shown. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from bai_tui.api.models import parse_decimal, parse_json, parse_slots
from bai_tui.screens.create.draft import is_size, parse_amount, wire_amount

INT32: Final = 2**31 - 1


class Kind:
    """What a field holds; values are plain TOML values: text, int, bool, list or map of texts.

    `parse` and `check` raise ValueError with what is expected, in a few words.
    """

    limits: str = ""
    """What may be typed, in a few words."""

    in_text: str = ""
    """The same where the values are edited as TOML, when that is something else."""

    emptied: bool = False
    """Whether empty is a value of its own that a change sends, such as no limit."""

    def of_wire(self, value: Any) -> Any:
        """The value behind what the server told."""
        return "" if value is None else value if isinstance(value, str) else str(value)

    def parse(self, text: str) -> Any:
        """The value typed in a line."""
        return self.check(text.strip())

    def check(self, value: Any) -> Any:
        """The value, if it is one of this kind."""
        if not isinstance(value, str):
            raise ValueError("a text")
        return value

    def show(self, value: Any) -> str:
        """The value as one types it."""
        return str(value)


@dataclass(frozen=True)
class Text(Kind):
    """A line of text.

    Attributes:
        least, most: length in characters. rule: what it must match. limits: the rule in words.
    """

    least: int = 0
    most: int = 255
    rule: str = ""
    limits: str = ""

    def check(self, value: Any) -> str:
        """Length and rule."""
        text: str = super().check(value)
        if len(text) < self.least:
            raise ValueError(f"at least {self.least} characters" if self.least > 1 else "needed")
        if len(text) > self.most:
            raise ValueError(f"at most {self.most} characters, not {len(text)}")
        if text and self.rule and not re.fullmatch(self.rule, text, re.ASCII):
            raise ValueError(self.limits or "not of the right form")
        return text


@dataclass(frozen=True)
class Secret(Text):
    """A text that is never shown again: passwords."""


@dataclass(frozen=True)
class Integer(Kind):
    """A whole number within limits."""

    least: int = 0
    most: int = INT32
    unit: str = ""

    @property
    def limits(self) -> str:  # type: ignore[override]
        """The range."""
        top = f" to {self.most:,}" if self.most < INT32 else " or more"
        return f"{self.least:,}{top} {self.unit}".strip()

    def of_wire(self, value: Any) -> Any:
        """Servers send large numbers as floats."""
        number = parse_decimal(value)
        return None if number is None or not number.is_finite() else int(number)

    def parse(self, text: str) -> int:
        """Digits, with or without separators."""
        try:
            number = int(text.strip().replace(",", "").replace("_", ""))
        except ValueError:
            raise ValueError("a whole number") from None
        return self.check(number)

    def check(self, value: Any) -> int:
        """The range."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError("a whole number")
        if not self.least <= value <= self.most:
            raise ValueError(self.limits)
        return value

    def show(self, value: Any) -> str:
        """Digits."""
        return "" if value is None else str(value)


@dataclass(frozen=True)
class Size(Integer):
    """Bytes, typed with a binary suffix."""

    most: int = 2**53
    limits: str = "a size such as 64m or 2g"

    def parse(self, text: str) -> int:
        """`64m`."""
        return self.check(int(parse_amount("mem", text)))

    def check(self, value: Any) -> int:
        """Bytes, or a text with a suffix."""
        if isinstance(value, str):
            return self.parse(value)
        return super().check(value)

    def show(self, value: Any) -> str:
        """With the largest suffix that needs no fraction."""
        return "" if value is None else wire_amount("mem", Decimal(value))


@dataclass(frozen=True)
class Flag(Kind):
    """Yes or no."""

    limits: str = ""
    in_text: str = "true | false"

    def of_wire(self, value: Any) -> Any:
        """Null counts as no."""
        return bool(value)

    def parse(self, text: str) -> bool:
        """`yes`, `no`."""
        known = {"yes": True, "true": True, "no": False, "false": False}
        if text.strip().lower() not in known:
            raise ValueError("yes or no")
        return known[text.strip().lower()]

    def check(self, value: Any) -> bool:
        """A truth value."""
        if not isinstance(value, bool):
            raise ValueError("true or false")
        return value

    def show(self, value: Any) -> str:
        """In words."""
        return "yes" if value else "no"


@dataclass(frozen=True)
class Names(Kind):
    """Several names, in any order."""

    limits: str = "names with commas between"
    in_text: str = '["one", "two"]'

    def of_wire(self, value: Any) -> Any:
        """A list, or the names of a map (hosts with permissions)."""
        value = parse_json(value)
        if isinstance(value, Mapping):
            return sorted(map(str, value))
        return [str(name) for name in value or ()] if isinstance(value, list) else []

    def parse(self, text: str) -> list[str]:
        """`a, b`."""
        return self.check([name.strip() for name in text.split(",") if name.strip()])

    def check(self, value: Any) -> list[str]:
        """A list of texts."""
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise ValueError("a list of names")
        return list(dict.fromkeys(value))

    def show(self, value: Any) -> str:
        """With commas."""
        return ", ".join(value or ())


@dataclass(frozen=True)
class Slots(Kind):
    """Resource slots: `cpu=4 mem=8g`; a slot that is not named has no limit of its own."""

    least: int = 0
    """So many slots at least."""
    limits: str = "such as cpu=4 mem=8g"
    in_text: str = 'such as { cpu = "4", mem = "8g" }'

    def of_wire(self, value: Any) -> Any:
        """A slot map as texts that can be typed again."""
        return {
            name: wire_amount(name, amount) if amount.is_finite() else "inf"
            for name, amount in parse_slots(value).items()
        }

    def parse(self, text: str) -> dict[str, str]:
        """`cpu=4 mem=8g`."""
        slots = {}
        for word in text.replace(",", " ").split():
            name, sign, amount = word.partition("=")
            if not sign or not name:
                raise ValueError(f"name=amount, not {word!r}")
            slots[name] = amount
        return self.check(slots)

    def check(self, value: Any) -> dict[str, str]:
        """Names and amounts."""
        if not isinstance(value, Mapping):
            raise ValueError("a map of slots, such as {cpu = 4}")
        slots = {}
        for name, amount in value.items():
            text = str(amount).strip()
            if not text.lower().startswith("inf"):
                try:
                    text = wire_amount(name, parse_amount(name, text))
                except ValueError as error:
                    raise ValueError(f"{name}: {error}") from None
            else:
                text = "inf"
            slots[str(name)] = text
        if len(slots) < self.least:
            raise ValueError("needed")
        return slots

    def show(self, value: Any) -> str:
        """With blanks between."""
        return " ".join(f"{name}={amount}" for name, amount in (value or {}).items())


@dataclass(frozen=True)
class Options(Kind):
    """A JSON object."""

    limits: str = "a JSON object"

    def of_wire(self, value: Any) -> Any:
        """Decoded."""
        value = parse_json(value)
        return dict(value) if isinstance(value, Mapping) else {}

    def parse(self, text: str) -> dict[str, Any]:
        """JSON; nothing is an empty object."""
        try:
            value = json.loads(text or "{}")
        except ValueError:
            raise ValueError("a JSON object") from None
        return self.check(value)

    def check(self, value: Any) -> dict[str, Any]:
        """An object."""
        if not isinstance(value, Mapping):
            raise ValueError("a JSON object")
        return dict(value)

    def show(self, value: Any) -> str:
        """JSON."""
        return json.dumps(value, ensure_ascii=False) if value else ""


def wire_slots(slots: Mapping[str, str]) -> dict[str, str]:
    """Amounts as every generation of servers takes them: sizes in bytes, infinity by its name."""
    return {
        name: "Infinity"
        if text == "inf"
        else f"{parse_amount(name, text):f}"
        if is_size(name)
        else text
        for name, text in slots.items()
    }
