"""Keys, pastes and mouse events as xterm sends them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bai_tui.widgets.terminal.emulator import Modes
from bai_tui.widgets.terminal.keys import (
    PASTE_PIECE,
    encode_focus,
    encode_key,
    encode_mouse,
    encode_paste,
)

NORMAL = Modes()
APPLICATION = Modes(application_cursor=True)


@pytest.mark.parametrize(
    ("key", "character", "expected"),
    [
        ("a", "a", "a"),
        ("upper_a", "A", "A"),
        ("é", "é", "é"),
        ("안", "안", "안"),
        ("space", " ", " "),
        ("enter", "\r", "\r"),
        ("tab", "\t", "\t"),
        ("shift+tab", None, "\x1b[Z"),
        ("escape", "\x1b", "\x1b"),
        ("backspace", "\x7f", "\x7f"),
        ("ctrl+h", "\x08", "\x08"),
        ("ctrl+a", "\x01", "\x01"),
        ("ctrl+z", None, "\x1a"),
        ("ctrl+space", None, "\x00"),
        ("ctrl+@", "\x00", "\x00"),
        ("ctrl+backslash", None, "\x1c"),
        ("ctrl+underscore", None, "\x1f"),
        ("ctrl+circumflex_accent", None, "\x1e"),
        ("up", None, "\x1b[A"),
        ("home", None, "\x1b[H"),
        ("shift+up", None, "\x1b[1;2A"),
        ("ctrl+right", None, "\x1b[1;5C"),
        ("alt+ctrl+left", None, "\x1b[1;7D"),
        ("pageup", None, "\x1b[5~"),
        ("ctrl+delete", None, "\x1b[3;5~"),
        ("insert", None, "\x1b[2~"),
        ("f1", None, "\x1bOP"),
        ("f5", None, "\x1b[15~"),
        ("f12", None, "\x1b[24~"),
        ("shift+f2", None, "\x1b[1;2Q"),
        ("ctrl+f6", None, "\x1b[17;5~"),
        ("alt+a", "a", "\x1ba"),
        ("alt+a", None, "\x1ba"),
        ("alt+full_stop", None, "\x1b."),
        ("alt+1", None, "\x1b1"),
        ("alt+enter", None, "\x1b\r"),
        ("alt+backspace", None, "\x1b\x7f"),
        ("alt+ctrl+x", None, "\x1b\x18"),
        ("alt+upper_f", None, "\x1bF"),
        ("alt+minus", None, "\x1b-"),
        ("some_unknown_key", None, ""),
    ],
)
def test_keys(key: str, character: str | None, expected: str) -> None:
    assert encode_key(key, character, NORMAL) == expected.encode()


def test_application_cursor_keys() -> None:
    assert encode_key("up", None, APPLICATION) == b"\x1bOA"
    assert encode_key("home", None, APPLICATION) == b"\x1bOH"
    assert encode_key("shift+up", None, APPLICATION) == b"\x1b[1;2A"


@pytest.mark.parametrize(
    ("raw", "key", "expected"),
    [
        ("\x1bb", "ctrl+left", b"\x1bb"),
        ("\x1b.", "full_stop", b"\x1b."),
        ("\x1b\x7f", "ctrl+w", b"\x1b\x7f"),
        ("\x1b[A", "up", b"\x1bOA"),
        ("\x1b[97;5u", "ctrl+a", b"\x01"),
        ("", "a", b""),
    ],
)
def test_what_the_outer_terminal_sent_wins(raw: str, key: str, expected: bytes) -> None:
    character = key if len(key) == 1 else None
    assert encode_key(key, character, APPLICATION, raw) == expected


@given(st.text(max_size=3000))
def test_a_bracketed_paste_cannot_be_left_from_inside(text: str) -> None:
    pieces = encode_paste(f"{text}\x1b[201~rm -rf\n{text}", Modes(bracketed_paste=True))
    data = b"".join(pieces)
    assert all(len(piece) <= PASTE_PIECE for piece in pieces)
    assert data.startswith(b"\x1b[200~")
    assert data.endswith(b"\x1b[201~")
    assert b"\x1b" not in data[6:-6]
    assert b"\n" not in data


def test_a_plain_paste_ends_lines_as_enter_does() -> None:
    assert b"".join(encode_paste("a\r\nb\nc", NORMAL)) == b"a\rb\rc"
    assert encode_paste("", NORMAL) == []


def test_focus_is_told_when_asked() -> None:
    assert encode_focus(True, NORMAL) == b""
    assert encode_focus(True, Modes(focus=True)) == b"\x1b[I"
    assert encode_focus(False, Modes(focus=True)) == b"\x1b[O"


@pytest.mark.parametrize(
    ("kind", "button", "modes", "expected"),
    [
        ("down", 1, Modes(), b""),
        ("down", 1, Modes(mouse=9), b"\x1b[M !!"),
        ("up", 1, Modes(mouse=9), b""),
        ("down", 1, Modes(mouse=1000, mouse_encoding=1006), b"\x1b[<0;1;1M"),
        ("up", 3, Modes(mouse=1000, mouse_encoding=1006), b"\x1b[<2;1;1m"),
        ("up", 1, Modes(mouse=1000), b"\x1b[M#!!"),
        ("move", 1, Modes(mouse=1000, mouse_encoding=1006), b""),
        ("move", 1, Modes(mouse=1002, mouse_encoding=1006), b"\x1b[<32;1;1M"),
        ("move", 0, Modes(mouse=1002, mouse_encoding=1006), b""),
        ("move", 0, Modes(mouse=1003, mouse_encoding=1006), b"\x1b[<35;1;1M"),
        ("scroll_up", 0, Modes(mouse=1000, mouse_encoding=1006), b"\x1b[<64;1;1M"),
        ("scroll_down", 0, Modes(mouse=1000, mouse_encoding=1015), b"\x1b[97;1;1M"),
        ("scroll_left", 0, Modes(mouse=1000, mouse_encoding=1006), b"\x1b[<66;1;1M"),
        ("scroll_right", 0, Modes(mouse=1003), b"\x1b[Mc!!"),
        ("scroll_left", 0, Modes(alternate=True), b""),
        ("scroll_left", 0, Modes(mouse=9), b""),
        ("down", 8, Modes(mouse=1000, mouse_encoding=1006), b"\x1b[<128;1;1M"),
        ("up", 9, Modes(mouse=1000, mouse_encoding=1006), b"\x1b[<129;1;1m"),
        ("move", 8, Modes(mouse=1002, mouse_encoding=1006), b"\x1b[<160;1;1M"),
        ("up", 8, Modes(mouse=1000), b"\x1b[M#!!"),
        ("down", 8, Modes(mouse=9), b""),
        ("down", 1, Modes(mouse=1000, mouse_encoding=1016), b"\x1b[<0;6;11M"),
        ("scroll_up", 0, Modes(alternate=True), b"\x1b[A\x1b[A\x1b[A"),
        ("scroll_up", 0, Modes(), b""),
    ],
)
def test_mouse(kind: str, button: int, modes: Modes, expected: bytes) -> None:
    assert encode_mouse(kind, button, 0, 0, modes) == expected


def test_mouse_modifiers_and_far_cells() -> None:
    modes = Modes(mouse=1000, mouse_encoding=1006)
    assert encode_mouse("down", 1, 299, 99, modes, shift=True, ctrl=True) == b"\x1b[<20;300;100M"
    assert encode_mouse("down", 1, 299, 99, Modes(mouse=1000)) == b""
    far = encode_mouse("down", 1, 299, 99, Modes(mouse=1000, mouse_encoding=1005))
    assert far.decode() == "\x1b[M " + chr(332) + chr(132)
