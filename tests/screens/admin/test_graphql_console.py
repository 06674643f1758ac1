"""The GraphQL console: completion and checks by the server's schema, results, read-only mode."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema

from bai_tui.api import AsyncSession, PermissionDeniedError
from bai_tui.api.versioning import GENERATIONS
from bai_tui.screens.graphql import schemas
from bai_tui.screens.graphql.language import (
    Mistake,
    changes,
    complete,
    complete_variables,
    first_list,
    mistakes_told,
    problems,
    variable_problems,
)
from bai_tui.screens.graphql.schemas import Known, brought
from tests.conftest import ThreadedCluster
from tests.screens.admin.hands import go
from tests.screens.driving import program
from tests.waiting import until

SCHEMA = build_schema(
    """type Query { user(email: String): User users: [User] }
    type User { email: String role: String groups: [Group] } type Group { name: String }
    enum Role { admin user } input Props { size: Int! role: Role names: [String!]! }
    type Mutation { remove(name: String!): User
      make(props: Props!, role: Role, on: Boolean): User }"""
)


def test_names_that_can_stand_there() -> None:
    assert complete(SCHEMA, "{ us") == ["user", "users"]
    assert complete(SCHEMA, "{ user { ro") == ["role"]
    assert complete(SCHEMA, "{ user(") == ["email: "]
    assert complete(SCHEMA, '{ user(email: "{") { groups { ') == ["name"]
    assert complete(SCHEMA, "mutation { ") == ["remove", "make"]
    assert complete(SCHEMA, "mu") == ["mutation"]


def test_what_is_wrong_and_what_changes() -> None:
    (wrong,) = problems(SCHEMA, "{\n  nonsense }")
    assert wrong.place == (1, 2)
    assert "line 2, column 3: Cannot query field" in str(wrong)
    assert problems(SCHEMA, "{ users { email } }") == []
    assert changes('mutation { remove(name: "x") { email } }')
    assert not changes("{ users { email } }")
    assert not changes("{")


MAKE = (
    "mutation($p: Props!, $role: Role, $on: Boolean = true) "
    "{ make(props: $p, role: $role, on: $on) { email } }"
)


def said(typed: str, schema: GraphQLSchema | None = SCHEMA, text: str = MAKE) -> str:
    return "\n".join(map(str, variable_problems(schema, text, typed)[1]))


def test_variables_are_checked_by_their_types() -> None:
    good = '{"p": {"size": 1, "names": ["a"]}, "role": "user"}'
    assert said(good) == ""
    assert variable_problems(SCHEMA, MAKE, good)[0] == json.loads(good)
    assert "no JSON" in said("{")
    assert "a JSON object" in said("[1]")
    assert "declares no $q" in said('{"q": 1, "p": {"size": 1, "names": []}}')
    assert "'size'" in said('{"p": {"names": []}}')
    assert "Int cannot represent" in said('{"p": {"size": "big", "names": []}}')
    assert "does not exist in 'Role' enum" in said('{"p": {"size": 1, "names": []}, "role": "x"}')
    assert "'$p'" in said("")
    assert "$p is needed" in said("", None)
    assert said('{"p": 1}', None) == ""
    assert said("", text="{ users { email } }") == ""


def test_variables_are_completed() -> None:
    (whole,) = complete_variables(SCHEMA, MAKE, "")
    sample = {"p": {"size": 0, "names": []}, "role": "admin", "on": True}
    assert json.loads(whole) == sample
    assert complete_variables(SCHEMA, MAKE, '{"ro') == ['{"role": "admin"']
    assert complete_variables(SCHEMA, MAKE, '{"role": "u') == ['{"role": "user"']
    assert complete_variables(SCHEMA, MAKE, '{"on": f') == ['{"on": false']
    assert complete_variables(None, "{ x }", "") == []


def test_places_in_answers_of_servers() -> None:
    told = {
        "data": [{"message": "no", "locations": [{"line": 2, "column": 3}]}, 5, {"locations": 1}]
    }
    assert mistakes_told({"data": "no list"}) == mistakes_told(None) == []
    assert mistakes_told({"data": told["data"][:2]}) == [Mistake("no", (1, 2))]


@pytest.mark.parametrize("name", sorted({generation.schema for generation in GENERATIONS}))
def test_schemas_brought_along(name: str) -> None:
    known = brought(name)
    assert problems(known.schema, "{ users { email role } }") == []
    assert name in known.name
    assert not known.own


async def test_mistakes_are_marked_and_a_refusing_server_is_checked_by_another_schema(
    cluster: ThreadedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(session: AsyncSession) -> Known:
        raise PermissionDeniedError(403, "Forbidden", {"title": "introspection is switched off"})

    monkeypatch.setattr(schemas, "of_server", refuse)
    async with program(cluster.config_for(), tmp_path, (120, 40)) as d:
        await d.shows("live")
        await go(d, "gql", "checked by the schema of 19.09, brought along")
        view: Any = d.app.screen
        view.editor.show("{ user { emai\n  role } }")
        await d.shows("✗ line 1, column 10: Cannot query field 'emai'")
        await d.pilot.click("#verdict")
        await until(lambda: view.editor.cursor_location == (0, 9))
        # By a schema that is not its own the server decides; it says the place, too.
        await d.press("ctrl+g")
        await d.shows("run: ", "emai")
        view.editor.show("query($mail: String!) { user(email: $mail) { email role } }")
        await d.shows("✗ variables: Variable '$mail'")
        view.query_one("#variables").focus()
        await d.press("tab")
        await d.shows('{"mail": ""}')
        await d.paste('{"mail": 5}')
        await d.shows("String cannot represent")
        await d.paste('{"mail": "user@localhost"}', "enter")
        await d.shows("answered", "email: user@localhost")
        kept = d.app.remembered.get("graphql", "history", [])
        assert "query($mail" in kept[-1]
        view.editor.show(
            'mutation { create_user(email: "x@y.z", props: {username: "x", '
            'password: "hunter2", need_password_change: false, domain_name: "none"}) { ok } }'
        )
        view.variables.value = ""
        await d.press("ctrl+g")
        await d.shows("Send the mutation?")
        await d.press("y")
        await d.shows("ok: false")
        assert "hunter2" not in str(d.app.remembered.get("graphql", "history", []))


async def test_large_answers_do_not_block(tmp_path: Path, cluster: ThreadedCluster) -> None:
    async with program(cluster.config_for(), tmp_path, (80, 24)) as d:
        await go(d, "gql", "checked by the server's schema")
        view: Any = d.app.screen
        view._answer = {"rows": [{"number": n, "name": f"이름 {n}"} for n in range(10_000)]}
        begun = time.perf_counter()
        view._show()
        took = time.perf_counter() - begun
        await d.shows("rows [10000]")
        assert took < 1.0, f"{took:.2f} s"
        tree = view.query_one("#tree")
        tree.focus()
        await d.press("down", "enter")
        await d.shows("0…99", "900…999")
        assert len(tree.root.children[0].children) == 100
        await d.press("ctrl+t")
        await d.shows("NUMBER", "이름 0")


def test_the_rows_of_an_answer() -> None:
    assert first_list({"a": {"items": [{"x": 1}], "total": 1}}) == [{"x": 1}]
    assert first_list({"user": {"email": "e"}}) == [{"email": "e"}]
    assert first_list({}) == []


async def test_a_query_is_checked_run_and_shown(cluster: ThreadedCluster, tmp_path: Path) -> None:
    async with program(cluster.config_for(), tmp_path, (80, 24), read_only=True) as d:
        await d.shows("live")
        await go(d, "gql", "checked by the server's schema")
        view: Any = d.app.screen
        await d.press("ctrl+g")
        await d.shows("superadmin@localhost", "answered")
        await d.press("ctrl+t")
        await d.shows("EMAIL", "ROLE")
        view.editor.show("{ nonsense }")
        await d.shows("Cannot query field")
        view.editor.show('mutation { delete_domain(name: "x") { ok } }')
        await d.press("ctrl+g")
        await d.shows("read-only mode")
