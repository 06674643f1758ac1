"""The live grid of one sweep: every combination, how far it is, what it printed last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.screens.listing import ListView
from bai_tui.screens.sweeps.acts import SweepActs
from bai_tui.screens.sweeps.columns import CASE_STATE, case_columns, progress, state_of
from bai_tui.sweeps.case import OVER, Case, State
from bai_tui.sweeps.sweep import Sweep
from bai_tui.widgets.table import LiveTable
from bai_tui.widgets.text import cell_len, printable


class SweepView(SweepActs, ListView):
    """The cases of one sweep."""

    CRUMB = "cases"
    SCOPES: ClassVar[tuple[str, ...]] = ("case", "sweep", "table")
    REMEMBER = "cases"
    OPENS = "output"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings("table"),
        *actions.bindings("case", "sweep"),
    ]
    CSS_PATH = "../../assets/sweeps.tcss"

    def __init__(self, sweep: Sweep) -> None:
        super().__init__()
        self._sweep = sweep
        self.CRUMB = sweep.id  # type: ignore[misc]

    def compose_body(self) -> ComposeResult:
        """Summary and table."""
        yield Static(id="summary", markup=False)
        yield LiveTable(
            case_columns(self._sweep.spec.ranges),
            key=lambda case: case.number,
            row_tone=lambda case: "muted" if case.state in (State.DONE, State.STOPPED) else "",
            what="cases",
            empty="This sweep has no cases.",
            id_of=lambda case: case.session,
            id="table",
        )

    def setup(self) -> None:
        """All cases."""
        super().setup()
        self.table.set_rows([replace(case) for case in self._sweep.cases])
        self._summarise()

    def _summarise(self) -> None:
        sweep = self._sweep
        state = state_of(sweep, runs=self.sweeps.runs(sweep))
        parts = [
            f"{CASE_STATE[s][1]} {sweep.counts[s]} {s}"
            for s in State
            if sweep.counts[s] and s is not State.SENDING
        ]
        line = f"{progress(sweep.count(OVER), len(sweep.cases), 24)}  {state}"
        counts = "   ".join(parts)
        # The next line rather than a break in the middle of a count.
        fits = cell_len(line) + 3 + len(counts) <= self.size.width - 2
        line += ("   " if fits else "\n") + counts
        if sweep.hold and not sweep.over:
            line += f"\n{printable(sweep.hold)}"
        self.query_one("#summary", Static).update(line)

    def on_resize(self) -> None:
        """More or less room for the counts."""
        if self.query("#summary"):
            self._summarise()

    def sweep_changed(self, sweep: Sweep, cases: Sequence[Case]) -> None:
        """Repaint what changed."""
        super().sweep_changed(sweep, cases)
        if sweep is self._sweep and self.is_mounted:
            self.table.upsert([replace(case) for case in cases])
            self._summarise()
            self.refresh_bars()

    def current(self) -> Sweep | None:
        """This one."""
        return self._sweep

    def why_not(self, action: Action) -> str:
        """Cases without output."""
        case = self.table.cursor_row
        if action.id in ("case.output", "case.session") and case is not None and not case.session:
            return f"the case is {case.state}"
        return super().why_not(action)

    def on_row_opened(self, event: LiveTable.RowOpened) -> None:
        """Enter shows the output."""
        self.perform(actions.BY_ID["case.output"])

    def do_case_output(self, argument: str) -> None:
        """What it printed."""
        case = self.table.cursor_row
        if case is not None:
            from bai_tui.screens.sweeps.output import CaseOutputView

            self.app.push_screen(CaseOutputView(self._sweep, case.number))

    def do_case_retry(self, argument: str) -> None:
        """Again."""
        self.retry(self._sweep, [case.number for case in self.table.chosen_rows])

    def do_case_session(self, argument: str) -> None:
        """Its session in the list of sessions."""
        case = self.table.cursor_row
        if case is not None:
            self.host.show_view("sessions", f"@{case.session}")

    def do_table_describe(self, argument: str) -> None:
        """The command of the case, in the flash line and the messages."""
        case = self.table.cursor_row
        if case is None:
            return
        plan = self._sweep.spec.combinations(case.number)[-1]
        values = "  ".join(f"{name}={value}" for name, value in case.values.items())
        environ = "\n".join(f"{name}={value}" for name, value in plan.environ.items())
        self.flash(f"{values}  {plan.command}", "info",
                   f"{plan.command}\n{environ}\n{case.session}\n{case.note}")  # fmt: skip
