"""Why a queued session does not run yet, and what can be done about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bai_tui.api.models import SessionInfo, parse_json

QUEUED: Final = frozenset({"PENDING", "SCHEDULED", "DEPRIORITIZING"})

REASONS: Final = (
    # a part of what schedulers of any release write (data-model.md 4.4), what it means
    ("keypair resource quota", "the keypair's limit is used up: it starts when one of its "
     "sessions ends"),
    ("concurrency", "the keypair may have no more sessions at once: end one of them"),
    ("user resource quota", "the user's limit is used up: it starts when one of his sessions ends"),
    ("group resource quota", "the group's limit is used up: it starts when a session of the "
     "group ends"),
    ("project resource quota", "the project's limit is used up: it starts when a session of the "
     "project ends"),
    ("domain resource quota", "the domain's limit is used up: it starts when a session of the "
     "domain ends"),
    ("no available resource", "no agent has so much free: it starts when other sessions end; "
     "asking for less starts it sooner"),
    ("no-available-instances", "no agent has so much free: it starts when other sessions end; "
     "asking for less starts it sooner"),
    ("dependenc", "sessions it depends on have not succeeded yet"),
    ("reserved", "its start time has not come"),
)  # fmt: skip


def why_waiting(info: SessionInfo) -> str:
    """A sentence for a session in the queue; empty for any other."""
    if info.status not in QUEUED:
        return ""
    told = " ".join(filter(None, (info.status_info, *_failed(info.raw.get("status_data")))))
    for part, meaning in REASONS:
        if part in told.lower():
            return meaning
    if told.strip():
        return f"the scheduler says: {told.strip()}"
    return "the scheduler has not looked at it yet"


def _failed(status_data: Any) -> list[str]:
    """Messages of the checks that failed, which later servers keep as data."""
    data = parse_json(status_data)
    scheduler = data.get("scheduler") if isinstance(data, Mapping) else None
    if not isinstance(scheduler, Mapping):
        return []
    failed = scheduler.get("failed_predicates")
    rows = failed if isinstance(failed, list) else []
    found = [str(r.get("msg") or r.get("name") or "") for r in rows if isinstance(r, Mapping)]
    return [*found, str(scheduler.get("msg") or "")]
