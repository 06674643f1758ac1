"""What lists do not tell of one session: how it came to be, on whom it waits. Asked when shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from bai_tui.api.models import SessionInfo, parse_json, parse_time

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession

_DOCUMENT: Final = (
    "query($id: UUID!) { compute_session(id: $id) { status_history dependencies { name status } } }"
)


@dataclass(frozen=True, slots=True)
class More:
    """The course of a session and its dependencies.

    Attributes:
        steps: (status, when it began), oldest first; empty on servers that keep none.
        dependencies: (name, status) of the sessions it waited for.
        told: whether servers of this generation know dependencies at all.
    """

    steps: Sequence[tuple[str, datetime]] = ()
    dependencies: Sequence[tuple[str, str]] = ()
    told: bool = False


async def ask(session: AsyncSession, info: SessionInfo) -> More:
    """Ask the server; without a question where servers know nothing more.

    Raises:
        BackendError: as the call itself.
    """
    if not session.generation.session_course:
        return More()
    data = await session.Admin.query(_DOCUMENT, {"id": info.id})
    found = data.get("compute_session") if isinstance(data, Mapping) else None
    return read(found) if isinstance(found, Mapping) else More(told=True)


def read(found: Mapping[str, Any]) -> More:
    """The answer: `status_history` is a map of times, or a list of steps (graphql.md 8)."""
    history = parse_json(found.get("status_history"))
    pairs: list[tuple[Any, Any]] = []
    if isinstance(history, Mapping):
        pairs = list(history.items())
    elif isinstance(history, list):
        pairs = [
            (step.get("status"), step.get("timestamp") or step.get("time"))
            for step in history
            if isinstance(step, Mapping)
        ]
    steps = [(str(status), at) for status, text in pairs if (at := parse_time(text)) is not None]
    return More(
        tuple(sorted(steps, key=lambda step: step[1])),
        tuple(
            (str(entry.get("name") or "?"), str(entry.get("status") or ""))
            for entry in found.get("dependencies") or ()
            if isinstance(entry, Mapping)
        ),
        told=True,
    )
