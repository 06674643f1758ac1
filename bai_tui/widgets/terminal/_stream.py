"""The parser: bytes in, the machine's methods called. The same for any chunking.

One `re.split` cuts a chunk into text and controls; what a control does is looked up by the whole
control, and text goes straight into the rows. Colours are not controls in this: text that changes
its look on the way is put into the row in one. Sequences that are not whole wait for the rest.

A sequence is abandoned at CAN, SUB, ESC or a character beyond ASCII; C0 controls within it are
done first; what is longer than it may be is ignored. In a UTF-8 terminal the C1 controls are the
code points U+0080 to U+009F, and mean what ESC and a letter mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import pyte

from bai_tui.widgets.terminal import _sgr
from bai_tui.widgets.terminal._bulk import take_lines
from bai_tui.widgets.terminal._looks import LOOK, MANY, Changes, spread
from bai_tui.widgets.terminal._machine import Machine
from bai_tui.widgets.terminal._tables import C1, CONTROLS, CSI, ESCAPES
from bai_tui.widgets.terminal._width import HALF, NARROW

MAX_STRING: Final = 1 << 20
"""Characters of an OSC or DCS string; longer ones are dropped, as if they were unknown."""

MAX_SEQUENCE: Final = 256
"""Characters of other sequences; longer ones are ignored up to their end."""

CACHE: Final = 8192
MAX_CACHED: Final = 14
"""Characters; longer ones hardly come back."""

_WITHIN = r"\x00-\x17\x19\x1c-\x1f\x7f"
"""C0 controls that do not end a sequence."""

_TOKEN = re.compile(
    rf"([\x00-\x1f\x7f](?!(?<=\x1b){LOOK})(?:(?<=\x1b)(?:"
    rf"\[[{_WITHIN} -?]*[@-~\x18\x1a]?"
    r"|\][^\x07\x18\x1a\x1b]*[\x07\x18\x1a]?"
    r"|[PX^_][^\x18\x1a\x1b]*[\x18\x1a]?"
    rf"|[{_WITHIN} -/]*[0-~\x18\x1a]?"
    r")|(?<=\r)\n)?)"
)
_UNFINISHED = re.compile(
    rf"\x1b(?:\[[{_WITHIN} -?]*|\][^\x07\x18\x1a]*|[PX^_][^\x18\x1a]*|[{_WITHIN} -/]*)\Z"
)
_STRING = re.compile(r"\x1b[]PX^_]")
_ENDS: Final = {True: re.compile("[\x07\x18\x1a\x1b]"), False: re.compile("[\x18\x1a\x1b]")}
"""Where a string ends: OSC also at BEL."""
_SKIPPED = re.compile(rf"[{_WITHIN} -?]*[@-~\x18\x1a]?")
_OVER = re.compile(r"[@-~\x18\x1a]\Z")
_EARLY = re.compile(rf"\x1b([{_WITHIN}]+)")
"""Controls right after ESC: what was before it ends (as at ST), they are done, it goes on."""
_EMBEDDED = re.compile(f"[{_WITHIN}]")
_HIGH = re.compile("[\x80-\x9f]")
_SEQUENCE = re.compile(r"\x1b\[([<-?]?)([0-9;:]*)([ -/]*)([@-~])")
_ESCAPE = re.compile(r"\x1b([ -/]*)([0-~])")

NOTHING, POSITION, LINE, CALL, REPEAT = range(5)
Action = tuple[int, Any, Any]
_NOTHING: Final[Action] = (NOTHING, None, None)
_NO_RUNS: Final[list[str]] = []


class Stream(pyte.ByteStream):
    """pyte's stream with another parser."""

    def __init__(self, screen: Machine) -> None:
        super().__init__()
        self.screen = screen
        self._actions: dict[str, Action] = {"\r\n": (LINE, None, None)}
        self._changes = Changes()
        self._rest = ""
        """A sequence that is not whole."""
        self._parts: list[str] | None = None
        """A string that is not whole, with its introducer."""
        self._size = 0
        self._printed = False
        """The last thing was a character, which may be repeated."""
        self._skipping = False
        """Within a sequence that is too long."""

    @property
    def in_sequence(self) -> bool:
        """Whether the next byte belongs to something that has begun."""
        return bool(self._rest or self._parts is not None or self._skipping)

    def feed(self, data: bytes) -> None:  # type: ignore[override]
        """Parse the next bytes."""
        text = self.utf8_decoder.decode(data)
        if self._rest:
            text, self._rest = self._rest + text, ""
        if not text.isascii() and _HIGH.search(text):
            text = text.translate(C1)
        if self._parts is not None:
            text = self._continue(text)
        elif self._skipping:
            text = self._skip(text)
        if not text or take_lines(self.screen, text, self._run):
            return
        last = text.rfind("\x1b")
        if last >= 0:
            if _EARLY.search(text):
                text = _EARLY.sub("\x1b\\\\\\1\x1b", text)
                last = text.rfind("\x1b")
            if _UNFINISHED.match(text, last):
                text, rest = text[:last], text[last:]
                self._run(text)
                self._wait(rest)
                return
        self._run(text)

    def _wait(self, rest: str) -> None:
        """Keep what is not whole."""
        if _STRING.match(rest):
            self._parts, self._size = [rest], len(rest)
            return
        if _EMBEDDED.search(rest):
            # They are done at once, whatever becomes of the sequence.
            self._controls_of(rest)
            rest = _EMBEDDED.sub("", rest)
        if len(rest) >= MAX_SEQUENCE:
            self._skipping = True
        else:
            self._rest = rest

    def _continue(self, text: str) -> str:
        """More of a string; returns what follows it."""
        assert self._parts is not None
        match = _ENDS[self._parts[0][1] == "]"].search(text)
        stop = match.start() if match else len(text)
        if self._size <= MAX_STRING:
            self._parts.append(text[:stop])
            self._size += stop
        if match is None:
            return ""
        whole, self._parts = "".join(self._parts), None
        if match[0] in "\x07\x1b" and self._size <= MAX_STRING:
            self._run(whole + match[0] if match[0] == "\x07" else whole)
        self._printed = False
        self.screen.stop_joining()
        return text[stop if match[0] == "\x1b" else stop + 1 :]

    def _skip(self, text: str) -> str:
        """More of a sequence that is too long; returns what follows it."""
        match = _SKIPPED.match(text)
        assert match is not None
        self._controls_of(match[0])  # also forgets what was printed
        if match.end() < len(text) or _OVER.search(match[0]):
            self._skipping = False
        return text[match.end() :]

    def _run(self, text: str) -> None:
        """Do what whole text and controls say."""
        screen = self.screen
        parts = _TOKEN.split(text)
        if screen.joining and (parts[0][:1] == "\x1b" or (not parts[0] and len(parts) > 1)):
            screen.stop_joining()
        parts.append("")
        printed = self._printed and not parts[0]
        actions, changes = self._actions, self._changes
        find = self._action
        cursor, rows, columns = screen.cursor, screen.rows, screen.columns
        narrow = NARROW.fullmatch
        for piece, control in zip(parts[::2], parts[1::2], strict=True):
            runs = _NO_RUNS
            if "\x1b" in piece:
                last = self._lay(piece) if piece.count("\x1b") >= MANY else None
                if last is not None:
                    piece, runs = "", [last]
                else:
                    runs = piece.split("\x1b[")
                    runs.reverse()
                    piece = runs.pop()
            while True:
                if piece:
                    x = cursor.x
                    stop = x + len(piece)
                    if (
                        stop < columns
                        and screen.simple
                        and not screen.pending
                        and (piece.isascii() or narrow(piece))
                    ):
                        row = rows[cursor.y]
                        old, look, looks = row.text, screen.pen, row.looks
                        size = len(old)
                        if x == size:
                            row.text = old + piece
                        elif x > size:
                            row.text = old.ljust(x) + piece
                        else:
                            if not old.isascii() and HALF in old:
                                row.clear_half(x)
                                row.clear_half(stop)
                                old = row.text
                            row.text = old[:x] + piece + old[stop:]
                        row.version = 0
                        if looks is not None:
                            if look or x < len(looks):
                                if x > len(looks):
                                    looks += [0] * (x - len(looks))
                                looks[x:stop] = [look] * (stop - x)
                        elif look:
                            row.looks = [0] * x + [look] * (stop - x)
                        cursor.x = stop
                        screen.last = piece
                    else:
                        screen.draw(piece)
                        if screen.joining and (control or runs):
                            screen.stop_joining()
                if not runs:
                    break
                parameters, _, piece = runs.pop().partition("m")
                keep, add = changes[parameters]
                screen.pen = screen.pen & keep | add
            if not control:
                continue
            kind, first, second = actions.get(control) or find(control)
            if kind == POSITION:
                if screen.origin:
                    screen.cursor_position(first + 1, second + 1)
                else:
                    cursor.x = second if second < columns else columns - 1
                    cursor.y = first if first < screen.lines else screen.lines - 1
                    screen.pending = False
            elif kind == LINE:
                if screen.left:
                    screen.carriage_return()
                else:
                    cursor.x = 0
                y = cursor.y
                rows[y].wrapped = False
                if y == screen.bottom:
                    screen.scroll_line()
                elif y < screen.lines - 1:
                    cursor.y = y + 1
                screen.pending = False
            elif kind == CALL:
                first(*second)
                cursor, rows = screen.cursor, screen.rows
            elif kind == REPEAT and (piece or (printed and control is parts[1])):
                screen.repeat(first)
                rows = screen.rows
        if piece:
            self._printed = True
        elif len(parts) > 2 or parts[0]:
            self._printed = False

    def _lay(self, piece: str) -> str | None:
        """Print text with many looks at once; returns what is left: the last and its text.

        None: it cannot be printed so.
        """
        screen = self.screen
        if not screen.simple:
            return None
        most, _, last = piece.rpartition("\x1b[")
        text, looks, pen = spread(most, screen.pen, self._changes)
        if not (text.isascii() or NARROW.fullmatch(text)):
            return None
        if text:
            screen.lay(text, looks)
        screen.pen = pen
        return last

    def _action(self, control: str) -> Action:
        """What a control or sequence does; remembered where that is of use."""
        action = self._find(control)
        if len(control) <= MAX_CACHED and control[1:2] not in ("]", "P"):
            if len(self._actions) >= CACHE:
                self._actions.clear()
                self._actions["\r\n"] = (LINE, None, None)
            self._actions[control] = action
        return action

    def _find(self, control: str) -> Action:
        screen = self.screen
        if control[0] != "\x1b":
            name = CONTROLS.get(control)
            return (CALL, getattr(screen, name), ()) if name else _NOTHING
        if _STRING.match(control):
            bell = control[1] == "]" and control[-1] == "\x07"
            body = control[:-1] if bell else control
            if body[-1] in "\x18\x1a" or len(body) > MAX_STRING:
                return _NOTHING
            return CALL, screen.string, (body[1], body[2:], bell)
        if _EMBEDDED.search(control):
            return CALL, self._broken, (control,)
        if len(control) > MAX_SEQUENCE:
            return _NOTHING
        if match := _SEQUENCE.fullmatch(control):
            prefix, parameters, intermediates, final = match.groups()
            return self._sequence(prefix + intermediates + final, parameters)
        if match := _ESCAPE.fullmatch(control):
            intermediates, final = match.groups()
            name = ESCAPES.get(intermediates + final)
            if name:
                return CALL, getattr(screen, name), ()
            if intermediates:
                return CALL, screen.define_charset, (intermediates[1:] + final, intermediates[0])
        return _NOTHING

    def _sequence(self, key: str, parameters: str) -> Action:
        if key == "m":  # controls stood in it, or it would be a part of the text
            return CALL, self._select, (parameters,)
        if key not in CSI or ":" in parameters:
            return _NOTHING
        name, most = CSI[key]
        numbers = [min(int(part[:9] or 0), 99_999) for part in parameters.split(";")[:most]]
        if key in ("H", "f"):
            line, column = (max(n, 1) - 1 for n in (*numbers, 1)[:2])
            return POSITION, line, column
        if key == "b":
            return REPEAT, numbers[0], None
        return CALL, getattr(self.screen, name), tuple(numbers)

    def _controls_of(self, sequence: str) -> None:
        self._printed = False
        self.screen.stop_joining()
        for control in _EMBEDDED.findall(sequence):
            self._do(control)

    def _broken(self, sequence: str) -> None:
        """A sequence with controls in it: they come first."""
        self._controls_of(sequence)
        whole = _EMBEDDED.sub("", sequence)
        if len(whole) <= MAX_SEQUENCE:
            self._do(whole)

    def _select(self, parameters: str) -> None:
        """SGR."""
        keep, add = _sgr.change(parameters)
        self.screen.pen = self.screen.pen & keep | add

    def _do(self, control: str) -> None:
        kind, first, second = self._find(control)
        if kind == POSITION:
            self.screen.cursor_position(first + 1, second + 1)
        elif kind == CALL:
            handler: Callable[..., object] = first
            handler(*second)
