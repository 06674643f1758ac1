"""Base of the views that show text: search, wrap, follow, save, copy."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.screens.view import View
from bai_tui.widgets.logview import LogView


class TextView(View):
    """A view of one `LogView`."""

    SCOPES: ClassVar[tuple[str, ...]] = ("log",)
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("log")]
    FILE_NAME: ClassVar[str] = "text"
    GROWS: ClassVar[bool] = True
    """Lines come at its end, and can be followed; else it begins at its top and stays there."""

    def compose_body(self) -> ComposeResult:
        """The text."""
        yield LogView(id="text")

    @property
    def log_view(self) -> LogView:
        """The text."""
        return self.query_one(LogView)

    def focus_body(self) -> None:
        """Keys scroll the text."""
        self.log_view.focus()

    def setup(self) -> None:
        """Focus the text."""
        self.focus_body()
        if not self.GROWS:
            self.log_view.set_follow(False)

    def counts(self) -> str:
        """Lines, matches, follow."""
        if not self.is_mounted:
            return ""
        words = self.log_view.describe()
        return words if self.grows() else words.rpartition(" · ")[0]

    def grows(self) -> bool:
        """Whether more lines may come now."""
        return self.GROWS

    def absent(self, action: Action) -> str:
        """What is whole is not followed."""
        if action.id == "log.follow" and not self.grows():
            return "not in this view"
        return super().absent(action)

    def file_name(self) -> str:
        """Name of a saved file, without its ending."""
        return self.FILE_NAME

    def on_log_view_moved(self) -> None:
        """Follow was switched."""
        self.refresh_bars()

    def undo_one(self) -> bool:
        """Escape ends the search first."""
        if self.log_view.position[1]:
            self.log_view.search("")
            self.refresh_bars()
            return True
        return False

    def typed(self, kind: str, value: str, *, final: bool) -> None:
        """Search as one types."""
        found = self.log_view.search(value)
        self.refresh_bars()
        if final and value and not found:
            self.flash(f"no line has {value!r}", "warning")

    def do_log_follow(self, argument: str) -> None:
        """Follow or pause."""
        self.log_view.set_follow(not self.log_view.follow)
        self.refresh_bars()

    def do_log_wrap(self, argument: str) -> None:
        """Wrap or cut."""
        self.log_view.set_wrap(not self.log_view.wrap)

    def do_log_search(self, argument: str) -> None:
        """Search."""
        self.open_prompt("/", argument)

    def do_log_next(self, argument: str) -> None:
        """Next match."""
        self._step(1)

    def do_log_previous(self, argument: str) -> None:
        """Match before."""
        self._step(-1)

    def _step(self, step: int) -> None:
        if not self.log_view.position[1]:
            self.flash("nothing is searched: / searches", "warning")
            return
        self.log_view.next_match(step)
        self.refresh_bars()

    def do_log_top(self, argument: str) -> None:
        """First line."""
        self.log_view.set_follow(False)
        self.log_view.scroll_home(animate=False)

    def do_log_end(self, argument: str) -> None:
        """Last line, and follow."""
        self.log_view.set_follow(True)
        self.refresh_bars()

    def do_log_copy(self, argument: str) -> None:
        """Copy everything."""
        lines = self.log_view.lines
        self.copy("\n".join(lines) + "\n", f"{len(lines):,} lines")

    def do_log_save(self, argument: str) -> None:
        """Write a file; never over another one."""
        stem = re.sub(r"[^\w.-]+", "_", self.file_name())
        path = (
            Path(argument).expanduser()
            if argument
            else Path(f"{stem}-{datetime.now():%Y%m%d-%H%M%S}.log")
        )
        try:
            with path.open("x", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in self.log_view.lines)
        except OSError as error:
            self.flash(f"not saved: {path}: {error.strerror}", "error")
            return
        self.flash(f"saved {len(self.log_view.lines):,} lines to {path.absolute()}", "success")
