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

IMAGE_FIELDS = ("name registry tag aliases installed resource_limits { key min max }",)


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
        missing: parts the server would not tell, with its reason.
    """

    images: tuple[Image, ...] = ()
    presets: tuple[Preset, ...] = ()
    slots: tuple[str, ...] = ("cpu", "mem")
    folders: tuple[tuple[str, str], ...] = ()
    room: Mapping[str, Decimal] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)

    def image(self, reference: str) -> Image | None:
        """The image of that reference."""
        return next((image for image in self.images if image.reference == reference), None)


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

    images, checked, slots, folders = await asyncio.gather(
        session.Image.list(fields=IMAGE_FIELDS),
        part("presets", session.Resource.check_presets(group)),
        part("slots", session.Resource.get_resource_slots()),
        part("folders", session.VFolder.list()),
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
        ),
        {
            slot: amount
            for slot, amount in parse_slots(checked.get("keypair_remaining")).items()
            if amount.is_finite()
        },
        missing,
    )


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
    )


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
