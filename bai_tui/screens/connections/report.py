"""The result of a test, shown over the view."""

from __future__ import annotations

from bai_tui.screens.connections.probe import Report
from bai_tui.screens.help import Sheet
from bai_tui.screens.view import View


def facts_of(report: Report) -> list[tuple[str, str]]:
    """How far a test went, and what is wrong."""
    facts = [(f"✓ {step}", text) for step, text in report.steps]
    problem = report.problem
    if problem is not None:
        facts += [(f"✗ {report.failed}", f"{problem.what}. {problem.why}")]
        facts += [("next" if n == 0 else "", text) for n, text in enumerate(problem.steps)]
    else:
        facts.append(("✓ ready", "enter or u in the list switches to it"))
    return facts


def show_report(view: View, name: str, report: Report) -> None:
    """The result over the view."""
    view.app.push_screen(Sheet(name, facts_of(report), what="test"))
