"""One sweep in memory: its cases, their counts, and every change written to its journal."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from bai_tui.sweeps.case import ALIVE, OVER, Case, State
from bai_tui.sweeps.journal import Journal, load_cases
from bai_tui.sweeps.spec import SweepError, SweepSpec

Changed = Callable[["Sweep", Sequence[Case]], None]


class Sweep:
    """A sweep and what became of it.

    Attributes:
        id: unique; begins the names of its sessions.
        spec: what it runs. cases: in order.
        cluster, access_key: name of the cluster and key of the user it belongs to.
        created: Unix time.
        active: waiting cases are to be sent. stopping: nothing is to be left.
        hold: why nothing is sent at the moment; empty when nothing stands against it.
    """

    def __init__(
        self,
        spec: SweepSpec,
        journal: Journal,
        cases: list[Case],
        head: dict[str, Any],
        *,
        active: bool,
    ) -> None:
        self.id = str(head["id"])
        self.spec = spec
        self.cases = cases
        self.cluster = str(head.get("cluster", ""))
        self.access_key = str(head.get("access_key", ""))
        self.created = float(head.get("created") or 0)
        self.active = active
        self.stopping = False
        self.hold = ""
        self.on_change: Changed = lambda sweep, cases: None
        self.journal = journal
        self.counts = Counter(case.state for case in cases)

    @classmethod
    def new(cls, spec: SweepSpec, directory: Path, cluster: str, access_key: str) -> Sweep:
        """Begin a sweep and its journal.

        Raises:
            SweepError: it is wrong as written, or cannot be kept on disk.
        """
        wrong = spec.check()
        if wrong:
            field, text = next(iter(wrong.items()))
            raise SweepError(f"{field}: {text}")
        sweep_id = f"{spec.name}-{secrets.token_hex(2)}"
        head = {
            "id": sweep_id,
            "cluster": cluster,
            "access_key": access_key,
            "created": time.time(),
            "spec": spec.to_json(),
        }
        journal = Journal(directory, sweep_id)
        try:
            journal.begin(head)
        except OSError as error:
            raise SweepError(f"{journal.path} cannot be written: {error.strerror}") from None
        cases = [Case(c.number, c.values) for c in spec.combinations()]
        return cls(spec, journal, cases, head, active=True)

    @classmethod
    def load(cls, path: Path) -> Sweep:
        """Read a sweep back.

        Raises:
            SweepError: the file is none, or cannot be read.
        """
        try:
            journal = Journal(path.parent, path.stem)
            records = journal.read()
            head = next(records, None)
            if head is None or not isinstance(head.get("spec"), dict) or head.get("id") is None:
                raise SweepError(f"{path} does not begin like a sweep")
            spec = SweepSpec.from_json(head["spec"])
            cases, active = load_cases(spec, records)
        except (OSError, ValueError) as error:
            raise SweepError(f"{path}: {error}") from None
        return cls(spec, journal, cases, head, active=active)

    # What it looks like.

    def count(self, states: Iterable[State]) -> int:
        """Cases in these states."""
        return sum(self.counts[state] for state in states)

    @property
    def alive(self) -> list[Case]:
        """Cases that are queued or run."""
        return [case for case in self.cases if case.state in ALIVE] if self.count(ALIVE) else []

    @property
    def over(self) -> bool:
        """Whether every case has ended."""
        return self.count(OVER) == len(self.cases)

    @property
    def unfinished(self) -> bool:
        """Whether there is something to go on with."""
        return bool(self.count(ALIVE)) or (self.active and not self.over)

    def session_name(self, case: Case) -> str:
        """The name of a case's session in its present attempt."""
        again = f"-r{case.attempt}" if case.attempt > 1 else ""
        return f"{self.id}-{case.number:04d}{again}"

    # Changes, all of them written.

    def change(self, case: Case, state: State | None = None, **values: Any) -> None:
        """Change a case, keep it on disk, and tell.

        Raises:
            SweepError: the disk refuses; the case is changed all the same.
        """
        before = case.state
        for name, value in values.items():
            setattr(case, name, value)
        if state is not None:
            case.state = state
        self._changed(case, before)

    def again(self, case: Case) -> None:
        """Put a case back to the beginning; raises SweepError when the disk refuses."""
        before = case.state
        case.again()
        self._changed(case, before)

    def _changed(self, case: Case, before: State) -> None:
        if case.state is not before:
            self.counts[before] -= 1
            self.counts[case.state] += 1
        self._keep({"case": case.number, **case.to_json()})
        self.on_change(self, (case,))

    def see(self, case: Case, last_line: str) -> None:
        """Show what a case printed last; not worth a line of the journal."""
        if case.last_line != last_line:
            case.last_line = last_line
            self.on_change(self, (case,))

    def set_active(self, active: bool) -> None:
        """Send waiting cases, or no more of them; raises SweepError when the disk refuses."""
        if self.active != active:
            self.active = active
            self._keep({"active": active})
            self.on_change(self, ())

    def set_hold(self, reason: str) -> None:
        """Say why nothing is sent, or that nothing is in the way."""
        if self.hold != reason:
            self.hold = reason
            self.on_change(self, ())

    def _keep(self, record: dict[str, Any]) -> None:
        try:
            self.journal.add(record)
        except OSError as error:
            raise SweepError(f"{self.journal.path} cannot be written: {error.strerror}") from None
