"""Actions of every list."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import Action

_OF_A_ROW: Final = frozenset({"open", "mark", "range", "all", "copy_id", "copy_row", "copy_field"})


def _table(name: str, keys: str, label: str, text: str, *aliases: str, hint: int = 0) -> Action:
    return Action(
        f"table.{name}", tuple(keys.split()), label, text, "List", "table", aliases, hint=hint,
        needs_row=name in _OF_A_ROW,
    )  # fmt: skip


ACTIONS: Final[tuple[Action, ...]] = (
    _table("open", "enter", "open", "Open the row under the cursor.", hint=10),
    _table("describe", "d", "details", "Show or hide the details of the row.", "describe", hint=60),
    Action("table.tab", ("D",), "next tab", "Show the next tab of the details.", "List", "detail"),
    _table("filter", "slash", "filter",
           "Show only the rows that contain the words; ! excludes, name:word looks in one column.",
           "filter", hint=80),
    _table("sort_right", "shift+right", "", "Pick the next column, for sorting or copying."),
    _table("sort_left", "shift+left", "", "Pick the column before."),
    _table("sort", "o", "sort", "Sort by the picked column; again: the other way.", "sort"),
    _table("reverse", "O", "reverse", "Turn the order round.", "reverse"),
    _table("mark", "space ctrl+@", "mark", "Mark or unmark the row, for acting on several.",
           "mark"),
    _table("range", "V", "mark range", "Begin marking a range, and end it.", "mark-range"),
    _table("all", "asterisk", "mark all", "Mark all rows shown.", "mark-all"),
    _table("clear", "backslash", "unmark", "Remove all marks.", "unmark"),
    _table("columns", "w", "columns", "Choose the columns.", "columns"),
    _table("wide", "W", "wide", "Show all columns and scroll sideways.", "wide"),
    _table("copy_id", "c", "copy id", "Copy the name of the row, or of the marked rows.", "copy"),
    _table("copy_row", "C", "copy row", "Copy the row, or the marked rows, with all columns.",
           "copy-row"),
    _table("copy_field", "", "copy field", "Copy the picked column of the row or marked rows.",
           "copy-field"),
    _table("export", "x", "export", "Write the rows shown to a CSV (or .json) file.", "export"),
    _table("actions", "a", "actions", "Choose from what can be done with the row.", "actions"),
    _table("up", "up k", "", "Move up."),
    _table("down", "down j", "", "Move down."),
    _table("top", "home g", "", "Go to the first row."),
    _table("end", "end G", "", "Go to the last row."),
)  # fmt: skip
