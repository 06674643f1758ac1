"""Text of unknown origin made fit for terminal cells, and short forms of ages, sizes and numbers.

Pure functions; no widget and no markup lives here.  Widths are terminal cells as Rich (and so
Textual's compositor) measures them.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Literal

from rich.cells import cell_len, split_graphemes

__all__ = [
    "ELLIPSIS",
    "Align",
    "Cut",
    "cell_len",
    "fit",
    "format_age",
    "format_number",
    "format_percent",
    "format_size",
    "pad",
    "printable",
    "truncate",
    "wrap",
]

Align = Literal["left", "right", "center"]
Cut = Literal["end", "middle", "start"]

ELLIPSIS = "…"

_ZWNJ, _ZWJ, _VS16 = "\u200c", "\u200d", "\ufe0f"


def printable(text: str) -> str:
    """Return `text` with everything a terminal could act on shown as a visible symbol.

    C0 controls become control pictures (ESC is `␛`, newline `␊`), DEL becomes `␡`; C1 controls,
    bidirectional overrides, other format characters, line separators, noncharacters and lone
    surrogates become `<U+202E>`.  A zero width joiner is kept inside an emoji sequence only: at
    other places it would swallow the width of its neighbour.  Everything else, markup included,
    is returned as it is, and the result needs no further treatment (idempotent).
    """
    if text.isprintable():
        return text
    return "".join([_symbol(text, index) for index in range(len(text))])


def printable_lines(text: str) -> str:
    """The same, with line breaks kept."""
    return "\n".join(map(printable, text.split("\n")))


def _symbol(text: str, index: int) -> str:
    char = text[index]
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if char == _ZWJ:
        kept = 0 < index < len(text) - 1 and _emoji(text[index - 1]) and _emoji(text[index + 1])
    elif char == _ZWNJ:
        # Persian and Indic spelling needs it; it is zero cells wide and harmless between letters.
        kept = 0 < index < len(text) - 1 and text[index - 1] > "\xa0" and text[index + 1] > "\xa0"
    else:
        kept = unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") and (
            code & 0xFFFE != 0xFFFE and not 0xFDD0 <= code <= 0xFDEF
        )
    return char if kept else f"<U+{code:04X}>"


def _emoji(char: str) -> bool:
    # Skin tones are "Sk"; other modifiers of that category lie below the emoji planes.
    return (
        char == _VS16
        or unicodedata.category(char) == "So"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        # Unassigned in an older Unicode table, reserved for pictographs.
        or "\U0001f000" <= char <= "\U0001faff"
    )


def truncate(text: str, width: int, cut: Cut = "end") -> str:
    """Shorten `text` to at most `width` cells, with an ellipsis where something was cut.

    Graphemes are never split.  A cut in the middle keeps one grapheme more at the start than at
    the end, which suits identifiers; a cut at the start suits paths.
    """
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    if width == 1:
        return ELLIPSIS
    room = width - 1
    match cut:
        case "end":
            return _head(text, room) + ELLIPSIS
        case "start":
            return ELLIPSIS + _tail(text, room)
        case "middle":
            tail = _tail(text, room // 2)
            return _head(text, room - cell_len(tail)) + ELLIPSIS + tail


def _head(text: str, width: int) -> str:
    if text.isascii():
        return text[:width]
    used = 0
    # A grapheme has at least one character, and only a few characters are zero cells wide: this
    # bound keeps the work independent of the length of the text.
    for start, _end, cells in split_graphemes(text[: 16 * width + 64])[0]:
        if used + cells > width:
            return text[:start]
        used += cells
    return text[: 16 * width + 64]


def _tail(text: str, width: int) -> str:
    if width <= 0:
        return ""
    if text.isascii():
        return text[-width:]
    first = len(text)
    used = 0
    for start, _end, cells in reversed(split_graphemes(text)[0]):
        if used + cells > width:
            break
        used += cells
        first = start
    return text[first:]


def pad(text: str, width: int, align: Align = "left") -> str:
    """Fill `text` up to `width` cells; a wider text is returned as it is."""
    missing = width - cell_len(text)
    if missing <= 0:
        return text
    match align:
        case "left":
            return text + " " * missing
        case "right":
            return " " * missing + text
        case "center":
            return " " * (missing // 2) + text + " " * (missing - missing // 2)


def fit(text: str, width: int, align: Align = "left", cut: Cut = "end") -> str:
    """Return `text` in exactly `width` cells: shortened or padded."""
    return pad(truncate(text, width, cut), width, align)


def wrap(text: str, width: int) -> list[str]:
    """Break `text` into lines of at most `width` cells, between words where possible.

    Line feeds in the text are kept as breaks; other control characters become symbols.
    """
    if width <= 0:
        return []
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in printable(paragraph).split(" "):
            joined = f"{line} {word}" if line else word
            if cell_len(joined) <= width:
                line = joined
                continue
            if line:
                lines.append(line)
            while cell_len(word) > width and (head := _head(word, width)):
                lines.append(head)
                word = word[len(head) :]
            line = truncate(word, width)
        lines.append(line)
    return lines


_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 31_557_600


def format_age(seconds: float | None) -> str:
    """Return a duration in at most five cells: `45s`, `3m4s`, `5h12m`, `23h`, `3d4h`, `2.4y`.

    The second unit is shown while the first has one digit; more than 999 years are 999.
    `None` (unknown) is `-`; a negative duration (clocks differ) is `0s`.
    """
    if seconds is None or seconds != seconds:
        return "-"
    total = int(min(max(seconds, 0), 999 * _YEAR))
    if total < _MINUTE:
        return f"{total}s"
    for unit, name, below, part in (
        (_MINUTE, "m", _HOUR, "s"),
        (_HOUR, "h", _DAY, "m"),
        (_DAY, "d", 2 * _YEAR, "h"),
    ):
        if total < below:
            count, rest = divmod(total, unit)
            smaller = {"s": 1, "m": _MINUTE, "h": _HOUR}[part]
            return f"{count}{name}{rest // smaller}{part}" if count < 10 else f"{count}{name}"
    years = total / _YEAR
    return f"{years:.1f}y" if years < 99.95 else f"{years:.0f}y"


def format_size(count: float | Decimal | None, *, base: Literal[1000, 1024] = 1024) -> str:
    """Return a number of bytes in at most six cells: `512`, `1.5Gi`, `20Mi`.

    With base 1000 the units are written `K`, `M`, `G`.  One decimal below ten, whole numbers
    above.  `None` is `-`.
    """
    if count is None:
        return "-"
    value = float(count)
    if value != value or value in (float("inf"), float("-inf")):
        return "-"
    if value < 0:
        return "-" + format_size(-value, base=base)
    suffix = "i" if base == 1024 else ""
    if round(value) < base:
        return f"{round(value)}"
    for unit in "KMGTPE":
        value /= base
        # The comparison is with the rounded number, so that 1023.9 Ki is 1 Mi and not "1024Ki".
        if round(value) < base or unit == "E":
            digits = f"{value:.1f}".removesuffix(".0") if value < 9.95 else f"{value:.0f}"
            return f"{digits}{unit}{suffix}"
    raise AssertionError("unreachable")


def format_number(value: float | Decimal | None, places: int = 2) -> str:
    """Return a number with thousands separators and at most `places` decimals: `0.5`, `1,234`.

    Trailing zeros are dropped.  `None` and NaN are `-`.
    """
    if value is None or value != value:
        return "-"
    text = f"{value:,.{places}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def format_percent(value: float | Decimal | None) -> str:
    """Return a percentage (0 to 100 and above) as `7.5%`, `42%`, `100%`; `None` is `-`."""
    if value is None or value != value:
        return "-"
    share = float(value)
    return f"{share:.1f}".removesuffix(".0") + "%" if abs(share) < 9.95 else f"{share:.0f}%"
