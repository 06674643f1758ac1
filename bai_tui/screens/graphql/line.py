"""The line of variables: JSON, completed by what the query declares."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.suggester import Suggester

from bai_tui.widgets.fields import TextField


class _Suggested(Suggester):
    def __init__(self, complete: Callable[[str], list[str]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        """The first text that goes on from what is typed."""
        return next(iter(self._complete(value)), None)


class VariablesLine(TextField):
    """Tab and the right arrow take what is shown behind the cursor; else tab goes on.

    Args:
        complete: texts that go on from what is typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", "complete", show=False)]

    def __init__(self, complete: Callable[[str], list[str]], *, id: str | None = None) -> None:
        super().__init__(placeholder='variables, as JSON: {"name": "default"}', id=id)
        self._complete = complete
        self.suggester = _Suggested(complete)

    def action_complete(self) -> None:
        """Take the first candidate, or go to the next field."""
        found = self._complete(self.value) if self.cursor_at_end else []
        if found:
            self.value = found[0]
            self.cursor_position = len(self.value)
        else:
            self.screen.focus_next()
