"""The colour themes of our own; Textual's are there, too. Contrast of text is at least 4.5:1."""

from __future__ import annotations

import os
from typing import Final

from textual.theme import Theme

DEFAULT: Final = "bai"
ANSI: Final = "ansi-dark"

THEMES: Final = (
    Theme(
        name="bai",
        primary="#7aa2f7",
        secondary="#9d7cd8",
        accent="#e0af68",
        success="#9ece6a",
        warning="#e0af68",
        error="#f7768e",
        foreground="#c8d0e8",
        background="#12141c",
        surface="#181b26",
        panel="#1f2333",
        dark=True,
        variables={
            "block-cursor-background": "#2f3a5f",
            "block-cursor-foreground": "#eef1fb",
            "block-cursor-text-style": "none",
            "block-cursor-blurred-background": "#252b42",
            "block-hover-background": "#1d2232",
            "input-cursor-background": "#c8d0e8",
            "input-cursor-foreground": "#12141c",
            "input-selection-background": "#3d59a1",
            "scrollbar": "#2a3048",
            "scrollbar-background": "#151823",
            "scrollbar-hover": "#3b4463",
            "border": "#3b4463",
            "footer-key-foreground": "#e0af68",
            # Plain colours: the default ones are mixed by the background, which costs contrast.
            "text-muted": "#8f97b3",
            "text-disabled": "#6c7390",
        },
    ),
    Theme(
        name="bai-light",
        primary="#2e5cb8",
        secondary="#6b3fa0",
        accent="#8a5300",
        success="#2f6b1b",
        warning="#8a5300",
        error="#b3203f",
        foreground="#22262f",
        background="#f7f8fa",
        surface="#eef0f4",
        panel="#e3e7ee",
        dark=False,
        variables={
            "block-cursor-background": "#c9d8f5",
            "block-cursor-foreground": "#10131a",
            "block-cursor-text-style": "none",
            "block-cursor-blurred-background": "#dbe3f2",
            "block-hover-background": "#e6ebf5",
            "input-selection-background": "#b6cdf5",
            "footer-key-foreground": "#8a5300",
            "text-muted": "#555c6b",
            "text-disabled": "#7a8190",
        },
    ),
    Theme(
        name="bai-contrast",
        primary="#5cc8ff",
        secondary="#ff9cff",
        accent="#ffe14d",
        success="#5cff8f",
        warning="#ffe14d",
        error="#ff7070",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#1c1c1c",
        dark=True,
        text_alpha=1.0,
        variables={
            "block-cursor-background": "#ffffff",
            "block-cursor-foreground": "#000000",
            "block-cursor-text-style": "bold",
            "block-cursor-blurred-background": "#555555",
            "text-muted": "#e0e0e0",
            "text-disabled": "#b0b0b0",
            "border": "#ffffff",
        },
    ),
    # Red and green are never told apart by hue here: good is blue, bad is orange (Okabe and Ito).
    Theme(
        name="bai-deutan",
        primary="#56b4e9",
        secondary="#cc9fbf",
        accent="#f0e442",
        success="#56b4e9",
        warning="#f0e442",
        error="#f08a3c",
        foreground="#e4e6ea",
        background="#101216",
        surface="#171a20",
        panel="#20242c",
        dark=True,
        variables={
            "block-cursor-background": "#31405a",
            "block-cursor-foreground": "#ffffff",
            "block-cursor-text-style": "none",
            "block-cursor-blurred-background": "#283347",
            "footer-key-foreground": "#f0e442",
            "text-muted": "#a3a9b4",
            "text-disabled": "#7b818c",
        },
    ),
    # Blue and yellow are alike to these eyes: good is teal, to be looked at is pink, bad is red.
    Theme(
        name="bai-tritan",
        primary="#4fc1b0",
        secondary="#b8b8c8",
        accent="#ff9fc0",
        success="#4fc1b0",
        warning="#ff9fc0",
        error="#ff6b5e",
        foreground="#e6e4e4",
        background="#131112",
        surface="#1b1819",
        panel="#252122",
        dark=True,
        variables={
            "block-cursor-background": "#2f4744",
            "block-cursor-foreground": "#ffffff",
            "block-cursor-text-style": "none",
            "block-cursor-blurred-background": "#273a38",
            "footer-key-foreground": "#ff9fc0",
            "text-muted": "#aaa4a5",
            "text-disabled": "#827c7d",
        },
    ),
)

BORROWED: Final = frozenset({"ansi-dark", "ansi-light", "dracula", "flexoki", "rose-pine",
                             "rose-pine-moon"})  # fmt: skip
"""Textual's own themes whose texts have the contrast; the others are not offered."""

REMARKS: Final = {
    "bai": "dark, the default",
    "bai-light": "light",
    "bai-contrast": "high contrast",
    "bai-deutan": "for red-green blindness",
    "bai-tritan": "for blue-yellow blindness",
    "ansi-dark": "the terminal's own colours; least bytes on slow links",
    "ansi-light": "the same, light",
    "dracula": "dark",
    "flexoki": "dark",
    "rose-pine": "dark",
    "rose-pine-moon": "dark",
}


def initial_theme(wanted: str) -> str:
    """The theme to start with: NO_COLOR asks for the terminal's own colours (then none is sent)."""
    if os.environ.get("NO_COLOR"):
        return ANSI
    return wanted or DEFAULT
