"""Text that changes its look on the way: the sequences in it, and what they make of the pen."""

from __future__ import annotations

from typing import Final

from bai_tui.widgets.terminal import _sgr

LOOK: Final = r"\[[0-9;:]{0,250}+m"
"""A sequence that selects a look, after its ESC."""

MANY: Final = 5
"""Looks in a piece of text from which on it is put into the row in one."""

CACHE: Final = 8192
MAX_CACHED: Final = 24
"""Characters of parameters; longer ones hardly come back."""


class Changes(dict[str, _sgr.Change]):
    """Parameters of sequences to what they do; remembered where that is of use."""

    def __missing__(self, parameters: str) -> _sgr.Change:
        if "8;2;" in parameters and (change := _sgr.gradient(parameters)) is not None:
            return change  # no two are alike in a gradient
        change = _sgr.change(parameters)
        if len(parameters) <= MAX_CACHED:
            if len(self) >= CACHE:
                self.clear()
            self[parameters] = change
        return change


def spread(runs: list[str], pen: int, changes: Changes) -> tuple[str, list[int], int]:
    """Take apart text that was cut where looks are selected, the first piece without one.

    Returns the text, the look of each of its characters, and the pen in the end.
    """
    text = runs[0]
    texts, looks = [text], [pen] * len(text)
    for run in runs[1:]:
        parameters, _, text = run.partition("m")
        keep, add = changes[parameters]
        pen = pen & keep | add
        if text:
            texts.append(text)
            looks += [pen] * len(text)
    return "".join(texts), looks, pen
