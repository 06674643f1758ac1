"""The palette and the default colours, what programs changed of them, and their names."""

from __future__ import annotations

import re
from typing import Final

from bai_tui.widgets.terminal._attrs import DEFAULT, RGB, Attr, Color, attr_of

SPECIAL: Final = 5
"""Colours that stand for bold, underlined, blinking, reversed and italic text (OSC 5), numbered on
from the palette. They are kept and told; what is painted does not change by them, as in xterm."""

_BASIC: Final = (
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
    0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
)  # fmt: skip
_NAMES: Final = {
    "black": 0x000000, "red": 0xFF0000, "green": 0x00FF00, "yellow": 0xFFFF00, "blue": 0x0000FF,
    "magenta": 0xFF00FF, "cyan": 0x00FFFF, "white": 0xFFFFFF, "gray": 0xBEBEBE, "grey": 0xBEBEBE,
    "orange": 0xFFA500, "purple": 0xA020F0, "brown": 0xA52A2A, "pink": 0xFFC0CB, "navy": 0x000080,
}  # fmt: skip
_HEX = re.compile("#([0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{9}|[0-9a-fA-F]{12})")
_INTENSITY = re.compile("rgbi:" + "/".join(["([0-9]{1,3}(?:[.][0-9]{0,8})?)"] * 3))
_SPEC = re.compile("rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})(?:/.{1,4})?")


def standard(index: int) -> int:
    """The usual colour of one of the 256 palette entries, as 0xRRGGBB."""
    if index < 16:
        return _BASIC[index]
    if index < 232:
        index -= 16
        red, green, blue = (
            0 if n == 0 else 55 + 40 * n for n in (index // 36, index // 6 % 6, index % 6)
        )
        return red << 16 | green << 8 | blue
    return (8 + 10 * (index - 232)) * 0x010101


def parse(text: str) -> int | None:
    """A colour as X writes them: `rgb:r/g/b`, `#rrggbb`, or a common name."""
    if match := _SPEC.fullmatch(text):
        red, green, blue = (
            int(part, 16) * 255 // int("f" * len(part), 16) for part in match.group(1, 2, 3)
        )
        return red << 16 | green << 8 | blue
    if match := _HEX.fullmatch(text):
        digits = match[1]
        size = len(digits) // 3
        parts = [digits[n * size : (n + 1) * size] for n in range(3)]
        # Unlike in CSS, digits that are missing are zeros: #fff is 0xF0F0F0.
        red, green, blue = (int(part.ljust(2, "0")[:2], 16) for part in parts)
        return red << 16 | green << 8 | blue
    if match := _INTENSITY.fullmatch(text):
        red, green, blue = (round(255 * min(1.0, float(part))) for part in match.groups())
        return red << 16 | green << 8 | blue
    return _NAMES.get(text.lower().replace(" ", ""))


class Colors:
    """What programs were told, or told us, that colours look like.

    Attributes:
        defaults: "fg", "bg" and "cursor" to 0xRRGGBB: what is answered to a program that asks.
        changed: names of these, or palette numbers, to what a program made of them.
        changes: how often that was.
    """

    def __init__(self) -> None:
        self.defaults = {"fg": 0xD0D0D0, "bg": 0x000000, "cursor": 0xD0D0D0}
        self.changed: dict[str | int, int] = {}
        self.changes = 0
        self._attrs: dict[int, Attr] = {}

    def get(self, what: str | int) -> int:
        """The colour in force."""
        value = self.changed.get(what)
        if value is not None:
            return value
        if isinstance(what, int):
            return standard(what) if what < 256 else self.defaults["fg"]
        return self.defaults.get(what, 0)

    def set(self, what: str | int, color: int) -> None:
        """A program changes a colour."""
        self.changed[what] = color
        self._forget()

    def reset(self, *what: str | int) -> bool:
        """Give up changes; returns whether there were any."""
        found = [key for key in what if self.changed.pop(key, None) is not None]
        if found:
            self._forget()
        return bool(found)

    def _forget(self) -> None:
        self.changes += 1
        self._attrs.clear()

    @property
    def dark(self) -> bool:
        """Whether the background is dark."""
        color = self.get("bg")
        return 299 * (color >> 16 & 255) + 587 * (color >> 8 & 255) + 114 * (color & 255) < 128_000

    def attr(self, look: int) -> Attr:
        """A look as it is to be painted, with the changed colours put in."""
        if not self.changed:
            return attr_of(look)
        attr = self._attrs.get(look)
        if attr is None:
            if len(self._attrs) > 8192:
                self._attrs.clear()
            plain = attr_of(look) if look else DEFAULT
            attr = self._attrs[look] = plain._replace(
                fg=self._changed(plain.fg, "fg"), bg=self._changed(plain.bg, "bg")
            )
        return attr

    def _changed(self, color: Color, default: str) -> Color:
        value = self.changed.get(default if color is None else color)
        return color if value is None else RGB | value
