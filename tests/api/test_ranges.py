"""Range expressions: the manual's three kinds, their product, and bad input."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bai_tui.api.ranges import MAX_CASES, RangeExpression, RangeExpressionError, fill, product


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x=case:a", ("a",)),
        ("x=case:a,b, c", ("a", "b", " c")),
        ("x=case:", ("",)),
        ("x=case:a=b,c:d", ("a=b", "c:d")),
        ("x=linspace:1,2,3", ("1.0", "1.5", "2.0")),
        ("x=linspace:0,1,5", ("0.0", "0.25", "0.5", "0.75", "1.0")),
        ("x=linspace:2,1,3", ("2.0", "1.5", "1.0")),
        ("x=linspace:7,9,1", ("7.0",)),
        ("x=linspace:1e-3,2e-3,2", ("0.001", "0.002")),
        ("x=linspace:0,1,4", ("0.0", "0.333333333333", "0.666666666667", "1.0")),
        ("x=linspace:0.1,1,10", (*(f"0.{n}" for n in range(1, 10)), "1.0")),
        ("x=linspace:0,3,1025", tuple(str(3 * n / 1024) for n in range(1025))),
        (
            "x=linspace:1000000000000.1,1000000000000.2,4",
            ("1000000000000.1", "1000000000000.133333", "1000000000000.166667", "1000000000000.2"),
        ),
        ("x=range:1,4", ("1", "2", "3")),
        ("x=range:1,10,4", ("1", "5", "9")),
        ("x=range:3,0,-1", ("3", "2", "1")),
    ],
)
def test_values(text: str, values: tuple[str, ...]) -> None:
    assert RangeExpression.parse(text) == RangeExpression("x", values)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "NAME="),
        ("x", "NAME="),
        ("1x=case:a", "identifier"),
        ("a-b=case:a", "identifier"),
        ("x=cases:a", "expected"),
        ("x=case", "expected"),
        ("x=linspace:1,2", "three values"),
        ("x=linspace:1,b,3", "'b' is not a number"),
        ("x=linspace:1,nan,3", "out of range"),
        ("x=linspace:0,1e999999,3", "out of range"),
        ("x=linspace:1,2,0", "between 1 and"),
        ("x=linspace:1,2,1000001", "between 1 and"),
        ("x=range:1", "two or three"),
        ("x=range:1,2,3,4", "two or three"),
        ("x=range:1,5,0", "must not be 0"),
        ("x=range:5,1", "empty"),
        ("x=range:1,2.5", "not an integer"),
        ("x=range:0,1_0", "not an integer"),
        ("x=range:0,99999999999", "more than"),
    ],
)
def test_bad_expressions_say_why(text: str, reason: str) -> None:
    with pytest.raises(RangeExpressionError, match=reason) as caught:
        RangeExpression.parse(text)
    assert repr(text) in str(caught.value)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        expression = RangeExpression.parse(text)
    except RangeExpressionError:
        return
    assert 1 <= len(expression.values) <= MAX_CASES


numbers = st.decimals(min_value=-(10**6), max_value=10**6, places=4)


@given(numbers, numbers, st.integers(2, 50))
def test_linspace_is_exact_where_that_ends_and_else_right_to_twelve_digits(
    start: Decimal, stop: Decimal, count: int
) -> None:
    texts = RangeExpression.parse(f"x=linspace:{start},{stop},{count}").values
    values = [Fraction(text) for text in texts]
    first, last = Fraction(start), Fraction(stop)
    assert (values[0], values[-1], len(values)) == (first, last, count)
    assert len(set(values)) == (count if first != last else 1)
    for place, (text, value) in enumerate(zip(texts, values, strict=True)):
        exact = first + (last - first) * place / (count - 1)
        if 10**28 % exact.denominator == 0:  # an end after so many places
            assert value == exact
        else:
            assert abs(value - exact) <= abs(exact) * Fraction(1, 2 * 10**11)
            digits = text.replace(".", "").lstrip("-0")
            assert len(digits) <= 12 + 6  # more only where they are close together


@given(st.lists(st.lists(st.text(), min_size=1, max_size=4), max_size=4))
def test_product_has_every_combination_once(values: list[list[str]]) -> None:
    ranges = [RangeExpression(f"v{i}", tuple(v)) for i, v in enumerate(values)]
    cases: list[Any] = list(product(ranges))
    assert len(cases) == math.prod(len(v) for v in values)
    assert all(list(case) == [r.name for r in ranges] for case in cases)


def test_product_refuses_two_ranges_of_one_name_and_too_many_cases() -> None:
    one = RangeExpression("a", ("1",))
    with pytest.raises(RangeExpressionError, match="two ranges for a"):
        product([one, one])
    wide = [RangeExpression(f"v{i}", tuple("x" * 100)) for i in range(3)]
    with pytest.raises(RangeExpressionError, match="1,000,000 combinations"):
        product(wide)


def test_fill() -> None:
    assert fill("echo $a ${b}c $$HOME", {"a": "1", "b": "2"}) == "echo 1 2c $HOME"
    with pytest.raises(RangeExpressionError, match=r"no range for \$c \(known: a\)"):
        fill("$c", {"a": "1"})
    with pytest.raises(RangeExpressionError, match=r"write \$\$"):
        fill("5 $ more", {})
