"""Copying: OSC 52 through the terminal, and a native tool where there is one; says which way."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from typing import Any, Final

from textual.app import App

OSC52_MAX: Final = 74_994
"""Bytes of base64 that terminals take in one sequence."""

_TOOLS: Final = (
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard")),
    ("DISPLAY", ("xsel", "-ib")),
)


def copy_text(app: App[Any], text: str, what: str = "") -> str:
    """Copy `text`; returns a sentence that says how, or what to do instead."""
    name = what or f"{len(text):,} characters"
    tool = _native(text)
    if tool:
        app._clipboard = text
        return f"copied {name} ({tool})"
    size = 4 * ((len(text.encode()) + 2) // 3)
    if size > OSC52_MAX:
        return f"{name}: too long for the terminal's clipboard; save or export it instead"
    if os.environ.get("TMUX") and app._driver is not None:
        # tmux passes it on only in this envelope (or with set-clipboard on, which takes both).
        code = base64.b64encode(text.encode()).decode()
        app._driver.write(f"\x1bPtmux;\x1b\x1b]52;c;{code}\a\x1b\\")
    app.copy_to_clipboard(text)
    return f"copied {name} through the terminal"


def _native(text: str) -> str:
    """Copy with a program of the desktop; its name, or empty when there is none."""
    if os.environ.get("SSH_CONNECTION"):
        return ""
    tools = [("HOME", ("pbcopy",))] if sys.platform == "darwin" else list(_TOOLS)
    for variable, command in tools:
        path = shutil.which(command[0]) if os.environ.get(variable) else None
        if path is None:
            continue
        try:
            subprocess.run(
                [path, *command[1:]],
                input=text.encode(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=2,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        return command[0]
    return ""
