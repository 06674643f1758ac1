"""What a table tells the screen it is on."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from textual.geometry import Offset
from textual.message import Message

if TYPE_CHECKING:
    from bai_tui.widgets.table.widget import LiveTable

Key = Hashable


class TableMessage(Message):
    """A message of one table."""

    def __init__(self, table: LiveTable[Any]) -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> LiveTable[Any]:
        """The table, for `@on(LiveTable.RowOpened, "#sessions")`."""
        return self.table


class RowHighlighted(TableMessage):
    """The cursor is on another row; `key` and `row` are `None` when there is none."""

    def __init__(self, table: LiveTable[Any], key: Key, row: Any) -> None:
        super().__init__(table)
        self.key = key
        self.row = row


class RowOpened(TableMessage):
    """Enter or a double click on a row."""

    def __init__(self, table: LiveTable[Any], key: Key, row: Any) -> None:
        super().__init__(table)
        self.key = key
        self.row = row


class CellClicked(TableMessage):
    """A row was clicked, `x` cells into the column of this key."""

    def __init__(self, table: LiveTable[Any], key: Key, row: Any, column: str, x: int) -> None:
        super().__init__(table)
        self.key = key
        self.row = row
        self.column = column
        self.x = x


class MenuRequested(TableMessage):
    """The key for the menu of actions, or a right click, `at` a place of the screen."""

    def __init__(self, table: LiveTable[Any], key: Key, row: Any, at: Offset | None) -> None:
        super().__init__(table)
        self.key = key
        self.row = row
        self.at = at


class MarksChanged(TableMessage):
    """Rows were marked or unmarked, or marked rows left the table."""

    def __init__(self, table: LiveTable[Any], keys: frozenset[Key]) -> None:
        super().__init__(table)
        self.keys = keys


class SortChanged(TableMessage):
    """The user chose another order; `column` is `None` for the order rows were given in."""

    def __init__(self, table: LiveTable[Any], column: str | None, reverse: bool) -> None:
        super().__init__(table)
        self.column = column
        self.reverse = reverse


class FilterChanged(TableMessage):
    """A filter was applied, or could not be (`error`; the one before stays in force)."""

    def __init__(self, table: LiveTable[Any], text: str, error: str | None) -> None:
        super().__init__(table)
        self.text = text
        self.error = error
        self.shown = table.shown_count
        self.total = table.row_count


class FilterRequested(TableMessage):
    """The user wants to type a filter: show a prompt and pass its text to `set_filter`."""


class ColumnsRequested(TableMessage):
    """The user wants to choose columns."""


class ExportRequested(TableMessage):
    """The user wants the table in a file; see `export`."""


class Copied(TableMessage):
    """The user copied `text`: put it into the clipboard; `what` says in words what it is."""

    def __init__(self, table: LiveTable[Any], text: str, what: str) -> None:
        super().__init__(table)
        self.text = text
        self.what = what
