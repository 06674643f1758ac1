"""Lists of later servers, which come as connections of edges with nodes (graphql.md 12.6)."""

from __future__ import annotations

from bai_tui.api.functions.base import (
    Arguments,
    BaseFunction,
    Fields,
    Item,
    checked,
    objects,
    selection,
)


async def nodes(
    function: BaseFunction, name: str, fields: Fields, arguments: Arguments | None = None
) -> list[Item]:
    """The nodes of a connection.

    Raises:
        InvalidResponseError: the answer is none.
    """
    what = f"GraphQL {name}"
    wanted = (f"edges {{ node {{ {selection(fields)} }} }}",)
    answer = checked(await function.select(name, wanted, arguments), dict, what)
    edges = objects(answer.get("edges"), what)
    return objects([edge.get("node") for edge in edges], what)
