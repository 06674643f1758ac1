"""Checking and completing queries by a schema; pure, graphql-core is loaded at first use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from graphql import GraphQLSchema

KEYWORDS: Final = ("query", "mutation", "fragment")
_TOKEN: Final = re.compile(
    r'"""(?:.|\n)*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*|\.\.\.|[A-Za-z_]\w*|[^\s\w]'
)


def schema_of(introspection: Mapping[str, Any]) -> GraphQLSchema:
    """The schema in the answer to an introspection."""
    from graphql import build_client_schema

    return build_client_schema(dict(introspection))  # type: ignore[arg-type]


def introspection_query() -> str:
    """What is asked of the server."""
    from graphql import get_introspection_query

    return get_introspection_query(descriptions=True)


def problems(schema: GraphQLSchema | None, text: str) -> list[str]:
    """What is wrong with a document, with lines; empty when nothing is."""
    from graphql import GraphQLError, parse, validate

    try:
        document = parse(text)
    except GraphQLError as error:
        return [_said(error)]
    return [_said(error) for error in validate(schema, document)] if schema is not None else []


def _said(error: Any) -> str:
    place = error.locations[0] if error.locations else None
    return f"line {place.line}: {error.message}" if place else str(error.message)


def changes(text: str) -> bool:
    """Whether a document contains a mutation."""
    from graphql import GraphQLError, OperationDefinitionNode, OperationType, parse

    try:
        document = parse(text)
    except GraphQLError:
        return False
    return any(
        isinstance(node, OperationDefinitionNode) and node.operation is OperationType.MUTATION
        for node in document.definitions
    )


def complete(schema: GraphQLSchema, before: str) -> list[str]:
    """Names that can stand at the end of a text, fitting the word begun there."""
    from graphql import get_named_type

    word = re.search(r"[A-Za-z_]\w*\Z", before)
    begun = word[0] if word else ""
    tokens = [t for t in _TOKEN.findall(before[: len(before) - len(begun)]) if t[0] != "#"]
    stack: list[Any] = []
    field: Any = None
    root = schema.query_type
    arguments = 0
    for index, token in enumerate(tokens):
        if token == "mutation" and not stack:
            root = schema.mutation_type
        elif token == "(":
            arguments += 1
        elif token == ")":
            arguments -= 1
        elif arguments:
            continue
        elif token == "{":
            stack.append(root if not stack else get_named_type(field.type) if field else None)
            field = None
        elif token == "}" and stack:
            stack.pop()
            field = None
        elif stack and re.match(r"[A-Za-z_]", token):
            following = tokens[index + 1] if index + 1 < len(tokens) else ""
            known = getattr(stack[-1], "fields", {})
            field = known.get(token, field) if following != ":" else field
    if arguments and stack:
        names = [f"{name}: " for name in getattr(field, "args", {})]
    elif stack:
        names = list(getattr(stack[-1], "fields", {}))
    else:
        names = list(KEYWORDS)
    return [name for name in names if name.startswith(begun) and name != begun]


def first_list(value: Any) -> list[Mapping[str, Any]]:
    """The first list of objects in an answer, else the object itself as one row."""
    if isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
        return value
    if isinstance(value, Mapping):
        plain = sum(not isinstance(inner, (Mapping, list)) for inner in value.values())
        if plain >= 2:
            return [value]
        for inner in value.values():
            if found := first_list(inner):
                return found
        return [value] if plain else []
    return []
