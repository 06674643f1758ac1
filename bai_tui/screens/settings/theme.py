"""Choosing the colours: each is in force while the cursor is on it."""

from __future__ import annotations

from collections.abc import Callable

from bai_tui import themes
from bai_tui.screens.view import View
from bai_tui.widgets.picker import Choice, Picker


def pick_theme(view: View, chosen: Callable[[str], object]) -> None:
    """Look at the themes; escape goes back to the one before."""
    app = view.app
    before = app.theme

    def look(name: str) -> None:
        app.theme = name

    def closed(names: tuple[str, ...] | None) -> None:
        app.theme = before
        if names:
            chosen(names[0])

    names = sorted(app.available_themes, key=lambda name: (not name.startswith("bai"), name))
    choices = [Choice(name, name, themes.REMARKS.get(name, "")) for name in names]
    app.push_screen(Picker("theme", choices, (before,), looked_at=look), closed)
