"""What the running dashboard asks of a server: counted by a proxy between the two."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest

from bai_tui.actions import MAIN_VIEWS
from bai_tui.api import APIConfig
from bai_tui.screens.view import View
from tests.contract.conftest import Peer
from tests.counting import counting
from tests.screens.driving import Driver, program
from tests.waiting import until

ROUND_TRIPS = 3
"""At most: the release, who am I together with the first page, and one to spare."""
ELSEWHERE = {"settings", "connections", "sweeps", "apps", "terminals", "transfers", "tasks"}
"""Views that ask the server nothing by being shown."""


def through(endpoint: str, config: APIConfig) -> APIConfig:
    """The same keys, by way of the proxy."""
    return APIConfig(endpoint=endpoint, access_key=config.access_key, secret_key=config.secret_key)


@pytest.mark.covers("opening in 3 round trips")
async def test_data_is_shown_after_few_round_trips(peer: Peer, tmp_path: Path) -> None:
    async with (
        peer.session() as session,
        peer.kernel(session) as kernel,
        counting(peer.endpoint) as count,
        program(through(count.endpoint, peer.config()), tmp_path) as d,
    ):
        await d.shows(kernel.kernel_id, timeout=peer.patience)
        shown = time.monotonic()
        assert 1 <= count.round_trips(shown) <= ROUND_TRIPS, [
            (e.method, e.target, e.status) for e in count.exchanges
        ]


async def look_at_every_view(d: Driver, peer: Peer) -> None:
    for view in MAIN_VIEWS:
        if view.name in ELSEWHERE:
            continue
        d.app.show_view(view.name)
        await peer.until(lambda view=view: d.app.current_mode == view.name)
        await d.pilot.pause()
        screen = d.app.screen
        assert isinstance(screen, View)
        with suppress(AssertionError):  # events of others may keep a view asking
            await until(lambda: all(w.is_finished for w in d.app.workers), timeout=10)


@pytest.mark.covers("no refused request twice")
@pytest.mark.parametrize("role", ["superadmin", "admin", "user"])
async def test_what_is_refused_is_not_asked_again(peer: Peer, role: str, tmp_path: Path) -> None:
    if role not in peer.keys:
        pytest.skip(f"no keys of a {role} were given")
    if not peer.real and role != "superadmin":
        pytest.skip("the role that is asked for most is enough here")
    async with counting(peer.endpoint) as count:
        async with program(through(count.endpoint, peer.config(role)), tmp_path) as d:
            await d.shows("live", timeout=peer.patience)
            await look_at_every_view(d, peer)
            await look_at_every_view(d, peer)
        again = {what: times for what, times in count.refused().items() if times > 1}
        assert not again
