"""A bare signing client: what the cluster is tested with below the level of the API package."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from multidict import CIMultiDictProxy
from yarl import URL

from bai_tui.api.auth import authorization
from bai_tui.local.cluster import Credentials

VERSION = "v4.20190615"
PROBLEM = "https://api.backend.ai/probs/"


@dataclass
class Answer:
    """Status, headers and body of one response."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """The suffix of the problem type."""
        assert self.headers["Content-Type"] == "application/problem+json; charset=utf-8"
        return str(self.data["type"]).removeprefix(PROBLEM)

    def expect(self, status: int, problem: str | None = None) -> Any:
        """Check the status (and problem type); returns the parsed body if there is one."""
        assert self.status == status, (self.status, self.body[:500])
        if problem is not None:
            assert self.problem == problem
        return self.data if self.body and "json" in self.headers.get("Content-Type", "") else None


@dataclass
class Client:
    """Signs requests of one user."""

    http: aiohttp.ClientSession
    endpoint: str
    keys: Credentials | None
    headers: dict[str, str] = field(default_factory=dict)

    def sign(
        self, method: str, url: URL, content_type: str, version: str = VERSION
    ) -> dict[str, str]:
        now = datetime.now(UTC)
        headers = {"Date": now.isoformat(), "X-BackendAI-Version": version}
        if self.keys is not None:
            headers["Authorization"] = authorization(
                method,
                url,
                now,
                content_type,
                version,
                self.keys.access_key,
                self.keys.secret_key,
            )
        return headers

    async def call(
        self,
        method: str,
        path: str,
        data: Any = None,
        *,
        headers: dict[str, str] | None = None,
        form: aiohttp.FormData | None = None,
        content: bytes | None = None,
    ) -> Answer:
        url = URL(self.endpoint + path, encoded=True)
        body: Any = None
        content_type = "text/plain"
        if data is not None:
            body, content_type = json.dumps(data).encode(), "application/json"
        elif content is not None:
            body, content_type = content, "application/octet-stream"
        elif form is not None:
            body, content_type = form, "multipart/form-data"
        effective = (headers or {}).get("X-Method-Override", method)
        signed = self.sign(effective, url, content_type) | self.headers | (headers or {})
        if form is None:
            signed.setdefault("Content-Type", content_type)
        async with self.http.request(method, url, data=body, headers=signed) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str, data: Any = None, **options: Any) -> Answer:
        return await self.call("GET", path, data, **options)

    async def post(self, path: str, data: Any = None, **options: Any) -> Answer:
        return await self.call("POST", path, data, **options)

    async def delete(self, path: str, data: Any = None, **options: Any) -> Answer:
        return await self.call("DELETE", path, data, **options)

    async def gql(self, query: str, **variables: Any) -> Any:
        """Run a document that succeeds."""
        return (await self.post("/admin/graphql", {"query": query, "variables": variables})).expect(
            200
        )

    async def gql_errors(self, query: str, **variables: Any) -> list[str]:
        """Run a document that fails; the messages."""
        answer = await self.post("/admin/graphql", {"query": query, "variables": variables})
        problem = answer.expect(400, "graphql-error")
        assert problem["title"] == "GraphQL-generated error."
        return [error["message"] for error in problem["data"]]


Connect = Callable[..., Client]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """`connect(cluster, "user")`: a client for a seeded user (None = anonymous)."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())

        def make(cluster: Any, role: str | None = "superadmin") -> Client:
            keys = cluster.credentials[role] if role is not None else None
            return Client(session, cluster.endpoint, keys)

        yield make
