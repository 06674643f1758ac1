"""When Python looks for garbage, while nobody types, and what would never become any.

A full look at everything the program holds takes as long as several pictures do, more so with
many sessions in a list. By itself Python does it whenever much was made, which is when a view is
opened.
"""

from __future__ import annotations

import gc
from functools import lru_cache
from typing import Final

from textual._styles_cache import StylesCache
from textual.color import Color
from textual.style import Style

YOUNG: Final = (2000, 10, 1_000_000)
"""Numbers of objects and looks after which Python looks by itself: hardly ever at all objects."""
WORTH: Final = 5
"""Looks at the younger objects after which a full one is worth it."""
OVERDUE: Final = 40 * WORTH
"""The same, when somebody types without a pause."""
REST: Final = 1.0
"""Seconds without a key that count as a pause."""


@lru_cache(1024)
def _inner_outer(base: Color, background: Color) -> tuple[Style, Style]:
    return Style(background=base + background), Style(background=base)


def forget_pictures() -> None:
    """Let go of the pictures of widgets that are gone.

    Textual remembers the backgrounds of the last thousand widgets by the caches that hold their
    pictures, which thereby live on: after an hour of opening and closing, tens of megabytes.
    """
    StylesCache.get_inner_outer = lambda self, base, background: _inner_outer(base, background)  # type: ignore[method-assign,assignment]


class Collector:
    """Decides when to look at all objects. Does nothing until `begin`."""

    def __init__(self) -> None:
        self._begun = False
        self._frozen = False

    def begin(self) -> None:
        """Take over from Python; what was made so far is taken to live on."""
        self._begun = True
        gc.freeze()
        gc.set_threshold(*YOUNG)

    def rest(self, since_key: float) -> None:
        """A moment in which nothing is to be done; look, if it is worth it.

        Args:
            since_key: seconds since somebody waited for a picture.
        """
        worth = WORTH if since_key >= REST else OVERDUE
        if not self._begun or gc.get_count()[2] < worth:
            return
        gc.collect()
        if not self._frozen:
            # The modules of all views: they stay, and need not be looked at again.
            self._frozen = True
            gc.freeze()
