"""The parser of terminal output: bytes in, calls of a `Sink` out. The same for any chunking."""

from __future__ import annotations

import codecs
import re
from typing import Final, Protocol

MAX_STRING: Final = 1 << 20
"""Characters of an OSC or DCS string; longer ones are dropped, as if they were unknown."""

MAX_SEQUENCE: Final = 256
"""Characters of a control sequence; longer ones are ignored up to their end."""

_TEXT = re.compile("[^\x00-\x1f\x7f-\x9f]+")
_CSI = re.compile("([0-?]*)([ -/]*)([@-~])")
_ESCAPE = re.compile("([ -/]*)([0-~])")
_STRING_END = re.compile("[\x07\x18\x1a\x1b\x9c]")
_STRING_KINDS = {"]": "osc", "P": "dcs", "X": "sos", "^": "pm", "_": "apc"}
_C1 = {"\x84": "D", "\x85": "E", "\x88": "H", "\x8d": "M", "\x90": "P", "\x98": "X", "\x9b": "[",
       "\x9d": "]", "\x9e": "^", "\x9f": "_"}  # fmt: skip


class Sink(Protocol):
    """What the parser calls."""

    def draw(self, text: str) -> None:
        """Printable text."""

    def control(self, character: str) -> None:
        """A C0 control."""

    def escape(self, intermediates: str, final: str) -> None:
        """`ESC intermediates final`."""

    def csi(self, parameters: str, intermediates: str, final: str) -> None:
        """`CSI parameters intermediates final`."""

    def string(self, kind: str, text: str) -> None:
        """An osc, dcs, apc, pm or sos string that was ended properly."""


class Parser:
    """Keeps what is needed between two chunks: bytes of a character, a sequence not yet ended.

    In UTF-8 terminals the C1 controls are the code points U+0080 to U+009F; as in xterm only those
    that begin or end something are acted upon.
    """

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._state = "ground"
        self._pending = ""
        self._parts: list[str] = []
        self._size = 0
        self._kind = ""

    @property
    def in_sequence(self) -> bool:
        """Whether the next byte belongs to something that has begun."""
        return self._state != "ground"

    def feed(self, data: bytes) -> None:
        """Parse the next bytes."""
        text = self._decode(data)
        position, end = 0, len(text)
        sink = self.sink
        while position < end:
            state = self._state
            if state == "ground":
                if match := _TEXT.match(text, position):
                    sink.draw(match[0])
                    position = match.end()
                    continue
                position = self._ground(text, position)
            elif state == "string":
                position = self._string(text, position)
            else:
                position = self._sequence(text, position)

    def _ground(self, text: str, position: int) -> int:
        character = text[position]
        if character == "\x1b":
            following = text[position + 1 : position + 2]
            # The common case: a whole control sequence within the chunk.
            match = _CSI.match(text, position + 2) if following == "[" else None
            if match and match.end() - position - 2 <= MAX_SEQUENCE:
                self.sink.csi(*match.groups())
                return match.end()
            self._begin("escape")
        elif character < " ":
            self.sink.control(character)
        elif character in _C1:
            self._introduce(_C1[character])
        return position + 1

    def _begin(self, state: str) -> None:
        self._state = state
        self._pending = ""

    def _introduce(self, final: str) -> None:
        """What follows ESC (or is meant by a C1 control)."""
        if final == "[":
            self._begin("csi")
        elif final in _STRING_KINDS:
            self._state, self._kind = "string", _STRING_KINDS[final]
            self._parts, self._size = [], 0
        else:
            self._state = "ground"
            self.sink.escape("", final)

    def _sequence(self, text: str, position: int) -> int:
        """One character of a sequence that is not whole, or has controls in it."""
        character = text[position]
        if character == "\x1b":
            self._begin("escape")
        elif character in "\x18\x1a":
            self._state = "ground"
        elif character < " ":
            self.sink.control(character)
        elif character in _C1:
            self._introduce(_C1[character])
        elif character == "\x7f":
            pass
        elif character > "~":
            # No sequence has such a character: it ends here, and the text goes on.
            self._state = "ground"
            return position
        elif self._state == "escape":
            self._pending += character
            if match := _ESCAPE.fullmatch(self._pending):
                if match[1]:
                    self._state = "ground"
                    self.sink.escape(match[1], match[2])
                else:
                    self._introduce(match[2])
        else:
            if len(self._pending) < MAX_SEQUENCE:
                self._pending += character
            if "@" <= character <= "~":
                self._state = "ground"
                if match := _CSI.fullmatch(self._pending):
                    self.sink.csi(*match.groups())
        return position + 1

    def _string(self, text: str, position: int) -> int:
        match = _STRING_END.search(text, position)
        stop = match.start() if match else len(text)
        if self._size <= MAX_STRING:
            self._parts.append(text[position:stop])
            self._size += stop - position
        if match is None:
            return stop
        character = match[0]
        if character == "\x07" and self._kind != "osc":
            self._parts.append(character)
            return stop + 1
        whole = self._size <= MAX_STRING
        self._state = "ground"
        if character == "\x1b":
            # ESC \ ends it; any other escape ends it too, and is a sequence of its own.
            self._begin("escape")
        if whole and character in "\x07\x1b\x9c":
            self.sink.string(self._kind, "".join(self._parts))
        self._parts = []
        return stop + 1
