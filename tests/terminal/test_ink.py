"""Lines written as sequences at once look as Textual would have painted them."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from textual.color import Color
from textual.filter import ANSIToTruecolor, LineFilter, Monochrome
from textual.strip import Strip

from bai_tui.widgets.terminal import _ink
from bai_tui.widgets.terminal._ink import Inks, Painted
from bai_tui.widgets.terminal._styles import CURSORS, strip_of
from bai_tui.widgets.terminal.emulator import Attr, Emulator, Row

BASE = Style(color="#e0e0e0", bgcolor="#121212")
BACK = Color.parse("#121212")
COLUMNS = 40
LOOKS = [
    b"\x1b[m", b"\x1b[1m", b"\x1b[2m", b"\x1b[7m", b"\x1b[8m", b"\x1b[4m", b"\x1b[21m",
    b"\x1b[9;53;5m", b"\x1b[31m", b"\x1b[42m", b"\x1b[97;100m", b"\x1b[38;5;200m",
    b"\x1b[48;2;1;2;3m", b"\x1b[39m",
]  # fmt: skip
TEXTS = [b"words ", b"#", "안녕".encode(), "e\u0301🙂".encode(), b"          "]


def inks(reverse: bool = False, *filters: LineFilter) -> Inks:
    return Inks(BASE, reverse, filters, BACK, ColorSystem.TRUECOLOR)


def cells(sequences: str) -> list[tuple[str, Attr]]:
    """What a terminal makes of them."""
    terminal = Emulator(COLUMNS + 1, 1)
    terminal.feed(sequences.encode())
    row = terminal.line(0)
    assert terminal.modes == Emulator(COLUMNS + 1, 1).modes
    return list(zip(row.chars, row.attrs, strict=True))[:COLUMNS]


def as_textual_does(row: Row, made: Inks, cursor: tuple[int, str] | None = None) -> str:
    strip = strip_of(row, COLUMNS, BASE, reverse=made.reverse, cursor=cursor)
    console = Console(file=io.StringIO(), color_system="truecolor", force_terminal=True)
    return Strip(made.filtered(list(strip)), COLUMNS).render(console)


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(LOOKS + TEXTS), max_size=25),
    st.booleans(),
    st.sampled_from([(), (ANSIToTruecolor(DEFAULT_TERMINAL_THEME),), (Monochrome(),)]),
    st.none() | st.tuples(st.integers(0, COLUMNS - 1), st.sampled_from([*CURSORS])),
)
def test_a_line_looks_as_its_segments(
    parts: list[bytes],
    reverse: bool,
    filters: tuple[LineFilter, ...],
    cursor: tuple[int, str] | None,
) -> None:
    terminal = Emulator(COLUMNS, 3)
    terminal.feed(b"\x1b[?7l" + b"".join(parts))
    made = inks(reverse, *filters)
    for y in range(2):
        row = terminal.line(y)
        expected = as_textual_does(row, made, cursor)
        # Twice: the second time all sequences are known.
        assert cells(made.write(row, cursor)) == cells(made.write(row, cursor)) == cells(expected)


def test_only_what_differs_is_written() -> None:
    terminal = Emulator(COLUMNS, 1)
    terminal.feed(b"\x1b[31;44ma\x1b[32mb\x1b[1mc")
    written = inks().write(terminal.line(0))
    assert written.startswith("\x1b[0;31;44ma\x1b[32mb\x1b[0;1;32;44mc\x1b[0;")
    assert written.endswith("\x1b[0m")


def test_colours_are_those_the_outer_terminal_has() -> None:
    terminal = Emulator(COLUMNS, 1)
    terminal.feed(b"\x1b[38;2;255;0;0;44mred")
    written = Inks(BASE, False, (), BACK, ColorSystem.EIGHT_BIT).write(terminal.line(0))
    assert written.startswith("\x1b[0;38;5;196;44mred")


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ink, "PAIRS", 100)
    made = inks()
    terminal = Emulator(COLUMNS, 1)
    for shade in range(50):
        text = "".join(f"\x1b[38;2;{shade};{n};0m#" for n in range(COLUMNS))
        terminal.feed(b"\r" + text.encode())
        assert f"38;2;{shade};7;0m" in made.write(terminal.line(0))
        assert len(made._sequences) <= 100


def test_segments_are_made_when_someone_asks() -> None:
    asked = []

    def make() -> list[Segment]:
        asked.append(True)
        return [Segment("one "), Segment("two ")]

    line = Painted("sequences", 8, make)
    console = Console(file=io.StringIO())
    assert line.render(console) == "sequences"
    assert line.divide([8]) == [line]
    assert not asked
    left, right = line.divide([4, 8])
    assert (left.text, right.text, line.crop(4, 7).text) == ("one ", "two ", "two")
    assert Strip.join([line, line]).text == "one two one two "
    assert len(asked) == 1


def test_colours_a_program_changed_are_written() -> None:
    terminal = Emulator(COLUMNS, 1)
    terminal.feed(b"\x1b[31mred")
    made: Inks | None = None

    def written() -> str:
        nonlocal made
        palette = terminal.colors.changes
        made = Inks.of(made, BASE, False, (), BACK, ColorSystem.TRUECOLOR, palette)
        return made.write(terminal.line(0))

    before = written()
    assert ";31;" in before
    terminal.feed(b"\x1b]4;1;rgb:12/34/56\x1b\\")
    assert "38;2;18;52;86" in written()
    terminal.feed(b"\x1b]104\x1b\\")
    assert written() == before
