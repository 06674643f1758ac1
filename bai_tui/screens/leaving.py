"""What would be cut off: by the end of the program, or by switching to another cluster.

Whoever has something that runs tells it as `Running`; one dialog asks in both cases. And what the
whole program says of a transfer that is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bai_tui.apps.proxy import Link
from bai_tui.files import LocalPlace
from bai_tui.screens.host import Entry, Running
from bai_tui.transfers import State, Transfer
from bai_tui.widgets.dialog import Confirm
from bai_tui.widgets.text import format_age, format_size

if TYPE_CHECKING:
    from bai_tui.apps.manager import Apps
    from bai_tui.sweeps.manager import Sweeps
    from bai_tui.transfers import Transfers


class Leaving(Confirm):
    """Asks before the program ends (no cluster named), or before another cluster is used."""

    def __init__(self, running: Sequence[Running], cluster: str = "") -> None:
        count = len(running)
        things = f"{count} thing{'s' if count > 1 else ''} run{'s' if count == 1 else ''}"
        doing = f"Switch to {cluster}" if cluster else "Leave bai-tui"
        super().__init__(
            f"{doing} while {things}?",
            "This is what becomes of it:" if count == 1 else "This is what becomes of them:",
            names=[(r.what, r.switching if cluster else r.leaving) for r in running],
            verb="Switch" if cluster else "Leave",
        )


def of_transfers(transfers: Transfers) -> list[Running]:
    """Those that move or wait; paused ones stay as they are in any case."""
    return [
        Running(
            describe(transfer),
            "goes on in the next run of bai-tui, from where it is"
            if transfer.kept is not None
            else "is given up: the state directory cannot be written",
            f"waits until {transfer.order.gate.cluster.label} is in use again",
        )
        for transfer in transfers.unfinished
        if transfer.state is not State.PAUSED and transfer.order.gate.connection is not None
    ]


def of_apps(apps: Apps) -> list[Running]:
    """Ports that are open."""
    return [
        Running(
            f"⇄ {proxy.wanted.app} of {proxy.wanted.session} at {proxy.address}",
            "is closed; the next run opens it again" if proxy.restore else "is closed",
            "is closed until this cluster is in use again",
        )
        for proxy in apps.proxies.values()
        if proxy.link is Link.OPEN
    ]


def of_sweeps(sweeps: Sweeps) -> list[Running]:
    """Sweeps that this program looks after."""
    return [
        Running(
            f"▦ sweep {sweep.id}  {len(sweep.alive)} sessions run",
            "they go on; waiting cases are sent when the next run resumes it",
            "they go on; waiting cases are sent when this cluster is in use again",
        )
        for sweep in sweeps.sweeps.values()
        if sweeps.runs(sweep)
    ]


def took(seconds: float) -> str:
    """A time that passed, also one of less than a second."""
    return format_age(seconds) if seconds >= 1 else "less than 1s"


def describe(transfer: Transfer) -> str:
    """A transfer in one line."""
    share = f"{transfer.share:.0%}" if transfer.share is not None else transfer.state.value
    return f"{'↑' if transfer.order.direction == 'upload' else '↓'} {transfer.title}  {share}"


def outcome(transfer: Transfer) -> Entry | None:
    """The message about a transfer that is over or waits; None for other states."""
    order = transfer.order
    what = f"{order.direction} {transfer.title}"
    match transfer.state:
        case State.DONE:
            before = transfer.recovered
            earlier = f" ({format_size(before)}B of it before)" if before else ""
            skipped = f" ({transfer.skipped} skipped)" if transfer.skipped else ""
            files = f"{transfer.files_done} file{'s' if transfer.files_done != 1 else ''}"
            place = order.place if order.direction == "upload" else LocalPlace()
            return Entry(
                "success",
                f"{what}: {files}{skipped}, {format_size(transfer.done)}B{earlier} in "
                f"{took(transfer.seconds)} to {place.show(order.target)}",
            )
        case State.FAILED:
            details = "\n".join(f"{name}: {reason}" for name, reason in transfer.failures)
            return Entry("error", f"{what}: {transfer.note}", details)
        case State.WAITING:
            return Entry("warning", f"{what} waits: {transfer.note}")
        case _:
            return None
