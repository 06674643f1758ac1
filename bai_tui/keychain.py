"""Secrets of profiles in the system's keyring, where there is one; loaded only when asked for.

`keyring` is an optional dependency (`pip install 'bai-tui[keyring]'`). Its backends that keep
secrets in plain files, or nowhere, do not count as a keyring. All calls may block: use a thread.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

SERVICE: Final = "bai-tui"


class KeychainError(Exception):
    """The keyring refused or is locked; the text says what it said."""


def backend() -> str:
    """Name of the keyring in use; empty where there is none."""
    try:
        found = _library().get_keyring()
        usable = found.priority >= 1
    except Exception:  # whatever a desktop's service does, profiles must stay usable
        return ""
    name = str(getattr(found, "name", type(found).__name__))
    return name if usable and "plaintext" not in name.casefold() else ""


def store(profile: str, secret: str) -> None:
    """Keep a secret.

    Raises:
        KeychainError: the keyring refused.
    """
    _do("set_password", profile, secret)


def fetch(profile: str) -> str:
    """The secret; empty when there is none.

    Raises:
        KeychainError: there is no keyring, it refused or is locked.
    """
    return str(_do("get_password", profile) or "")


def forget(profile: str) -> None:
    """Remove a secret; harmless when there is none."""
    if _do("get_password", profile) is not None:
        _do("delete_password", profile)


def _library() -> Any:
    return import_module("keyring")


def _do(name: str, *arguments: str) -> Any:
    try:
        return getattr(_library(), name)(SERVICE, *arguments)
    except ImportError:
        raise KeychainError(
            "the profile's secret is in the system keyring, but the library keyring is not "
            "installed: pip install 'bai-tui[keyring]'"
        ) from None
    except Exception as error:
        raise KeychainError(f"the system keyring refused: {error}") from None
