"""What stands on each line of the table: its layout, its rows' pictures, words instead of rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import suppress
from time import monotonic
from typing import Any

from rich.style import Style
from textual.cache import LRUCache
from textual.dom import NoScreen
from textual.geometry import Offset, Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from bai_tui.widgets.table.columns import Column, Layout, lay_out
from bai_tui.widgets.table.cursor import Cursor
from bai_tui.widgets.table.painting import (
    GUTTER,
    Line,
    Look,
    Palette,
    header_strip,
    show_selection,
    slide,
)
from bai_tui.widgets.table.placeholder import card, loading_text, skeleton
from bai_tui.widgets.table.store import RowStore
from bai_tui.widgets.table.theme import COMPONENTS, CSS

__all__ = ["TableLines"]

Key = Hashable


class TableLines(ScrollView, can_focus=True):
    """Draws a line when it is asked to; what has to be drawn again is decided in `TableView`."""

    ALLOW_SELECT = True

    COMPONENT_CLASSES = COMPONENTS

    DEFAULT_CSS = CSS

    stale: reactive[bool] = reactive(False, repaint=False)
    """The rows are old news: they are dimmed, ages keep ticking."""
    loading_rows: reactive[bool] = reactive(False, repaint=False)
    """Rows are on their way; without rows a skeleton is shown, otherwise the old rows stay."""
    error_text: reactive[str] = reactive("", repaint=False)
    """Why there are no rows and what to do now; shown only while the table has none."""
    empty_text: reactive[str] = reactive("", repaint=False)
    """Shown when there are no rows and no error."""
    wide: reactive[bool] = reactive(False, repaint=False)
    """Show all visible columns at their full width and scroll sideways."""

    def __init__(
        self,
        store: RowStore[Any],
        row_tone: Callable[[Any], str] | None,
        what: str,
        *,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.what = what
        self.picked: str | None = None
        """Column chosen with shift+arrows, to be sorted by or copied from."""
        self._store = store
        self._row_tone = row_tone
        self._cursor = Cursor(store)
        self._range_from: Key = None
        self._columns: dict[str, Column[Any]] = {}
        self._visible: tuple[str, ...] = ()
        self._widths: dict[str, int] = {}
        self._sorted_by: str | None = None
        self._reverse = False
        self._filter_text = ""
        self._layout_now = Layout((), 0, 0, ())
        self._laid_out_for: Size | None = None
        self._palette_now: Palette | None = None
        self._lines: LRUCache[Key, Line] = LRUCache(256)
        self._on_lines: list[tuple[Any, ...]] = []
        """What stands on each line of the screen, as `TableView` has had it painted."""
        self._highlights: dict[Key, tuple[float, frozenset[str]]] = {}
        self._ticks = 0
        self._loading_since = 0.0
        self._selected: tuple[Key, Key] | None = None
        self._placeheld: tuple[object, dict[int, Strip]] | None = None

    # -- geometry

    @property
    def _top(self) -> int:
        return self.scroll_offset.y

    @property
    def _body(self) -> int:
        """Lines for rows, those below the header."""
        # A bar below covers the last line of `size`.
        return max(0, self.size.height - self.scrollbar_size_horizontal - 1)

    @property
    def _width(self) -> int:
        """Cells not covered by a scroll bar."""
        return self.size.width - self.scrollbar_size_vertical

    def _lay_out(self) -> int:
        """Share the width among the columns; returns the cells there are for them."""
        outer = self.outer_size - self.gutter.totals
        self._laid_out_for = self.outer_size
        bar = self.styles.scrollbar_size_vertical
        count = len(self._store.shown)
        width = outer.width - (bar if count + 1 > outer.height else 0)
        columns = [self._columns[key] for key in self._visible]
        layout = lay_out(columns, width, margin=GUTTER, wide=self.wide, widths=self._widths)
        if layout.width > width and count + 1 == outer.height:
            # The bar below takes the line that would have been the last.
            width -= bar
            layout = lay_out(columns, width, margin=GUTTER, wide=self.wide, widths=self._widths)
        if layout != self._layout_now:
            self._layout_now = layout
            self._lines.clear()
            if self.picked is not None and layout.span_of(self.picked) is None:
                self.picked = None
        return width

    def _look(self, key: Key, index: int) -> Look:
        highlight = self._highlights.get(key)
        return Look(
            index == self._cursor.index,
            key in self._store.marks or index in self._range(),
            highlight[1] if highlight else frozenset(),
        )

    def _range(self) -> range:
        """Indices of the range of marks that is being drawn."""
        if self._range_from is None:
            return range(0)
        start = self._store.place_of(self._range_from)
        if start is None:
            return range(0)
        return range(min(start, self._cursor.index), max(start, self._cursor.index) + 1)

    # -- lines

    def render_line(self, y: int) -> Strip:
        """Paint one line of the widget."""
        if self._laid_out_for != self.outer_size:
            # The first picture comes before the first `Resize`.
            self._lay_out()
        palette, layout, width = self._palette(), self._layout_now, self.size.width
        x = self.scroll_offset.x
        if y == 0:
            strip = header_strip(layout, palette, self._sorted_by, self._reverse, self.picked)
            return slide(strip, x, width, layout.pinned, palette.header, None)
        index = self._top + y - 1
        shown = self._store.shown
        if not shown:
            placeholder = self._placeholder().get(y - 1)
            if placeholder is not None:
                return placeholder.crop_extend(0, width, palette.base)
        if index >= len(shown):
            return Strip.blank(width, palette.base)
        key = shown[index]
        line = self._line(key, index)
        look = self._look(key, index)
        strip = line.strip(look, palette)
        selection = self._selection()
        if selection is not None and (span := selection.get_span(index)) is not None:
            style = self.screen.get_component_rich_style("screen--selection")
            strip = show_selection(strip, span[0], span[1], style)
        fill = palette.cell(line.row_tone, "", look, False)
        return slide(strip, x, width, layout.pinned, fill, index)

    def _line(self, key: Key, index: int) -> Line:
        """The row's cells, from the cache when neither row nor layout nor clock has moved on."""
        line = self._lines.get(key)
        version = self._store.version(key)
        if line is None or line.version != version or line.layout is not self._layout_now:
            row = self._store.row_at(index)
            tone = self._row_tone(row) if self._row_tone is not None else ""
            line = Line(row, tone, self._layout_now, version, self._ticks)
            self._lines.discard(key)  # the cache never replaces a value
            self._lines[key] = line
        elif line.tick != self._ticks:
            line.retick(self._store.row_at(index), self._ticks)
        return line

    def _palette(self) -> Palette:
        if self._palette_now is None:
            base = self.rich_style
            # Without its link and meta: a plain style, equal to itself after every refresh.
            base = Style(color=base.color, bgcolor=base.bgcolor)
            self._palette_now = Palette(
                base,
                lambda name: self.get_component_rich_style(f"table--{name}"),
                stale=self.stale,
            )
        return self._palette_now

    def notify_style_update(self) -> None:
        """Forget the styles when theme, focus or CSS change."""
        super().notify_style_update()
        self._palette_now = None

    # -- without rows

    def _placeholder(self) -> dict[int, Strip]:
        """Strips by line below the header, for a table that shows no row."""
        passed = monotonic() - self._loading_since if self.loading_rows else 0.0
        waited = loading_text(self.what, passed) if passed >= 0.15 else ""
        state = len(self._store) > 0, self.loading_rows, waited
        texts = self._filter_text, self.error_text, self.empty_text
        picture = self._palette(), self._layout_now, self._width, self._body, state, texts
        # Asked for by every line.
        if self._placeheld is None or self._placeheld[0] != picture:
            self._placeheld = picture, self._new_placeholder(waited)
        return self._placeheld[1]

    def _new_placeholder(self, waited: str) -> dict[int, Strip]:
        palette, width, body = self._palette(), self._width, self._body
        if len(self._store):
            text = f"No match for {self._filter_text}\nescape clears the filter"
            return card(text, width, body, palette.placeholder, palette.placeholder)
        if self.loading_rows:
            lines = {
                line: skeleton(self._layout_now, palette, line) for line in range(min(6, body - 2))
            }
            if waited:
                place = min(len(lines) + 1, body - 1)
                lines[place] = card(waited, width, 1, palette.placeholder, palette.base)[0]
            return lines
        if self.error_text:
            return card(self.error_text, width, body, palette.error, palette.placeholder)
        return card(self.empty_text, width, body, palette.placeholder, palette.placeholder)

    # -- selected text

    def _selection(self) -> Selection | None:
        with suppress(NoScreen):
            selection = self.text_selection
            if selection is None or (selection.start and selection.end):
                return selection
            # Begun or ended outside: what is in view, not a hundred thousand rows.
            last = min(self._top + self._body, len(self._store.shown)) - 1
            return Selection(
                selection.start or Offset(0, self._top), selection.end or Offset(10_000, last)
            )
        return None

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text under a selection made with the mouse, as it stands on the screen."""
        selection = self._selection() or selection
        if not selection.start or not selection.end:
            return None
        shown = self._store.shown
        lines: list[str] = []
        for index in range(max(0, selection.start.y), min(selection.end.y + 1, len(shown))):
            span = selection.get_span(index)
            if span is not None:
                text = self._line(shown[index], index).text
                lines.append(text[span[0] : None if span[1] == -1 else span[1]].rstrip())
        return ("\n".join(lines), "\n") if lines else None

    def selection_updated(self, selection: Selection | None) -> None:
        """Remember on which rows a selection lies, so that it can move with them."""
        shown = self._store.shown
        self._selected = None
        if selection and selection.start and selection.end:
            first, last = selection.start.y, selection.end.y
            if 0 <= first < len(shown) and 0 <= last < len(shown):
                self._selected = shown[first], shown[last]
        self.refresh(Region(0, 1, self.size.width, self._body))

    def _move_selection(self) -> None:
        """After rows have moved: the selection follows its rows, or ends if they parted."""
        selection = self.text_selection
        if selection is None or self._selected is None:
            return
        start, end = selection
        assert start is not None
        assert end is not None
        first, last = map(self._store.index_of, self._selected)
        if first == start.y and last == end.y:
            return
        if first is None or last is None or last - first != end.y - start.y:
            self.screen.clear_selection()
            return
        moved = Selection(Offset(start.x, first), Offset(end.x, last))
        self.screen.selections = {**self.screen.selections, self: moved}
