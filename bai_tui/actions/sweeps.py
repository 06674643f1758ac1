"""Actions of parameter studies and their cases."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import Action


def _sweep(
    name: str,
    keys: str,
    label: str,
    text: str,
    *aliases: str,
    hint: int = 0,
    mutating: bool = True,
) -> Action:
    return Action(
        f"sweep.{name}", tuple(keys.split()), label, text, "Sweep", "sweep", aliases,
        needs_row=True, mutating=mutating, hint=hint,
    )  # fmt: skip


ACTIONS: Final[tuple[Action, ...]] = (
    Action("sweeps.new", ("n",), "new", "Plan a parameter study.", "Sweep", "sweeps",
           ("new-sweep",), mutating=True, hint=20),
    Action("sweeps.delete", ("ctrl+x",), "delete", "Forget a sweep and the output kept of it.",
           "Sweep", "sweeps", ("delete-sweep",), needs_row=True),
    _sweep("resume", "s", "go on", "Send the waiting cases: after a pause, or of an earlier run.",
           "sweep-resume", hint=30),
    _sweep("pause", "p", "pause", "Send no more cases; those that run go on.", "sweep-pause",
           hint=35, mutating=False),
    _sweep("retry", "R", "retry failed", "Run all cases again that failed or were stopped.",
           "sweep-retry", hint=40),
    _sweep("again", "N", "plan again", "Plan a new sweep like this one.", "sweep-again"),
    _sweep("collect", "f", "collect", "Copy all outputs and the table to a folder.",
           "sweep-collect", hint=55, mutating=False),
    _sweep("stop", "ctrl+d", "stop", "Send no more cases and end those that run; asks first.",
           "sweep-stop", hint=50),
    Action("case.output", ("l",), "output", "Show what the case printed.", "Case", "case",
           ("case-output",), needs_row=True),
    Action("case.retry", ("r",), "retry", "Run the case again, or the marked ones.", "Case",
           "case", ("case-retry",), needs_row=True, mutating=True, hint=45),
    Action("case.session", ("J",), "session", "Go to the session of the case.", "Case", "case",
           ("case-session",), needs_row=True),
)  # fmt: skip
