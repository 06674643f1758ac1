"""The terminal engine against the public standards (ECMA-48, DEC manuals, xterm's sequences)."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from bai_tui.widgets.terminal.emulator import (
    BOLD,
    DEFAULT,
    ITALIC,
    REVERSE,
    RGB,
    Attr,
    Emulator,
)


def play(text: str | bytes, columns: int = 10, lines: int = 4, scrollback: int = 100) -> Emulator:
    emulator = Emulator(columns, lines, scrollback)
    emulator.feed(text if isinstance(text, bytes) else text.encode())
    return emulator


def shown(emulator: Emulator) -> list[str]:
    return [line.rstrip() for line in emulator.display]


@pytest.mark.parametrize(
    ("text", "expected", "cursor"),
    [
        ("ab\r\ncd", ["ab", "cd"], (2, 1)),
        ("0123456789", ["0123456789"], (9, 0)),
        ("0123456789x", ["0123456789", "x"], (1, 1)),
        ("0123456789\r\nx", ["0123456789", "x"], (1, 1)),
        ("\x1b[?7l0123456789xyz", ["012345678z"], (9, 0)),
        ("a\tb", ["a       b"], (9, 0)),
        ("abc\x08X", ["abX"], (3, 0)),
        ("\x1b[2;3Hx", ["", "  x"], (3, 1)),
        ("\x1b[99;99Hx", ["", "", "", "         x"], (9, 3)),
        ("abc\x1b[1;1H\x1b[2@", ["  abc"], (0, 0)),
        ("abcdef\x1b[1;2H\x1b[2P", ["adef"], (1, 0)),
        ("abcdef\x1b[1;2H\x1b[2X", ["a  def"], (1, 0)),
        ("abcdef\x1b[1;3H\x1b[K", ["ab"], (2, 0)),
        ("abcdef\x1b[1;3H\x1b[1K", ["   def"], (2, 0)),
        ("a\r\nb\r\nc\x1b[2;1H\x1b[J", ["a"], (0, 1)),
        ("a\r\nb\r\nc\x1b[2;1H\x1b[1J", ["", "", "c"], (0, 1)),
        ("a\r\nb\r\nc\x1b[1;1H\x1b[L", ["", "a", "b", "c"], (0, 0)),
        ("a\r\nb\r\nc\x1b[1;1H\x1b[M", ["b", "c"], (0, 0)),
        ("a\x1b[3b", ["aaaa"], (4, 0)),
        ("\x1b(0lqk\x1b(Blqk", ["┌─┐lqk"], (6, 0)),
        ("\x1b)0a\x0eqq\x0fq", ["a──q"], (4, 0)),
        ("a\x1b7\x1b[3;3Hx\x1b8b", ["ab", "", "  x"], (2, 0)),
        ("\x1b[2;3r1\r\n2\r\n3\r\n4", ["1", "3", "4"], (1, 2)),
        ("\x1b[2;3r\x1b[?6h\x1b[1;1Hx\x1b[9;1Hy", ["", "x", "y"], (1, 2)),
        ("a\x1bMb", [" b", "a"], (2, 0)),
        ("\x1b[4habc\x1b[1;1HX", ["Xabc"], (1, 0)),
        ("ab\x1b[?1049hcd\x1b[?1049le", ["abe"], (3, 0)),
        ("\x1b#8\x1b[2;2H\x1b[1J", ["", "  EEEEEEEE", "EEEEEEEEEE", "EEEEEEEEEE"], (1, 1)),
        ("\x1b[5Cx\x1b[2Dy", ["    yx"], (5, 0)),
        ("x\x1b[S", [], (1, 0)),
        ("x\x1b[T", ["", "x"], (1, 0)),
    ],
)
def test_screens(text: str, expected: list[str], cursor: tuple[int, int]) -> None:
    emulator = play(text)
    assert shown(emulator) == expected + [""] * (4 - len(expected))
    assert emulator.cursor == cursor


def test_colours_in_every_form() -> None:
    text = (
        "\x1b[1;31ma\x1b[0;38;5;200mb\x1b[38;2;1;2;3mc\x1b[38:2::4:5:6md\x1b[48:5:7me"
        "\x1b[4:3;58:2::7:8:9mf\x1b[mg\x1b[97;7mh"
    )
    emulator = play(text)
    looks = [emulator.cell(x, 0).attr for x in range(8)]
    assert looks[0] == Attr(fg=1, flags=BOLD)
    assert looks[1] == Attr(fg=200)
    assert looks[2].fg == RGB | 0x010203
    assert looks[3].fg == RGB | 0x040506
    assert looks[4].bg == 7
    assert (looks[5].underline, looks[5].underline_color) == (3, RGB | 0x070809)
    assert looks[6] is DEFAULT
    assert looks[7] == Attr(fg=15, flags=REVERSE)


def test_private_sequences_are_not_taken_for_colours() -> None:
    emulator = play("\x1b[>4;2ma\x1b[?4mb\x1b[<1uc")
    assert shown(emulator)[0] == "abc"
    assert all(emulator.cell(x, 0).attr is DEFAULT for x in range(3))


def test_erasing_takes_the_background() -> None:
    emulator = play("\x1b[44;1m\x1b[K")
    assert emulator.cell(5, 0).attr == Attr(bg=4)


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("안녕", ["안", "", "녕", ""]),
        ("e\u0301x", ["e\u0301", "x"]),
        ("👩\u200d💻x", ["👩\u200d💻", "", "x"]),
        ("❤\ufe0fx", ["❤\ufe0f", "", "x"]),
        ("a\ufe0fb", ["a\ufe0f", "b"]),
        ("🇰🇷", ["🇰", "", "🇷", ""] if cell_len("🇰") == 2 else ["🇰", "🇷"]),
    ],
)
def test_wide_and_joined_characters(text: str, cells: list[str]) -> None:
    emulator = play(text)
    assert [emulator.cell(x, 0).text for x in range(len(cells))] == cells
    assert all(cell_len(line) == 10 for line in emulator.display)


def test_text_cannot_turn_round_what_stands_beside_it() -> None:
    emulator = play("a\u202eb\u2066c\u200fd\u200d\u202ee")
    assert shown(emulator)[0] == "abcde"


def test_half_of_a_wide_character_is_never_left() -> None:
    assert shown(play("안녕\x1b[1;2Hx"))[0] == " x녕"
    assert shown(play("안녕\x1b[1;3Hx"))[0] == "안x"
    assert shown(play("\x1b[1;10H안")) == ["", "안", "", ""]
    assert shown(play("안녕\x1b[1;2H\x1b[P"))[0] == " 녕"


def test_scrollback_grows_from_the_main_screen_only() -> None:
    emulator = play("".join(f"{n}\r\n" for n in range(8)))
    assert emulator.history == ["0", "1", "2", "3", "4"]
    emulator.feed(b"\x1b[?1049h" + b"x\r\n" * 20 + b"\x1b[?1049l")
    assert len(emulator.history) == 5
    emulator.feed(b"\x1b[2J")
    assert len(emulator.history) == 5
    emulator.feed(b"\x1b[3J")
    assert emulator.history == []


def test_scrollback_is_bounded_and_keeps_colours() -> None:
    emulator = play("".join(f"\x1b[31m{n}\x1b[m\r\n" for n in range(1000)), scrollback=50)
    assert len(emulator.history) == 50
    assert emulator.line(-1).attrs[0].fg == 1
    assert emulator.line(-1).runs()[0] == ("996", Attr(fg=1))


def test_resize_wraps_anew_and_back() -> None:
    emulator = play("0123456789abcde\r\n$ ")
    emulator.resize(5, 4)
    assert shown(emulator) == ["01234", "56789", "abcde", "$"]
    assert emulator.cursor == (2, 3)
    emulator.resize(20, 4)
    assert shown(emulator)[:2] == ["0123456789abcde", "$"]
    assert emulator.cursor == (2, 1)


@pytest.mark.parametrize("screen", ["main", "alternate", "main below"])
@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((15, 3), ["0123456789X"]),
        ((10, 4), ["0123456789", "X"]),
        ((5, 3), ["01234", "56789", "X"]),
        ((4, 3), ["0123", "4567", "89X"]),
    ],
)
def test_text_goes_on_behind_a_full_line_after_a_resize(
    screen: str, size: tuple[int, int], expected: list[str]
) -> None:
    if screen == "alternate":  # its lines are cut, not wrapped
        expected = [expected[0], "X"] if expected[0][-1] != "X" else expected
    emulator = Emulator(10, 3)
    emulator.feed(b"\x1b[?1049h" * (screen == "alternate") + b"0123456789")
    emulator.feed(b"\x1b[?1049h" * (screen == "main below"))
    emulator.resize(*size)
    emulator.feed(b"\x1b[?1049l" * (screen == "main below") + b"X")
    assert [line.rstrip() for line in emulator.display if line.strip()] == expected


def test_resize_keeps_what_does_not_fit_in_the_scrollback() -> None:
    emulator = play("1\r\n2\r\n3\r\n4")
    emulator.resize(10, 2)
    assert (emulator.history, shown(emulator)) == (["1", "2"], ["3", "4"])
    emulator.resize(10, 4)
    assert (emulator.history, shown(emulator)) == ([], ["1", "2", "3", "4"])


def test_resize_wraps_the_scrollback_anew() -> None:
    emulator = play("0123456789abc\r\n" * 3 + "\r\n" * 5)
    emulator.resize(20, 4)
    assert emulator.history[:3] == ["0123456789abc"] * 3


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("\x1b[c", "\x1b[?64;6;9;15;17;21;22;28c"),
        ("\x1b[>c", "\x1b[>41;354;0c"),
        ("\x1b[5n", "\x1b[0n"),
        ("ab\x1b[6n", "\x1b[1;3R"),
        ("\x1b[?6n", "\x1b[?1;1;1R"),
        ("\x1b[?2026$p", "\x1b[?2026;2$y"),
        ("\x1b[?25$p", "\x1b[?25;1$y"),
        ("\x1b[?9999$p", "\x1b[?9999;0$y"),
        ("\x1b[4h\x1b[4$p", "\x1b[4;1$y"),
        ("\x1b[1;31m\x1bP$qm\x1b\\", "\x1bP1$r0;1;31m\x1b\\"),
        ("\x1bP$qx\x1b\\", "\x1bP0$r\x1b\\"),
        ("\x1b[18t", "\x1b[8;4;10t"),
        ("\x1b]0;secret\x07\x1b[21t", "\x1b]l\x1b\\"),
        ("\x1b]11;?\x07", "\x1b]11;rgb:0000/0000/0000\x07"),
        ("\x1b]4;1;?\x1b\\", "\x1b]4;1;rgb:cdcd/0000/0000\x1b\\"),
        ("\x1b]52;c;?\x07", ""),
    ],
)
def test_answers(question: str, answer: str) -> None:
    emulator = play(question)
    assert emulator.replies().decode() == answer
    assert emulator.replies() == b""


def test_strings_are_not_printed() -> None:
    text = "a\x1b]0;title\x07\x1bP+q5463\x1b\\\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\b"
    emulator = play(text)
    assert shown(emulator)[0] == "ab"
    assert emulator.title == "title"


def test_titles_carry_no_controls_and_no_endless_text() -> None:
    emulator = play("\x1b]2;a\x01b" + "x" * 5000 + "\x1b\\")
    assert emulator.title.startswith("abxxx")
    assert len(emulator.title) <= 512


def test_modes() -> None:
    emulator = play("\x1b[?1;1000;1006;1004;2004;2026h\x1b[?25l\x1b=\x1b[4 q")
    modes = emulator.modes
    assert modes.application_cursor
    assert modes.application_keypad
    assert (modes.mouse, modes.mouse_encoding) == (1000, 1006)
    assert modes.focus
    assert modes.bracketed_paste
    assert modes.synchronized
    assert not modes.cursor_visible
    assert (modes.cursor_shape, modes.cursor_blink) == ("underline", False)
    emulator.feed(b"\x1bc")
    assert emulator.modes.cursor_visible
    assert not emulator.modes.mouse


def test_clipboard_goes_to_whoever_asks_the_user() -> None:
    taken: list[str] = []
    emulator = Emulator(10, 4)
    emulator.feed(b"\x1b]52;c;aGVsbG8=\x07")
    emulator.on_clipboard = taken.append
    emulator.feed(b"\x1b]52;c;aGVsbG8=\x07\x1b]52;c;?\x07\x1b]52;c;***\x07")
    assert taken == ["hello"]


def test_hyperlinks() -> None:
    emulator = play("\x1b]8;;https://example.com\x1b\\ab\x1b]8;;\x1b\\c")
    number = emulator.cell(0, 0).attr.link
    assert emulator.hyperlinks[number] == "https://example.com"
    assert emulator.cell(2, 0).attr.link == 0


def test_dirty_lines() -> None:
    emulator = play("")
    assert emulator.dirty == {0, 1, 2, 3}
    assert emulator.dirty == set()
    emulator.feed(b"\x1b[3;1Hx")
    assert emulator.dirty == {2}


def test_absurd_parameters_cost_no_more_than_the_screen() -> None:
    for text in (
        "\x1b[999999999b",
        "x\x1b[999999999b",
        "\x1b[999999999S",
        "\x1b[99999999999L",
        "\x1b[999999999@",
        "\x1b[999999999I",
        "\x1b[8;9999;9999t",
        "\x1b[;;;;;;;;;H",
    ):
        emulator = play(text * 50)
        assert [cell_len(line) for line in emulator.display] == [10] * 4


def test_endless_strings_are_dropped() -> None:
    emulator = Emulator(10, 4)
    for _ in range(40):
        emulator.feed(b"\x1b]0;" + b"x" * 65536)
    emulator.feed(b"\x07ok")
    assert shown(emulator)[0] == "ok"


def test_cancelled_and_broken_sequences() -> None:
    assert shown(play("a\x1b[31\x18b"))[0] == "ab"
    assert shown(play("a\x1b[3\x1b[1;5Hb"))[0] == "a   b"
    assert shown(play("a\x1b[\n31mb"))[:2] == ["a", " b"]
    assert shown(play(b"a\xff\xc3\x28b"))[0] == "a\ufffd\ufffd(b"
    assert shown(play("a\u009b1;5Hb"))[0] == "a   b"


def test_italic_and_friends_survive_the_scrollback() -> None:
    emulator = play("\x1b[3mitalic\x1b[m\r\n" + "\r\n" * 6)
    assert emulator.line(-emulator.history_size).attrs[0].flags & ITALIC
