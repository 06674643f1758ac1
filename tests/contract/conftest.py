"""Two kinds of peers for one body of tests: the local cluster, and a real server when one is named.

`BAI_TUI_TEST_RECORD=DIRECTORY` keeps what a run against a real server showed (see docs/testing.md).
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

from bai_tui.api import (
    APIConfig,
    AsyncSession,
    BackendAPIError,
    BackendError,
    Generation,
    InvalidRequestError,
    ServerError,
    UnsupportedByServerError,
    VFolder,
)
from bai_tui.api.functions.kernel import Kernel
from bai_tui.api.versioning import OFFERS, release_text
from tests.conftest import ThreadedCluster
from tests.waiting import until

PREFIX: Final = "BAI_TUI_TEST_"
ROLES: Final = ("superadmin", "admin", "user", "user2")
SMALL: Final[dict[str, str | float]] = {"cpu": 1, "mem": "256m"}

_seen: dict[str, Any] = {}
_differing: set[str] = set()


@dataclass
class Peer:
    """A cluster under test.

    Attributes:
        keys: role to access key, secret key, e-mail address, password. web: of the web server.
        image: name of a Python image. large: bytes of a large file. patience: seconds.
    """

    endpoint: str
    keys: dict[str, tuple[str, str, str, str]]
    web: str
    image: str
    large: int
    patience: float
    real: bool
    generation: Generation | None = None
    made: list[str] = field(default_factory=list)

    def config(self, role: str = "user", **options: Any) -> APIConfig:
        access, secret, _, _ = self.keys[role]
        return APIConfig(endpoint=self.endpoint, access_key=access, secret_key=secret, **options)

    @asynccontextmanager
    async def session(self, role: str = "user") -> AsyncIterator[AsyncSession]:
        if role not in self.keys:
            pytest.skip(f"no keys of a {role} were given ({PREFIX}{role.upper()}_ACCESS_KEY)")
        async with AsyncSession(config=self.config(role)) as session:
            assert session.server is not None
            self.generation = session.generation
            if self.real:
                _seen["manager"] = session.server.manager
                _seen["version"] = session.server.version
            yield session

    @asynccontextmanager
    async def kernel(self, session: AsyncSession, **options: Any) -> AsyncIterator[Kernel]:
        """A running session, terminated at the end."""
        name = f"c-{secrets.token_hex(4)}"
        options = {"resources": SMALL, "max_wait": 0, **options}
        kernel = await session.Kernel.get_or_create(self.image, client_token=name, **options)
        try:
            yield kernel
        finally:
            try:
                await kernel.destroy()
            except BackendError:
                await kernel.destroy(forced=True)

    async def until(self, condition: Any, what: str = "") -> Any:
        return await until(condition, what, timeout=self.patience)


async def over(session: AsyncSession, name: str) -> bool:
    """Whether no such session is there any more; one that is still ending counts as there."""
    return name not in [row.name for row in await session.Kernel.list()]


async def report(session: AsyncSession, message: str) -> None:
    """Put an entry into the log of errors, of which the API package only reads."""
    severity = "ERROR" if session.generation.release == (24, 3) else "error"
    entry = {"severity": severity, "source": "tests", "message": message}
    environment = {"context_lang": "python", "context_env": "{}"}
    await session.ErrorLog.call("POST", "logs/error", entry | environment)


async def deleted(folder: VFolder) -> bool:
    """Whether it could be deleted; sessions that still end may have it mounted."""
    try:
        await folder.delete()
    except InvalidRequestError:
        return False
    return True


async def offered(
    session: AsyncSession, function: str, call: Callable[[], Awaitable[object]]
) -> bool:
    """Whether the server can do it; where not, that `call` is refused before it is sent."""
    if session.offers(function):
        return True
    with pytest.raises(UnsupportedByServerError) as caught:
        await call()
    assert session.release in str(caught.value)
    offer = OFFERS[function]
    assert any(release_text(r) in str(caught.value) for r in (offer.since, offer.gone) if r)
    return False


FAULTS: Final[dict[tuple[int, int], frozenset[str]]] = {
    # Release to what its own code fails in (500), never ends, leaves out or refuses to those it is
    # for; told in the remarks of its record.
    (22, 9): frozenset({"Kernel.complete", "Kernel.restart", "VFolder.umount_host"}),
    (23, 9): frozenset({"Kernel.complete", "VFolder.umount_host", "event of starting"}),
    (24, 3): frozenset({"Kernel.complete", "VFolder.umount_host"}),
    (24, 9): frozenset({"Kernel.complete", "VFolder.umount_host"}),
    (25, 15): frozenset(
        {
            "Kernel.get_info",
            "Kernel.dependency_graph",
            "VFolder.umount_host",
            "event of terminating",
        }
    ),
    (26, 9): frozenset({"KernelAPI.create_from_template", "VFolder.leave"}),
}


async def faulty(
    session: AsyncSession,
    function: str,
    call: Callable[[], Awaitable[object]],
    error: type[Exception] = ServerError,
) -> bool:
    """Whether the server is known to fail at it; where it is, that this is told as what it is."""
    if function not in FAULTS.get(session.generation.release, ()):
        return False
    with pytest.raises(error):
        await call()
    differs(function)
    return True


def differs(function: str) -> None:
    """Note for the record that a server does not do it as others do, and that this is told."""
    _differing.add(function.replace("API.", "."))


async def done(function: str, call: Awaitable[object]) -> bool:
    """Whether it was done; where a server has nothing installed for it, that it says so."""
    try:
        await call
    except BackendAPIError:
        differs(function)
        return False
    return True


def real_peer() -> Peer:
    """The server named in the environment; skips the test when none is."""
    endpoint = os.environ.get(f"{PREFIX}ENDPOINT")
    if not endpoint:
        pytest.skip(f"no real server was named ({PREFIX}ENDPOINT, see docs/testing.md)")
    keys = {}
    for role in ROLES:
        parts = ("ACCESS_KEY", "SECRET_KEY", "EMAIL", "PASSWORD")
        values = [os.environ.get(f"{PREFIX}{role.upper()}_{part}", "") for part in parts]
        if values[0] and values[1]:
            keys[role] = (values[0], values[1], values[2], values[3])
    return Peer(
        endpoint=endpoint,
        keys=keys,
        web=os.environ.get(f"{PREFIX}WEB_ENDPOINT", ""),
        image=os.environ.get(f"{PREFIX}IMAGE", "python"),
        large=100 * 1024 * 1024,
        patience=120.0,
        real=True,
    )


@pytest.fixture(
    params=[
        pytest.param("local", id="local"),
        pytest.param("real", id="real", marks=[pytest.mark.integration, pytest.mark.timeout(400)]),
    ]
)
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    if request.param == "real":
        yield real_peer()
        return
    cluster: ThreadedCluster = request.getfixturevalue("cluster")
    names = {"superadmin": "superadmin", "admin": "admin", "user": "user"}
    yield Peer(
        endpoint=cluster.endpoint,
        keys={
            role: (k.access_key, k.secret_key, k.email, k.password)
            for role, name in names.items()
            for k in [cluster.credentials[name]]
        },
        web=cluster.endpoint,
        image="python",
        large=12 * 1024 * 1024,
        patience=15.0,
        real=False,
    )


@pytest.fixture(autouse=True)
def _no_kept_logins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome: Any = yield
    report = outcome.get_result()
    covers = [name for mark in item.iter_markers("covers") for name in mark.args]
    real = item.get_closest_marker("integration") is not None
    if not real or not covers or (report.when != "call" and report.passed):
        return
    for name in covers:
        outcome = "differs" if report.passed and name in _differing else report.outcome
        if _seen.setdefault("functions", {}).get(name) != "failed":
            _seen["functions"][name] = outcome


def pytest_runtest_setup() -> None:
    _differing.clear()


def pytest_sessionfinish() -> None:
    target = os.environ.get(f"{PREFIX}RECORD")
    if target and _seen.get("functions"):
        path = Path(target) / f"{_seen['manager']}.json"
        kept = json.loads(path.read_text("utf-8")) if path.is_file() else {"functions": {}}
        # A part of the tests may have been run again; remarks are written by hand.
        _seen["functions"] = kept["functions"] | _seen["functions"]
        _seen["date"] = date.today().isoformat()
        text = json.dumps(kept | _seen, indent=1, sort_keys=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", "utf-8")
