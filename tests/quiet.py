"""Waiting until a Textual program has done what it was told.

Textual's own driver for tests waits until the process seems to have little work: 40 ms for every
key, and up to two seconds where a cluster works in the same process. Here it is known exactly: the
event loop has nothing more to run, the workers that were sent out have had time to answer, and
everything is painted.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final, cast

from textual._context import active_app

from bai_tui.typeahead import SWITCHES

PATIENCE: Final = 1.0
"""Seconds until one goes on although there is always something new; as Textual does."""
ANSWERS: Final = 0.04
"""Seconds workers have to bring what they were sent for; the test waits for what takes longer."""
PREPARES: Final = "prepare"
"""Group of the worker that gets views ready while nobody looks, for as long as that takes."""
CALM: Final = 3
"""How often the loop has to have nothing to run, with what came in looked at in between."""


async def quiet(min_sleep: float = 0.0, max_sleep: float = PATIENCE) -> None:
    """Wait until the program that runs is quiet; in place of `textual._wait.wait_for_idle`."""
    app = active_app.get()
    ready = cast(Any, asyncio.get_running_loop())._ready
    began, calm = time.monotonic(), 0
    while calm < CALM and app._exception is None:
        await asyncio.sleep(0)
        calm = 0 if ready else calm + 1
        waited = time.monotonic() - began
        if waited > max_sleep:
            return
        if calm == CALM and (_works(app) or (waited < ANSWERS and _asks(app))):
            await asyncio.sleep(0.001)
            calm = 0
        elif calm == CALM and _paints(app):
            calm = 0
    rest = min_sleep - (time.monotonic() - began)
    if rest > 0:
        await asyncio.sleep(rest)


def _works(app: Any) -> bool:
    """Whether a key is at work, a view on its way, or a new size not yet told to everybody."""
    coming = any(not worker.is_finished and worker.group == SWITCHES for worker in app.workers)
    followed = getattr(app, "_following", None) is not None
    return coming or followed or app._resize_timer is not None


def _asks(app: Any) -> bool:
    """Whether somebody was sent to the cluster."""
    return any(not worker.is_finished and worker.group != PREPARES for worker in app.workers)


def _paints(app: Any) -> bool:
    """Paint what a timer would paint soon; whether there was something."""
    screen = app.screen_stack[-1] if app.screen_stack else None
    if screen is None or app._batch_count or not screen.is_running:
        return False
    due = (
        screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
        or screen._callbacks
    )
    if due:
        screen._on_timer_update()
    return bool(due)
