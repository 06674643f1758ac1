"""What holds for any bytes: nothing raises, pieces never matter, rows measure their width."""

from __future__ import annotations

import gc
import time
import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from bai_tui.widgets.terminal._rows import MAX_CLUSTERS
from bai_tui.widgets.terminal._stream import CACHE
from bai_tui.widgets.terminal._width import DROPPED
from bai_tui.widgets.terminal.emulator import Emulator
from tools import fuzz_terminal

RECORDED = [path.read_bytes() for path in Path(__file__).with_name("recordings").glob("*.bin")]
NUMBERS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 20, 25, 45, 47, 66, 69, 1004, 1045, 1047, 1048, 1049,
           2026, 99999]  # fmt: skip

MANY_LOOKS = "".join(f"a\x1b[3{n}m\x1b[4{n}mbc\x1b[1;38;2;{n};2;3md\x1b[m" for n in range(8))

fragments = st.one_of(
    st.sampled_from(
        ["a", "xyz", "hello world ", "안", "한국어", "👩\u200d💻", "❤\ufe0f", "\u200d", "\ufe0f",
         "e\u0301", "🇰🇷", "\U00100001", "\u202e", "\r\n", "\n", "\r", "\t", "\x08", "\x1b", "\x1b[",
         "\x1b]", "\x1bP", "\x07", "\x18", "\x1a", "\x1b\\", "\x0e", "\x0f", "\x1b(0", "\x1b*0",
         "\x1bN", "\x1bO", "\x1b6", "\x1b9", "\x1bM", "\x1bD", "\x1bE", "\x1b7", "\x1b8", "\x1bc",
         "\x1b#8", "\x1bV", "\x1bW", "\x9b", "\x7f", "\x1b[2b", "\x1b[?69h\x1b[2;5s", "\x1b[2;4r",
         "\x1b]8;;http://a\x07", "\x1b]4;1;#123456\x07", "\x1b]11;?\x07", "\x1bP$qm\x1b\\",
         "\x1b]133;A\x07", "\x1b]2;title\x18", "\x1b[" + "1;" * 127, "\x1b[\n" + "3" * 254, "m",
         "line\r\n" * 12, "안\tb\r\n" * 12, MANY_LOOKS]
    ).map(str.encode),
    st.builds(
        lambda p, n, i, f: f"\x1b[{p}{';'.join(map(str, n))}{i}{f}".encode(),
        st.sampled_from(["", "", "?", ">", "=", "<"]),
        st.lists(st.sampled_from(NUMBERS), max_size=7),
        st.sampled_from(["", "", " ", "!", "$", '"', "'", "*"]),
        st.integers(0x40, 0x7E).map(chr),
    ),
    st.binary(max_size=6),
    st.builds(
        lambda data, start, size: data[start % len(data) :][:size],
        st.sampled_from(RECORDED),
        st.integers(0, 20_000),
        st.integers(0, 200),
    ),
)  # fmt: skip


def picture(emulator: Emulator) -> object:
    """Everything that can be seen or asked."""
    lines = [emulator.line(y) for y in range(-emulator.history_size, emulator.lines)]
    screen = emulator.screen
    return (
        [(line.runs(), line.wrapped, line.mark) for line in lines],
        (emulator.display, emulator.history, emulator.cursor, emulator.scrolled),
        (emulator.title, emulator.bell, emulator.modes, emulator.hyperlinks),
        (screen.pen, screen.pending, screen.mode, screen.charsets, screen.tabstops, screen.saved),
        (screen.top, screen.bottom, screen.left, screen.right, screen.titles),
    )


def check_rows(emulator: Emulator) -> None:
    columns = emulator.columns
    assert len(emulator.display) == emulator.lines
    for y in range(-emulator.history_size, emulator.lines):
        line = emulator.line(y)
        assert len(line.chars) == len(line.attrs) == columns
        assert cell_len(line.text) == columns
        assert "".join(text for text, _ in line.runs()) == line.text
    x, y = emulator.cursor
    assert 0 <= x < columns
    assert 0 <= y < emulator.lines


@settings(max_examples=400)
@given(
    st.lists(fragments, max_size=40),
    st.lists(st.integers(0, 600), max_size=12),
    st.integers(1, 14),
    st.integers(1, 6),
    st.lists(st.tuples(st.integers(1, 16), st.integers(1, 7)), max_size=3),
)
def test_any_bytes_in_any_pieces(
    parts: list[bytes],
    cuts: list[int],
    columns: int,
    lines: int,
    sizes: list[tuple[int, int]],
) -> None:
    data = b"".join(parts)
    whole, cut = Emulator(columns, lines, 20), Emulator(columns, lines, 20)
    whole.feed(data)
    edges = sorted({0, len(data), *(c for c in cuts if c < len(data))})
    for start, stop in pairwise(edges):
        cut.feed(data[start:stop])
    assert picture(cut) == picture(whole)
    assert cut.replies() == whole.replies()
    assert cut.in_sequence == whole.in_sequence
    check_rows(whole)
    for size in sizes:
        whole.resize(*size)
        check_rows(whole)
        assert whole.history_size <= 20
        whole.feed(b"z\x1b[A")
        check_rows(whole)


@pytest.mark.parametrize("text", ["\x1b]11;?\x07", "\x1b]11;?\x1b\\", "\x1b[?7l漢字\x1b[G\x1b[b",
                                  "12345678\x1b[?69h\x1b[3;8s\x1b[4h漢字a"])  # fmt: skip
def test_byte_by_byte_is_the_same(text: str) -> None:
    columns = 2 if len(text) < 15 else 8
    whole, cut = Emulator(columns, 2), Emulator(columns, 2)
    whole.feed(text.encode())
    for byte in text.encode():
        cut.feed(bytes([byte]))
    assert picture(cut) == picture(whole)
    assert cut.replies() == whole.replies()


@settings(max_examples=150, deadline=None)
@given(
    st.text("ab안é\u0301\u200d", max_size=20),
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "",
                    "0",
                    "1",
                    "31",
                    "44",
                    "7;4:3",
                    "38;5;9",
                    "48;2;1;2;300",
                    "22;39",
                    "38;2;9;8;7",
                    "38;2;1;2;3;48;2;4;5;6",
                    "1;" * 125,
                    "1;" * 140,
                ]
            ),
            st.sampled_from(["", "a", "word ", "안녕", "e\u0301", "\u200d", "漢", "x" * 12]),
        ),
        min_size=5,
        max_size=14,
    ),
    st.sampled_from(["", "\x1b[?7l", "\x1b[4h", "\x1b[?69h\x1b[2;5s", "\x1b(0", "\x1b[2;1H"]),
    st.sampled_from(["", "\x1b[2b", "\x1b[K", "\r\n"]),
)
def test_text_with_many_looks_is_the_same_as_its_pieces(
    before: str, pieces: list[tuple[str, str]], state: str, after: str
) -> None:
    text = state + before + "".join(f"\x1b[{look}m{words}" for look, words in pieces) + after
    whole, cut = Emulator(9, 3), Emulator(9, 3)
    whole.feed(text.encode())
    for character in text:
        cut.feed(character.encode())
    assert picture(cut) == picture(whole)
    assert whole.screen.last[-1:] == cut.screen.last[-1:]
    check_rows(whole)


def test_a_moment_of_the_fuzzer() -> None:
    assert fuzz_terminal.main(1, 77_000) == 0


@settings(max_examples=200)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30))
def test_text_takes_the_cells_that_rich_counts(text: str) -> None:
    emulator = Emulator(100, 2)
    emulator.feed(f"x{text}".encode())
    kept = "".join(character for character in f"x{text}" if character not in DROPPED)
    assert emulator.cursor[0] == cell_len(f"x{text}")
    assert cell_len(emulator.display[0]) == 100
    if "\u200d" not in kept:
        assert emulator.display[0].rstrip(" ") == kept.rstrip(" ")


@settings(max_examples=100)
@given(st.lists(st.sampled_from(["", "word", "a\tb", "x" * 25, "한글", "e\u0301"]), max_size=40),
       st.integers(1, 60))  # fmt: skip
def test_floods_of_lines_are_the_same_as_lines_one_by_one(lines: list[str], size: int) -> None:
    data = "".join(f"{line}\r\n" for line in lines).encode()
    flood, slow = Emulator(10, 3, 15), Emulator(10, 3, 15)
    flood.feed(data)
    for start in range(0, len(data), size):
        slow.feed(data[start : start + size])
    assert picture(flood) == picture(slow)


def test_a_plain_line_of_scrollback_costs_at_most_200_bytes() -> None:
    lines = 10_000
    data = b"".join(b"%-79d#\r\n" % number for number in range(lines))
    Emulator(80, 24, 10).feed(data[:10_000])
    gc.collect()
    tracemalloc.start()
    emulator = Emulator(80, 24, lines)
    for start in range(0, len(data), 16_384):
        emulator.feed(data[start : start + 16_384])
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert emulator.history_size > lines - 30
    assert used / emulator.history_size <= 200


def test_memory_has_bounds() -> None:
    emulator = Emulator(80, 24, 100)
    screen = emulator.screen
    for number in range(MAX_CLUSTERS + 2000):
        code = 0x4E00 + number % 20_000
        emulator.feed(f"{chr(code)}{chr(0x300 + number % 90)}\r\n".encode())
    assert len(screen.clusters.texts) <= MAX_CLUSTERS + 1
    assert "\u0300" <= emulator.display[-2].rstrip()[-1] <= "\u0370", "stand-ins were freed"
    for number in range(12_000):
        emulator.feed(b"\x1b[%d;%dH\x1b[38;5;%dm" % (number, number % 97, number))
        emulator.feed(b"\x1b[38;2;%d;%d;%dmx" % (number % 256, number % 255, number % 254))
    assert len(emulator._stream._actions) <= CACHE
    for _ in range(40):
        emulator.feed(b"\x1b]0;" + b"x" * 65_536)
    assert emulator._stream._size < 3 << 20
    emulator.feed(b"\x1b[6n" * 10_000)
    assert len(emulator.replies()) <= 4096


@pytest.mark.parametrize(
    "text",
    ["\x1b[999999999b", "x\x1b[99999b", "\x1b[999999999S", "\x1b[99999T", "\x1b[99999999999L",
     "\x1b[99999M", "\x1b[999999999@", "\x1b[99999P", "\x1b[99999X", "\x1b[999999999I",
     "\x1b[99999Z", "\x1b[99999'}", "\x1b[99999'~", "\x1b[99999 @", "\x1b[99999 A",
     "\x1b[8;9999;9999t", "\x1b[65;1;1;99999;99999$x", "\x1b[1;1;99999;99999$z",
     "\x1b[1;1;99999;99999;1;2;2;1$v", "\x1b[1;1;99999;99999;1$r", "\x1b[?1045h\x1b[99999D",
     "\x1b[1;1;1;1;99999;99999*y", "\x1b[?" + "1049;" * 40 + "h", "\x1b[" + "1;" * 120 + "m"],
)  # fmt: skip
def test_no_sequence_costs_more_than_the_screen(text: str) -> None:
    emulator = Emulator(80, 24, 100)
    began = time.process_time()
    for _ in range(100):
        emulator.feed(text.encode())
    # A sequence that looks at each of the 1920 cells takes a millisecond or two.
    assert time.process_time() - began < 100 * 0.02
    check_rows(emulator)
    assert (emulator.columns, emulator.lines) == (80, 24)


def test_pieces_of_a_long_string_are_not_read_again_and_again() -> None:
    emulator = Emulator(80, 24)
    began = time.process_time()
    emulator.feed(b"\x1b]2;")
    for _ in range(20_000):
        emulator.feed(b"y" * 40)
    emulator.feed(b"\x07ok")
    assert time.process_time() - began < 3
    assert emulator.title == "y" * 512
    assert emulator.display[0].startswith("ok")
