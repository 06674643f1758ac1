"""The views of the dashboard."""

if __name__ != "bai_tui.screens":
    raise ImportError("import bai_tui.screens, not screens")
