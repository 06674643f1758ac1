"""A notebook on a session: cells with their output above, the editor of the next one below."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.diagnosis import explain
from bai_tui.feed import ClusterEvent
from bai_tui.screens.code import media
from bai_tui.screens.code.history import History
from bai_tui.screens.code.notebook import CELLS_KEPT, Cell, as_ipynb, as_source, state_of
from bai_tui.screens.code.running import RunningView
from bai_tui.widgets.card import Card
from bai_tui.widgets.cells import CellsView
from bai_tui.widgets.code import language_of
from bai_tui.widgets.editor import CodeEditor
from bai_tui.widgets.fields import TextField
from bai_tui.widgets.output import Line
from bai_tui.widgets.picker import Choice, Picker
from bai_tui.widgets.text import printable, truncate

if TYPE_CHECKING:
    pass

CARRIERS = ("auto", "stream", "rest")


class CodeView(RunningView):
    """Runs one cell after the other; leaving it interrupts what runs."""

    CRUMB = "code"
    WHAT = "code"
    GROUP = "cells"
    LEAVING = (
        "Code runs. Leave?",
        "It is interrupted; the session goes on with all its variables.",
    )
    SCOPES: ClassVar[tuple[str, ...]] = ("code", "log")
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("code")]
    CSS_PATH = "../../assets/code.tcss"

    def __init__(self, name: str, owner: str | None, image: str) -> None:
        super().__init__(name, owner, image)
        self._language = language_of(image)
        self._history = History(self._language)
        self._cells: deque[Cell] = deque(maxlen=CELLS_KEPT)
        self._queue: deque[Cell] = deque()
        self._number = 0
        self._cell: Cell | None = None
        self._asked: bool | None = None
        self._carrier = "auto"
        self._over = ""

    # Composition.

    def compose_body(self) -> ComposeResult:
        """Cells, what runs, the editor."""
        yield Card(id="welcome")
        yield CellsView(id="text")
        with Horizontal(id="ask"):
            yield Static("input ›", markup=False)
            yield TextField(id="answer")
        yield OptionList(id="names")
        yield Static(id="status", markup=False)
        with Horizontal(id="editing"):
            yield Static("[1]", id="prompt-mark", markup=False)
            yield CodeEditor(id="editor")

    def setup(self) -> None:
        """Keys go to the editor."""
        self.editor.language_name = self._language
        self.cells.display = False
        how = "runs a complete line" if self._language == "python" else "runs a line"
        self.query_one("#welcome", Card).tell(
            f"{self._language or 'code'} in {self._session_name}",
            "What you run stays in the session: variables, files, imports. "
            "Leaving this view ends nothing but the code that runs.",
            keys=(
                ("enter", how),
                ("ctrl+g", "runs anything"),
                ("tab", "completes"),
                ("↑", "history"),
                ("esc", "leaves the editor"),
            ),
        )
        self.focus_body()
        self.show_running()

    @property
    def editor(self) -> CodeEditor:
        """The editor."""
        return self.query_one(CodeEditor)

    def focus_body(self) -> None:
        """Keys go to the question of the code, or to the editor."""
        (self.query_one("#answer") if self._asked is not None else self.editor).focus()

    def crumbs(self) -> list[str]:
        """With the session's name."""
        above = [crumb for crumb in super().crumbs()[:-1] if crumb != self._session_name]
        return [*above, self._session_name, "code"]

    def counts(self) -> str:
        """How code travels, and the text."""
        how = self._travelled or self._carrier
        return "  ".join(filter(None, (how, super().counts() if self.cells.lines else "")))

    def file_name(self) -> str:
        """Name of the session."""
        return f"{self._session_name}-code"

    # What runs.

    @property
    def busy(self) -> bool:
        """Whether code runs."""
        return self._cell is not None

    def why_not(self, action: Action) -> str:
        """What stands against an action."""
        if action.id == "code.run" and self._over:
            return f"the session is over ({self._over})"
        if action.id == "code.interrupt" and not self.busy:
            return "no code runs"
        if action.id == "code.media" and not any(cell.media for cell in self._cells):
            return "the code has shown no picture or document"
        return super().why_not(action)

    def do_code_run(self, argument: str) -> None:
        """Take the code from the editor; it runs when those before it are over."""
        code = self.editor.text.rstrip()
        if not code:
            self.flash("there is no code in the editor", "warning")
            return
        self._history.add(code)
        self._number += 1
        self._queue.append(Cell(self._number, code))
        self.editor.show("")
        self.query_one("#prompt-mark", Static).update(f"[{self._number + 1}]")
        if self.busy:
            self.show_running()
        else:
            self.run_worker(self._work(), group=self.GROUP, exclusive=True, exit_on_error=False)

    async def _work(self) -> None:
        while self._queue:
            cell = self._queue.popleft()
            self._begin(cell)
            try:
                await self._execute(cell)
            finally:
                self._cell = self._run = None
                self._ask(None)
                if self.is_mounted:
                    self.show_running()
                    self.refresh_bars()
            if cell.state != "done" and self._queue:
                self.cells.say(f"{len(self._queue)} queued cells were not run; ↑ has them", "bad")
                self._queue.clear()

    def _begin(self, cell: Cell) -> None:
        cell.state, cell.began = "running", asyncio.get_running_loop().time()
        self._cell, self._interrupted = cell, False
        self._cells.append(cell)
        self.query_one("#welcome").display = False
        self.cells.display = True
        self.cells.add_source(str(cell.number), cell.source, self._language)
        self.show_running()
        self.refresh_bars()

    async def _execute(self, cell: Cell) -> None:
        from bai_tui.api.runs import Carrier, CodeRun

        run = self._run = CodeRun(self.kernel, cell.source, carrier=Carrier(self._carrier))
        loop = asyncio.get_running_loop()
        try:
            async for result in run.results():
                self.told_carrier(run)
                await self._take(cell, result)
        except asyncio.CancelledError:
            await self.closing()
            raise
        except Exception as error:
            self.connection.suspect(error)
            cell.finish("lost", None, loop.time())
            problem = explain(error)
            self.cells.say(f"✗ {problem.line}", "bad")
            self.report(error, "run")
            return
        self.cells.say(*cell.summary())
        self.cells.say("")

    async def _take(self, cell: Cell, result: dict[str, Any]) -> None:
        if lost := result.get("lost"):
            self.cells.say(f"the connection was lost {lost}×; output of that time may be missing")
        for record in result.get("console") or ():
            if isinstance(record, (list, tuple)) and len(record) == 2:
                await self._show_record(cell, str(record[0]), record[1])
        status, code = result["status"], result.get("exitCode")
        if status == "waiting-input":
            self._ask(bool((result.get("options") or {}).get("is_password")))
        elif status in ("finished", "exec-timeout"):
            now = asyncio.get_running_loop().time()
            cell.finish(state_of(status, code, self._interrupted), code, now)

    async def _show_record(self, cell: Cell, kind: str, data: Any) -> None:
        if kind in ("stdout", "stderr", "log"):
            cell.keep(kind, str(data))
            self.cells.print(kind, str(data))
        elif kind in ("media", "html"):
            await self._show_medium(cell, kind, data)

    async def _show_medium(self, cell: Cell, kind: str, data: Any) -> None:
        from bai_tui.widgets.pictures import PictureError, draw

        try:
            medium = media.medium_of(kind, data)
            path = await asyncio.to_thread(
                media.keep, medium, self._session_name, f"cell{cell.number}"
            )
        except media.MediaError as error:
            self.cells.say(f"not shown: {error}", "bad")
            return
        cell.media.append((medium.mime, path))
        if medium.drawn:
            width = max(8, min(100, self.cells.scrollable_content_region.width))
            rows = max(4, self.app.size.height // 2)
            ground = self.cells.background_colors[1].rgb
            try:
                self.cells.add(await asyncio.to_thread(draw, medium.data, width, rows, ground))
            except PictureError as error:
                self.cells.say(f"not drawn: {error}", "bad")
        text = printable(f"▸ {medium.mime}  {path}")
        self.cells.add([Line.of(text, "link", target=path.as_uri())])

    # Questions of the code.

    def _ask(self, password: bool | None) -> None:
        """Show the line for an answer; None: there is no question."""
        self._asked = password
        if not self.is_mounted:
            return
        field = self.query_one("#answer", TextField)
        field.value = ""
        field.password = bool(password)
        row = self.query_one("#ask")
        row.query_one(Static).update("password ›" if password else "input ›")
        row.display = password is not None
        self.query_one("#editing").display = password is None
        if self.app.screen is self and (
            password is not None or self.focused is None or self.focused is field
        ):
            self.focus_body()
        self.show_running()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The answer; what was typed is shown as in a terminal, passwords are not."""
        if event.input.id != "answer" or self._run is None or self._asked is None:
            return
        event.stop()
        masked = self._asked
        self.cells.print("stdout", ("•" * 8 if masked else event.value) + "\n")
        self._run.answer(event.value)
        self._ask(None)

    # Keys of the editor.

    def on_code_editor_submitted(self, event: CodeEditor.Submitted) -> None:
        """Run it."""
        event.stop()
        self.perform(actions.BY_ID["code.run"])

    def on_code_editor_left(self) -> None:
        """Escape: keys work on the cells."""
        if self.cells.lines:
            self.cells.focus()
        else:
            self.set_focus(None)
        self.refresh_bars()

    def on_code_editor_interrupt_wished(self) -> None:
        """ctrl+c."""
        self.do_app_interrupt("")

    def on_code_editor_history_wished(self, event: CodeEditor.HistoryWished) -> None:
        """Look back or forth."""
        entry = self._history.step(event.step, self.editor.text)
        if entry is not None:
            self.editor.show(entry)

    def on_code_editor_completing(self, event: CodeEditor.Completing) -> None:
        """Ask the session."""
        if self.busy:
            self.flash("names are completed when no code runs", "warning")
            return
        self.run_worker(
            self._complete(event), group="complete", exclusive=True, exit_on_error=False
        )

    async def _complete(self, event: CodeEditor.Completing) -> None:
        from bai_tui.api.runs import completions

        try:
            names = await completions(self.kernel, event.code, event.row, event.column)
        except Exception as error:
            self.report(error, "complete")
            return
        if (self.editor.text, self.editor.cursor_location) != (
            event.code,
            (event.row, event.column),
        ):
            return  # typed on meanwhile
        if names:
            self.editor.offer(names, self.query_one("#names", OptionList))
        else:
            self.flash(f"nothing begins with {self.editor.word!r}" if self.editor.word else "")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A name was clicked."""
        event.stop()
        self.editor.take_option(event.option_index)

    # Actions.

    def do_code_edit(self, argument: str) -> None:
        """To the editor."""
        self.focus_body()

    def do_code_interrupt(self, argument: str) -> None:
        """Interrupt what runs."""
        self.do_app_interrupt(argument)

    def do_code_carrier(self, argument: str) -> None:
        """The next carrier, or the one named; the next cell takes it."""
        if argument and argument not in CARRIERS:
            self.flash(f"{argument!r}: one of {', '.join(CARRIERS)}", "warning")
            return
        place = CARRIERS.index(self._carrier) + 1
        self._carrier = argument or CARRIERS[place % len(CARRIERS)]
        self._travelled = ""
        means = {
            "auto": "the websocket, or REST requests where there is none",
            "stream": "the websocket only; it is quicker",
            "rest": "REST requests only; they survive a lost connection",
        }
        self.flash(f"carrier {self._carrier}: {means[self._carrier]}")
        self.refresh_bars()

    def do_code_media(self, argument: str) -> None:
        """Choose one and open it."""
        shown = [(cell, mime, path) for cell in self._cells for mime, path in cell.media]
        choices = [
            Choice(str(path), f"[{cell.number}] {path.name}", mime)
            for cell, mime, path in reversed(shown)
        ]

        def chosen(values: tuple[str, ...] | None) -> None:
            if values:
                self.app.open_url(Path(values[0]).as_uri())
                self.flash(f"opened {values[0]}")

        self.app.push_screen(Picker("Pictures and documents", choices), chosen)

    def do_code_clear(self, argument: str) -> None:
        """Forget what is shown."""
        if self.busy:
            self.flash("not while code runs: ctrl+c interrupts it", "warning")
            return
        self.cells.clear()
        self._cells.clear()
        self.refresh_bars()

    def do_code_batch(self, argument: str) -> None:
        """Batch mode of the same session."""
        from bai_tui.screens.code.batch import BatchView

        self.app.push_screen(BatchView(self._session_name, self._owner, self._image))

    def do_log_save(self, argument: str) -> None:
        """As what the ending says: .py the code, .ipynb a notebook, anything else the text."""
        ending = Path(argument).suffix
        if ending not in (".ipynb", ".py"):
            super().do_log_save(argument)
            return
        cells = list(self._cells)
        text = as_ipynb(cells, self._language) if ending == ".ipynb" else as_source(cells)
        path = Path(argument).expanduser()
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            self.flash(f"not saved: {path}: {error.strerror}", "error")
            return
        many = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}"
        self.flash(f"saved {many} to {path.absolute()}", "success")

    # Life.

    def tick(self) -> None:
        """What runs goes on."""
        super().tick()
        if self.busy:
            self.show_running()

    def show_running(self) -> None:
        """The line below the cells."""
        cell = self._cell
        for status in self.query("#status").results(Static):
            self._fill_status(status, cell)

    def _fill_status(self, status: Static, cell: Cell | None) -> None:
        wrong = bool(self._over) and cell is None
        status.set_class(cell is not None, "-busy")
        status.set_class(wrong, "-wrong")
        status.update(Content(self._status(cell)))

    def _status(self, cell: Cell | None) -> str:
        if cell is None:
            if self._over:
                return f"✗ the session is over: {printable(self._over)}"
            return f"{self._language or 'code'} · {truncate(printable(self._image), 60, 'middle')}"
        took = asyncio.get_running_loop().time() - cell.began
        doing = (
            "interrupting"
            if self._interrupted
            else "waits for your input in"
            if self._asked is not None
            else "running"
        )
        queued = f" · {len(self._queue)} queued" if self._queue else ""
        return f"● {doing} [{cell.number}] {took:.0f} s{queued} · ctrl+c interrupts"

    def cluster_events(self, events: Sequence[ClusterEvent]) -> None:
        """Notice when the session ends or begins anew."""
        for event in events:
            if event.session != self._session_name or not self.is_mounted:
                continue
            if self._owner and event.owner and event.owner != self._owner:
                continue
            if event.status in ("TERMINATED", "CANCELLED"):
                self._over = event.reason or event.status.lower()
            elif event.status == "RUNNING":
                self._over = ""
            self.show_running()
            self.refresh_bars()

    def give_up(self) -> None:
        """Cells that wait are not run."""
        self._queue.clear()

    def on_unmount(self) -> None:
        """Remember what was run."""
        self._history.save()
