"""Writing profiles: settings keep their comments, secrets go to the keyring or a 0600 file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bai_tui import keychain
from bai_tui.settings import Profile, SettingsError, config_dir, write_private

KEYRING = "keyring"
FILE = "file"


def save(profile: Profile, *, was: str = "", directory: Path | None = None) -> str:
    """Add or replace a profile; returns where its secret is now, for people.

    Args:
        was: the name it had before, when it was renamed.

    Raises:
        SettingsError: a file or the keyring refuses; nothing of the profile was changed then.
    """
    directory = directory or config_dir()
    ring = keychain.backend() if profile.secret_key else ""
    if ring:
        try:
            keychain.store(profile.name, profile.secret_key)
        except keychain.KeychainError:
            ring = ""
    entry: dict[str, Any] = {**profile.options}
    for name, value in (
        ("username", profile.username),
        ("color", profile.color),
        ("read_only", profile.read_only),
        ("secret_in", KEYRING if ring else ""),
    ):
        if value:
            entry[name] = value

    def put_secret(document: Any) -> None:
        document.pop(was, None)
        document.pop(profile.name, None)
        if profile.secret_key and not ring:
            document[profile.name] = {"secret_key": profile.secret_key}

    def put(document: Any) -> None:
        import tomlkit

        table = document.setdefault("profiles", tomlkit.table(is_super_table=True))
        if was and was != profile.name:
            table.pop(was, None)
            if document.get("default_profile") == was:
                document["default_profile"] = profile.name
        table[profile.name] = entry

    if (directory / "secrets.toml").exists() or (profile.secret_key and not ring):
        edit(directory / "secrets.toml", put_secret)
    edit(directory / "settings.toml", put)
    if not profile.secret_key:
        return "no secret is kept"
    return ring or f"{directory / 'secrets.toml'} (mode 0600)"


def delete(name: str, directory: Path | None = None) -> None:
    """Remove a profile and its secret, wherever that is.

    Raises:
        SettingsError: a file cannot be written.
    """
    directory = directory or config_dir()

    def drop(document: Any) -> None:
        document.get("profiles", {}).pop(name, None)
        if document.get("default_profile") == name:
            del document["default_profile"]

    edit(directory / "settings.toml", drop)
    if (directory / "secrets.toml").exists():
        edit(directory / "secrets.toml", lambda document: document.pop(name, None))
    if keychain.backend():
        try:
            keychain.forget(name)
        except keychain.KeychainError as error:
            raise SettingsError(f"the profile is gone, its secret is not: {error}") from None


def edit(path: Path, change: Callable[[Any], object]) -> None:
    """Change a TOML file in one step, keeping its comments and order; it is made when missing.

    Raises:
        SettingsError: it cannot be read or written.
    """
    import tomlkit

    try:
        document = tomlkit.parse(path.read_text()) if path.exists() else tomlkit.document()
        change(document)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise SettingsError(f"{path}: {error}") from None
    write_private(path, tomlkit.dumps(document))
