"""Columns of a table and how they share its width; pure, no Textual, no rows are scanned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from bai_tui.widgets.text import Align, Cut, cell_len, fit, printable

__all__ = ["GAP", "TONES", "Cell", "Column", "Layout", "Span", "cell_of", "fit_cell", "lay_out"]

Row = TypeVar("Row")

GAP = 1
"""Cells of space between two columns."""

TONES = ("", "muted", "accent", "success", "warning", "error", "strong")
"""Meanings a cell or row can have; the theme gives each a colour, the caller a glyph or word."""

# Longest part of a value that can matter on a screen; keeps a megabyte in a field harmless.
_LONGEST = 2000


class Cell(NamedTuple):
    """What a column shows of a row: raw text, its meaning, and a glyph that says it without colour.

    `glyph` is one or two cells wide and stands before the text; in a column too narrow for both
    only the glyph is left.
    """

    text: str
    tone: str = ""
    glyph: str = ""


@dataclass(frozen=True, kw_only=True)
class Column(Generic[Row]):
    """One column: what it shows, how wide it is, how it sorts.

    A column with `width` is fixed at that many cells (never less than its label's first letters
    need: the label is cut).  Without `width` it is flexible: at least `min_width`, at most
    `max_width` cells, taking its share `flex` of what is left.  When the table is too narrow the
    columns with the lowest `priority` drop out first; `priority` 100 and above never does.
    """

    key: str
    """Name in settings, filters (`key:value`) and exports."""
    label: str
    render: Callable[[Row], str | Cell]
    """Text for the screen.  May return any text; control characters are made visible here."""
    width: int | None = None
    min_width: int = 6
    max_width: int | None = None
    flex: float = 1.0
    priority: int = 50
    align: Align = "left"
    cut: Cut = "end"
    """Where a text that is too long gets its ellipsis."""
    sort_key: Callable[[Row], Any] | None = None
    """Value to sort by; `None` values come last either way.  Default: the text without case."""
    value: Callable[[Row], Any] | None = None
    """Value for copies and exports; default: the text."""
    descending: bool = False
    """First sort on this column is descending (dates, loads)."""
    live: bool = False
    """The text depends on the clock: `LiveTable.tick` renders it again, filters ignore it."""
    watch: bool = False
    """A change of this cell is highlighted for a moment."""
    searchable: bool = True
    pinned: bool = False
    """Stays in place when the table is scrolled sideways (leading columns only)."""
    optional: bool = False
    """Not in the default set; to be chosen."""
    help: str = ""

    @property
    def least(self) -> int:
        """Cells the column needs to be shown at all."""
        return self.width if self.width is not None else self.min_width


def cell_of(column: Column[Row], row: Row) -> Cell:
    """Render one cell with its text made printable.

    A renderer that fails on odd data costs its own cell, never the table: the cell shows the
    error's class in the error tone.
    """
    try:
        shown = column.render(row)
    except Exception as error:
        return Cell(f"!{type(error).__name__}", "error")
    if isinstance(shown, Cell):
        return Cell(printable(shown.text[:_LONGEST]), shown.tone, printable(shown.glyph))
    return Cell(printable(str(shown)[:_LONGEST]))


def fit_cell(cell: Cell, width: int, align: Align, cut: Cut) -> str:
    """Return the cell's glyph and text in exactly `width` cells."""
    if not cell.glyph:
        return fit(cell.text, width, align, cut)
    room = width - cell_len(cell.glyph) - 1
    if room < 2 or not cell.text:
        return fit(cell.glyph, width, align, cut)
    return fit(f"{cell.glyph} {cell.text}", width, align, cut)


class Span(NamedTuple):
    """A column's place: first cell (in the unscrolled line) and width."""

    column: Column[Any]
    start: int
    width: int

    @property
    def end(self) -> int:
        """First cell after the column."""
        return self.start + self.width


class Layout(NamedTuple):
    """The columns of one width of the table."""

    spans: tuple[Span, ...]
    width: int
    """Cells of the whole line; more than the table has when it can be scrolled sideways."""
    pinned: int
    """Leading cells that stay in place when scrolled sideways."""
    dropped: tuple[str, ...]
    """Keys of the columns there was no room for, first dropped first."""

    def span_of(self, key: str) -> Span | None:
        """The place of a column, if it is shown."""
        return next((span for span in self.spans if span.column.key == key), None)

    def at(self, x: int) -> Span | None:
        """The column at cell `x` of the unscrolled line; the gap belongs to the column before."""
        return next((s for s in self.spans if s.start <= x < s.end + GAP), None)


def lay_out(
    columns: Sequence[Column[Any]],
    width: int,
    *,
    margin: int = 0,
    wide: bool = False,
    widths: Mapping[str, int] | None = None,
) -> Layout:
    """Share `width` cells among `columns`, in their order.

    Args:
        columns: The visible columns.
        width: Cells of the table.
        margin: Cells at the left edge that belong to no column.
        wide: Drop nothing and give flexible columns their `max_width`; the line may then be
            wider than the table.
        widths: Widths the user has set, by column key; such a column is fixed.
    """
    chosen = dict(widths or {})

    def least(column: Column[Any]) -> int:
        return max(1, chosen.get(column.key, column.least))

    kept = list(columns)
    dropped: list[str] = []

    def needed() -> int:
        return margin + sum(map(least, kept)) + GAP * max(0, len(kept) - 1)

    while not wide and len(kept) > 1 and needed() > width:
        # Of equal priority the rightmost goes first.
        victim = min(reversed(kept), key=lambda column: column.priority)
        if victim.priority >= 100:
            break
        kept.remove(victim)
        dropped.append(victim.key)

    sizes = {column.key: least(column) for column in kept}
    flexible = [c for c in kept if c.width is None and c.key not in chosen and c.flex > 0]
    if wide:
        for column in flexible:
            sizes[column.key] = max(sizes[column.key], column.max_width or 2 * column.min_width)
    _share(sizes, flexible, width - _line_width(sizes, margin))

    spans: list[Span] = []
    start = margin
    for column in kept:
        spans.append(Span(column, start, sizes[column.key]))
        start += sizes[column.key] + GAP
    pinned = margin
    for span in spans:
        if not span.column.pinned:
            break
        pinned = span.end + GAP
    total = start - GAP if spans else margin
    # A pinned part that leaves no room to scroll the rest would hide columns for good.
    return Layout(tuple(spans), total, pinned if pinned <= width * 2 // 3 else 0, tuple(dropped))


def _line_width(sizes: Mapping[str, int], margin: int) -> int:
    return margin + sum(sizes.values()) + GAP * max(0, len(sizes) - 1)


def _share(sizes: dict[str, int], flexible: Iterable[Column[Any]], spare: int) -> None:
    """Grow `sizes` of the flexible columns by `spare` cells in proportion to `flex`."""
    growing = [c for c in flexible if c.max_width is None or sizes[c.key] < c.max_width]
    while spare > 0 and growing:
        weight = sum(column.flex for column in growing)
        full: list[Column[Any]] = []
        given = 0
        for column in growing:
            part = int(spare * column.flex / weight)
            if column.max_width is not None and sizes[column.key] + part >= column.max_width:
                part = column.max_width - sizes[column.key]
                full.append(column)
            sizes[column.key] += part
            given += part
        spare -= given
        if not full:
            # The rest of the rounding goes to the first columns, a cell each.
            for column in growing[:spare]:
                sizes[column.key] += 1
            return
        growing = [column for column in growing if column not in full]
