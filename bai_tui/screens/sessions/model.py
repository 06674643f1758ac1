"""The sessions shown, kept right by lists, single answers and events. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from bai_tui.api.models import SessionInfo
from bai_tui.api.versioning import ALIVE_STATUSES, DEAD_STATUSES, Generation
from bai_tui.feed import ClusterEvent

SETS: Final[Mapping[str, tuple[str, ...]]] = {
    # Of every release; a server is asked for those it knows.
    "default": tuple(ALIVE_STATUSES),
    "running": ("PREPARING", "PULLING", "PREPARED", "CREATING", "RUNNING", "RUNNING_DEGRADED"),
    "dead": tuple(DEAD_STATUSES),
}
"""Sets of states by the manual's names (`ps`, `ps --running`, `ps --dead`)."""

LINGER: Final = 8.0
"""Seconds a session that left the set stays visible, so that its end can be seen."""
PATIENCE: Final = 20.0
"""Seconds an optimistic row waits for the server to know it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A session as it is shown.

    Attributes:
        doing: verb of an action of ours under way, such as `terminating`.
        note: how our last action on it failed.
        until: loop time at which the row goes, for those that are over or not yet confirmed.
        expected: we created it and the server has not shown it yet.
    """

    info: SessionInfo
    doing: str = ""
    note: str = ""
    until: float | None = None
    expected: bool = False

    @property
    def key(self) -> str:
        """Stable key of the row."""
        return self.info.id

    @property
    def name(self) -> str:
        """Name of the session, unique among the living ones of an owner."""
        return self.info.name


@dataclass(frozen=True, slots=True)
class Change:
    """What a step changed, for the table."""

    changed: tuple[Row, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Keys of expected rows to those of the sessions they became."""

    def __bool__(self) -> bool:
        return bool(self.changed or self.removed)

    @classmethod
    def all_of(cls, changes: Iterable[Change]) -> Change:
        """Several steps as one; of a row changed more than once the last state counts."""
        rows: dict[str, Row] = {}
        removed: dict[str, None] = {}
        renamed: dict[str, str] = {}
        for change in changes:
            for row in change.changed:
                rows[row.key] = row
                removed.pop(row.key, None)
            for key in change.removed:
                rows.pop(key, None)
                removed[key] = None
            renamed.update(change.renamed)
        return cls(tuple(rows.values()), tuple(removed), renamed)


def expected_info(
    name: str, image: str, kind: str, owner: str, slots: Mapping[str, str]
) -> SessionInfo:
    """The session we asked for, before the server shows it."""
    return SessionInfo.from_wire(
        {
            "id": f"expected:{name}",
            "sess_id": name,
            "sess_type": kind,
            "image": image,
            "status": "PENDING",
            "access_key": owner,
            "created_at": datetime.now(UTC).isoformat(),
            "occupied_slots": dict(slots),
        }
    )


class SessionModel:
    """Rows by key; every method tells what changed."""

    def __init__(self) -> None:
        self.states = "default"
        self.rows: dict[str, Row] = {}
        self._named: dict[str, dict[str, None]] = {}

    @property
    def wanted(self) -> tuple[str, ...]:
        """The statuses of the set."""
        return SETS[self.states]

    def told(self, generation: Generation | None) -> list[str]:
        """Those that a server of the generation has; all when it is not known."""
        if generation is None:
            return list(self.wanted)
        known = (*generation.alive_statuses, *DEAD_STATUSES)
        return [status for status in self.wanted if status in known]

    def clear(self) -> None:
        """Another set or owner was chosen."""
        self.rows.clear()
        self._named.clear()

    def _put(self, row: Row) -> None:
        old = self.rows.get(row.key)
        if old is not None and old.name != row.name:
            self._drop(row.key)
        self.rows[row.key] = row
        self._named.setdefault(row.name, {})[row.key] = None

    def _drop(self, key: str) -> None:
        row = self.rows.pop(key, None)
        if row is not None:
            namesakes = self._named.get(row.name, {})
            namesakes.pop(key, None)
            if not namesakes:
                self._named.pop(row.name, None)

    def reconcile(self, infos: Iterable[SessionInfo], now: float) -> Change:
        """Take a complete list as the truth; what leaves the set or is expected may linger."""
        fresh = {info.id: info for info in infos}
        merged = self.merge(fresh.values(), now)
        changed, removed = list(merged.changed), list(merged.removed)
        for key, row in list(self.rows.items()):
            if key in fresh:
                continue
            if row.until is None:
                # Its own status says whether it may be seen leaving, or just is not ours to see.
                left = row.info.status not in self.wanted
                row = replace(row, until=now + LINGER if left else now)
                self._put(row)
            if row.until is not None and row.until <= now:
                self._drop(key)
                removed.append(key)
        return Change(tuple(changed), tuple(removed), merged.renamed)

    def merge(self, infos: Iterable[SessionInfo], now: float) -> Change:
        """Take single sessions as the truth; those outside of the set only if they are shown."""
        changed = []
        removed = []
        renamed = {}
        for info in infos:
            old = self.rows.get(info.id)
            inside = info.status in self.wanted
            if old is None:
                expected = self.find(info.name, info.access_key, expected=True)
                if expected is not None:
                    self._drop(expected.key)
                    removed.append(expected.key)
                    renamed[expected.key] = info.id
                elif not inside:
                    continue
                row = Row(info, until=None if inside else now + LINGER)
            else:
                still = old.doing if info.status == old.info.status else ""
                until = None if inside else old.until or now + LINGER
                row = replace(old, info=info, doing=still, until=until)
            if row != old:
                self._put(row)
                changed.append(row)
        return Change(tuple(changed), tuple(removed), renamed)

    def leave(self, name: str, owner: str, now: float) -> Change:
        """The server has no living session of that name any more."""
        row = self.find(name, owner)
        if row is None or row.expected or row.until is not None or "TERMINATED" in self.wanted:
            return Change()
        status = row.info.status if not row.info.is_alive else "TERMINATED"
        row = replace(row, info=replace(row.info, status=status), doing="", until=now + LINGER)
        self._put(row)
        return Change((row,))

    def apply(self, event: ClusterEvent, now: float) -> Change:
        """Show at once what an event says; the session is asked for afterwards."""
        row = self.find(event.session, event.owner)
        status = event.status
        if row is None or not status or row.info.status == status or row.expected:
            return Change()
        info = replace(
            row.info,
            status=status,
            status_info=event.reason or row.info.status_info,
            status_changed=event.at,
            terminated_at=event.at if status == "TERMINATED" else row.info.terminated_at,
        )
        until = None if status in self.wanted else now + LINGER
        row = replace(row, info=info, doing="", note="", until=until)
        self._put(row)
        return Change((row,))

    def expire(self, now: float) -> Change:
        """Let rows go whose time is over."""
        over = [key for key, row in self.rows.items() if row.until is not None and row.until <= now]
        for key in over:
            self._drop(key)
        return Change((), tuple(over))

    def expect(self, info: SessionInfo, now: float) -> Change:
        """Show a session we asked for before the server does."""
        row = Row(info, doing="starting", until=now + PATIENCE, expected=True)
        self._put(row)
        return Change((row,))

    def forget(self, key: str) -> Change:
        """The session we asked for was refused."""
        known = key in self.rows
        self._drop(key)
        return Change((), (key,)) if known else Change()

    def mark(self, keys: Collection[str], *, doing: str = "", note: str = "") -> Change:
        """Show what we are doing with sessions, or how it failed."""
        changed = []
        for key in keys:
            if key in self.rows:
                self._put(replace(self.rows[key], doing=doing, note=note))
                changed.append(self.rows[key])
        return Change(tuple(changed))

    def find(self, name: str, owner: str = "", *, expected: bool = False) -> Row | None:
        """The living session of that name, if it is shown; the latest one otherwise."""
        found = [
            row
            for row in map(self.rows.__getitem__, self._named.get(name, ()))
            if (not owner or not row.info.access_key or row.info.access_key == owner)
            and (row.expected or not expected)
        ]
        alive = [row for row in found if row.info.is_alive]
        return next(iter(alive or found), None)
