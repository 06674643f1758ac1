"""Lists of later servers, which come as connections of edges with nodes (graphql.md 12.6)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from bai_tui.api.exceptions import BackendAPIError
from bai_tui.api.functions.base import (
    Arguments,
    BaseFunction,
    Fields,
    Item,
    checked,
    objects,
    selection,
)

_EMPTY: Final = re.compile(r"Cannot return null for non-nullable field \w+\.(\w+)")


async def nodes(
    function: BaseFunction, name: str, fields: Fields, arguments: Arguments | None = None
) -> list[Item]:
    """The nodes of a connection.

    A server may have nothing to say where its schema wants something, as 26.9 has for the kind of
    some entries of its audit log. Then the whole node is missing from its answer, with an error:
    such nodes are asked for without that field, and come without it.

    Raises:
        InvalidResponseError: the answer is none.
    """
    wanted = tuple(fields)
    try:
        return _nodes(name, await _ask(function, name, wanted, arguments))
    except BackendAPIError as error:
        lacking = set(_EMPTY.findall(str(error)))
        answered = error.data.get("answered") if isinstance(error.data, dict) else None
        rest = tuple(field for field in wanted if field not in lacking)
        if not isinstance(answered, dict) or not rest or rest == wanted:
            raise
    whole = {_mark(node, rest): node for node in _nodes(name, answered.get(name))}
    every = _nodes(name, await _ask(function, name, rest, arguments))
    return [whole.get(_mark(node, rest), node) for node in every]


async def _ask(
    function: BaseFunction, name: str, fields: Sequence[str], arguments: Arguments | None
) -> Any:
    wanted = (f"edges {{ node {{ {selection(fields)} }} }}",)
    return await function.select(name, wanted, arguments)


def _nodes(name: str, answer: Any) -> list[Item]:
    what = f"GraphQL {name}"
    edges = objects(checked(answer, dict, what).get("edges"), what)
    return objects([edge.get("node") for edge in edges], what)


def _mark(node: Item, fields: Sequence[str]) -> str:
    """What two answers agree on for one node."""
    return json.dumps([node.get(field.partition(" ")[0]) for field in fields])
