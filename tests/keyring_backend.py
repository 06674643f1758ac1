"""A keyring that keeps its secrets in this process, for tests of the real library."""

from __future__ import annotations

from typing import Any

KEPT: dict[tuple[str, str], str] = {}


def install(library: Any) -> None:
    """Make it the keyring of `library`."""
    from keyring.backend import KeyringBackend

    class Memory(KeyringBackend):
        priority = 5.0
        name = "memory"

        def get_password(self, service: str, username: str) -> str | None:
            return KEPT.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            KEPT[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del KEPT[service, username]

    KEPT.clear()
    library.set_keyring(Memory())  # type: ignore[no-untyped-call]
