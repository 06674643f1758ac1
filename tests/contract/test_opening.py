"""What the running dashboard asks of a server: counted by a proxy between the two."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from bai_tui.actions import MAIN_VIEWS
from bai_tui.api import APIConfig, AsyncSession, BackendConnectionError
from bai_tui.api.logins import Logins
from bai_tui.screens.view import View
from tests.contract.conftest import Peer
from tests.counting import Count, counting
from tests.screens.driving import Driver, program
from tests.waiting import until

ROUND_TRIPS = 3
"""At most: the release, who am I together with the first page, and one to spare."""
HERE = {("superadmin", "api"), ("superadmin", "session"), ("user", "session")}
"""What the local cluster is tried with in every run."""
ELSEWHERE = {"settings", "connections", "sweeps", "apps", "terminals", "transfers", "tasks"}
"""Views that ask the server nothing by being shown."""


def through(endpoint: str, config: APIConfig) -> APIConfig:
    """The same keys, by way of the proxy."""
    return APIConfig(endpoint=endpoint, access_key=config.access_key, secret_key=config.secret_key)


@asynccontextmanager
async def opened(
    peer: Peer, mode: str, tmp_path: Path, role: str = "user", delay: float = 0.0
) -> AsyncIterator[tuple[Driver, Count]]:
    """The dashboard on a server by way of the proxy.

    `mode`: `api` signs itself; the others are modes of a web server. `session` is logged in from
    before, `kept` knows no password besides, `password` has nothing else, and what `expired` has
    from before holds no longer.
    """
    if role not in peer.keys:
        pytest.skip(f"no keys of a {role} were given")
    if mode != "api" and not (peer.web and peer.keys[role][3]):
        pytest.skip("no web server and password were named")
    async with counting(peer.endpoint if mode == "api" else peer.web, delay) as count:
        config = through(count.endpoint, peer.config(role))
        words = ("", "")
        if mode != "api":
            config = APIConfig(endpoint=count.endpoint, endpoint_type="session")
            words = peer.keys[role][2:]
        if mode in ("session", "kept", "expired"):
            async with AsyncSession(config=config) as session:
                assert (await session.Auth.login(*words))["authenticated"] is True
                if mode == "expired":
                    kept = Logins().path.read_bytes()
                    await session.Auth.logout()
                    Logins().path.write_bytes(kept)
            count.exchanges.clear()
        if mode == "kept":
            words = ("", "")
        async with program(config, tmp_path, words=words) as d:
            yield d, count


@pytest.mark.covers("opening in 3 round trips")
@pytest.mark.parametrize("mode", ["api", "session", "kept", "password", "expired"])
async def test_data_is_shown_after_few_round_trips(peer: Peer, mode: str, tmp_path: Path) -> None:
    async with (
        peer.session() as session,
        peer.kernel(session) as kernel,
        opened(peer, mode, tmp_path, delay=0.3) as (d, count),
    ):
        await d.shows(kernel.kernel_id, timeout=peer.patience)
        trips = count.round_trips(time.monotonic())
        print(f"{mode}: {trips} round trips")
        assert 1 <= trips <= ROUND_TRIPS, [(e.method, e.target, e.status) for e in count.exchanges]


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
@pytest.mark.parametrize("mode", ["api", "session"])
@pytest.mark.parametrize("role", ["superadmin", "admin", "user"])
async def test_what_is_refused_is_not_asked_again(
    peer: Peer, role: str, mode: str, tmp_path: Path
) -> None:
    if not peer.real and (role, mode) not in HERE:
        pytest.skip("who asks for most and who is refused most are enough here")
    async with opened(peer, mode, tmp_path, role) as (d, count):
        await d.shows("live", timeout=peer.patience)
        await look_at_every_view(d, peer)
        await look_at_every_view(d, peer)
        again = {what: times for what, times in count.refused().items() if times > 1}
        assert not again


async def test_a_login_that_holds_is_told_by_one_refusal(peer: Peer, tmp_path: Path) -> None:
    """On opening the password goes along; when the connection is lost, a question is enough."""
    async with opened(peer, "session", tmp_path) as (d, count):
        await d.shows("live", timeout=peer.patience)
        connection = d.app.connection
        before = connection.generation
        connection.suspect(BackendConnectionError("the network is gone"))
        await peer.until(lambda: connection.generation > before, "the next connection")
        asked = [(e.target, e.status) for e in count.exchanges if "/server/" in e.target]
        assert asked == [("/server/login", 400), ("/server/login-check", 200)]
