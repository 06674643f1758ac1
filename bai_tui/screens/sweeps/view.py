"""The sweeps: those of this run of the program and of earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from bai_tui import actions
from bai_tui.screens.listing import ListView
from bai_tui.screens.sweeps.acts import SweepActs
from bai_tui.screens.sweeps.columns import SWEEP_COLUMNS, SweepRow
from bai_tui.sweeps.case import Case
from bai_tui.sweeps.spec import SweepError
from bai_tui.sweeps.sweep import Sweep
from bai_tui.widgets.dialog import Confirm
from bai_tui.widgets.table import LiveTable


class SweepsView(SweepActs, ListView):
    """The list."""

    CRUMB = "sweeps"
    ROOT = True
    SCOPES: ClassVar[tuple[str, ...]] = ("sweeps", "sweep", "table")
    REMEMBER = "sweeps"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings("table"),
        *actions.bindings("sweeps", "sweep"),
    ]

    def compose_body(self) -> ComposeResult:
        """The table."""
        yield LiveTable(
            SWEEP_COLUMNS,
            key=lambda row: row.id,
            row_tone=lambda row: "muted" if row.state == "finished" else "",
            what="sweeps",
            empty="No sweeps. One command, run for all combinations of values. n plans one.",
            id="table",
        )

    def setup(self) -> None:
        """Read what earlier runs left."""
        self.table.sort("age", True)
        super().setup()
        self.table.loading_rows = True
        self.reload()

    def reload(self) -> None:
        """From disk, once; then whatever is in memory."""
        self.in_background(self._load, "load")

    async def _load(self) -> None:
        await self.sweeps.load()
        self.table.set_rows([self._row(sweep) for sweep in self.sweeps.sweeps.values()])
        self.table.loading_rows = False
        for reason in self.sweeps.unreadable:
            self.flash(f"left out: {reason}", "warning")
        self.sweeps.unreadable = []
        self.refresh_bars()

    def _row(self, sweep: Sweep) -> SweepRow:
        return SweepRow.of(sweep, runs=self.sweeps.runs(sweep))

    def sweep_changed(self, sweep: Sweep, cases: Sequence[Case]) -> None:
        """Show it."""
        super().sweep_changed(sweep, cases)
        if self.is_mounted and sweep.id in self.sweeps.sweeps:
            self.table.upsert([self._row(sweep)])
            self.refresh_bars()

    def current(self) -> Sweep | None:
        """Under the cursor."""
        row = self.table.cursor_row
        return self.sweeps.sweeps.get(row.id) if row is not None else None

    def on_row_opened(self, event: LiveTable.RowOpened) -> None:
        """Its cases."""
        sweep = self.current()
        if sweep is not None:
            from bai_tui.screens.sweeps.grid import SweepView

            self.app.push_screen(SweepView(sweep))

    def open_with(self, argument: str) -> None:
        """`:sweeps /filter`."""
        if argument:
            self.table.set_filter(argument.removeprefix("/"))

    def do_sweeps_new(self, argument: str) -> None:
        """Plan one."""
        from bai_tui.screens.sweeps.form import SweepFormView

        self.app.push_screen(SweepFormView())

    def do_sweeps_delete(self, argument: str) -> None:
        """Forget one, after asking."""
        sweep = self.current()
        if sweep is None:
            return

        async def delete() -> None:
            try:
                await self.sweeps.delete(sweep)
            except SweepError as error:
                self.flash(str(error), "error")
            else:
                self.table.remove([sweep.id])
                self.flash(f"{sweep.id} was deleted", "success")

        def answered(yes: bool | None) -> None:
            if yes:
                self.attempt(delete(), "delete")
            else:
                self.flash("delete: cancelled, nothing was done")

        text = "Its record and the output kept of its cases are removed from this machine."
        dialog = Confirm("Delete the sweep?", text, names=[sweep.id], verb="Delete")
        self.app.push_screen(dialog, answered)
