"""What the function classes share: they hold their session, and send JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bai_tui.api.request import Request

if TYPE_CHECKING:
    from bai_tui.api.session import AsyncSession

Fields = Iterable[str]
Item = dict[str, Any]
Slots = Mapping[str, Any] | str
"""Resource slots: a mapping, or the JSON text of one as the manual has it."""
Hosts = Iterable[str] | Mapping[str, Iterable[str]]
"""Names of vfolder hosts; for servers from 23.03 on also a mapping to permissions."""
_NO_BODY: Any = object()


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
            return await response.json()

    async def read(self, path: str, parameters: Mapping[str, Any]) -> Any:
        """GET with parameters, as the server's generation takes them: in the body or the query."""
        if self.session.generation.reads_in_body:
            return await self.call("GET", path, dict(parameters))
        return await self.call("GET", path, params=parameters)

    async def query(self, document: str, variables: Mapping[str, Any] | None = None) -> Any:
        """Run a GraphQL document; returns its data."""
        return await self.session.Admin.query(document, variables)

    async def select(
        self,
        name: str,
        fields: Fields,
        arguments: Mapping[str, tuple[str, Any]] | None = None,
        *,
        mutation: bool = False,
    ) -> Any:
        """Run one GraphQL field; `arguments` maps names to (GraphQL type of 19.09, value)."""
        arguments = arguments or {}
        types = self.session.generation.variable_types.get(name, {})
        arguments = {key: (types.get(key, kind), v) for key, (kind, v) in arguments.items()}
        declared = ", ".join(f"${key}: {kind}" for key, (kind, _) in arguments.items())
        passed = ", ".join(f"{key}: ${key}" for key in arguments)
        selection = " ".join(fields)
        document = (
            f"{'mutation' if mutation else 'query'}{f'({declared})' if declared else ''} "
            f"{{ {name}{f'({passed})' if passed else ''} {{ {selection} }} }}"
        )
        variables = {key: value for key, (_, value) in arguments.items()}
        data = await self.query(document, variables or None)
        return data[name]

    async def mutate(
        self, name: str, arguments: Mapping[str, tuple[str, Any]], result: str = ""
    ) -> Item:
        """Run a mutation; returns `{ok, msg[, result]}`, also when `ok` is false."""
        answer: Item = await self.select(name, ("ok msg", result), arguments, mutation=True)
        return answer

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
