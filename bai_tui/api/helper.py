"""Small questions to a server, by the names of the manual's client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bai_tui.api.versioning.releases import is_legacy

if TYPE_CHECKING:
    from bai_tui.api.config import APIConfig
    from bai_tui.api.sync import Session


def is_admin(session: Session) -> bool:
    """Whether the calling keypair has the admin flag.

    Raises:
        BackendError: the server could not be asked.
    """
    mine = session.KeyPair(session.config.access_key).info(fields=("is_admin",))
    return bool(mine and mine.get("is_admin"))


def is_legacy_server(config: APIConfig | None = None) -> bool:
    """Whether the configured server is older than 19.03.

    Raises:
        BackendClientError: no usable server.
    """
    from bai_tui.api.sync import Session

    with Session(config=config) as session:
        assert session.server is not None
        return is_legacy(session.server.version)
