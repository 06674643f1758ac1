"""What a program switches: modes, margins, tab stops, character sets, resets."""

from __future__ import annotations

from typing import Any

from bai_tui.widgets.terminal._attrs import LINK_MASK, PROTECTED_BIT
from bai_tui.widgets.terminal._charsets import TABLES
from bai_tui.widgets.terminal._colors import Colors
from bai_tui.widgets.terminal._editing import ISO, OFF
from bai_tui.widgets.terminal._grid import ASCII, HOME
from bai_tui.widgets.terminal._modes import (
    ANSI,
    ENCODINGS,
    FLAGS,
    INITIAL,
    MOUSE,
    QUIET,
    QUIET_ANSI,
    SCREEN,
    SHAPES,
    Modes,
)
from bai_tui.widgets.terminal._rows import Row
from bai_tui.widgets.terminal._sizing import Sizing

_SLOTS = {"(": 0, ")": 1, "*": 2, "+": 3, "-": 1, ".": 2, "/": 3}
_ALTERNATE = (47, 1047, 1049)


class Switches(Sizing):
    """The screens with their switches."""

    modes: Modes
    colors: Colors
    eight_bits: bool

    def __init__(self, columns: int, lines: int, scrollback: int) -> None:
        super().__init__(columns, lines, scrollback)
        self.mode = set(INITIAL)  # pyte has put its own, which knows less, here

    def reset(self) -> None:
        """RIS, without the scrollback."""
        super().reset()
        self.modes = Modes()
        self.mode = set(INITIAL)
        self.saved_modes: dict[int, bool] = {}
        self.looks_aside: list[int] = []
        self.level = 64
        self.style = 0
        """The parameter of DECSCUSR."""

    def reset_hard(self) -> None:
        """RIS: also forgets the scrollback and changed colours."""
        self.reset()
        self.scrollback.clear()
        if self.colors.reset(*self.colors.changed):
            self.touch()
        self.set_title("")
        self.set_icon_name("")

    def reset_soft(self) -> None:
        """DECSTR."""
        self.autowrap = True
        self.origin = self.insert = self.national = False
        self.reverse_wrap = self.reverse_wrap_always = False
        self.pen = 0
        self.protection = OFF
        self.top, self.bottom, self.left, self.right = 0, self.lines - 1, 0, self.columns - 1
        self.charsets, self.saved[self.alternate] = list(ASCII), HOME
        self.single = -1
        self.select(0)
        modes = self.modes
        modes.application_cursor = modes.application_keypad = False
        modes.cursor_visible = True
        self.mode -= {4, 1 << 5, 6 << 5, 42 << 5, 45 << 5, 66 << 5, 69 << 5, 1045 << 5}
        self.mode |= {7 << 5, 25 << 5}

    def set_level(self, level: int = 0, bits: int = 0) -> None:
        """DECSCL: below level 3 modes cannot be asked for, below 4 there are no side margins.

        Controls in answers are single bytes unless `bits` is 1.
        """
        if 61 <= level <= 64:
            self.reset_soft()
            self.level = level
            self.eight_bits = level > 61 and bits != 1

    # Modes.

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        """SM, DECSET."""
        for mode in modes:
            self._switch(mode, True, bool(kwargs.get("private")))

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        """RM, DECRST."""
        for mode in modes:
            self._switch(mode, False, bool(kwargs.get("private")))

    def set_private_mode(self, *modes: int) -> None:
        """DECSET."""
        self.set_mode(*modes, private=True)

    def reset_private_mode(self, *modes: int) -> None:
        """DECRST."""
        self.reset_mode(*modes, private=True)

    def save_modes(self, *modes: int) -> None:
        """XTSAVE."""
        for mode in modes:
            value = self.mode_value(mode, private=True)
            if value is not None:
                self.saved_modes[mode] = value

    def restore_modes(self, *modes: int) -> None:
        """XTRESTORE."""
        for mode in modes:
            if mode in self.saved_modes:
                self._switch(mode, self.saved_modes[mode], True)

    def mode_value(self, mode: int, private: bool) -> bool | None:
        """Whether a mode is set; None when there is no such mode here."""
        if not private:
            known = mode in ANSI or mode in QUIET_ANSI
            return (mode in self.mode) if known else None
        if mode in MOUSE:
            return self.modes.mouse == mode
        if mode in ENCODINGS:
            return self.modes.mouse_encoding == mode
        if mode in _ALTERNATE:
            return self.alternate
        if mode == 1048:
            return True  # as xterm has it: DECRC always has something to restore
        known = mode in FLAGS or mode in SCREEN or mode in QUIET or mode == 69
        return (mode << 5 in self.mode) if known else None

    def _switch(self, mode: int, on: bool, private: bool) -> None:
        if self.mode_value(mode, private) is None or (mode == 69 and self.level < 64):
            return
        code = mode << 5 if private else mode
        if on:
            self.mode.add(code)
        else:
            self.mode.discard(code)
        if private:
            self._switch_private(mode, on)
        elif mode in ANSI:
            setattr(self, ANSI[mode], on)
        self.settle()

    def _switch_private(self, mode: int, on: bool) -> None:
        modes = self.modes
        if mode in FLAGS:
            setattr(modes, FLAGS[mode], on)
        elif mode in SCREEN:
            setattr(self, SCREEN[mode], on)
            if mode == 6:
                self.cursor_position()
            elif mode == 7:
                self.pending = self.pending and on
            elif mode == 42:
                self.select(self.active)
        elif mode in MOUSE:
            modes.mouse = mode if on else 0
        elif mode in ENCODINGS:
            modes.mouse_encoding = mode if on else 0
        elif mode == 69:
            if not on:
                self.left, self.right = 0, self.columns - 1
        elif mode == 1048:
            if on:
                self.save_cursor()
            else:
                self.restore_cursor()
        elif mode in _ALTERNATE:
            self._switch_screen(mode, on)
        elif mode == 3 and 40 << 5 in self.mode:
            # The width is the user's; what else DECCOLM does is done.
            self.top, self.bottom, self.left, self.right = 0, self.lines - 1, 0, self.columns - 1
            self.erase_in_display(2)
            self.goto(0, 0)

    def _switch_screen(self, mode: int, on: bool) -> None:
        if on:
            if mode == 1049:  # also when it is there already, as in xterm
                self.save_cursor()
                self.clear_alternate()
            if not self.alternate:
                self.show_alternate()
        elif self.alternate:
            if mode == 1047:
                self.clear_alternate()
            self.show_main()
            if mode == 1049:
                self.restore_cursor()
        elif mode == 1049:
            self.restore_cursor()
        self.modes.alternate = self.alternate
        self.pending = self.pending and self.cursor.x in (self.right, self.columns - 1)

    def application_keypad(self) -> None:
        """DECKPAM."""
        self.set_private_mode(66)

    def numeric_keypad(self) -> None:
        """DECKPNM."""
        self.reset_private_mode(66)

    def cursor_style(self, style: int = 0) -> None:
        """DECSCUSR."""
        if style < len(SHAPES):
            self.style = style
            self.modes.cursor_shape = SHAPES[style]
            self.modes.cursor_blink = style in (0, 1, 3, 5)
            (self.mode.add if self.modes.cursor_blink else self.mode.discard)(12 << 5)

    # Margins and tab stops.

    def set_margins(self, top: int | None = None, bottom: int | None = None) -> None:
        """DECSTBM."""
        first, last = (top or 1) - 1, min(bottom or self.lines, self.lines) - 1
        if first < last:
            self.top, self.bottom = first, last
            self.cursor_position()

    def set_side_margins(self, left: int = 0, right: int = 0) -> None:
        """DECSLRM where mode 69 allows it; else the sequence saves the cursor (SCOSC)."""
        if 69 << 5 not in self.mode:
            self.save_cursor()
            return
        first, last = (left or 1) - 1, min(right or self.columns, self.columns) - 1
        if first < last:
            self.left, self.right = first, last
            self.settle()
            self.cursor_position()

    def set_tab_stop(self) -> None:
        """HTS."""
        self.tabstops.add(self.cursor.x)

    def clear_tab_stop(self, how: int = 0) -> None:
        """TBC."""
        if how == 0:
            self.tabstops.discard(self.cursor.x)
        elif how == 3:
            self.tabstops.clear()

    def every_eighth(self, how: int = 0) -> None:
        """DECST8C."""
        if how == 5:
            self.tabstops = set(range(8, self.columns, 8))

    # Character sets.

    def define_charset(self, code: str, mode: str) -> None:
        """SCS: `mode` tells which of G0 to G3, `code` is the final with its intermediates."""
        if mode in _SLOTS:
            if mode in "-./":
                code = f"96{code}"
            slot, code = _SLOTS[mode], code if code in TABLES else "B"
            if self.charsets[slot] != code:  # curses resets it with every look
                self.charsets[slot] = code
                self.select(self.active)

    def shift_in(self) -> None:
        """SI: G0."""
        self.select(0)

    def shift_out(self) -> None:
        """SO: G1."""
        self.select(1)

    def shift_two(self) -> None:
        """LS2."""
        self.select(2)

    def shift_three(self) -> None:
        """LS3."""
        self.select(3)

    def single_two(self) -> None:
        """SS2: G2 for one character."""
        self.single = 2
        self.settle()

    def single_three(self) -> None:
        """SS3: G3 for one character."""
        self.single = 3
        self.settle()

    # Looks.

    def push_look(self) -> None:
        """XTPUSHSGR: the whole look, whatever parts of it are named."""
        self.looks_aside = [*self.looks_aside[-9:], self.pen]

    def pop_look(self) -> None:
        """XTPOPSGR."""
        if self.looks_aside:
            kept = LINK_MASK | PROTECTED_BIT
            self.pen = self.pen & kept | self.looks_aside.pop() & ~kept

    def touch(self) -> None:
        """All lines look different now."""
        for row in (*self.rows, *self.hidden):
            row.version = 0
        self.scrollback.touch()

    # Shell integration.

    def mark_line(self, kind: str) -> None:
        """OSC 133: what the line of the cursor is."""
        row: Row = self.rows[self.cursor.y]
        row.mark = kind

    @property
    def iso_protection(self) -> bool:
        """Whether protection comes from SPA rather than DECSCA."""
        return self.protection == ISO
