"""Transfers on disk: what a later run of the program needs to go on with them.

One file of records for each that is unfinished: the order, every file that is whole, and the
tickets of uploads that were begun. No keys and no passwords; a ticket lets its holder write one
file for a day or so, and only the user may read it. Two programs do not share a file.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from bai_tui.files import FolderPlace, Place, SessionPlace
from bai_tui.files.model import Gate
from bai_tui.records import Records
from bai_tui.transfers.model import Mark, Order, Ticket
from bai_tui.transfers.ways import Cluster, Way

ENDING: Final = ".transfer"
LOADED: Final = 200
"""Transfers of earlier runs that are picked up, the newest ones."""
WRITTEN: Final = 50_000
"""Whole files of a transfer that are written down; more are moved again."""


class Kept(Records):
    """What is on disk of one transfer. A disk that refuses costs the convenience alone."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._marks = 0

    @classmethod
    def new(cls, directory: Path, order: Order) -> Kept | None:
        """Begin; None when the disk refuses."""
        kept = cls(directory / f"{time.time_ns()}-{secrets.token_hex(2)}{ENDING}")
        try:
            kept.begin({"order": order_to_json(order)})
            kept.claim()
        except OSError:
            return None
        return kept

    def claim(self) -> None:
        """Keep other programs from it until it is closed.

        Raises:
            BlockingIOError: another program has it. OSError: it cannot be written.
        """
        self.open()
        self.lock()

    def note(self, record: Mapping[str, Any]) -> None:
        """Append."""
        with suppress(OSError):
            self.add(record)

    def done(self, marks: Sequence[Mark]) -> None:
        """These files are whole."""
        if marks and self._marks < WRITTEN:
            self._marks += len(marks)
            self.note({"done": [list(mark) for mark in marks]})

    def ticket(self, mark: Mark, ticket: str) -> None:
        """An upload was begun."""
        self.note({"upload": list(mark), "ticket": ticket})

    def remove(self) -> None:
        """It is over."""
        with suppress(OSError):
            self.delete()


class Found(NamedTuple):
    """A transfer that an earlier run left."""

    kept: Kept
    order: Order
    finished: dict[str, Mark]
    tickets: dict[str, Ticket]
    total: int
    files: int


def load(directory: Path, way_of: Callable[[Cluster], Way]) -> list[Found]:
    """What earlier runs left and no other program has; oldest first. Takes a while."""
    found = []
    paths = sorted(directory.glob(f"*{ENDING}"))[-LOADED:] if directory.is_dir() else []
    for path in paths:
        kept = Kept(path)
        try:
            kept.claim()
            one = _read(kept, way_of)
        except (OSError, ValueError, TypeError, KeyError):
            kept.close()  # another program's, or no record of ours
            continue
        found.append(one)
    return found


def _read(kept: Kept, way_of: Callable[[Cluster], Way]) -> Found:
    records = kept.read()
    order = order_from_json(next(records, {})["order"], way_of)
    found = Found(kept, order, {}, {}, 0, 0)
    for record in records:
        with suppress(TypeError, ValueError, KeyError):
            for mark in record.get("done", ()):
                found.finished[str(mark[0])] = _mark(mark)
            if "ticket" in record:
                mark = _mark(record["upload"])
                found.tickets[mark.name] = Ticket(mark, str(record["ticket"]))
            if "total" in record:
                found = found._replace(total=int(record["total"]), files=int(record["files"]))
    kept._marks = len(found.finished)
    return found


def _mark(data: Sequence[Any]) -> Mark:
    name, size, modified = data
    return Mark(str(name), int(size), int(modified))


def order_to_json(order: Order) -> dict[str, Any]:
    """An order for the disk."""
    place, cluster = order.place, order.gate.cluster
    where = {"kind": place.kind, "label": place.label}
    if isinstance(place, FolderPlace):
        where["permission"] = place.permission
    elif isinstance(place, SessionPlace) and place.owner:
        where["owner"] = place.owner
    return {
        "cluster": [cluster.label, cluster.endpoint, cluster.access_key],
        "direction": order.direction,
        "place": where,
        "names": list(order.names),
        "source": order.source,
        "target": order.target,
        "existing": order.existing,
        "renamed": [list(pair) for pair in order.renamed],
    }


def order_from_json(data: Mapping[str, Any], way_of: Callable[[Cluster], Way]) -> Order:
    """What `order_to_json` made.

    Raises:
        ValueError, TypeError, KeyError: it is none.
    """
    if data["direction"] not in ("upload", "download") or not data["names"]:
        raise ValueError("no order")
    if data["existing"] not in ("replace", "skip", "update"):
        raise ValueError("no order")
    label, endpoint, access_key = data["cluster"]
    way = way_of(Cluster(str(label), str(endpoint), str(access_key)))
    return Order(
        data["direction"],
        way,
        _place(data["place"], way),
        tuple(str(name) for name in data["names"]),
        str(data["source"]),
        str(data["target"]),
        data["existing"],
        tuple((str(old), str(new)) for old, new in data["renamed"]),
    )


def _place(data: Mapping[str, Any], gate: Gate) -> Place:
    if data["kind"] == "session":
        return SessionPlace(gate, str(data["label"]), data.get("owner"))
    return FolderPlace(gate, str(data["label"]), str(data["permission"]))
