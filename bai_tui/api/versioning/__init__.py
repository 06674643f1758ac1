"""Generations of servers and what each of them calls things, as data (rest-overview.md 2).

The next release is some more rows in the tables here; no function of the package asks for a
version number. `releases` numbers them, `wire` has paths and parameters, `graphql` its names,
`statuses` the states of sessions, `offers` what not every server can do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from bai_tui.api.versioning.generations import (
        GENERATIONS,
        V4,
        Generation,
        ServerInfo,
        generation_of,
        negotiate,
        server_info,
    )
    from bai_tui.api.versioning.offers import OFFERS, Offer
    from bai_tui.api.versioning.releases import (
        DEFAULT_API_VERSION,
        Release,
        parse_version,
        release_of,
        release_text,
    )
    from bai_tui.api.versioning.statuses import (
        ALIVE_STATUSES,
        DEAD_STATUSES,
        EVENT_STATUS,
        OF_ONE_CONTAINER,
    )
    from bai_tui.api.versioning.wire import HOST_PERMISSIONS

__all__ = [
    "ALIVE_STATUSES",
    "DEAD_STATUSES",
    "DEFAULT_API_VERSION",
    "EVENT_STATUS",
    "GENERATIONS",
    "HOST_PERMISSIONS",
    "OFFERS",
    "OF_ONE_CONTAINER",
    "V4",
    "Generation",
    "Offer",
    "Release",
    "ServerInfo",
    "generation_of",
    "negotiate",
    "parse_version",
    "release_of",
    "release_text",
    "server_info",
]

# Who asks for the states of sessions need not load the tables of all servers.
_MODULES: Final = {
    "OFFERS": "offers",
    "Offer": "offers",
    "DEFAULT_API_VERSION": "releases",
    "Release": "releases",
    "parse_version": "releases",
    "release_of": "releases",
    "release_text": "releases",
    "ALIVE_STATUSES": "statuses",
    "DEAD_STATUSES": "statuses",
    "EVENT_STATUS": "statuses",
    "OF_ONE_CONTAINER": "statuses",
    "HOST_PERMISSIONS": "wire",
}


def __getattr__(name: str) -> Any:
    """Load a public name on first use (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_MODULES.get(name, 'generations')}"), name)
    globals()[name] = value
    return value
