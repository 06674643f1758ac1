"""Base of the views of a `LiveTable`: filter, columns, copy, export, remembered order."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.screens.view import View
from bai_tui.widgets.bars import Hint
from bai_tui.widgets.picker import Choice, Picker
from bai_tui.widgets.table import ColumnState, LiveTable
from bai_tui.widgets.table.export import to_csv, to_json


class ListView(View):
    """A view of one table; subclasses put it into their body."""

    REMEMBER: ClassVar[str] = ""
    """Name under which order and columns are remembered."""
    OPENS: ClassVar[str] = "open"
    """What enter does with a row, in a word for the hints."""

    @property
    def table(self) -> LiveTable[Any]:
        """The table."""
        return self.query_one(LiveTable)

    def setup(self) -> None:
        """Restore columns and order; keys go to the table."""
        self._recall_columns()
        column = self.host.remembered.get(self.REMEMBER, "sort", "")
        if column and any(c.key == column for c in self.table.columns):
            self.table.sort(column, self.host.remembered.get(self.REMEMBER, "reverse", False))
        self.focus_body()

    def resumed(self) -> None:
        """The columns may have been chosen, or given back, in the settings meanwhile."""
        super().resumed()
        self._recall_columns()

    def _recall_columns(self) -> None:
        table = self.table
        kept = self.host.remembered.get(self.REMEMBER, "columns", [])
        if not kept or not all(isinstance(key, str) for key in kept):
            kept = [column.key for column in table.columns if not column.optional]
        state = table.column_state._replace(visible=tuple(kept))
        if state != table.column_state:
            table.column_state = state

    def focus_body(self) -> None:
        """Keys go to the table."""
        self.table.focus()

    def has_row(self) -> bool:
        """Whether the cursor is on a row."""
        return self.table.cursor_row is not None

    def label_of(self, action: Action) -> str:
        """Enter is called by what it does here."""
        return self.OPENS if action.id == "table.open" else super().label_of(action)

    def why_not(self, action: Action) -> str:
        """Nothing can be opened where nothing is."""
        if action.id == "table.open" and not self.has_row():
            return "there is no row"
        return super().why_not(action)

    def counts(self) -> str:
        """Shown of all, and marks."""
        table = self.table
        parts = [f"{len(table.marked):,} marked"] if table.marked else []
        if table.filter_text:
            parts.append(f"/{table.filter_text} {table.shown_count:,}/{table.row_count:,}")
        else:
            parts.append(f"{table.row_count:,}")
        return "  ".join(parts)

    def tick(self) -> None:
        """Ages go on; a view that is just being made or closed has no table."""
        for table in self.query(LiveTable):
            table.tick()
        super().tick()

    def undo_one(self) -> bool:
        """Escape: the filter, then the marks."""
        if self.table.filter_text:
            self.table.set_filter("")
            return True
        if self.table.marked:
            self.table.clear_marks()
            return True
        return False

    # Messages of the table.

    def on_filter_changed(self, event: LiveTable.FilterChanged) -> None:
        """Counts changed; a filter that cannot be used says why."""
        if event.error:
            self.flash(f"/{event.text}: {event.error}", "warning")
        self.refresh_bars()

    def on_marks_changed(self) -> None:
        """Counts changed."""
        self.refresh_bars()

    def on_sort_changed(self) -> None:
        """Remember the order; the header shows it."""
        self._remember_sort()

    def _remember_sort(self) -> None:
        self.host.remembered.set(self.REMEMBER, "sort", self.table.sort_column or "")
        self.host.remembered.set(self.REMEMBER, "reverse", self.table.sort_reverse)

    def on_copied(self, event: LiveTable.Copied) -> None:
        """Copy by the best way, and say which."""
        self.copy(event.text, event.what)

    def on_filter_requested(self) -> None:
        """Type a filter."""
        self.do_table_filter("")

    def on_export_requested(self) -> None:
        """Write a file."""
        self.do_table_export("")

    def hints_of_prompt(self, kind: str) -> list[Hint]:
        """The language of filters."""
        ends = super().hints_of_prompt(kind)
        if kind != "/":
            return ends
        return [Hint("!word", "without it"), Hint("name:word", "in a column"), *ends]

    def typed(self, kind: str, value: str, *, final: bool) -> None:
        """Filter as one types."""
        self.table.set_filter(value)

    def on_columns_requested(self) -> None:
        """Choose columns."""
        self.do_table_columns("")

    def on_menu_requested(self) -> None:
        """Choose an action."""
        self.do_table_actions("")

    # Actions. The table has these keys itself; here they are for the prompt, the palette and
    # for the moment in which something else has the focus.

    def _table_does(self, action: str) -> None:
        self.call_later(self.table.run_action, action)

    def do_table_open(self, argument: str) -> None:
        """Open the row."""
        self._table_does("open")

    def do_table_up(self, argument: str) -> None:
        """Up."""
        self._table_does("move(-1)")

    def do_table_down(self, argument: str) -> None:
        """Down."""
        self._table_does("move(1)")

    def do_table_top(self, argument: str) -> None:
        """First row."""
        self._table_does("first")

    def do_table_end(self, argument: str) -> None:
        """Last row."""
        self._table_does("last")

    def do_table_mark(self, argument: str) -> None:
        """Mark."""
        self._table_does("mark")

    def do_table_range(self, argument: str) -> None:
        """Mark a range."""
        self._table_does("mark_range")

    def do_table_all(self, argument: str) -> None:
        """Mark all."""
        self._table_does("mark_all")

    def do_table_clear(self, argument: str) -> None:
        """Unmark."""
        self._table_does("clear_marks")

    def do_table_sort_right(self, argument: str) -> None:
        """Pick the next column."""
        self._table_does("pick(1)")

    def do_table_sort_left(self, argument: str) -> None:
        """Pick the column before."""
        self._table_does("pick(-1)")

    def do_table_sort(self, argument: str) -> None:
        """Sort by the picked column, or by the one named."""
        if not argument:
            self._table_does("sort_picked")
        elif any(column.key == argument for column in self.table.columns):
            self.table.sort(argument)
            self._remember_sort()
        else:
            names = ", ".join(column.key for column in self.table.columns)
            self.flash(f"there is no column {argument!r}: {names}", "warning")

    def do_table_reverse(self, argument: str) -> None:
        """Turn the order round."""
        self._table_does("reverse")

    def do_table_wide(self, argument: str) -> None:
        """All columns at full width."""
        self._table_does("wide")

    def do_table_copy_id(self, argument: str) -> None:
        """Copy names."""
        self._table_does("copy('id')")

    def do_table_copy_row(self, argument: str) -> None:
        """Copy rows."""
        self._table_does("copy('row')")

    def do_table_copy_field(self, argument: str) -> None:
        """Copy a column."""
        self._table_does("copy('field')")

    def do_table_columns(self, argument: str) -> None:
        """Choose the columns, in the order they are declared."""
        table = self.table
        visible = [column.key for column in table.visible_columns]
        choices = [Choice(c.key, c.label, c.help) for c in table.columns]

        def chosen(keys: tuple[str, ...] | None) -> None:
            if keys:
                order = [column.key for column in table.columns if column.key in keys]
                table.column_state = ColumnState(tuple(order))
                self.host.remembered.set(self.REMEMBER, "columns", order)

        self.app.push_screen(Picker("Columns", choices, visible, several=True), chosen)

    def do_table_actions(self, argument: str) -> None:
        """Choose what to do with the row."""
        present = list(self.menu())
        width = max((len(self.label_of(a)) for a in present), default=0)
        choices = [
            Choice(a.id, f"{self.label_of(a):{width}}  {a.help}", self.key_of(a), self.refusal(a))
            for a in present
        ]

        def chosen(ids: tuple[str, ...] | None) -> None:
            if ids:
                self.perform(actions.BY_ID[ids[0]])

        if choices and (self.has_row() or not actions.BY_ID[choices[0].value].needs_row):
            self.app.push_screen(Picker("Actions", choices), chosen)

    def menu(self) -> list[Action]:
        """The actions that are offered for the row."""
        return [a for a in self.actions() if a.needs_row and a.label and a.scope != "table"]

    def do_table_filter(self, argument: str) -> None:
        """Filter at once, or type."""
        if argument:
            self.table.set_filter(argument.removeprefix("/"))
        else:
            self.open_prompt("/", self.table.filter_text)

    def do_table_export(self, argument: str) -> None:
        """Write the rows shown to a new file: CSV, or JSON by the name's ending."""
        table = self.table
        stem = re.sub(r"[^\w.-]+", "_", self.CRUMB)
        path = Path(argument or f"bai-{stem}-{datetime.now():%Y%m%d-%H%M%S}.csv").expanduser()
        write = to_json if path.suffix == ".json" else to_csv
        try:
            with path.open("x", encoding="utf-8", newline="") as file:
                file.write(write(table.rows, table.visible_columns))
        except OSError as error:
            self.flash(f"not written: {path}: {error.strerror}", "error")
            return
        many = f"{table.shown_count:,} row{'' if table.shown_count == 1 else 's'}"
        self.flash(f"{many} written to {path.absolute()}", "success")
