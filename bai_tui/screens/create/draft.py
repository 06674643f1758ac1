"""A session to be started: checking it before it is sent, and the equal API call. Pure."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from bai_tui.widgets.text import format_number, format_size

if TYPE_CHECKING:
    from bai_tui.api import SessionInfo

NAME_RULE: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?", re.ASCII)
"""Session names (rest-sessions.md 2), besides their length of 4 to 64."""

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgtpe]?)(?:i?b)?", re.IGNORECASE | re.ASCII)
_FACTOR: Final = {unit: 1024**power for power, unit in enumerate(("", *"kmgtpe"))}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def is_size(slot: str) -> bool:
    """Whether the slot counts bytes (graphql.md 3.2)."""
    return "mem" in slot


MOST: Final = 2**63
"""No slot has more; beyond, a number is too long to be written out."""


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
    if not number.is_finite() or not 0 <= number <= MOST:
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
    accelerators: tuple[str, ...] = ()
    size: int = 0
    description: str = ""

    @property
    def short(self) -> str:
        """Without registry and path."""
        return self.reference.rpartition("/")[2]

    @property
    def words(self) -> str:
        """What it can be found by, besides its name."""
        where = "installed" if self.installed else "to-be-pulled"
        return " ".join((*self.aliases, *self.accelerators, self.description, where))

    @property
    def remark(self) -> str:
        """Accelerators, size, whether it is there; in a few words."""
        accelerators = "+".join(self.accelerators)
        size = format_size(self.size) if self.size else ""
        return "  ".join(
            filter(None, (accelerators, size, "installed" if self.installed else "↓ pull"))
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """What the server and the caller's limits allow; what a draft is checked against.

    Attributes:
        image: the image chosen, with its limits.
        room: what the caller's limits still allow, by slot; a missing slot is not limited.
        free: what the scaling groups meant have free now, by slot.
        maps_paths: the server mounts folders at other paths than `/home/work/NAME`.
    """

    image: Image | None = None
    room: Mapping[str, Decimal] = field(default_factory=dict)
    free: Mapping[str, Decimal] = field(default_factory=dict)
    maps_paths: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form holds, as typed. Templates keep it as it is."""

    image: str = ""
    name: str = ""
    reuse: bool = False
    kind: str = "interactive"
    command: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    shmem: str = ""
    scaling_group: str = ""
    mounts: tuple[str, ...] = ()
    paths: str = ""
    environ: str = ""
    tag: str = ""
    group: str = ""
    cluster_size: str = ""
    owner: str = ""
    wait: bool = False
    max_wait: str = ""

    def check(self, offer: Offer) -> dict[str, str]:
        """What is wrong, by field; empty when it can be sent."""
        wrong = {}
        if not self.image:
            wrong["image"] = "choose an image"
        if reason := check_name(self.name):
            wrong["name"] = reason
        if self.kind == "batch" and not self.command.strip():
            wrong["command"] = "a batch session needs a command"
        for slot, text in self.slots.items():
            if reason := _check_slot(slot, text, offer.image, offer.room):
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
        for name, work in (
            ("environ", lambda: parse_environ(self.environ)),
            ("paths", lambda: self._check_paths(offer)),
            ("cluster_size", lambda: parse_count(self.cluster_size, 1, 1000)),
            ("max_wait", lambda: parse_count(self.max_wait, 0, 7 * 86400)),
        ):
            try:
                work()
            except ValueError as error:
                wrong[name] = str(error)
        return wrong

    def _check_paths(self, offer: Offer) -> None:
        paths = parse_paths(self.paths)
        if paths and not offer.maps_paths:
            raise ValueError("only /home/work/NAME here")
        for name in paths:
            if name not in self.mounts:
                raise ValueError(f"{name!r} is not chosen above")

    def waits_for(self, offer: Offer) -> dict[str, str]:
        """Slots of which less is free now than is asked for: the session will be queued."""
        short = {}
        for slot, text in self.slots.items():
            free = offer.free.get(slot)
            try:
                if free is not None and text.strip() and parse_amount(slot, text) > free:
                    short[slot] = show_amount(slot, max(free, Decimal(0)))
            except ValueError:
                continue
        return short

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of `Kernel.get_or_create`, without the image; only what was set.

        Raises:
            ValueError: a field cannot be read; `check` says which.
        """
        resources = {slot: text.strip() for slot, text in self.slots.items() if text.strip()}
        count = parse_count(self.cluster_size, 1, 1000)
        chosen: dict[str, Any] = {
            "client_token": self.name.strip(),
            "type_": self.kind if self.kind != "interactive" else None,
            "startup_command": self.command.strip() or None,
            "resources": {
                slot: text if is_size(slot) else _number(parse_amount(slot, text))
                for slot, text in resources.items()
            },
            "resource_opts": {"shmem": self.shmem.strip()} if self.shmem.strip() else None,
            "scaling_group": self.scaling_group or None,
            "mounts": list(self.mounts) or None,
            "mount_map": parse_paths(self.paths) or None,
            "envs": parse_environ(self.environ) or None,
            "tag": self.tag.strip() or None,
            "group_name": self.group or None,
            "cluster_size": count if count and count > 1 else None,
            "owner_access_key": self.owner.strip() or None,
            "enqueue_only": None if self.wait else True,
            "max_wait": (parse_count(self.max_wait, 0, 7 * 86400) or None) if self.wait else None,
            "no_reuse": None if self.reuse else True,
        }
        return {name: value for name, value in chosen.items() if value is not None}

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


def _number(number: Decimal) -> int | float:
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


def parse_count(text: str, least: int, most: int) -> int | None:
    """A whole number, or None for nothing typed.

    Raises:
        ValueError: says what is expected.
    """
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and least <= int(text[:12]) <= most):
        raise ValueError(f"a whole number from {least} to {most}")
    return int(text)


def parse_paths(text: str) -> dict[str, str]:
    """`data=/data model=models` as folder to path; a relative path is below `/home/work`.

    Raises:
        ValueError: says what is wrong.
    """
    import shlex

    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ValueError(str(error).lower()) from None
    paths: dict[str, str] = {}
    for word in words:
        name, sign, path = word.partition("=")
        if not sign or not name or not path or ".." in path.split("/") or "\0" in path:
            raise ValueError(f"FOLDER=path, not {word!r}")
        if path in paths.values():
            raise ValueError(f"two folders at {path}")
        paths[name] = path
    return paths


def suggest_name() -> str:
    """A short name that is free with all but certainty."""
    return f"s-{secrets.token_hex(3)}"


def draft_like(info: SessionInfo) -> Draft:
    """A draft for another session like this one; its name gets a number."""
    stem = re.sub(r"-[0-9]{1,3}\Z", "", info.name)[:56]
    shared = str(info.resource_opts.get("shmem") or "")
    amounts = {slot: wire_amount(slot, amount) for slot, amount in info.occupied_slots.items()}
    return Draft(
        image=info.image,
        name=f"{stem}-{secrets.randbelow(900) + 100}" if not check_name(f"{stem}-100") else "",
        kind="batch" if info.type == "BATCH" else "interactive",
        command=info.startup_command,
        slots=amounts,
        shmem=wire_amount("mem", Decimal(shared)) if shared.isdigit() else shared,
        scaling_group=info.scaling_group,
        mounts=tuple(m.name for m in info.mounts if m.name and not m.name.startswith(".")),
        tag=info.tag,
        group=info.group_name,
    )
