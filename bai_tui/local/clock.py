"""The cluster's clock, so that tests can set it and demonstrations can skew it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bai_tui.local.faults import Faults


class Clock:
    """Wall clock of the cluster: the machine's, plus the skew that was asked for as a fault."""

    _faults: Faults | None = None

    def follow(self, faults: Faults) -> None:
        """Add `faults.skew` seconds from now on."""
        self._faults = faults

    def now(self) -> datetime:
        """The cluster's time as an aware datetime in UTC."""
        skew = self._faults.skew if self._faults is not None else 0.0
        return self.base() + timedelta(seconds=skew)

    def base(self) -> datetime:
        """The time before the skew."""
        return datetime.now(UTC)


class FixedClock(Clock):
    """A clock that stands still until `at` is changed; for signing vectors."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def base(self) -> datetime:
        """The set time."""
        return self.at.astimezone(UTC)
