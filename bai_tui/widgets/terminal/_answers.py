"""Answers to a program's questions. All of them are input for the program: bounded, and never text
that another program could have put there, such as the title.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from bai_tui.widgets.terminal import _sgr
from bai_tui.widgets.terminal._attrs import PROTECTED_BIT
from bai_tui.widgets.terminal._colors import Colors
from bai_tui.widgets.terminal._modes import ALWAYS, CELL, FIXED_ANSI, SIZE_REPORTS, THEME_REPORTS
from bai_tui.widgets.terminal._switches import Switches

NAME: Final = "bai-tui"
MAX_REPLIES: Final = 4096
"""Bytes of answers that may wait; a program that asks more without reading gets no more."""

_PRIVATE_STATUS: Final = {
    15: "?13n",  # no printer
    25: "?20n",  # user defined keys are not locked
    26: "?27;1;0;0n",  # a keyboard, North American
    53: "?50n",  # no locator
    55: "?50n",
    56: "?57;0n",
    62: "0000*{",  # no space for macros
    75: "?70n",  # no errors of data integrity
    85: "?83n",  # one session
}
_CAPABILITIES: Final = {
    "TN": "xterm-256color",
    "Co": "256",
    "colors": "256",
    "RGB": "8/8/8",
    "Tc": "",
    "Su": "",
    "Ms": "\\E]52;%p1%s;%p2%s\\E\\\\",
    "Setulc": "\\E[58:2::%p1%{65536}%/%d:%p1%{256}%/%{255}%&%d:%p1%{255}%&%dm",
    "Smulx": "\\E[4:%p1%dm",
    "setrgbf": "\\E[38:2:%p1%d:%p2%d:%p3%dm",
    "setrgbb": "\\E[48:2:%p1%d:%p2%d:%p3%dm",
}
"""What terminfo says of us, where programs ask the terminal rather than its files."""


_C1 = re.compile("\x1b([@-_])")


def _last(values: Sequence[str | None], default: str) -> str:
    """The last value there is."""
    return next((value for value in reversed(values) if value is not None), default)


class Answers(Switches):
    """The screens that answer."""

    def __init__(self, columns: int, lines: int, scrollback: int) -> None:
        self.answers = bytearray()
        self.colors = Colors()
        self.string_end = "\x1b\\"
        super().__init__(columns, lines, scrollback)

    def write_process_input(self, data: str) -> None:
        """Keep an answer for the program, if there is room."""
        if len(self.answers) + len(data) <= MAX_REPLIES:
            if self.eight_bits:
                data = _C1.sub(lambda match: chr(ord(match[1]) + 0x40), data)
            self.answers += data.encode("latin-1", "ignore")

    def answer_in_seven(self) -> None:
        """S7C1T."""
        self.eight_bits = False

    def answer_in_eight(self) -> None:
        """S8C1T: the controls in answers are single bytes."""
        self.eight_bits = True

    def report_device_attributes(self, mode: int = 0, **kwargs: Any) -> None:
        """DA1: a VT420 with selective erase, national and technical characters, reports of its
        state, side margins, colour, rectangles."""
        if mode == 0:
            self.write_process_input("\x1b[?64;6;9;15;17;21;22;28c")

    def report_secondary_attributes(self, mode: int = 0) -> None:
        """DA2: what xterm says."""
        if mode == 0:
            self.write_process_input("\x1b[>41;354;0c")

    def report_unit(self, mode: int = 0) -> None:
        """DA3."""
        if mode == 0:
            self.write_process_input("\x1bP!|00000000\x1b\\")

    def report_parameters(self, how: int = 0) -> None:
        """DECREQTPARM."""
        if how in (0, 1):
            self.write_process_input(f"\x1b[{how + 2};1;1;128;128;1;0x")

    def report_name(self, mode: int = 0) -> None:
        """XTVERSION."""
        if mode == 0:
            self.write_process_input(f"\x1bP>|{NAME}\x1b\\")

    def _place(self) -> tuple[int, int]:
        """Line and column, 1-based, relative to the margins in origin mode."""
        dy, dx = (self.top, self.left) if self.origin else (0, 0)
        return self.cursor.y - dy + 1, self.cursor.x - dx + 1

    def report_device_status(self, mode: int = 0) -> None:
        """DSR."""
        if mode == 5:
            self.write_process_input("\x1b[0n")
        elif mode == 6:
            line, column = self._place()
            self.write_process_input(f"\x1b[{line};{column}R")

    def report_private_status(self, mode: int = 0, number: int = 0) -> None:
        """DECDSR."""
        if mode == 6:
            line, column = self._place()
            self.write_process_input(f"\x1b[?{line};{column};1R")
        elif mode == 63:
            self.write_process_input(f"\x1bP{number}!~0000\x1b\\")
        elif mode == 996:
            self.write_process_input(f"\x1b[?997;{1 if self.colors.dark else 2}n")
        elif mode in _PRIVATE_STATUS:
            self.write_process_input(f"\x1b[{_PRIVATE_STATUS[mode]}")

    def report_mode(self, mode: int = 0) -> None:
        """DECRQM for ANSI's modes."""
        if self.level < 63:
            return
        value = self.mode_value(mode, private=False)
        state = 4 if mode in FIXED_ANSI else 0 if value is None else 1 if value else 2
        self.write_process_input(f"\x1b[{mode};{state}$y")

    def report_private_mode(self, mode: int = 0) -> None:
        """DECRQM."""
        if self.level < 63:
            return
        value = self.mode_value(mode, private=True)
        state = 3 if mode in ALWAYS else 0 if value is None else 1 if value else 2
        self.write_process_input(f"\x1b[?{mode};{state}$y")

    def report_setting(self, what: str) -> None:
        """DECRQSS."""
        values = {
            "m": f"{_sgr.report(self.pen)}m",
            "r": f"{self.top + 1};{self.bottom + 1}r",
            "s": f"{self.left + 1};{self.right + 1}s",
            "t": f"{self.lines}t",
            "$|": f"{self.columns}$|",
            "*|": f"{self.lines}*|",
            "*x": f"{self.area_extent}*x",
            " q": f"{self.style or 1} q",
            '"q': f'{1 if self.pen & PROTECTED_BIT and not self.iso_protection else 0}"q',
            '"p': f'{self.level};{0 if self.eight_bits else 1}"p',
            "$}": "0$}",
            "$~": "0$~",
        }
        value = values.get(what)
        self.write_process_input(f"\x1bP1$r{value}\x1b\\" if value else "\x1bP0$r\x1b\\")

    def report_capabilities(self, names: str) -> None:
        """XTGETTCAP: the names of capabilities in hexadecimal."""
        for name in names.split(";")[:16]:
            try:
                value = _CAPABILITIES.get(bytes.fromhex(name).decode("ascii"))
            except ValueError:
                value = None
            if value is None:
                self.write_process_input("\x1bP0+r\x1b\\")
                break
            text = f"={value.encode().hex().upper()}" if value else ""
            self.write_process_input(f"\x1bP1+r{name}{text}\x1b\\")

    def report_checksum(self, number: int = 0, _page: int = 0, top: int = 0, left: int = 0,
                        bottom: int = 0, right: int = 0) -> None:  # fmt: skip
        """DECRQCRA."""
        value = self.checksum((top, left, bottom, right))
        self.write_process_input(f"\x1bP{number}!~{value:04X}\x1b\\")

    def report_color(self, what: str, color: int) -> None:
        """The answer to OSC 4, 5 and 10 to 19, ended as the question was."""
        parts = (f"{color >> shift & 255:02x}" * 2 for shift in (16, 8, 0))
        self.write_process_input(f"\x1b]{what};rgb:{'/'.join(parts)}{self.string_end}")

    def report_size(self) -> None:
        """Mode 2048: the size, when it changes and when that mode is set."""
        width, height = CELL
        size = f"{self.lines};{self.columns};{self.lines * height};{self.columns * width}"
        self.write_process_input(f"\x1b[48;{size}t")

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """Change the size, and tell a program that wants to know."""
        before = self.lines, self.columns
        super().resize(lines, columns)
        if (self.lines, self.columns) != before and SIZE_REPORTS << 5 in self.mode:
            self.report_size()

    def _switch_private(self, mode: int, on: bool) -> None:
        super()._switch_private(mode, on)
        if mode == SIZE_REPORTS and on:
            self.report_size()

    def recolor(self, **defaults: int) -> None:
        """Whoever shows the screen has other colours now."""
        was_dark = self.colors.dark
        self.colors.defaults = defaults
        if self.colors.dark != was_dark and THEME_REPORTS << 5 in self.mode:
            self.report_private_status(996)

    def window(self, what: int = 0, which: int = 0, *_: int) -> None:
        """XTWINOPS: reports of the size, and the stack of titles.

        The title is never told, and no program changes our size or place.
        """
        if what in (18, 19):
            self.write_process_input(f"\x1b[{what - 10};{self.lines};{self.columns}t")
        elif what == 11:
            self.write_process_input("\x1b[1t")
        elif what == 13:
            self.write_process_input("\x1b[3;0;0t")
        elif what in (14, 15):
            width, height = CELL
            size = f"{self.lines * height};{self.columns * width}"
            self.write_process_input(f"\x1b[{what - 10};{size}t")
        elif what == 16:
            self.write_process_input(f"\x1b[6;{CELL[1]};{CELL[0]}t")
        elif what in (20, 21):
            # A title is text a stranger may have chosen, and an answer is typed into the program.
            self.write_process_input(f"\x1b]{'L' if what == 20 else 'l'}\x1b\\")
        elif what == 22:
            self.titles.append((self.icon_name if which != 2 else None,
                                self.title if which != 1 else None))  # fmt: skip
            del self.titles[:-10]
        elif what == 23 and self.titles:
            # What was put aside last may be one of the two only: the other is further down.
            icons, titles = zip(*self.titles, strict=True)
            self.titles.pop()
            if which != 1:
                self.title = _last(titles, self.title)
            if which != 2:
                self.icon_name = _last(icons, self.icon_name)

    def reset(self) -> None:
        """Also without titles that were put aside."""
        super().reset()
        self.eight_bits = False
        self.titles: list[tuple[str | None, str | None]] = []
