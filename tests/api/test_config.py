"""Configuration: arguments before environment before defaults, and clear refusals."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from bai_tui.api import APIConfig, bool_env, get_config, get_env, set_config


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("BACKEND_", "SORNA_")):
            monkeypatch.delenv(name)


def test_defaults() -> None:
    config = APIConfig()
    assert str(config.endpoint) == "https://api.backend.ai"
    assert (config.endpoint_type, config.domain, config.group) == ("api", "default", "default")
    assert (config.connection_timeout, config.read_timeout) == (10.0, None)
    assert config.is_anonymous
    assert config.vfolder_mounts == ()
    assert not config.skip_sslcert_validation


def test_environment_and_explicit_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "BACKEND_ENDPOINT": "http://a:1,http://b:2",
        "BACKEND_ACCESS_KEY": "AKIA",
        "BACKEND_SECRET_KEY": "s",
        "BACKEND_DOMAIN": "d",
        "BACKEND_GROUP": "g",
        "BACKEND_CONNECTION_TIMEOUT": "2.5",
        "BACKEND_READ_TIMEOUT": "7",
        "BACKEND_SKIP_SSLCERT_VALIDATION": "Yes",
        "BACKEND_VFOLDER_MOUNTS": "x,y",
    }.items():
        monkeypatch.setenv(name, value)
    config = APIConfig(vfolder_mounts=["z", "x"])
    assert {url.port for url in config.endpoints} == {1, 2}
    assert (config.access_key, config.secret_key) == ("AKIA", "s")
    assert (config.domain, config.group) == ("d", "g")
    assert (config.connection_timeout, config.read_timeout) == (2.5, 7.0)
    assert config.skip_sslcert_validation
    assert set(config.vfolder_mounts) == {"x", "y", "z"}
    explicit = APIConfig(endpoint="https://c", access_key="", read_timeout=1)
    assert explicit.endpoint.host == "c"
    assert explicit.is_anonymous
    assert explicit.read_timeout == 1.0


def test_old_variable_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SORNA_ENDPOINT", "http://old")
    assert APIConfig().endpoint.host == "old"
    monkeypatch.setenv("BACKEND_ENDPOINT", "http://new")
    assert APIConfig().endpoint.host == "new"


def test_session_mode_ignores_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKEND_ACCESS_KEY", "AKIA")
    config = APIConfig(endpoint_type="session", access_key="X")
    assert config.access_key == config.secret_key == "dummy"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("BACKEND_ENDPOINT", "example.com", "absolute URL"),
        ("BACKEND_ENDPOINT", "ftp://x", "absolute URL"),
        ("BACKEND_ENDPOINT", "http://", "absolute URL"),
        ("BACKEND_ENDPOINT", "http://u:p@h", "user name or a password"),
        ("BACKEND_ENDPOINT", "http://h:99999999", "URL"),
        ("BACKEND_ENDPOINT_TYPE", "web", "api or session"),
        ("BACKEND_CONNECTION_TIMEOUT", "soon", "BACKEND_CONNECTION_TIMEOUT"),
        ("BACKEND_READ_TIMEOUT", "-1", "BACKEND_READ_TIMEOUT"),
        ("BACKEND_READ_TIMEOUT", "nan", "BACKEND_READ_TIMEOUT"),
        ("BACKEND_SKIP_SSLCERT_VALIDATION", "perhaps", "neither yes nor no"),
        ("BACKEND_ACCESS_KEY", "schlüssel", "characters that no key has"),
        ("BACKEND_SECRET_KEY", "a\nb", "characters that no key has"),
    ],
)
def test_bad_values_are_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=says) as caught:
        APIConfig()
    if "KEY" in name:
        assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("version", "v4", "not an API version"),
        ("hash_type", "md6", "unsupported hash"),
        ("hash_type", "shake_128", "unsupported hash"),
        ("domain", "a\r\nX-Other: b", "domain"),
        ("group", "a\0", "group"),
        ("user_agent", "a\nb", "user agent"),
        ("connection_timeout", "soon", "number of seconds"),
        ("storage_proxy_address_map", {"here": "http://x"}, "absolute URL"),
    ],
)
def test_bad_arguments_are_named(option: str, value: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        APIConfig(**{option: value})


def test_no_file_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A `.env` of somebody else's directory must not decide which cluster is used."""
    (tmp_path / ".env").write_text("BACKEND_ENDPOINT=http://somebody.else\n")
    monkeypatch.chdir(tmp_path)
    assert APIConfig().endpoint.host == "api.backend.ai"
    monkeypatch.setenv("BACKEND_ENDPOINT", "http://mine")
    assert APIConfig().endpoint.host == "mine"


def test_addresses_of_storage_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "BACKEND_OVERRIDE_STORAGE_PROXY", "http://10.0.0.1:6021=https://files.example.com/proxy"
    )
    config = APIConfig()
    there = URL("http://10.0.0.1:6021/upload/a%2Fb?token=x")
    assert str(config.storage_proxy(there)) == (
        "https://files.example.com/proxy/upload/a%2Fb?token=x"
    )
    other = URL("http://10.0.0.2:6021/upload")
    assert config.storage_proxy(other) == other
    # One that leads to itself is no circle.
    same = APIConfig(storage_proxy_address_map={"http://10.0.0.2:6021": "http://10.0.0.2:6021"})
    assert same.storage_proxy(other) == other
    monkeypatch.setenv("BACKEND_OVERRIDE_STORAGE_PROXY", "http://10.0.0.1:6021")
    with pytest.raises(ValueError, match="THEIRS=OURS"):
        APIConfig()


def test_rotation_keeps_all_endpoints() -> None:
    config = APIConfig(endpoint="http://a,http://b,http://c")
    before = config.endpoints
    config.rotate_endpoints()
    assert config.endpoints == (*before[1:], before[0])


def test_representation_has_no_secret() -> None:
    config = APIConfig(endpoint="http://a", access_key="AKIA", secret_key="very-secret")
    assert "very-secret" not in repr(config)
    assert "very-secret" not in str(config)


def test_get_env(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyError, match="BACKEND_THING"):
        get_env("THING")
    assert get_env("THING", "x") == "x"
    monkeypatch.setenv("BACKEND_THING", "n")
    assert get_env("thing", clean=bool_env) is False


def test_process_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    set_config(None)
    monkeypatch.setenv("BACKEND_ENDPOINT", "http://one")
    first = get_config()
    assert get_config() is first
    other = APIConfig(endpoint="http://two")
    set_config(other)
    assert get_config() is other
    set_config(None)
