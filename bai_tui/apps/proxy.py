"""One local port to a service of a session: what is wanted, and how it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from bai_tui.api.tunnel import AppTunnel


WEB_APPS: Final = frozenset({"ttyd", "jupyter", "jupyterlab", "tensorboard"})
"""Services for a browser, whatever protocol the server says they speak."""


class Link(StrEnum):
    """How a proxy is."""

    OPENING = "opening"
    OPEN = "open"
    WAITING = "waiting"
    """The server or the session is not there; it goes on by itself when it is."""
    FAILED = "failed"
    """It needs somebody: another port, another service."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a user asked for.

    Attributes:
        session, owner: name of the session, and its owner's key when it is somebody else's.
        app, protocol: name of the service and what it speaks (`http`, `tcp`, …).
        port: local port; 0 for any.
        access_key: whose connection it belongs to.
    """

    session: str
    app: str
    protocol: str = "tcp"
    port: int = 0
    owner: str = ""
    access_key: str = ""

    def to_json(self) -> dict[str, Any]:
        """For the state file."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_json(cls, data: Any) -> Wanted | None:
        """Read what `to_json` wrote; None when it is unusable."""
        if not isinstance(data, Mapping):
            return None
        names = ("session", "app", "protocol", "owner", "access_key")
        text = {name: data.get(name, "") for name in names}
        port = data.get("port", 0)
        if not all(isinstance(value, str) for value in text.values()) or not text["session"]:
            return None
        if type(port) is not int or not 0 <= port <= 65535 or not text["app"]:
            return None
        return cls(port=port, **text)


@dataclass(slots=True)
class Proxy:
    """A proxy and how it is.

    Attributes:
        number: counts those of this run of the program.
        wanted: what it is for; its port is the one it got, once it had one.
        restore: to be opened again by the next run.
        link, why: how it is, and the reason when it is not open.
        tunnel: while it listens.
    """

    number: int
    wanted: Wanted
    restore: bool = False
    link: Link = Link.OPENING
    why: str = ""
    tunnel: AppTunnel | None = None
    total: int = 0
    sent: int = 0
    received: int = 0
    """Connections and bytes of earlier tunnels; those of the present one come on top."""

    @property
    def address(self) -> str:
        """Where it listens: an address for a browser, or host:port."""
        place = f"127.0.0.1:{self.wanted.port}"
        return f"http://{place}" if self.is_web else place

    @property
    def is_web(self) -> bool:
        """Whether a browser can show it."""
        return self.wanted.protocol == "http" or self.wanted.app in WEB_APPS

    def figures(self) -> tuple[int, int, int, int]:
        """Open connections, connections so far, bytes sent, bytes received."""
        tunnel = self.tunnel
        if tunnel is None:
            return 0, self.total, self.sent, self.received
        return (
            tunnel.connections,
            self.total + tunnel.total,
            self.sent + tunnel.sent,
            self.received + tunnel.received,
        )
