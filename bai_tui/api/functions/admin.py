"""GraphQL queries and mutations as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bai_tui.api.exceptions import BackendAPIError, InvalidResponseError
from bai_tui.api.functions.base import BaseFunction


class AdminAPI(BaseFunction):
    """`session.Admin`.

    Example:
        >>> data = await session.Admin.query("{ user { role } }")
        >>> data["user"]["role"]
        'user'
    """

    async def query(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """Run a document and return its data object (graphql.md 1).

        Raises:
            BackendAPIError: refused, or the document had errors (status 400, `data` lists them).
        """
        generation = self.session.generation
        body: dict[str, Any] = {"query": query}
        if variables is not None:
            body["variables"] = dict(variables)
        answer = await self.call("POST", generation.graphql, body)
        if not isinstance(answer, dict):
            raise InvalidResponseError("The GraphQL answer is not an object.")
        # By their form: servers changed it within a generation, and on the same path.
        if not answer or not answer.keys() <= {"data", "errors", "extensions"}:
            return answer
        if answer.get("errors"):
            raise BackendAPIError.of(
                400,
                "Bad Request",
                {
                    "type": "https://api.backend.ai/probs/graphql-error",
                    "title": "GraphQL-generated error",
                    "data": answer["errors"],
                    # What there was an answer to all the same.
                    "answered": answer.get("data"),
                },
            )
        return answer.get("data")
