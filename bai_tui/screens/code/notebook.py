"""The cells of a notebook and their files. Pure: no widget, no network."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

CELLS_KEPT: Final = 500
TEXT_KEPT: Final = 1_000_000
"""Characters of output kept of a cell, for saving it."""


@dataclass(slots=True)
class Cell:
    """A piece of code and what became of it.

    Attributes:
        state: queued, running, done, failed, interrupted or lost.
        began, ended: loop times.
        output: (kind, text) of what was printed, joined.
        media: (mime, file) of what was shown.
    """

    number: int
    source: str
    state: str = "queued"
    exit_code: int | None = None
    began: float = 0.0
    ended: float = 0.0
    output: list[tuple[str, str]] = field(default_factory=list)
    media: list[tuple[str, Path]] = field(default_factory=list)
    _size: int = 0

    def keep(self, kind: str, text: str) -> None:
        """Keep a piece of output."""
        self._size += len(text)
        if self._size > TEXT_KEPT:
            return
        if self.output and self.output[-1][0] == kind:
            self.output[-1] = (kind, self.output[-1][1] + text)
        else:
            self.output.append((kind, text))

    def finish(self, state: str, exit_code: int | None, now: float) -> None:
        """It is over."""
        self.state, self.exit_code, self.ended = state, exit_code, now

    @property
    def seconds(self) -> float:
        """How long it ran."""
        return max(0.0, self.ended - self.began)

    def summary(self) -> tuple[str, str]:
        """One line about its end, and the tone of it."""
        took = f"{self.seconds:.2f} s" if self.seconds < 60 else f"{self.seconds / 60:.1f} min"
        match self.state:
            case "done":
                return f"✓ exit {self.exit_code or 0} · {took}", "good"
            case "interrupted":
                return f"■ interrupted (exit {self.exit_code}) · {took}", "bad"
            case "timeout":
                return f"✗ stopped by the server: it ran longer than allowed · {took}", "bad"
            case _:
                return f"✗ exit {self.exit_code} · {took}", "bad"


def state_of(status: str, exit_code: int | None, interrupted: bool) -> str:
    """The state of a cell whose last result has that status."""
    if status == "exec-timeout":
        return "timeout"
    if exit_code == 130 or (interrupted and exit_code):
        return "interrupted"
    return "done" if not exit_code else "failed"


def as_source(cells: list[Cell]) -> str:
    """The code alone, cells apart by `# %%`, which editors understand."""
    return "\n\n".join(f"# %% [{cell.number}]\n{cell.source}" for cell in cells) + "\n"


def as_ipynb(cells: list[Cell], language: str) -> str:
    """A Jupyter notebook with the output (nbformat 4.4)."""
    return json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 4,
            "metadata": {"language_info": {"name": language or "text"}},
            "cells": [
                {
                    "cell_type": "code",
                    "execution_count": cell.number,
                    "metadata": {},
                    "source": cell.source,
                    "outputs": [*map(_stream, cell.output), *map(_display, cell.media)],
                }
                for cell in cells
            ],
        },
        ensure_ascii=False,
        indent=1,
    )


def _stream(piece: tuple[str, str]) -> dict[str, Any]:
    kind, text = piece
    name = "stderr" if kind == "stderr" else "stdout"
    return {"output_type": "stream", "name": name, "text": text}


def _display(medium: tuple[str, Path]) -> dict[str, Any]:
    mime, path = medium
    try:
        data = path.read_bytes()
    except OSError:
        data = b""
    textual = mime.startswith("text/") or mime.endswith(("+xml", "json"))
    shown = data.decode("utf-8", "replace") if textual else base64.b64encode(data).decode()
    return {"output_type": "display_data", "metadata": {}, "data": {mime: shown}}
