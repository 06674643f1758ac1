"""The event log: choosing what to show, gaps that stay in sight, many events, jumping about."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bai_tui.feed import LIMIT, ClusterEvent
from bai_tui.screens.eventfilter import filter_text, wanted_by
from bai_tui.screens.events import COLUMNS, EventsView
from bai_tui.widgets.table.filters import Haystacks, parse_filter
from tests.screens.driving import Driver, program
from tests.waiting import until

if TYPE_CHECKING:
    from bai_tui.api import APIConfig


def event(verb: str, session: str, reason: str = "", owner: str = "AKIAONE") -> ClusterEvent:
    data = f'{{"sessionId": "{session}", "ownerAccessKey": "{owner}", "reason": "{reason}"}}'
    return ClusterEvent.parse(f"kernel_{verb}", data)


def happens(driver: Driver, *events: ClusterEvent) -> None:
    """As when they came from the server."""
    driver.app._events_came(driver.app.connection.feed.add(events))


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=9)


@settings(max_examples=40)
@given(st.lists(WORDS, min_size=1, max_size=3).map(" ".join))
def test_what_is_chosen_is_what_the_filter_finds(words: str) -> None:
    text = filter_text({"reason": words, "session": words, "event": "started"})
    found = parse_filter(text, COLUMNS)
    assert len(found.terms) == 3
    keys = [column.key for column in COLUMNS]
    tried = Haystacks(COLUMNS, keys).predicate(found)
    made = ClusterEvent.parse("kernel_started", None)
    from dataclasses import replace

    assert tried(1, replace(made, session=f"a{words}b", reason=words))
    assert not tried(2, replace(made, session="", reason=words))
    assert wanted_by(text) == {"session": words, "event": "started", "reason": words}


async def test_only_some_events_are_shown(
    config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    async with program(config_for(), tmp_path, (80, 24)) as d:
        await d.shows("live")
        await d.press("5")
        await d.shows("No events yet")
        happens(d, event("started", "alpha"), event("terminated", "alpha", "user-requested"),
                event("started", "beta"), event("terminated", "beta", "task finished"))  # fmt: skip
        await d.shows("alpha", "beta")
        await d.press("v")
        await d.shows("Show only events of", "all types")
        await d.type("al")
        await d.press("tab", "down")
        await d.shows("started", "terminated")
        await d.type("term")
        await d.press("enter")
        await d.hides("type to find")
        await d.press("ctrl+g")
        picture = await d.shows("session:al event=terminated", "user-requested")
        assert "beta" not in picture
        await d.press("v")
        await d.shows("terminated", "Show only")
        await d.press("tab", "tab", "tab", "tab", "enter")  # the button that shows all
        await d.shows("beta", "task finished")
        await d.press("v")
        await d.shows("Show only")
        await d.press("escape")
        await d.shows("beta", "alpha")
        await d.press("f")
        await d.shows("paused")
        await d.press("slash")
        await d.type("event=started")
        await d.press("enter", "d")
        await d.shows("event: kernel_started", "session   beta")
        await d.press("escape")
        await d.shows("/event=started 2/4", "paused")


async def test_gaps_stay_in_sight(config_for: Callable[..., APIConfig], tmp_path: Path) -> None:
    async with program(config_for(), tmp_path, (80, 24)) as d:
        await d.shows("live")
        await d.press("5")
        happens(d, event("started", "alpha"), ClusterEvent.gap(12), event("started", "beta"))
        await d.shows("┄ gap", "offline for 12 s", "┄ 1 gap")
        d.app.screen.table.set_filter("session:beta")  # type: ignore[attr-defined]
        await d.hides("alpha")
        await d.shows("┄ 1 gap")
        await d.press("escape", "K")
        await d.hides("┄")


def written(directory: Path) -> list[list[str]]:
    """The one export in a directory."""
    (path,) = directory.glob("bai-events-*.csv")
    with path.open(encoding="utf-8") as file:
        return list(csv.reader(file))


async def test_a_flood_of_events_is_kept_and_exported(
    config_for: Callable[..., APIConfig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than are kept, in batches as the stream brings them; keys are answered meanwhile."""
    monkeypatch.chdir(tmp_path)
    async with program(config_for(), tmp_path, (100, 30)) as d:
        await d.shows("live")
        await d.press("5")
        await d.shows("following")
        for batch in range(110):
            happens(d, *(event("started", f"s{batch}-{n}") for n in range(100)))
            await asyncio.sleep(0)
            if batch == 50:
                await d.press("f")
                await d.shows("paused")
                await d.press("f")
        await d.shows("s109-99", f"{LIMIT:,}")
        assert d.app.screen.table.row_count == LIMIT  # type: ignore[attr-defined]
        await d.press("x")
        await d.shows("10,000 rows written")
    rows = written(tmp_path)
    assert len(rows) == LIMIT + 1
    assert "s109-99" in rows[-1]


async def test_moving_up_and_to_the_end_is_not_undone_by_events_that_come_at_once(
    config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    async with program(config_for(), tmp_path) as d:
        await until(lambda: d.app.connection.ready)
        await d.press("5")
        await d.shows("▸ events", "following")
        happens(d, *(event("started", f"s-{n}") for n in range(5)))
        view = d.app.screen
        assert isinstance(view, EventsView)
        assert view.table.cursor_index == 4
        view.table.action_move(-1)
        happens(d, *(event("started", f"s-{n}") for n in range(5, 10)))
        assert view.table.cursor_index == 3
        await d.shows("paused")
        view.table.action_end()
        happens(d, *(event("started", f"s-{n}") for n in range(10, 15)))
        await d.shows("following")
        assert view.table.cursor_index == 14


async def test_jumping_to_what_can_have_the_focus(
    config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    async with program(config_for(), tmp_path, (100, 30)) as d:
        await d.shows("live")
        await d.press("5", "ctrl+o")
        await d.shows("there is one place only")
        await d.press("2", "n")
        await d.shows("new session", "python:")
        form = d.app.screen
        await d.press("ctrl+o")
        await d.shows("a letter moves the focus there")
        letters = {
            w.id: w for w in d.app.screen.query("Static") if (w.id or "").startswith("jump-")
        }
        environ = form.query_one("#environ")
        letter = next(name for name, w in letters.items() if w.region.y == environ.region.y)
        await d.press(str(letter).removeprefix("jump-"))
        await until(lambda: form.focused is environ)
        await d.press("ctrl+o")
        await d.shows("a letter moves the focus there")
        await d.pilot.resize_terminal(80, 24)
        beside = next(iter(d.app.screen.query(f"#{letter}")))
        await until(lambda: d.app.size.width == 80 and beside.region.y == environ.region.y)
        await d.shows("a letter moves the focus there")
        await d.press("escape")
        await d.hides("a letter moves")
        assert form.focused is environ
        await d.press("ctrl+o")
        await d.shows("a letter moves the focus there")
        first = next(iter(d.app.screen.query("#jump-a")))
        await d.pilot.click(offset=(first.region.x + 1, first.region.y))
        await until(lambda: form.focused is not environ)
