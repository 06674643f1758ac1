"""A calm card in the middle of a view: loading, empty, problem, no permission."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content
from textual.widget import Widget

from bai_tui.widgets.text import printable, wrap

GAP: Final = "   "
"""Between two keys."""


class Card(Widget):
    """Title, explanation, steps and keys; server text is shown as it is."""

    DEFAULT_CSS = """
    Card { height: 1fr; align: center middle; content-align: center middle; padding: 0 2; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._content: tuple[str, str, str, tuple[str, ...], tuple[tuple[str, str], ...]] = (
            "",
            "",
            "",
            (),
            (),
        )

    def tell(
        self,
        title: str,
        why: str = "",
        *,
        style: str = "$text-primary",
        steps: Sequence[str] = (),
        keys: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Show a title with its style, an explanation, numbered steps, and (key, label) pairs."""
        content = (title, style, why, tuple(steps), tuple(keys))
        if content != self._content:
            self._content = content
            self.refresh()

    @property
    def text(self) -> str:
        """What is shown, for tests and screen readers."""
        title, _, why, steps, keys = self._content
        return "\n".join([title, why, *steps, *(f"{key} {label}" for key, label in keys)])

    def render(self) -> Content:
        """The lines, as a block of even width."""
        title, style, why, steps, keys = self._content
        width = max(20, min(76, self.content_size.width))
        lines: list[Content] = [
            Content.styled(line, f"bold {style}") for line in wrap(title, width)
        ]
        if why:
            lines.append(Content(""))
            lines += [Content.styled(line, "$foreground") for line in wrap(why, width)]
        if steps:
            lines.append(Content(""))
        for step in steps:
            first, *rest = wrap(step, width - 2)
            lines.append(Content.assemble(("▸ ", "$text-accent"), (first, "$text-muted")))
            lines += [Content.styled("  " + line, "$text-muted") for line in rest]
        if keys:
            lines.append(Content(""))
            pairs = [
                Content.assemble(
                    (printable(key), "bold $text-accent"), (f" {label}", "$text-muted")
                )
                for key, label in keys
            ]
            lines += _rows(pairs, width)
        block = max(line.cell_length for line in lines)
        if len(lines) > 1 and steps:
            lines = [line.pad_right(block - line.cell_length) for line in lines]
        return Content("\n").join(lines)


def _rows(pairs: Sequence[Content], width: int) -> list[Content]:
    """Side by side, as many in a line as fit; none is broken."""
    rows: list[Content] = []
    for pair in pairs:
        if rows and rows[-1].cell_length + len(GAP) + pair.cell_length <= width:
            rows[-1] = Content.assemble(rows[-1], GAP, pair)
        else:
            rows.append(pair)
    return rows
