"""The bars around every view: what is left out when there is not room for all."""

from __future__ import annotations

import pytest

from bai_tui.screens.sessions.facts import bar
from bai_tui.widgets.bars import fitted
from bai_tui.widgets.text import cell_len

LONG = "a-session-with-a-name-of-sixty-four-characters-which-is-the-most"


@pytest.mark.parametrize("name", [LONG, "실험-이름이-아주-길어서-칸에-들어가지-않는-세션의-이름"])
@pytest.mark.parametrize("room", range(30, 80, 7))
def test_the_longest_crumb_is_shortened_first(name: str, room: int) -> None:
    crumbs = fitted(["test", "sessions", name, "code"], room)
    assert (crumbs[:2], crumbs[3]) == (["test", "sessions"], "code")
    assert sum(map(cell_len, crumbs)) <= room
    assert crumbs[2].startswith(name[:3])


def test_crumbs_that_fit_are_as_they_are() -> None:
    assert fitted(["test", "sessions", "code"], 16) == ["test", "sessions", "code"]
    assert fitted([], 10) == []


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0, "░░░░"), (0.001, "▏░░░"), (0.25, "█░░░"), (0.5, "██░░"), (0.9, "███▋"), (1.5, "████")],
)
def test_what_is_used_is_to_be_seen_in_a_bar(share: float, shown: str) -> None:
    assert bar(share, 4) == shown
