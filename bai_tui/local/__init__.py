"""The embedded local cluster: a server that speaks release 19.09 and runs real sessions.

Importing this package is cheap; the server itself is imported when a `LocalCluster` is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bai_tui.local.cluster import ClusterError, Credentials, LocalCluster, StateLockedError
    from bai_tui.local.faults import Faults

__all__ = ["ClusterError", "Credentials", "Faults", "LocalCluster", "StateLockedError"]

_HOMES = {
    "ClusterError": "bai_tui.local.state",
    "Credentials": "bai_tui.local.cluster",
    "Faults": "bai_tui.local.faults",
    "LocalCluster": "bai_tui.local.cluster",
    "StateLockedError": "bai_tui.local.state",
}


def __getattr__(name: str) -> Any:
    """Import the public names on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
