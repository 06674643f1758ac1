"""What home asks the server for, part by part: a part that fails costs nothing but itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from bai_tui.api.models import SessionInfo, parse_slots
from bai_tui.api.versioning import DEAD_STATUSES

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.identity import Identity

FAILURES: Final = 100
"""Ended sessions that are looked through for failures, the newest."""
COURSE: Final = 48
"""Points of a history: the server's 30 days, or the readings since the program was started."""

Slots = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Share:
    """Use of one slot against its limit; an infinite limit is none."""

    used: Decimal
    limit: Decimal

    @property
    def part(self) -> float | None:
        """From 0 to 1; None without a limit."""
        if not self.limit.is_finite() or self.limit <= 0:
            return None
        return float(self.used / self.limit)


@dataclass(frozen=True, slots=True)
class Resources:
    """The answer of `check-presets`: mine, my group's, and by scaling group (rest-admin.md 3.1).

    Attributes:
        mine, group: slot to share. scaling: scaling group to slot to share, where the limit is
            what I use there and what is left there.
    """

    mine: Mapping[str, Share] = field(default_factory=dict)
    group: Mapping[str, Share] = field(default_factory=dict)
    scaling: Mapping[str, Mapping[str, Share]] = field(default_factory=dict)

    @classmethod
    def from_wire(cls, answer: Mapping[str, Any]) -> Resources:
        """Read the answer; slots that nobody uses and nothing limits are left out."""
        scaling = answer.get("scaling_groups")
        groups = scaling.items() if isinstance(scaling, Mapping) else ()
        return cls(
            _shares(answer.get("keypair_using"), answer.get("keypair_limits")),
            _shares(answer.get("group_using"), answer.get("group_limits")),
            {
                str(name): _shares(
                    entry.get("using"),
                    _sum(parse_slots(entry.get("using")), parse_slots(entry.get("remaining"))),
                )
                for name, entry in groups
                if isinstance(entry, Mapping)
            },
        )


def _sum(one: Slots, other: Slots) -> dict[str, Decimal]:
    return {name: one.get(name, Decimal(0)) + other.get(name, Decimal(0)) for name in other}


def _shares(using: Any, limits: Any) -> dict[str, Share]:
    used, most = parse_slots(using), parse_slots(limits)
    names = sorted({*used, *most}, key=lambda name: (("cpu", "mem", name).index(name), name))
    infinite = Decimal("Infinity")
    shares = {n: Share(used.get(n, Decimal(0)), most.get(n, infinite)) for n in names}
    return {
        n: share
        for n, share in shares.items()
        if n in ("cpu", "mem") or share.used or (share.limit.is_finite() and share.limit > 0)
    }


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything home shows; `None` is "not yet known", `problems` says what failed by part."""

    resources: Resources | None = None
    mine: Mapping[str, int] | None = None
    everybody: Mapping[str, int] | None = None
    failures: Sequence[SessionInfo] | None = None
    announcement: str = ""
    invitations: Sequence[Mapping[str, Any]] = ()
    problems: Mapping[str, str] = field(default_factory=dict)

    def offline(self) -> Overview:
        """The same without a connection: what is not known yet does not come soon."""
        unknown = {
            part: f"{part}: not known, there is no connection"
            for part, known in (("resources", self.resources), ("counts", self.mine))
            if known is None
        }
        return replace(self, problems={**unknown, **self.problems})


PARTS: Final = ("resources", "counts", "failures", "announcement", "invitations")


async def load(
    session: AsyncSession,
    identity: Identity,
    group: str,
    arrived: Callable[[str, Any, BaseException | None], None],
) -> None:
    """Ask for all parts at once; each is told to `arrived` as soon as it comes, or its error."""

    async def part(name: str, work: Callable[..., Awaitable[Any]], *given: Any) -> None:
        try:
            found = await work(*given)
        except Exception as error:
            arrived(name, None, error)
        else:
            arrived(name, found, None)

    await asyncio.gather(
        part("resources", _resources, session, group),
        part("counts", _counts, session, identity),
        part("failures", _failures, session, identity),
        part("announcement", _announcement, session),
        part("invitations", _invitations, session),
    )


async def _resources(session: AsyncSession, group: str) -> Resources:
    return Resources.from_wire(await session.Resource.check_presets(group or None))


async def _counts(
    session: AsyncSession, identity: Identity
) -> tuple[dict[str, int], dict[str, int] | None]:
    """Sessions by status: mine, and everybody's for those who see them. One request."""
    mine = f', access_key: "{identity.access_key}"' if identity.access_key.isalnum() else ""
    wide = identity.is_admin or identity.role == "monitor"
    lines = []
    for status in (*session.generation.alive_statuses, *DEAD_STATUSES):
        for mark, owner in (("m", mine), ("e", "")) if wide else (("m", mine),):
            lines.append(
                f"{mark}_{status}: compute_session_list(limit: 1, offset: 0, "
                f'status: "{status}"{owner}) {{ total_count }}'
            )
    data = await session.Admin.query("{ " + " ".join(lines) + " }")

    def told(mark: str) -> dict[str, int]:
        return {
            key[2:]: int(value["total_count"])
            for key, value in data.items()
            if key.startswith(mark) and value and value["total_count"]
        }

    return told("m_"), told("e_") if wide else None


async def _failures(session: AsyncSession, identity: Identity) -> list[SessionInfo]:
    """Sessions of mine that ended badly, the newest first."""
    owner = None if identity.is_admin else identity.access_key or None
    over, broken = await asyncio.gather(
        session.Kernel.list(status=DEAD_STATUSES, access_key=owner, limit=FAILURES),
        session.Kernel.list(status="ERROR", access_key=owner, limit=FAILURES),
    )
    return [info for info in (*broken, *over) if failed(info)]


def failed(info: SessionInfo) -> bool:
    """Whether a session ended badly, or hangs in an error."""
    words = info.status_info.lower()
    if info.status == "CANCELLED":
        return words not in ("user-requested", "self-terminated")  # somebody wished it
    return (
        info.status == "ERROR"
        or info.result == "FAILURE"
        or any(word in words for word in ("fail", "error", "timeout", "killed"))
    )


async def _announcement(session: AsyncSession) -> str:
    answer = await session.Manager.get_announcement()
    return str(answer.get("message") or "") if answer.get("enabled") else ""


async def _invitations(session: AsyncSession) -> list[Mapping[str, Any]]:
    answer = await session.VFolder.invitations()
    return [entry for entry in answer.get("invitations") or () if isinstance(entry, Mapping)]


async def history(session: AsyncSession) -> dict[str, list[float]]:
    """My last 30 days by slot, as the greatest value of each of `COURSE` equal parts."""
    points = await session.Resource.user_monthly_stats()
    found: dict[str, list[float]] = {}
    for slot, name in (("cpu", "cpu_allocated"), ("mem", "mem_allocated")):
        values = [_value(point.get(name)) for point in points if isinstance(point, Mapping)]
        size = max(1, -(-len(values) // COURSE))
        found[slot] = [max(values[i : i + size]) for i in range(0, len(values), size)]
    return found


def _value(entry: Any) -> float:
    number = entry.get("value") if isinstance(entry, Mapping) else entry
    return float(number) if isinstance(number, (int, float)) else 0.0
