"""The state of the presentation, told and taken back: DECRQPSR and DECRSPS."""

from __future__ import annotations

import re
from typing import Final

from bai_tui.widgets.terminal._answers import Answers
from bai_tui.widgets.terminal._attrs import (
    BLINK,
    BOLD,
    FLAG_SHIFT,
    PROTECTED_BIT,
    REVERSE,
    UNDERLINE_MASK,
    UNDERLINE_SHIFT,
)

_CURSOR = re.compile(
    "([0-9]{1,5});([0-9]{1,5});[0-9]*;([@-_])[@-_]?;([@-_]);([@-_]);([0-3]);[0-3];([@-_]);(.*)"
)
_SET = re.compile("[ -/]*[0-~]")
_LOOKS: Final = (
    BOLD << FLAG_SHIFT,
    1 << UNDERLINE_SHIFT,
    BLINK << FLAG_SHIFT,
    REVERSE << FLAG_SHIFT,
)
_SETS: Final = ("(", ")-", "*.", "+/")
"""What designates a set of 94, and of 96 characters, by the four slots."""


def _field(*bits: object) -> str:
    """Bits as one printable character."""
    return chr(0x40 + sum(bool(bit) << place for place, bit in enumerate(bits)))


class Reports(Answers):
    """The screens that tell their state."""

    def report_presentation(self, what: int = 0) -> None:
        """DECRQPSR: 1 for the cursor (DECCIR), 2 for the tab stops (DECTABSR)."""
        if what == 1:
            self.write_process_input(f"\x1bP1$u{self._cursor_state()}\x1b\\")
        elif what == 2:
            stops = "/".join(str(stop + 1) for stop in sorted(self.tabstops))
            self.write_process_input(f"\x1bP2$u{stops}\x1b\\")

    def _cursor_state(self) -> str:
        line, column = self._place()
        pen = self.pen
        look = _field(pen & _LOOKS[0], pen & UNDERLINE_MASK, pen & _LOOKS[2], pen & _LOOKS[3])
        flags = _field(self.origin, self.single == 2, self.single == 3, self.pending)
        large = _field(*(code.startswith("96") for code in self.charsets))
        sets = "".join(code.removeprefix("96") for code in self.charsets)
        protection = _field(pen & PROTECTED_BIT)
        return f"{line};{column};1;{look};{protection};{flags};{self.active};2;{large};{sets}"

    def restore_presentation(self, text: str) -> None:
        """DECRSPS: what was told is in force again. What cannot have been told is ignored."""
        kind, _, state = text.partition("$t")
        if kind == "2":
            stops = {int(part) - 1 for part in state.split("/")[:1000] if part.isdecimal()
                     and part.isascii() and len(part) < 6}  # fmt: skip
            self.tabstops = {stop for stop in stops if 0 <= stop < self.columns}
        elif kind == "1" and (match := _CURSOR.fullmatch(state)):
            self._restore_cursor_state(*match.groups())

    def _restore_cursor_state(self, line: str, column: str, look: str, protection: str,
                              flags: str, active: str, large: str, sets: str) -> None:  # fmt: skip
        finals = _SET.findall(sets)
        if len(finals) != 4 or "".join(finals) != sets:
            return
        for slot, final in enumerate(finals):
            big = ord(large) >> slot & 1 and slot
            self.define_charset(final, _SETS[slot][1 if big else 0])
        self.select(int(active))
        self.pen &= ~(UNDERLINE_MASK | PROTECTED_BIT)
        for place, bit in enumerate(_LOOKS):
            self.pen = self.pen & ~bit | (bit if ord(look) >> place & 1 else 0)
        self.pen |= PROTECTED_BIT if ord(protection) & 1 else 0
        state = ord(flags)
        self.origin = bool(state & 1)
        (self.mode.add if self.origin else self.mode.discard)(6 << 5)
        self.single = 2 if state & 2 else 3 if state & 4 else -1
        self.settle()
        self.cursor_position(int(line), int(column))
        self.pending = bool(state & 8) and self.cursor.x in (self.right, self.columns - 1)
