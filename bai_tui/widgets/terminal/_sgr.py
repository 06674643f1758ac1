"""Select Graphic Rendition: what a sequence does to the integer that is a cell's look."""

from __future__ import annotations

import re
from typing import Final

from bai_tui.widgets.terminal._attrs import (
    ALL_BITS,
    BG_MASK,
    BG_SHIFT,
    BLINK,
    BOLD,
    COLOR_SHIFT,
    CONCEAL,
    DIM,
    FG_MASK,
    FLAG_SHIFT,
    ITALIC,
    LINK_MASK,
    OVERLINE,
    PROTECTED_BIT,
    REVERSE,
    RGB,
    STRIKE,
    UNDERLINE_COLOR_MASK,
    UNDERLINE_MASK,
    UNDERLINE_SHIFT,
    attr_of,
)

Change = tuple[int, int]
"""What to keep of the look, and what to add to it."""

_FLAGS: Final = {1: BOLD, 2: DIM, 3: ITALIC, 5: BLINK, 6: BLINK, 7: REVERSE, 8: CONCEAL, 9: STRIKE,
                 53: OVERLINE}  # fmt: skip
_ENDS: Final = {22: BOLD | DIM, 23: ITALIC, 25: BLINK, 27: REVERSE, 28: CONCEAL, 29: STRIKE,
                55: OVERLINE}  # fmt: skip
_KEPT: Final = LINK_MASK | PROTECTED_BIT
"""What SGR 0 leaves alone: hyperlinks and protection are not renditions."""

_PLACES: Final = {
    38: (FG_MASK, 0),
    48: (BG_MASK, BG_SHIFT),
    58: (UNDERLINE_COLOR_MASK, COLOR_SHIFT),
}


def _simple() -> dict[str, Change]:
    """The parameters that stand for themselves."""
    table = {"": (_KEPT, 0), "0": (_KEPT, 0), "39": (~FG_MASK, 0), "49": (~BG_MASK, 0),
             "59": (~UNDERLINE_COLOR_MASK, 0), "24": (~UNDERLINE_MASK, 0),
             "4": (~UNDERLINE_MASK, 1 << UNDERLINE_SHIFT),
             "21": (~UNDERLINE_MASK, 2 << UNDERLINE_SHIFT)}  # fmt: skip
    table |= {str(code): (ALL_BITS, flag << FLAG_SHIFT) for code, flag in _FLAGS.items()}
    table |= {str(code): (~(flags << FLAG_SHIFT), 0) for code, flags in _ENDS.items()}
    for index in range(16):
        base = index + (30 if index < 8 else 82)
        table[str(base)] = (~FG_MASK, index + 1)
        table[str(base + 10)] = (~BG_MASK, index + 1 << BG_SHIFT)
    return {code: (keep & ALL_BITS, add) for code, (keep, add) in table.items()}


_SIMPLE: Final = _simple()
_BYTES: Final = {str(number): number for number in range(256)}
_TRUE_COLOR = re.compile(
    "(38|48);2;([0-9]+);([0-9]+);([0-9]+)(?:;(38|48);2;([0-9]+);([0-9]+);([0-9]+))?"
)
"""What gradients consist of; no two are alike, so that remembering them is of no use."""


def change(parameters: str) -> Change:
    """What `CSI parameters m` does; parameters in `;` and `:` forms, unknown ones do nothing."""
    simple = _SIMPLE.get(parameters)
    if simple is not None:
        return simple
    keep, add = ALL_BITS, 0
    groups = parameters.split(";")
    index, count = 0, len(groups)
    while index < count:
        group = groups[index]
        index += 1
        simple = _SIMPLE.get(group)
        if simple is None:
            if ":" in group:
                simple = _sub_parameters(group)
            elif group in ("38", "48", "58"):
                field, used = _color(groups, index)
                index += used
                simple = _colored(int(group), field)
            elif len(group) > 1 and group[0] == "0" and group.isdigit():
                simple = _SIMPLE.get(group.lstrip("0") or "0")
            if simple is None:
                continue
        keep &= simple[0]
        add = add & simple[0] | simple[1]
    return keep, add


_BOTH: Final = ALL_BITS & ~FG_MASK & ~BG_MASK
_KEEP_FG: Final = ALL_BITS & ~BG_MASK
_KEEP_BG: Final = ALL_BITS & ~FG_MASK


def gradient(parameters: str) -> Change | None:
    """The parameters of one or two 24-bit colours; None if they are something else."""
    match = _TRUE_COLOR.fullmatch(parameters)
    if match is None:
        return None
    code, r, g, b, second, r2, g2, b2 = match.groups()
    try:
        field = RGB | _BYTES[r] << 16 | _BYTES[g] << 8 | _BYTES[b]
        if second is None:
            return (_KEEP_BG, field) if code == "38" else (_KEEP_FG, field << BG_SHIFT)
        other = RGB | _BYTES[r2] << 16 | _BYTES[g2] << 8 | _BYTES[b2]
    except KeyError:
        return None
    if code == second:
        return None
    return _BOTH, (field | other << BG_SHIFT if code == "38" else other | field << BG_SHIFT)


def _colored(code: int, field: int | None) -> Change | None:
    if field is None:
        return None
    mask, shift = _PLACES[code]
    return ALL_BITS & ~mask, field << shift


def _number(text: str) -> int:
    """A parameter; empty is 0, one that cannot be meant is -1."""
    if not text:
        return 0
    return int(text) if len(text) < 10 and text.isdigit() else -1


def _rgb(red: int, green: int, blue: int) -> int | None:
    if 0 <= red <= 255 and 0 <= green <= 255 and 0 <= blue <= 255:
        return RGB | red << 16 | green << 8 | blue
    return None


def _color(groups: list[str], index: int) -> tuple[int | None, int]:
    """`5;n` or `2;r;g;b` from `index` on: the colour's field and how many parameters it took."""
    kind = groups[index] if index < len(groups) else ""
    if kind == "5" and index + 1 < len(groups):
        number = _number(groups[index + 1])
        return (number + 1 if 0 <= number <= 255 else None), 2
    if kind == "2" and index + 3 < len(groups):
        red, green, blue = map(_number, groups[index + 1 : index + 4])
        return _rgb(red, green, blue), 4
    return None, len(groups)


def _sub_parameters(group: str) -> Change | None:
    """`4:3`, `38:5:n`, `38:2:r:g:b` or `38:2:space:r:g:b` (48 and 58 likewise)."""
    code, *subs = map(_number, group.split(":"))
    if code == 4:
        style = subs[0]
        return _SIMPLE["4" if style > 5 else "24"] if not 0 < style <= 5 else (
            ALL_BITS & ~UNDERLINE_MASK, style << UNDERLINE_SHIFT)  # fmt: skip
    if code not in _PLACES:
        return None
    if subs[0] == 5 and len(subs) > 1 and 0 <= subs[1] <= 255:
        return _colored(code, subs[1] + 1)
    if subs[0] == 2 and len(subs) >= 4:
        red, green, blue = subs[2:5] if len(subs) > 4 else subs[1:4]
        return _colored(code, _rgb(red, green, blue))
    return None


def report(pen: int) -> str:
    """The parameters that give this look, for DECRQSS."""
    attr = attr_of(pen)
    parts = ["0"]
    names = {BOLD: "1", DIM: "2", ITALIC: "3", BLINK: "5", REVERSE: "7", CONCEAL: "8", STRIKE: "9",
             OVERLINE: "53"}  # fmt: skip
    parts += [text for flag, text in names.items() if attr.flags & flag]
    if attr.underline:
        parts.append("4" if attr.underline == 1 else f"4:{attr.underline}")
    for base, value in ((30, attr.fg), (40, attr.bg), (50, attr.underline_color)):
        if value is None:
            continue
        if value >= RGB:
            parts.append(f"{base + 8}:2::{value >> 16 & 255}:{value >> 8 & 255}:{value & 255}")
        elif value < 8 and base < 50:
            parts.append(str(base + value))
        elif value < 16 and base < 50:
            parts.append(str(base + 52 + value))
        else:
            parts.append(f"{base + 8}:5:{value}")
    return ";".join(parts)
