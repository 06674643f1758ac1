"""`POST /admin/graphql`: run a GraphQL document (graphql.md 1)."""

from __future__ import annotations

import asyncio
import shutil
from typing import Any

from aiohttp import web
from graphql import ExecutionResult, GraphQLError, execute

from bai_tui.local.gql.access import Request
from bai_tui.local.gql.schema import load_schema, prepare
from bai_tui.local.params import Field, mapping, nullable, params, text
from bai_tui.local.problems import GraphQLError as GraphQLProblem
from bai_tui.local.routing import Call, Route, add, reply

PARAMS = params(
    Field("query"),
    Field("variables", check=nullable(mapping), default=None),
    Field("operation_name", "operationName", check=nullable(text), default=None),
)


async def graphql(call: Call) -> web.StreamResponse:
    """Answer with the bare data object, or 400 with all errors if there is any."""
    document = prepare(call.params["query"])
    if isinstance(document, tuple):
        raise _problem(document)
    request = Request(call.ctx, call.caller)
    result = execute(
        load_schema(),
        document,
        context_value=request,
        variable_values=call.params["variables"],
        operation_name=call.params["operation_name"],
    )
    if not isinstance(result, ExecutionResult):
        result = await result
    if request.changed:
        call.ctx.scheduler.wake()
    for path in request.doomed:
        await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)
    if result.errors:
        raise _problem(tuple(result.errors))
    return reply(result.data)


def _problem(errors: tuple[GraphQLError, ...]) -> GraphQLProblem:
    return GraphQLProblem(data=[_formatted(error) for error in errors])


def _formatted(error: GraphQLError) -> dict[str, Any]:
    entry: dict[str, Any] = {"message": error.message}
    if error.locations:
        entry["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path:
        entry["path"] = list(error.path)
    return entry


def add_routes(app: web.Application) -> None:
    """Register the endpoint."""
    add(app, [Route("POST", "/admin/graphql", graphql, params=PARAMS)], versions=range(2, 5))
