"""The queue of uploads and downloads: how far they are, and everything one does with them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.files import LocalPlace
from bai_tui.files.model import base
from bai_tui.screens.leaving import took
from bai_tui.screens.listing import ListView
from bai_tui.screens.text import TextView
from bai_tui.transfers import State, Transfer
from bai_tui.transfers.model import ACTIVE, UNFINISHED
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
CLEARED: Final = {State.DONE, State.CANCELLED}
HERE: Final = LocalPlace()
BAR: Final = 10
EXISTING: Final = {
    "replace": "are replaced",
    "skip": "are skipped",
    "update": "are replaced where they differ in size or are older",
}


def state_of(transfer: Transfer) -> State:
    """What moves waits in truth while its cluster does not answer, though it goes on trying."""
    stuck = transfer.state in ACTIVE and not transfer.order.gate.ready
    return State.WAITING if stuck else transfer.state


def state_cell(transfer: Transfer) -> Cell:
    """State, with a glyph."""
    state = state_of(transfer)
    return Cell(state.value, *STATES[state])


def bar_cell(transfer: Transfer) -> Cell:
    """Share as a bar and a number."""
    share = transfer.share
    if share is None:
        files = f"{transfer.files} files" if transfer.files else ""
        return Cell(files, "muted")
    full = int(share * BAR)
    # Never rounded up to 100 before the end.
    return Cell(
        f"{'█' * full}{'░' * (BAR - full)} {int(share * 100):3}%", STATES[state_of(transfer)][0]
    )


def note(transfer: Transfer) -> Cell:
    """What moves now, or why nothing does."""
    state = state_of(transfer)
    if state is State.RUNNING:
        return Cell(transfer.current if transfer.files > 1 else "", "muted")
    if state is State.WAITING:
        if transfer.order.gate.connection is None:
            return Cell(transfer.note, "warning")
        if transfer.retry_at is None:
            return Cell("goes on when the connection is back", "warning")
        left = max(0, transfer.retry_at - time.monotonic())
        return Cell(f"retry in {left:.0f} s: {transfer.note}", "warning")
    if transfer.state is State.DONE and transfer.skipped:
        return Cell(f"{transfer.skipped} were there already", "muted")
    return Cell(transfer.note, "error" if transfer.state is State.FAILED else "muted")


def places(transfer: Transfer) -> str:
    """Where it goes."""
    order = transfer.order
    here = order.direction == "download"
    return (HERE if here else order.place).show(order.target)


def amount(transfer: Transfer) -> str:
    """How much of how much, for where there are no columns for it."""
    parts = []
    if transfer.total:
        whole = f"{format_size(transfer.total)}B"
        done = transfer.state is State.DONE
        parts.append(whole if done else f"{format_size(transfer.done)}B of {whole}")
    if transfer.files > 1:
        done = transfer.files_done == transfer.files
        parts.append(f"{'' if done else f'{transfer.files_done:,} of '}{transfer.files:,} files")
    return ", ".join(parts)


def _rate(transfer: Transfer) -> float | None:
    return transfer.rate if state_of(transfer) is transfer.state else None


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
    Column(key="rate", label="RATE", width=9, align="right", priority=85,
           render=lambda t: f"{format_size(rate)}B/s" if (rate := _rate(t)) is not None else "",
           sort_key=lambda t: t.rate, value=lambda t: t.rate, searchable=False),
    Column(key="eta", label="ETA", width=5, align="right", priority=84,
           render=lambda t: format_age(t.eta) if t.eta is not None and _rate(t) else "",
           sort_key=lambda t: t.eta, value=lambda t: t.eta, searchable=False),
    Column(key="to", label="TO", render=places, min_width=12, max_width=40, flex=1, priority=50,
           cut="start"),
    # Below the table there is room for it in any case.
    Column(key="note", label="NOTE", render=note, min_width=28, flex=4, priority=25),
    Column(key="added", label="ADDED", width=8, priority=20,
           render=lambda t: f"{t.added.astimezone():%H:%M:%S}", sort_key=lambda t: t.number),
)  # fmt: skip


class TransfersView(ListView):
    """The main view."""

    CRUMB = "transfers"
    ROOT = True
    SCOPES: ClassVar[tuple[str, ...]] = ("transfers", "table")
    REMEMBER = "transfers"
    OPENS = "details"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings("table"),
        *actions.bindings("transfers"),
    ]

    DEFAULT_CSS = """
    TransfersView #table { height: 1fr; }
    TransfersView #note { height: 1; padding: 0 1; background: $surface; }
    """

    _timer: Timer | None = None
    _newest = 0
    """The last one that was added when somebody could see it."""

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

    def resumed(self) -> None:
        """Whoever comes to see what was just added finds the cursor there."""
        super().resumed()
        newest = self._last()
        if newest > self._newest:
            self.table.move_to_key(newest)
        self._newest = newest

    def _last(self) -> int:
        return max((t.number for t in self.host.transfers), default=0)

    def transfer_changed(self, transfer: Transfer) -> None:
        """Its row."""
        if self.is_mounted:
            if self.is_current:
                self._newest = self._last()
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
            cell, state = note(transfer), state_of(transfer)
            way = transfer.order.gate
            # That of the cluster in use stands at the top already.
            parts = [
                f"{STATES[state][1]} {cell.text or state.value}",
                amount(transfer),
                ("to " if way.connection else f"{way.cluster.label} ") + places(transfer),
            ]
            text = "  ·  ".join(filter(None, parts))
            style = f"$text-{cell.tone or 'muted'}"
        line = self.query_one("#note", Static)
        line.update(Content.styled(truncate(printable(text), line.size.width - 2), style))

    def counts(self) -> str:
        """Unfinished ones, too."""
        left = len(self.host.transfers.unfinished)
        if not left or self.table.filter_text or self.table.marked:
            return super().counts()
        return f"{left} of {len(self.host.transfers)} to go"

    def label_of(self, action: Action) -> str:
        """Pausing is called by what it would do."""
        if action.id == "transfers.pause":
            return "go on" if self._all_paused(self.table.chosen_rows) else "pause"
        if action.id == "transfers.all":
            return "all go on" if self._all_paused(self.host.transfers.unfinished) else "pause all"
        return super().label_of(action)

    @staticmethod
    def _all_paused(transfers: Sequence[Transfer]) -> bool:
        left = [t for t in transfers if t.state in UNFINISHED]
        return bool(left) and all(t.state is State.PAUSED for t in left)

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
        if action.id == "transfers.all" and not self.host.transfers.unfinished:
            return "nothing is unfinished"
        if action.id == "transfers.clear" and not any(
            t.state in CLEARED for t in self.host.transfers
        ):
            return "nothing is done or cancelled"
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
        dialog = Confirm(f"Give up {count}?", text, names=[t.title for t in chosen], verb="Give up")
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
    GROWS = False

    def __init__(self, transfer: Transfer) -> None:
        super().__init__()
        self._transfer = transfer

    def crumbs(self) -> list[str]:
        """With what moves."""
        return [*super().crumbs()[:-1], self._transfer.title]

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
        rate, state, said = _rate(t), state_of(t), note(t).text
        lines = [
            f"{order.direction:<8}  {STATES[state][1]} {state.value}"
            + (f": {said}" if said and said != t.current else ""),
            f"cluster   {order.gate.cluster.label}",
            f"from      {(HERE if up else order.place).show(order.source)}",
            f"to        {places(t)}",
            f"files     {t.files_done:,} of {t.files:,}"
            + (f", {t.skipped:,} skipped" if t.skipped else ""),
            f"bytes     {t.done:,} of {t.total:,}",
            f"rate      {f'{format_size(rate)}B/s' if rate is not None else '-'}",
            f"took      {took(t.seconds)}"
            if t.over
            else f"left      {format_age(t.eta if rate else None)}",
            f"existing  {EXISTING[order.existing]}",
        ]
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
