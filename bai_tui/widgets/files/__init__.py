"""A pane with the files of a place; two of them side by side are a file browser."""

from bai_tui.widgets.files.pane import FilePane

__all__ = ["FilePane"]
