"""The rows of a table by key: which are shown, in which order, and which are marked; pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from itertools import count
from operator import eq
from typing import Any, Generic, NamedTuple, TypeVar

from bai_tui.widgets.table.filters import Haystacks
from bai_tui.widgets.table.order import Order

__all__ = ["Change", "RowStore"]

Row = TypeVar("Row")
Key = Hashable
Predicate = Callable[[Any, Any], bool]

# From this many moved rows on, sorting an almost sorted list costs less than moving each.
_BULK = 64

# Lists longer than this are indexed after the first paint.
_LONG = 10_000


class Change(NamedTuple):
    """What a call changed."""

    updated: Collection[Key] = ()
    """Rows with new content that were there before."""
    added: Collection[Key] = ()
    removed: Collection[Key] = ()
    moved: bool = False
    """Whether any row may stand at another index of `shown`."""

    def __bool__(self) -> bool:
        return bool(self.updated or self.added or self.removed or self.moved)


class RowStore(Generic[Row]):
    """Rows by key, kept sorted and filtered.

    One row that comes, changes or goes costs O(log n) comparisons (and a shift inside a list of
    pointers); only a new sort, a new filter, or a change of many rows at once looks at all of
    them.  Rows are treated as immutable: a changed row is a new object.
    """

    def __init__(self, key_of: Callable[[Row], Key]) -> None:
        self.key_of = key_of
        self._rows: dict[Key, Row] = {}
        self._unindexed: list[Row] | None = None
        self._had_duplicates = False
        self.shown: list[Key] = []
        """Keys of the rows the filter lets through, sorted.  Not to be changed by callers."""
        self.marks: set[Key] = set()
        self.haystacks = Haystacks()
        self._all: list[Key] = self.shown
        self._order = Order()
        self._predicate: Predicate | None = None
        self._versions: dict[Key, int] = {}
        self._version = count(1)
        self._first_version = 0

    def __len__(self) -> int:
        return len(self._rows) if self._unindexed is None else len(self._unindexed)

    @property
    def rows(self) -> dict[Key, Row]:
        """The rows by key.  Not to be changed by callers."""
        if self._unindexed is not None:
            self._index()
        return self._rows

    @rows.setter
    def rows(self, rows: dict[Key, Row]) -> None:
        self._rows = rows
        self._unindexed = None

    def index(self) -> bool:
        """Do what `set_rows` has put off for a long list; the first use of `rows` does it too.

        Returns:
            Whether rows of the same key were found since the last call: `shown` got shorter.
        """
        if self._unindexed is not None:
            self._index()
        found, self._had_duplicates = self._had_duplicates, False
        return found

    def _index(self) -> None:
        wanted, self._unindexed = self._unindexed, None
        assert wanted is not None
        self._rows = dict(zip(self.shown, wanted, strict=True))
        if len(self._rows) < len(wanted):
            self._had_duplicates = True
            self._first_version = next(self._version)  # some rows are others now
            self._resort()

    def version(self, key: Key) -> int:
        """A number that is new whenever the row's content is."""
        return self._versions.get(key, self._first_version)

    def row_at(self, index: int) -> Row:
        """The row at an index of `shown`."""
        if self._unindexed is not None:
            return self._unindexed[index]
        return self._rows[self.shown[index]]

    def place_of(self, key: Key) -> int | None:
        """Where the row is in `shown`, or would be if the filter let it through.

        `None` for a key that is not in the table.
        """
        return self._order.place(self.shown, key) if key in self.rows else None

    def index_of(self, key: Key) -> int | None:
        """Index of a row in `shown`."""
        place = self.place_of(key)
        if place is None or place >= len(self.shown) or self.shown[place] != key:
            return None
        return place

    def places(self, keys: Collection[Key], start: int, stop: int) -> list[tuple[Key, int]]:
        """Those of `keys` that stand from `start` up to `stop` in `shown`, with their indices."""
        if len(keys) > stop - start:
            wanted = set(keys)
            found = enumerate(self.shown[start:stop], start=start)
            return [(key, index) for index, key in found if key in wanted]
        places = ((key, self.index_of(key)) for key in keys)
        return [(key, at) for key, at in places if at is not None and start <= at < stop]

    # -- rows

    def set_rows(self, rows: Iterable[Row]) -> Change:
        """Make the table hold exactly `rows`, in this order when it is not sorted.

        Of rows with the same key the last counts.  Rows equal to those already held are left
        untouched, so reloading a list costs no repaint.
        """
        wanted = list(rows)
        if not len(self) and self._order.natural and not self._predicate and len(wanted) > _LONG:
            # Hashing a hundred thousand keys takes longer than painting: that comes after.
            self._first_version = next(self._version)
            keys = list(map(self.key_of, wanted))
            self._all = self.shown = self._order.load(keys, ())
            self._unindexed = wanted
            return Change(added=self.shown, moved=True)
        new = dict(zip(map(self.key_of, wanted), wanted, strict=True))
        if not self.rows:
            self.rows = new
            self._first_version = next(self._version)
            self._resort()
            return Change(added=new.keys(), moved=True)
        old = self.rows
        removed = [key for key in old if key not in new]
        added = [key for key in new if key not in old]
        updated = [
            key
            for key, row in new.items()
            if key in old and old[key] is not row and old[key] != row
        ]
        if not self._order.natural and self._few(len(removed) + len(added) + len(updated)):
            gone = self.remove(removed)
            change = self.upsert([new[key] for key in (*added, *updated)])
            self.rows = new  # in the caller's order, which `sort(None)` goes back to
            return Change(updated, added, removed, bool(gone.moved or change.moved))
        if len(new) == len(old) and self._few(len(updated)) and all(map(eq, new, old)):
            return self.upsert(new[key] for key in updated)
        self.rows = new
        self._touch(updated)
        self._touch(added)
        self._forget(removed)
        self._resort()
        return Change(updated, added, removed, True)

    def _few(self, changes: int) -> bool:
        """Whether so many changes are better made one by one than by sorting again."""
        return changes <= max(_BULK, len(self.rows) // 10)

    def upsert(self, rows: Iterable[Row]) -> Change:
        """Add rows, or replace those of the same key; rows equal to the old ones are ignored.

        An object that is already in the table counts as changed: whoever passes it says so.
        """
        new: dict[Key, Row] = {}
        for row in rows:
            new[self.key_of(row)] = row
        old = self.rows
        added = [key for key in new if key not in old]
        updated = [
            key for key, row in new.items() if key in old and (old[key] is row or old[key] != row)
        ]
        moved = False
        if not self._few(len(added) + len(updated)):
            old.update(new)
            self._touch(updated)
            self._touch(added)
            self._resort()
            return Change(updated, added, (), True)
        for key in added:
            moved |= self._put(key, new[key])
        for key in updated:
            moved |= self._put(key, new[key])
        return Change(updated, added, (), moved)

    def remove(self, keys: Iterable[Key]) -> Change:
        """Take rows out; unknown keys are ignored."""
        gone = [key for key in dict.fromkeys(keys) if key in self.rows]
        if not gone:
            return Change()
        if not self._few(len(gone)):
            dead = set(gone)
            self._all = [key for key in self._all if key not in dead]
            self._show_all_or_filtered()
        else:
            for key in gone:
                self._take_out(key)
        for key in gone:
            del self.rows[key]
            self._order.discard(key)
        self._forget(gone)
        return Change(removed=gone, moved=True)

    def _put(self, key: Key, row: Row) -> bool:
        """Add or replace one row in place; returns whether positions changed."""
        known = key in self.rows
        moves = self._order.would_move(key, row)
        was = self.index_of(key) if known else None
        if known and moves:
            self._take_out(key)
        self.rows[key] = row
        self._touch((key,))
        if self._order.set(key, row) is None:
            # Values of a new kind: nothing sorted so far can be relied on.
            self._resort()
            return True
        if moves:
            self._all.insert(self._order.place(self._all, key), key)
        if self._predicate is not None:
            passes = self._predicate(key, row)
            if passes and (moves or was is None):
                self.shown.insert(self._order.place(self.shown, key), key)
            elif not passes and not moves and was is not None:
                del self.shown[was]
        return (self.index_of(key) != was) if moves or self._predicate is not None else False

    def _take_out(self, key: Key) -> None:
        """Remove a key from the lists while its old value is still known."""
        index = self._order.place(self._all, key)
        assert self._all[index] == key
        del self._all[index]
        if self._predicate is not None:
            index = self._order.place(self.shown, key)
            if index < len(self.shown) and self.shown[index] == key:
                del self.shown[index]

    def _touch(self, keys: Iterable[Key]) -> None:
        version = next(self._version)
        self._versions.update(dict.fromkeys(keys, version))
        self.haystacks.forget(keys)

    def _forget(self, keys: Iterable[Key]) -> None:
        self.haystacks.forget(keys)
        self.marks.difference_update(keys)
        for key in keys:
            self._versions.pop(key, None)

    # -- order and filter

    def sort(self, value_of: Callable[[Row], Any] | None, reverse: bool = False) -> None:
        """Sort by a value of each row, stable: equals keep the order they have now.

        Without `value_of` the rows get the order they were given in.
        """
        rows = self.rows  # indexed from here on, see `index`
        before = self._all if value_of is not None else list(rows)
        self._order = Order(value_of, reverse)
        self._all = self._order.load(before, map(rows.__getitem__, before))
        self._show_all_or_filtered()

    def _resort(self) -> None:
        """Make all lists anew from `rows`."""
        rows, order = self.rows, self._order
        if order.natural:
            base: Iterable[Key] = rows
        else:
            # Equals keep the order they had, new rows follow.
            base = [key for key in order.ranked() if key in rows]
            base += [key for key in rows if key not in order]
        self._all = order.load(base, map(rows.__getitem__, base))
        self._show_all_or_filtered()

    def set_filter(self, predicate: Predicate | None, *, narrowing: bool = False) -> None:
        """Show only rows the predicate lets through; `None` shows all.

        Args:
            predicate: Called with key and row.
            narrowing: Every row it lets through is shown already: look at those only.
        """
        self._predicate = predicate
        if narrowing and predicate is not None:
            rows = self.rows
            self.shown = [key for key in self.shown if predicate(key, rows[key])]
        else:
            self._show_all_or_filtered()

    def _show_all_or_filtered(self) -> None:
        predicate, rows = self._predicate, self.rows
        if predicate is None:
            self.shown = self._all
        else:
            self.shown = [key for key in self._all if predicate(key, rows[key])]

    # -- marks

    def mark(self, keys: Iterable[Key], on: bool = True) -> set[Key]:
        """Mark or unmark rows; returns the keys whose mark changed."""
        known = {key for key in keys if key in self.rows}
        changed = known - self.marks if on else known & self.marks
        self.marks ^= changed
        return changed

    def marked_rows(self) -> list[Row]:
        """The marked rows, hidden ones too, in the table's order."""
        if not self.marks:
            return []
        return [self.rows[key] for key in self._order.sorted(self.marks)]
