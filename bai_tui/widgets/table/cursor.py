"""Where the cursor and the scroll position go when rows come, go and move; pure.

Rules: the cursor stays on its row, and the row stays on its line of the screen.  A list that is
scrolled to its very top stays there while the cursor is in view, so that new rows appear.  When
the cursor's row leaves, the row after it takes its place.  A filter that hides the cursor's row
gives it back when it is lifted, unless the user has moved on.  A cursor nobody has moved yet
stays at the top of what a sort or filter brings up.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

from bai_tui.widgets.table.store import RowStore

__all__ = ["Cursor", "Hold"]

Key = Hashable


class Hold(NamedTuple):
    """What was in view before a change; made by `Cursor.hold`, used up by `Cursor.settle`."""

    top: int
    height: int
    at: int
    anchor: Key
    before: list[Key] | None


class Cursor:
    """The cursor of one table: a key, and its index in `store.shown`."""

    def __init__(self, store: RowStore[Any]) -> None:
        self._store = store
        self.key: Key = None
        """Key of the row under the cursor; `None` without rows."""
        self.index = 0
        self.touched = False
        """Whether the user has moved the cursor."""
        self._wanted: Key = None

    def move(self, index: int) -> bool:
        """Put the cursor on the row at `index`, clamped; returns whether it moved."""
        shown = self._store.shown
        if not shown:
            return False
        self.index = max(0, min(index, len(shown) - 1))
        moved = shown[self.index] != self.key
        self.key = self._wanted = shown[self.index]
        self.touched = True
        return moved

    def want(self, key: Key) -> bool:
        """Put the cursor on a row by key; one that is not shown now gets it when it is.

        Returns whether the row is shown.
        """
        index = self._store.index_of(key)
        self._wanted, self.touched = key, True
        if index is None:
            return False
        self.move(index)
        return True

    def reveal(self, top: int, height: int) -> int:
        """The scroll position next to `top` that has the cursor in view."""
        if self.index < top:
            return self.index
        return max(top, self.index - max(1, height) + 1)

    def hold(self, top: int, height: int, *, leaving: bool = False) -> Hold:
        """Note what is in view before a change.

        Args:
            top: Index of the row on the first line.
            height: Lines for rows.
            leaving: The change may take rows out of the table (not only hide them).
        """
        shown = self._store.shown
        in_view = top <= self.index < top + height
        anchor = self.key if in_view or not shown else shown[min(top, len(shown) - 1)]
        return Hold(top, height, self.index, anchor, shown[:] if leaving else None)

    def settle(self, hold: Hold, *, live: bool) -> int:
        """Find the cursor's place after a change and return the new scroll position.

        Args:
            hold: What `hold` returned before.
            live: The change came from outside; otherwise the user asked for it (sort, filter).
        """
        store, shown = self._store, self._store.shown
        if not shown:
            self.key, self.index = None, 0
            return 0
        self.index = self._find(hold, live)
        self.key = shown[self.index]
        if self._wanted is None or self._wanted not in store.rows:
            self._wanted = self.key
        last = max(0, len(shown) - hold.height)
        if not live and not self.touched:
            return 0
        if hold.top == 0 and self.index < hold.height:
            return 0
        if hold.top <= hold.at < hold.top + hold.height:
            return max(0, min(self.index - (hold.at - hold.top), last))
        return max(0, min(self._survivor(hold, hold.anchor, hold.top), last))

    def _find(self, hold: Hold, live: bool) -> int:
        store = self._store
        if not live and not self.touched:
            return 0
        first, second = (self.key, self._wanted) if live else (self._wanted, self.key)
        for key in (first, second):
            if key is not None and (index := store.index_of(key)) is not None:
                return index
        if live or self._wanted not in store.rows:
            return self._survivor(hold, self.key, hold.at)
        return self._survivor(hold, self._wanted, hold.at)

    def _survivor(self, hold: Hold, key: Key, index: int) -> int:
        """Index of `key`, or of what has taken its place if it left."""
        store = self._store
        last = len(store.shown) - 1
        place = store.place_of(key) if key is not None else None
        if place is None and hold.before is not None:
            for follower in hold.before[index + 1 :]:
                if follower in store.rows and (found := store.index_of(follower)) is not None:
                    return found
            for leader in reversed(hold.before[:index]):
                if leader in store.rows and (found := store.index_of(leader)) is not None:
                    return found
        return max(0, min(index if place is None else place, last))
