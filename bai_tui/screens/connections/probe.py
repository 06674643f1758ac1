"""Trying a cluster: step by step, the first failure explained. Nothing is changed there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bai_tui.diagnosis import Problem, explain, explain_clock

if TYPE_CHECKING:
    from bai_tui.connection import Target


STEPS: Final = ("address", "server", "login")


@dataclass(frozen=True, slots=True)
class Report:
    """What came out: (step, result) as far as it went, and what is wrong with the next one."""

    steps: tuple[tuple[str, str], ...]
    problem: Problem | None = None

    @property
    def failed(self) -> str:
        """The step that failed."""
        return STEPS[min(len(self.steps), len(STEPS) - 1)]

    @property
    def line(self) -> str:
        """For one line of a table."""
        return self.problem.line if self.problem else "; ".join(text for _, text in self.steps[1:])


async def probe(target: Target) -> Report:
    """Reach the cluster, learn its release, log in, ask who we are."""
    from bai_tui.api.session import AsyncSession
    from bai_tui.connection import log_in
    from bai_tui.identity import identify

    steps: list[tuple[str, str]] = []
    try:
        config = await target.resolve()
        steps.append(("address", f"{config.endpoint} ({config.endpoint_type} mode)"))
        async with AsyncSession(config=config) as session:
            info = await session.negotiate()
            steps.append(("server", f"release {info.manager}, API {info.version}"))
            await log_in(session, target)
            identity = await identify(session)
            steps.append(("login", f"{identity.name} ({identity.role})"))
            clock = explain_clock(session.clock_offset)
            if clock:
                steps.append(("clock", f"{clock}; requests are signed with the server's"))
    except Exception as error:
        return Report(tuple(steps), explain(error))
    return Report(tuple(steps))
