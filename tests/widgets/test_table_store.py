from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bai_tui.widgets.table.columns import Column
from bai_tui.widgets.table.store import RowStore


@dataclass(frozen=True)
class Item:
    id: int
    value: Any
    note: str = ""


def key_of(item: Item) -> int:
    return item.id


def value_of(item: Item) -> Any:
    return item.value


keys = st.integers(0, 30)
values = st.one_of(
    st.integers(0, 5),
    st.none(),
    st.floats(),
    st.text("ab", max_size=2),
    st.tuples(st.integers(0, 1)),
    st.datetimes(),
)
items = st.builds(Item, keys, st.one_of(st.integers(0, 5), values), st.text("xy", max_size=1))


def naive_order(item: Item) -> tuple[int, Any]:
    """The documented order of values that are not None or NaN."""
    value = item.value
    if isinstance(value, int | float):
        return (0, value)
    if isinstance(value, str):
        return (1, value)
    if isinstance(value, tuple):
        return (3, value)
    return (2, value)


class StoreMachine(RuleBasedStateMachine):
    """The store against a list that is sorted and filtered as a whole after every step."""

    @initialize()
    def start(self) -> None:
        self.store: RowStore[Item] = RowStore(key_of)
        self.ranked: list[Item] = []  # the naive model: rows in the order of their rank
        self.given: list[int] = []
        self.sorted = self.reverse = False
        self.wanted: str | None = None
        self.marks: set[int] = set()

    @rule(rows=st.lists(items, max_size=12))
    def upsert(self, rows: list[Item]) -> None:
        before = {key: self.store.version(key) for key in self.store.rows}
        shown = list(self.store.shown)
        change = self.store.upsert(rows)
        assert change.moved or shown == self.store.shown
        for key, version in before.items():
            assert (self.store.version(key) != version) == (key in change.updated)
        for row in rows:
            self._put(row)

    def _put(self, row: Item) -> None:
        for index, old in enumerate(self.ranked):
            if old.id == row.id:
                self.ranked[index] = row
                return
        self.ranked.append(row)
        self.given.append(row.id)

    @rule(gone=st.lists(keys, max_size=5))
    def remove(self, gone: list[int]) -> None:
        change = self.store.remove(gone)
        assert set(change.removed) == set(gone) & {item.id for item in self.ranked}
        self._drop(set(gone))

    def _drop(self, gone: set[int]) -> None:
        self.ranked = [item for item in self.ranked if item.id not in gone]
        self.given = [key for key in self.given if key not in gone]
        self.marks -= gone

    @rule(rows=st.lists(items, max_size=30))
    def reload(self, rows: list[Item]) -> None:
        shown = list(self.store.shown)
        change = self.store.set_rows(rows)
        assert change.moved or shown == self.store.shown
        last = {row.id: row for row in rows}
        self._drop({item.id for item in self.ranked} - last.keys())
        for row in last.values():
            self._put(row)
        self.given = list(last)
        if not self.sorted:
            self.ranked = list(last.values())

    @rule(reverse=st.booleans())
    def sort(self, reverse: bool) -> None:
        self.ranked = self._expected(everything=True)
        self.sorted, self.reverse = True, reverse
        self.store.sort(value_of, reverse)

    @rule()
    def unsort(self) -> None:
        rows = {item.id: item for item in self.ranked}
        self.ranked = [rows[key] for key in self.given]
        self.sorted = False
        self.store.sort(None)

    @rule(wanted=st.sampled_from([None, "", "x", "y"]))
    def filter(self, wanted: str | None) -> None:
        self.wanted = wanted
        self.store.set_filter(None if wanted is None else lambda _key, row: wanted in row.note)

    @rule(chosen=st.sets(keys), on=st.booleans())
    def mark(self, chosen: set[int], on: bool) -> None:
        self.store.mark(chosen, on)
        chosen &= {item.id for item in self.ranked}
        self.marks = self.marks | chosen if on else self.marks - chosen

    def _expected(self, everything: bool = False) -> list[Item]:
        rows = self.ranked
        if self.sorted:
            known = [r for r in rows if r.value is not None and r.value == r.value]
            rest = [r for r in rows if r not in known]
            rows = sorted(known, key=naive_order, reverse=self.reverse) + rest
        if self.wanted is None or everything:
            return rows
        return [item for item in rows if self.wanted in item.note]

    @invariant()
    def same_rows(self) -> None:
        expected = [item.id for item in self._expected()]
        assert self.store.shown == expected
        assert [self.store.rows[key] for key in expected] == self._expected()
        for index, key in enumerate(expected):
            assert self.store.index_of(key) == index
        assert {item.id for item in self.store.marked_rows()} == self.marks == self.store.marks
        for item in self.ranked:
            if item.id not in expected:
                assert self.store.index_of(item.id) is None
                place = self.store.place_of(item.id)
                assert place is not None
                assert 0 <= place <= len(expected)
        assert self.store.place_of(999) is None
        for asked in ({1, 2, 999}, set(range(31))):
            assert sorted(self.store.places(asked, 2, 6)) == sorted(
                (key, index)
                for index, key in enumerate(expected)
                if key in asked and 2 <= index < 6
            )


TestStore = StoreMachine.TestCase
TestStore.settings = settings(max_examples=150, stateful_step_count=20)


def test_equal_rows_are_no_change() -> None:
    store: RowStore[Item] = RowStore(key_of)
    store.set_rows([Item(n, n) for n in range(10)])
    assert not store.set_rows([Item(n, n) for n in range(10)])
    assert not store.upsert([Item(3, 3)])
    assert store.upsert([store.rows[3]]).updated == [3]


def test_large_tables_take_the_fast_ways_to_the_same_result() -> None:
    rng = random.Random(7)
    store: RowStore[Item] = RowStore(key_of)
    store.sort(value_of)
    rows = {n: Item(n, rng.random()) for n in range(3000)}
    store.set_rows(rows.values())
    for size in (1, 50, 500, 2000):
        for n in rng.sample(range(4000), size):
            rows[n] = Item(n, rng.random())
        store.upsert(rows[n] for n in rows)
        gone = rng.sample(sorted(rows), size // 2)
        store.remove(gone)
        for n in gone:
            del rows[n]
        assert store.shown == [r.id for r in sorted(rows.values(), key=value_of)]
        fresh = dict(list(rows.items())[size // 10 :])
        store.set_rows(fresh.values())
        rows = fresh
        assert store.shown == [r.id for r in sorted(rows.values(), key=value_of)]


def test_a_sort_function_that_fails_puts_the_row_last() -> None:
    store: RowStore[Item] = RowStore(key_of)
    store.set_rows([Item(1, "x"), Item(2, 10), Item(3, 5)])
    store.sort(lambda item: item.value + 0)
    assert store.shown == [3, 2, 1]


@pytest.mark.parametrize("count", [1000, 64000])
def test_the_work_for_one_row_does_not_grow(count: int) -> None:
    calls = 0

    def counted(item: Item) -> Any:
        nonlocal calls
        calls += 1
        return item.value

    store: RowStore[Item] = RowStore(key_of)
    store.sort(counted)
    store.set_rows([Item(n, n) for n in range(count)])
    column = Column[Item](key="note", label="NOTE", render=lambda item: item.note)
    store.haystacks.set_columns([column], ["note"])
    calls = 0
    tried = 0

    def predicate(_key: Any, _row: Item) -> bool:
        nonlocal tried
        tried += 1
        return True

    store.set_filter(predicate)
    tried = 0
    store.upsert([Item(5, count // 2 + 0.5)])
    store.remove([6])
    store.upsert([Item(6, 0)])
    assert calls <= 6
    assert tried == 2


def test_long_lists_are_indexed_late_and_lose_duplicates_then() -> None:
    store: RowStore[Item] = RowStore(key_of)
    rows = [Item(n, n) for n in range(20_000)] + [Item(5, "last")]
    store.set_rows(rows)
    assert len(store) == 20_001
    assert store.row_at(19_000) == Item(19_000, 19_000)
    assert store.rows[5] == Item(5, "last")
    assert store.shown == list(range(20_000))
    assert len(store) == 20_000
    assert store.index()
    assert not store.index()


ACTS: list[Callable[[RowStore[Item]], object]] = [
    lambda store: store.upsert([Item(-1, 0)]),
    lambda store: store.remove([0]),
    lambda store: store.sort(value_of, reverse=True),
    lambda store: store.set_filter(lambda key, _row: bool(key % 2 == 0)),
    lambda store: store.set_rows([Item(n, n) for n in range(1, 20_000)]),
    lambda store: store.mark([1]),
    lambda store: store.index_of(1),
]


@pytest.mark.parametrize("act", ACTS)
def test_whatever_comes_first_indexes_a_long_list(act: Callable[[RowStore[Item]], object]) -> None:
    store: RowStore[Item] = RowStore(key_of)
    store.set_rows([Item(n, n) for n in range(20_000)] + [Item(5, "last")])
    act(store)
    assert set(store.shown) <= store.rows.keys()
    assert len(store.shown) == len(set(store.shown))
