"""Batch mode: files go up, clean, build and exec run, results come down."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.diagnosis import explain
from bai_tui.screens.code.files import (
    DOWNLOAD_FILES,
    UNPACKING,
    UPLOAD_FILES,
    RemoteFile,
    free_directory,
    in_pieces,
    local_files,
    put_in_place,
    remote_files,
    result_choices,
)
from bai_tui.screens.code.running import RunningView
from bai_tui.widgets.cells import CellsView
from bai_tui.widgets.fields import ChoiceField, FormRow, TextField
from bai_tui.widgets.picker import Picker

if TYPE_CHECKING:
    pass

STEPS = ("clean", "build", "exec")


class BatchView(RunningView):
    """One batch run after the other in one session; leaving it interrupts what runs."""

    CRUMB = "batch"
    WHAT = "the run"
    GROUP = "run"
    LEAVING = (
        "A run is on its way. Leave?",
        "It is interrupted; files that were uploaded stay in the session.",
    )
    SCOPES: ClassVar[tuple[str, ...]] = ("batch", "log")
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("batch")]
    CSS_PATH = "../../assets/batch.tcss"

    def __init__(self, name: str, owner: str | None, image: str) -> None:
        super().__init__(name, owner, image)
        self._before: dict[str, RemoteFile] = {}
        self._busy = False
        self._phase = ""
        self._began = 0.0
        self._asked = False

    # Composition.

    def compose_body(self) -> ComposeResult:
        """The form, how it stands, what is printed."""
        with Vertical(id="batch-form"):
            yield from self._rows()
        yield Static(id="status", markup=False)
        yield CellsView(id="text")

    def _rows(self) -> ComposeResult:
        default = f"results-{self._session_name}"
        rows: list[tuple[str, str, Widget]] = [
            ("dir", "Directory", TextField(str(Path.cwd()), id="dir")),
            ("files", "Files", ChoiceField("Files to upload", several=True, id="files")),
            ("clean", "Clean", TextField(placeholder="rm -rf build", id="clean")),
            ("build", "Build", TextField(placeholder="make", id="build")),
            ("exec", "Run", TextField(placeholder="python main.py", id="exec")),
            ("to", "Results to", TextField(default, id="to")),
            ("answer", "Input", TextField(id="answer")),
        ]
        for name, label, field in rows:
            yield FormRow(label, field, id=f"row-{name}")

    def setup(self) -> None:
        """What was used last; the files of the directory."""
        for name in ("dir", *STEPS):
            used = self.host.remembered.get("batch", name, "")
            if used and (name != "dir" or Path(used).is_dir()):
                self._text(name).value = used
        self._row("answer").display = False
        self._row("clean").note("*: the image's command")
        self._row("build").note("empty: left out")
        self._offer_files()
        self._show_status("nothing has run yet: ctrl+g starts")
        self.focus_body()

    def _text(self, name: str) -> TextField:
        return self.query_one(f"#{name}", TextField)

    def _row(self, name: str) -> FormRow:
        return self.query_one(f"#row-{name}", FormRow)

    @property
    def busy(self) -> bool:
        """Whether a run is on its way."""
        return self._busy

    def focus_body(self) -> None:
        """To the question of the program, or to the files."""
        self.query_one("#answer" if self._asked else "#files").focus()

    def crumbs(self) -> list[str]:
        """With the session's name."""
        said = (self._session_name, "code")
        above = [crumb for crumb in super().crumbs()[:-1] if crumb not in said]
        return [*above, self._session_name, "batch"]

    def counts(self) -> str:
        """How it travels, and the text."""
        return "  ".join(filter(None, (self._travelled, super().counts())))

    def file_name(self) -> str:
        """Name of the session."""
        return f"{self._session_name}-batch"

    # The form.

    def _directory(self) -> Path:
        return Path(self._text("dir").value.strip() or ".").expanduser()

    def _offer_files(self) -> None:
        self.run_worker(self._list_local(), group="local", exclusive=True, exit_on_error=False)

    async def _list_local(self) -> None:
        try:
            choices = await asyncio.to_thread(local_files, self._directory())
        except OSError as error:
            self._row("dir").note("", (error.strerror or str(error)).lower())
            self.query_one("#files", ChoiceField).offer([])
            return
        self._row("dir").note("")
        field = self.query_one("#files", ChoiceField)
        field.offer(choices)
        self._row("files").note(f"{len(choices)} there; none is fine")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Another directory has other files."""
        event.stop()
        if event.input.id == "dir":
            self._offer_files()
        elif event.input.id in STEPS:
            self._row("exec").note("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """An answer for the program; elsewhere enter starts."""
        event.stop()
        if event.input.id != "answer":
            self.perform(actions.BY_ID["batch.start"])
        elif self._run is not None:
            self.cells.print("stdout", f"{'' if event.input.password else event.value}\n")
            self._run.answer(event.value)
            self._ask(None)

    def on_choice_field_changed(self, event: ChoiceField.Changed) -> None:
        """Say how many."""
        event.stop()
        count = len(event.field.values)
        self._row("files").note(f"{count} chosen" if count else "none is fine")

    def _ask(self, password: bool | None) -> None:
        self._asked = password is not None
        field = self._text("answer")
        field.value, field.password = "", bool(password)
        self._row("answer").display = self._asked
        if self.app.screen is self:
            self.focus_body()

    # The run.

    def why_not(self, action: Action) -> str:
        """What stands against an action."""
        if action.id == "batch.start" and self._busy:
            return "a run is on its way; ctrl+c interrupts it"
        if action.id == "batch.interrupt" and not self._busy:
            return "nothing runs"
        return super().why_not(action)

    def do_batch_start(self, argument: str) -> None:
        """Check, remember, go."""
        commands = {step: self._text(step).value.strip() for step in STEPS}
        directory = self._directory()
        if not any(commands.values()):
            self._row("exec").note("", "give at least one command")
            self._text("exec").focus()
            self.flash("there is nothing to do: give a clean, build or run command", "warning")
            return
        if not directory.is_dir():
            self._text("dir").focus()
            self.flash(f"{directory}: not a directory", "warning")
            return
        for name, value in (("dir", str(directory)), *commands.items()):
            self.host.remembered.set("batch", name, value)
        files = [directory / name for name in self.query_one("#files", ChoiceField).values]
        self._busy, self._interrupted = True, False
        self._began = asyncio.get_running_loop().time()
        self.cells.clear()
        self.cells.set_follow(True)
        self.cells.focus()
        self.refresh_bars()
        self.run_worker(
            self._go(directory, files, commands),
            group=self.GROUP,
            exclusive=True,
            exit_on_error=False,
        )

    async def _go(self, directory: Path, files: list[Path], commands: dict[str, str]) -> None:
        try:
            self._before = await remote_files(self.kernel)
            await self._upload(directory, files)
            code = await self._execute(commands)
        except asyncio.CancelledError:
            await self.closing()
            raise
        except Exception as error:
            self.connection.suspect(error)
            problem = explain(error)
            self.cells.say(f"✗ {problem.line}", "bad")
            self._show_status(f"✗ {self._phase or 'batch'}: {problem.line}")
            self.report(error, self._phase or "batch")
        else:
            took = asyncio.get_running_loop().time() - self._began
            good = code == 0
            self._show_status(
                f"{'✓' if good else '✗'} exit {code} · {took:.1f} s · ctrl+l: results"
            )
            self.flash(
                f"batch in {self._session_name}: exit {code}", "success" if good else "error"
            )
        finally:
            self._busy, self._run, self._phase = False, None, ""
            if self.is_mounted:
                if self._asked:
                    self._ask(None)
                self.refresh_bars()

    async def _upload(self, directory: Path, files: list[Path]) -> None:
        self._phase = "upload"
        done = 0
        for piece in in_pieces(files, UPLOAD_FILES):
            await self.connection.write(
                lambda session, piece=piece: session.Kernel(  # type: ignore[misc]
                    self._session_name, self._owner
                ).upload(piece, directory)
            )
            done += len(piece)
            self._show_status(f"● uploaded {done} of {len(files)} files")
        if files:
            self.cells.say(f"uploaded {len(files)} files from {directory}")

    async def _execute(self, commands: dict[str, str]) -> int | None:
        from bai_tui.api.runs import CodeRun

        steps = [step for step in STEPS if commands[step]]
        options: dict[str, Any] = {step: commands[step] or None for step in STEPS}
        run = self._run = CodeRun(self.kernel, mode="batch", opts=options)
        self._begin_step(steps, commands)
        code: int | None = None
        async for result in run.results():
            self.told_carrier(run)
            for record in result.get("console") or ():
                if len(record) == 2 and isinstance(record[1], str):
                    self.cells.print(str(record[0]), record[1])
            status, code = result["status"], result.get("exitCode")
            if status == "waiting-input":
                self._ask(bool((result.get("options") or {}).get("is_password")))
            elif status != "continued" and self._ended(status) == self._phase:
                self._end_step(status, code)
                steps = [step for step in steps if step != self._phase]
                self._begin_step(steps, commands)
        return code

    def _begin_step(self, steps: list[str], commands: dict[str, str]) -> None:
        if steps and steps[0] != self._phase and not self._interrupted:
            self._phase = steps[0]
            self.cells.add_source(self._phase, commands[self._phase], "bash")
            self.show_running()

    def _ended(self, status: str) -> str:
        """The step that a status ends; one without a command may report, too: it is no news."""
        return {"clean-finished": "clean", "build-finished": "build"}.get(status, self._phase)

    def _end_step(self, status: str, code: int | None) -> None:
        mark, tone = ("✓", "good") if code == 0 else ("✗", "bad")
        over = "ran longer than the server allows, " if status == "exec-timeout" else ""
        self.cells.say(f"{mark} {self._phase}: {over}exit {code}", tone)

    def _show_status(self, text: str) -> None:
        for status in self.query("#status").results(Static):
            status.update(Content(text))

    def tick(self) -> None:
        """What runs goes on."""
        super().tick()
        self.show_running()

    def show_running(self) -> None:
        """Which step runs, and how long."""
        if self._busy and self._phase and self._phase != "upload":
            took = asyncio.get_running_loop().time() - self._began
            doing = "interrupting" if self._interrupted else "running"
            self._show_status(f"● {doing} {self._phase} · {took:.0f} s · ctrl+c interrupts")

    # Results.

    async def do_batch_download(self, argument: str) -> None:
        """Choose what comes down; new files are marked already."""
        now = await remote_files(self.kernel)
        choices, new = result_choices(self._before, now)
        if not choices:
            self.flash("the session's working directory has no files", "warning")
            return

        def chosen(paths: tuple[str, ...] | None) -> None:
            if paths:
                self.attempt(self._download(list(paths)), "results")

        self.app.push_screen(Picker("Results to download", choices, new, several=True), chosen)

    async def _download(self, paths: list[str]) -> None:
        wanted = self._text("to").value.strip() or "."
        target = await asyncio.to_thread(free_directory, wanted)
        done = 0
        by_folder: dict[Path, list[str]] = {}
        for path in paths:
            by_folder.setdefault(Path(path).parent, []).append(path)
        for files in by_folder.values():
            for piece in in_pieces(files, DOWNLOAD_FILES):
                await self.kernel.download(piece, target / UNPACKING)
                await asyncio.to_thread(put_in_place, piece, target)
                done += len(piece)
                self._show_status(f"● downloaded {done} of {len(paths)} files")
        self._show_status(f"✓ downloaded {done} files to {target}")
        self.flash(f"downloaded {done} files to {target}", "success")

    # Keys.

    def do_batch_edit(self, argument: str) -> None:
        """To the form."""
        self.focus_body()

    def do_batch_interrupt(self, argument: str) -> None:
        """Interrupt."""
        self.do_app_interrupt(argument)

    def do_app_back(self, argument: str) -> None:
        """From a field to the text; from there away."""
        if isinstance(self.focused, (TextField, ChoiceField)) and self.cells.lines:
            self.cells.focus()
        else:
            super().do_app_back(argument)
