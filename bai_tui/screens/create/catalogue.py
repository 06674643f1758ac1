"""What the server offers for a new session: images with limits, presets, slots, folders, room."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bai_tui.api.exceptions import BackendError
from bai_tui.api.models import parse_slots
from bai_tui.screens.create.draft import Image, Limit, parse_amount

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession

IMAGE_FIELDS = (
    "name registry tag aliases installed size_bytes supported_accelerators "
    "labels { key value } resource_limits { key min max }",
)
DESCRIPTION = "ai.backend.description"


@dataclass(frozen=True, slots=True)
class Preset:
    """A named set of slots; `fits` tells whether the caller may use so much now."""

    name: str
    slots: Mapping[str, Decimal]
    shared_memory: Decimal | None
    fits: bool


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything the form offers.

    Attributes:
        room: what the caller's limits still allow, by slot; a missing slot is not limited.
        free: what each scaling group the caller may use has free now, by slot.
        missing: parts the server would not tell, with its reason.
    """

    images: tuple[Image, ...] = ()
    presets: tuple[Preset, ...] = ()
    slots: tuple[str, ...] = ("cpu", "mem")
    folders: tuple[tuple[str, str], ...] = ()
    room: Mapping[str, Decimal] = field(default_factory=dict)
    free: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)

    def image(self, reference: str) -> Image | None:
        """The image of that reference."""
        return next((image for image in self.images if image.reference == reference), None)

    def free_in(self, scaling_group: str) -> Mapping[str, Decimal]:
        """What is free in a scaling group; for the scheduler's choice the most of any of them."""
        if scaling_group:
            return self.free.get(scaling_group, {})
        best: dict[str, Decimal] = {}
        for slots in self.free.values():
            for slot, amount in slots.items():
                best[slot] = max(amount, best.get(slot, amount))
        return best


async def load_catalogue(session: AsyncSession, group: str) -> Catalogue:
    """Ask for all parts side by side; only a server without images is an error.

    Raises:
        BackendError: the images cannot be had.
    """
    missing: dict[str, str] = {}

    async def part(name: str, work: Awaitable[Any]) -> Any:
        try:
            return await work
        except BackendError as error:
            missing[name] = str(error)
            return None

    images, checked, slots, folders, groups = await asyncio.gather(
        session.Image.list(fields=IMAGE_FIELDS),
        part("presets", session.Resource.check_presets(group)),
        part("slots", session.Resource.get_resource_slots()),
        part("folders", session.VFolder.list()),
        part("scaling groups", session.ScalingGroup.list_available(group)),
    )
    if checked is None:
        # A group that may not be checked (500 in 19.09): the presets alone are better than none.
        checked = await part("presets", session.Resource.list()) or {}
    known = [str(name) for name in slots or ()]
    return Catalogue(
        tuple(sorted(map(_image, images or ()), key=lambda i: (not i.installed, i.reference))),
        tuple(_preset(item) for item in checked.get("presets") or ()),
        tuple(dict.fromkeys(("cpu", "mem", *known))),
        tuple(
            (str(f.get("name")), f"{f.get('host') or ''} {f.get('permission') or ''}".strip())
            for f in folders or ()
            if not str(f.get("status") or "").startswith("delete")
        ),
        {
            slot: amount
            for slot, amount in parse_slots(checked.get("keypair_remaining")).items()
            if amount.is_finite()
        },
        _free(checked, [str(g.get("name")) for g in (groups or {}).get("scaling_groups") or ()]),
        missing,
    )


def _free(checked: Mapping[str, Any], names: list[str]) -> Mapping[str, Mapping[str, Decimal]]:
    """What is free by scaling group; groups of which nothing is told are there all the same."""
    told = checked.get("scaling_groups")
    free: dict[str, Mapping[str, Decimal]] = {name: {} for name in names}
    for name, entry in told.items() if isinstance(told, Mapping) else ():
        remaining = parse_slots(entry.get("remaining")) if isinstance(entry, Mapping) else {}
        free[str(name)] = {s: a for s, a in remaining.items() if a.is_finite()}
    return free


def _image(item: Mapping[str, Any]) -> Image:
    registry = str(item.get("registry") or "")
    name = str(item.get("name") or "")
    full = f"{registry}/{name}" if registry and not name.startswith(f"{registry}/") else name
    return Image(
        f"{full}:{item.get('tag') or ''}",
        item.get("installed") is not False,
        {
            str(entry.get("key")): Limit(
                _amount(entry, "min", Decimal(0)), _amount(entry, "max", Decimal("Infinity"))
            )
            for entry in item.get("resource_limits") or ()
        },
        tuple(str(alias) for alias in item.get("aliases") or ()),
        tuple(str(name) for name in item.get("supported_accelerators") or () if name),
        _size(item.get("size_bytes")),
        next(
            (
                str(label.get("value"))
                for label in item.get("labels") or ()
                if label.get("key") == DESCRIPTION
            ),
            "",
        ),
    )


def _size(value: Any) -> int:
    try:
        return max(0, int(value or 0))
    except (TypeError, ValueError):
        return 0


def _amount(entry: Mapping[str, Any], name: str, default: Decimal) -> Decimal:
    text = str(entry.get(name) or "").strip()
    if not text or text.lower().startswith("inf"):
        return default
    try:
        return parse_amount(str(entry.get("key")), text)
    except ValueError:
        return default


def _preset(item: Mapping[str, Any]) -> Preset:
    shared = item.get("shared_memory")
    return Preset(
        str(item.get("name")),
        parse_slots(item.get("resource_slots")),
        Decimal(str(shared)) if shared else None,
        item.get("allocatable") is not False,
    )
