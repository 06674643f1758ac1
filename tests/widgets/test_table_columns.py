from __future__ import annotations

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bai_tui.widgets.table.columns import GAP, Cell, Column, cell_of, fit_cell, lay_out
from bai_tui.widgets.table.export import to_csv, to_json, to_tsv
from bai_tui.widgets.table.filters import FilterError, Haystacks, parse_filter
from bai_tui.widgets.text import cell_len


def column(key: str, **options: Any) -> Column[Any]:
    return Column(key=key, label=key.upper(), render=lambda row: str(row[key]), **options)


@st.composite
def column_sets(draw: st.DrawFn) -> list[Column[Any]]:
    found = []
    for index in range(draw(st.integers(1, 8))):
        fixed = draw(st.booleans())
        least = draw(st.integers(1, 20))
        found.append(
            column(
                f"c{index}",
                width=least if fixed else None,
                min_width=least,
                max_width=draw(st.one_of(st.none(), st.integers(least, 40))),
                flex=draw(st.sampled_from([0, 0.5, 1, 3])),
                priority=draw(st.sampled_from([10, 20, 50, 100])),
                pinned=draw(st.booleans()),
            )
        )
    return found


@given(column_sets(), st.integers(0, 250), st.integers(0, 3), st.booleans())
def test_layouts(columns: list[Column[Any]], width: int, margin: int, wide: bool) -> None:
    layout = lay_out(columns, width, margin=margin, wide=wide)
    keys = [span.column.key for span in layout.spans]
    assert keys == [c.key for c in columns if c.key in keys]  # the order stays
    assert sorted(keys + list(layout.dropped)) == sorted(c.key for c in columns)
    assert layout.spans
    start = margin
    for span in layout.spans:
        assert span.start == start
        assert span.width >= span.column.least
        if span.column.width is not None:
            assert span.width == span.column.width
        elif span.column.max_width is not None:
            assert span.width <= max(span.column.max_width, span.column.min_width)
        start = span.end + GAP
    assert layout.width == layout.spans[-1].end
    if wide:
        assert not layout.dropped
    elif layout.width > width:
        # Nothing more could be dropped.
        assert len(layout.spans) == 1 or all(s.column.priority >= 100 for s in layout.spans)
    if layout.dropped:
        kept = min(span.column.priority for span in layout.spans)
        by_key = {c.key: c for c in columns}
        assert max(by_key[key].priority for key in layout.dropped) <= kept
    growing = [
        span
        for span in layout.spans
        if span.column.width is None
        and span.column.flex > 0
        and (span.column.max_width is None or span.width < span.column.max_width)
    ]
    if growing and layout.width <= width:
        assert layout.width == width  # no cell is given away


def test_widths_set_by_the_user_are_kept() -> None:
    columns = [column("a"), column("b", width=5), column("c", flex=2)]
    layout = lay_out(columns, 60, widths={"a": 9, "b": 7})
    assert [span.width for span in layout.spans] == [9, 7, 42]


@given(st.text(max_size=30), st.text(max_size=2), st.integers(0, 30))
def test_cells_fit(text: str, glyph: str, width: int) -> None:
    row: dict[str, Any] = {}
    shown = Column[Any](key="a", label="A", render=lambda _row: Cell(text, "", glyph))
    assert cell_len(fit_cell(cell_of(shown, row), width, "left", "end")) == width


def test_a_narrow_cell_keeps_the_glyph() -> None:
    cell = Cell("RUNNING", "success", "●")
    assert [fit_cell(cell, width, "left", "end") for width in (9, 5, 3, 1)] == [
        "● RUNNING",
        "● RU…",
        "●  ",
        "●",
    ]


# -- filters

COLUMNS = [column("name"), column("image"), column("age", live=True), column("extra")]
ROW = {"name": "Train [A] 1", "image": "cr.io/stable/python:3.11", "age": "5m", "extra": "Hidden"}


def found(text: str) -> bool:
    haystacks = Haystacks(COLUMNS, ["name", "image", "age"])
    wanted = parse_filter(text, COLUMNS)
    return not wanted or haystacks.predicate(wanted)(1, ROW)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", True),
        ("   ", True),
        ("train", True),
        ("[a]", True),
        ("train python", True),
        ("train ruby", False),
        ("!train", False),
        ("!ruby", True),
        ("!", True),
        ('"train [a]"', True),
        ('"train  [a]"', False),
        ("python:3.11", True),  # no such column: text
        ("!python:3.12", True),
        ("name:train", True),
        ("NAME:train", True),
        ("name:python", False),
        ("name:", True),  # being typed
        ("name=train", False),
        ('name="train [a] 1"', True),
        ("!image:ruby", True),
        ("image:/py.*3\\.1\\d$/", True),
        ("/^train/", True),
        ("/^python/", False),
        ("/stable/", True),
        ("/stable/python", True),  # a path, not a regular expression
        ("extra:hid", True),  # a hidden column by name
        ("hidden", False),
        ("age:5m", True),
        ("5m", False),
        ("train /1$/ !ruby", True),
    ],
)
def test_filters(text: str, match: bool) -> None:
    assert found(text) is match


def test_a_broken_regular_expression_says_why() -> None:
    with pytest.raises(FilterError, match=r"/\(a/: missing \)"):
        parse_filter("name /(a/", COLUMNS)


@given(st.text("ab !:=/\"'name", max_size=12), st.text('ab !:=/"name', max_size=4))
def test_narrowing_is_never_wrong(text: str, more: str) -> None:
    try:
        first, second = parse_filter(text, COLUMNS), parse_filter(text + more, COLUMNS)
    except FilterError:
        return
    if not second.narrows(first):
        return
    haystacks = Haystacks(COLUMNS, ["name", "image"])
    names = ["a", "b", "ab", "ba b", "name", "na:me", "a/b", 'a"b', "!a", "aab b=", "' a"]
    for key, name in enumerate(names):
        row = {"name": name, "image": "b", "extra": "", "age": ""}
        if haystacks.predicate(second)(key, row):
            assert haystacks.predicate(first)(key, row)


@given(st.text(max_size=30))
def test_any_text_is_a_filter_or_a_filter_error(text: str) -> None:
    try:
        wanted = parse_filter(text, COLUMNS)
    except FilterError:
        return
    if wanted:
        Haystacks(COLUMNS, ["name"]).predicate(wanted)(1, ROW)


# -- export

EXPORTED = [
    column("name"),
    Column[Any](key="n", label="N", render=lambda r: "~1", value=lambda r: r["n"], align="right"),
]
values = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.booleans(),
    st.datetimes(),
    st.lists(st.integers(), max_size=2),
)


@given(st.lists(st.tuples(st.text(max_size=20), values), max_size=5))
def test_csv_and_json_can_be_read_back(data: list[tuple[str, Any]]) -> None:
    rows = [{"name": name, "n": n} for name, n in data]
    text = to_csv(rows, EXPORTED, guard_formulas=False)
    lines = list(csv.reader(io.StringIO(text, newline="")))
    assert lines[0] == ["name", "n"]
    assert [line[0] for line in lines[1:]] == [cell_of(EXPORTED[0], row).text for row in rows]
    assert all(len(line) == 2 for line in lines)
    read = json.loads(to_json(rows, EXPORTED))
    assert [item["name"] for item in read] == [cell_of(EXPORTED[0], row).text for row in rows]
    text.encode()
    tsv = to_tsv(rows, EXPORTED, header=True)
    assert [line.count("\t") for line in tsv.split("\n")] == [1] * (len(rows) + 1)


def test_export_values() -> None:
    time = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    rows = [{"name": "=cmd|' /C calc'!A0", "n": Decimal("1.50")}, {"name": "-5", "n": time}]
    assert to_csv(rows, EXPORTED).splitlines() == [
        "name,n",
        "'=cmd|' /C calc'!A0,1.50",
        "-5,2026-01-02T00:00:00+00:00",
    ]
    assert json.loads(to_json(rows, EXPORTED)) == [
        {"name": "=cmd|' /C calc'!A0", "n": 1.5},
        {"name": "-5", "n": "2026-01-02T00:00:00+00:00"},
    ]
    assert to_tsv([{"name": "a\tb\nc", "n": None}], EXPORTED) == "a␉b␊c\t"
