"""What is really drawn can be read: every letter has a contrast of 4.5 in every theme offered.

`tests/screens/test_themes.py` looks at the colours of the themes; this looks at the screens, with
selected and marked rows, badges, forms, notes, messages of all levels, dialogs, help.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.color import Color
from textual.geometry import Region

from bai_tui.screens.view import View
from tests.screens.driving import Driver, program
from tests.screens.test_themes import OFFERED, contrast, text_color
from tests.snapshots.cluster import same_cluster
from tests.snapshots.scenes import BY_NAME
from tests.snapshots.test_snapshots import go, settled
from tests.waiting import until

SCENES = ("home", "session-details", "session-new", "session-terminate", "help", "settings",
          "user-new", "folder-delete")  # fmt: skip
THEMES = tuple(theme.name for theme in OFFERED if not theme.name.startswith("ansi"))
LEVELS = ("info", "success", "warning", "error")


def looked_at(driver: Driver) -> list[Region]:
    """What of the screen is to be read: not what lies dimmed under a dialog."""
    screen = driver.app.screen
    if isinstance(screen, View):
        return [screen.region]
    return [child.region for child in screen.children if child.display]


def unreadable(driver: Driver) -> set[str]:
    """Words drawn with too little contrast, with it; what is disabled may be faint."""
    app = driver.app
    faint = app.theme_variables["text-disabled"]
    regions = looked_at(driver)
    found = set()
    for y, strip in enumerate(app.screen._compositor.render_strips(app.size)):
        x = 0
        for segment in strip:
            style, text = segment.style, segment.text
            place = Region(x, y, max(1, cell_len(text)), 1)
            x += cell_len(text)
            if style is None or style.color is None or style.bgcolor is None:
                continue
            if not any(c.isalnum() for c in text) or not any(r.overlaps(place) for r in regions):
                continue
            ink, ground = (Color(*c.get_truecolor()) for c in (style.color, style.bgcolor))
            ratio = contrast(ink, ground)
            if ratio < 4.5 and ink.rgb != text_color(faint, ground).rgb:
                found.add(f"{text.strip()!r} {ink.hex} on {style.bgcolor.name}: {ratio:.2f}")
    return found


async def test_every_letter_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: dict[str, set[str]] = {}
    with same_cluster(tmp_path / "cluster", monkeypatch) as cluster:
        async with program(cluster.config_for(), tmp_path, (80, 24)) as driver:
            await until(lambda: driver.app.connection.ready, "the connection")
            for number, name in enumerate(SCENES):
                scene = BY_NAME[name]
                await go(driver, scene)
                await settled(driver)
                view = driver.app.screen
                if isinstance(view, View):
                    view.flash("a message of this level", LEVELS[number % len(LEVELS)])  # type: ignore[arg-type]
                for theme in THEMES:
                    driver.app.theme = theme
                    await driver.pilot.pause()
                    for found in unreadable(driver):
                        wrong.setdefault(f"{theme}: {found}", set()).add(name)
                for key in scene.after:
                    await driver.press(key)
    assert not wrong, "\n".join(
        f"{what} in {', '.join(sorted(where))}" for what, where in wrong.items()
    )
