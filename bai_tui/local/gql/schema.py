"""The executable schema: the schema file with scalars and a resolver for every root field."""

from __future__ import annotations

import inspect
import sqlite3
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import resources
from types import ModuleType
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    parse,
    validate,
)

from bai_tui.local.gql import scalars
from bai_tui.local.gql.access import Refused, Request
from bai_tui.local.gql.mutations import accounts as account_mutations
from bai_tui.local.gql.mutations import policies as policy_mutations
from bai_tui.local.gql.mutations import purge as purge_mutations
from bai_tui.local.gql.mutations import resources as resource_mutations
from bai_tui.local.gql.mutations import users as user_mutations
from bai_tui.local.gql.queries import accounts, sessions
from bai_tui.local.gql.queries import resources as resource_queries
from bai_tui.local.problems import GenericForbidden, ServerFrozen
from bai_tui.local.status import manager_status

SCHEMA_FILE = "19.09.graphql"

QUERY_MODULES = (sessions, accounts, resource_queries)
MUTATION_MODULES = (
    account_mutations,
    user_mutations,
    policy_mutations,
    resource_mutations,
    purge_mutations,
)

Resolver = Callable[..., Any]


@cache
def load_schema() -> GraphQLSchema:
    """The schema with all resolvers; built once per process.

    Raises:
        LookupError: a root field has no resolver.
    """
    path = resources.files("bai_tui.local") / "schema" / SCHEMA_FILE
    schema = build_schema(path.read_text("utf-8"))
    scalars.install(schema)
    for root, modules, wrap in (
        (schema.query_type, QUERY_MODULES, _query),
        (schema.mutation_type, MUTATION_MODULES, _mutation),
    ):
        assert isinstance(root, GraphQLObjectType)
        for name, field in root.fields.items():
            field.resolve = wrap(name, field, _find(name, modules))
    return schema


def _find(name: str, modules: tuple[ModuleType, ...]) -> Resolver:
    for module in modules:
        resolver = getattr(module, name, None)
        if inspect.isfunction(resolver) and resolver.__module__ == module.__name__:
            return resolver
    raise LookupError(f"no resolver for {name}")


def _all_arguments(field: GraphQLField, given: dict[str, Any]) -> dict[str, Any]:
    return {name: given.get(name) for name in field.args}


def _query(name: str, field: GraphQLField, resolver: Resolver) -> Resolver:
    def resolve(root: Any, info: Any, **given: Any) -> Any:
        request: Request = info.context
        if getattr(resolver, "superadmin_only", False) and not request.is_superadmin:
            raise GenericForbidden("superadmin privilege required")
        return resolver(request, **_all_arguments(field, given))

    return resolve


def _mutation(name: str, field: GraphQLField, resolver: Resolver) -> Resolver:
    def resolve(root: Any, info: Any, **given: Any) -> dict[str, Any]:
        request: Request = info.context
        if manager_status(request.ctx) == "frozen":
            raise ServerFrozen
        arguments = _all_arguments(field, given)
        if "props" in arguments:
            # An absent property and null mean the same.
            kind = field.args["props"].type
            names = kind.of_type.fields  # type: ignore[union-attr]
            arguments["props"] = {key: arguments["props"].get(key) for key in names}
        try:
            if getattr(resolver, "superadmin_only", False) and not request.is_superadmin:
                raise Refused(f"no permission to execute {name}")
            with request.store.transaction():
                result: dict[str, Any] = resolver(request, **arguments)
        except Refused as refusal:
            return {"ok": False, "msg": str(refusal)}
        except sqlite3.IntegrityError as error:
            return {"ok": False, "msg": f"integrity error: {error}"}
        except sqlite3.Error as error:
            return {"ok": False, "msg": f"unexpected error: {error}"}
        request.changed = True
        return {"ok": True, "msg": "success"} | result

    return resolve


@lru_cache(maxsize=256)
def prepare(query: str) -> DocumentNode | tuple[GraphQLError, ...]:
    """Parse and validate a document; returns it or what is wrong with it."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return (error,)
    return tuple(validate(load_schema(), document)) or document
