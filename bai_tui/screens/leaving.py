"""What the whole program says of transfers: how one ended, and that some would be cut off."""

from __future__ import annotations

from collections.abc import Sequence

from bai_tui.screens.host import Entry
from bai_tui.transfers import State, Transfer
from bai_tui.widgets.dialog import Confirm
from bai_tui.widgets.text import format_age, format_size


class Leaving(Confirm):
    """Asks before the program ends while files move."""

    def __init__(self, transfers: Sequence[Transfer]) -> None:
        count = len(transfers)
        super().__init__(
            "Leave while files move?",
            f"{count} transfer{'s are' if count > 1 else ' is'} cut off. Downloads go on where "
            "they were when the same files are downloaded again to the same place; uploads of "
            "unfinished files begin again.",
            names=[describe(transfer) for transfer in transfers],
            verb="Leave",
        )


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
            skipped = f" ({transfer.skipped} skipped)" if transfer.skipped else ""
            files = f"{transfer.files_done} file{'s' if transfer.files_done != 1 else ''}"
            where = (
                order.target if order.direction == "download" else order.place.show(order.target)
            )
            return Entry(
                "success",
                f"{what}: {files}{skipped}, {format_size(transfer.done)} in "
                f"{format_age(transfer.seconds)} to {where}",
            )
        case State.FAILED:
            details = "\n".join(f"{name}: {reason}" for name, reason in transfer.failures)
            return Entry("error", f"{what}: {transfer.note}", details)
        case State.WAITING:
            return Entry("warning", f"{what} waits: {transfer.note}")
        case _:
            return None
