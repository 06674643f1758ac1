"""What can be done with a sweep, from the list and from its own grid."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from bai_tui.actions import Action
from bai_tui.screens.view import View
from bai_tui.sweeps.case import ALIVE, State
from bai_tui.sweeps.manager import Sweeps
from bai_tui.sweeps.output import gather
from bai_tui.sweeps.spec import SweepError
from bai_tui.sweeps.sweep import Sweep
from bai_tui.widgets.dialog import Confirm


class SweepActs(View):
    """The actions; a subclass says which sweep they are for."""

    @property
    def sweeps(self) -> Sweeps:
        """All sweeps."""
        return self.host.sweeps

    def current(self) -> Sweep | None:
        """The sweep meant."""
        raise NotImplementedError

    def key(self) -> str:
        """Our access key; empty before it is known."""
        identity = self.connection.identity
        return identity.access_key if identity is not None else ""

    def why_not(self, action: Action) -> str:
        """What in the sweep's own state stands against an action."""
        sweep = self.current()
        if sweep is None:
            return super().why_not(action)
        runs = self.sweeps.runs(sweep)
        match action.id:
            case "sweep.resume" if sweep.over:
                return "every case is over; R runs the failed ones again"
            case "sweep.resume" if sweep.active and runs and not sweep.hold:
                return "it is going on"
            case "sweep.pause" if not sweep.active:
                return "nothing is sent"
            case "sweep.retry" if not sweep.count((State.FAILED, State.STOPPED)):
                return "no case failed"
            case "sweep.stop" if sweep.over:
                return "every case is over"
            case "sweeps.delete" if sweep.count(ALIVE):
                return "it still has sessions; ctrl+d stops it"
        return super().why_not(action)

    def do_sweep_resume(self, argument: str) -> None:
        """Go on."""
        sweep = self.current()
        if sweep is not None:
            try:
                self.sweeps.resume(sweep, self.key())
            except SweepError as error:
                self.flash(str(error), "error")
            else:
                self.flash(f"{sweep.id} goes on", "success")

    def do_sweep_pause(self, argument: str) -> None:
        """Pause."""
        sweep = self.current()
        if sweep is not None:
            try:
                self.sweeps.pause(sweep)
            except SweepError as error:
                self.flash(str(error), "error")
            else:
                self.flash(f"{sweep.id}: no more cases are sent; s goes on")

    def do_sweep_retry(self, argument: str) -> None:
        """All failed ones."""
        sweep = self.current()
        if sweep is not None:
            self.retry(sweep, [case.number for case in sweep.cases])

    def retry(self, sweep: Sweep, numbers: list[int]) -> None:
        """Run those of these cases again that failed or were stopped."""
        try:
            count = self.sweeps.retry(sweep, [sweep.cases[n - 1] for n in numbers], self.key())
        except SweepError as error:
            self.flash(str(error), "error")
        else:
            self.flash(
                "1 case runs again" if count == 1 else f"{count} cases run again",
                "success" if count else "warning",
            )

    def do_sweep_stop(self, argument: str) -> None:
        """Stop, after asking."""
        sweep = self.current()
        if sweep is None:
            return
        alive, waiting = sweep.count(ALIVE), sweep.counts[State.WAITING]
        ends = "are ended" if sweep.spec.remove else "go on to their end"
        text = f"{waiting} waiting cases are not sent, {alive} that are queued or run {ends}."

        def answered(yes: bool | None) -> None:
            if not yes:
                self.flash("stop: cancelled, nothing was done")
                return
            try:
                self.sweeps.stop(sweep)
            except SweepError as error:
                self.flash(str(error), "error")
            else:
                self.flash(f"{sweep.id} is being stopped")

        dialog = Confirm("Stop the sweep?", text, names=[sweep.id], verb="Stop")
        self.app.push_screen(dialog, answered)

    def do_sweep_again(self, argument: str) -> None:
        """A new plan like this."""
        sweep = self.current()
        if sweep is not None:
            from bai_tui.screens.sweeps.form import SweepFormView

            self.app.push_screen(SweepFormView(sweep.spec))

    async def do_sweep_collect(self, argument: str) -> None:
        """Copy outputs to a folder."""
        sweep = self.current()
        if sweep is None:
            return
        name = argument.strip() or f"{sweep.id}-{datetime.now():%Y%m%d-%H%M%S}"
        try:
            target, logs = await asyncio.to_thread(_gather, sweep, name)
        except SweepError as error:
            self.flash(str(error), "error")
        else:
            self.flash(f"{logs} outputs and the table of {len(sweep.cases)} cases are in {target}",
                       "success")  # fmt: skip


def _gather(sweep: Sweep, name: str) -> tuple[Path, int]:
    target = Path(name).expanduser().absolute()
    return target, gather(sweep, target)
