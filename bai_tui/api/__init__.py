"""api"""

if __name__ != "bai_tui.api":
    raise ImportError("import bai_tui.api, not api")
