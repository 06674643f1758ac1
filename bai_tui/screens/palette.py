"""The command palette's source: the actions of the view it was opened over."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from bai_tui.actions import Action
from bai_tui.screens.view import View

_NOT_OFFERED = frozenset({"app.palette", "app.command", "app.interrupt", "app.back"})


class ActionProvider(Provider):
    """Finds actions by label, alias and help."""

    def _actions(self) -> Iterator[tuple[View, Action]]:
        if isinstance(self.screen, View):
            for action in self.screen.actions():
                if action.id not in _NOT_OFFERED:
                    yield self.screen, action

    def _title(self, view: View, action: Action) -> str:
        key = view.key_of(action) if action.keys else ""
        name = view.label_of(action) or action.aliases[0]
        return f"{action.group}: {name}" + (f"  ({key})" if key else "")

    async def discover(self) -> Hits:
        """Everything, in the order of the registry."""
        for view, action in self._actions():
            if action.label:
                yield DiscoveryHit(
                    self._title(view, action), partial(view.perform, action), help=action.help
                )

    async def search(self, query: str) -> Hits:
        """What fits the words."""
        matcher = self.matcher(query)
        for view, action in self._actions():
            title = self._title(view, action)
            names = " ".join((title, *action.aliases))
            score = max(matcher.match(names), matcher.match(action.help) * 0.8)
            if score > 0:
                shown = matcher.highlight(title)
                yield Hit(score, shown, partial(view.perform, action), help=action.help)
