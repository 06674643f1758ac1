"""Range expressions of parameter studies: `NAME=case:…`, `NAME=linspace:…`, `NAME=range:…`.

Pure text in, values out (sdk.md 10). What is done with the values is the caller's part; the
product of several ranges and the filling of `$NAME` templates are here, too.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation
from string import Template
from typing import Final

MAX_CASES: Final = 100_000
"""More values than this in one range, or combinations in a product, are taken for a slip."""

ROUNDED: Final = 12
"""Significant digits of numbers that have no end, such as a third."""
EXACT: Final = 28
"""Significant digits up to which numbers that have an end are written out."""
_AS_IT_IS: Final = Context(prec=EXACT, traps=[Inexact])

_KINDS = "case:a,b,c, linspace:start,stop,count or range:start,stop[,step]"
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)


class RangeExpressionError(ValueError):
    """A range expression that cannot be understood; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class RangeExpression:
    """One variable and the values it takes, as the texts that are put in its place.

    >>> RangeExpression.parse("lr=linspace:1,2,3").values
    ('1.0', '1.5', '2.0')
    >>> RangeExpression.parse("n=range:1,7,3").values
    ('1', '4')
    >>> RangeExpression.parse("opt=case:adam,sgd").values
    ('adam', 'sgd')
    """

    name: str
    values: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> RangeExpression:
        """Read `NAME=KIND:ARGUMENTS`.

        Raises:
            RangeExpressionError: no identifier, an unknown kind, bad or too many values.
        """
        name, equals, expression = text.partition("=")
        if not equals or not name.isidentifier():
            raise RangeExpressionError(
                f"{text!r}: expected NAME={_KINDS} with NAME being an identifier"
            )
        kind, colon, arguments = expression.partition(":")
        reader = _READERS.get(kind)
        if not colon or reader is None:
            raise RangeExpressionError(f"{text!r}: expected {_KINDS}")
        try:
            return cls(name, reader(arguments.split(",")))
        except RangeExpressionError as error:
            raise RangeExpressionError(f"{text!r}: {error}") from None


def _case(arguments: Sequence[str]) -> tuple[str, ...]:
    return _bounded(arguments)


def _linspace(arguments: Sequence[str]) -> tuple[str, ...]:
    if len(arguments) != 3:
        raise RangeExpressionError("linspace takes three values: start,stop,count")
    start, stop = (_decimal(argument) for argument in arguments[:2])
    count = _integer(arguments[2])
    if not 1 <= count <= MAX_CASES:
        raise RangeExpressionError(f"the count must be between 1 and {MAX_CASES:,}, not {count}")
    if count == 1:
        return (_text(start),)
    # In whole numbers, so that nothing is lost before the one division of each value.
    (first, below), (last, under) = start.as_integer_ratio(), stop.as_integer_ratio()
    first, last, below = first * under, last * below, below * under * (count - 1)
    finest = _magnitude(last - first, below)
    inner = (
        _quotient(first * (count - 1 - index) + last * index, below, finest)
        for index in range(1, count - 1)
    )
    return (_text(start), *map(_text, inner), _text(stop))


def _range(arguments: Sequence[str]) -> tuple[str, ...]:
    if len(arguments) not in (2, 3):
        raise RangeExpressionError("range takes two or three integers: start,stop[,step]")
    numbers = [_integer(argument) for argument in arguments]
    if len(numbers) == 3 and numbers[2] == 0:
        raise RangeExpressionError("the step must not be 0")
    span = range(*numbers)
    if not span:
        raise RangeExpressionError("the range is empty")
    if len(span) > MAX_CASES:
        raise RangeExpressionError(f"the range has more than {MAX_CASES:,} values")
    return tuple(str(number) for number in span)


_READERS = {"case": _case, "linspace": _linspace, "range": _range}


def _bounded(values: Sequence[str]) -> tuple[str, ...]:
    if len(values) > MAX_CASES:
        raise RangeExpressionError(f"more than {MAX_CASES:,} values")
    return tuple(values)


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise RangeExpressionError(f"{text!r} is not a number") from None
    # An exponent of a million digits is a number, and a way to fill the memory.
    if not value.is_finite() or abs(value.adjusted()) > 300:
        raise RangeExpressionError(f"{text!r} is out of range")
    return value


def _integer(text: str) -> int:
    text = text.strip()
    if not _INTEGER.fullmatch(text) or len(text) > 20:
        raise RangeExpressionError(f"{text!r} is not an integer")
    return int(text)


def _magnitude(dividend: int, divisor: int) -> int:
    """About the power of ten of a quotient's first digit."""
    # Bits, for Python refuses to write numbers of thousands of digits.
    return int((abs(dividend).bit_length() - divisor.bit_length()) * math.log10(2))


def _quotient(dividend: int, divisor: int, finest: int) -> Decimal:
    """Exact where `EXACT` digits are enough for that, else of `ROUNDED` digits.

    More are kept of numbers that lie close together, a step of the magnitude `finest` apart.
    """
    numbers = Decimal(dividend), Decimal(divisor)
    try:
        return _AS_IT_IS.divide(*numbers)
    except Inexact:
        differing = _magnitude(dividend, divisor) - finest
        return Context(prec=ROUNDED + max(0, differing - ROUNDED // 2)).divide(*numbers)


def _text(value: Decimal) -> str:
    """Plain notation with at least one decimal: 1 -> `1.0`, 0.250 -> `0.25`."""
    text = format(value, "f")
    if "." not in text:
        return f"{text}.0"
    whole, fraction = text.split(".")
    return f"{whole}.{fraction.rstrip('0') or '0'}"


def product(ranges: Sequence[RangeExpression]) -> Iterator[dict[str, str]]:
    """Every combination of the ranges' values, the last range varying fastest.

    Without ranges there is one combination, the empty one.

    Raises:
        RangeExpressionError: two ranges for one name, or more than `MAX_CASES` combinations.

    >>> list(product([RangeExpression.parse("a=case:x,y"), RangeExpression.parse("b=range:1,3")]))
    [{'a': 'x', 'b': '1'}, {'a': 'x', 'b': '2'}, {'a': 'y', 'b': '1'}, {'a': 'y', 'b': '2'}]
    """
    names = [expression.name for expression in ranges]
    total = 1
    for expression in ranges:
        total *= len(expression.values)
        if names.count(expression.name) > 1:
            raise RangeExpressionError(f"two ranges for {expression.name}")
    if total > MAX_CASES:
        raise RangeExpressionError(f"{total:,} combinations are more than {MAX_CASES:,}")
    return (
        dict(zip(names, values, strict=True))
        for values in itertools.product(*(expression.values for expression in ranges))
    )


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put values in the place of `$NAME` and `${NAME}`; `$$` stands for one dollar.

    Raises:
        RangeExpressionError: a name without a value, or a dollar that begins nothing.

    >>> fill("python train.py --lr $lr --cost 5$$", {"lr": "0.1"})
    'python train.py --lr 0.1 --cost 5$'
    """
    try:
        return Template(template).substitute(values)
    except KeyError as error:
        known = ", ".join(sorted(values)) or "none"
        raise RangeExpressionError(
            f"{template!r}: no range for ${error.args[0]} (known: {known}); "
            "write $$ for a dollar sign"
        ) from None
    except ValueError:
        raise RangeExpressionError(
            f"{template!r}: a dollar sign must be followed by a name; write $$ for a dollar sign"
        ) from None
