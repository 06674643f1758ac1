"""An answer as a tree that makes its branches when they are looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from rich.text import Text
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from bai_tui.widgets.table.columns import Column
from bai_tui.widgets.text import printable

BRANCHES: Final = 100
"""Children of a branch; longer lists are cut into pieces of so many."""
OPENED: Final = 20
"""Lists up to this length are open from the beginning."""
LONGEST: Final = 2000
"""Characters of a value that are shown in the tree."""


class ResultTree(Tree[Any]):
    """The answer of a query."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("result", id=id)
        self.show_root = False

    def show(self, answer: Any) -> None:
        """Another answer."""
        self.clear()
        if isinstance(answer, (dict, list)):
            self._grow(self.root, answer)
        elif answer is not None:
            self.root.add_leaf(_plain(str(answer)))
        self.root.expand()
        self.cursor_line = 0
        self.scroll_home(animate=False)

    def wait(self, text: str) -> None:
        """Say what will stand here."""
        self.clear()
        self.root.add_leaf(Text(text, style="dim"))
        self.root.expand()

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[Any]) -> None:
        """What lies below is made now."""
        event.stop()
        if event.node.data is not None:
            value, event.node.data = event.node.data, None
            self._grow(event.node, value)

    def _grow(self, node: TreeNode[Any], value: Any) -> None:
        for name, inner in _children(value):
            if isinstance(inner, (dict, list, _Piece)) and inner:
                size = f" [{len(inner)}]" if isinstance(inner, list) else ""
                child = node.add(_plain(f"{name}{size}"), data=inner)
                if isinstance(inner, dict) or len(inner) <= OPENED:
                    child.expand()
            else:
                node.add_leaf(_plain(f"{name}: {_words(inner)}"))


class _Piece(list[Any]):
    """A part of a long list."""

    def __init__(self, first: int, values: list[Any]) -> None:
        super().__init__(values)
        self.first = first


def _children(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((str(name), inner) for name, inner in value.items())
        return
    first = value.first if isinstance(value, _Piece) else 0
    size = BRANCHES
    while size * BRANCHES < len(value):
        size *= BRANCHES
    if len(value) <= BRANCHES:
        yield from ((str(first + number), inner) for number, inner in enumerate(value))
        return
    for start in range(0, len(value), size):
        piece = _Piece(first + start, value[start : start + size])
        yield f"{piece.first}…{piece.first + len(piece) - 1}", piece


def _words(value: Any) -> str:
    text = json.dumps(value) if not isinstance(value, str) else value
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"


def _plain(text: str) -> Text:
    return Text(printable(text))


def columns_for(rows: list[dict[str, Any]]) -> list[Column[dict[str, Any]]]:
    """A column for each name in the first rows."""
    names = list(dict.fromkeys(name for row in rows[:100] for name in row))
    return [_column(name) for name in names] or [_column("-")]


def _column(name: str) -> Column[dict[str, Any]]:
    def value(row: dict[str, Any]) -> Any:
        return row.get(name)

    def render(row: dict[str, Any]) -> str:
        inner = value(row)
        if isinstance(inner, (dict, list)):
            return json.dumps(inner, ensure_ascii=False)
        return "" if inner is None else str(inner)

    return Column(key=name, label=name.upper(), render=render, value=value, max_width=40)
