"""The states of a session, and the events that announce them, by release (graphql.md 3.9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bai_tui.api.versioning.releases import (
    R19_09,
    R20_09,
    R23_03,
    R24_12,
    R26_01,
    R26_08,
    Release,
)

ALIVE_STATUSES: Final = (
    "PENDING",
    "DEPRIORITIZING",
    "RESERVED",
    "SCHEDULED",
    "PREPARING",
    "BUILDING",
    "PULLING",
    "PREPARED",
    "CREATING",
    "RUNNING",
    "RUNNING_DEGRADED",
    "RESTARTING",
    "RESIZING",
    "SUSPENDED",
    "PREEMPTED",
    "RESCHEDULING",
    "TERMINATING",
    "ERROR",
)
"""Statuses of any generation that are not over, in the order of a session's life."""

DEAD_STATUSES: Final = ("TERMINATED", "CANCELLED")
"""Statuses that are final, in every generation."""

_CHANGES: Final = (
    # release, statuses that came, statuses that went (read off the published servers)
    (R20_09, "SCHEDULED", ""),
    (R23_03, "RUNNING_DEGRADED", "BUILDING RESIZING SUSPENDED"),
    (R24_12, "PREPARED CREATING", ""),
    (R26_01, "DEPRIORITIZING", ""),
    (R26_08, "RESERVED PREEMPTED RESCHEDULING", ""),
)


def _alive() -> tuple[tuple[Release, tuple[str, ...]], ...]:
    """Since when which statuses are known; a server refuses the list for one it does not know."""
    names = set(ALIVE_STATUSES).difference(*(came.split() for _, came, _ in _CHANGES))
    rows = [(R19_09, names)]
    for release, came, went in _CHANGES:
        names = names.union(came.split()).difference(went.split())
        rows.append((release, names))
    return tuple((since, tuple(s for s in ALIVE_STATUSES if s in known)) for since, known in rows)


ALIVE: Final = _alive()

EVENT_STATUS: Final[Mapping[str, str]] = {
    # last part of an event's name to the status it announces (rest-streams.md 6)
    "enqueued": "PENDING",
    "pending": "PENDING",
    "scheduled": "SCHEDULED",
    "preparing": "PREPARING",
    "pulling": "PULLING",
    "prepared": "PREPARED",
    "creating": "PREPARING",
    "started": "RUNNING",
    "terminating": "TERMINATING",
    "terminated": "TERMINATED",
    "cancelled": "CANCELLED",
}

OF_ONE_CONTAINER: Final = frozenset({"started", "terminated", "cancelled"})
"""What says nothing about the session when a container's event says it (20.09 and later)."""
