"""Typed results, parsed once at the edge. Unknown fields are tolerated and kept in `raw`."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from bai_tui.api.exceptions import InvalidResponseError
from bai_tui.api.paths import UnsafePathError

JSONObject = Mapping[str, Any]


def parse_json(value: Any) -> Any:
    """A JSONString field: a text holding JSON, null, or already the value."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def parse_time(value: Any) -> datetime | None:
    """An ISO 8601 text as an aware datetime; without a zone it is UTC."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_decimal(value: Any) -> Decimal | None:
    """A number that travels as text or number."""
    if value is None or isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def parse_slots(value: Any) -> dict[str, Decimal]:
    """A resource slot map (graphql.md 3.2): `cpu` in cores, `mem` in bytes."""
    slots = parse_json(value)
    if not isinstance(slots, Mapping):
        return {}
    numbers = ((str(name), parse_decimal(amount)) for name, amount in slots.items())
    return {name: number for name, number in numbers if number is not None}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


_PERMISSIONS: Final = re.compile(r"[0-7]{3,4}", re.ASCII)
"""Of managers up to 25.x: the last digits of the octal mode, without the kind of file."""
_KINDS: Final = {"DIRECTORY": stat.S_IFDIR, "SYMLINK": stat.S_IFLNK}


def _mode(value: Any, kind: str) -> str:
    """A file mode as `ls` writes it; some servers send a number, others octal permissions."""
    text = _text(value)
    if isinstance(value, str) and _PERMISSIONS.fullmatch(text):
        return stat.filemode(_KINDS.get(kind, stat.S_IFREG) | int(text, 8))
    return stat.filemode(int(text)) if text.isdecimal() and len(text) < 10 else text


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file or directory of a vfolder or a session's working directory.

    Attributes:
        name: without directories. size: bytes. mode: as `ls` writes it, `-rw-r--r--`.
        modified: None when the server does not tell.
    """

    name: str
    size: int
    is_dir: bool
    mode: str
    modified: datetime | None

    @classmethod
    def listing(cls, answer: Any) -> list[FileEntry]:
        """Read a listing of any generation; directories first, by name (rest-vfolders.md 4, 7).

        Raises:
            InvalidResponseError: it is none.
            UnsafePathError: an entry that is no plain file name.
        """
        rows = answer.get("items") if isinstance(answer, Mapping) else None
        if rows is None and isinstance(answer, Mapping):
            rows = parse_json(answer.get("files"))
        if not isinstance(rows, list):
            raise InvalidResponseError("The server's listing of a directory cannot be read.")
        entries = [cls.from_wire(row) for row in rows if isinstance(row, Mapping)]
        return sorted(entries, key=lambda e: (not e.is_dir, e.name.casefold(), e.name))

    @classmethod
    def from_wire(cls, row: JSONObject) -> FileEntry:
        """One entry of a listing."""
        name = _text(row.get("filename") or row.get("name"))
        if name in ("", ".", "..") or "/" in name or "\0" in name:
            raise UnsafePathError(f"The server lists {name!r}, which is no file name.")
        kind = _text(row.get("type")).upper()
        mode = _mode(row.get("mode"), kind)
        modified = row.get("modified", row.get("mtime"))
        if isinstance(modified, (int, float)):
            with suppress(ValueError, OverflowError, OSError):
                modified = datetime.fromtimestamp(modified, UTC).isoformat()
        size = row.get("size")
        return cls(
            name=name,
            size=size if isinstance(size, int) and size >= 0 else 0,
            is_dir=mode.startswith("d") or kind == "DIRECTORY",
            mode=mode,
            modified=parse_time(modified),
        )


@dataclass(frozen=True, slots=True)
class ServicePort:
    """An application port of a session."""

    name: str
    protocol: str
    ports: tuple[int, ...]

    @classmethod
    def from_wire(cls, data: JSONObject) -> ServicePort:
        """Both spellings: `ports` of the creation answer, `container_ports` elsewhere."""
        ports = data.get("container_ports") or data.get("ports") or ()
        return cls(
            _text(data.get("name")),
            _text(data.get("protocol")),
            tuple(port for port in ports if isinstance(port, int)),
        )


UNLIMITED: Final = 2**63 - 1
"""The capacity of what has none."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One measured value (graphql.md 3.5)."""

    current: Decimal | None
    capacity: Decimal | None
    pct: Decimal | None
    unit: str
    stats: dict[str, Decimal]

    @classmethod
    def from_wire(cls, data: JSONObject) -> Metric:
        """Read `{"current", "capacity", "pct", "unit_hint", "stats.max", …}`.

        Servers that keep statistics in Prometheus (26.9) name every figure and fill those they do
        not have with zeros; a capacity without a limit is the greatest number they know. Agents
        that know no capacity tell the first value they measured, which is soon exceeded.
        """
        filled = "stats.version" in data
        stats = {
            key.removeprefix("stats."): number
            for key, value in data.items()
            if key.startswith("stats.") and (number := parse_decimal(value)) is not None
            if number or not filled
        }
        capacity, pct = parse_decimal(data.get("capacity")), parse_decimal(data.get("pct"))
        current, unit = parse_decimal(data.get("current")), _text(data.get("unit_hint"))
        most = max(current or Decimal(), stats.get("max", Decimal()))
        exceeded = unit in ("bytes", "msec") and capacity and most > capacity
        if capacity is not None and (capacity >= UNLIMITED or exceeded):
            capacity = pct = None
        elif filled and not capacity:
            pct = None
        return cls(current, capacity, pct, unit, stats)


def parse_metrics(value: Any) -> dict[str, Metric]:
    """A `live_stat` or `last_stat` of a session: metric name to value; empty when unknown."""
    metrics = parse_json(value)
    if not isinstance(metrics, Mapping):
        return {}
    return {
        str(name): Metric.from_wire(metric)
        for name, metric in metrics.items()
        if isinstance(metric, Mapping)
    }


@dataclass(frozen=True, slots=True)
class Mount:
    """A vfolder inside a session."""

    name: str
    host: str = ""
    id: str = ""
    permission: str = ""

    @classmethod
    def from_wire(cls, data: Any) -> Mount:
        """19.09: [name, host, id, permission]; later a name."""
        if isinstance(data, (list, tuple)):
            return cls(*(_text(item) for item in data[:4]))
        return cls(_text(data))


def _main_container(data: JSONObject) -> JSONObject:
    """The container that stands for the session, which 19.09 does not set apart from it."""
    containers = [c for c in data.get("containers") or () if isinstance(c, Mapping)]
    roles = (str(c.get("cluster_role") or c.get("role") or "") for c in containers)
    main = next((i for i, role in enumerate(roles) if role in ("main", "master")), 0)
    return containers[main] if containers else {}


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A compute session as the lists tell it (graphql.md 8)."""

    id: str
    name: str
    type: str
    status: str
    status_info: str
    image: str
    tag: str
    domain_name: str
    group_name: str
    group_id: str
    scaling_group: str
    user_uuid: str
    user_email: str
    access_key: str
    agent: str
    container_id: str
    startup_command: str
    result: str
    created_at: datetime | None
    status_changed: datetime | None
    terminated_at: datetime | None
    service_ports: tuple[ServicePort, ...]
    occupied_slots: dict[str, Decimal]
    mounts: tuple[Mount, ...]
    resource_opts: dict[str, Any]
    num_queries: int
    live_stat: dict[str, Metric]
    last_stat: dict[str, Metric]
    raw: JSONObject = field(repr=False, compare=False)

    @property
    def is_alive(self) -> bool:
        """Whether the session is not over."""
        return self.status not in ("TERMINATED", "CANCELLED")

    @property
    def task_id(self) -> str:
        """By what `Kernel.get_task_logs` knows a batch session: the id of its main container."""
        return _text(_main_container(self.raw).get("id")) or self.id

    @classmethod
    def from_wire(cls, data: JSONObject) -> SessionInfo:
        """Read an item of `compute_session_list`, in the names of any generation."""

        def text(*names: str) -> str:
            return next((_text(data[n]) for n in names if data.get(n) is not None), "")

        ports = parse_json(data.get("service_ports"))
        main = _main_container(data)
        options = parse_json(data.get("resource_opts"))
        mounts = parse_json(data.get("mounts"))
        queries = parse_decimal(data.get("num_queries"))
        return cls(
            id=text("id", "session_id"),
            name=text("sess_id", "name", "session_name"),
            type=text("sess_type", "type", "session_type").upper(),
            status=text("status"),
            status_info=text("status_info"),
            image=text("image", "lang"),
            tag=text("tag"),
            domain_name=text("domain_name"),
            group_name=text("group_name"),
            group_id=text("group_id"),
            scaling_group=text("scaling_group"),
            user_uuid=text("user_uuid", "user_id"),
            user_email=text("user_email"),
            access_key=text("access_key"),
            agent=text("agent") or _text(main.get("agent")),
            container_id=text("container_id") or _text(main.get("container_id")),
            startup_command=text("startup_command"),
            result=text("result").upper(),
            created_at=parse_time(data.get("created_at")),
            status_changed=parse_time(data.get("status_changed")),
            terminated_at=parse_time(data.get("terminated_at")),
            service_ports=tuple(
                ServicePort.from_wire(port) for port in ports or () if isinstance(port, Mapping)
            ),
            occupied_slots=parse_slots(data.get("occupied_slots")),
            mounts=tuple(Mount.from_wire(mount) for mount in mounts or ()),
            resource_opts=dict(options) if isinstance(options, Mapping) else {},
            num_queries=int(queries) if queries is not None and queries.is_finite() else 0,
            live_stat=parse_metrics(data.get("live_stat", main.get("live_stat"))),
            last_stat=parse_metrics(data.get("last_stat", main.get("last_stat"))),
            raw=data,
        )
