"""The configuration store as a tree: look, set, edit as line or as text, delete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from bai_tui.diagnosis import explain
from bai_tui.screens.admin.masks import MASK, hides, masked, masked_text, unmasked
from bai_tui.screens.admin.resource import (
    SUPERADMIN,
    Call,
    Calls,
    Fetch,
    Item,
    Resource,
    Scope,
    Wire,
)
from bai_tui.screens.admin.text import TextError, flatten, parse_toml, toml_value
from bai_tui.screens.admin.textedit import ask, edit_and_send
from bai_tui.screens.admin.view import ResourceView
from bai_tui.screens.help import Sheet
from bai_tui.widgets.dialog import Confirm
from bai_tui.widgets.review import AGAIN, SEND, Review
from bai_tui.widgets.table.columns import Cell, Column
from bai_tui.widgets.table.messages import CellClicked

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.identity import Identity


@dataclass(frozen=True, slots=True)
class Node:
    """A key of the store.

    Attributes:
        path: the whole key. value: None when only keys below it have values.
        below: how many values lie below it.
    """

    path: str
    value: str | None
    below: int

    @property
    def name(self) -> str:
        """The last part."""
        return self.path.rpartition("/")[2]

    @property
    def depth(self) -> int:
        """How deep it lies."""
        return self.path.count("/")


def nodes(values: Mapping[str, str]) -> list[Node]:
    """All keys and their parents, each after its parent, by name."""
    below: dict[str, int] = {}
    for path in values:
        parts = path.split("/")
        for length in range(1, len(parts)):
            parent = "/".join(parts[:length])
            below[parent] = below.get(parent, 0) + 1
    paths = sorted({*values, *below}, key=lambda path: path.split("/"))
    return [Node(path, values.get(path), below.get(path, 0)) for path in paths]


def parents(path: str) -> Iterator[str]:
    """The keys above a key, the outermost first."""
    parts = path.split("/")
    for length in range(1, len(parts)):
        yield "/".join(parts[:length])


async def load(
    session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
) -> Sequence[Wire]:
    """The whole store."""
    root = session.generation.etcd_root
    tree = await session.EtcdConfig.get("", prefix=True) if root else None
    if not tree:
        # A store that has no root to ask for: what servers are known to keep.
        tree = {
            name: await session.EtcdConfig.get(name, prefix=True)
            for name in ("config", "manager", "nodes", "volumes")
        }
    values = {path.strip("/"): value for path, value in flatten(tree) if path.strip("/")}
    return [
        {"path": node.path, "value": shown(node.path, node.value), "plain": node.value,
         "below": node.below, "name": node.name, "depth": node.depth}
        for node in nodes(values)
    ]  # fmt: skip


def shown(path: str, value: str | None) -> str | None:
    """A value as it may stand on a screen."""
    return masked(path, value) if value else value


def setting(path: str, value: str) -> Call:
    """The call that sets a key; what it says of itself does not tell a secret."""
    if masked(path, value) != value:
        return Call("EtcdConfig.set", (path,), {"value": value}, frozenset({"value"}))
    return Call("EtcdConfig.set", (path, value))


def _count(number: int) -> str:
    return f"{number} value{'' if number == 1 else 's'}"


def _key_cell(item: Item) -> Cell:
    sign = " "
    if item.data["below"]:
        sign = "▾" if item.data.get("open") else "▸"
    return Cell("  " * item.data["depth"] + f"{sign} {item.text('name')}")


def _value_cell(item: Item) -> Cell:
    if item.doing or item.note:
        return Cell(item.note or f"{item.doing}…", "error" if item.note else "accent")
    value = item.data["value"]
    if value is None:
        return Cell(_count(item.data["below"]), "muted")
    return Cell(value or '""', "muted" if value in ("", MASK) else "")


RESOURCE: Final = Resource(
    name="etcd",
    one="key",
    about="The configuration store.",
    viewers=SUPERADMIN,
    columns=(
        Column(key="key", label="KEY", min_width=28, max_width=60, flex=1.5, priority=100,
               render=_key_cell, value=lambda item: item.key, pinned=True),
        Column(key="value", label="VALUE", min_width=20, flex=2, priority=100, watch=True,
               render=_value_cell, value=lambda item: item.data["value"]),
        Column(key="path", label="PATH", min_width=20, max_width=80, priority=20, optional=True,
               render=lambda item: item.key, cut="middle"),
    ),
    load=load,
    key=lambda data: str(data["path"]),
    scopes=("etcd",),
    interval=60,
    hint="n sets one.",
)  # fmt: skip


class EtcdView(ResourceView):
    """A tree in a table: what is folded is left out; a filter looks everywhere."""

    RESOURCE = RESOURCE
    REMEMBER: ClassVar[str] = "etcd"

    def __init__(self, scope: Scope | None = None, *, at: str = "") -> None:
        super().__init__(scope, at=at)
        self._opened: set[str] | None = None
        self._awaited = ""
        """A key that was set: the cursor goes there as soon as the server tells of it."""

    # The tree.

    def _take(self, found: Any) -> None:
        """Keep everything; the first time the outermost keys are open."""
        items = {self.RESOURCE.key(data): Item(self.RESOURCE.key(data), data) for data in found}
        if self._opened is None:
            self._opened = {key for key in items if "/" not in key}
        at, self._at = self._at, ""
        if self._awaited in items:
            at, self._awaited = self._awaited, ""
        if at in items:
            self._opened |= set(parents(at))
        self._items = items
        self._show_rows()
        self.table.loading_rows = False
        self.table.stale = not self.connection.ready
        if at:
            self._go_to(at)
        self._show_detail()
        self.refresh_bars()

    def _show_rows(self) -> None:
        opened = self._opened or set()
        everything = bool(self.table.filter_text)
        self.table.set_rows(
            replace(item, data={**item.data, "open": everything or item.key in opened})
            for item in self._items.values()
            if everything or all(parent in opened for parent in parents(item.key))
        )

    def on_filter_changed(self, event: Any) -> None:
        """While one filters, nothing is folded."""
        super().on_filter_changed(event)
        self._show_rows()

    def setup(self) -> None:
        """The order of the tree is its own."""
        super().setup()
        self.table.sort(None)

    def on_sort_changed(self) -> None:
        """A tree is not sorted."""
        self.table.sort(None)
        self.flash("the keys stay in the order of the tree")

    def on_row_opened(self) -> None:
        """Enter: unfold or fold; a value is shown in full."""
        item = self.current()
        if item is None or not item.data["below"]:
            self.do_table_describe("")
            return
        opened = self._opened if self._opened is not None else set()
        opened ^= {item.key}
        self._opened = opened
        self._show_rows()

    def on_cell_clicked(self, event: CellClicked) -> None:
        """A click on the sign before a key does what enter does."""
        sign = 2 * event.row.data["depth"]
        if event.row.data["below"] and event.column == "key" and event.x in (sign, sign + 1):
            self.on_row_opened()

    def do_etcd_fold(self, argument: str) -> None:
        """Everything open, or only the outermost keys."""
        every = {key for key, item in self._items.items() if item.data["below"]}
        outer = {key for key in every if "/" not in key}
        self._opened = outer if self._opened == every else every
        self._show_rows()

    # Changing.

    def do_etcd_set(self, argument: str) -> None:
        """Type a key, then its value."""
        item = self.current()
        parent = ""
        if item is not None:
            parent = item.key if item.data["below"] else item.key.rpartition("/")[0]
        self.ask_line("key", f"{parent}/" if parent else "", self._ask_value)

    def _ask_value(self, key: str) -> None:
        key = key.strip("/")
        old = self._items.get(key)
        self._ask_line_of(key, (old.data["plain"] if old else None) or "")

    def _ask_line_of(self, key: str, value: str) -> None:
        secret = hides(key)
        if not secret and masked(key, value) != value:
            self.flash(f"{key} has a secret in its value: E edits it", "warning")
            return
        self.ask_line(
            f"value of {key}",
            "" if secret else value,
            lambda text: self._offer(key, text),
            secret=secret,
        )

    def do_etcd_edit(self, argument: str) -> None:
        """Type another value; the old one stands in the line."""
        item = self.current()
        if item is None:
            return
        if item.data["value"] is None:
            self.flash(f"{item.key} has no value of its own: E edits what lies below it", "warning")
            return
        self._ask_value(item.key)

    def typed(self, kind: str, value: str, *, final: bool) -> None:
        """An empty value is a value here."""
        if final and kind.startswith("value of ") and not value:
            self._line_done = None
            self.flash("nothing was set; E can set an empty value")
            return
        super().typed(kind, value, final=final)

    def _offer(self, key: str, value: str) -> None:
        old = self._items.get(key)
        before = old.data["plain"] if old is not None else None
        if before == value:
            self.flash(f"{key} has this value already")
            return
        lines = [f"- {shown(key, before)}"] if before is not None else []
        self.attempt(self._review(key, value, [*lines, f"+ {shown(key, value)}"]), "set")

    async def _review(self, key: str, value: str, lines: Sequence[str]) -> None:
        """Old and new value are seen before anything is sent."""
        call = setting(key, value)
        trouble = ""
        while True:
            chosen = await ask(self, Review(key, lines, trouble=trouble, code=call.code()))
            if chosen == AGAIN:
                self._ask_line_of(key, value)
                return
            if chosen != SEND:
                self.flash(f"{key}: nothing was set", "info", shown(key, value) or "")
                return
            try:
                self._awaited = key
                await self.send(call, f"set: {key}")
            except Exception as error:
                self._awaited = ""
                self.connection.suspect(error)
                trouble = f"✗ {explain(error).line}"
            else:
                return

    def values_below(self, key: str) -> dict[str, str]:
        """Values of a key and of all below it, by whole key."""
        return {
            path: item.data["value"]  # masked, where it is a secret
            for path, item in self._items.items()
            if item.data["value"] is not None and (path == key or path.startswith(f"{key}/"))
        }

    async def do_etcd_text(self, argument: str) -> None:
        """Edit a key and everything below it as TOML; keys that are left out are deleted."""
        item = self.current()
        if item is None:
            return
        root, old = item.key, self.values_below(item.key)
        text = "\n".join(
            [
                f"# {root} and what lies below it: one line each, whole keys.",
                "# A line that is removed deletes its key. Save and close to see the difference.",
                f"# {MASK} stands for a secret, which stays as it is unless you write another.",
                "",
                *(f"{toml_value(path)} = {toml_value(value)}" for path, value in old.items()),
                "",
            ]
        )

        def read(edited: str) -> Mapping[str, Any]:
            return differing(root, old, parse_toml(edited))

        await edit_and_send(
            self,
            text,
            f"etcd {root}",
            "etcd.toml",
            read,
            calls_for,
            lambda call: self._send_all(root, call),
            masked_text,
        )

    async def _send_all(self, root: str, call: Call | Calls) -> None:
        await self.send(call, f"changed: {root}")

    def do_etcd_reveal(self, argument: str) -> None:
        """A secret as it is, until the sheet is closed."""
        item = self.current()
        if item is None or item.data["plain"] is None:
            self.flash("the key has no value of its own", "warning")
            return
        facts = (("key", item.key), ("value", item.data["plain"] or "(empty)"))
        self.app.push_screen(Sheet(item.data["name"], facts, what="value"))

    def do_etcd_delete(self, argument: str) -> None:
        """A single value after asking, a tree after its key was typed; the values are shown."""
        item = self.current()
        if item is None:
            return
        values = self.values_below(item.key)
        whole = bool(item.data["below"])

        def answered(yes: bool | None) -> None:
            if not yes:
                self.flash("delete: cancelled, nothing was done")
                return
            call = Call("EtcdConfig.delete", (item.key,), {"prefix": whole})
            self.attempt(self.send(call, f"deleted: {item.key} ({_count(len(values))})"), "delete")

        names = [f"{path} = {value or '(empty)'}" for path, value in values.items()]
        what = _count(len(values)) if whole else "the key"
        text = "Programs of the cluster may need them." if whole else "The old value:"
        self.app.push_screen(
            Confirm(f"Delete {what}?", text, names=names, verb="Delete", typed=item.key), answered
        )


def differing(root: str, old: Mapping[str, str], table: Mapping[str, Any]) -> dict[str, str | None]:
    """What changed, by whole key; None means it is deleted.

    Raises:
        TextError: values that are no texts, keys outside of the root, or both a value and a tree.
    """
    problems = []
    new: dict[str, str] = {}
    for path, value in table.items():
        if not (path == root or path.startswith(f"{root}/")) or path.endswith("/"):
            problems.append(f"{path}: not below {root}")
        elif not isinstance(value, str):
            problems.append(f"{path}: values are texts, in quotes")
        else:
            new[path] = value
    changed = {path: value for path, value in new.items() if old.get(path) != value}
    problems += [f"{path}: write the secret where {MASK} stands" for path in unmasked(changed)]
    if problems:
        raise TextError(problems)
    changes: dict[str, str | None] = dict(changed)
    changes.update((path, None) for path in old if path not in new)
    return changes


def calls_for(changes: Mapping[str, str | None]) -> Calls:
    """A call for each key: servers take few keys at once, and each has its own result."""
    return Calls(
        tuple(
            Call("EtcdConfig.delete", (path,)) if value is None else setting(path, value)
            for path, value in changes.items()
        )
    )
