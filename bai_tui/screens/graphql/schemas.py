"""The schema queries are checked by: the server's own, or the nearest that this package brings."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from graphql import GraphQLSchema

    from bai_tui.api import AsyncSession
    from bai_tui.api.versioning.releases import Release

BROUGHT: Final[tuple[tuple[Release, str], ...]] = (
    ((19, 9), "local/schema/19.09.graphql"),
    ((20, 3), "assets/graphql/20.03.graphql"),
    ((23, 9), "assets/graphql/23.09.graphql"),
)


@dataclass(frozen=True, slots=True)
class Known:
    """A schema.

    Attributes:
        own: whether the server told it itself. name: where it is from, in words.
    """

    schema: GraphQLSchema
    own: bool
    name: str


def brought(release: Release) -> Known:
    """The newest schema of this package that is not newer than a release."""
    from graphql import build_schema

    of, path = max((entry for entry in BROUGHT if entry[0] <= release), default=BROUGHT[0])
    place: Traversable = files("bai_tui")
    for part in path.split("/"):
        place = place / part
    text = place.read_text("utf-8")
    return Known(build_schema(text), False, f"the schema of {of[0]}.{of[1]:02}, brought along")


async def of_server(session: AsyncSession) -> Known:
    """What the server tells of itself.

    Raises:
        BackendError: it does not tell, as servers do where introspection is switched off.
    """
    from graphql import build_client_schema, get_introspection_query

    answer = await session.Admin.query(get_introspection_query(descriptions=True))
    try:
        return Known(build_client_schema(answer), True, "the server's schema")
    except (TypeError, ValueError, KeyError) as error:
        from bai_tui.api.exceptions import InvalidResponseError

        raise InvalidResponseError(f"The server's schema cannot be read: {error}") from None
