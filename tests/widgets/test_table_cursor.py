from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bai_tui.widgets.table.cursor import Cursor
from bai_tui.widgets.table.store import RowStore


@dataclass(frozen=True)
class Item:
    id: int
    value: int


def make(count: int, sort: bool = True) -> tuple[RowStore[Item], Cursor]:
    store: RowStore[Item] = RowStore(lambda item: item.id)
    if sort:
        store.sort(lambda item: item.value)
    store.set_rows([Item(n, n * 10) for n in range(count)])
    cursor = Cursor(store)
    cursor.settle(cursor.hold(0, 5), live=True)
    return store, cursor


def only(wanted: set[int]) -> Callable[[Any, Any], bool]:
    return lambda key, _row: key in wanted


def test_rows_above_do_not_move_the_cursor_on_the_screen() -> None:
    store, cursor = make(20)
    cursor.move(10)
    hold = cursor.hold(8, 5)
    store.upsert([Item(100, 1), Item(101, 2), Item(102, 999)])
    assert cursor.settle(hold, live=True) == 10
    assert (cursor.key, cursor.index) == (10, 12)


def test_the_top_stays_the_top() -> None:
    store, cursor = make(20)
    cursor.move(2)
    hold = cursor.hold(0, 5)
    store.upsert([Item(100, 1), Item(101, 2)])
    assert cursor.settle(hold, live=True) == 0
    assert (cursor.key, cursor.index) == (2, 4)
    hold = cursor.hold(0, 5)
    store.upsert([Item(102, 1)])  # would push the cursor out of view
    assert cursor.settle(hold, live=True) == 1
    assert cursor.key == 2


def test_a_view_scrolled_away_from_the_cursor_stays_too() -> None:
    store, cursor = make(50)
    cursor.move(3)
    hold = cursor.hold(30, 5, leaving=True)
    store.remove([0, 1, 30])
    assert cursor.settle(hold, live=True) == 28  # row 31 is first now
    assert store.shown[28] == 31
    assert (cursor.key, cursor.index) == (3, 1)


def test_the_next_row_inherits_the_cursor() -> None:
    store, cursor = make(6)
    cursor.move(3)
    for gone, heir in (({3, 4}, 5), ({5}, 2), ({0, 1}, 2), ({2}, None)):
        hold = cursor.hold(0, 5, leaving=True)
        store.remove(gone)
        cursor.settle(hold, live=True)
        assert cursor.key == heir


def test_a_lifted_filter_gives_the_row_back() -> None:
    store, cursor = make(20)
    cursor.move(7)
    cases: list[tuple[set[int], int | None]] = [({6, 12, 13}, 12), ({13}, 13), (set(), None)]
    for wanted, key in cases:
        hold = cursor.hold(4, 5)
        store.set_filter(only(wanted))
        cursor.settle(hold, live=False)
        assert cursor.key == key
    store.set_filter(None)
    cursor.settle(cursor.hold(0, 5), live=False)
    assert cursor.key == 7


def test_under_a_filter_live_rows_do_not_pull_the_cursor() -> None:
    store, cursor = make(20)
    cursor.move(7)
    store.set_filter(lambda key, row: key in (12, 13) or row.value % 10 == 1)
    cursor.settle(cursor.hold(0, 5), live=False)
    assert cursor.key == 12
    hold = cursor.hold(0, 5)
    store.upsert([Item(7, 71), Item(200, 91)])
    cursor.settle(hold, live=True)
    assert cursor.key == 12


def test_an_untouched_cursor_stays_at_the_top_of_a_sort() -> None:
    store, cursor = make(20)
    store.sort(lambda item: item.value, reverse=True)
    assert cursor.settle(cursor.hold(0, 5), live=False) == 0
    assert cursor.key == 19
    cursor.move(2)
    hold = cursor.hold(0, 5)
    store.sort(lambda item: item.value)
    assert cursor.settle(hold, live=False) == 15
    assert (cursor.key, cursor.index) == (17, 17)


def test_a_wanted_row_gets_the_cursor_when_it_comes() -> None:
    store, cursor = make(0)
    assert not cursor.want(3)
    hold = cursor.hold(0, 5)
    store.set_rows([Item(n, n) for n in range(5)])
    cursor.settle(hold, live=True)
    assert cursor.key == 3


rows = st.lists(st.builds(Item, st.integers(0, 25), st.integers(0, 40)), max_size=8)


def flip(data: st.DataObject) -> bool:
    return data.draw(st.booleans())


@settings(max_examples=300)
@given(st.data(), rows, st.integers(1, 8))
def test_the_cursor_never_jumps(data: st.DataObject, start: list[Item], height: int) -> None:
    store: RowStore[Item] = RowStore(lambda item: item.id)
    store.sort(lambda item: item.value)
    store.set_rows(start)
    cursor = Cursor(store)
    top = cursor.settle(cursor.hold(0, height), live=True)
    for _ in range(10):
        if store.shown and flip(data):
            cursor.move(data.draw(st.integers(0, len(store.shown) - 1)))
            if flip(data):
                top = cursor.reveal(top, height)
                assert top <= cursor.index < top + height
        key, line = cursor.key, cursor.index - top
        limit = max(0, len(store.shown) - height)
        top = min(top, limit)
        hold = cursor.hold(top, height, leaving=True)
        line = cursor.index - top
        match data.draw(st.sampled_from(["upsert", "remove", "set", "filter"])):
            case "upsert":
                store.upsert(data.draw(rows))
            case "remove":
                store.remove(data.draw(st.lists(st.integers(0, 25), max_size=4)))
            case "set":
                store.set_rows(data.draw(rows))
            case "filter":
                odd = data.draw(st.integers(1, 3))
                store.set_filter(only(set(range(0, 26, odd))))
        new_top = cursor.settle(hold, live=True)
        limit = max(0, len(store.shown) - height)
        assert 0 <= new_top <= limit
        if not store.shown:
            assert cursor.key is None
        else:
            assert store.shown[cursor.index] == cursor.key
            if key is not None and store.index_of(key) is not None:
                assert cursor.key == key
                if 0 <= line < height:
                    new_line = cursor.index - new_top
                    # On the same line, or the list was at its top, or there is nothing to scroll.
                    assert 0 <= new_line < height
                    assert new_line == line or new_top in (0, limit) or top == 0
        top = new_top
