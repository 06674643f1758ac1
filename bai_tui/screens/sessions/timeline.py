"""The life of a session as a list of steps with durations. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bai_tui.feed import GAP, ClusterEvent
from bai_tui.screens.sessions.columns import STATUS
from bai_tui.screens.sessions.model import Row
from bai_tui.widgets.facts import Fact
from bai_tui.widgets.text import format_age

SAME: Final = 2.0
"""Seconds within which two sources tell the same step."""
BAR: Final = 12


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened; `status` is empty for what changes none."""

    at: datetime
    label: str
    status: str = ""
    reason: str = ""


def steps_of(
    row: Row, events: Iterable[ClusterEvent], course: Sequence[tuple[str, datetime]] = ()
) -> list[Step]:
    """All that is known: the server's own course, the times of the list, events of this run."""
    info = row.info
    found = [Step(at, status.lower(), status) for status, at in course]
    found += [Step(e.at, e.verb, e.status or ("-" if e.name == GAP else ""), e.reason)
              for e in events]  # fmt: skip
    if info.created_at is not None:
        found.append(Step(info.created_at, "enqueued", "PENDING"))
    if info.status_changed is not None and info.status:
        found.append(Step(info.status_changed, info.status.lower(), info.status, info.status_info))
    if info.terminated_at is not None:
        over = info.status if not info.is_alive else "TERMINATED"
        found.append(Step(info.terminated_at, over.lower(), over, info.status_info))
    found.sort(key=lambda step: step.at)
    steps: list[Step] = []
    for step in found:
        twin = next(
            (
                old
                for old in reversed(steps)
                if old.status == step.status
                and step.status not in ("", "-")
                and (step.at - old.at).total_seconds() <= SAME
            ),
            None,
        )
        if twin is None:
            steps.append(step)
        elif step.reason and not twin.reason:
            steps[steps.index(twin)] = Step(twin.at, twin.label, twin.status, step.reason)
    return steps


def timeline(
    row: Row,
    events: Iterable[ClusterEvent],
    course: Sequence[tuple[str, datetime]] = (),
    now: datetime | None = None,
) -> list[Fact]:
    """One line a step: when, what, for how long (as a bar of the whole life), why."""
    steps = steps_of(row, events, course)
    if not steps:
        return [("-", "nothing is known of its course", "$text-muted")]
    now = now or datetime.now(UTC)
    end = now if row.info.is_alive else steps[-1].at
    whole = max((end - steps[0].at).total_seconds(), 0.001)
    today = steps[0].at.astimezone().date() == now.astimezone().date()
    facts: list[Fact] = []
    for step, after in zip(steps, [*(s.at for s in steps[1:]), end], strict=True):
        at = step.at.astimezone()
        when = f"{at:%H:%M:%S}" if today else f"{at:%m-%d %H:%M:%S}"
        if step.status == "-":
            facts.append((when, f"┄┄ {step.reason} ┄┄", "$text-warning"))
            continue
        passed = max(0.0, (after - step.at).total_seconds())
        last = step is steps[-1]
        if last and not row.info.is_alive:
            length, bar = "", ""
        else:
            length = f"{format_age(passed)}{' so far' if last else ''}"
            bar = "━" * max(1, round(passed / whole * BAR))
        tone, glyph = STATUS.get(step.status, ("", "·"))
        text = f"{glyph} {step.label:<12} {length:<12} {bar:<{BAR}} {step.reason}"
        facts.append((when, text.rstrip(), _STYLES.get(tone, "$foreground")))
    facts += [("", ""), ("in all", format_age(whole), "bold")]
    return facts


_STYLES: Final = {
    "success": "$text-success",
    "warning": "$text-warning",
    "error": "$text-error",
    "accent": "$text-accent",
    "muted": "$text-muted",
}
