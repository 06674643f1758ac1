"""The terminal engine: bytes of a program in, a screen out. Knows neither Textual nor the network.

Painting: `line(y)` gives a row of the screen (negative: of the scrollback); its `runs()` are pieces
of text with one `Attr` each, and its `version` changes with its content, so that what was painted
for a version can be kept, also while lines scroll. `scrolled` counts the lines that ever left the
top of the screen.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pyte.screens import Margins

from bai_tui.widgets.terminal import _sgr
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
    Row,
    intern,
)
from bai_tui.widgets.terminal._parser import Parser
from bai_tui.widgets.terminal._screen import TerminalScreen

__all__ = [
    "BLINK",
    "BOLD",
    "CONCEAL",
    "DEFAULT",
    "DIM",
    "ITALIC",
    "OVERLINE",
    "REVERSE",
    "RGB",
    "STRIKE",
    "Attr",
    "Cell",
    "Color",
    "Emulator",
    "Modes",
    "Row",
]

NAME: Final = "bai-tui"
MAX_REPLIES: Final = 4096
"""Bytes of answers that may wait; a program that asks more without reading gets no more."""

MAX_LINKS: Final = 4096
MAX_TITLE: Final = 512
MAX_SIZE: Final = 1000


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


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text (empty for the right half of a wide character) and look."""

    text: str
    attr: Attr

    @property
    def fg(self) -> Color:
        """Foreground colour."""
        return self.attr.fg

    @property
    def bg(self) -> Color:
        """Background colour."""
        return self.attr.bg


_MOUSE = {9, 1000, 1002, 1003}
_ENCODINGS = {1005, 1006, 1015, 1016}
_SHAPES = ("block", "block", "block", "underline", "underline", "bar", "bar")
_OSC = re.compile("([0-9]{1,4})(?:;(.*))?", re.DOTALL)
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")


class Emulator:
    """A terminal of `columns` by `lines` cells.

    Attributes:
        title: what the program called its window. bell: how often it rang.
        modes: see `Modes`.
        hyperlinks: number of an `Attr.link` to its address.
        working_directory: what OSC 7 told.
        colors: what is answered when a program asks for a colour: "fg", "bg", "cursor" to RGB.
        on_clipboard: called with text that the program wants in the clipboard (never read from it).
    """

    def __init__(self, columns: int, lines: int, scrollback: int = 10_000) -> None:
        self.screen = TerminalScreen(max(1, columns), max(1, lines), scrollback)
        self.modes = Modes()
        self.title = ""
        self.bell = 0
        self.hyperlinks: dict[int, str] = {}
        self.working_directory = ""
        self.colors = {"fg": 0xD0D0D0, "bg": 0x000000, "cursor": 0xD0D0D0}
        self.on_clipboard: Callable[[str], None] | None = None
        self._link_numbers: dict[tuple[str, str], int] = {}
        self._titles: list[str] = []
        self._saved_modes: dict[int, bool] = {}
        self._replies = bytearray()
        self._painted: list[int] = []
        self._parser = Parser(self)

    # The public face.

    def feed(self, data: bytes) -> None:
        """Take output of the program; any bytes, cut anywhere."""
        self._parser.feed(data)

    def resize(self, columns: int, lines: int) -> None:
        """Change the size; text is wrapped anew as modern terminals do."""
        columns, lines = (max(1, min(size, MAX_SIZE)) for size in (columns, lines))
        self.screen.resize(lines, columns)

    @property
    def columns(self) -> int:
        """Width in cells."""
        return self.screen.columns

    @property
    def lines(self) -> int:
        """Height in cells."""
        return self.screen.lines

    @property
    def display(self) -> list[str]:
        """The screen as text, each line as wide as the screen."""
        return ["".join(row.chars) for row in self.screen.rows]

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and line of the cursor, from 0."""
        return self.screen.x, self.screen.y

    def cell(self, x: int, y: int) -> Cell:
        """A cell of the screen."""
        row = self.screen.rows[y]
        return Cell(row.chars[x], row.attrs[x])

    def line(self, y: int) -> Row:
        """A row of the screen, or with a negative number of the scrollback (-1 is its last)."""
        if y >= 0:
            return self.screen.rows[y]
        return self.screen.history_rows[y].unpack(self.columns)

    def version(self, y: int) -> int:
        """The version of a row, without unpacking it."""
        return self.screen.rows[y].version if y >= 0 else self.screen.history_rows[y].version

    @property
    def history(self) -> list[str]:
        """The scrollback as text, oldest line first, without blanks at the end."""
        return [packed.text for packed in self.screen.history_rows]

    @property
    def history_size(self) -> int:
        """Lines in the scrollback."""
        return len(self.screen.history_rows)

    @property
    def scrolled(self) -> int:
        """Lines that ever left the top of the screen."""
        return self.screen.scrolled

    @property
    def dirty(self) -> set[int]:
        """Lines that changed since this was asked last."""
        versions = [row.version for row in self.screen.rows]
        old, self._painted = self._painted, versions
        if len(old) != len(versions):
            return set(range(len(versions)))
        return {y for y, version in enumerate(versions) if version != old[y]}

    @property
    def in_sequence(self) -> bool:
        """Whether the next byte belongs to a sequence that has begun."""
        return self._parser.in_sequence

    def replies(self) -> bytes:
        """Answers for the program; whoever takes them has to send them."""
        data = bytes(self._replies)
        self._replies.clear()
        return data

    def _reply(self, text: str) -> None:
        if len(self._replies) + len(text) <= MAX_REPLIES:
            self._replies += text.encode()

    # What the parser calls.

    def draw(self, text: str) -> None:
        """Printable text."""
        self.screen.draw(text)

    def control(self, character: str) -> None:
        """A C0 control."""
        screen = self.screen
        screen.joining = False
        match character:
            case "\n" | "\x0b" | "\x0c":
                screen.rows[screen.y].wrapped = False
                screen.index()
                if screen.newline:
                    screen.x = 0
            case "\r":
                screen.x, screen.pending = 0, False
            case "\x08":
                screen.move(screen.x - 1, screen.y)
            case "\t":
                screen.tab_forward(1)
            case "\x07":
                self.bell += 1
            case "\x0e":
                screen.select(1)
            case "\x0f":
                screen.select(0)

    def escape(self, intermediates: str, final: str) -> None:
        """`ESC …`."""
        screen = self.screen
        screen.joining = False
        if intermediates:
            self._designate(intermediates, final)
            return
        match final:
            case "7":
                screen.save()
            case "8":
                screen.restore()
            case "D":
                screen.index()
            case "E":
                screen.index()
                screen.x = 0
            case "M":
                screen.reverse_index()
            case "H":
                screen.tabstops.add(screen.x)
            case "c":
                self._reset()
            case "=":
                self.modes.application_keypad = True
            case ">":
                self.modes.application_keypad = False
            case "n":
                screen.select(2)
            case "o":
                screen.select(3)
            case "Z":
                self._device_attributes("", "")

    def _designate(self, intermediates: str, final: str) -> None:
        screen = self.screen
        if intermediates == "#" and final == "8":
            screen.alignment_display()
        elif intermediates[0] in "()*+-./":
            slot = {"(": 0, ")": 1, "*": 2, "+": 3, "-": 1, ".": 2, "/": 3}[intermediates[0]]
            screen.charsets[slot] = intermediates[1:] + final
            screen.select(screen.active)

    def _reset(self) -> None:
        """RIS."""
        self.screen.show_main()
        self.screen.reset()
        self.screen.history_rows.clear()
        self.modes = Modes()
        self.title = ""
        self._titles.clear()

    def csi(self, parameters: str, intermediates: str, final: str) -> None:
        """`CSI …`."""
        self.screen.joining = False
        if final == "m" and not intermediates and parameters[:1] not in ("<", "=", ">", "?"):
            screen = self.screen
            screen.attr = _sgr.apply(screen.attr, parameters)
            return
        prefix = parameters[:1] if parameters[:1] in ("<", "=", ">", "?") else ""
        handler = _CSI.get((prefix, intermediates, final))
        if handler is not None:
            handler(self, _numbers(parameters[len(prefix) :]))

    def string(self, kind: str, text: str) -> None:
        """An OSC or DCS string; the others have no meaning here."""
        self.screen.joining = False
        if kind == "osc":
            if match := _OSC.fullmatch(text):
                self._command(int(match[1]), match[2] or "")
        elif kind == "dcs" and text.startswith("$q"):
            self._setting(text[2:])

    # Cursor and screen.

    def _set_margins(self, n: list[int]) -> None:
        screen = self.screen
        top = max(1, _at(n, 0, 1))
        bottom = min(_at(n, 1, screen.lines) or screen.lines, screen.lines)
        if top < bottom:
            whole = top == 1 and bottom == screen.lines
            screen.margins = None if whole else Margins(top - 1, bottom - 1)
            screen.goto(1, 1)

    def _repeat(self, n: list[int]) -> None:
        screen = self.screen
        if screen.last:
            cells = max(1, screen.columns * screen.lines)
            screen.draw(screen.last * min(_at(n, 0, 1), cells))

    def _clear_tabs(self, n: list[int]) -> None:
        how = _at(n, 0, 0, zero=True)
        if how == 0:
            self.screen.tabstops.discard(self.screen.x)
        elif how == 3:
            self.screen.tabstops.clear()

    def _erase_characters(self, n: list[int]) -> None:
        screen = self.screen
        stop = min(screen.columns, screen.x + _at(n, 0, 1))
        screen.erase(screen.rows[screen.y], screen.x, stop)
        screen.pending = False

    def _protect(self, n: list[int]) -> None:
        attr = self.screen.attr
        on = _at(n, 0, 0, zero=True) == 1
        flags = attr.flags | PROTECTED if on else attr.flags & ~PROTECTED
        self.screen.attr = intern(attr._replace(flags=flags))

    def _soft_reset(self, n: list[int]) -> None:
        """DECSTR."""
        screen = self.screen
        screen.insert = screen.origin = screen.pending = False
        screen.autowrap = True
        screen.attr = DEFAULT
        screen.margins = None
        screen.charsets, screen.saved[screen.alternate] = ["B", "B", "B", "B"], None
        screen.select(0)
        modes = self.modes
        modes.application_cursor = modes.application_keypad = False
        modes.cursor_visible = True

    def _cursor_style(self, n: list[int]) -> None:
        style = _at(n, 0, 0, zero=True)
        if style < len(_SHAPES):
            self.modes.cursor_shape = _SHAPES[style]
            self.modes.cursor_blink = style in (0, 1, 3, 5)

    # Modes.

    def _ansi_modes(self, n: list[int], on: bool) -> None:
        for mode in n:
            if mode == 4:
                self.screen.insert = on
            elif mode == 20:
                self.screen.newline = on

    def _private_modes(self, n: list[int], on: bool) -> None:
        for mode in n:
            self._private_mode(mode, on)

    def _private_mode(self, mode: int, on: bool) -> None:
        modes, screen = self.modes, self.screen
        if mode in _FLAGS:
            setattr(modes, _FLAGS[mode], on)
        elif mode == 6:
            screen.origin = on
            screen.goto(1, 1)
        elif mode == 7:
            screen.autowrap = on
            screen.pending = screen.pending and on
        elif mode in _MOUSE:
            modes.mouse = mode if on else 0
        elif mode in _ENCODINGS:
            modes.mouse_encoding = mode if on else 0
        elif mode == 1048:
            screen.save() if on else screen.restore()
        elif mode in (47, 1047, 1049):
            self._alternate(mode, on)

    def _alternate(self, mode: int, on: bool) -> None:
        screen = self.screen
        if on and not screen.alternate:
            if mode == 1049:
                screen.save()
            x, y = screen.x, screen.y
            screen.show_alternate(clear=True)
            screen.move(x, y)
        elif not on and screen.alternate:
            x, y = screen.x, screen.y
            screen.show_main()
            if mode == 1049:
                screen.restore()
            else:
                screen.move(x, y)
        self.modes.alternate = screen.alternate

    def _mode_value(self, mode: int) -> bool | None:
        """Whether a private mode is set; None when there is no such mode here."""
        modes, screen = self.modes, self.screen
        if mode in _FLAGS:
            return bool(getattr(modes, _FLAGS[mode]))
        if mode in _MOUSE:
            return modes.mouse == mode
        if mode in _ENCODINGS:
            return modes.mouse_encoding == mode
        known = {6: screen.origin, 7: screen.autowrap}
        known |= dict.fromkeys((47, 1047, 1049), screen.alternate)
        known[1048] = screen.saved[screen.alternate] is not None
        return known.get(mode)

    def _save_modes(self, n: list[int]) -> None:
        for mode in n:
            value = self._mode_value(mode)
            if value is not None:
                self._saved_modes[mode] = value

    def _restore_modes(self, n: list[int]) -> None:
        for mode in n:
            if mode in self._saved_modes:
                self._private_mode(mode, self._saved_modes[mode])

    # Answers.

    def _device_attributes(self, prefix: str, _: str) -> None:
        """DA1: a VT220 with colour. DA2: a version. DA3: a unit number of zeros."""
        answers = {"": "\x1b[?62;22c", ">": "\x1b[>1;100;0c", "=": "\x1bP!|00000000\x1b\\"}
        self._reply(answers[prefix])

    def _status(self, n: list[int], private: bool) -> None:
        what = _at(n, 0, 0, zero=True)
        screen = self.screen
        if what == 5 and not private:
            self._reply("\x1b[0n")
        elif what == 6:
            y = screen.y - (screen.top if screen.origin else 0)
            mark, page = ("?", ";1") if private else ("", "")
            self._reply(f"\x1b[{mark}{y + 1};{screen.x + 1}{page}R")

    def _request_mode(self, n: list[int], private: bool) -> None:
        mode = _at(n, 0, 0, zero=True)
        ansi = {4: self.screen.insert, 20: self.screen.newline}
        value = self._mode_value(mode) if private else ansi.get(mode)
        state = 0 if value is None else 1 if value else 2
        self._reply(f"\x1b[{'?' if private else ''}{mode};{state}$y")

    def _setting(self, what: str) -> None:
        """DECRQSS."""
        screen = self.screen
        shape = {"block": 2, "underline": 4, "bar": 6}[self.modes.cursor_shape]
        values = {
            "m": f"{_sgr.report(screen.attr)}m",
            "r": f"{screen.top + 1};{screen.bottom + 1}r",
            " q": f"{shape - self.modes.cursor_blink} q",
            '"q': f'{1 if screen.attr.flags & PROTECTED else 0}"q',
            '"p': '62;1"p',
        }
        value = values.get(what)
        self._reply(f"\x1bP1$r{value}\x1b\\" if value else "\x1bP0$r\x1b\\")

    def _window(self, n: list[int]) -> None:
        """Window reports; the title is never told, and no program changes our size."""
        what = _at(n, 0, 0, zero=True)
        if what in (18, 19):
            self._reply(f"\x1b[{what - 10};{self.lines};{self.columns}t")
        elif what == 11:
            self._reply("\x1b[1t")
        elif what == 22 and len(self._titles) < 10:
            self._titles.append(self.title)
        elif what == 23 and self._titles:
            self.title = self._titles.pop()

    # Operating system commands.

    def _command(self, number: int, text: str) -> None:
        if number in (0, 2):
            self.title = _CONTROLS.sub("", text)[:MAX_TITLE]
        elif number == 4:
            parts = text.split(";")
            for index, value in zip(parts[::2], parts[1::2], strict=False):
                if value == "?" and index.isdigit() and int(index) < 256:
                    self._reply_color(f"4;{int(index)}", palette(int(index)))
        elif number in (10, 11, 12):
            for offset, value in enumerate(text.split(";")):
                name = {10: "fg", 11: "bg", 12: "cursor"}.get(number + offset)
                if value == "?" and name:
                    self._reply_color(str(number + offset), self.colors[name])
        elif number == 7:
            self.working_directory = _CONTROLS.sub("", text)[:4096]
        elif number == 8:
            self._hyperlink(text)
        elif number == 52:
            self._clipboard(text)

    def _reply_color(self, what: str, color: int) -> None:
        red, green, blue = color >> 16 & 255, color >> 8 & 255, color & 255
        self._reply(
            f"\x1b]{what};rgb:{red:02x}{red:02x}/{green:02x}{green:02x}/{blue:02x}{blue:02x}\x1b\\"
        )

    def _hyperlink(self, text: str) -> None:
        parameters, _, address = text.partition(";")
        screen = self.screen
        if not address:
            screen.attr = intern(screen.attr._replace(link=0))
            return
        key = (parameters, address)
        number = self._link_numbers.get(key)
        if number is None:
            if len(self._link_numbers) >= MAX_LINKS or _CONTROLS.search(address):
                return
            number = self._link_numbers[key] = len(self._link_numbers) + 1
            self.hyperlinks[number] = address
        screen.attr = intern(screen.attr._replace(link=number))

    def _clipboard(self, text: str) -> None:
        """OSC 52: writing is passed on to whoever asks the user; reading is never answered."""
        import base64
        import binascii

        _, _, data = text.partition(";")
        if not data or data == "?" or self.on_clipboard is None:
            return
        try:
            content = base64.b64decode(data, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            return
        self.on_clipboard(content)


_FLAGS: Final = {
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


def _numbers(text: str) -> list[int]:
    """Parameters; missing ones are 0, sub-parameters are dropped, absurd ones are clamped."""
    numbers = []
    for part in text.split(";")[:32]:
        digits = part.partition(":")[0]
        numbers.append(min(int(digits[:9]), 99_999) if digits.isdigit() else 0)
    return numbers


def _at(numbers: list[int], index: int, default: int, *, zero: bool = False) -> int:
    """A parameter; missing, or 0 unless `zero` means something, is the default."""
    value = numbers[index] if index < len(numbers) else 0
    return value if value or zero else default


def palette(index: int) -> int:
    """The usual colour of a palette entry, as 0xRRGGBB."""
    if index < 16:
        return _BASIC[index]
    if index < 232:
        index -= 16
        red, green, blue = (
            0 if n == 0 else 55 + 40 * n for n in (index // 36, index // 6 % 6, index % 6)
        )
        return red << 16 | green << 8 | blue
    return (8 + 10 * (index - 232)) * 0x010101


_BASIC = (
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
    0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
)  # fmt: skip

Handler = Callable[[Emulator, list[int]], None]


def _vertical(e: Emulator, n: list[int]) -> None:
    screen = e.screen
    screen.goto(_at(n, 0, 1), screen.x + 1)


def _next_line(e: Emulator, n: list[int]) -> None:
    e.screen.down(_at(n, 0, 1))
    e.screen.x = 0


def _previous_line(e: Emulator, n: list[int]) -> None:
    e.screen.up(_at(n, 0, 1))
    e.screen.x = 0


_CSI: Final[dict[tuple[str, str, str], Handler]] = {
    ("", "", "@"): lambda e, n: e.screen.insert_characters(_at(n, 0, 1)),
    ("", "", "A"): lambda e, n: e.screen.up(_at(n, 0, 1)),
    ("", "", "B"): lambda e, n: e.screen.down(_at(n, 0, 1)),
    ("", "", "C"): lambda e, n: e.screen.move(e.screen.x + _at(n, 0, 1), e.screen.y),
    ("", "", "D"): lambda e, n: e.screen.move(e.screen.x - _at(n, 0, 1), e.screen.y),
    ("", "", "E"): _next_line,
    ("", "", "F"): _previous_line,
    ("", "", "G"): lambda e, n: e.screen.move(_at(n, 0, 1) - 1, e.screen.y),
    ("", "", "H"): lambda e, n: e.screen.goto(_at(n, 0, 1), _at(n, 1, 1)),
    ("", "", "I"): lambda e, n: e.screen.tab_forward(_at(n, 0, 1)),
    ("", "", "J"): lambda e, n: e.screen.erase_in_display(_at(n, 0, 0, zero=True)),
    ("", "", "K"): lambda e, n: e.screen.erase_in_line(_at(n, 0, 0, zero=True)),
    ("", "", "L"): lambda e, n: e.screen.insert_lines(_at(n, 0, 1)),
    ("", "", "M"): lambda e, n: e.screen.delete_lines(_at(n, 0, 1)),
    ("", "", "P"): lambda e, n: e.screen.delete_characters(_at(n, 0, 1)),
    ("", "", "S"): lambda e, n: e.screen.scroll_up(_at(n, 0, 1)),
    ("", "", "T"): lambda e, n: e.screen.scroll_down(_at(n, 0, 1)),
    ("", "", "X"): Emulator._erase_characters,
    ("", "", "Z"): lambda e, n: e.screen.tab_back(_at(n, 0, 1)),
    ("", "", "`"): lambda e, n: e.screen.move(_at(n, 0, 1) - 1, e.screen.y),
    ("", "", "a"): lambda e, n: e.screen.move(e.screen.x + _at(n, 0, 1), e.screen.y),
    ("", "", "b"): Emulator._repeat,
    ("", "", "c"): lambda e, n: e._device_attributes("", "") if not _at(n, 0, 0) else None,
    (">", "", "c"): lambda e, n: e._device_attributes(">", "") if not _at(n, 0, 0) else None,
    ("=", "", "c"): lambda e, n: e._device_attributes("=", "") if not _at(n, 0, 0) else None,
    ("", "", "d"): _vertical,
    ("", "", "e"): lambda e, n: e.screen.move(e.screen.x, e.screen.y + _at(n, 0, 1)),
    ("", "", "f"): lambda e, n: e.screen.goto(_at(n, 0, 1), _at(n, 1, 1)),
    ("", "", "g"): Emulator._clear_tabs,
    ("", "", "h"): lambda e, n: e._ansi_modes(n, True),
    ("", "", "l"): lambda e, n: e._ansi_modes(n, False),
    ("?", "", "h"): lambda e, n: e._private_modes(n, True),
    ("?", "", "l"): lambda e, n: e._private_modes(n, False),
    ("?", "", "s"): Emulator._save_modes,
    ("?", "", "r"): Emulator._restore_modes,
    ("", "", "n"): lambda e, n: e._status(n, False),
    ("?", "", "n"): lambda e, n: e._status(n, True),
    ("", "", "r"): Emulator._set_margins,
    ("", "", "s"): lambda e, n: e.screen.save(),
    ("", "", "u"): lambda e, n: e.screen.restore(),
    ("", "", "t"): Emulator._window,
    ("?", "", "J"): lambda e, n: e.screen.erase_in_display(_at(n, 0, 0, zero=True), private=True),
    ("?", "", "K"): lambda e, n: e.screen.erase_in_line(_at(n, 0, 0, zero=True), private=True),
    ("", "!", "p"): Emulator._soft_reset,
    ("", "$", "p"): lambda e, n: e._request_mode(n, False),
    ("?", "$", "p"): lambda e, n: e._request_mode(n, True),
    ("", " ", "q"): Emulator._cursor_style,
    ("", '"', "q"): Emulator._protect,
    (">", "", "q"): lambda e, n: e._reply(f"\x1bP>|{NAME}\x1b\\"),
}  # fmt: skip
"""Prefix, intermediates and final of a control sequence to what it does; others are ignored."""
