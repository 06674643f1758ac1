"""A table of many live rows: the widget, its columns, and pure exports of what it shows."""

from bai_tui.widgets.table.columns import Cell, Column
from bai_tui.widgets.table.widget import ColumnState, LiveTable

__all__ = ["Cell", "Column", "ColumnState", "LiveTable"]
