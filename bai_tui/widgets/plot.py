"""A plot of one measure over time: block columns, an axis with units, dates below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from textual.content import Content
from textual.widget import Widget

from bai_tui.widgets.text import format_number, pad, printable

BLOCKS: Final = " ▁▂▃▄▅▆▇█"


class Point(NamedTuple):
    """A measure at a time, in seconds since 1970."""

    at: float
    value: float


def columns_of(points: Sequence[Point], width: int) -> list[float]:
    """The greatest value in each of `width` equal parts of the time; empty parts go on."""
    if not points or width <= 0:
        return []
    first, last = points[0].at, points[-1].at
    span = (last - first) or 1.0
    tops: list[float | None] = [None] * width
    for point in points:
        place = min(width - 1, int((point.at - first) / span * width))
        before = tops[place]
        tops[place] = point.value if before is None else max(before, point.value)
    shown: list[float] = []
    for top in tops:
        shown.append(top if top is not None else shown[-1] if shown else 0.0)
    return shown


def block_rows(values: Sequence[float], height: int, top: float) -> list[str]:
    """Lines of block characters, the highest first."""
    if top <= 0:
        return [" " * len(values)] * (height - 1) + ["▁" * len(values)] * (height > 0)
    eighths = [max(0, min(height * 8, round(value / top * height * 8))) for value in values]
    return [
        "".join(BLOCKS[max(0, min(8, e - (height - 1 - row) * 8))] for e in eighths)
        for row in range(height)
    ]


def axis(
    top: float, height: int, show: Callable[[float], str], *, whole: bool = False
) -> dict[int, str]:
    """What stands at which line of the axis; nothing twice, and no half of what is counted."""
    labels = {height - 1: "0"}
    if top > 0:
        labels[0] = show(top)
        middle = height // 2
        part = top * (height - middle) / height
        if height >= 5 and (not whole or part == round(part)):
            labels[middle] = show(part)
    return labels


class Plot(Widget):
    """Draws again only when it is given something else, or another size."""

    DEFAULT_CSS = "Plot { height: 10; padding: 0 1; }"
    AXIS: Final = 9

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = ""
        self._points: Sequence[Point] = ()
        self._show: Callable[[float], str] = format_number
        self._note = ""
        self._whole = False

    def show(
        self,
        title: str,
        points: Sequence[Point],
        number: Callable[[float], str] = format_number,
        note: str = "",
        *,
        whole: bool = False,
    ) -> None:
        """Plot these points; with none, `note` says why. `whole`: there are no halves of it."""
        self._title, self._points, self._show, self._note = title, points, number, note
        self._whole = whole
        self.refresh()

    def render(self) -> Content:
        """Title, columns, dates."""
        width, height = self.content_size.width - self.AXIS - 1, self.content_size.height - 2
        if width < 10 or height < 2:
            return Content("")
        top = max((point.value for point in self._points), default=0.0)
        peak = f"  highest {self._show(top)}" if self._points else ""
        title = Content.assemble(
            (printable(self._title), "bold $text-accent"),
            (printable(f"{peak}  {self._note}"), "$text-muted"),
        )
        if not self._points:
            return title
        rows = block_rows(columns_of(self._points, width), height, top)
        labels = axis(top, height, self._show, whole=self._whole)
        lines = [title]
        for index, row in enumerate(rows):
            label = pad(labels.get(index, ""), self.AXIS, "right")
            lines.append(Content.assemble((label, "$text-muted"), "▏", (row, "$text-primary")))
        first, last = (datetime.fromtimestamp(self._points[end].at) for end in (0, -1))
        begin, end = f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d %H:%M}"
        gap = " " * max(1, width - len(begin) - len(end))
        lines.append(Content.styled(" " * (self.AXIS + 1) + begin + gap + end, "$text-muted"))
        return Content("\n").join(lines)
