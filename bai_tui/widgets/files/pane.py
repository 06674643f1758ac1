"""One pane of a file browser: a place, a directory of it, and a table of what is there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click, DescendantBlur, DescendantFocus
from textual.message import Message
from textual.widget import Widget

from bai_tui.files import Item, Place
from bai_tui.files.model import base, joined, parent
from bai_tui.widgets.files.columns import COLUMNS
from bai_tui.widgets.table import LiveTable
from bai_tui.widgets.text import printable, truncate


class PathBar(Widget):
    """Where a pane is; a click goes up."""

    DEFAULT_CSS = """
    PathBar { height: 1; background: $panel; color: $foreground; padding: 0 1; }
    """

    class Up(Message):
        """Go to the directory above."""

    def __init__(self) -> None:
        super().__init__()
        self._text, self._note = "", ""

    def show(self, text: str, note: str) -> None:
        """Show a path, and a remark at the right."""
        if (text, note) != (self._text, self._note):
            self._text, self._note = text, note
            self.refresh()

    def render(self) -> Content:
        """The path, cut at its beginning."""
        width = self.content_size.width
        note = truncate(printable(self._note), max(0, width // 2))
        left = truncate(f"◂ {printable(self._text)}", width - len(note) - 1, "start")
        content = Content(left)
        space = max(1, width - content.cell_length - Content(note).cell_length)
        return Content.assemble(content, " " * space, note)

    def on_click(self, event: Click) -> None:
        """Up."""
        event.stop()
        self.post_message(self.Up())


class FilePane(Vertical):
    """Shows a directory; the listing of another one replaces it only when it has come.

    Args:
        place: whose files. path: the directory at first.
        explain: an error in words, for the pane itself.
    """

    DEFAULT_CSS = """
    FilePane { width: 1fr; height: 1fr; }
    FilePane LiveTable { height: 1fr; }
    FilePane.-active PathBar { color: $text-primary; text-style: bold underline; }
    """

    class Moved(Message):
        """Another directory is shown, or the same one anew."""

        def __init__(self, pane: FilePane) -> None:
            super().__init__()
            self.pane = pane

    class FileOpened(Message):
        """Enter or a double click on a file."""

        def __init__(self, pane: FilePane, item: Item) -> None:
            super().__init__()
            self.pane, self.item = pane, item

    class Failed(Message):
        """A directory could not be listed."""

        def __init__(self, pane: FilePane, error: Exception) -> None:
            super().__init__()
            self.pane, self.error = pane, error

    def __init__(
        self,
        place: Place,
        path: str = "",
        *,
        explain: Callable[[BaseException], str] = str,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.place = place
        self.path = path
        self.loaded = False
        self._explain = explain
        self._wanted = path
        self._bar = PathBar()
        self.table: LiveTable[Item] = LiveTable(
            COLUMNS,
            key=lambda item: item.name,
            what="files",
            id_of=lambda item: self.place.show(joined(self.path, item.name)),
        )

    def compose(self) -> ComposeResult:
        """The path and the table."""
        yield self._bar
        yield self.table

    def on_mount(self) -> None:
        """Directories first, by name."""
        self.table.sort("name", False)
        self.table.loading_rows = True
        self._draw()

    @property
    def chosen(self) -> list[Item]:
        """The marked ones, or the one under the cursor."""
        return self.table.chosen_rows

    def path_of(self, item: Item) -> str:
        """Path of one of the items."""
        return joined(self.path, item.name)

    # Moving.

    def go(self, path: str, cursor: str = "") -> None:
        """Show another directory, with the cursor on a name."""
        self._wanted = path
        if not self.loaded:
            self.table.loading_rows = True
        self._draw()
        # Not the coroutine itself: a worker that is replaced at once would never await it.
        work: Callable[[], Awaitable[None]] = partial(self._load, path, cursor)
        self.run_worker(work, group="list", exclusive=True, exit_on_error=False)

    def refresh_listing(self, cursor: str = "") -> None:
        """Look again at the directory shown."""
        self.go(self._wanted, cursor)

    def up(self) -> None:
        """Show the directory above, with the cursor on the one left; at the root nothing."""
        above = parent(self.path)
        if above != self.path:
            self.go(above, base(self.path))

    async def _load(self, path: str, cursor: str) -> None:
        try:
            items = await self.place.items(path)
        except Exception as error:
            self._wanted = self.path if self.loaded else path
            if not self.loaded:
                self.table.error_text = f"{self._explain(error)}\n\nctrl+r retries"
            self.table.loading_rows = False
            self._draw()
            self.post_message(self.Failed(self, error))
            return
        if path != self.path or not self.loaded:
            self.table.set_filter("")
            self.table.clear()
        self.path, self.loaded = path, True
        self.table.error_text = ""
        self.table.loading_rows = False
        self.table.set_rows(items)
        if cursor:
            self.table.move_to_key(cursor)
        self._draw()
        self.post_message(self.Moved(self))

    def _draw(self) -> None:
        note = "…" if self._wanted != self.path else ""
        reason = self.place.obstacle("put") if self.place.kind != "local" else ""
        advice = "" if reason else "\nf5 in the other pane copies to here."
        self.table.empty_text = f"The directory is empty.{advice}"
        if reason:
            note = "read-only" if "read-only" in reason else reason
        elif self.place.kind == "session":
            note = note or "read and add"
        self._bar.show(self.place.show(self._wanted), note)

    # What happens in it.

    @on(LiveTable.RowOpened)
    def _opened(self, event: LiveTable.RowOpened) -> None:
        event.stop()
        item: Item = event.row
        if item.is_dir:
            self.go(self.path_of(item))
        else:
            self.post_message(self.FileOpened(self, item))

    @on(PathBar.Up)
    def _clicked_up(self, event: PathBar.Up) -> None:
        event.stop()
        self.table.focus()
        self.up()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Keys come here."""
        self.add_class("-active")

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """Keys go elsewhere."""
        self.remove_class("-active")
