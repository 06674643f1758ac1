"""What the views that run code in a session share: the run, its carrier, interrupting, leaving."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, Final

from bai_tui.screens.host import Running
from bai_tui.screens.text import TextView
from bai_tui.widgets.cells import CellsView
from bai_tui.widgets.dialog import Confirm

if TYPE_CHECKING:
    from bai_tui.api import Kernel
    from bai_tui.api.runs import CodeRun

INTERRUPT_SECONDS: Final = 3.0
"""How long leaving waits for the interruption of what runs."""


class RunningView(TextView):
    """A text of what runs in one session; leaving it interrupts what runs, after asking.

    Args:
        name: the session. owner: its owner's key when it is somebody else's.
        image: of the session; tells the language.
    """

    WHAT: ClassVar[str]
    """What runs, such as "code"."""
    LEAVING: ClassVar[tuple[str, str]]
    """What is asked when one leaves while it runs, and what happens then."""
    GROUP: ClassVar[str]
    """Group of the worker that runs it."""

    def __init__(self, name: str, owner: str | None, image: str) -> None:
        super().__init__()
        self._session_name = name
        self._owner = owner
        self._image = image
        self._run: CodeRun | None = None
        self._interrupted = False
        self._travelled = ""

    @property
    def busy(self) -> bool:
        """Whether something runs."""
        raise NotImplementedError

    def show_running(self) -> None:
        """Draw anew how what runs stands."""
        raise NotImplementedError

    @property
    def cells(self) -> CellsView:
        """What was printed."""
        return self.query_one(CellsView)

    @property
    def kernel(self) -> Kernel:
        """The session."""
        return self.connection.session.Kernel(self._session_name, self._owner)

    def told_carrier(self, run: CodeRun) -> None:
        """Say which way is taken, and why when it is not the wished one."""
        travelled = str(run.carrier) + (" (fallback)" if run.fallback else "")
        if travelled != self._travelled:
            self._travelled = travelled
            if run.fallback:
                self.flash(f"{self.WHAT} travels by REST requests: {run.fallback}", "warning")
            self.refresh_bars()

    async def closing(self) -> None:
        """The view goes while it runs. The server interrupts streamed code by itself."""
        from bai_tui.api.runs import Carrier

        run = self._run
        if run is not None and run.carrier is Carrier.REST:
            with suppress(Exception):
                async with asyncio.timeout(INTERRUPT_SECONDS):
                    await run.interrupt()

    def running(self) -> list[Running]:
        """For asking before the program ends, or uses another cluster."""
        end = self.LEAVING[1].removeprefix("It ").rstrip(".")
        return [Running(f"λ {self.WHAT} in {self._session_name}", end, end)] if self.busy else []

    # Actions.

    def do_app_interrupt(self, argument: str) -> None:
        """ctrl+c: a selection is copied; else what runs is interrupted; else as everywhere."""
        if self._run is None or self.get_selected_text():
            super().do_app_interrupt(argument)
            return
        self._interrupted = True
        self.show_running()
        self.attempt(self._run.interrupt(), "interrupt")

    def do_app_back(self, argument: str) -> None:
        """Leave; asks first when something runs."""
        if not self.undo_one():
            self.leave()

    def do_app_quit(self, argument: str) -> None:
        """Leave; asks first when something runs."""
        self.leave()

    def give_up(self) -> None:
        """Nothing that waits is run any more."""

    def leave(self) -> None:
        """Close, after asking when something runs."""
        if not self.busy:
            self.dismiss()
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.give_up()
                self.workers.cancel_group(self, self.GROUP)
                self.dismiss()
                said = f"{self.WHAT} in {self._session_name} was interrupted"
                self.app.call_later(self.flash, said)

        title, text = self.LEAVING
        self.app.push_screen(Confirm(title, text, verb="Interrupt and leave"), answered)
