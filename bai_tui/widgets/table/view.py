"""Which lines of the table must be repainted, after whatever has changed."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from time import monotonic
from typing import Any

from textual.geometry import Region, Size
from textual.timer import Timer

from bai_tui.widgets.table.lines import TableLines

__all__ = ["TableView"]

Key = Hashable

_HIGHLIGHT_SECONDS = 1.5
"""How long the change of a watched cell stays highlighted."""


class TableView(TableLines):
    """The table on the screen.  State is changed by the subclasses, which then call `_sync`.

    The view remembers what stands on each line (key, version of the row, look), so that after
    any change it can tell the lines that differ and repaint those only.
    """

    _highlight_timer: Timer | None = None
    _loading_timer: Timer | None = None

    # -- place and size

    def _fit(self) -> None:
        """Make layout and virtual size agree with columns, rows and the size of the widget."""
        count, layout = len(self._store.shown), self._layout_now
        width = self._lay_out() if self.outer_size else 0
        if self._layout_now is not layout:
            self._repaint()
        wider = self._layout_now.width if self._layout_now.width > width > 0 else 0
        size = Size(wider, count + 1 if count else 0)
        if size != self.virtual_size:
            self.virtual_size = size

    def on_resize(self) -> None:
        """Lay out for the new size, with the cursor in view."""
        self._fit()
        self._lines.grow(max(256, 4 * self._body))
        in_view = self._cursor.reveal(self._top, self._body)
        if self._body and in_view != self._top:
            self._scroll(in_view)
        # Textual paints a widget of a new size by itself.
        self._note_lines()

    def _scroll(self, top: int) -> None:
        self.scroll_to(y=top, animate=False, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Repaint the lines that differ; the header, for one, never does."""
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new_value
        if round(old_value) != round(new_value):
            self._sync()

    # -- what is on the lines

    def _sync(
        self, cells: Mapping[Key, list[int]] | None = None, lines: Iterable[int] | None = None
    ) -> None:
        """Repaint the lines of rows that differ from what is on the screen.

        Args:
            cells: For rows with new content the indices of the cells that differ.
            lines: The only lines that may differ; default: all.
        """
        body, top = self._body, self._top
        if not body:
            return
        known = self._on_lines
        if len(known) != body:
            self._note_lines()
            self.refresh(Region(0, 1, self.size.width, body))
            return
        dirty: list[tuple[int, tuple[Any, ...], tuple[Any, ...]]] = []
        for line in range(body) if lines is None else lines:
            new = self._signature(top + line)
            if new != known[line]:
                dirty.append((line, known[line], new))
                known[line] = new
        if len(dirty) > body // 2:
            self.refresh(Region(0, 1, self.size.width, body))
            return
        for line, old, new in dirty:
            x, length = self._differing(old, new, cells or {})
            if length:
                self.refresh(Region(x, line + 1, length, 1))

    def _signature(self, index: int) -> tuple[Any, ...]:
        """What decides the picture of the line with the row at `index`."""
        shown = self._store.shown
        if index < len(shown):
            key = shown[index]
            return key, self._store.version(key), self._look(key, index)
        if shown:
            return ()
        strip = self._placeholder().get(index - self._top)
        return ("", strip.text if strip else "")

    def _differing(
        self, old: tuple[Any, ...], new: tuple[Any, ...], cells: Mapping[Key, list[int]]
    ) -> tuple[int, int]:
        """First cell and number of cells of a line that need a repaint."""
        everything = (0, self.size.width)
        if len(old) != 3 or len(new) != 3 or old[0] != new[0] or self.scroll_offset.x:
            return everything
        if old[2][:2] != new[2][:2] or (old[1] != new[1] and new[0] not in cells):
            return everything
        spans = self._layout_now.spans
        indices = set(cells[new[0]]) if old[1] != new[1] else set()
        relit = old[2].changed ^ new[2].changed
        indices |= {index for index, span in enumerate(spans) if span.column.key in relit}
        if not indices:
            return (0, 0)
        start, end = spans[min(indices)].start, spans[max(indices)].end
        return start, end - start

    def _repaint(self) -> None:
        """Repaint all lines."""
        self.refresh()
        self._note_lines()

    def _note_lines(self) -> None:
        """Take what is to be painted now as what is on the screen."""
        self._on_lines = [self._signature(self._top + line) for line in range(self._body)]

    def _refresh_header(self) -> None:
        self.refresh(Region(0, 0, self.size.width, 1))

    # -- changes of rows in view

    def _compare(self, keys: Collection[Key]) -> tuple[dict[Key, list[int]], list[int]]:
        """Find what changed rows changed in view; cells that are watched get highlighted.

        Returns:
            By key the indices of the cells that look different, and the lines of all the rows.
        """
        cells: dict[Key, list[int]] = {}
        lines: list[int] = []
        watched: dict[Key, frozenset[str]] = {}
        for key, index in self._store.places(keys, self._top, self._top + self._body):
            lines.append(index - self._top)
            old = self._lines.get(key)
            if old is None:
                continue
            new = self._line(key, index)
            cells[key] = new.differences(old)
            changed = (new.layout.spans[cell].column for cell in cells[key])
            lit = frozenset(column.key for column in changed if column.watch)
            if lit:
                watched[key] = lit
        self._highlight(watched)
        return cells, lines

    def _highlight(self, columns: Mapping[Key, frozenset[str]]) -> None:
        """Highlight cells for a moment."""
        if not columns:
            return
        end = monotonic() + _HIGHLIGHT_SECONDS
        for key, keys in columns.items():
            before = self._highlights.get(key, (0.0, frozenset[str]()))[1]
            self._highlights[key] = (end, before | keys)
        if self._highlight_timer is None and self.is_attached:
            # One timer for all, and none while nothing is highlighted.
            self._highlight_timer = self.set_interval(0.5, self._fade)

    def _fade(self) -> None:
        now = monotonic()
        for key in [key for key, (end, _) in self._highlights.items() if end <= now]:
            del self._highlights[key]
        if not self._highlights and self._highlight_timer is not None:
            self._highlight_timer.stop()
            self._highlight_timer = None
        self._sync()

    def tick(self) -> None:
        """Render the cells that depend on the clock again and repaint those that differ.

        To be called once a second while the table can be seen; costs nothing without such
        columns.
        """
        layout = self._layout_now
        if not any(span.column.live for span in layout.spans):
            return
        self._ticks += 1
        top = self._top
        for index, key in enumerate(self._store.shown[top : top + self._body], start=top):
            line = self._lines.get(key)
            if line is None or line.layout is not layout:
                continue
            changed = line.retick(self._store.row_at(index), self._ticks)
            if changed and self.scroll_offset.x:
                self.refresh(Region(0, index - top + 1, self.size.width, 1))
            elif changed:
                start, end = layout.spans[changed[0]].start, layout.spans[changed[-1]].end
                self.refresh(Region(start, index - top + 1, end - start, 1))

    # -- states without rows

    def watch_loading_rows(self, loading: bool) -> None:
        """Count the seconds of waiting, without a spinner."""
        if self._loading_timer is not None:
            self._loading_timer.stop()
            self._loading_timer = None
        if loading:
            self._loading_since = monotonic()
            self._loading_timer = self.set_interval(0.5, self._count_loading)
        self._sync()

    def _count_loading(self) -> None:
        if not len(self._store):
            self._sync()

    def watch_error_text(self) -> None:
        """Show the error if there are no rows."""
        self._sync()

    def watch_empty_text(self) -> None:
        """Show the sentence if there are no rows."""
        self._sync()

    def watch_stale(self) -> None:
        """Dim the rows, or light them up."""
        self._palette_now = None
        self._repaint()

    def watch_wide(self) -> None:
        """Lay the columns out again."""
        self.scroll_to(x=0, animate=False, force=True)
        self._fit()
