"""What became of one combination of a sweep. Data; no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final


class State(StrEnum):
    """How far a case is."""

    WAITING = "waiting"
    """Not sent yet."""
    SENDING = "sending"
    """Sent, not answered: after a crash it may or may not exist."""
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


ALIVE: Final = frozenset({State.SENDING, State.QUEUED, State.RUNNING})
OVER: Final = frozenset({State.DONE, State.FAILED, State.STOPPED})


@dataclass(slots=True)
class Case:
    """One case.

    Attributes:
        number: from 1. values: of the ranges.
        attempt: counts from 1; part of the session's name from the second on.
        session: name of its session. session_id: once known.
        began, ended: Unix times.
        exit_code: of its command, when it is known.
        last_line: what it printed last. note: why it failed, or what is in the way.
        log: file of its whole output, once it is over. files: directory of what was collected.
    """

    number: int
    values: Mapping[str, str]
    state: State = State.WAITING
    attempt: int = 1
    session: str = ""
    session_id: str = ""
    began: float | None = None
    ended: float | None = None
    exit_code: int | None = None
    last_line: str = ""
    note: str = ""
    log: str = ""
    files: str = ""

    def to_json(self) -> dict[str, Any]:
        """For the journal; the values follow from the sweep itself."""
        data = asdict(self)
        del data["values"]
        return data

    def update(self, data: Mapping[str, Any]) -> None:
        """Take over what the journal says; what is unusable in it is left as it was."""
        for name, value in data.items():
            if name == "state":
                if value in State.__members__.values():
                    self.state = State(value)
            elif name in _KINDS and isinstance(value, _KINDS[name]):
                setattr(self, name, value)

    def again(self) -> None:
        """Back to the beginning, as the next attempt."""
        self.attempt += 1
        self.state = State.WAITING
        self.session = self.session_id = self.last_line = self.note = self.log = self.files = ""
        self.began = self.ended = self.exit_code = None


_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "attempt": (int,),
    "session": (str,),
    "session_id": (str,),
    "began": (int, float, type(None)),
    "ended": (int, float, type(None)),
    "exit_code": (int, type(None)),
    "last_line": (str,),
    "note": (str,),
    "log": (str,),
    "files": (str,),
}
