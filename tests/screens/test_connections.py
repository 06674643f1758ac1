"""Clusters by name: written down, tested, switched to while the program runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bai_tui import keychain, profiles, settings
from bai_tui.screens.connections.view import Row
from bai_tui.settings import Profile, ProfileTarget
from tests import keyring_backend
from tests.screens.driving import program
from tests.waiting import until

if TYPE_CHECKING:
    from bai_tui.api import APIConfig
    from tests.conftest import ThreadedCluster


@pytest.fixture
def config_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of this test's own, and no keyring."""
    home = tmp_path / "config"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return home / "bai-tui"


@pytest.fixture
def ring() -> Iterator[None]:
    """A keyring."""
    library: Any = pytest.importorskip("keyring")
    before = library.get_keyring()
    keyring_backend.install(library)
    yield
    library.set_keyring(before)


def profile_of(config: APIConfig, name: str, **more: Any) -> Profile:
    options = {"endpoint": str(config.endpoint), "access_key": config.access_key}
    return Profile(name, options, config.secret_key, **more)


def test_a_secret_goes_to_the_keyring_where_there_is_one(config_home: Path, ring: None) -> None:
    profile = Profile("lab", {"endpoint": "http://x.example", "access_key": "K"}, "s3cret")
    assert profiles.save(profile) == "memory"
    assert "s3cret" not in "".join(path.read_text() for path in config_home.iterdir())
    read = settings.load().profiles["lab"]
    assert read.in_keyring
    assert not read.secret_key
    profiles.delete("lab")
    assert keychain.fetch("lab") == ""
    assert settings.load().profiles == {}


async def test_a_target_reads_the_keyring_when_it_is_needed(config_home: Path, ring: None) -> None:
    profiles.save(Profile("lab", {"endpoint": "http://x.example", "access_key": "K"}, "s3cret"))
    config = await ProfileTarget(settings.load().profiles["lab"]).resolve()
    assert config.secret_key == "s3cret"


async def test_a_profile_is_not_led_elsewhere_by_the_environment(
    config_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name and the colour on the screen would be those of another cluster."""
    for name, value in (
        ("ENDPOINT", "http://elsewhere.example"),
        ("ENDPOINT_TYPE", "session"),
        ("ACCESS_KEY", "THEIRS"),
        ("SECRET_KEY", "theirs"),
        ("READ_TIMEOUT", "7"),
    ):
        monkeypatch.setenv(f"BACKEND_{name}", value)
    profile = Profile("lab", {"endpoint": "http://x.example", "access_key": "K"}, "s3cret")
    config = await ProfileTarget(profile).resolve()
    assert str(config.endpoint) == "http://x.example"
    assert config.endpoint_type == "api"
    assert (config.access_key, config.secret_key) == ("K", "s3cret")
    assert config.read_timeout == 7
    with pytest.raises(ValueError, match="lab has no endpoint"):
        await ProfileTarget(Profile("lab", {}, "s3cret")).resolve()


def test_without_a_keyring_the_file_is_private_and_comments_stay(config_home: Path) -> None:
    config_home.mkdir(parents=True)
    (config_home / "settings.toml").write_text(
        '# mine\ntheme = "bai"\ndefault_profile = "a"\n[profiles.a]\nendpoint = "http://a.x"\n'
    )
    profile = Profile("b", {"endpoint": "http://b.example"}, "s3cret", color="error")
    assert "0600" in profiles.save(profile, was="a")
    assert (config_home / "secrets.toml").stat().st_mode & 0o777 == 0o600
    text = (config_home / "settings.toml").read_text()
    assert "# mine" in text
    read = settings.load()
    assert set(read.profiles) == {"b"}
    assert read.default_profile == "b"
    assert read.profiles["b"].color == "error"


def test_a_keyring_that_fails_is_explained() -> None:
    from bai_tui.diagnosis import explain

    problem = explain(keychain.KeychainError("the system keyring refused: locked"))
    assert "keyring" in problem.why
    assert problem.steps


async def test_write_down_test_and_switch(
    cluster: ThreadedCluster,
    config_for: Callable[..., APIConfig],
    config_home: Path,
    tmp_path: Path,
) -> None:
    me = config_for("user")
    async with program(config_for(), tmp_path, (120, 40)) as driver:
        await driver.shows("live")
        await driver.press("8")
        await driver.shows("connections", "local", "on this machine")
        await driver.press("n")
        await driver.shows("profile", "Access key")
        await driver.press("ctrl+g")
        await driver.shows("name: a name for the cluster")
        await driver.type("lab")
        await driver.press("tab", "tab")
        await driver.type(str(me.endpoint))
        await driver.press("tab")
        await driver.type(me.access_key)
        await driver.press("tab")
        await driver.type("wrong-secret")
        assert "wrong-secret" not in driver.picture
        await driver.press("ctrl+t")
        await driver.shows("test: lab", "✓ server", "✗ login", "does not accept the keys")
        await driver.press("escape")
        for _ in range(len("wrong-secret")):
            await driver.press("backspace")
        await driver.type(me.secret_key)
        await driver.press("ctrl+g")
        await driver.shows("saved lab", "file 0600")
        await driver.press("t")
        await driver.shows("✓ login", "user@")
        await driver.press("escape", "u")
        await driver.shows("● lab", "lab ▸ connections", "live")
        await until(lambda: driver.app.connection.ready)
        assert driver.app.connection.identity is not None
        assert driver.app.connection.identity.access_key == me.access_key
        await driver.press("2")
        await driver.shows("lab ▸ sessions")
        driver.app.show_view("connections", "nowhere")
        await driver.shows("'nowhere': one of")
        await driver.press("slash", *"lab", "enter", "ctrl+d")
        await driver.shows("Delete the profile?")
        await driver.press("y")
        await driver.shows("profile lab is gone")


async def test_a_read_only_profile_refuses_changes_and_has_its_colour(
    config_for: Callable[..., APIConfig], config_home: Path, tmp_path: Path
) -> None:
    profiles.save(profile_of(config_for(), "prod", read_only=True, color="error"))
    async with program(config_for(), tmp_path, (80, 24)) as driver:
        await driver.shows("live")
        driver.app.show_view("connections", "prod")
        await driver.shows("▐prod", "[RO]")
        assert driver.app.connection.read_only
        driver.app.show_view("sessions")
        await driver.shows("▐prod ▸ sessions")
        await until(lambda: driver.app.connection.ready)
        assert "new" not in driver.picture.splitlines()[-1]


async def test_session_mode_logs_in_with_the_profile(
    cluster: ThreadedCluster,
    config_home: Path,
    tmp_path: Path,
    config_for: Callable[..., APIConfig],
) -> None:
    keys = cluster.credentials["user"]
    options = {"endpoint": cluster.endpoint, "endpoint_type": "session"}
    good = Profile("web", options, keys.password, username=keys.email)
    profiles.save(good)
    async with program(config_for(), tmp_path, (120, 40)) as driver:
        await driver.shows("live")
        driver.app.show_view("connections", "web")
        await driver.shows("web ▸ connections", "● live")
        identity = driver.app.connection.identity
        assert identity is not None
        assert identity.access_key == keys.access_key
    bad = ProfileTarget(Profile("web", options, "wrong", username=keys.email))
    from bai_tui.api.logins import Logins
    from bai_tui.screens.connections.probe import probe

    Logins().forget([(await bad.resolve()).endpoint])
    report = await probe(bad)
    assert report.problem is not None
    assert [step for step, _ in report.steps] == ["address", "server"]


async def test_two_users_of_one_web_server(
    cluster: ThreadedCluster,
    config_home: Path,
    tmp_path: Path,
    config_for: Callable[..., APIConfig],
) -> None:
    """The login kept of one is not the other's; a wrong password is no wrong key."""
    options = {"endpoint": cluster.endpoint, "endpoint_type": "session"}
    for role in ("user", "user2"):
        keys = cluster.credentials[role]
        profiles.save(Profile(role, options, keys.password, username=keys.email))
    wrong = Profile("wrong", options, "nonsense", username=cluster.credentials["admin"].email)
    profiles.save(wrong)
    async with program(config_for(), tmp_path, (120, 40)) as driver:
        await driver.shows("live")
        driver.app.show_view("connections")
        await driver.shows("user2", "wrong")
        for role in ("user", "user2", "user"):
            driver.app.show_view("connections", role)
            await driver.shows(f" {role} ▸ connections", "● live")
            identity = driver.app.connection.identity
            assert identity is not None
            assert identity.email == cluster.credentials[role].email
        await driver.press("asterisk", "t")
        await driver.shows("✗ Nobody is logged in")
        await until(lambda: not any(row.testing for row in driver.app.screen.table.rows))  # type: ignore[attr-defined]
        reports = {row.name: row.report for row in driver.app.screen.table.rows}  # type: ignore[attr-defined]
        assert reports["user2"].problem is None
        assert "the password" in reports["wrong"].problem.why


def test_the_environment_may_name_a_web_server(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Row("environment", None).mode == "api"
    monkeypatch.setenv("BACKEND_ENDPOINT_TYPE", "session")
    assert Row("environment", None).mode == "session"
    assert Row("local", None).mode == "api"
