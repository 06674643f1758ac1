"""Keys and mouse of the table."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType

from bai_tui.widgets.table import messages
from bai_tui.widgets.table.columns import Span
from bai_tui.widgets.table.export import cell_value, to_tsv
from bai_tui.widgets.table.view import TableView

__all__ = ["TableActions"]

Key = Hashable


def _bind(id: str, keys: str, action: str, description: str, *, show: bool = False) -> Binding:
    return Binding(keys, action, description, show=show, id=f"table.{id}")


class TableActions(TableView, inherit_bindings=False):
    """What the keys and the mouse do to a table."""

    BINDINGS: ClassVar[list[BindingType]] = [
        _bind("up", "up,k", "move(-1)", "Up"),
        _bind("down", "down,j", "move(1)", "Down"),
        _bind("top", "home,g", "top", "First row"),
        _bind("end", "end,G", "end", "Last row"),
        _bind("page_up", "pageup", "page(-1)", "Page up"),
        _bind("page_down", "pagedown", "page(1)", "Page down"),
        _bind("left", "left", "slide(-1)", "Scroll left"),
        _bind("right", "right", "slide(1)", "Scroll right"),
        _bind("open", "enter", "open", "Open", show=True),
        _bind("filter", "slash", "filter", "Filter", show=True),
        _bind("mark", "space,ctrl+@", "mark", "Mark"),
        _bind("range", "V", "mark_range", "Mark a range"),
        _bind("all", "asterisk", "mark_all", "Mark all"),
        _bind("clear", "backslash", "clear_marks", "Clear marks"),
        _bind("sort_left", "shift+left", "pick(-1)", "Pick the column to the left"),
        _bind("sort_right", "shift+right", "pick(1)", "Pick the column to the right"),
        _bind("sort", "o", "sort_picked", "Sort by the picked column"),
        _bind("reverse", "O", "reverse", "Reverse the order"),
        _bind("columns", "w", "columns", "Choose columns"),
        _bind("wide", "W", "wide", "All columns at full width"),
        _bind("copy_id", "c", "copy('id')", "Copy id"),
        _bind("copy_row", "C", "copy('row')", "Copy row"),
        _bind("export", "x", "export", "Export"),
        _bind("actions", "a", "menu", "Actions"),
        _bind("back", "escape", "back", "Undo range, filter, marks"),
    ]

    # -- implemented by the widget

    def set_filter(self, text: str) -> None:
        """Filter the rows; see `LiveTable`."""
        raise NotImplementedError

    def sort(self, column: str | None, reverse: bool | None = None) -> None:
        """Sort the rows; see `LiveTable`."""
        raise NotImplementedError

    def mark(self, keys: Iterable[Key], on: bool = True) -> None:
        """Mark rows; see `LiveTable`."""
        raise NotImplementedError

    def move_cursor(self, index: int) -> None:
        """Put the cursor on a row; see `LiveTable`."""
        raise NotImplementedError

    # -- moving

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.move_cursor(self._cursor.index + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by screens, less a line that stays in view."""
        self.move_cursor(self._cursor.index + pages * max(1, self._body - 1))

    def action_top(self) -> None:
        """Go to the first row."""
        self.move_cursor(0)

    def action_end(self) -> None:
        """Go to the last row."""
        self.move_cursor(len(self._store.shown) - 1)

    def action_slide(self, steps: int) -> None:
        """Scroll sideways by a third of the width."""
        if not self.max_scroll_x:
            raise SkipAction
        self.scroll_to(x=self.scroll_offset.x + steps * max(8, self._width // 3), animate=False)

    def action_open(self) -> None:
        """Open the row under the cursor."""
        key = self._cursor.key
        if key is None:
            raise SkipAction
        self.post_message(messages.RowOpened(self._table(), key, self._store.rows[key]))

    def action_menu(self) -> None:
        """Ask for the menu of the row under the cursor."""
        key = self._cursor.key
        if key is None:
            raise SkipAction
        self.post_message(messages.MenuRequested(self._table(), key, self._store.rows[key], None))

    def _table(self) -> Any:
        return self

    # -- marks

    def action_mark(self) -> None:
        """Mark or unmark the row and go to the next; or mark the range that is being drawn."""
        key = self._cursor.key
        if key is None:
            raise SkipAction
        if self._range_from is not None:
            self.action_mark_range()
            return
        self.mark([key], key not in self._store.marks)
        self.move_cursor(self._cursor.index + 1)

    def action_mark_range(self) -> None:
        """Begin a range at the cursor; the second time mark its rows."""
        if self._cursor.key is None:
            raise SkipAction
        if self._range_from is None:
            self._range_from = self._cursor.key
        else:
            keys = [self._store.shown[index] for index in self._range()]
            self._range_from = None
            self.mark(keys)
        self._sync()

    def action_mark_all(self) -> None:
        """Mark every row that is shown."""
        self._range_from = None
        self.mark(list(self._store.shown))

    def action_clear_marks(self) -> None:
        """Unmark all rows, hidden ones too."""
        self._range_from = None
        self.mark(list(self._store.marks), False)
        self._sync()

    def action_back(self) -> None:
        """Undo one thing: a range, selected text, the filter, the marks, the picked column."""
        if self._range_from is not None:
            self._range_from = None
            self._sync()
        elif self.text_selection is not None:
            self.screen.clear_selection()
        elif self._filter_text:
            self.set_filter("")
        elif self._store.marks:
            self.action_clear_marks()
        elif self.picked is not None:
            self.picked = None
            self._refresh_header()
        else:
            raise SkipAction

    # -- columns and order

    def action_pick(self, steps: int) -> None:
        """Pick the next column, starting at the sorted one."""
        keys = [span.column.key for span in self._layout_now.spans]
        if not keys:
            return
        if self.picked in keys:
            index = (keys.index(self.picked) + steps) % len(keys)
        elif self._sorted_by in keys:
            index = keys.index(self._sorted_by)
        else:
            index = 0 if steps > 0 else len(keys) - 1
        self.picked = keys[index]
        span = self._layout_now.spans[index]
        if self.max_scroll_x and span.start >= self._layout_now.pinned:
            left, right = self.scroll_offset.x + self._layout_now.pinned, self._width
            if span.start < left:
                self.scroll_to(x=span.start - self._layout_now.pinned, animate=False)
            elif span.end > self.scroll_offset.x + right:
                self.scroll_to(x=span.end - right, animate=False)
        self._refresh_header()

    def action_sort_picked(self) -> None:
        """Sort by the picked column; by the same column again: the other way round."""
        column = self.picked or self._sorted_by
        if column is None and self._layout_now.spans:
            column = self._layout_now.spans[0].column.key
        if column is not None:
            self._sort_or_reverse(column)

    def _sort_or_reverse(self, column: str) -> None:
        self._sort_by_user(column, not self._reverse if column == self._sorted_by else None)

    def _sort_by_user(self, column: str, reverse: bool | None) -> None:
        self.sort(column, reverse)
        self.post_message(messages.SortChanged(self._table(), self._sorted_by, self._reverse))

    def action_reverse(self) -> None:
        """Turn the order round."""
        if self._sorted_by is not None:
            self._sort_by_user(self._sorted_by, not self._reverse)
        elif self.picked is not None:
            self._sort_by_user(self.picked, True)

    def action_wide(self) -> None:
        """Show all columns at full width, or as many as fit."""
        self.wide = not self.wide

    # -- asking the screen

    def action_filter(self) -> None:
        """Ask for a prompt."""
        self.post_message(messages.FilterRequested(self._table()))

    def action_columns(self) -> None:
        """Ask for the column chooser."""
        self.post_message(messages.ColumnsRequested(self._table()))

    def action_export(self) -> None:
        """Ask for a file name."""
        self.post_message(messages.ExportRequested(self._table()))

    # -- clipboard

    def action_copy(self, what: str) -> None:
        """Post `id`, `row` or `field` of the marked rows, or of the one under the cursor.

        `row` is the visible columns with tabs between; `field` the picked column.
        """
        table = self._table()
        rows: list[Any] = table.chosen_rows
        if not rows:
            raise SkipAction
        if what == "row":
            text, name = to_tsv(rows, table.visible_columns), "row"
        elif what == "field":
            column = self._columns[self.picked or self._visible[0]]
            values = [cell_value(column, row) for row in rows]
            text = "\n".join("" if value is None else str(value) for value in values)
            name = column.label
        else:
            text, name = "\n".join(map(table.id_of, rows)), "id"
        many = f"{name} of {len(rows)} rows" if len(rows) > 1 else name
        self.post_message(messages.Copied(table, text, many))

    # -- mouse

    def text_select_all(self) -> None:
        """A double click opens the row; it does not select the text of all of them."""

    def on_click(self, event: events.Click) -> None:
        """Header: sort.  Row: cursor; ctrl or the sign left of it: mark; twice: open."""
        event.stop()
        event.prevent_default()
        if self.text_selection is not None:
            return  # the end of a drag
        x, y = event.get_content_offset_capture(self)
        if y <= 0:
            self._click_header(x)
            return
        index = self._top + y - 1
        if index >= len(self._store.shown):
            return
        key = self._store.shown[index]
        # Rows may have moved between two clicks: the second must hit the row of the first.
        again = event.chain == 2 and key == self._cursor.key
        self.move_cursor(index)
        if event.button == 3:
            at = event.screen_offset
            self.post_message(messages.MenuRequested(self._table(), key, self._store.rows[key], at))
        elif event.ctrl or x < self._layout_now.spans[0].start - 1:
            self.mark([key], key not in self._store.marks)
        elif again:
            self.action_open()
        elif (span := self._span_at(x)) is not None:
            row, place = self._store.rows[key], self._unscrolled(x) - span.start
            self.post_message(messages.CellClicked(self._table(), key, row, span.column.key, place))

    def _unscrolled(self, x: int) -> int:
        return x if x < self._layout_now.pinned else x + self.scroll_offset.x

    def _span_at(self, x: int) -> Span | None:
        return self._layout_now.at(self._unscrolled(x))

    def _click_header(self, x: int) -> None:
        span = self._span_at(x)
        if span is not None:
            self._sort_or_reverse(span.column.key)
