"""Text that changes its look on the way: the sequences in it, and what they make of the pen."""

from __future__ import annotations

import re
from typing import Final

from bai_tui.widgets.terminal import _sgr

LOOK: Final = r"\[[0-9;:]{0,250}+m"
"""A sequence that selects a look, after its ESC."""

MANY: Final = 5
"""Looks in a piece of text from which on it is put into the row in one."""

CACHE: Final = 8192
MAX_CACHED: Final = 24
"""Characters of parameters; longer ones hardly come back."""

_NEXT: Final = "m\x1b["
"""Between the parameters of sequences without text between them."""
_cut: Final = re.compile(r"\x1b\[([0-9;:]*(?:m\x1b\[[0-9;:]*)*)m").split


class Changes(dict[str, _sgr.Change]):
    """Parameters of sequences to what they do; remembered where that is of use.

    Several sequences that follow each other at once are one: a cell has a colour and a background.
    """

    def __missing__(self, parameters: str) -> _sgr.Change:
        if _NEXT in parameters:
            first, _, rest = parameters.partition(_NEXT)
            (keep, add), (keep_too, add_too) = self[first], self[rest]
            change = keep & keep_too, add & keep_too | add_too
        elif "8;2;" in parameters and (gradient := _sgr.gradient(parameters)) is not None:
            return gradient  # no two are alike in a gradient
        else:
            change = _sgr.change(parameters)
        if len(parameters) <= MAX_CACHED:
            if len(self) >= CACHE:
                self.clear()
            self[parameters] = change
        return change


def spread(text: str, pen: int, changes: Changes) -> tuple[str, list[int], int]:
    """Take apart text with sequences in it that select looks, and no others.

    Returns the text, the look of each of its characters, and the pen in the end.
    """
    parts = _cut(text)
    texts = parts[::2]
    looks = [pen] * len(texts[0])
    for parameters, piece in zip(parts[1::2], texts[1:], strict=True):
        keep, add = changes[parameters]
        pen = pen & keep | add
        looks += [pen] * len(piece)
    return "".join(texts), looks, pen
