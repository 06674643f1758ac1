"""How the table is coloured: component classes and their default CSS, by theme variables only."""

from __future__ import annotations

from bai_tui.widgets.table.columns import TONES

__all__ = ["COMPONENTS", "CSS"]

COMPONENTS = {
    f"table--{part}"
    for part in ("header", "picked", "cursor", "marked", "changed", "placeholder", "skeleton")
} | {f"table--{tone}" for tone in TONES if tone}
"""Component classes: parts of the table, and the tones of cells and rows."""

CSS = """
TableLines {
    height: 1fr;
    background: $surface;
    color: $foreground;
    scrollbar-size: 1 1;

    & > .table--header { text-style: bold; background: $panel; color: $foreground; }
    & > .table--picked { text-style: bold reverse; background: $panel; color: $foreground; }
    & > .table--cursor {
        background: $block-cursor-blurred-background;
        color: $block-cursor-blurred-foreground;
        text-style: $block-cursor-blurred-text-style;
    }
    &:focus > .table--cursor {
        background: $block-cursor-background;
        color: $block-cursor-foreground;
        text-style: $block-cursor-text-style;
    }
    & > .table--marked { color: $text-primary; text-style: bold; }
    & > .table--changed { color: $foreground; text-style: bold underline; }
    & > .table--placeholder { color: $foreground; }
    & > .table--skeleton { color: $text-disabled; }
    & > .table--muted { color: $text-muted; }
    & > .table--accent { color: $text-accent; }
    & > .table--success { color: $text-success; }
    & > .table--warning { color: $text-warning; }
    & > .table--error { color: $text-error; }
    & > .table--strong { text-style: bold; }

    &:ansi > .table--header { text-style: bold underline; background: ansi_default; }
    &:ansi > .table--picked { background: ansi_default; }
    &:ansi > .table--skeleton { text-style: dim; }
    &:ansi:focus > .table--cursor {
        background: ansi_default;
        color: ansi_default;
        text-style: bold reverse;
    }
}
"""
