"""The queue of uploads and downloads: how far they are, and everything one does with them."""

from __future__ import annotations

import time
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.files.model import base
from bai_tui.screens.listing import ListView
from bai_tui.screens.text import TextView
from bai_tui.transfers import State, Transfer
from bai_tui.transfers.model import UNFINISHED
from bai_tui.widgets.dialog import Confirm
from bai_tui.widgets.table import Cell, Column, LiveTable
from bai_tui.widgets.text import format_age, format_size, printable, truncate

INTERVAL: Final = 0.5
"""Seconds between two looks at those that move."""

STATES: Final = {
    State.QUEUED: ("muted", "◌"),
    State.PREPARING: ("accent", "◔"),
    State.RUNNING: ("accent", "▸"),
    State.WAITING: ("warning", "⚠"),
    State.PAUSED: ("warning", "‖"),
    State.DONE: ("success", "✓"),
    State.FAILED: ("error", "✗"),
    State.CANCELLED: ("muted", "⊘"),
}
BAR: Final = 10
EXISTING: Final = {
    "replace": "are replaced",
    "skip": "are skipped",
    "update": "are replaced where they differ in size or are older",
}


def state_cell(transfer: Transfer) -> Cell:
    """State, with a glyph."""
    return Cell(transfer.state.value, *STATES[transfer.state])


def bar_cell(transfer: Transfer) -> Cell:
    """Share as a bar and a number."""
    share = transfer.share
    if share is None:
        files = f"{transfer.files} files" if transfer.files else ""
        return Cell(files, "muted")
    full = int(share * BAR)
    # Never rounded up to 100 before the end.
    return Cell(
        f"{'█' * full}{'░' * (BAR - full)} {int(share * 100):3}%", STATES[transfer.state][0]
    )


def note(transfer: Transfer) -> Cell:
    """What moves now, or why nothing does."""
    if transfer.state is State.RUNNING:
        return Cell(transfer.current, "muted")
    if transfer.state is State.WAITING:
        if transfer.order.gate.connection is None:
            return Cell(transfer.note, "warning")
        when = "until we are back"
        if transfer.retry_at is not None:
            when = f"retry in {max(0, transfer.retry_at - time.monotonic()):.0f} s"
        return Cell(f"{when}: {transfer.note}", "warning")
    if transfer.state is State.DONE and transfer.skipped:
        return Cell(f"{transfer.skipped} were there already", "muted")
    return Cell(transfer.note, "error" if transfer.state is State.FAILED else "muted")


def places(transfer: Transfer) -> str:
    """Where it goes."""
    order = transfer.order
    if order.direction == "upload":
        return order.place.show(order.target)
    return order.target


def _size(transfer: Transfer) -> str:
    if transfer.state is State.DONE or not transfer.total:
        return format_size(transfer.done or transfer.total)
    return f"{format_size(transfer.done)}/{format_size(transfer.total)}"


COLUMNS: Final[tuple[Column[Transfer], ...]] = (
    Column(key="way", label=" ", width=1, priority=100, searchable=False,
           render=lambda t: "↑" if t.order.direction == "upload" else "↓"),
    Column(key="name", label="NAME", render=lambda t: t.title, min_width=14, max_width=40, flex=2,
           priority=100, cut="middle"),
    Column(key="state", label="STATE", render=state_cell, width=11, priority=99),
    Column(key="share", label="PROGRESS", render=bar_cell, width=15, priority=98,
           sort_key=lambda t: t.share, value=lambda t: t.share, searchable=False),
    Column(key="size", label="SIZE", render=_size, width=13, align="right", priority=70,
           sort_key=lambda t: t.total, value=lambda t: t.total),
    Column(key="files", label="FILES", width=11, align="right", priority=30,
           render=lambda t: f"{t.files_done}/{t.files}" if t.files else "",
           sort_key=lambda t: t.files),
    Column(key="rate", label="RATE", width=8, align="right", priority=85,
           render=lambda t: f"{format_size(t.rate)}/s" if t.rate is not None else "",
           sort_key=lambda t: t.rate, value=lambda t: t.rate, searchable=False),
    Column(key="eta", label="ETA", width=5, align="right", priority=84,
           render=lambda t: format_age(t.eta) if t.eta is not None else "",
           sort_key=lambda t: t.eta, value=lambda t: t.eta, searchable=False),
    Column(key="to", label="TO", render=places, min_width=12, max_width=40, flex=1, priority=50,
           cut="start"),
    Column(key="note", label="NOTE", render=note, min_width=19, flex=4, priority=72),
    Column(key="added", label="ADDED", width=8, priority=20,
           render=lambda t: f"{t.added.astimezone():%H:%M:%S}", sort_key=lambda t: t.number),
)  # fmt: skip


class TransfersView(ListView):
    """The main view."""

    CRUMB = "transfers"
    ROOT = True
    SCOPES: ClassVar[tuple[str, ...]] = ("transfers", "table")
    REMEMBER = "transfers"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings("table"),
        *actions.bindings("transfers"),
    ]

    DEFAULT_CSS = """
    TransfersView #table { height: 1fr; }
    TransfersView #note { height: 1; padding: 0 1; background: $surface; }
    """

    _timer: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """The table, and below it why the transfer under the cursor is as it is."""
        yield LiveTable(
            COLUMNS,
            key=lambda transfer: transfer.number,
            row_tone=lambda t: "muted" if t.state in (State.DONE, State.CANCELLED) else "",
            what="transfers",
            empty="Nothing moves. In 3 vfolders, enter opens a folder: U uploads, D downloads.",
            id_of=lambda transfer: transfer.title,
            id="table",
        )
        yield Static("", id="note", markup=False)

    def setup(self) -> None:
        """Everything in the queue, the newest first."""
        self.table.sort("added", True)
        super().setup()
        self.table.set_rows(self.host.transfers)
        # Only what moves is drawn, and only while this view is the one that is shown.
        self._timer = self.set_interval(INTERVAL, self._look)

    def transfer_changed(self, transfer: Transfer) -> None:
        """Its row."""
        if self.is_mounted:
            self.table.set_rows(self.host.transfers)
            self.table.refresh_rows()
            self.refresh_bars()
            self._show_note()

    def _look(self) -> None:
        if self.app.screen is self and self.host.transfers.unfinished:
            self.table.refresh_rows()
            self.refresh_crumbs()
            self._show_note()

    def _show_note(self) -> None:
        """Columns may be too narrow for it, or not there."""
        transfer: Transfer | None = self.table.cursor_row
        text, style = "", ""
        if transfer is not None:
            cell = note(transfer)
            where = f"{transfer.order.gate.cluster.label}  {places(transfer)}"
            text = f"{STATES[transfer.state][1]} {cell.text or transfer.state.value}  ·  {where}"
            style = f"$text-{cell.tone or 'muted'}"
        line = self.query_one("#note", Static)
        line.update(Content.styled(truncate(printable(text), line.size.width - 2), style))

    def counts(self) -> str:
        """Unfinished ones, too."""
        left = len(self.host.transfers.unfinished)
        return f"{super().counts()}  {left} unfinished" if left else super().counts()

    def on_row_highlighted(self) -> None:
        """Other hints, another note."""
        self.refresh_bars()
        self._show_note()

    def on_resize(self) -> None:
        """More or less of the note."""
        self._show_note()

    def why_not(self, action: Action) -> str:
        """By the state of the transfers chosen."""
        states = {t.state for t in self.table.chosen_rows}
        wanted = {
            "transfers.pause": UNFINISHED,
            "transfers.retry": {State.FAILED, State.CANCELLED, State.WAITING},
            "transfers.cancel": UNFINISHED | {State.FAILED},
        }.get(action.id)
        if wanted is not None and states and not states & wanted:
            return f"it is {next(iter(states)).value}"
        if action.id == "transfers.retry" and self.connection.read_only and self._uploads():
            return "read-only mode (:readonly off ends it)"
        return super().why_not(action)

    def _uploads(self) -> bool:
        return any(t.order.direction == "upload" for t in self.table.chosen_rows)

    # Actions.

    def do_transfers_pause(self, argument: str) -> None:
        """Pause those that run; when none does, let them go on."""
        queue = self.host.transfers
        chosen = self.table.chosen_rows
        running = [t for t in chosen if t.state in UNFINISHED and t.state is not State.PAUSED]
        for transfer in running:
            queue.pause(transfer)
        if running:
            return
        if self.connection.read_only and self._uploads():
            self.flash("read-only mode: uploads stay paused", "warning")
            return
        for transfer in chosen:
            if transfer.state is State.PAUSED:
                queue.resume(transfer)

    def do_transfers_all(self, argument: str) -> None:
        """Pause all that go on; when none does, let all paused ones go on."""
        queue = self.host.transfers
        going = [t for t in queue.unfinished if t.state is not State.PAUSED]
        for transfer in going:
            queue.pause(transfer)
        left = [] if going else queue.unfinished
        for transfer in left:
            queue.resume(transfer)
        count = len(going or left)
        what = "paused" if going else "go on"
        self.flash(f"{count} transfers {what}" if count else "nothing is unfinished")

    def do_transfers_retry(self, argument: str) -> None:
        """Try again."""
        for transfer in self.table.chosen_rows:
            if transfer.state in (State.FAILED, State.CANCELLED, State.WAITING):
                self.host.transfers.resume(transfer)

    def do_transfers_cancel(self, argument: str) -> None:
        """Give up, after asking."""
        chosen = [
            t for t in self.table.chosen_rows if t.state in UNFINISHED or t.state is State.FAILED
        ]

        def answered(yes: bool | None) -> None:
            if yes:
                for transfer in chosen:
                    self.host.transfers.cancel(transfer)
                self.table.clear_marks()

        count = f"{len(chosen)} transfers" if len(chosen) > 1 else "the transfer"
        text = "What is unfinished is removed; files that are whole stay."
        dialog = Confirm(
            f"Cancel {count}?", text, names=[t.title for t in chosen], verb="Cancel it"
        )
        self.app.push_screen(dialog, answered)

    def do_transfers_clear(self, argument: str) -> None:
        """Forget what is over."""
        count = self.host.transfers.clear()
        self.table.set_rows(self.host.transfers)
        self.refresh_bars()
        self.flash(f"{count} forgotten" if count else "nothing is done or cancelled")

    def do_transfers_place(self, argument: str) -> None:
        """The two panes of it."""
        transfer: Transfer | None = self.table.cursor_row
        if transfer is not None:
            from bai_tui.screens.folders.browse import BrowserView

            order = transfer.order
            up = order.direction == "upload"
            here, there = (order.source, order.target) if up else (order.target, order.source)
            self.app.push_screen(BrowserView(order.place, there, here))

    def on_row_opened(self, event: LiveTable.RowOpened) -> None:
        """All about it."""
        self.app.push_screen(TransferView(event.row))

    def open_with(self, argument: str) -> None:
        """`/filter`."""
        if argument.startswith("/"):
            self.table.set_filter(argument[1:])


class TransferView(TextView):
    """One transfer: what, where, how far, and every file that failed."""

    CRUMB = "transfer"
    FILE_NAME = "bai-tui-transfer"

    def __init__(self, transfer: Transfer) -> None:
        super().__init__()
        self._transfer = transfer

    def setup(self) -> None:
        """Write it."""
        super().setup()
        self.reload()

    def tick(self) -> None:
        """It goes on."""
        super().tick()
        if not self._transfer.over:
            self.reload()

    def transfer_changed(self, transfer: Transfer) -> None:
        """It is over, perhaps."""
        if transfer is self._transfer and self.is_mounted:
            self.reload()

    def reload(self) -> None:
        """Facts, names, failures."""
        t, order = self._transfer, self._transfer.order
        up = order.direction == "upload"
        rate = f"{format_size(t.rate)}/s" if t.rate is not None else "-"
        source = order.source if up else order.place.show(order.source)
        lines = [
            f"{order.direction}   {STATES[t.state][1]} {t.state.value}",
            f"cluster  {order.gate.cluster.label}",
            f"from     {source}",
            f"to       {places(t)}",
            f"files    {t.files_done} of {t.files}"
            + (f", {t.skipped} skipped" if t.skipped else ""),
            f"bytes    {t.done:,} of {t.total:,}",
            f"rate     {rate}",
            f"time     {format_age(t.seconds)}" if t.seconds else f"left     {format_age(t.eta)}",
            f"existing {EXISTING[order.existing]}",
        ]
        if t.note:
            lines += ["", t.note]
        if t.failures:
            lines += ["", "failed:"] + [f"  {name}: {reason}" for name, reason in t.failures]
            if t.failed_files > len(t.failures):
                lines.append(f"  … and {t.failed_files - len(t.failures)} more")
        new = dict(order.renamed)
        lines += ["", "chosen:"] + [
            f"  {name}" + (f" as {new[base(name)]}" if base(name) in new else "")
            for name in order.names
        ]
        self.log_view.set_text("\n".join(printable(line) for line in lines))
        self.refresh_bars()
