"""A session to be started: checking it before it is sent, and the equal API call. Pure."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from bai_tui.widgets.text import format_number, format_size

NAME_RULE: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?", re.ASCII)
"""Session names (rest-sessions.md 2), besides their length of 4 to 64."""

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgtpe]?)(?:i?b)?", re.IGNORECASE | re.ASCII)
_FACTOR: Final = {unit: 1024**power for power, unit in enumerate(("", *"kmgtpe"))}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def is_size(slot: str) -> bool:
    """Whether the slot counts bytes (graphql.md 3.2)."""
    return "mem" in slot


def parse_amount(slot: str, text: str) -> Decimal:
    """A slot's amount as a number; sizes take binary suffixes such as `512m`.

    Raises:
        ValueError: says what is expected.
    """
    text = text.strip()
    if is_size(slot):
        match = _SIZE.fullmatch(text)
        if match is None:
            raise ValueError("a size such as 512m or 2g")
        size: Decimal = Decimal(match[1]) * _FACTOR[match[2].lower()]
        return size
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("a number") from None
    if not number.is_finite() or number < 0:
        raise ValueError("a number")
    return number


def show_amount(slot: str, amount: Decimal) -> str:
    """An amount as people write it."""
    if not amount.is_finite():
        return "∞"
    return format_size(amount) if is_size(slot) else format_number(amount, 3)


def wire_amount(slot: str, amount: Decimal) -> str:
    """An amount the fields accept again: `512m`, `2g`, `0.5`."""
    if not is_size(slot):
        return format_number(amount, 3).replace(",", "")
    for unit in ("t", "g", "m", "k"):
        count = amount / _FACTOR[unit]
        if count >= 1 and count == count.to_integral_value():
            return f"{count:f}".split(".")[0] + unit
    return f"{amount:f}"


@dataclass(frozen=True, slots=True)
class Limit:
    """What an image needs and bears of a slot."""

    least: Decimal = Decimal(0)
    most: Decimal = Decimal("Infinity")

    def text(self, slot: str) -> str:
        """In a few words."""
        least = show_amount(slot, self.least) if self.least else ""
        most = show_amount(slot, self.most) if self.most.is_finite() else ""
        if least and most:
            return f"{least} to {most}"
        return f"from {least}" if least else f"up to {most}" if most else ""


@dataclass(frozen=True, slots=True)
class Image:
    """An image that can be started."""

    reference: str
    installed: bool = True
    limits: Mapping[str, Limit] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form holds, as typed."""

    image: str = ""
    name: str = ""
    kind: str = "interactive"
    command: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    shmem: str = ""
    mounts: tuple[str, ...] = ()
    environ: str = ""
    tag: str = ""
    group: str = ""

    def check(self, image: Image | None, room: Mapping[str, Decimal]) -> dict[str, str]:
        """What is wrong, by field; empty when it can be sent.

        Args:
            image: the image chosen, with its limits.
            room: what the caller's policy still allows, by slot.
        """
        wrong = {}
        if not self.image:
            wrong["image"] = "choose an image"
        if reason := check_name(self.name):
            wrong["name"] = reason
        if self.kind == "batch" and not self.command.strip():
            wrong["command"] = "a batch session needs a command"
        for slot, text in self.slots.items():
            if reason := _check_slot(slot, text, image, room):
                wrong[f"slot-{slot}"] = reason
        if self.shmem.strip():
            try:
                shared = parse_amount("mem", self.shmem)
            except ValueError as error:
                wrong["shmem"] = str(error)
            else:
                memory = self.slots.get("mem", "").strip()
                if memory and "slot-mem" not in wrong and shared >= parse_amount("mem", memory):
                    wrong["shmem"] = "must be less than mem"
        try:
            parse_environ(self.environ)
        except ValueError as error:
            wrong["environ"] = str(error)
        return wrong

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of `Kernel.get_or_create`, without the image; only what was set."""
        resources = {slot: text.strip() for slot, text in self.slots.items() if text.strip()}
        chosen: dict[str, Any] = {
            "client_token": self.name.strip(),
            "type_": self.kind if self.kind != "interactive" else None,
            "startup_command": self.command.strip() if self.kind == "batch" else None,
            "resources": {
                slot: text if is_size(slot) else _number(text) for slot, text in resources.items()
            },
            "resource_opts": {"shmem": self.shmem.strip()} if self.shmem.strip() else None,
            "mounts": list(self.mounts) or None,
            "envs": parse_environ(self.environ) or None,
            "tag": self.tag.strip() or None,
            "group_name": self.group or None,
        }
        needed = {name: value for name, value in chosen.items() if value is not None}
        return {**needed, "enqueue_only": True, "no_reuse": True}

    def code(self) -> str:
        """The equal Python call, ready to run."""
        try:
            arguments = self.arguments()
        except ValueError:
            arguments = {"client_token": self.name}
        lines = [
            "from bai_tui.api import AsyncSession",
            "",
            "async with AsyncSession() as session:",
            "    kernel = await session.Kernel.get_or_create(",
            f"        {self.image!r},",
            *(f"        {name}={value!r}," for name, value in arguments.items()),
            "    )",
        ]
        return "\n".join(lines)


def _number(text: str) -> int | float:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)


def check_name(name: str) -> str:
    """What is wrong with a session name; empty when nothing is."""
    name = name.strip()
    if not 4 <= len(name) <= 64:
        return f"4 to 64 characters, not {len(name)}"
    if not NAME_RULE.fullmatch(name):
        bad = next((c for c in name if not re.match(r"[A-Za-z0-9_.-]", c, re.ASCII)), "")
        return f"{bad!r} is not allowed" if bad else "begins and ends with a letter, digit or _"
    return ""


def _check_slot(slot: str, text: str, image: Image | None, room: Mapping[str, Decimal]) -> str:
    if not text.strip():
        return ""
    try:
        amount = parse_amount(slot, text)
    except ValueError as error:
        return str(error)
    limit = image.limits.get(slot) if image else None
    if limit is not None and amount and amount < limit.least:
        return f"the image needs {show_amount(slot, limit.least)}"
    if limit is not None and amount > limit.most:
        return f"the image takes at most {show_amount(slot, limit.most)}"
    left = room.get(slot)
    if left is not None and amount > left:
        return f"only {show_amount(slot, max(left, Decimal(0)))} left of your limit"
    return ""


def parse_environ(text: str) -> dict[str, str]:
    """`A=1 B="two words"` as variables.

    Raises:
        ValueError: says what is wrong.
    """
    import shlex

    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ValueError(str(error).lower()) from None
    variables = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not _VARIABLE.fullmatch(name):
            raise ValueError(f"NAME=value, not {word!r}")
        variables[name] = value
    return variables


def suggest_name() -> str:
    """A short name that is free with all but certainty."""
    return f"s-{secrets.token_hex(3)}"
