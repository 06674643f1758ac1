"""The GraphQL console: completion and checks by the server's schema, results, read-only mode."""

from __future__ import annotations

from pathlib import Path

from graphql import build_schema

from bai_tui.screens.graphql.language import changes, complete, first_list, problems
from tests.conftest import ThreadedCluster
from tests.screens.admin.test_flows import go
from tests.screens.driving import program

SCHEMA = build_schema(
    """type Query { user(email: String): User users: [User] }
    type User { email: String role: String groups: [Group] } type Group { name: String }
    type Mutation { remove(name: String!): User }"""
)


def test_names_that_can_stand_there() -> None:
    assert complete(SCHEMA, "{ us") == ["user", "users"]
    assert complete(SCHEMA, "{ user { ro") == ["role"]
    assert complete(SCHEMA, "{ user(") == ["email: "]
    assert complete(SCHEMA, '{ user(email: "{") { groups { ') == ["name"]
    assert complete(SCHEMA, "mutation { ") == ["remove"]
    assert complete(SCHEMA, "mu") == ["mutation"]


def test_what_is_wrong_and_what_changes() -> None:
    assert "line 1" in problems(SCHEMA, "{ nonsense }")[0]
    assert problems(SCHEMA, "{ users { email } }") == []
    assert changes('mutation { remove(name: "x") { email } }')
    assert not changes("{ users { email } }")
    assert not changes("{")


def test_the_rows_of_an_answer() -> None:
    assert first_list({"a": {"items": [{"x": 1}], "total": 1}}) == [{"x": 1}]
    assert first_list({"user": {"email": "e"}}) == [{"email": "e"}]
    assert first_list({}) == []


async def test_a_query_is_checked_run_and_shown(cluster: ThreadedCluster, tmp_path: Path) -> None:
    async with program(cluster.config_for(), tmp_path, (80, 24), read_only=True) as d:
        await d.shows("live")
        await go(d, "gql", "checked by the server's schema")
        await d.press("ctrl+g")
        await d.shows("superadmin@localhost", "answered")
        await d.press("ctrl+t")
        await d.shows("EMAIL", "ROLE")
        d.app.screen.editor.show("{ nonsense }")  # type: ignore[attr-defined]
        await d.shows("Cannot query field")
        d.app.screen.editor.show('mutation { delete_domain(name: "x") { ok } }')  # type: ignore[attr-defined]
        await d.press("ctrl+g")
        await d.shows("read-only mode")
