"""Settings file, profiles (one per cluster), remembered state. Secrets live in a 0600 file.

The order of precedence is the program's option, then `BAI_TUI_*` in the environment, then the file,
then the default. Nothing is ever written unasked but the remembered state.
"""

from __future__ import annotations

import json
import os
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from platformdirs import user_config_path, user_state_path

if TYPE_CHECKING:
    from bai_tui.api import APIConfig

PROFILE_KEYS: Final = frozenset(
    {
        "endpoint",
        "endpoint_type",
        "access_key",
        "domain",
        "group",
        "version",
        "skip_sslcert_validation",
        "connection_timeout",
        "read_timeout",
    }
)
"""What a profile may hold for `APIConfig`; `read_only`, `theme` are ours, secrets are elsewhere."""

LEAST_INTERVAL: Final = 2.0
INTERVALS: Final[Mapping[str, float]] = {"home": 30.0, "statistics": 2.0}
"""Seconds between two refreshes unless the settings say otherwise."""


COLORS: Final = ("primary", "secondary", "accent", "success", "warning", "error")
"""Colours of clusters, by the names that every theme has."""


class SettingsError(Exception):
    """A settings file cannot be used; the text names the file, the place and what to do."""


def config_dir() -> Path:
    """Where settings and secrets are."""
    return user_config_path("bai-tui")


def state_dir() -> Path:
    """Where remembered state is."""
    return user_state_path("bai-tui")


@dataclass(frozen=True, slots=True)
class Profile:
    """How to reach one cluster.

    Attributes:
        options: for `APIConfig`.
        secret_key: of the keypair, or the password in session mode; empty while it is in the
            keyring.
        username: who logs in, in session mode.
        color: marks the cluster's name, one of `COLORS`.
        in_keyring: the secret is in the system's keyring.
    """

    name: str
    options: Mapping[str, Any]
    secret_key: str = field(default="", repr=False)
    read_only: bool = False
    username: str = ""
    color: str = ""
    in_keyring: bool = False

    @property
    def session_mode(self) -> bool:
        """Whether it logs in at a web server instead of signing with a keypair."""
        return self.options.get("endpoint_type") == "session"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the settings file says.

    Attributes:
        profiles: by name. default_profile: used when nothing else names a cluster.
        theme: name of a theme, empty for the default one.
        keys: action id to keys, comma separated.
        read_only: switch every changing action off.
        start_view: name of the view to begin with.
        intervals: seconds between two refreshes of what no event announces, by name.
    """

    profiles: Mapping[str, Profile] = field(default_factory=dict)
    default_profile: str = ""
    theme: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    read_only: bool = False
    start_view: str = "sessions"
    intervals: Mapping[str, float] = field(default_factory=dict)

    def interval(self, name: str) -> float:
        """Seconds between two refreshes, never less than two."""
        return max(LEAST_INTERVAL, self.intervals.get(name, INTERVALS[name]))


def load(directory: Path | None = None) -> Settings:
    """Read `settings.toml` and `secrets.toml`; missing files are empty ones.

    Raises:
        SettingsError: a file is not TOML, has wrong types or unknown names, or the secrets are
            readable by others.
    """
    directory = directory or config_dir()
    path = directory / "settings.toml"
    data = _read(path)
    secrets = _read_secrets(directory / "secrets.toml")
    unknown = set(data) - {
        "profiles",
        "default_profile",
        "theme",
        "keys",
        "read_only",
        "start_view",
        "intervals",
    }
    if unknown:
        raise SettingsError(f"{path}: unknown name {sorted(unknown)[0]!r}")
    profiles = {}
    for name, options in _table(data, "profiles", path).items():
        if not isinstance(options, dict):
            raise SettingsError(f"{path}: [profiles.{name}] must be a table")
        options = dict(options)
        read_only = options.pop("read_only", False)
        username, color = str(options.pop("username", "")), str(options.pop("color", ""))
        in_keyring = options.pop("secret_in", "") == "keyring"
        if color and color not in COLORS:
            raise SettingsError(f"{path}: color of {name!r} is one of {', '.join(COLORS)}")
        if "secret_key" in options:
            raise SettingsError(
                f"{path}: profile {name!r} holds a secret key; keep it in secrets.toml (mode 0600) "
                f"as\n[{name}]\nsecret_key = ..."
            )
        wrong = set(options) - PROFILE_KEYS
        if wrong:
            raise SettingsError(f"{path}: unknown name {sorted(wrong)[0]!r} in profile {name!r}")
        profiles[name] = Profile(
            name,
            options,
            secrets.get(name, ""),
            bool(read_only),
            username,
            color,
            in_keyring,
        )
    default = data.get("default_profile", "")
    if default and default not in profiles:
        raise SettingsError(f"{path}: default_profile {default!r} is not one of the profiles")
    keys = _table(data, "keys", path)
    if not all(isinstance(value, str) for value in keys.values()):
        raise SettingsError(f"{path}: [keys] maps an action to a text of keys")
    intervals = _table(data, "intervals", path)
    for name, value in intervals.items():
        if name not in INTERVALS or isinstance(value, bool) or not isinstance(value, (int, float)):
            raise SettingsError(
                f"{path}: [intervals] gives seconds to {', '.join(INTERVALS)}, not {name!r}"
            )
    return Settings(
        profiles,
        default,
        str(os.environ.get("BAI_TUI_THEME") or data.get("theme", "")),
        keys,
        bool(data.get("read_only", False)),
        str(data.get("start_view", "sessions")),
        {name: float(value) for name, value in intervals.items()},
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from None
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None


def _table(data: Mapping[str, Any], name: str, path: Path) -> Mapping[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: {name} must be a table")
    return table


def _read_secrets(path: Path) -> dict[str, str]:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return {}
    if os.name == "posix" and mode & 0o077:
        raise SettingsError(f"{path} can be read by others; run: chmod 600 {path}")
    return {
        name: str(entry["secret_key"])
        for name, entry in _read(path).items()
        if isinstance(entry, dict) and "secret_key" in entry
    }


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only the user may read it.

    Raises:
        SettingsError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None


class ProfileTarget:
    """The cluster of a profile.

    It alone says where and who one is: what the environment names is another cluster. What else
    it leaves open, such as timeouts, follows from the `BACKEND_*` variables.
    """

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.label = profile.name
        self.read_only = profile.read_only
        self.color = profile.color
        self._secret = profile.secret_key

    async def credentials(self) -> tuple[str, str]:
        """User name and password for a login in session mode; empty ones are not known."""
        return self.profile.username, await self._known_secret()

    async def _known_secret(self) -> str:
        if not self._secret and self.profile.in_keyring:
            import asyncio

            from bai_tui import keychain

            self._secret = await asyncio.to_thread(keychain.fetch, self.profile.name)
        return self._secret

    async def resolve(self) -> APIConfig:
        """The configuration the profile describes.

        Raises:
            ValueError: it holds something unusable or has no endpoint; the text names it.
            KeychainError: the secret is in the keyring and the keyring refused.
        """
        from bai_tui.api import APIConfig

        if not self.profile.options.get("endpoint"):
            raise ValueError(f"the profile {self.profile.name} has no endpoint")
        options = {"endpoint_type": "api", "access_key": "", **self.profile.options}
        if not self.profile.session_mode:
            options["secret_key"] = await self._known_secret()
        return APIConfig(**options)

    async def close(self) -> None:
        """Nothing was started, nothing is to be stopped."""


def profile_target(name: str) -> ProfileTarget:
    """The target of the profile called `name`.

    Raises:
        UnknownProfileError: there is none of that name; the text names those there are.
        SettingsError: the settings cannot be read.
    """
    from bai_tui.targets import UnknownProfileError

    profiles = load().profiles
    if name not in profiles:
        known = ", ".join(sorted(profiles)) or f"none yet, they go to {config_dir()}/settings.toml"
        raise UnknownProfileError(f"there is no profile {name!r} (profiles: {known})")
    return ProfileTarget(profiles[name])


class Remembered:
    """Small things that outlive the program, per view. Losing them is harmless."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or state_dir() / "views.json"
        try:
            data = json.loads(self.path.read_text())
        except (OSError, ValueError):
            data = {}
        self._data: dict[str, Any] = data if isinstance(data, dict) else {}
        self._changed = False

    def get(self, view: str, name: str, default: Any) -> Any:
        """What was remembered, if it is of the type of `default`."""
        values = self._data.get(view)
        value = values.get(name, default) if isinstance(values, dict) else default
        return value if type(value) is type(default) else default

    def set(self, view: str, name: str, value: Any) -> None:
        """Remember; written by `save`."""
        values = self._data.setdefault(view, {})
        if values.get(name) != value:
            values[name] = value
            self._changed = True

    def save(self) -> None:
        """Write what changed; a disk that refuses is no reason to trouble anybody."""
        if self._changed:
            self._changed = False
            try:
                write_private(self.path, json.dumps(self._data, indent=1))
            except SettingsError:
                return
