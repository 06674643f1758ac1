"""Two panes side by side: this machine on the left, a folder or a session on the right."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.diagnosis import explain
from bai_tui.files import Item, LocalPlace, Place, PlaceError
from bai_tui.files.model import check_name, joined
from bai_tui.screens.folders.copying import REPLACE, Copy
from bai_tui.screens.listing import ListView
from bai_tui.transfers import State, Transfer
from bai_tui.widgets.ask import Ask
from bai_tui.widgets.bars import Hint
from bai_tui.widgets.dialog import Confirm
from bai_tui.widgets.files import FilePane
from bai_tui.widgets.picker import Picker
from bai_tui.widgets.table import LiveTable
from bai_tui.widgets.text import cell_len, format_size, printable, truncate

CHANGES: Final = frozenset({"files.mkdir", "files.rename", "files.delete"})


class BrowserView(ListView):
    """Everything one does with files, in both directions.

    Args:
        place: the right pane. path: its directory. here: directory of the left one; default: the
            one of last time, else the current one.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("files", "table")
    REMEMBER = "files"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings("table"),
        *actions.bindings("files"),
    ]
    CSS_PATH = "../../assets/files.tcss"

    def __init__(self, place: Place, path: str = "", here: str = "") -> None:
        super().__init__()
        self._place = place
        self.CRUMB = place.label  # type: ignore[misc]
        self._here = here
        self._generation = -1
        self.local = FilePane(LocalPlace(), here, explain=_words, id="local")
        self.remote = FilePane(place, path, explain=_words, id="remote")
        self._last = self.remote

    def compose_body(self) -> ComposeResult:
        """The panes."""
        here = self._here or str(self.host.remembered.get("files", "here", ""))
        if not os.path.isdir(here):
            here = str(Path.cwd())
        with Horizontal(id="panes"):
            self.local.path = here
            yield self.local
            yield Static("", id="between", markup=False)
            yield self.remote
        yield Static("", id="copying", markup=False)

    def setup(self) -> None:
        """Look at both; the keys go to the remote one."""
        self.local.go(self.local.path)
        self.remote.table.focus()
        self.connection_changed()

    # Panes.

    @property
    def pane(self) -> FilePane:
        """The one with the focus; while a prompt has it, the one that had it last."""
        for pane in (self.local, self.remote):
            if pane.has_class("-active"):
                self._last = pane
        return self._last

    @property
    def table(self) -> LiveTable[Item]:
        """The table that keys are for."""
        return self.pane.table

    def stale_since(self) -> float | None:
        """Listings are of the moment they were asked for."""
        return None

    def connection_changed(self) -> None:
        """(Re)connected: look again. Lost: what is shown stays, marked stale."""
        super().connection_changed()
        if not self.query("#remote LiveTable"):
            return  # not yet, or not any more
        connection = self.connection
        if connection.ready and connection.generation != self._generation:
            self._generation = connection.generation
            self.remote.refresh_listing()
        self.remote.table.stale = not connection.ready and self.remote.loaded

    def transfer_changed(self, transfer: Transfer) -> None:
        """Files came or went: look again at where they are."""
        if not self.is_mounted or transfer.state not in (State.DONE, State.FAILED, State.CANCELLED):
            return
        order = transfer.order
        if order.direction == "download":
            if order.target == self.local.path:
                self.local.refresh_listing()
        elif order.place.label == self._place.label and order.target == self.remote.path:
            self.remote.refresh_listing()

    @on(FilePane.Moved)
    def _moved(self, event: FilePane.Moved) -> None:
        if event.pane is self.local:
            self.host.remembered.set("files", "here", event.pane.path)
        self.refresh_bars()

    @on(FilePane.Failed)
    def _failed(self, event: FilePane.Failed) -> None:
        error = event.error
        if isinstance(error, (PermissionError, FileNotFoundError, NotADirectoryError)):
            self.flash(f"list: {printable(error.filename or '')}: {_words(error)}", "error")
        else:
            self.report(error, "list")

    @on(FilePane.FileOpened)
    def _opened(self, event: FilePane.FileOpened) -> None:
        self._view(event.pane, event.item)

    def on_descendant_focus(self) -> None:
        """The other pane: other hints."""
        self.refresh_bars()

    def on_resize(self) -> None:
        """More or less room for what would be copied."""
        self.refresh_bars()

    def refresh_bars(self) -> None:
        """And the line that says what would be copied where."""
        super().refresh_bars()
        for line in self.query("#copying").results(Static) if self.is_mounted else ():
            line.update(self._copying(line.size.width))

    def _copying(self, width: int) -> Content:
        action = actions.BY_ID["files.copy"]
        if reason := self.obstacle(action):
            text = f"{self.key_of(action)}: {printable(reason)}"
            return Content.styled(truncate(text, width), "$text-muted")
        copy = self._copy()
        key = f"{self.key_of(action)} {copy.direction}s "
        where = f" ▸ {printable(copy.target.place.show(copy.target.path))}"
        what = printable(copy.what())
        where = truncate(where, max(12, width - cell_len(key + what)), "start")
        what = truncate(what, width - cell_len(key + where), "middle")
        return Content.assemble((key, "bold $text-accent"), what, (where, "$text-primary"))

    def hints(self) -> list[Hint]:
        """Copying is called by its direction."""
        up = self.pane is self.local
        label = "upload" if up else "download"
        return [
            replace(hint, label=label) if hint.action == "files.copy" else hint
            for hint in super().hints()
        ]

    def menu(self) -> list[Action]:
        """What can be done with files, whether there are any or not."""
        return [a for a in self.actions() if a.scope == "files" and a.keys]

    def on_row_highlighted(self) -> None:
        """Other hints."""
        self.refresh_bars()

    def reload(self) -> None:
        """Look again at both."""
        self.local.refresh_listing()
        self.remote.refresh_listing()

    def undo_one(self) -> bool:
        """Escape: filter and marks of either pane, then the view."""
        for pane in (self.pane, self.local, self.remote):
            if pane.table.filter_text:
                pane.table.set_filter("")
                return True
            if pane.table.marked:
                pane.table.clear_marks()
                return True
        return False

    # What is possible.

    def absent(self, action: Action) -> str:
        """Changes of the cluster do not exist in read-only mode; those of this machine do."""
        reason = super().absent(action)
        remote = action.id == "files.upload"
        if action.id in CHANGES and self.is_mounted:
            remote = self.pane is self.remote
        elif action.id == "files.copy" and self.is_mounted:
            remote = self.pane is self.local
        if not reason and remote and self.connection.read_only:
            return "read-only mode (:readonly off ends it)"
        return reason

    def why_not(self, action: Action) -> str:
        """What the place or the choice of files has against it."""
        if action.id in CHANGES and self.pane is self.remote:
            return self._place.obstacle("change") or self.connection.refusal()
        if action.id == "files.copy":
            return self._copy().obstacle()
        if action.id == "files.upload":
            return self._place.obstacle("put")
        if action.id in ("files.rename", "files.view", "files.delete") and not self.has_row():
            return "the directory is empty"
        return super().why_not(action)

    # Actions.

    def do_files_other(self, argument: str) -> None:
        """Tab."""
        other = self.local if self.pane is self.remote else self.remote
        other.table.focus()

    def do_files_up(self, argument: str) -> None:
        """Backspace."""
        self.pane.up()

    def do_files_go(self, argument: str) -> None:
        """`:cd PATH`, relative to the directory shown."""
        pane = self.pane
        text = argument.strip()
        if pane.place.kind == "local":
            path = os.path.normpath(os.path.join(pane.path, os.path.expanduser(text or "~")))
        else:
            path = os.path.normpath(os.path.join("/", pane.path, text)).strip("/")
            path = "" if text in ("", "/") else path
        pane.go(path)

    def do_files_view(self, argument: str) -> None:
        """Look at the file under the cursor."""
        item: Item | None = self.table.cursor_row
        if item is None or item.is_dir:
            self.flash("v view: this is a directory; enter goes into it", "warning")
        else:
            self._view(self.pane, item)

    def _view(self, pane: FilePane, item: Item) -> None:
        from bai_tui.screens.folders.viewer import FileView

        self.app.push_screen(FileView(pane.place, pane.path_of(item), item.size))

    def do_files_copy(self, argument: str) -> None:
        """From the pane with the focus to the other one."""
        self._start(self._copy())

    def do_files_upload(self, argument: str) -> None:
        """From here to there."""
        self._move(self.local, self.remote)

    def do_files_download(self, argument: str) -> None:
        """From there to here."""
        self._move(self.remote, self.local)

    def _copy(self) -> Copy:
        """What f5 would do now."""
        pane = self.pane
        return Copy(pane, self.remote if pane is self.local else self.local)

    def _move(self, source: FilePane, target: FilePane) -> None:
        """In one direction, whatever pane has the focus; but nothing that nobody looked at."""
        if self.pane is not source and not source.table.marked:
            source.table.focus()
            doing = Copy(source, target).direction
            self.flash(f"{doing}: choose here, then the same key again", "info")
            return
        self._start(Copy(source, target))

    def _start(self, copy: Copy) -> None:
        """Put it into the queue; ask first when something of the same name is there."""
        reason = copy.obstacle()
        if reason:
            self.flash(f"{copy.direction}: {reason}", "warning")
            return
        clash = copy.clashes()
        if not clash:
            self._queue(copy)
            return

        def chosen(answer: tuple[str, ...] | None) -> None:
            if answer:
                self._queue(copy, answer[0])
            else:
                self.flash(f"{copy.direction}: cancelled, nothing was moved")

        some = ", ".join(printable(item.name) for item, _ in clash[:2])
        more = f" and {len(clash) - 2} more" if len(clash) > 2 else ""
        self.app.push_screen(Picker(f"Already there: {some}{more}", copy.choices()), chosen)

    def _queue(self, copy: Copy, answer: str = REPLACE) -> None:
        try:
            order = copy.order(self.host.transfers.ways.through(self.connection), answer)
            if order is None:
                self.flash(f"{copy.direction}: nothing is left to copy")
                return
            transfer = self.host.transfers.add(order)
        except PlaceError as error:
            self.flash(f"{copy.direction}: {error}", "warning")
            return
        copy.source.table.clear_marks()
        self.flash(f"{copy.direction} {transfer.title} is in the queue; T shows it")

    # Changing.

    def do_files_mkdir(self, argument: str) -> None:
        """Ask for a name, make it, and go to it."""
        pane = self.pane

        def answered(name: str | None) -> None:
            if name is not None:
                path = joined(pane.path, name)
                self._change(pane, "mkdir", lambda: pane.place.mkdir(path), f"made {name}/", name)

        title = f"New directory in {pane.place.show(pane.path)}"
        self.app.push_screen(Ask(title, verb="Make", check=check_name), answered)

    def do_files_rename(self, argument: str) -> None:
        """Ask for the new name."""
        pane = self.pane
        item: Item | None = pane.table.cursor_row
        if item is None:
            return
        path, old = pane.path_of(item), item.name

        def check(name: str) -> str:
            return "this is its name" if name == old else check_name(name)

        def answered(name: str | None) -> None:
            if name is not None:
                work = partial(pane.place.rename, path, name)
                self._change(pane, "rename", work, f"renamed {old} to {name}", name)

        self.app.push_screen(Ask(f"Rename {old}", "", old, verb="Rename", check=check), answered)

    def do_files_delete(self, argument: str) -> None:
        """Delete, after asking; directories with many files by typing."""
        pane = self.pane
        items = pane.chosen
        paths = [pane.path_of(item) for item in items]
        directories = sum(item.is_dir for item in items)
        one = len(items) == 1
        text = "It is gone for ever" if one else "They are gone for ever"
        if directories:
            text += ", with all that is in it" if one else ", directories with all that is in them"
        where = pane.place.show(pane.path)

        def answered(yes: bool | None) -> None:
            if not yes:
                self.flash("delete: cancelled, nothing was deleted")
                return
            pane.table.clear_marks()
            what = items[0].name if one else _number(items)
            self._change(pane, "delete", lambda: pane.place.delete(paths), f"deleted {what}")

        dialog = Confirm(
            f"Delete {_number(items)} from {where}?",
            f"{text}.",
            names=[
                f"{item.name}/" if item.is_dir else f"{item.name}  {format_size(item.size)}B"
                for item in items
            ],
            verb="Delete",
            typed=("" if not directories else items[0].name if one else str(len(items))),
        )
        self.app.push_screen(dialog, answered)

    def _change(
        self,
        pane: FilePane,
        label: str,
        work: Callable[[], Awaitable[None]],
        said: str,
        cursor: str = "",
    ) -> None:
        async def go() -> None:
            try:
                await work()
            finally:
                pane.refresh_listing(cursor)
            self.flash(printable(said), "success")

        self.attempt(go(), label)


def _number(items: Sequence[Item]) -> str:
    """The file; 2 files and 1 directory."""
    if len(items) == 1:
        return "the directory" if items[0].is_dir else "the file"
    directories = sum(item.is_dir for item in items)
    files = len(items) - directories
    parts = [
        f"{files} file{'s' if files > 1 else ''}" if files else "",
        f"{directories} director{'y' if directories == 1 else 'ies'}" if directories else "",
    ]
    return " and ".join(filter(None, parts))


def _words(error: BaseException) -> str:
    """An error for the middle of a pane."""
    if isinstance(error, PlaceError):
        return str(error)
    if isinstance(error, PermissionError):
        return "You may not look into this directory."
    if isinstance(error, FileNotFoundError):
        return "There is no such directory."
    if isinstance(error, NotADirectoryError):
        return "This is no directory."
    problem = explain(error)
    return f"{problem.what}\n{problem.why}"
