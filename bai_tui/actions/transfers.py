"""Actions of the queue of transfers."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import Action

ACTIONS: Final[tuple[Action, ...]] = (
    Action("app.transfers", ("T",), "transfers", "Show the uploads and downloads.", "Views",
           "app", ("tx",), view="transfers"),
    Action("transfers.pause", ("p",), "pause/go on",
           "Pause transfers, or let paused ones go on where they were.", "Transfers", "transfers",
           ("pause",), needs_row=True, hint=20),
    Action("transfers.all", ("P",), "all", "Pause all transfers, or let all go on.",
           "Transfers", "transfers", ("pause-all",), hint=25),
    Action("transfers.retry", ("R",), "retry",
           "Try again what failed or was cancelled; files that are whole are not moved again.",
           "Transfers", "transfers", ("transfer-retry",), needs_row=True, hint=30),
    Action("transfers.cancel", ("ctrl+d",), "cancel",
           "Give transfers up: unfinished files go, finished ones stay.", "Transfers", "transfers",
           ("cancel",), needs_row=True, hint=40),
    Action("transfers.clear", ("K",), "clear", "Forget what is done or was cancelled.",
           "Transfers", "transfers", ("clear-transfers",), hint=50),
    Action("transfers.place", ("J",), "files", "Go to the files this transfer is about.",
           "Transfers", "transfers", ("transfer-files",), needs_row=True, hint=55),
)  # fmt: skip
