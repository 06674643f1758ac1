"""A screen as text: what stands there, and in which style, in all themes at once.

Below the text every line is told as runs, `a12 b3` being twelve cells of style a and three of b;
the legend says what each letter is in each theme. What changes from run to run (times, ports) is
masked by as many other characters.
"""

from __future__ import annotations

import io
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rich.cells import cell_len
from rich.color import ColorType
from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style

MASKS = (
    (re.compile(r"\d{4}-\d\d-\d\d"), "9999-99-99"),
    (re.compile(r"\d\d:\d\d:\d\d"), "99:99:99"),
    (re.compile(r"(?<=9999-99-99 )\d\d:\d\d"), "99:99"),
    (re.compile(r"(?<=\.1:)\d{5}\b"), "99999"),
    (re.compile(r"(?<=/tmp/bai-)[a-z0-9_]{8}"), "........"),
    (re.compile(r"(?<=agrees \()[+-]\d\.\d(?= s\))"), "+0.0"),
    (re.compile(r"\bs-[0-9a-f]{6}\b"), "s-000000"),
    (re.compile(r"(?<=stale )\d:\d\d"), "0:00"),
    (re.compile(r"(?<=offline )\d:\d\d"), "0:00"),
    (re.compile(r"(?<=retry )\d{4}(?= s)"), "9999"),
    (re.compile(r"[ \d.KMGi]{6}/s"), "99.9Mi/s"),
    (re.compile(r"[ \d.KMGi]{6}B/s"), "99.9MiB/s"),
)

Runs = tuple[tuple[Any, int], ...]


@dataclass(frozen=True)
class Shot:
    """One screen in one theme: lines of text, and the styles of their cells."""

    lines: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]


def shoot(app: Any) -> Shot:
    """What the screen shows now."""
    lines, cells = [], []
    for strip in app.screen._compositor.render_strips(app.size):
        text = "".join(segment.text for segment in strip)
        styles: list[str] = []
        for segment in strip:
            styles += [describe(segment.style)] * cell_len(segment.text)
        for pattern, mask in MASKS:
            text = pattern.sub(mask, text)
        lines.append(text.rstrip())
        cells.append(tuple(styles))
    return Shot(tuple(lines), tuple(cells))


def drawn(app: Any) -> str:
    """What the screen shows now, as a picture (SVG)."""
    width, height = app.size
    console = Console(
        width=width,
        height=height,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
        legacy_windows=False,
    )
    for strip in app.screen._compositor.render_strips(app.size):
        console.print(Segments([*strip, Segment.line()]), end="")
    return console.export_svg(title="bai-tui")


def describe(style: Style | None) -> str:
    """A style in short: `#e4e6ea/#101216 bold`; colours of the terminal by name."""
    if style is None:
        return "-"

    def color(found: Any) -> str:
        if found is None or found.type is ColorType.DEFAULT:
            return "-"
        return found.get_truecolor().hex if found.type is ColorType.TRUECOLOR else str(found.name)

    names = ("bold", "dim", "italic", "underline", "strike", "reverse")
    more = " ".join(name for name in names if getattr(style, name))
    return f"{color(style.color)}/{color(style.bgcolor)} {more}".strip()


def _letter(number: int) -> str:
    letters = string.ascii_letters
    return letters[number] if number < len(letters) else f"?{number}?"


def together(shots: Mapping[str, Shot]) -> str:
    """One text of the same screen in several themes."""
    first = next(iter(shots.values()))
    legend: dict[Sequence[str], str] = {}
    rows = []
    for row in zip(*(shot.cells for shot in shots.values()), strict=True):
        runs = [(style, len(list(same))) for style, same in groupby(zip(*row, strict=True))]
        for style, _ in runs:
            legend.setdefault(style, _letter(len(legend)))
        rows.append(" ".join(f"{legend[style]}{count}" for style, count in runs))
    styles = [f"{letter}: " + " | ".join(style) for style, letter in legend.items()]
    return "\n".join(
        [
            *(line or "·" for line in first.lines),
            "~~~",
            *rows,
            "~~~",
            " | ".join(shots),
            *styles,
            "",
        ]
    )
