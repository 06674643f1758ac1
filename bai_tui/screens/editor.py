"""The user's editor in a pane: the program goes on around it, whatever the editor is."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from textual.app import ComposeResult

from bai_tui.screens.view import View
from bai_tui.widgets.bars import Hint
from bai_tui.widgets.terminal.link import Link
from bai_tui.widgets.terminal.localpty import run_program
from bai_tui.widgets.terminal.pane import TerminalPane

KNOWN: Final = ("nano", "vim", "vi", "emacs -nw")


def editor_command(environ: Mapping[str, str] = os.environ) -> str:
    """The user's editor: $VISUAL, $EDITOR, or one that is installed; empty when there is none."""
    for name in ("VISUAL", "EDITOR"):
        if environ.get(name, "").strip():
            return environ[name].strip()
    return next((command for command in KNOWN if shutil.which(command.split()[0])), "")


class EditorView(View):
    """An editor on a file; closes when the editor ends.

    Args:
        command: the editor. path: the file. title: what is edited.
        ended: set when it is over; true when the editor ended by itself.
    """

    CRUMB = "editor"
    SCOPES: ClassVar[tuple[str, ...]] = ()
    CSS_PATH = "../assets/terminal.tcss"

    def __init__(self, command: str, path: Path, title: str, ended: asyncio.Future[bool]) -> None:
        super().__init__()
        self._command = command
        self._path = path
        self._title = title
        self._ended = ended

    def compose_body(self) -> ComposeResult:
        """The pane."""
        environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        for name in ("TMUX", "LINES", "COLUMNS"):  # they speak of the terminal around us
            environ.pop(name, None)
        link = Link(run_program(self._command, (str(self._path),), environ), name=self._command)
        yield TerminalPane(link, scrollback=0)

    def setup(self) -> None:
        """Keys go to the editor."""
        self.focus_body()

    def focus_body(self) -> None:
        """Keys go to the editor."""
        self.query_one(TerminalPane).focus()

    def crumbs(self) -> list[str]:
        """What is edited, and with what."""
        return [*super().crumbs()[:-1], self._title, self._command.split()[0]]

    def hints(self) -> list[Hint]:
        """How it ends."""
        return [Hint("", "save and leave the editor to go on"), Hint("ctrl+] d", "give up")]

    def _end(self, by_itself: bool) -> None:
        if not self._ended.done():
            self._ended.set_result(by_itself)
            self.dismiss()

    def on_terminal_pane_ended(self) -> None:
        """The editor is closed."""
        self._end(True)

    def on_terminal_pane_leave_requested(self) -> None:
        """Given up."""
        self._end(False)

    def on_unmount(self) -> None:
        """Another view took over."""
        if not self._ended.done():
            self._ended.set_result(False)


async def edit_text(view: View, text: str, title: str, name: str) -> str | None:
    """Let the user edit a text; None when it was given up. Ask `editor_command` first.

    The text lies in a directory only the user can read, and is removed afterwards.

    Args:
        view: over which the editor is shown. title: for the crumbs. name: of the file; its ending
            tells the editor the language.
    """
    command = editor_command()
    with tempfile.TemporaryDirectory(prefix="bai-tui-") as directory:
        path = Path(directory) / name
        path.write_text(text, encoding="utf-8")
        ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        await view.app.push_screen(EditorView(command, path, title, ended))
        if not await ended:
            return None
        try:
            return path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            view.flash(f"{title}: the edited text cannot be read: {error}", "error")
            return None
