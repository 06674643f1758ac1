"""Ways to clusters that outlive connections: a transfer belongs to a cluster and its user."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from bai_tui.files.model import Gate, PlaceError

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.identity import Identity

T = TypeVar("T")


class Connected(Gate, Protocol):
    """A connection, as the queue sees it."""

    @property
    def label(self) -> str:
        """Name of the cluster."""
        ...

    @property
    def endpoint(self) -> str:
        """Its address; empty before it is known."""
        ...

    @property
    def identity(self) -> Identity | None:
        """Who we are there, once known."""
        ...


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster and who one is there. Names and addresses change, but hardly both at once."""

    label: str
    endpoint: str
    access_key: str

    def fits(self, connection: Connected) -> bool:
        """Whether a connection leads there as the same user."""
        identity = connection.identity
        return (
            identity is not None
            and identity.access_key == self.access_key
            and (connection.label == self.label or connection.endpoint == self.endpoint)
        )


class Way:
    """The gate of transfers: leads through whatever connection to its cluster is in use."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.connection: Connected | None = None

    @property
    def read_only(self) -> bool:
        """Whether changes are off there."""
        return self.connection is not None and self.connection.read_only

    @property
    def ready(self) -> bool:
        """Whether its cluster is in use and answers."""
        return self.connection is not None and self.connection.ready

    @property
    def session(self) -> AsyncSession:
        """The session of the connection."""
        return self._connected().session

    async def write(self, change: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Change something there."""
        return await self._connected().write(change)

    def suspect(self, error: BaseException) -> None:
        """Tell the connection."""
        if self.connection is not None:
            self.connection.suspect(error)

    def _connected(self) -> Connected:
        if self.connection is None:
            raise PlaceError(f"it belongs to {self.cluster.label}, which is not in use")
        return self.connection


class Ways:
    """One way for every cluster and user."""

    def __init__(self) -> None:
        self._ways: dict[Cluster, Way] = {}

    def to(self, cluster: Cluster) -> Way:
        """The way there, made when there is none."""
        return self._ways.setdefault(cluster, Way(cluster))

    def through(self, connection: Connected) -> Way:
        """The way that a connection opens.

        Raises:
            PlaceError: it is not known yet who one is there.
        """
        for way in self._ways.values():
            if way.cluster.fits(connection):
                way.connection = connection
                return way
        identity = connection.identity
        if identity is None:
            raise PlaceError("there is no connection yet")
        way = self.to(Cluster(connection.label, connection.endpoint, identity.access_key))
        way.connection = connection
        return way

    def use(self, connection: Connected) -> None:
        """This connection, and no other, is in use."""
        for way in self._ways.values():
            if way.cluster.fits(connection):
                way.connection = connection
            elif way.connection is not connection or connection.identity is not None:
                way.connection = None
