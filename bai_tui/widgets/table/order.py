"""Values of any kind made comparable, and places found in a sorted list of keys; pure."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from decimal import Decimal
from typing import Any

__all__ = ["Order"]

Key = Hashable

_NUMBERS = frozenset((int, float, bool, Decimal))


def _placeless(value: Any) -> bool:
    """Whether a value has no place in an order: `None`, and NaN of any kind."""
    try:
        return value is None or bool(value != value)
    except ArithmeticError:  # Decimal("sNaN")
        return True


def _wrapped(value: Any) -> tuple[int, Any]:
    """A form of `value` that compares with the wrapped form of any other value."""
    if _placeless(value):
        return (-1, 0)
    if isinstance(value, (int, float, Decimal)):
        return (0, value)
    if isinstance(value, str):
        return (1, value)
    if isinstance(value, dt.datetime):
        with suppress(ValueError, OverflowError, OSError):  # the first and last years
            return (2, value.timestamp())
    if isinstance(value, (tuple, list)):
        return (3, tuple(map(_wrapped, value)))
    return (4, str(value))


def _family(value: Any) -> object:
    """Values of one family compare without being wrapped; `None` has to be wrapped always."""
    kind = type(value)
    if kind in _NUMBERS:
        return "number"
    if kind is dt.datetime:
        return "time" if value.tzinfo is None else "time with zone"
    return "text" if kind is str else None


class Order:
    """The order of keys by a value of each and, where values are equal, by rank.

    Sorting a whole list runs at the speed of `list.sort` as long as all values are of one
    family (numbers, texts, times); with the first odd value all are wrapped, so that a mixture
    never fails.  Keys without a value (`None`, NaN) come last in either direction.  Finding the
    place of one key costs O(log n) comparisons.
    """

    def __init__(self, value_of: Callable[[Any], Any] | None = None, reverse: bool = False) -> None:
        self.reverse = reverse
        self._value_of = value_of
        self._values: dict[Key, Any] = {}
        self._made_ranks: dict[Key, int] | None = {}
        self._unranked: list[Key] = []
        self._family: object = None
        self._wrap = False
        self._next_rank = 0

    @property
    def _ranks(self) -> dict[Key, int]:
        # Made when first asked for: a list that was loaded and painted has no use for them yet.
        if self._made_ranks is None:
            keys, self._unranked = self._unranked, []
            self._made_ranks = dict(zip(keys, range(len(keys)), strict=True))
        return self._made_ranks

    def _value(self, row: Any) -> Any:
        assert self._value_of is not None
        try:
            value = self._value_of(row)
        except Exception:
            # A row the sort function can't read sorts last; it must not break the table.
            return None
        return None if _placeless(value) else value

    def load(self, keys: Iterable[Key], rows: Iterable[Any]) -> list[Key]:
        """Forget everything, take `keys` (their order is the rank) and return them sorted."""
        order = list(keys)
        self._made_ranks, self._unranked = None, order[:]
        self._next_rank = len(order)
        self._wrap, self._family = False, None
        if self._value_of is None:
            self._values = {}
            return order
        values = [self._value(row) for row in rows]
        families = {_family(value) for value in values if value is not None}
        if len(families) == 1:
            (self._family,) = families
        if families and self._family is None:
            self._wrap = True
            values = [None if value is None else _wrapped(value) for value in values]
        self._values = dict(zip(order, values, strict=True))
        return self._by_value(order)

    def sorted(self, keys: Iterable[Key]) -> list[Key]:
        """Sort keys that are all known."""
        return self._by_value(sorted(keys, key=self._ranks.__getitem__))

    def _by_value(self, by_rank: list[Key]) -> list[Key]:
        if self._value_of is None:
            return by_rank
        values = self._values
        known = [key for key in by_rank if values[key] is not None]
        known.sort(key=values.__getitem__, reverse=self.reverse)
        if len(known) == len(by_rank):
            return known
        return known + [key for key in by_rank if values[key] is None]

    def _wrap_all(self) -> None:
        self._wrap = True
        for key, value in self._values.items():
            if value is not None:
                self._values[key] = _wrapped(value)

    def set(self, key: Key, row: Any) -> bool | None:
        """Take the value of one row.

        Returns:
            Whether the key's place may have changed; `None` when the kinds of values have become
            mixed, so that lists sorted before must be sorted again.  A key that is in a list must
            be taken out of it (`place` finds it) before its value is set.
        """
        new = key not in self._ranks
        if new:
            self._ranks[key] = self._next_rank
            self._next_rank += 1
        if self._value_of is None:
            return new
        value = self._value(row)
        if value is not None:
            family = None if self._wrap else _family(value)
            if not self._wrap and self._family is None:
                self._family = family
            if not self._wrap and (family is None or family != self._family):
                self._wrap_all()
                self._values[key] = _wrapped(value)
                return None
            if self._wrap:
                value = _wrapped(value)
        if not new and self._values[key] == value:
            return False
        self._values[key] = value
        return True

    def would_move(self, key: Key, row: Any) -> bool:
        """Whether `set` with this row would change the key's value (or is its first)."""
        if key not in self._ranks:
            return True
        if self._value_of is None:
            return False
        value = self._value(row)
        old = self._values[key]
        if value is None or old is None:
            return value is not old
        return bool((_wrapped(value) if self._wrap else value) != old)

    def discard(self, key: Key) -> None:
        """Forget a key; it must have left the lists before."""
        self._values.pop(key, None)
        self._ranks.pop(key, None)

    def ranked(self) -> Iterable[Key]:
        """All keys, by rank."""
        # Ranks only grow, and a dictionary keeps the order of insertion.
        return self._ranks.keys()

    def __contains__(self, key: object) -> bool:
        return key in self._ranks

    @property
    def natural(self) -> bool:
        """Whether rows stand in the order they were given in."""
        return self._value_of is None

    def before(self, first: Key, second: Key) -> bool:
        """Whether `first` stands before `second`."""
        if self._value_of is not None:
            one, two = self._values[first], self._values[second]
            if one is None or two is None:
                if one is not two:
                    return two is None
            elif one != two:
                return bool(one > two) if self.reverse else bool(one < two)
        return self._ranks[first] < self._ranks[second]

    def place(self, keys: list[Key], key: Key) -> int:
        """Index of `key` in the sorted list `keys`, or where it would be inserted."""
        if self.natural:
            rank = self._ranks.__getitem__
            return bisect_left(keys, rank(key), key=rank)
        low, high = 0, len(keys)
        while low < high:
            middle = (low + high) // 2
            if self.before(keys[middle], key):
                low = middle + 1
            else:
                high = middle
        return low
