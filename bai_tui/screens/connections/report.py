"""The result of a test, shown over the view."""

from __future__ import annotations

from bai_tui.screens.connections.probe import Report
from bai_tui.screens.help import Sheet
from bai_tui.screens.view import View


def show_report(view: View, name: str, report: Report) -> None:
    """How far a test went and what is wrong, over the view."""
    facts = [(f"✓ {step}", text) for step, text in report.steps]
    problem = report.problem
    if problem is not None:
        facts += [(f"✗ {report.failed}", f"{problem.what}. {problem.why}")]
        facts += [("next" if n == 0 else "", text) for n, text in enumerate(problem.steps)]
    else:
        facts.append(("✓ ready", "enter or u in the list switches to it"))
    view.app.push_screen(Sheet(name, facts, what="test"))
