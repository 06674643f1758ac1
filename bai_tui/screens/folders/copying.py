"""Copying from one pane to the other: what, where to, and what becomes of what is there."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, datetime

from bai_tui.files import Item
from bai_tui.files.model import Place
from bai_tui.transfers import Order
from bai_tui.transfers.model import Direction, Existing
from bai_tui.transfers.ways import Way
from bai_tui.widgets.files import FilePane
from bai_tui.widgets.picker import Choice
from bai_tui.widgets.text import format_age, format_size

SUMMED = 1000
"""Items up to which sizes are added up at every move of the cursor."""
SKIP, REPLACE, UPDATE, BOTH = "skip", "replace", "update", "both"


@dataclass(frozen=True)
class Copy:
    """The chosen items of `source`, on their way to the directory that `target` shows."""

    source: FilePane
    target: FilePane

    @property
    def items(self) -> list[Item]:
        """The marked ones, or the one under the cursor."""
        return self.source.chosen

    @property
    def direction(self) -> Direction:
        """Seen from this machine."""
        return "upload" if self.source.place.kind == "local" else "download"

    @property
    def place(self) -> Place:
        """The one of the two that is not this machine."""
        return self.target.place if self.direction == "upload" else self.source.place

    def obstacle(self) -> str:
        """Why it is impossible; empty when it is not."""
        if not self.items:
            return f"there is nothing here to {self.direction}"
        if not self.target.loaded:
            return "the other pane is not loaded yet"
        return self.place.obstacle("put") if self.direction == "upload" else ""

    def what(self) -> str:
        """In a few words: the name, or how many, and how large as far as that is known."""
        items = self.items
        if len(items) > SUMMED:
            return f"{len(items):,} marked"
        size = f"{format_size(sum(item.size for item in items if not item.is_dir))}B"
        directories = sum(item.is_dir for item in items)
        if len(items) == 1:
            return f"{items[0].name}/" if directories else f"{items[0].name} ({size})"
        parts = [f"{directories} director{'y' if directories == 1 else 'ies'}"] * bool(directories)
        parts += [size] * (directories < len(items))
        return f"{len(items)} marked ({', '.join(parts)})"

    def clashes(self) -> list[tuple[Item, Item]]:
        """Items with what has their names in the target."""
        pairs = ((item, self.target.table.row(item.name)) for item in self.items)
        return [(item, there) for item, there in pairs if there is not None]

    def choices(self) -> list[Choice]:
        """What can be done about clashes, the harmless first."""
        clashes = self.clashes()
        odd = next((item for item, there in clashes if item.is_dir != there.is_dir), None)
        bar = f"{odd.name}: a file and a directory" if odd is not None else ""
        directories = any(item.is_dir for item, _ in clashes)
        inside = " (also in the directories)" if directories else ""
        new = self._renamed()[0][1]
        old = young = ""
        if len(clashes) == 1 and not directories and not bar:
            (item, there) = clashes[0]
            old, young = f": {_look(there)}", f": now {_look(item)}"
        return [
            Choice(SKIP, f"Skip what is there{inside}", f"what is there stays{old}"),
            Choice(UPDATE, f"Update{inside}", "replaces what differs in size or is older", bar),
            Choice(REPLACE, f"Replace{inside}", f"what is there is lost{young}", bar),
            Choice(BOTH, "Keep both", f"as {new}"),
        ]

    def order(self, way: Way, answer: str = REPLACE) -> Order | None:
        """The order for the queue; None when nothing is left to copy."""
        items = self.items
        if answer == SKIP:
            odd = {item.name for item, there in self.clashes() if item.is_dir != there.is_dir}
            items = [item for item in items if item.name not in odd]
        if not items:
            return None
        up = self.direction == "upload"
        existing: Existing = "replace"
        if answer == SKIP:
            existing = "skip"
        elif answer == UPDATE:
            existing = "update"
        return Order(
            self.direction,
            way,
            self.place.through(way),
            tuple(item.name if up else self.source.path_of(item) for item in items),
            self.source.path,
            self.target.path,
            existing,
            self._renamed() if answer == BOTH else (),
        )

    def _renamed(self) -> tuple[tuple[str, str], ...]:
        """New names for what would clash, none of which is taken."""
        taken = {item.name for item in self.target.table.rows} | {i.name for i in self.items}
        pairs = []
        for item, _ in self.clashes():
            new = free_name(item.name, taken, is_dir=item.is_dir)
            taken.add(new)
            pairs.append((item.name, new))
        return tuple(pairs)


def _look(item: Item) -> str:
    """Size and age, by which one tells two files of the same name apart."""
    size = f"{format_size(item.size)}B"
    if item.modified is None:
        return size
    age = format_age((datetime.now(UTC) - item.modified).total_seconds())
    return f"{size}, {age} old"


def free_name(name: str, taken: Container[str], *, is_dir: bool = False) -> str:
    """`data (1).csv` for `data.csv`: the first such name that is not taken."""
    stem, dot, ending = name.rpartition(".")
    if is_dir or not stem:
        stem, dot, ending = name, "", ""
    number = 1
    while (found := f"{stem} ({number}){dot}{ending}") in taken:
        number += 1
    return found
