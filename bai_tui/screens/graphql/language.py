"""Checking and completing queries by a schema; pure, graphql-core is loaded at first use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from graphql import DocumentNode, GraphQLSchema

KEYWORDS: Final = ("query", "mutation", "fragment")
_TOKEN: Final = re.compile(
    r'"""(?:.|\n)*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*|\.\.\.|[A-Za-z_]\w*|[^\s\w]'
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, and where: line and column from 0, or None where there is no place."""

    text: str
    place: tuple[int, int] | None = None

    def __str__(self) -> str:
        if self.place is None:
            return self.text
        return f"line {self.place[0] + 1}, column {self.place[1] + 1}: {self.text}"


def _mistake(error: Any) -> Mistake:
    for place in error.locations or ():
        return Mistake(str(error.message), (place.line - 1, place.column - 1))
    return Mistake(str(error.message))


def mistakes_told(data: Any) -> list[Mistake]:
    """Those in the problem document of a server's answer; none where it is of another form."""
    entries = data.get("data") if isinstance(data, Mapping) else None
    found = []
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, Mapping):
            continue
        places = entry.get("locations")
        place = places[0] if isinstance(places, list) and places else None
        at = None
        if isinstance(place, Mapping):
            line, column = place.get("line"), place.get("column")
            if isinstance(line, int) and isinstance(column, int):
                at = (max(0, line - 1), max(0, column - 1))
        found.append(Mistake(str(entry.get("message") or "an error without words"), at))
    return found


def _document(text: str) -> DocumentNode | None:
    from graphql import GraphQLError, parse

    try:
        return parse(text)
    except (GraphQLError, RecursionError):
        return None


def problems(schema: GraphQLSchema | None, text: str) -> list[Mistake]:
    """What is wrong with a document; empty when nothing is."""
    from graphql import GraphQLError, parse, validate

    try:
        document = parse(text)
    except GraphQLError as error:
        return [_mistake(error)]
    except RecursionError:
        return [Mistake("nested too deeply")]
    return [_mistake(error) for error in validate(schema, document)] if schema else []


def _declared(text: str) -> tuple[Any, ...]:
    """The variables of the first operation of a document."""
    from graphql import OperationDefinitionNode

    document = _document(text)
    for node in document.definitions if document is not None else ():
        if isinstance(node, OperationDefinitionNode):
            return tuple(node.variable_definitions or ())
    return ()


def variable_problems(
    schema: GraphQLSchema | None, text: str, typed: str
) -> tuple[dict[str, Any] | None, list[Mistake]]:
    """The variables in a JSON text, and what is wrong with them for a document.

    Those that are missing, that no variable is declared for, or that are not of the declared type
    are told; without a schema only the first two.
    """
    import json

    try:
        values = json.loads(typed) if typed.strip() else {}
    except json.JSONDecodeError as error:
        return None, [Mistake(f"variables: no JSON: {error.msg} at column {error.colno}")]
    except (ValueError, RecursionError):
        return None, [Mistake("variables: numbers too long, or nested too deeply")]
    if not isinstance(values, dict):
        return None, [Mistake('variables: a JSON object such as {"name": "default"}')]
    declared = _declared(text)
    names = {definition.variable.name.value for definition in declared}
    wrong = [Mistake(f"variables: the query declares no ${name}") for name in values.keys() - names]
    if schema is None:
        from graphql import NonNullTypeNode

        wrong += [
            Mistake(f"variables: ${node.variable.name.value} is needed")
            for node in declared
            if isinstance(node.type, NonNullTypeNode)
            and node.default_value is None
            and node.variable.name.value not in values
        ]
    else:
        from graphql.execution.values import get_variable_values

        coerced = get_variable_values(schema, list(declared), values)
        if isinstance(coerced, list):
            # Their places are those of the declarations; what is wrong is the value.
            wrong += [Mistake(f"variables: {error.message}") for error in coerced]
    return (values or None), wrong


def complete_variables(schema: GraphQLSchema | None, text: str, typed: str) -> list[str]:
    """Whole texts of variables that go on from what is typed: names, values of enums, the rest."""
    import json

    declared = {d.variable.name.value: d for d in _declared(text)}
    if not declared:
        return []
    given = set(re.findall(r'"(\w+)"\s*:', typed))
    lacking = [name for name in declared if name not in given]
    if not typed.strip():
        return [json.dumps({name: _sample(schema, declared[name]) for name in lacking})]
    found: list[str] = []
    if member := re.search(r'(?:^\s*\{|,)\s*("?)(\w*)\Z', typed):
        head = typed[: member.start(1)]
        found = [
            f'{head}"{name}": {json.dumps(_sample(schema, declared[name]))}'
            for name in lacking
            if name.startswith(member[2])
        ]
    elif value := re.search(r'"(\w+)"\s*:\s*("?)(\w*)\Z', typed):
        kind = _type_of(schema, declared[value[1]]) if value[1] in declared else None
        words = [f'"{w}"' for w in getattr(kind, "values", ())]
        if getattr(kind, "name", "") == "Boolean":
            words = ["true", "false"]
        head = typed[: value.start(2)]
        found = [head + word for word in words if word.startswith(value[2] + value[3])]
    return [entry for entry in found if entry.startswith(typed) and entry != typed]


def _type_of(schema: GraphQLSchema | None, definition: Any) -> Any:
    from graphql import get_named_type, type_from_ast

    return get_named_type(type_from_ast(schema, definition.type)) if schema is not None else None


def _sample(schema: GraphQLSchema | None, definition: Any, depth: int = 0) -> Any:
    """A value of the form that a variable has, to be written over."""
    from graphql import ListTypeNode, NonNullTypeNode, value_from_ast_untyped

    if definition.default_value is not None:
        return value_from_ast_untyped(definition.default_value)
    node = definition.type
    node = node.type if isinstance(node, NonNullTypeNode) else node
    if isinstance(node, ListTypeNode):
        return []
    return _sample_of(_type_of(schema, definition), depth)


def _sample_of(kind: Any, depth: int) -> Any:
    from graphql import (
        get_named_type,
        is_enum_type,
        is_input_object_type,
        is_list_type,
        is_required_input_field,
    )

    if is_enum_type(kind):
        return next(iter(kind.values))
    if is_input_object_type(kind) and depth < 3:
        needed = {n: f for n, f in kind.fields.items() if is_required_input_field(f)}
        return {
            name: []
            if is_list_type(getattr(field.type, "of_type", field.type))
            else _sample_of(get_named_type(field.type), depth + 1)
            for name, field in needed.items()
        }
    return {"Int": 0, "Float": 0.0, "Boolean": False}.get(getattr(kind, "name", ""), "")


def changes(text: str) -> bool:
    """Whether a document contains a mutation."""
    from graphql import OperationDefinitionNode, OperationType

    document = _document(text)
    return document is not None and any(
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
