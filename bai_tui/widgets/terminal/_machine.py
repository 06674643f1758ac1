"""The whole machine: the screens that answer, with the strings (OSC, DCS) they understand."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

from bai_tui.widgets.terminal._attrs import LINK_MASK, LINK_SHIFT
from bai_tui.widgets.terminal._colors import SPECIAL, parse
from bai_tui.widgets.terminal._reports import Reports
from bai_tui.widgets.terminal._scrollback import Rich

MAX_LINKS: Final = 4096
MAX_ADDRESS: Final = 2083
MAX_TITLE: Final = 512
MAX_PATH: Final = 4096

_COMMAND = re.compile("([0-9]{1,4})(?:;(.*))?", re.DOTALL)
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_PALETTES: Final = {4: (0, 256 + SPECIAL), 5: (256, 256 + SPECIAL)}
"""Commands that name colours by index: where their numbers begin, and end, in the palette."""
_DYNAMIC: Final = {
    10: "fg",
    11: "bg",
    12: "cursor",
    13: "pointer",
    14: "pointer back",
    15: "tektronix",
    16: "tektronix back",
    17: "selected",
    18: "tektronix cursor",
    19: "selected text",
}


class Machine(Reports):
    """What the parser talks to."""

    def __init__(self, columns: int, lines: int, scrollback: int) -> None:
        self.rings = 0
        self.links: dict[int, str] = {}
        self._link_numbers: dict[str, int] = {}
        self.directory = ""
        self.notes: list[str] = []
        self.on_clipboard: Callable[[str], None] | None = None
        super().__init__(columns, lines, scrollback)
        self.title = self.icon_name = ""

    def bell(self, *args: object) -> None:
        """BEL."""
        self.rings += 1

    def string(self, kind: str, text: str, bell: bool = False) -> None:
        """A string by its introducer: `]` OSC, `P` DCS; the others mean nothing here.

        `bell` tells that BEL ended it, and shall end what is answered.
        """
        if kind == "]":
            self.string_end = "\x07" if bell else "\x1b\\"
            if match := _COMMAND.fullmatch(text):
                self._command(int(match[1]), match[2] or "")
        elif kind == "P":
            if text.startswith("$q"):
                self.report_setting(text[2:])
            elif text.startswith("+q"):
                self.report_capabilities(text[2:])
            elif text.startswith(("1$t", "2$t")):
                self.restore_presentation(text)

    def _command(self, number: int, text: str) -> None:
        if number in (0, 1, 2):
            if number < 2:
                self.set_icon_name(text)
            if number != 1:
                self.set_title(text)
        elif number in (4, 5):
            self._palette(number, text)
        elif number in (104, 105):
            base, end = _PALETTES[number - 100]
            whole = [*range(end - base)] if not text else _numbers(text)
            if self.colors.reset(*(base + index for index in whole)):
                self.touch()
        elif 10 <= number <= 19:
            self._dynamic(number, text)
        elif 110 <= number <= 119:
            if self.colors.reset(_DYNAMIC.get(number - 100, "")):
                self.touch()
        elif number == 7:
            self.directory = _UNPRINTABLE.sub("", text)[:MAX_PATH]
        elif number == 8:
            self._hyperlink(text)
        elif number == 52:
            self._clipboard(text)
        elif number == 133 and text[:1] in ("A", "B", "C", "D"):
            self.mark_line(text[0])

    def set_title(self, param: str) -> None:
        """OSC 2."""
        self.title = _UNPRINTABLE.sub("", param)[:MAX_TITLE]

    def set_icon_name(self, param: str) -> None:
        """OSC 1."""
        self.icon_name = _UNPRINTABLE.sub("", param)[:MAX_TITLE]

    def _palette(self, command: int, text: str) -> None:
        """OSC 4 and 5: pairs of an index and a colour, or `?`."""
        base, end = _PALETTES[command]
        parts = text.split(";")[:512]
        for index, value in zip(parts[::2], parts[1::2], strict=False):
            for number in _numbers(index):
                if base + number >= end:
                    continue
                if value == "?":
                    self.report_color(f"{command};{number}", self.colors.get(base + number))
                else:
                    self._recolor(base + number, value)

    def _dynamic(self, number: int, text: str) -> None:
        """OSC 10 to 19: each further value is for the next number."""
        for offset, value in enumerate(text.split(";")[:10]):
            name = _DYNAMIC.get(number + offset)
            if name is None:
                continue
            if value == "?":
                self.report_color(str(number + offset), self.colors.get(name))
            else:
                self._recolor(name, value)

    def _recolor(self, what: str | int, value: str) -> None:
        color = parse(value)
        if color is not None and self.colors.changed.get(what) != color:
            self.colors.set(what, color)
            self.touch()

    def _hyperlink(self, text: str) -> None:
        """OSC 8: `parameters;address`; an empty address ends it."""
        _, _, address = text.partition(";")
        self.pen &= ~LINK_MASK
        if not address or len(address) > MAX_ADDRESS or _UNPRINTABLE.search(address):
            return
        number = self._link_numbers.get(address)
        if number is None:
            if len(self.links) >= MAX_LINKS:
                self._forget_links()
            number = next(n for n in range(len(self.links) + 1, 0, -1) if n not in self.links)
            self._link_numbers[address] = number
            self.links[number] = address
        self.pen |= number << LINK_SHIFT

    def _forget_links(self) -> None:
        """Give up the addresses no cell has any more, and if need be the oldest."""
        lines = self.scrollback.lines
        rows = [row.looks for row in (*self.rows, *self.hidden) if row.looks]
        stored = (line.looks for line in lines if isinstance(line, Rich) and line.looks)
        used = {look >> LINK_SHIFT for looks in (*rows, *stored) for look in looks}
        kept = [number for number in self.links if number in used]
        gone = set(kept[: max(0, len(kept) - MAX_LINKS // 2)])
        if gone:

            def without(looks: Iterable[int]) -> Iterator[int]:
                return (look & ~LINK_MASK if look >> LINK_SHIFT in gone else look for look in looks)

            for looks in rows:
                looks[:] = without(looks)
            self.scrollback.replace(
                line._replace(looks=tuple(without(line.looks)))
                if isinstance(line, Rich) and line.looks
                else line
                for line in lines
            )
            self.touch()
        # DECRC may bring back a look with a link from long ago: it must not become another one.
        self.saved = [replace(saved, pen=saved.pen & ~LINK_MASK) for saved in self.saved]
        self.links = {n: self.links[n] for n in kept if n not in gone}
        self._link_numbers = {address: n for n, address in self.links.items()}

    def _clipboard(self, text: str) -> None:
        """OSC 52: writing is passed on to whoever asks the user; reading is never answered."""
        _, _, data = text.partition(";")
        if not data or data == "?" or self.on_clipboard is None:
            return
        try:
            content = base64.b64decode(data, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            return
        self.on_clipboard(content)


def _numbers(text: str) -> list[int]:
    """Palette numbers in a list."""
    return [int(part) for part in text.split(";") if part.isascii() and part.isdigit()
            and len(part) < 5]  # fmt: skip
