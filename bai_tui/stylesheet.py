"""Textual's stylesheet, but one that does not work out again what it knows.

Textual tries every rule on every widget each time a screen is mounted, resumed or gets a class;
that is most of the time from a key to the first picture of a view. Which rules hold for a widget
depends on its path: what the widget and those around it are called, and their states. Here the
answer is kept by that path.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, Final
from weakref import WeakKeyDictionary

from textual.app import App
from textual.css.model import RuleSet, Selector, SelectorType
from textual.css.styles import RulesMap
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.widget import Widget

PARSED: Final = 512
"""Sources of styles kept parsed, more than there are."""
KNOWN: Final = 8192
"""Paths kept."""

_MARKS: Final = {SelectorType.CLASS: ".", SelectorType.ID: "#"}
_FLAGS: Final = ("_has_hover_style", "_has_focus_within", "_has_order_style", "_has_odd_or_even")

Path = tuple[Hashable, ...]


def _name(selector: Selector) -> str:
    return _MARKS.get(selector.type, "") + selector.name


class QuickStylesheet(Stylesheet):
    """A stylesheet that remembers which rules hold for which path."""

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._parse_cache.grow(PARSED)
        self._holding: list[RuleSet] = []
        self._names: frozenset[str] = frozenset()
        self._paths: dict[DOMNode, Path] | None = None
        self._kinds: dict[Hashable, frozenset[str]] = {}
        self._known: dict[Path, tuple[RulesMap, tuple[bool, ...]]] = {}
        self._applied: WeakKeyDictionary[DOMNode, Path] = WeakKeyDictionary()

    def apply(
        self,
        node: DOMNode,
        *,
        animate: bool = False,
        cache: dict[tuple[Any, ...], RulesMap] | None = None,
    ) -> None:
        """Give a node the styles of the rules that hold for it."""
        if self.rules is not self._holding:
            self._take_rules()
        path = self._path_of(node)
        if self._applied.get(node) == path:
            # Only what is around it may look different now.
            node.notify_style_update()
            return
        known = self._known.get(path)
        if known is not None:
            rules, flags = known
            for name, value in zip(_FLAGS, flags, strict=True):
                setattr(node, name, value)
            self.replace_rules(node, rules, animate=animate)
            self._process_component_classes(node)
        else:
            found: dict[tuple[Any, ...], RulesMap] = {}
            super().apply(node, animate=animate, cache=found)
            if not found:
                # No rule at all, or one that asks for the node's place among others.
                self._applied.pop(node, None)
                return
            (rules,) = found.values()
            if len(self._known) >= KNOWN:
                self._known.clear()
            self._known[path] = rules, tuple(getattr(node, name) for name in _FLAGS)
        self._applied[node] = path

    def _take_rules(self) -> None:
        """There are other rules than before, most often a few more: those of a new widget."""
        held, self._holding = set(map(id, self._holding)), self.rules
        fresh = [rule for rule in self._holding if id(rule) not in held]
        names = [set(map(_name, s.selectors)) for rule in fresh for s in rule.selector_set]
        if len(held) + len(fresh) > len(self._holding) or any(self._names >= n for n in names):
            self._known.clear()
            self._applied.clear()
        # Else none of the new rules can hold for a path known so far: each has a new name in it.
        self._names = self._names.union(*names)
        self._kinds.clear()

    def update_nodes(self, nodes: Iterable[DOMNode], animate: bool = False) -> None:
        """Give many nodes their styles; what is around them stays as it is meanwhile."""
        self._paths = {}
        try:
            super().update_nodes(nodes, animate)
        finally:
            self._paths = None

    def _path_of(self, node: DOMNode) -> Path:
        """All that rules may ask of a node and of those around it, but for their order."""
        if self._paths is not None and (path := self._paths.get(node)) is not None:
            return path
        kind = (type(node), node._id, frozenset(node._classes))
        names = self._kinds.get(kind)
        if names is None:
            names = self._kinds[kind] = self._names_of(node)
        parent = node._parent
        around = self._path_of(parent) if isinstance(parent, DOMNode) else ()
        if isinstance(node, Widget):
            state = node.mouse_hover, node.has_focus, node.disabled, node.allow_focus()
            path = around, names, state
        elif isinstance(node, App):
            look = node.theme, node.native_ansi_color, node.no_color
            path = names, node.app_focus, node.is_inline, look
        else:
            path = around, names
        if self._paths is not None:
            self._paths[node] = path
        return path

    def _names_of(self, node: DOMNode) -> frozenset[str]:
        """Those of its names that rules mention."""
        names = {*node._css_type_names, *("." + name for name in node._classes)}
        if node._id:
            names.add("#" + node._id)
        return self._names & names
