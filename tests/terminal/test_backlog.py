"""Output that waits: order, bounds, and where it may be cut."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bai_tui.widgets.terminal.backlog import Backlog, modes_set, safe_start
from bai_tui.widgets.terminal.emulator import Emulator


@given(st.lists(st.binary(max_size=50), max_size=30), st.integers(1, 100))
def test_nothing_is_lost_below_the_limit(pieces: list[bytes], bite: int) -> None:
    backlog = Backlog()
    for piece in pieces:
        backlog.put(piece)
    taken = []
    while data := backlog.take(bite):
        taken.append(data)
        assert len(data) <= bite
        assert backlog.size == len(b"".join(pieces)) - len(b"".join(taken))
    assert b"".join(taken) == b"".join(pieces)
    assert backlog.skipped == 0


@settings(max_examples=30)
@given(st.lists(st.sampled_from([
    b"a line of text\r\n", b"\x1b[31mred\x1b[0m\r\n", b"\x1b]0;title\nof two lines\x07",
    b"\x1bPq string\nwith\nlines\x1b\\", b"\x1b[?2004h", b"\x1b[?1049h", b"\x1b[?1049l",
    b"\x1b[?25l\x1b[?1;1006h", "안녕 🙂\r\n".encode()]), min_size=40, max_size=300))  # fmt: skip
def test_a_cut_leaves_whole_lines_and_the_right_modes(pieces: list[bytes]) -> None:
    whole, cut = Emulator(80, 24), Emulator(80, 24)
    backlog = Backlog(limit=1000, kept=200)
    for piece in pieces:
        whole.feed(piece)
        backlog.put(piece)
        assert backlog.size <= 1300
    while data := backlog.take(64):
        cut.feed(data)
    assert cut.modes == whole.modes
    shown = "".join(cut.display) + "".join(cut.history)
    assert "title" not in shown
    assert "with" not in shown


def test_what_was_skipped_is_counted() -> None:
    backlog = Backlog(limit=1000, kept=100)
    sent = 0
    for number in range(200):
        line = b"%07d\n" % number
        backlog.put(line)
        sent += len(line)
    skipped = backlog.skipped
    rest = backlog.take(10**6)
    assert skipped > 0
    assert rest.endswith(b"0000199\n")
    assert skipped + len(rest.replace(b"\x18", b"")) == sent


def test_an_interruption_leaves_the_newest_only() -> None:
    backlog = Backlog(limit=10_000, hurried=100)
    for number in range(500):
        backlog.put(b"%07d\n" % number)
    assert backlog.size == 4000
    assert backlog.hurry(True)
    assert backlog.size <= 110
    assert 3800 < backlog.skipped < 4000
    assert not backlog.hurry(True)
    assert backlog.take(10**6).endswith(b"0000499\n")
    backlog.hurry(False)
    backlog.put(b"x" * 5000)
    assert backlog.size == 5000


def test_a_place_to_begin() -> None:
    assert safe_start(b"abc\ndef", 1) == 4
    assert safe_start(b"\x1b]0;one\ntwo\x07rest\nend", 4) == 17
    assert safe_start(b"xxxx\x1b[2Hyyy", 1) == 4
    assert safe_start(b"xxxx", 2) == 2


def test_modes_of_what_was_skipped() -> None:
    assert modes_set(b"\x1b[?1049h..\x1b[?25l..\x1b[?1049l\x1b[?1;1000h") == (
        b"\x1b[?25l\x1b[?1049l\x1b[?1h\x1b[?1000h"
    )
