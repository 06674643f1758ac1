"""What the function classes share: they hold their session, and send JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bai_tui.api.exceptions import InvalidResponseError
from bai_tui.api.request import Request

if TYPE_CHECKING:
    from bai_tui.api.session import AsyncSession

Fields = Iterable[str]
Item = dict[str, Any]
Slots = Mapping[str, Any] | str
"""Resource slots: a mapping, or the JSON text of one as the manual has it."""
Hosts = Iterable[str] | Mapping[str, Iterable[str]]
"""Names of vfolder hosts; for servers from 23.03 on also a mapping to permissions."""
Arguments = Mapping[str, tuple[str, Any]]
"""GraphQL argument to (its type in 19.09, value)."""
_NO_BODY: Any = object()

T = TypeVar("T")


def checked(answer: Any, kind: type[T], what: str) -> T:
    """An answer that must be of a kind.

    Raises:
        InvalidResponseError: it is of another; the text names the request.
    """
    if not isinstance(answer, kind) or (kind is int and isinstance(answer, bool)):
        raise InvalidResponseError(
            f"{what} answered {_KINDS.get(type(answer), 'nothing')}, not {_KINDS[kind]}."
        )
    return answer


def objects(answer: Any, what: str) -> list[Item]:
    """A list of objects; null entries are left out.

    Raises:
        InvalidResponseError: it is something else.
    """
    rows = checked(answer, list, what)
    return [checked(row, dict, f"{what} (an entry)") for row in rows if row is not None]


_KINDS: Final[dict[type, str]] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "yes or no",
}


def selection(fields: Fields) -> str:
    """Fields of a GraphQL selection.

    Raises:
        ValueError: a single text where several are expected, or none at all.
    """
    chosen = " ".join(listed(fields) or ())
    if not chosen.strip():
        raise ValueError("name at least one field")
    return chosen


def json_text(value: Slots | None) -> str | None:
    """What a field of type JSONString takes: text as it is, mappings encoded.

    Raises:
        ValueError: a text that is no JSON object.
    """
    if value is None or not isinstance(value, str):
        return None if value is None else json.dumps(dict(value), default=str)
    try:
        parsed = json.loads(value)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise ValueError(f"{value!r} is not a JSON object")
    return value


def properties(**values: Any) -> Item:
    """The fields of an input object; what is None is left out, which leaves it as it is."""
    return {key: value for key, value in values.items() if value is not None}


def listed(names: Iterable[str] | None) -> list[str] | None:
    """Names as a list; a single text is one mistake less to make.

    Raises:
        ValueError: a text where several names are expected.
    """
    if isinstance(names, str):
        raise ValueError(f"expected several names, got the text {names!r}")
    return None if names is None else [str(name) for name in names]


def text_of(item: Item, key: str, what: str) -> str:
    """A text an answer must have.

    Raises:
        InvalidResponseError: it has none.
    """
    value = item.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidResponseError(f"{what} answered without {key}.")
    return value


class BaseFunction:
    """Base of the function classes and accessors."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def call(
        self,
        method: str,
        path: str,
        body: Any = _NO_BODY,
        *,
        params: Mapping[str, Any] | None = None,
        anonymous: bool = False,
        raw: bool = False,
    ) -> Any:
        """Send a request; returns the decoded answer, or None when it is empty.

        With `raw` the answer's text, whatever it is.

        Raises:
            BackendAPIError: the server refused. BackendClientError: no usable answer.
        """
        request = Request(self.session, method, path, params=params)
        if body is not _NO_BODY:
            request.set_json(body)
        async with request.fetch(anonymous=anonymous) as response:
            if raw:
                return await response.text()
            if response.status == 204 or response.content_length == 0:
                return None
            return await response.decoded()

    async def item(self, method: str, path: str, body: Any = _NO_BODY, **options: Any) -> Item:
        """`call` for an answer that is an object; an empty one counts as `{}`.

        Raises:
            InvalidResponseError: it is something else.
        """
        answer = await self.call(method, path, body, **options)
        return checked({} if answer is None else answer, dict, f"{method} /{path}")

    async def read(self, path: str, parameters: Mapping[str, Any]) -> Any:
        """GET with parameters, as the server's generation takes them: in the body or the query."""
        reads = self.session.generation.reads
        body = dict(parameters) if "body" in reads else _NO_BODY
        return await self.call("GET", path, body, params=parameters if "query" in reads else None)

    async def read_item(self, path: str, parameters: Mapping[str, Any]) -> Item:
        """`read` for an answer that is an object.

        Raises:
            InvalidResponseError: it is something else.
        """
        return checked(await self.read(path, parameters), dict, f"GET /{path}")

    async def query(self, document: str, variables: Mapping[str, Any] | None = None) -> Any:
        """Run a GraphQL document; returns its data."""
        return await self.session.Admin.query(document, variables)

    async def select(
        self,
        name: str,
        fields: Fields,
        arguments: Arguments | None = None,
        *,
        mutation: bool = False,
    ) -> Any:
        """Run one GraphQL field; `arguments` maps names to (GraphQL type of 19.09, value)."""
        arguments = arguments or {}
        generation = self.session.generation
        types = generation.variable_types.get(name, {})
        arguments = {
            key: (types.get(key, kind), value)
            for key, (kind, value) in arguments.items()
            if (name, key) not in generation.dropped_arguments
        }
        declared = ", ".join(f"${key}: {kind}" for key, (kind, _) in arguments.items())
        passed = ", ".join(f"{key}: ${key}" for key in arguments)
        document = (
            f"{'mutation' if mutation else 'query'}{f'({declared})' if declared else ''} "
            f"{{ {name}{f'({passed})' if passed else ''} {{ {selection(fields)} }} }}"
        )
        variables = {key: value for key, (_, value) in arguments.items()}
        data = await self.query(document, variables or None)
        if not isinstance(data, dict) or name not in data:
            raise InvalidResponseError(f"The GraphQL answer has no {name}.")
        return data[name]

    async def row(
        self, name: str, fields: Fields, arguments: Arguments | None = None
    ) -> Item | None:
        """`select` for one object, or None."""
        answer = await self.select(name, fields, arguments)
        return None if answer is None else checked(answer, dict, f"GraphQL {name}")

    async def rows(
        self, name: str, fields: Fields, arguments: Arguments | None = None
    ) -> list[Item]:
        """`select` for a list of objects; what is not there any more is left out."""
        return objects(await self.select(name, fields, arguments), f"GraphQL {name}")

    async def page(self, name: str, fields: Fields, arguments: Arguments) -> Item:
        """`select` for a page of a list: `{"items": [objects], "total_count": int}`."""
        what = (f"items {{ {selection(fields)} }} total_count",)
        answer = checked(await self.select(name, what, arguments), dict, f"GraphQL {name}")
        objects(answer.get("items"), f"GraphQL {name}")
        checked(answer.get("total_count"), int, f"GraphQL {name}")
        return answer

    async def mutate(self, name: str, arguments: Arguments, result: str = "") -> Item:
        """Run a mutation; returns `{ok, msg[, result]}`, also when `ok` is false."""
        more = self.session.generation.mutation_results.get(name, "")
        answer = await self.select(name, ("ok msg", result, more), arguments, mutation=True)
        return checked(answer, dict, f"GraphQL {name}")

    def hosts(self, hosts: Hosts | None) -> Any:
        """Allowed vfolder hosts as the server's generation takes them.

        Names alone; from 23.03 on a JSON text that maps each to its permissions (all, when only
        names are given).
        """
        if hosts is None:
            return None
        if not self.session.generation.host_permissions:
            return listed(hosts)
        every = self.session.generation.host_permissions
        names = hosts if isinstance(hosts, Mapping) else dict.fromkeys(listed(hosts) or (), every)
        return json.dumps({name: list(granted) for name, granted in names.items()})
