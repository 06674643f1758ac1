"""Reusable Textual widgets."""

if __name__ != "bai_tui.widgets":
    raise ImportError("import bai_tui.widgets, not widgets")
