"""Resource slots: sizes in text form, slot maps, arithmetic on them. No rows, no I/O.

A slot map is `dict[str, Decimal]`; on the wire and in the store the numbers are texts
(graphql.md 3.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

Slots = dict[str, Decimal]

KNOWN_SLOTS = {"cpu": "count", "mem": "bytes"}
"""Slots of this cluster and their units, what `GET /config/resource-slots` answers."""

INFINITY = Decimal("Infinity")
_SIZE = re.compile(r"([0-9][0-9_]*(?:\.[0-9]+)?)\s*([kmgtpezy]?)(?:i?b|i?bytes?)?", re.IGNORECASE)
_POWERS = " kmgtpezy"


def parse_size(text: Any) -> Decimal:
    """Bytes of a size: a number, or text with a binary suffix (`256m`, `1.5GiB`, `inf`).

    Raises:
        ValueError: not a size.

    Example:
        >>> parse_size("1.5g")
        Decimal('1610612736')
    """
    if isinstance(text, (int, Decimal)) and not isinstance(text, bool):
        return Decimal(text)
    if isinstance(text, float):
        return Decimal(str(text))
    if not isinstance(text, str):
        raise ValueError(f"{text!r} is not a size")
    text = text.strip()
    if text.lower().startswith("inf"):
        return INFINITY
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a size")
    number = Decimal(match[1].replace("_", ""))
    power = _POWERS.index(match[2].lower()) if match[2] else 0
    return (number * Decimal(1024) ** power).to_integral_value()


def parse_amount(slot: str, value: Any) -> Decimal:
    """One amount of a slot; byte slots take suffixes, others are rounded to 3 decimals.

    Raises:
        ValueError: not a number.
    """
    if "mem" in slot:
        return parse_size(value)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is not an amount of {slot}") from None
    if number.is_nan():
        raise ValueError(f"{value!r} is not an amount of {slot}")
    return number if number.is_infinite() else number.quantize(Decimal("0.001")).normalize()


def parse_slots(value: Mapping[str, Any] | None) -> Slots:
    """A slot map from its wire or stored form; keys with null are dropped.

    Raises:
        ValueError: something is not a number.
    """
    pairs = (value or {}).items()
    return {slot: parse_amount(slot, amount) for slot, amount in pairs if amount is not None}


def number_text(number: Decimal) -> str:
    """Decimal as plain text without exponent: `2`, `0.5`, `Infinity`."""
    if number.is_infinite():
        return "Infinity"
    if number == number.to_integral_value():
        return str(int(number))
    return f"{number.normalize():f}"


def slot_texts(slots: Mapping[str, Decimal]) -> dict[str, str]:
    """The wire form of a slot map."""
    return {slot: number_text(amount) for slot, amount in slots.items()}


def add(maps: Iterable[Mapping[str, Decimal]]) -> Slots:
    """Sum of slot maps."""
    total: Slots = {}
    for slots in maps:
        for slot, amount in slots.items():
            total[slot] = total.get(slot, Decimal(0)) + amount
    return total


def subtract(left: Mapping[str, Decimal], right: Mapping[str, Decimal]) -> Slots:
    """What is left of each slot of `left`, never below zero."""
    zero = Decimal(0)
    return {slot: max(zero, amount - right.get(slot, zero)) for slot, amount in left.items()}


def minimum(*maps: Mapping[str, Decimal]) -> Slots:
    """Slot by slot the smallest amount; a missing slot is no limit."""
    names = {slot for slots in maps for slot in slots}
    return {slot: min(slots.get(slot, INFINITY) for slots in maps) for slot in sorted(names)}


def fits(request: Mapping[str, Decimal], room: Mapping[str, Decimal]) -> bool:
    """Whether every requested amount is within `room` (a slot missing there has none)."""
    zero = Decimal(0)
    return all(amount <= room.get(slot, zero) for slot, amount in request.items())


def with_default(slots: Mapping[str, Decimal], default: Decimal) -> Slots:
    """`slots` with `default` for every known slot that is missing."""
    return {slot: slots.get(slot, default) for slot in {**KNOWN_SLOTS, **slots}}
