"""The schema queries are checked by: the server's own, or the nearest that this package brings."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from graphql import GraphQLSchema

    from bai_tui.api import AsyncSession

PLACES: Final = ("assets/graphql", "local/schema")
"""Where in the package there are schemas, each called as its release."""


@dataclass(frozen=True, slots=True)
class Known:
    """A schema.

    Attributes:
        own: whether the server told it itself. name: where it is from, in words.
    """

    schema: GraphQLSchema
    own: bool
    name: str


def brought(name: str) -> Known:
    """The schema of this package that has that name (`Generation.schema`)."""
    from graphql import build_schema

    root: Traversable = files("bai_tui")
    kept = [root.joinpath(*place.split("/"), f"{name}.graphql") for place in PLACES]
    text = next(path for path in kept if path.is_file()).read_text("utf-8")
    return Known(build_schema(text), False, f"the schema of {name}, brought along")


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
