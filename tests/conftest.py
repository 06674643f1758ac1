"""Fixtures shared by all tests: a running local cluster, in a thread of its own.

The thread has its own event loop, so the loop of a test (pytest-asyncio makes one per test) never
matters to the cluster. Every xdist worker runs its own cluster on a free port.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings

from bai_tui.local.cluster import Credentials, LocalCluster
from bai_tui.local.faults import Faults
from tests.flows import of_test
from tests.quiet import quiet

if TYPE_CHECKING:
    from bai_tui.api import APIConfig

T = TypeVar("T")

# How long an example takes says something of the machine, nothing of the program.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """What the tests of this project understand besides."""
    parser.addoption(
        "--update-snapshots", action="store_true", help="approve every screen as it is now"
    )
    parser.addoption(
        "--pictures", metavar="DIRECTORY", help="draw every screen that is compared, as SVG"
    )


TEST_SLOTS = {"cpu": "64", "mem": str(64 * 2**30)}
"""Plenty, so that tests don't queue behind each other on small machines."""


class ThreadedCluster:
    """A `LocalCluster` in its own thread: `endpoint`, `credentials`, `faults`, `call`."""

    def __init__(self, state_dir: Path, **options: Any) -> None:
        options.setdefault("slots", TEST_SLOTS)
        self.cluster = LocalCluster(state_dir, **options)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="cluster", daemon=True)

    def start(self) -> None:
        self._thread.start()
        try:
            self.call(self.cluster.start())
        except BaseException:
            self._end_thread()
            raise

    def stop(self) -> None:
        """End it, if it was not ended yet."""
        if self._loop.is_closed():
            return
        try:
            self.call(self.cluster.stop())
            self.call(self._hang_up())
        finally:
            self._end_thread()

    async def _hang_up(self) -> None:
        """On who called in the last moment, as the end of a process would."""
        for transport in list(self._loop._transports.values()):  # type: ignore[attr-defined]
            transport.abort()
        await asyncio.sleep(0)

    def _end_thread(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the cluster's loop and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function in the cluster's thread (SQLite and the parts belong to it)."""

        async def run() -> T:
            return function(*arguments)

        return self.call(run())

    @property
    def endpoint(self) -> str:
        return self.cluster.endpoint

    @property
    def credentials(self) -> dict[str, Credentials]:
        return self.cluster.credentials

    @property
    def faults(self) -> Faults:
        return self.cluster.faults

    def config_for(self, role: str = "superadmin", **options: Any) -> APIConfig:
        """An API configuration for one of the seeded users."""
        from bai_tui.api import APIConfig

        keys = self.credentials[role]
        return APIConfig(
            endpoint=self.endpoint,
            access_key=keys.access_key,
            secret_key=keys.secret_key,
            **options,
        )


@pytest.fixture(autouse=True)
def waits_for_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and looks wait until the program is quiet, not until the process seems to be."""
    for module in ("app", "pilot"):
        monkeypatch.setattr(f"textual.{module}.wait_for_idle", quiet)


@pytest.fixture(scope="session")
def cluster_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadedCluster]:
    """One cluster per test process; use `cluster`, which clears faults after each test."""
    running = ThreadedCluster(tmp_path_factory.mktemp("cluster") / "state")
    running.start()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def cluster(cluster_session: ThreadedCluster) -> Iterator[ThreadedCluster]:
    """The cluster shared by the tests of this process. Name your sessions and folders uniquely."""
    yield cluster_session
    cluster_session.faults.clear()


@pytest.fixture
def fresh_cluster(tmp_path: Path) -> Iterator[ThreadedCluster]:
    """A cluster of this test's own, for tests that freeze, purge or count."""
    running = ThreadedCluster(tmp_path / "state")
    running.start()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def config_for(cluster: ThreadedCluster) -> Callable[..., APIConfig]:
    """`config_for("user")`: configuration for a seeded user of the shared cluster."""
    return cluster.config_for


PASSED: pytest.StashKey[bool] = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep whether it passed, for what comes after it."""
    report = yield
    if report.when == "call":
        item.stash[PASSED] = report.passed
    return report


@pytest.fixture(autouse=True)
def does_what_it_says(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A test that is named in `tests.flows` has done the actions that stand there."""
    path = request.node.path.relative_to(request.config.rootpath).as_posix()
    wanted = of_test(path, request.node.originalname)
    if not wanted:
        yield
        return
    from bai_tui.actions import Action
    from bai_tui.screens.view import View

    done: set[str] = set()
    perform = View.perform

    def noted(view: View, action: Action, argument: str = "") -> None:
        if not view.obstacle(action) and not (action.mutating and view.connection.refusal()):
            done.add(action.id)
        perform(view, action, argument)

    monkeypatch.setattr(View, "perform", noted)
    yield
    if request.node.stash.get(PASSED, False):
        assert wanted <= done, f"not done: {', '.join(sorted(wanted - done))}"
