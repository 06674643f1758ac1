"""The modes a program may set, by number, and what of them concerns whoever shows the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(slots=True)
class Modes:
    """What the program asked of the terminal, as far as whoever shows it has to know."""

    application_cursor: bool = False
    application_keypad: bool = False
    bracketed_paste: bool = False
    mouse: int = 0
    """0 none, else the mode: 9, 1000, 1002 or 1003."""
    mouse_encoding: int = 0
    """0 X10 bytes, else 1005, 1006, 1015 or 1016."""
    focus: bool = False
    cursor_visible: bool = True
    cursor_shape: str = "block"
    """block, underline or bar."""
    cursor_blink: bool = False
    alternate: bool = False
    alternate_scroll: bool = True
    reverse_screen: bool = False
    synchronized: bool = False


FLAGS: Final = {
    1: "application_cursor",
    5: "reverse_screen",
    12: "cursor_blink",
    25: "cursor_visible",
    66: "application_keypad",
    1004: "focus",
    1007: "alternate_scroll",
    2004: "bracketed_paste",
    2026: "synchronized",
}
"""Private modes that are one attribute of `Modes`."""

SCREEN: Final = {6: "origin", 7: "autowrap", 42: "national", 45: "reverse_wrap",
                 1045: "reverse_wrap_always"}  # fmt: skip
"""Private modes that are one attribute of the screen."""

MOUSE: Final = frozenset({9, 1000, 1002, 1003})
ENCODINGS: Final = frozenset({1005, 1006, 1015, 1016})
ALTERNATE: Final = frozenset({47, 1047, 1049})

MORE_FIX: Final = 41
THEME_REPORTS: Final = 2031
SIZE_REPORTS: Final = 2048
QUIET: Final = frozenset({3, 4, 8, 18, 19, 40, MORE_FIX, 67, 1034, 1036, 1039, THEME_REPORTS,
                          SIZE_REPORTS})  # fmt: skip
"""Private modes that are remembered and reported; whom they concern looks them up."""

INITIAL: Final = frozenset({12, 7 << 5, 8 << 5, 25 << 5, 1007 << 5})
"""What is set at first, as pyte keeps it: private modes are shifted by five bits."""

ALWAYS: Final = frozenset({2027})
"""Private modes that cannot be reset: characters are put together to clusters."""

ANSI: Final = {4: "insert", 20: "newline"}
QUIET_ANSI: Final = frozenset({2, 12})
FIXED_ANSI: Final = frozenset({1, 3, 5, 7, 10, 11, 13, 14, 15, 16, 17, 18, 19})
"""ANSI's modes that no terminal of this kind can set; they are reported as permanently reset."""

CELL: Final = (10, 20)
"""Width and height of a cell in pixels, for programs that ask; nobody here knows the real ones."""

SHAPES: Final = ("block", "block", "block", "underline", "underline", "bar", "bar")
"""Shape of the cursor by the parameter of DECSCUSR."""
