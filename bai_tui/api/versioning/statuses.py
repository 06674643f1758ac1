"""The states of a session, and the events that announce them, by release (graphql.md 3.9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bai_tui.api.versioning.releases import R19_09, R20_09, R23_09, R25_01, Release

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

_SINCE_20_09: Final = frozenset({"SCHEDULED"})
_SINCE_23_09: Final = frozenset({"RUNNING_DEGRADED"})
_SINCE_25: Final = frozenset(
    {"DEPRIORITIZING", "RESERVED", "PREPARED", "CREATING", "PREEMPTED", "RESCHEDULING"}
)
_GONE_23_09: Final = frozenset({"BUILDING", "RESIZING", "SUSPENDED"})


def _without(*sets: frozenset[str]) -> tuple[str, ...]:
    return tuple(s for s in ALIVE_STATUSES if not any(s in names for names in sets))


ALIVE: Final[tuple[tuple[Release, tuple[str, ...]], ...]] = (
    # A server refuses the whole list for one name it does not know.
    (R19_09, _without(_SINCE_20_09, _SINCE_23_09, _SINCE_25)),
    (R20_09, _without(_SINCE_23_09, _SINCE_25)),
    (R23_09, _without(_GONE_23_09, _SINCE_25)),
    (R25_01, _without(_GONE_23_09)),
)

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
