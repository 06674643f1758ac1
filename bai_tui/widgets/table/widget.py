"""The table widget: rows and columns in, messages out.

What is on the screen is in `view`, keys and mouse in `actions`, rows in `store`.
"""

from __future__ import annotations

from asyncio import sleep
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar, overload

from textual.await_remove import AwaitRemove

from bai_tui.widgets.table import messages
from bai_tui.widgets.table.actions import TableActions
from bai_tui.widgets.table.columns import Column, cell_of
from bai_tui.widgets.table.cursor import Hold
from bai_tui.widgets.table.filters import Filter, FilterError, parse_filter
from bai_tui.widgets.table.store import Change, RowStore
from bai_tui.widgets.table.view import TableView

__all__ = ["ColumnState", "LiveTable"]

Row = TypeVar("Row")
Key = Hashable

_FILTER_AT_ONCE = 250
"""Rows whose text may be rendered within the key press that needs it."""
_SLICE = 0.008
"""Seconds of work between two looks at the event loop."""
_IDLE_SLICE, _IDLE_PAUSE = 0.004, 0.012
"""The same, and seconds in between, while nobody waits for the filter."""


class ColumnState(NamedTuple):
    """What a user chose: visible columns in their order, and widths; to be kept per view."""

    visible: tuple[str, ...]
    widths: tuple[tuple[str, int], ...] = ()


class LiveTable(TableActions, Generic[Row]):
    """A table of rows by key that stays still while its rows change.

    Only lines (and of a changed row only the cells) that look different are repainted, so its
    cost follows what changes on the screen and not the number of rows.

    Example:
        ```python
        table = LiveTable(columns, key=lambda session: session.id, what="sessions")
        table.set_rows(sessions)      # reconciles by key, never blanks
        table.upsert([session])
        table.remove([session_id])
        ```

    Args:
        columns: All columns; those not `optional` are visible at first.
        key: The key of a row: hashable, never `None`.
        row_tone: Meaning of a whole row, one of `columns.TONES`.
        what: Plural noun for its rows, used in sentences.
        empty: Sentence shown when there are no rows: what to do now.
        id_of: Text of a row for "copy id"; default: the key.
    """

    RowHighlighted: TypeAlias = messages.RowHighlighted
    RowOpened: TypeAlias = messages.RowOpened
    MenuRequested: TypeAlias = messages.MenuRequested
    MarksChanged: TypeAlias = messages.MarksChanged
    SortChanged: TypeAlias = messages.SortChanged
    FilterChanged: TypeAlias = messages.FilterChanged
    FilterRequested: TypeAlias = messages.FilterRequested
    ColumnsRequested: TypeAlias = messages.ColumnsRequested
    ExportRequested: TypeAlias = messages.ExportRequested
    Copied: TypeAlias = messages.Copied

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        *,
        key: Callable[[Row], Key],
        row_tone: Callable[[Row], str] | None = None,
        what: str = "rows",
        empty: str = "",
        id_of: Callable[[Row], str] | None = None,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(RowStore(key), row_tone, what, name=name, id=id, classes=classes)
        self.id_of: Callable[[Row], str] = id_of or (lambda row: str(key(row)))
        """Text of a row for "copy id"."""
        self.filter_error: str | None = None
        """Why the text of the filter can't be used, while it can't."""
        self._filter = Filter("")
        self._reading = False
        self._marks_posted: frozenset[Key] = frozenset()
        self.set_reactive(TableView.empty_text, empty or f"No {what}.")
        self.set_columns(columns)

    # -- what callers read

    @property
    def row_count(self) -> int:
        """Rows in the table, hidden ones included."""
        return len(self._store)

    @property
    def shown_count(self) -> int:
        """Rows the filter lets through."""
        return len(self._store.shown)

    @property
    def rows(self) -> list[Row]:
        """The rows shown, in order."""
        return [self._store.rows[key] for key in self._store.shown]

    @property
    def cursor_key(self) -> Key:
        """Key of the row under the cursor, or `None`."""
        return self._cursor.key

    @property
    def cursor_index(self) -> int:
        """Index of the cursor among the rows shown."""
        return self._cursor.index

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor."""
        return None if self._cursor.key is None else self._store.row_at(self._cursor.index)

    @property
    def marked(self) -> frozenset[Key]:
        """Keys of the marked rows, those a filter hides included."""
        return frozenset(self._store.marks)

    @property
    def marked_rows(self) -> list[Row]:
        """The marked rows in the table's order."""
        return self._store.marked_rows()

    @property
    def chosen_rows(self) -> list[Row]:
        """What an action applies to: the marked rows, or without marks the cursor's."""
        row = self.cursor_row
        return self.marked_rows or ([] if row is None else [row])

    @property
    def columns(self) -> tuple[Column[Row], ...]:
        """All columns."""
        return tuple(self._columns.values())

    @property
    def visible_columns(self) -> tuple[Column[Row], ...]:
        """The chosen columns in order; a narrow table may have no room for some of them."""
        return tuple(self._columns[key] for key in self._visible)

    @property
    def sort_column(self) -> str | None:
        """Key of the column the rows are sorted by."""
        return self._sorted_by

    @property
    def sort_reverse(self) -> bool:
        """Whether the order is descending."""
        return self._reverse

    @property
    def filter_text(self) -> str:
        """The filter as typed."""
        return self._filter_text

    def row(self, key: Key) -> Row | None:
        """A row by key."""
        return self._store.rows.get(key)

    # -- rows

    def set_rows(self, rows: Iterable[Row]) -> None:
        """Make the table hold exactly `rows`; rows equal to those held are not repainted.

        Without a sort they stand in this order.  Of rows with the same key the last counts.
        """
        hold = self._hold(leaving=True)
        self._settle(hold, self._store.set_rows(rows))
        if self.is_running:
            self.call_after_refresh(self._index)

    def _index(self) -> None:
        hold = self._hold()
        if self._store.index():
            self._place(hold, live=True)
            self._sync()
        self._read_ahead()

    def _read_ahead(self) -> None:
        """See to it that the first letter of a filter finds the rows of a large table read."""
        if self._cold > _FILTER_AT_ONCE and self.is_running and not self._reading:
            self._reading = True
            work: Callable[[], Awaitable[None]] = self._warm_up
            self.run_worker(work, group="warm")

    @property
    def _cold(self) -> int:
        """Rows whose text the filter has not seen yet."""
        return len(self._store) - len(self._store.haystacks)

    async def _warm_up(self) -> None:
        """Read in slices, between which keys are heard."""
        try:
            await sleep(_IDLE_PAUSE)
            keys = iter(list(self._store.rows))
            while not self._store.haystacks.warm(self._store.rows, keys, _IDLE_SLICE):
                await sleep(_IDLE_PAUSE)
        finally:
            self._reading = False

    def upsert(self, rows: Iterable[Row]) -> None:
        """Add rows, or replace those of the same key."""
        hold = self._hold()
        self._settle(hold, self._store.upsert(rows))
        self._read_ahead()

    @overload
    def remove(self) -> AwaitRemove: ...

    @overload
    def remove(self, keys: Iterable[Key]) -> None: ...

    def remove(self, keys: Iterable[Key] | None = None) -> AwaitRemove | None:
        """Take rows out by key; unknown keys are ignored.

        Without an argument the widget itself is removed, as with every Textual widget.
        """
        if keys is None:
            return super().remove()
        hold = self._hold(leaving=True)
        self._settle(hold, self._store.remove(keys))
        return None

    def clear(self) -> None:
        """Take all rows out, to show another list; for a reload use `set_rows`."""
        self._cursor.touched = False
        self.scroll_to(x=0, animate=False, force=True)
        self.set_rows(())

    def refresh_rows(self) -> None:
        """Render all rows again: something the renderers look at, beside the row, has changed."""
        self._lines.clear()
        self._store.haystacks.forget(list(self._store.rows))
        self._repaint()

    def _hold(self, *, leaving: bool = False) -> Hold:
        return self._cursor.hold(self._top, self._body, leaving=leaving)

    def _settle(self, hold: Hold, change: Change) -> None:
        """After a change from outside: cursor, scroll position, highlights, messages, lines."""
        if not change:
            return
        before, marks = self._cursor.key, self._marks_posted
        for key in change.removed:
            self._highlights.pop(key, None)
            self._lines.discard(key)
        if change.added and len(change.added) < self.row_count and len(change.added) <= 64:
            watched = frozenset(column.key for column in self.visible_columns if column.watch)
            self._highlight(dict.fromkeys(change.added, watched) if watched else {})
        if change.moved:
            self._place(hold, live=True)
        cells, lines = self._compare(change.updated)
        self._sync(cells, None if change.moved or change.added else lines)
        key = self._cursor.key
        if key != before or (key is not None and key in change.updated):
            self._post_highlighted()
        if change.removed and marks - self._store.marks:
            self._post_marks()

    def _place(self, hold: Hold, *, live: bool) -> None:
        """After rows have moved: find cursor and scroll position again."""
        top = self._cursor.settle(hold, live=live)
        self._fit()
        if top != self._top:
            self._scroll(top)
        if self.is_attached:
            self._move_selection()

    def _post_highlighted(self) -> None:
        self.post_message(messages.RowHighlighted(self, self._cursor.key, self.cursor_row))

    def _post_marks(self) -> None:
        self._marks_posted = self.marked
        self.post_message(messages.MarksChanged(self, self.marked))

    # -- cursor and marks

    def move_cursor(self, index: int) -> None:
        """Put the cursor on the row at `index` of the rows shown, clamped, and into view."""
        moved = self._cursor.move(index)
        top = self._cursor.reveal(self._top, self._body)
        if top != self._top and self._body:
            self._scroll(top)
        self._sync()
        if moved:
            self._post_highlighted()

    def move_to_key(self, key: Key) -> bool:
        """Put the cursor on a row; one that is not shown yet gets it when it comes.

        Returns:
            Whether the row is shown now.
        """
        before = self._cursor.key
        found = self._cursor.want(key)
        if found:
            self.move_cursor(self._cursor.index)
            if before != key:
                self._post_highlighted()
        return found

    def mark(self, keys: Iterable[Key], on: bool = True) -> None:
        """Mark or unmark rows."""
        if self._store.mark(keys, on):
            self._sync()
            self._post_marks()

    def clear_marks(self) -> None:
        """Unmark all rows, those a filter hides included."""
        self.mark(list(self._store.marks), False)

    # -- order

    def sort(self, column: str | None, reverse: bool | None = None) -> None:
        """Sort by a column; rows equal in it keep their order.

        Args:
            column: Its key, visible or not; `None`: the order rows were given in.
            reverse: Descending; default: what the column prefers.

        Raises:
            KeyError: there is no such column.
        """
        chosen = None if column is None else self._columns[column]
        self._range_from = None
        self._sorted_by = column
        self._reverse = chosen is not None and (chosen.descending if reverse is None else reverse)
        hold, before = self._hold(), self._cursor.key
        self._store.sort(None if chosen is None else _sort_value(chosen), self._reverse)
        self._place(hold, live=False)
        self._sync()
        self._refresh_header()
        if self._cursor.key != before:
            self._post_highlighted()

    # -- filter

    def set_filter(self, text: str) -> None:
        """Show only the rows that `text` finds; the language is that of `filters`.

        Large tables are read in slices first time, while the old rows stay.  What came of it is
        posted as `FilterChanged`.  An invalid text leaves the filter as it is.
        """
        if text == self._filter_text and self.filter_error is None:
            return
        self._filter_text = text
        try:
            wanted = parse_filter(text, self._columns.values())
            self.filter_error = None
        except FilterError as error:
            self.filter_error = str(error)
            self.post_message(messages.FilterChanged(self, text, self.filter_error))
            return
        if not wanted or self._cold <= _FILTER_AT_ONCE or not self.is_attached:
            if self.is_attached:
                self.workers.cancel_group(self, "filter")
            self._apply_filter(wanted)
        else:
            # Not the coroutine itself: a worker that is replaced at once would never await it.
            work: Callable[[], Awaitable[None]] = partial(self._filter_in_slices, wanted)
            self.run_worker(work, group="filter", exclusive=True)

    async def _filter_in_slices(self, wanted: Filter) -> None:
        keys = iter(list(self._store.rows))
        while not self._store.haystacks.warm(self._store.rows, keys, _SLICE):
            await sleep(0)
        self._apply_filter(wanted)

    def _apply_filter(self, wanted: Filter) -> None:
        self._range_from = None
        hold, before = self._hold(), self._cursor.key
        narrowing = bool(self._filter) and wanted.narrows(self._filter)
        self._filter = wanted
        predicate = self._store.haystacks.predicate(wanted) if wanted else None
        self._store.set_filter(predicate, narrowing=narrowing)
        self._place(hold, live=False)
        self._sync()
        self.post_message(messages.FilterChanged(self, wanted.text, None))
        if self._cursor.key != before:
            self._post_highlighted()

    # -- columns

    def set_columns(self, columns: Sequence[Column[Row]]) -> None:
        """Replace all columns; those not `optional` become visible.

        Raises:
            ValueError: two columns have the same key.
        """
        if len({column.key for column in columns}) < len(columns):
            raise ValueError("columns must have different keys")
        self._columns = {column.key: column for column in columns}
        if self._sorted_by not in self._columns:
            self._sorted_by = None
        self.column_state = ColumnState(tuple(c.key for c in columns if not c.optional))
        if self._sorted_by is not None:
            self.sort(self._sorted_by, self._reverse)

    @property
    def column_state(self) -> ColumnState:
        """Visible columns and the widths set; unknown keys are ignored when it is set."""
        return ColumnState(self._visible, tuple(self._widths.items()))

    @column_state.setter
    def column_state(self, state: ColumnState) -> None:
        visible = tuple(key for key in dict.fromkeys(state.visible) if key in self._columns)
        self._visible = visible or tuple(self._columns)[:1]
        self._widths = {
            key: width for key, width in state.widths if key in self._columns and width > 0
        }
        self._store.haystacks.set_columns(list(self._columns.values()), self._visible)
        if self._filter:
            self._apply_filter(parse_filter(self._filter.text, self._columns.values()))
        self._fit()
        self._repaint()


def _sort_value(column: Column[Any]) -> Callable[[Any], Any]:
    if column.sort_key is not None:
        return column.sort_key
    return lambda row: cell_of(column, row).text.casefold()
