"""Actions of the event log."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import Action

ACTIONS: Final[tuple[Action, ...]] = (
    Action("events.follow", ("f",), "follow", "Follow new events, or pause the view.", "Events",
           "events", ("follow",), hint=30),
    Action("events.only", ("v",), "only…", "Choose the session, type, owner and reason to show.",
           "Events", "events", ("only",), hint=35),
    Action("events.jump", ("J",), "to session", "Go to the session of this event.", "Events",
           "events", ("jump",), needs_row=True, hint=40),
    Action("events.clear", ("K",), "clear", "Forget the events shown.", "Events", "events",
           ("clear",)),
)  # fmt: skip
