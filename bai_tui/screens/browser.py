"""Opening an address in a browser that has a window of its own, never one in our terminal."""

from __future__ import annotations

import os
import sys
import webbrowser


def can_open() -> bool:
    """Whether this machine has a screen for a browser."""
    if sys.platform == "darwin" or os.environ.get("WSL_DISTRO_NAME"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_address(address: str) -> bool:
    """Open it; False when there is no browser. Blocks for a moment: call it in a thread."""
    if not can_open():
        return False
    try:
        return webbrowser.open(address)
    except webbrowser.Error:
        return False
