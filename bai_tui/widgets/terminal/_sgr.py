"""Select Graphic Rendition: from one attribute and the parameters to the next attribute."""

from __future__ import annotations

from functools import lru_cache

from bai_tui.widgets.terminal._cells import (
    BLINK,
    BOLD,
    CONCEAL,
    DEFAULT,
    DIM,
    ITALIC,
    OVERLINE,
    PROTECTED,
    REVERSE,
    RGB,
    STRIKE,
    Attr,
    Color,
    intern,
)

_SET = {1: BOLD, 2: DIM, 3: ITALIC, 5: BLINK, 6: BLINK, 7: REVERSE, 8: CONCEAL, 9: STRIKE,
        53: OVERLINE}  # fmt: skip
_RESET = {22: BOLD | DIM, 23: ITALIC, 25: BLINK, 27: REVERSE, 28: CONCEAL, 29: STRIKE,
          55: OVERLINE}  # fmt: skip


@lru_cache(4096)
def apply(attr: Attr, parameters: str) -> Attr:
    """The attribute after `CSI parameters m`; parameters in `;` and `:` forms."""
    fg, bg, flags, underline, color, link = attr
    groups = parameters.split(";")
    index = 0
    while index < len(groups):
        part = groups[index]
        index += 1
        subs = part.split(":")
        code = _number(subs[0])
        if code == 0:
            fg, bg, flags, underline, color = None, None, flags & PROTECTED, 0, None
        elif code in _SET:
            flags |= _SET[code]
        elif code in _RESET:
            flags &= ~_RESET[code]
        elif code == 4:
            style = _number(subs[1]) if len(subs) > 1 and subs[1] else 1
            underline = style if style <= 5 else 1
        elif code == 21:
            underline = 2
        elif code == 24:
            underline = 0
        elif 30 <= code <= 37:
            fg = code - 30
        elif 40 <= code <= 47:
            bg = code - 40
        elif 90 <= code <= 97:
            fg = code - 82
        elif 100 <= code <= 107:
            bg = code - 92
        elif code == 39:
            fg = None
        elif code == 49:
            bg = None
        elif code == 59:
            color = None
        elif code in (38, 48, 58):
            if len(subs) > 1:
                value = _from_subs(subs[1:])
            else:
                value, used = _from_groups(groups[index:])
                index += used
            if value is not False:
                if code == 38:
                    fg = value
                elif code == 48:
                    bg = value
                else:
                    color = value
    if (fg, bg, flags, underline, color, link) == DEFAULT:
        return DEFAULT
    return intern(Attr(fg, bg, flags, underline, color, link))


def _number(text: str) -> int:
    """A parameter; empty is 0, absurdly long is none that exists."""
    if not text:
        return 0
    return int(text) if text.isdigit() and len(text) < 10 else -1


def _rgb(red: int, green: int, blue: int) -> Color | bool:
    if all(0 <= part <= 255 for part in (red, green, blue)):
        return RGB | red << 16 | green << 8 | blue
    return False


def _from_subs(subs: list[str]) -> Color | bool:
    """`5:n`, `2:r:g:b` or `2:space:r:g:b`."""
    numbers = [_number(sub) for sub in subs]
    if numbers[0] == 5 and len(numbers) > 1 and 0 <= numbers[1] <= 255:
        return numbers[1]
    if numbers[0] == 2 and len(numbers) >= 4:
        return _rgb(*(numbers[2:5] if len(numbers) > 4 else numbers[1:4]))
    return False


def _from_groups(groups: list[str]) -> tuple[Color | bool, int]:
    """`5;n` or `2;r;g;b`: the colour and how many groups it took."""
    kind = _number(groups[0]) if groups else -1
    if kind == 5 and len(groups) > 1:
        number = _number(groups[1])
        return (number if 0 <= number <= 255 else False), 2
    if kind == 2 and len(groups) > 3:
        return _rgb(*(_number(part) for part in groups[1:4])), 4
    return False, len(groups)


def report(attr: Attr) -> str:
    """The parameters that give this attribute, for DECRQSS."""
    parts = ["0"]
    names = {BOLD: "1", DIM: "2", ITALIC: "3", BLINK: "5", REVERSE: "7", CONCEAL: "8", STRIKE: "9",
             OVERLINE: "53"}  # fmt: skip
    parts += [text for flag, text in names.items() if attr.flags & flag]
    if attr.underline:
        parts.append("4" if attr.underline == 1 else f"4:{attr.underline}")
    for base, value in ((30, attr.fg), (40, attr.bg)):
        if value is None:
            continue
        if value >= RGB:
            parts.append(f"{base + 8}:2::{value >> 16 & 255}:{value >> 8 & 255}:{value & 255}")
        elif value < 8:
            parts.append(str(base + value))
        elif value < 16:
            parts.append(str(base + 52 + value))
        else:
            parts.append(f"{base + 8}:5:{value}")
    return ";".join(parts)
