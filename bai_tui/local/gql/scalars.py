"""Wire forms of the custom scalars (graphql.md 3.1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from graphql import GraphQLScalarType, GraphQLSchema

_INT32 = 2**31
_EXACT = 2**53 - 1


def big_int_out(value: Any) -> int | float:
    """An integer inside 32 bit, a float outside, an error beyond what a float holds exactly."""
    number = int(value)
    if abs(number) > _EXACT:
        raise ValueError(f"BigInt cannot represent {number}")
    return number if -_INT32 <= number < _INT32 else float(number)


def big_int_in(value: Any) -> int:
    """An integer (also written as a whole float)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise ValueError(f"BigInt cannot represent {value!r}")
    return int(value)


def time_out(value: datetime) -> str:
    """ISO 8601 with offset; the fraction is left out when it is zero."""
    return value.isoformat()


def time_in(value: Any) -> datetime:
    """ISO 8601 text."""
    return datetime.fromisoformat(str(value))


def json_in(value: Any) -> Any:
    """A string that contains JSON."""
    if not isinstance(value, str):
        raise ValueError("JSONString must be a string that contains JSON")
    return json.loads(value)


def uuid_in(value: Any) -> str:
    """Any spelling of a UUID, as lower-case text with dashes."""
    return str(UUID(value))


Coercer = Callable[[Any], Any]
SCALARS: dict[str, tuple[Coercer, Coercer]] = {
    "BigInt": (big_int_out, big_int_in),
    "DateTime": (time_out, time_in),
    "JSONString": (json.dumps, json_in),
    "UUID": (str, uuid_in),
}


def install(schema: GraphQLSchema) -> None:
    """Give the schema's scalars their wire forms."""
    for name, (out, inward) in SCALARS.items():
        scalar = schema.type_map[name]
        assert isinstance(scalar, GraphQLScalarType)
        # graphql-core 3.2 reads the first name of each pair, 3.3 the second.
        for attribute in ("serialize", "coerce_output_value"):
            setattr(scalar, attribute, out)
        for attribute in ("parse_value", "coerce_input_value"):
            setattr(scalar, attribute, inward)
