"""When Python looks for garbage, while nobody types, and what would never become any.

A full look at everything the program holds takes as long as several pictures do, more so with
many sessions in a list. By itself Python does it whenever much was made, which is when a view is
opened.
"""

from __future__ import annotations

import gc
from functools import lru_cache
from time import monotonic
from typing import Final

from textual._styles_cache import StylesCache
from textual.color import Color
from textual.style import Style

YOUNG: Final = (2000, 10, 1_000_000)
"""Numbers of objects and looks after which Python looks by itself: hardly ever at all objects."""
WORTH: Final = 5
"""Looks at the younger objects after which one at all that came since the last is worth it."""
OVERDUE: Final = 80 * WORTH
"""The same, when somebody types without a pause."""
REST, AWAY = 1.0, 15.0
"""Seconds without a key that count as a pause, and as nobody being there."""
WHOLE, WHOLE_OVERDUE = 4, 40
"""Looks after which one at everything is worth it while nobody is there, and in any pause."""


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
    """Decides when to look, and at what. Does nothing until `begin`.

    What outlives a look is put aside: with ten thousand sessions in a list there is much of it, and
    most of it stays. Only when nobody is there all of it is looked at.
    """

    def __init__(self) -> None:
        self._begun = False
        self._looks = 0
        self._typed_at = monotonic()

    def begin(self) -> None:
        """Take over from Python; what was made so far is taken to live on."""
        self._begun = True
        gc.freeze()
        gc.set_threshold(*YOUNG)

    def typed(self) -> None:
        """Somebody is waiting for a picture."""
        self._typed_at = monotonic()

    def rest(self) -> None:
        """A moment in which nothing is to be done; look, if it is worth it."""
        if not self._begun:
            return
        quiet = monotonic() - self._typed_at
        if self._looks >= (WHOLE if quiet >= AWAY else WHOLE_OVERDUE) and quiet >= REST:
            gc.unfreeze()
            self._looks = 0
        elif gc.get_count()[2] >= (WORTH if quiet >= REST else OVERDUE):
            self._looks += 1
        else:
            return
        gc.collect()
        gc.freeze()
