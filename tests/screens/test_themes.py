"""Every theme offered can be read: contrast of all texts on all grounds is at least 4.5."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from bai_tui import themes

GROUNDS = ("background", "surface", "panel")
TEXTS = ("foreground", "text-muted", "text-primary", "text-secondary", "text-accent",
         "text-success", "text-warning", "text-error")  # fmt: skip
OFFERED = [*themes.THEMES, *(BUILTIN_THEMES[name] for name in sorted(themes.BORROWED))]


def luminance(color: Color) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part / 255) for part in color.rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def text_color(text: str, ground: Color) -> Color:
    """A theme's variable as it is drawn: `auto 60%` is black or white, mixed with the ground."""
    if text.startswith("auto"):
        share = float(text.partition(" ")[2].rstrip("%") or 100) / 100
        return ground.blend(ground.get_contrast_text(1.0), share, 1)
    color = Color.parse(text)
    return ground.blend(Color(*color.rgb), color.a, 1)


@pytest.mark.parametrize("theme", OFFERED, ids=lambda theme: theme.name)
def test_texts_can_be_read(theme: Theme) -> None:
    if theme.name.startswith("ansi"):
        pytest.skip("the terminal's own colours")
    colors = theme.to_color_system().generate()
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS]
    pairs.append(("block-cursor-foreground", "block-cursor-background"))
    for text, ground in pairs:
        below = Color.parse(colors[ground])
        found = contrast(text_color(colors[text], below), below)
        assert found >= 4.5, f"{text} on {ground}: {found:.2f}"


@pytest.mark.parametrize("name", ["bai-deutan", "bai-tritan"])
def test_good_and_bad_differ_in_lightness_or_hue_that_is_seen(name: str) -> None:
    theme = next(theme for theme in themes.THEMES if theme.name == name)
    assert theme.success
    assert theme.error
    good, bad = Color.parse(theme.success).rgb, Color.parse(theme.error).rgb
    # Blue tells them apart where red and green look alike; red does where blue is not seen.
    channel = {"bai-deutan": 2, "bai-tritan": 0}[name]
    assert abs(good[channel] - bad[channel]) > 100
