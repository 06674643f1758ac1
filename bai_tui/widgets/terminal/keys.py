"""Keys, pastes and mouse events as the bytes a terminal program expects. Pure: names in, bytes out.

Key names are Textual's, in the spellings of both legacy and kitty terminals; the bytes are xterm's.
"""

from __future__ import annotations

import re
from typing import Final

from bai_tui.widgets.terminal._modes import CELL
from bai_tui.widgets.terminal.emulator import Modes

PASTE_PIECE: Final = 1024
"""Bytes sent at a time: a terminal in line mode drops what is longer than its buffer."""

_PLAIN: Final = {
    "enter": "\r",
    "return": "\r",
    "tab": "\t",
    "escape": "\x1b",
    "backspace": "\x7f",
    "space": " ",
    "shift+enter": "\r",
    "ctrl+enter": "\r",
    "shift+tab": "\x1b[Z",
    "shift+space": " ",
    "shift+backspace": "\x7f",
    "ctrl+backspace": "\x08",
    "ctrl+tab": "\t",
    "ctrl+space": "\x00",
    "ctrl+@": "\x00",
    "ctrl+h": "\x08",
    "ctrl+left_square_bracket": "\x1b",
    "ctrl+backslash": "\x1c",
    "ctrl+right_square_bracket": "\x1d",
    "ctrl+circumflex_accent": "\x1e",
    "ctrl+6": "\x1e",
    "ctrl+underscore": "\x1f",
    "ctrl+shift+minus": "\x1f",
    "ctrl+slash": "\x1f",
    "ctrl+minus": "\x1f",
    "ctrl+2": "\x00",
    "ctrl+3": "\x1b",
    "ctrl+4": "\x1c",
    "ctrl+5": "\x1d",
    "ctrl+7": "\x1f",
    "ctrl+8": "\x7f",
    "ctrl+question_mark": "\x7f",
    "ctrl+shift+slash": "\x7f",
    "ctrl+shift+2": "\x00",
    "ctrl+shift+6": "\x1e",
    "ctrl+grave_accent": "\x00",
    "ctrl+shift+grave_accent": "\x1e",
    "ctrl+shift+left_square_bracket": "\x1b",
    "ctrl+shift+backslash": "\x1c",
    "ctrl+shift+right_square_bracket": "\x1d",
}

_LETTERS: Final = {"up": "A", "down": "B", "right": "C", "left": "D", "end": "F", "home": "H"}
_TILDES: Final = {"insert": 2, "delete": 3, "pageup": 5, "pagedown": 6}
_FUNCTION_LETTERS: Final = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_FUNCTION_NUMBERS: Final = {
    "f5": 15, "f6": 17, "f7": 18, "f8": 19, "f9": 20, "f10": 21, "f11": 23, "f12": 24,
    "f13": 25, "f14": 26, "f15": 28, "f16": 29, "f17": 31, "f18": 32, "f19": 33, "f20": 34,
}  # fmt: skip
_MODIFIERS: Final = {"shift": 1, "alt": 2, "ctrl": 4}
_FOREIGN: Final = frozenset({"super", "hyper", "meta"})
"""Modifiers that terminals keep for themselves."""

_LEGACY_ALT: Final = {
    # What Textual's parser makes of alt and a key on terminals without the kitty protocol.
    "inverted_exclamation_mark": "1",
    "trade_mark_sign": "2",
    "pound_sign": "3",
    "cent_sign": "4",
    "infinity": "5",
    "section_sign": "6",
    "pilcrow_sign": "7",
    "bullet": "8",
    "feminine_ordinal_indicator": "9",
    "masculine_ordinal_indicator": "0",
    "en_dash": "-",
    "not_equal_to": "=",
}

_SYMBOLS: Final = {
    "full_stop": ".", "comma": ",", "slash": "/", "backslash": "\\", "minus": "-", "plus": "+",
    "equals_sign": "=", "underscore": "_", "asterisk": "*", "semicolon": ";", "colon": ":",
    "apostrophe": "'", "quotation_mark": '"', "grave_accent": "`", "tilde": "~", "at": "@",
    "number_sign": "#", "dollar_sign": "$", "percent_sign": "%", "circumflex_accent": "^",
    "ampersand": "&", "left_parenthesis": "(", "right_parenthesis": ")", "exclamation_mark": "!",
    "left_square_bracket": "[", "right_square_bracket": "]", "left_curly_bracket": "{",
    "right_curly_bracket": "}", "vertical_line": "|", "less_than_sign": "<",
    "greater_than_sign": ">", "question_mark": "?", "space": " ",
    "multiply": "*", "add": "+", "subtract": "-", "decimal": ".", "divide": "/", "separator": ",",
}  # fmt: skip


_SHIFTED: Final = dict(zip("1234567890-=[]\\;',./`", '!@#$%^&*()_+{}|:"<>?~', strict=True))
"""With the kitty protocol alt+shift+1 has no text; most keyboards mean this."""


def encode_key(key: str, character: str | None, modes: Modes, raw: str | None = None) -> bytes:
    """The bytes of one key press.

    Args:
        key: Textual's name of the key. character: the text it stands for, if any.
        modes: what the program asked for.
        raw: what the outer terminal sent for it, when the driver kept it: it has what Textual's
            names lose. Empty: it belongs to the event before and stands for nothing.
    """
    if raw is not None:
        if not raw:
            return b""
        if (known := _from_raw(raw, modes)) is not None:
            return known.encode("utf-8", "replace")
    parts = key.split("+")
    name, held = parts[-1], set(parts[:-1])
    if held & _FOREIGN:
        return b""
    modifiers = sum(bit for text, bit in _MODIFIERS.items() if text in held)
    special = _special(name, modifiers, modes)
    if special is not None:
        return special.encode()
    if name in _LEGACY_ALT and not held:
        return f"\x1b{_LEGACY_ALT[name]}".encode() if character is None else character.encode()
    prefix = "\x1b" if "alt" in held else ""
    rest = "+".join(part for part in parts if part != "alt")
    if rest in _PLAIN:
        return f"{prefix}{_PLAIN[rest]}".encode()
    if "ctrl" in held:
        letter = name.removeprefix("upper_").lower()
        if len(letter) == 1 and "a" <= letter <= "z":
            return f"{prefix}{chr(ord(letter) & 31)}".encode()
    if character is not None and (character.isprintable() or len(character) == 1):
        return f"{prefix}{character}".encode("utf-8", "replace")
    text = _SYMBOLS.get(name, name.removeprefix("upper_").upper() if "upper_" in name else name)
    if len(text) != 1:
        return b""
    if "shift" in held:
        text = _SHIFTED.get(text, text.upper())
    return f"{prefix}{text}".encode()


def _special(name: str, modifiers: int, modes: Modes) -> str | None:
    """Arrows, function keys and their kin, with modifiers in xterm's way."""
    code = 1 + modifiers
    if name in _LETTERS:
        if modifiers:
            return f"\x1b[1;{code}{_LETTERS[name]}"
        return f"\x1b{'O' if modes.application_cursor else '['}{_LETTERS[name]}"
    if name in _FUNCTION_LETTERS:
        letter = _FUNCTION_LETTERS[name]
        return f"\x1b[1;{code}{letter}" if modifiers else f"\x1bO{letter}"
    number = _TILDES.get(name) or _FUNCTION_NUMBERS.get(name)
    if number is not None:
        return f"\x1b[{number};{code}~" if modifiers else f"\x1b[{number}~"
    return None


_CURSOR: Final = re.compile(r"\x1b[\[O]([A-DFH])")
_SAME: Final = re.compile(
    # What xterm sends in every mode: letters and numbers, both with modifiers.
    r"\x1b\[1;\d+[A-DFHP-S]|\x1bO[P-S]|\x1b\[Z"
    r"|\x1b\[(?:[2356]|1[5789]|2[0134568]|29|3[1234])(?:;\d+)?~"
)
_KEYPAD: Final = re.compile(r"\x1b\[(5739\d|5740\d|5741[0-6])(?:;(\d*)(?:;[\d:]*)?)?u")
_KEYPAD_LETTERS: Final = "pqrstuvwxynojmkMXl"
_NUM_LOCK: Final = 128


def _from_raw(raw: str, modes: Modes) -> str | None:
    """What the outer terminal sent, if xterm would send the same; None: the name tells."""
    if raw[:2] not in ("\x1b[", "\x1bO") or len(raw) == 2:
        return raw
    if match := _CURSOR.fullmatch(raw):
        return f"\x1b{'O' if modes.application_cursor else '['}{match[1]}"
    if _SAME.fullmatch(raw):
        return raw
    if modes.application_keypad and (match := _KEYPAD.fullmatch(raw)):
        held = int(match[2] or 1) - 1
        if not held & _NUM_LOCK:
            return f"\x1bO{_KEYPAD_LETTERS[int(match[1]) - 57399]}"
    return None


def encode_paste(text: str, modes: Modes) -> list[bytes]:
    """A paste in pieces that a terminal in line mode can take; nothing in it ends the paste."""
    clean = text.replace("\x1b[200~", "").replace("\x1b[201~", "").replace("\0", "")
    while "\x1b[201~" in clean:
        clean = clean.replace("\x1b[201~", "")
    clean = clean.replace("\r\n", "\r").replace("\n", "\r")
    if modes.bracketed_paste:
        clean = clean.replace("\x1b", "")
        data = f"\x1b[200~{clean}\x1b[201~".encode("utf-8", "replace")
    else:
        data = clean.encode("utf-8", "replace")
    return [data[start : start + PASTE_PIECE] for start in range(0, len(data), PASTE_PIECE)]


def encode_focus(focused: bool, modes: Modes) -> bytes:
    """A change of focus, if the program asked for it."""
    return (b"\x1b[I" if focused else b"\x1b[O") if modes.focus else b""


_WHEEL: Final = {"scroll_up": 64, "scroll_down": 65, "scroll_left": 66, "scroll_right": 67}


def encode_mouse(
    kind: str,
    button: int,
    x: int,
    y: int,
    modes: Modes,
    *,
    shift: bool = False,
    alt: bool = False,
    ctrl: bool = False,
) -> bytes:
    """A mouse event, if the program asked for it.

    Args:
        kind: down, up, move, scroll_up, scroll_down, scroll_left or scroll_right.
        button: 1 left, 2 middle, 3 right, 8 to 11 those beyond the wheel, 0 none.
        x, y: cell, from 0.
    """
    mode = modes.mouse
    if not mode:
        if kind in ("scroll_up", "scroll_down") and modes.alternate and modes.alternate_scroll:
            arrow = "A" if kind == "scroll_up" else "B"
            return f"\x1b{'O' if modes.application_cursor else '['}{arrow}".encode() * 3
        return b""
    if kind == "up" and mode == 9:
        return b""
    if kind == "move" and (mode < 1002 or (mode == 1002 and not button)):
        return b""
    if mode == 9 and (kind in _WHEEL or button > 3):
        return b""
    if kind in _WHEEL:
        code = _WHEEL[kind]
    else:
        code = button + 120 if button > 3 else button - 1 if button else 3
        code += 32 if kind == "move" else 0
    if mode != 9:
        code += 4 * shift + 8 * alt + 16 * ctrl
    if modes.mouse_encoding == 1016:
        # In pixels: the middle of the cell, by the size of a cell that programs are told.
        x, y = (place * size + size // 2 for place, size in zip((x, y), CELL, strict=True))
    return _position(kind, code, x + 1, y + 1, modes.mouse_encoding)


def _position(kind: str, code: int, x: int, y: int, encoding: int) -> bytes:
    if encoding in (1006, 1016):
        return f"\x1b[<{code};{x};{y}{'m' if kind == 'up' else 'M'}".encode()
    if kind == "up":
        code = code & 28 | 3  # these encodings do not tell which button was released
    if encoding == 1015:
        return f"\x1b[{code + 32};{x};{y}M".encode()
    limit = 2015 if encoding == 1005 else 223
    if x > limit or y > limit:
        return b""
    numbers = (code + 32, x + 32, y + 32)
    if encoding == 1005:
        return b"\x1b[M" + "".join(map(chr, numbers)).encode("utf-8")
    return b"\x1b[M" + bytes(numbers)
