"""The tests of looks share what makes them quick and steady."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.css.stylesheet import Stylesheet
from textual.widgets import Input, TextArea

from bai_tui.widgets.bars import Flash


@pytest.fixture(autouse=True)
def only_what_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Styles are parsed once per theme, nothing is painted for nobody, nothing goes by itself."""
    parse: Callable[..., Any] = Stylesheet._parse_rules
    known: dict[Any, Any] = {}

    @functools.wraps(parse)
    def parse_once(self: Stylesheet, *args: Any, **options: Any) -> Any:
        colors = tuple(self._variables.get(name) for name in ("foreground", "background", "panel"))
        key = (colors, args, tuple(options.items()))
        if key not in known:
            known[key] = parse(self, *args, **options)
        return known[key]

    say = Flash.say

    def say_for_long(self: Flash, text: str, level: Any = "info", seconds: float = 0.0) -> None:
        say(self, text, level, 3600.0)

    def paint_nothing(self: Compositor, *args: Any, **options: Any) -> None:
        self._dirty_regions.clear()

    monkeypatch.setattr(Stylesheet, "_parse_rules", parse_once)
    monkeypatch.setattr(Compositor, "render_update", paint_nothing)
    monkeypatch.setattr(Flash, "say", say_for_long)
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
    monkeypatch.setattr(TextArea, "_toggle_cursor_blink_visible", lambda self: None)
