"""The states of a session, and the events that announce them, by release (graphql.md 3.9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bai_tui.api.versioning.releases import R19_09, R20_09, R23_09, R25_01, Release

ALIVE_STATUSES: Final = (
    "PENDING",
    "PREPARING",
    "BUILDING",
    "PULLING",
    "RUNNING",
    "RESTARTING",
    "RESIZING",
    "SUSPENDED",
    "TERMINATING",
    "ERROR",
)
"""Statuses of 19.09 that are not over, in the order of a session's life."""

DEAD_STATUSES: Final = ("TERMINATED", "CANCELLED")
"""Statuses that are final, in every generation."""

ALIVE: Final[tuple[tuple[Release, tuple[str, ...]], ...]] = (
    # A server refuses the whole list for one name it does not know.
    (R19_09, ALIVE_STATUSES),
    (R20_09, ("PENDING", "SCHEDULED", *ALIVE_STATUSES[1:])),
    (
        R23_09,
        (
            "PENDING",
            "SCHEDULED",
            "PREPARING",
            "PULLING",
            "RUNNING",
            "RESTARTING",
            "RUNNING_DEGRADED",
            "TERMINATING",
            "ERROR",
        ),
    ),
    (
        R25_01,
        (
            "PENDING",
            "DEPRIORITIZING",
            "RESERVED",
            "SCHEDULED",
            "PREPARING",
            "PULLING",
            "PREPARED",
            "CREATING",
            "RUNNING",
            "RESTARTING",
            "RUNNING_DEGRADED",
            "PREEMPTED",
            "RESCHEDULING",
            "TERMINATING",
            "ERROR",
        ),
    ),
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
