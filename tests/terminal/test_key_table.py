"""Every key of xterm's scheme, from the outer terminal's bytes to those of the program.

Twice: an outer terminal that sends what xterm sends, and one that speaks the kitty protocol with
the flags Textual asks for (disambiguate, all keys as sequences, associated text). Through Textual's
parser in either case. The table is made from xterm's control-sequence document ("PC-Style Function
Keys") and the kitty protocol's own description.
"""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import string
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from textual import constants, events
from textual.app import App

from bai_tui.driver import RawKeyDriver, RawKeyParser
from bai_tui.widgets.terminal.emulator import Modes
from bai_tui.widgets.terminal.keys import encode_key

NORMAL = Modes()
APPLICATION = Modes(application_cursor=True)


class Case(NamedTuple):
    name: str
    legacy: str
    kitty: str
    expected: str
    modes: Modes = NORMAL


SHIFT, ALT, CTRL = 1, 2, 4
COMBINATIONS = [
    (bits, "".join(n for n, b in (("shift-", 1), ("alt-", 2), ("ctrl-", 4)) if bits & b))
    for bits in range(8)
]
CURSOR = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
EDITING = {"insert": 2, "delete": 3, "pageup": 5, "pagedown": 6}
FUNCTION = {5: 15, 6: 17, 7: 18, 8: 19, 9: 20, 10: 21, 11: 23, 12: 24}
SHIFTED = dict(zip("`1234567890-=[]\\;',./", '~!@#$%^&*()_+{}|:"<>?', strict=True))
UNSHIFTED = {after: before for before, after in SHIFTED.items()}
CONTROL = {" ": "\0", "@": "\0", "[": "\x1b", "\\": "\x1c", "]": "\x1d", "^": "\x1e", "_": "\x1f",
           "/": "\x1f", "?": "\x7f"}  # fmt: skip


def kitty(character: str, modifiers: int = 0, text: str = "") -> str:
    """A key in the kitty protocol: the unshifted code, modifiers, and the text if there is any."""
    if character.isupper() or character in UNSHIFTED:
        modifiers |= SHIFT
        character = UNSHIFTED.get(character, character.lower())
    held = f"{modifiers + 1}" if modifiers else ""
    tail = f";{held};{ord(text)}" if text else f";{held}" if held else ""
    return f"\x1b[{ord(character)}{tail}u"


def cases() -> Iterator[Case]:
    for letter in map(chr, range(0x20, 0x7F)):
        yield Case(f"{letter!r}", letter, kitty(letter, text=letter), letter)
        yield Case(f"alt-{letter!r}", f"\x1b{letter}", kitty(letter, ALT), f"\x1b{letter}")
    for letter in string.ascii_lowercase:
        code = chr(ord(letter) & 31)
        yield Case(f"ctrl-{letter}", code, kitty(letter, CTRL), code)
        yield Case(f"alt-ctrl-{letter}", f"\x1b{code}", kitty(letter, ALT | CTRL), f"\x1b{code}")
    for letter, code in CONTROL.items():
        yield Case(f"ctrl-{letter!r}", code, kitty(letter, CTRL), code)
    for letter in "éßñ한字я🙂":
        yield Case(letter, letter, kitty(letter, text=letter), letter)
    for modes, introducer in ((NORMAL, "\x1b["), (APPLICATION, "\x1bO")):
        for name, final in CURSOR.items():
            # The outer terminal's own mode is never switched.
            yield Case(name, f"\x1b[{final}", f"\x1b[{final}", f"{introducer}{final}", modes)
    for bits, prefix in COMBINATIONS:
        if bits:
            for name, final in CURSOR.items():
                same = f"\x1b[1;{bits + 1}{final}"
                yield Case(prefix + name, same, same, same, APPLICATION)
        for name, number in EDITING.items():
            same = f"\x1b[{number};{bits + 1}~" if bits else f"\x1b[{number}~"
            yield Case(prefix + name, same, same, same)
        for index, final in enumerate("PQRS", 1):
            wanted = f"\x1b[1;{bits + 1}{final}" if bits else f"\x1bO{final}"
            theirs = f"\x1b[1;{bits + 1}{final}" if bits else f"\x1b[{final}"
            if final == "R":  # would be the report of a position
                theirs = f"\x1b[13;{bits + 1}~" if bits else "\x1b[13~"
            yield Case(f"{prefix}f{index}", wanted, theirs, wanted)
        for index, number in FUNCTION.items():
            same = f"\x1b[{number};{bits + 1}~" if bits else f"\x1b[{number}~"
            yield Case(f"{prefix}f{index}", same, same, same)
    for name, number, byte in (("enter", 13, "\r"), ("tab", 9, "\t"), ("escape", 27, "\x1b"),
                             ("backspace", 127, "\x7f")):  # fmt: skip
        yield Case(name, byte, f"\x1b[{number}u", byte)
        if name != "escape":
            yield Case(f"alt-{name}", f"\x1b{byte}", f"\x1b[{number};3u", f"\x1b{byte}")
    yield Case("shift-tab", "\x1b[Z", "\x1b[9;2u", "\x1b[Z")
    yield Case("shift-enter", "\r", "\x1b[13;2u", "\r")
    yield Case("ctrl-enter", "\r", "\x1b[13;5u", "\r")
    yield Case("ctrl-backspace", "\x08", "\x1b[127;5u", "\x08")


CASES = list(cases())


def events_of(data: str) -> list[events.Key]:
    """What Textual makes of the bytes of one key press, also when it has to wait for more."""
    parser = RawKeyParser()
    found = [event for event in parser.feed(data) if isinstance(event, events.Key)]
    if parser.patience(9.0) < 9.0:
        parser._timeout_time = time.monotonic() - 1
        found += [event for event in parser.tick() if isinstance(event, events.Key)]
    return found


def sent(data: str, modes: Modes) -> bytes:
    return b"".join(
        encode_key(event.key, event.character, modes, getattr(event, "raw", None))
        for event in events_of(data)
    )


def test_the_table_is_large_enough() -> None:
    assert len(CASES) > 322


@pytest.mark.parametrize("world", ["legacy", "kitty"])
def test_every_key(world: str) -> None:
    wrong = {
        case.name: (getattr(case, world), result)
        for case in CASES
        if (result := sent(getattr(case, world), case.modes)) != case.expected.encode()
    }
    assert not wrong


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("\x1b[1~", b"\x1bOH"),  # the Linux console and tmux
        ("\x1b[4~", b"\x1bOF"),
        ("\x1b[[A", b"\x1bOP"),
        ("\x1b[57441;2u", b""),  # shift alone
        ("\x1b[99;9u", b""),  # super+c belongs to the desktop
        ("\x1b[27u", b"\x1b"),
    ],
)
def test_other_terminals(raw: str, expected: bytes) -> None:
    assert sent(raw, APPLICATION) == expected


def test_the_keypad_when_the_program_asked() -> None:
    application = Modes(application_keypad=True)
    assert sent("\x1b[57413;;43u", NORMAL) == b"+"
    assert sent("\x1b[57413u", application) == b"\x1bOk"
    assert sent("\x1b[57414u", application) == b"\x1bOM"
    assert sent("\x1b[57404;129;53u", application) == b"5"


def test_an_escape_alone_does_not_wait_long() -> None:
    parser = RawKeyParser()
    assert list(parser.feed("\x1b")) == []
    assert parser.patience(9.0) <= constants.ESCAPE_DELAY


PAINTING_APP = """
from textual.app import App
from textual.widgets import Static
from bai_tui.driver import KeepsRawKeys
class Painting(KeepsRawKeys, App):
    def compose(self):
        yield Static()
    def on_mount(self):
        self.number = 0
        self.set_interval(1 / 60, self.paint)
    def paint(self):
        self.number += 1
        self.query_one(Static).update(f"picture {self.number}")
Painting().run()
"""


def test_the_program_ends_with_its_terminal_even_if_no_signal_says_so() -> None:
    master, slave = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-c", PAINTING_APP],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    os.close(slave)
    shown = b""
    while b"picture" not in shown:
        shown += os.read(master, 65536)
    os.close(master)
    try:
        program.wait(20)
    finally:
        program.kill()


async def test_a_key_is_as_old_as_the_program_knows_it() -> None:
    driver = RawKeyDriver(App[None]())
    read = time.perf_counter()
    driver.send_message(events.Key("a", "a"))
    while (busy_until := time.perf_counter()) < read + 0.02:
        pass
    await asyncio.sleep(0)
    assert driver.key_at >= busy_until


@pytest.mark.parametrize(("code", "button"), [(0, 1), (2, 3), (128, 8), (129, 9)])
def test_buttons_beyond_the_wheel_keep_their_number(code: int, button: int) -> None:
    [event] = RawKeyParser().feed(f"\x1b[<{code};3;4M")
    assert isinstance(event, events.MouseDown)
    assert (event.button, event.x, event.y) == (button, 2, 3)
