"""Figures with their bars, as lines of one table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """Something measured.

    Attributes:
        value: in `unit`.
        bar: what it must not exceed; None for what is told without a bar.
    """

    name: str
    value: float
    unit: str
    bar: float | None = None

    @property
    def ratio(self) -> float | None:
        """Value to bar."""
        return None if self.bar is None else self.value / self.bar

    @property
    def broken(self) -> bool:
        """Whether the bar is."""
        return self.ratio is not None and self.ratio > 1

    def __str__(self) -> str:
        digits = 0 if self.value >= 100 else 1 if self.value >= 10 else 2
        line = f"  {self.name:<46} {self.value:8.{digits}f} {self.unit:<7}"
        if self.bar is None:
            return line
        return f"{line} bar {self.bar:6g}  {self.ratio:5.2f}{'  BROKEN' if self.broken else ''}"


def show(*figures: Figure) -> None:
    """Print figures as they come; a run takes minutes."""
    for figure in figures:
        print(figure, flush=True)
