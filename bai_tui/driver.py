"""Textual's driver for Unix, but one that keeps what the outer terminal sent for each key.

Textual's names lose a good part of it: on terminals without the kitty protocol alt+b arrives as
ctrl+left and alt+. as a full stop. A terminal pane needs the bytes themselves; they are on the
`raw` attribute of key events.
"""

from __future__ import annotations

import os
import selectors
import sys
import time
from codecs import getincrementaldecoder
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from textual import events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.message import Message

PATIENCE: Final = 0.1
"""Seconds between two looks whether the program ends."""

READ_SIZE: Final = 4096

WRITES: Final = 2
"""Writes that may wait: a picture is up to three of them."""

SWITCH: Final = 0.0005
"""Seconds after which a thread that works lets the threads of the terminal have their turn."""

_MODIFIERS: Final = (("alt", 2), ("ctrl", 4), ("shift", 1))


class RawKeyParser(XTermParser):
    """Puts the sequence on key events.

    Where one became several events, the first one has all of it and the others nothing.
    """

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        raw = f"\x1b{sequence}" if alt else sequence
        for event in super()._sequence_to_key_events(sequence, alt):
            yield _with_raw(event, raw)
            raw = ""

    def parse_mouse_code(self, code: str) -> Message | None:
        """As Textual does, but buttons beyond the wheel (8 to 11) are not the first to third."""
        event = super().parse_mouse_code(code)
        number = int(code[3 : code.index(";")]) if ";" in code else 0
        if isinstance(event, events.MouseEvent) and number & 128:
            event.button = 8 + (number & 3)
        return event

    def feed(self, data: str) -> Iterable[Message]:
        """Parse what arrived."""
        return map(_key_of_position, super().feed(data))

    def patience(self, most: float) -> float:
        """Seconds until `tick` is worth a call: an escape may turn out to be alone."""
        at = self._timeout_time
        return most if at is None else max(0.0, min(most, at - time.monotonic()))


def _key_of_position(message: Message) -> Message:
    """Modified F3 and the report of a position in the first line are one sequence.

    Nobody here asks for positions, so it is a key.
    """
    if isinstance(message, events.CursorPosition) and message.y == 0 and 1 <= message.x <= 7:
        held = [name for name, bit in _MODIFIERS if message.x & bit]
        return _with_raw(events.Key("+".join([*held, "f3"]), None), f"\x1b[1;{message.x + 1}R")
    return message


def _with_raw(event: events.Key, raw: str) -> events.Key:
    event.raw = raw  # type: ignore[attr-defined]
    return event


class RawKeyDriver(LinuxDriver):
    """Reads keys with the parser above, and an escape that is alone no later than need be."""

    key_at = -1.0
    """When a key was read last, by `time.perf_counter`."""

    @property
    def output_waits(self) -> bool:
        """Whether the outer terminal has not even begun to read what was painted last."""
        writer = self._writer_thread
        return writer is not None and writer._queue.qsize() > WRITES

    def send_message(self, message: Message) -> None:
        """Hand a message to the program, without a task for each."""
        self._loop.call_soon_threadsafe(self._arrived, message)

    def _arrived(self, message: Message) -> None:
        # The event loop may have been busy; only now can the key be worked on.
        self.key_at = time.perf_counter()
        self._app.post_message(message)

    def run_input_thread(self) -> None:
        """Read until the program ends or the terminal is gone."""
        # This thread and the one that writes need little time, but soon; Python's own 5 ms would
        # be waited for at every step of a key's way while the event loop is busy.
        sys.setswitchinterval(SWITCH)
        parser = RawKeyParser(self._debug)
        # A byte that is no UTF-8 must not end the input.
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(parser.patience(PATIENCE)):
                    data = self._read()
                    if not data:
                        self._loop.call_soon_threadsafe(self._app.exit)
                        break
                    if text := decode(data):
                        self._pass_on(parser.feed(text))
                self._pass_on(parser.tick())
        with suppress(EOFError, ParseError):
            list(parser.feed(""))

    def _read(self) -> bytes:
        """What was typed; nothing when the terminal is gone."""
        try:
            return os.read(self.fileno, READ_SIZE)
        except OSError:
            return b""

    def write(self, data: str) -> None:
        """Write to the terminal, while there is one: what waits for it would wait for ever."""
        if self._writer_thread is None or self._writer_thread.is_alive():
            super().write(data)

    def close(self) -> None:
        """Clean up."""
        if self._writer_thread is not None and self._writer_thread.is_alive():
            super().close()

    def _pass_on(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.key_at = time.perf_counter()
            self.process_message(message)


def keep_raw_keys(found: type[Driver]) -> type[Driver]:
    """The driver to use where Textual would take `found`."""
    return RawKeyDriver if found is LinuxDriver else found


class KeepsRawKeys:
    """A mixin for Textual apps with terminals in them. Put it before `App` among the bases."""

    def get_driver_class(self) -> type[Any]:
        """Textual's choice, with the keys kept where that is possible."""
        return keep_raw_keys(super().get_driver_class())  # type: ignore[misc]

    @property
    def output_waits(self) -> bool:
        """Whether painting is ahead of the outer terminal: more would only make all of it late."""
        driver = getattr(self, "_driver", None)
        return isinstance(driver, RawKeyDriver) and driver.output_waits

    @property
    def key_at(self) -> float:
        """When the user did something last, by `time.perf_counter`."""
        driver = getattr(self, "_driver", None)
        return driver.key_at if isinstance(driver, RawKeyDriver) else -1.0
