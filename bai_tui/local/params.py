"""Request parameters: where they come from and how they are checked (rest-overview.md 4.1).

A `Params` object is data: field names with aliases, a check and a default. A check takes the raw
value and returns the converted one or raises `Invalid`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from aiohttp import web

from bai_tui.local.problems import InvalidAPIParams

Check = Callable[[Any], Any]
REQUIRED: Final = object()
"""Default of a field that must be given."""


class Invalid(Exception):
    """A value was refused; the argument is a text or `{field: text}`."""


def text(value: Any) -> str:
    """A string (numbers are not)."""
    if not isinstance(value, str):
        raise Invalid("value is not a string")
    return value


def boolean(value: Any) -> bool:
    """A JSON boolean only."""
    if not isinstance(value, bool):
        raise Invalid("value should be True or False")
    return value


_TRUE = {"t", "true", "y", "yes", "on", "1"}
_FALSE = {"f", "false", "n", "no", "off", "0", "none"}


def boolish(value: Any) -> bool:
    """A JSON boolean or one of the texts the protocol takes for one."""
    if isinstance(value, bool):
        return value
    word = str(value).lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise Invalid("value can't be converted to Bool")


def integer(least: int | None = None, most: int | None = None) -> Check:
    """An integer (or its text) within limits."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, (int, str, float, Decimal)):
            raise Invalid("value can't be converted to int")
        try:
            number = int(value)
        except (ValueError, OverflowError):
            raise Invalid("value can't be converted to int") from None
        if least is not None and number < least:
            raise Invalid(f"value is less than {least}")
        if most is not None and number > most:
            raise Invalid(f"value is greater than {most}")
        return number

    return check


def uuid_text(value: Any) -> str:
    """A UUID in any spelling; becomes lower case with dashes."""
    try:
        return str(UUID(text(value)))
    except ValueError:
        raise Invalid("value is not a UUID") from None


def mapping(value: Any) -> dict[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise Invalid("value is not a dict")
    return value


def anything(value: Any) -> Any:
    """Whatever was sent."""
    return value


def one_of(*words: str) -> Check:
    """One of the given texts."""

    def check(value: Any) -> str:
        if value not in words:
            raise Invalid("value doesn't match any variant")
        return str(value)

    return check


def matching(pattern: str) -> Check:
    """A text that the whole of `pattern` matches."""
    compiled = re.compile(pattern)

    def check(value: Any) -> str:
        if not compiled.fullmatch(text(value)):
            raise Invalid("value does not match pattern")
        return str(value)

    return check


def list_of(item: Check) -> Check:
    """A list whose items pass `item`; a single value of a query string counts as one item."""

    def check(value: Any) -> list[Any]:
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list):
            raise Invalid("value is not a list")
        return [item(entry) for entry in value]

    return check


def map_of(item: Check) -> Check:
    """A JSON object whose values pass `item`."""

    def check(value: Any) -> dict[str, Any]:
        return {str(key): item(entry) for key, entry in mapping(value).items()}

    return check


def nullable(check: Check) -> Check:
    """`check`, or null."""

    def wrapped(value: Any) -> Any:
        return None if value is None else check(value)

    return wrapped


class Field:
    """One parameter: its name and aliases, its check, its default (`REQUIRED` = none)."""

    __slots__ = ("check", "default", "name", "names")

    def __init__(self, *names: str, check: Check = text, default: Any = REQUIRED) -> None:
        self.name = names[0]
        self.names = names
        self.check = check
        self.default = default


@dataclass(frozen=True, slots=True)
class Params:
    """The parameters of an endpoint; unknown names are refused unless `extra`."""

    fields: tuple[Field, ...] = ()
    extra: bool = False

    def parse(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Check and convert.

        Raises:
            Invalid: with `{field: text}` for every wrong, missing or unknown field.
        """
        errors: dict[str, Any] = {}
        values: dict[str, Any] = {}
        left = dict(raw)
        for field in self.fields:
            given = [name for name in field.names if name in left]
            if not given:
                if field.default is REQUIRED:
                    errors[field.name] = "is required"
                else:
                    values[field.name] = field.default
                continue
            value = left.pop(given[0])
            for other in given[1:]:
                del left[other]
            try:
                values[field.name] = field.check(value)
            except Invalid as error:
                errors[given[0]] = error.args[0]
        if self.extra:
            values.update(left)
        else:
            errors.update({name: f"{name} is not allowed key" for name in left})
        if errors:
            raise Invalid(errors)
        return values


def params(*fields: Field, extra: bool = False) -> Params:
    """Shorthand for `Params`."""
    return Params(fields, extra)


NO_PARAMS = Params()


async def raw_params(request: web.Request) -> dict[str, Any]:
    """The unchecked parameters: JSON body if there is one, else the query.

    `owner_access_key` is taken out: only the query's counts, see `routing.Call.owner`.

    Raises:
        InvalidAPIParams: the body is not a JSON object (`Malformed body`).
    """
    if request.can_read_body:
        body = await request.read()
        if body:
            try:
                # Sizes and shares keep their digits.
                raw = json.loads(body.decode("utf-8"), parse_float=Decimal)
            except ValueError:
                raise InvalidAPIParams("Malformed body") from None
            if not isinstance(raw, dict):
                raise InvalidAPIParams("Malformed body")
            raw.pop("owner_access_key", None)
            return raw
    raw = {}
    for key in request.query:
        values = request.query.getall(key)
        raw[key] = values if len(values) > 1 else values[0]
    raw.pop("owner_access_key", None)
    return raw


async def read_params(request: web.Request, schema: Params) -> dict[str, Any]:
    """The checked parameters of a request.

    Raises:
        InvalidAPIParams: `Malformed body`, or `Input validation error` with `data` per field.
    """
    raw = await raw_params(request)
    try:
        return schema.parse(raw)
    except Invalid as error:
        raise InvalidAPIParams("Input validation error", error.args[0]) from None
