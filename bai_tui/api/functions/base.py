"""What the function classes share: they hold their session, and send JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bai_tui.api.request import Request

if TYPE_CHECKING:
    from bai_tui.api.session import AsyncSession

Fields = Iterable[str]
Item = dict[str, Any]
_NO_BODY: Any = object()


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
    ) -> Any:
        """Send a request; returns the decoded answer, or None when it is empty.

        Raises:
            BackendAPIError: the server refused. BackendClientError: no usable answer.
        """
        request = Request(self.session, method, path, params=params)
        if body is not _NO_BODY:
            request.set_json(body)
        async with request.fetch(anonymous=anonymous) as response:
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
        """Run one GraphQL field; `arguments` maps names to (GraphQL type, value)."""
        arguments = arguments or {}
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
