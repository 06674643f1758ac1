from __future__ import annotations

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bai_tui.widgets.text import (
    Align,
    Cut,
    cell_len,
    fit,
    format_age,
    format_number,
    format_percent,
    format_size,
    pad,
    printable,
    truncate,
    wrap,
)

FAMILY = "👨\u200d👩\u200d👧"
odd_text = st.text(
    st.one_of(
        st.characters(),  # surrogates included
        st.sampled_from("\x00\t\n\x1b\x7f\x9b\u200b\u200d\u200c\u202e\u2066\ufeff\ufe0f\u0301"),
        st.sampled_from("한국어日本語👩🚀🇰é❤[red]"),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain [red]name[/red]", "plain [red]name[/red]"),
        ("[red]x\x1b[2J", "[red]x␛[2J"),
        ("a\tb\r\nc", "a␉b␍␊c"),
        ("\x7f\x00", "␡␀"),
        ("\x9b2J", "<U+009B>2J"),
        ("abc\u202etxt.exe", "abc<U+202E>txt.exe"),
        ("\u2066x\u2069", "<U+2066>x<U+2069>"),
        ("bad\udc80byte", "bad<U+DC80>byte"),
        ("line\u2028break", "line<U+2028>break"),
        ("\ufeffbom\uffff", "<U+FEFF>bom<U+FFFF>"),
        (FAMILY, FAMILY),
        ("a\u200db", "a<U+200D>b"),
        ("end👩\u200d", "end👩<U+200D>"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("한국어 세션", "한국어 세션"),
        ("\ue0a0 icon", "\ue0a0 icon"),
        ("e\u0301", "e\u0301"),
    ],
)
def test_printable(raw: str, shown: str) -> None:
    assert printable(raw) == shown


@given(odd_text)
def test_printable_leaves_nothing_to_act_on(raw: str) -> None:
    shown = printable(raw)
    assert printable(shown) == shown
    shown.encode()  # no lone surrogate is left
    for char in shown:
        assert unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp")
        assert char not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
    # Nothing in a cell may change the width of what stands after it.
    assert cell_len(shown + " |") == cell_len(shown) + 2


@given(odd_text.map(printable), st.integers(-2, 50), st.sampled_from(["end", "middle", "start"]))
def test_truncate_fits_and_keeps_what_it_can(text: str, width: int, cut: Cut) -> None:
    short = truncate(text, width, cut)
    assert cell_len(short) <= max(0, width)
    if cell_len(text) <= width:
        assert short == text
    elif width > 0:
        head, mark, tail = short.partition("…") if "…" not in text else ("", "…", "")
        assert mark == "…"
        assert text.startswith(head)
        assert text.endswith(tail)
        if "…" not in text:
            # At most one wide grapheme is missing.
            assert cell_len(short) >= width - 2


@given(
    odd_text.map(printable),
    st.integers(0, 50),
    st.sampled_from(["left", "right", "center"]),
    st.sampled_from(["end", "middle", "start"]),
)
def test_fit_is_exact(text: str, width: int, align: Align, cut: Cut) -> None:
    assert cell_len(fit(text, width, align, cut)) == width


@pytest.mark.parametrize(
    ("text", "width", "cut", "short"),
    [
        ("abcdefgh", 5, "end", "abcd…"),
        ("abcdefgh", 5, "start", "…efgh"),
        ("abcdefgh", 5, "middle", "ab…gh"),
        ("abcdefgh", 6, "middle", "abc…gh"),
        ("한국어세션", 6, "end", "한국…"),
        ("한국어세션", 5, "end", "한국…"),
        ("한국어세션", 4, "end", "한…"),
        (FAMILY * 3, 5, "end", FAMILY * 2 + "…"),
        ("abc", 1, "end", "…"),
        ("abc", 0, "end", ""),
    ],
)
def test_truncate_examples(text: str, width: int, cut: Cut, short: str) -> None:
    assert truncate(text, width, cut) == short


def test_pad() -> None:
    assert [pad("한", 5, align) for align in ("left", "right", "center")] == [
        "한   ",
        "   한",
        " 한  ",
    ]


@given(odd_text, st.integers(2, 30))
def test_wrap_lines_fit(text: str, width: int) -> None:
    assert all(cell_len(line) <= width for line in wrap(text, width))


def test_wrap_keeps_words_and_breaks() -> None:
    assert wrap("No sessions. Press n to start one\nnow", 12) == [
        "No sessions.",
        "Press n to",
        "start one",
        "now",
    ]


@pytest.mark.parametrize(
    ("seconds", "age"),
    [
        (None, "-"),
        (float("nan"), "-"),
        (-5, "0s"),
        (0.9, "0s"),
        (59.9, "59s"),
        (60, "1m0s"),
        (9 * 60 + 59, "9m59s"),
        (600, "10m"),
        (3599, "59m"),
        (3600, "1h0m"),
        (86399, "23h"),
        (3 * 86400 + 4 * 3600 + 9, "3d4h"),
        (10 * 86400, "10d"),
        (700 * 86400, "700d"),
        (2.5 * 31_557_600, "2.5y"),
        (1e300, "999y"),
    ],
)
def test_age(seconds: float | None, age: str) -> None:
    assert format_age(seconds) == age


@given(st.floats(allow_nan=False))
def test_age_is_short(seconds: float) -> None:
    assert len(format_age(seconds)) <= 5


@pytest.mark.parametrize(
    ("count", "size"),
    [
        (None, "-"),
        (float("inf"), "-"),
        (0, "0"),
        (1023, "1023"),
        (1024, "1Ki"),
        (1536, "1.5Ki"),
        (10 * 1024, "10Ki"),
        (1024**2 - 1, "1Mi"),
        (int(1.5 * 1024**3), "1.5Gi"),
        (Decimal(512 * 1024**2), "512Mi"),
        (-2048, "-2Ki"),
        (2**70, "1024Ei"),
    ],
)
def test_size(count: float | Decimal | None, size: str) -> None:
    assert format_size(count) == size


@given(st.integers(0, 2**69))
def test_size_is_short_and_close(count: int) -> None:
    text = format_size(count)
    assert len(text) <= 6
    number = float(text.rstrip("KMGTPEi"))
    unit = 1024 ** " KMGTPE".index(text.rstrip("i")[-1]) if text[-1] == "i" else 1
    assert number * unit == pytest.approx(count, rel=0.06, abs=0.5)


def test_size_in_thousands() -> None:
    assert format_size(1_500_000, base=1000) == "1.5M"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (float("nan"), "-"),
        (Decimal("0.50"), "0.5"),
        (1234567, "1,234,567"),
        (-0.001, "0"),
        (2.0, "2"),
        (100, "100"),
    ],
)
def test_number(value: float | Decimal | None, text: str) -> None:
    assert format_number(value) == text


def test_percent() -> None:
    assert [format_percent(value) for value in (None, 0, 7.25, 9.96, 42.4, 100)] == [
        "-",
        "0%",
        "7.2%",
        "10%",
        "42%",
        "100%",
    ]
