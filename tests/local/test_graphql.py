"""GraphQL: the whole schema answers, privileges per role, every mutation, errors, paging."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type

from bai_tui.local.gql.scalars import big_int_out
from bai_tui.local.gql.schema import load_schema
from tests.local.conftest import Client, Connect
from tests.local.test_resource import insert_session

SCHEMA = load_schema()


def selection(kind: Any, depth: int = 0) -> str:
    """A selection of every field of a type, two objects deep."""
    kind = get_named_type(kind)
    if not isinstance(kind, GraphQLObjectType):
        return ""
    fields = []
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        if isinstance(inner, GraphQLObjectType):
            if depth < 2:
                fields.append(f"{name} {selection(inner, depth + 1)}")
        else:
            fields.append(name)
    return "{ " + " ".join(fields) + " }"


ARGUMENTS = {
    "agent": 'agent_id: "i-local"',
    "agent_list": "limit: 10, offset: 0",
    "image": 'reference: "python"',
    "resource_preset": 'name: "small"',
    "scaling_group": 'name: "default"',
    "scaling_groups_for_domain": 'domain: "default"',
    "scaling_groups_for_user_group": 'user_group: "x"',
    "scaling_groups_for_keypair": 'access_key: "x"',
    "vfolder_list": "limit: 10, offset: 0",
    "compute_session_list": "limit: 10, offset: 0",
    "compute_session": 'sess_id: "x"',
    "compute_workers": 'sess_id: "x"',
}


async def test_every_query_answers_every_field(fresh_cluster: Any, connect: Connect) -> None:
    boss = connect(fresh_cluster)
    kernel = insert_session(fresh_cluster, "superadmin", {"cpu": "1", "mem": "1024"})
    group_id = (await boss.gql("{ groups { id } }"))["groups"][0]["id"]
    name = f"s-{kernel[:8]}"
    arguments = ARGUMENTS | {"group": f'id: "{group_id}"', "compute_session": f'sess_id: "{name}"'}
    for field, definition in SCHEMA.query_type.fields.items():  # type: ignore[union-attr]
        given = f"({arguments[field]})" if field in arguments else ""
        found = await boss.gql(f"{{ {field}{given} {selection(definition.type)} }}")
        if field not in ("scaling_groups_for_user_group",):
            assert found[field] is not None, field


async def test_introspection_matches_the_schema_file(cluster: Any, connect: Connect) -> None:
    found = await connect(cluster).gql(
        "{ __schema { queryType { name } mutationType { name fields { name } } } }"
    )
    assert found["__schema"]["queryType"]["name"] == "Queries"
    names = [field["name"] for field in found["__schema"]["mutationType"]["fields"]]
    assert {"create_user", "purge_group", "rescan_images"} < set(names)
    assert len(names) == len(SCHEMA.mutation_type.fields)  # type: ignore[union-attr]


async def test_values_on_the_wire(fresh_cluster: Any, connect: Connect) -> None:
    boss = connect(fresh_cluster)
    stat = {"cpu_util": {"current": "1", "pct": "12.50"}, "mem": {"current": "5", "stats.max": "7"}}
    kernel = insert_session(
        fresh_cluster, "user", {"cpu": "1", "mem": str(2**33)}, last_stat=stat, status="TERMINATED"
    )
    found = await boss.gql(
        """{ compute_sessions { id sess_id occupied_slots created_at live_stat last_stat mem_slot
        cpu_slot cpu_using mem_cur_bytes mem_max_bytes group_name user_email service_ports } }"""
    )
    (row,) = found["compute_sessions"]
    assert row["id"] == kernel
    assert json.loads(row["occupied_slots"]) == {"cpu": "1", "mem": "8589934592"}
    assert row["mem_slot"] == 8192
    assert row["cpu_slot"] == 1.0
    assert json.loads(row["last_stat"]) == stat
    assert row["live_stat"] is None
    assert (row["cpu_using"], row["mem_cur_bytes"], row["mem_max_bytes"]) == (12.5, 5, 7)
    assert row["group_name"] == "default"
    assert row["user_email"] == "user@localhost"
    assert row["created_at"].endswith("+00:00")
    agent = (await boss.gql("{ agents { available_slots occupied_slots mem_slots } }"))["agents"][0]
    assert json.loads(agent["available_slots"]) == {"cpu": "64", "mem": str(2**36)}
    assert json.loads(agent["occupied_slots"]) == {"cpu": "0", "mem": "0"}


def test_big_int() -> None:
    assert big_int_out(2**31 - 1) == 2147483647
    assert isinstance(big_int_out(2**31), float)
    assert isinstance(big_int_out(-(2**31)), int)
    with pytest.raises(ValueError, match="BigInt"):
        big_int_out(2**53)


async def test_errors_have_the_documented_shape(cluster: Any, connect: Connect) -> None:
    user = connect(cluster, "user")
    answer = await user.post("/admin/graphql", {"query": "{ agents { id } }"})
    assert answer.expect(400, "graphql-error")["data"] == [
        {
            "message": "Forbidden operation. (superadmin privilege required)",
            "locations": [{"line": 1, "column": 3}],
            "path": ["agents"],
        }
    ]
    syntax = (await user.post("/admin/graphql", {"query": "{"})).expect(400, "graphql-error")
    assert "path" not in syntax["data"][0]
    unknown = (await user.post("/admin/graphql", {"query": "{ nope }"})).expect(400)
    assert "path" not in unknown["data"][0]
    two = {"query": "query A { domain { name } } query B { domain { name } }"}
    assert set((await user.post("/admin/graphql", two)).expect(400)["data"][0]) == {"message"}
    both = (await user.post("/admin/graphql", two | {"operationName": "A"})).expect(200)
    assert both == {"domain": {"name": "default"}}
    (await user.post("/admin/graphql", two | {"extra": 1})).expect(400, "invalid-api-params")
    (await connect(cluster, None).post("/admin/graphql", two)).expect(401, "auth-failed")
    # Partial data is thrown away.
    assert await user.gql_errors("{ domain { name } domains { name } }")
    assert await user.gql_errors('{ compute_sessions(status: "NOPE") { id } }') == ["'NOPE'"]


FORBIDDEN = "Forbidden operation."
UNKNOWN_ROLE = "Missing or invalid API parameters. (Unknown client role)"
NO_PRIVILEGE = "Insufficient privilege."


@pytest.mark.parametrize(
    ("query", "admin", "user", "monitor"),
    [
        ("{ domains { name } }", *[f"{FORBIDDEN} (superadmin privilege required)"] * 3),
        ('{ domain(name: "other") { name } }', *["Unknown URL path. (no such domain)"] * 3),
        ("{ domain { name } }", None, None, None),
        ("{ users { email } }", None, NO_PRIVILEGE, UNKNOWN_ROLE),
        ('{ users(domain_name: "other") { email } }', FORBIDDEN, NO_PRIVILEGE, UNKNOWN_ROLE),
        ("{ groups { name } }", None, None, UNKNOWN_ROLE),
        ('{ groups(domain_name: "other") { name } }', NO_PRIVILEGE, None, UNKNOWN_ROLE),
        ('{ group(id: "OTHER") { name } }', NO_PRIVILEGE, NO_PRIVILEGE, UNKNOWN_ROLE),
        ("{ compute_sessions { id } }", None, None, UNKNOWN_ROLE),
        ('{ compute_sessions(domain_name: "o") { id } }', FORBIDDEN, FORBIDDEN, UNKNOWN_ROLE),
        ('{ compute_sessions(access_key: "A") { id } }', None, FORBIDDEN, UNKNOWN_ROLE),
        ('{ user(email: "admin@localhost") { uuid } }', None, FORBIDDEN, UNKNOWN_ROLE),
        ('{ keypair(access_key: "A") { user_id } }', None, FORBIDDEN, UNKNOWN_ROLE),
        ('{ keypairs(email: "admin@localhost") { user_id } }', None, FORBIDDEN, UNKNOWN_ROLE),
        ("{ keypair_resource_policies { name } }", None, None, UNKNOWN_ROLE),
        ("{ keypair_resource_policy { name } }", None, None, None),
        ("{ resource_presets { name } }", None, None, None),
        ("{ images { name } }", None, None, None),
        ('{ image(reference: "nope") { name } }', *["No such environment image."] * 3),
        ("{ vfolders { name } }", None, None, UNKNOWN_ROLE),
    ],
)
async def test_privileges_of_queries(
    cluster: Any,
    connect: Connect,
    query: str,
    admin: str | None,
    user: str | None,
    monitor: str | None,
) -> None:
    other = await foreign_group(connect(cluster))
    for role, expected in (("admin", admin), ("user", user), ("monitor", monitor)):
        client = connect(cluster, role)
        text = query.replace("OTHER", other)
        if expected is None:
            assert await client.gql(text)
        else:
            assert await client.gql_errors(text) == [expected], role


async def foreign_group(boss: Client) -> str:
    """Id of a group in domain `other`, made if need be."""
    await boss.gql('mutation { create_domain(name: "other", props: {is_active: true}) { ok } }')
    await boss.gql(
        """mutation { create_group(name: "guests", props: {domain_name: "other", is_active: true})
        { ok } }"""
    )
    found = await boss.gql('{ groups(domain_name: "other") { id } }')
    return str(found["groups"][0]["id"])


async def test_scopes_of_lists(fresh_cluster: Any, connect: Connect) -> None:
    boss, user = connect(fresh_cluster), connect(fresh_cluster, "user")
    mine = insert_session(fresh_cluster, "user", {"cpu": "1"})
    other = insert_session(fresh_cluster, "user2", {"cpu": "1"})
    query = "{ compute_sessions { id } }"
    assert [row["id"] for row in (await user.gql(query))["compute_sessions"]] == [mine]
    found = (await connect(fresh_cluster, "admin").gql(query))["compute_sessions"]
    assert {row["id"] for row in found} == {mine, other}
    key = fresh_cluster.credentials["user2"].access_key
    query = f'{{ compute_sessions(access_key: "{key}") {{ id }} }}'
    assert [row["id"] for row in (await boss.gql(query))["compute_sessions"]] == [other]
    own = (await user.gql("{ keypairs { user_id secret_key compute_sessions { id } } }"))[
        "keypairs"
    ]
    assert own == [
        {
            "user_id": "user@localhost",
            "secret_key": fresh_cluster.credentials["user"].secret_key,
            "compute_sessions": [{"id": mine}],
        }
    ]
    # Registries bound what others than the superadmin see.
    await boss.gql(
        'mutation { modify_domain(name: "default", props: {allowed_docker_registries: []}) { ok } }'
    )
    assert (await user.gql("{ images { name } }"))["images"] == []
    assert (await boss.gql("{ images { name } }"))["images"]
    assert await user.gql_errors('{ image(reference: "python") { name } }')


async def test_paging_and_order(fresh_cluster: Any, connect: Connect) -> None:
    boss = connect(fresh_cluster)
    start = fresh_cluster.cluster.clock.now()
    ids = [
        insert_session(
            fresh_cluster,
            "superadmin",
            {"cpu": "1"},
            sess_id=f"name-{number:02}",
            created_at=start + timedelta(seconds=number),
            status="PENDING" if number % 2 else "RUNNING",
        )
        for number in range(25)
    ]

    async def page(arguments: str) -> Any:
        query = f"{{ compute_session_list({arguments}) {{ items {{ id }} total_count }} }}"
        found = (await boss.gql(query))["compute_session_list"]
        return [row["id"] for row in found["items"]], found["total_count"]

    assert await page("limit: 10, offset: 0") == (ids[:14:-1], 25)
    assert await page("limit: 10, offset: 20") == (ids[4::-1], 25)
    assert await page("limit: 10, offset: 99") == ([], 25)
    ascending = 'limit: 3, offset: 0, order_key: "sess_id", order_asc: true'
    assert await page(ascending) == (ids[:3], 25)
    assert (await page('limit: 2, offset: 0, order_key: "sess_id"'))[0] == ids[:22:-1]
    assert (await page('limit: 99, offset: 0, status: "PENDING, ERROR"'))[1] == 12
    for bad in ('limit: 1, offset: 0, order_key: "nope; DROP"', "limit: -1, offset: 0"):
        with pytest.raises(AssertionError):
            await page(bad)
    # A later status change moves a session to the front.
    fresh_cluster.run(
        lambda: fresh_cluster.cluster.context.store.update(
            "kernels", {"id": ids[3]}, status_changed=start + timedelta(hours=1)
        )
    )
    assert (await page("limit: 1, offset: 0"))[0] == [ids[3]]


async def test_compute_session_by_name(fresh_cluster: Any, connect: Connect) -> None:
    boss = connect(fresh_cluster)
    insert_session(fresh_cluster, "user", {"cpu": "1"}, sess_id="twin")
    query = '{ compute_session(sess_id: "twin") { sess_id status } }'
    assert (await boss.gql(query))["compute_session"]["status"] == "RUNNING"
    insert_session(fresh_cluster, "user2", {"cpu": "1"}, sess_id="twin")
    assert await boss.gql_errors(query) == ["There are two or more matching kernels."]
    assert (await boss.gql('{ compute_session(sess_id: "none") { id } }')) == {
        "compute_session": None
    }


def props(**values: Any) -> dict[str, Any]:
    return {"props": values}


async def change(client: Client, name: str, want: str = "ok msg", /, **arguments: Any) -> Any:
    """Run one mutation with variables of the declared types."""
    field = SCHEMA.mutation_type.fields[name]  # type: ignore[union-attr]
    types = {key: str(field.args[key].type) for key in arguments}
    heads = ", ".join(f"${key}: {kind}" for key, kind in types.items())
    uses = ", ".join(f"{key}: ${key}" for key in types)
    query = f"mutation({heads}) {{ {name}({uses}) {{ {want} }} }}".replace("()", "")
    return (await client.gql(query, **arguments))[name]


SUCCESS = {"ok": True, "msg": "success"}
GONE = {"ok": False, "msg": "no matching record"}


async def test_domains_and_groups(fresh_cluster: Any, connect: Connect) -> None:
    boss, admin = connect(fresh_cluster), connect(fresh_cluster, "admin")
    made = await change(
        boss,
        "create_domain",
        "ok msg domain { name is_active total_resource_slots }",
        name="lab",
        **props(is_active=True, total_resource_slots='{"cpu": 4, "mem": "1g"}'),
    )
    assert made["domain"] == {
        "name": "lab",
        "is_active": True,
        "total_resource_slots": '{"cpu": "4", "mem": "1073741824"}',
    }
    twice = await change(boss, "create_domain", name="lab", **props())
    assert twice["msg"].startswith("integrity error:")
    slug = "invalid name format. slug format required."
    assert await change(boss, "create_domain", name="a b", **props()) == {"ok": False, "msg": slug}
    refused = {"ok": False, "msg": "no permission to execute create_domain"}
    assert await change(admin, "create_domain", name="x", **props()) == refused

    group = await change(
        boss, "create_group", "ok group { id name }", name="team", **props(domain_name="lab")
    )
    gid = group["group"]["id"]
    refused = {"ok": False, "msg": "no permission to execute create_group"}
    assert await change(admin, "create_group", name="x", **props(domain_name="lab")) == refused
    own = await change(
        admin, "create_group", "ok group { id }", name="own", **props(domain_name="default")
    )
    assert own["ok"]
    assert await boss.gql_errors(
        'mutation { create_group(name: "bad name", props: {domain_name: "lab"}) { ok } }'
    ) == [slug]

    renamed = await change(
        boss, "modify_domain", "ok domain { name }", name="lab", **props(name="lab2")
    )
    assert renamed["domain"] == {"name": "lab2"}
    found = (await boss.gql(f'{{ group(id: "{gid}") {{ domain_name }} }}'))["group"]
    assert found == {"domain_name": "lab2"}
    assert await change(boss, "modify_domain", name="lab", **props(description="x")) == GONE

    nothing = {"ok": False, "msg": "nothing to update"}
    assert await change(boss, "modify_group", gid=gid, **props()) == nothing
    user_id = (await boss.gql('{ user(email: "user@localhost") { uuid } }'))["user"]["uuid"]
    members = props(user_update_mode="add", user_uuids=[user_id])
    joined = await change(boss, "modify_group", "ok group { id }", gid=gid, **members)
    assert joined == {"ok": True, "group": None}
    listed = (await boss.gql(f'{{ users(group_id: "{gid}") {{ email groups {{ name }} }} }}'))[
        "users"
    ]
    assert [entry["email"] for entry in listed] == ["user@localhost"]
    assert {"name": "team"} in listed[0]["groups"]
    members = props(user_update_mode="remove", user_uuids=[user_id])
    assert (await change(boss, "modify_group", gid=gid, **members)) == SUCCESS
    described = await change(
        boss, "modify_group", "ok group { description }", gid=gid, **props(description="A team")
    )
    assert described["group"] == {"description": "A team"}
    refused = {"ok": False, "msg": "no permission to execute modify_group"}
    assert await change(admin, "modify_group", gid=gid, **props(description="x")) == refused

    stays = await boss.gql_errors('mutation { purge_domain(name: "lab2") { ok } }')
    assert stays == ["There are groups bound to the domain. Remove them first."]
    assert await change(boss, "delete_group", gid=gid) == SUCCESS
    assert (await boss.gql(f'{{ group(id: "{gid}") {{ is_active }} }}'))["group"] == {
        "is_active": False
    }
    assert await change(boss, "purge_group", gid=gid) == SUCCESS
    assert await change(boss, "delete_domain", name="lab2") == SUCCESS
    assert await change(boss, "purge_domain", name="lab2") == SUCCESS
    assert (await boss.gql('{ domain(name: "lab2") { name } }')) == {"domain": None}


async def test_users_and_keys(fresh_cluster: Any, connect: Connect) -> None:
    boss = connect(fresh_cluster)
    group_id = (await boss.gql("{ groups { id } }"))["groups"][0]["id"]
    new = {
        "username": "",
        "password": "pw",
        "need_password_change": False,
        "is_active": True,
        "domain_name": "default",
        "role": "admin",
        "group_ids": [group_id, str(uuid.uuid4())],
    }
    email = "new@example.com"
    made = await change(
        boss,
        "create_user",
        "ok msg user { email username groups { name } }",
        email=email,
        **props(**new),
    )
    assert made == SUCCESS | {"user": {"email": email, "username": email, "groups": None}}
    again = await change(boss, "create_user", email=email, **props(**new))
    assert again["msg"].startswith("integrity error:")
    query = f"""{{ user(email: "{email}") {{ password groups {{ name }} }}
        keypairs(email: "{email}") {{ access_key is_admin is_active rate_limit }} }}"""
    found = await boss.gql(query)
    assert found["user"] == {"password": None, "groups": [{"name": "default"}]}
    (key,) = found["keypairs"]
    assert (key["is_admin"], key["is_active"], key["rate_limit"]) == (True, True, 10000)

    changed = await change(
        boss,
        "modify_user",
        "ok user { role full_name }",
        email=email,
        **props(role="user", full_name="N"),
    )
    assert changed["user"] == {"role": "user", "full_name": "N"}
    assert (await boss.gql(query))["keypairs"][0]["is_admin"] is False
    assert await change(boss, "modify_user", email=email, **props()) == {
        "ok": False,
        "msg": "nothing to update",
    }
    assert await change(boss, "modify_user", email="x@y", **props(role="user")) == {
        "ok": False,
        "msg": "no such user",
    }

    policy = {"resource_policy": "default", "rate_limit": 5, "is_active": True, "is_admin": False}
    second = await change(
        boss,
        "create_keypair",
        "ok msg keypair { access_key secret_key ssh_public_key }",
        user_id=email,
        **props(**policy),
    )
    access_key = second["keypair"]["access_key"]
    assert access_key.startswith("AKIA")
    assert len(access_key) == 20
    assert len(second["keypair"]["secret_key"]) == 40
    assert second["keypair"]["ssh_public_key"].startswith("ssh-rsa ")
    assert (await change(boss, "create_keypair", user_id="x@y", **props(**policy))) == {
        "ok": False,
        "msg": "User not found: x@y",
    }
    lost = await change(
        boss, "create_keypair", user_id=email, **props(**policy | {"resource_policy": "no"})
    )
    assert lost["msg"].startswith("integrity error:")
    assert (
        await change(boss, "modify_keypair", access_key=access_key, **props(is_active=False))
        == SUCCESS
    )
    assert await change(boss, "modify_keypair", access_key="no", **props(is_active=False)) == GONE
    assert await change(boss, "delete_keypair", access_key=access_key) == SUCCESS
    assert await change(boss, "delete_keypair", access_key=access_key) == GONE

    assert await change(boss, "delete_user", email=email) == SUCCESS
    assert (await boss.gql(query))["keypairs"][0]["is_active"] is False
    assert await change(boss, "purge_user", email=email, **props()) == SUCCESS
    assert (await boss.gql(query)) == {"user": None, "keypairs": []}
    insert_session(fresh_cluster, "user", {"cpu": "1"})
    busy = await change(boss, "purge_user", email="user@localhost", **props())
    assert busy["msg"].startswith("unexpected error:")
    used = fresh_cluster.credentials["user"].access_key
    kept = await change(boss, "delete_keypair", access_key=used)
    assert kept["msg"].startswith("integrity error:")


async def test_policies_presets_scaling_groups_images(fresh_cluster: Any, connect: Connect) -> None:
    boss, admin = connect(fresh_cluster), connect(fresh_cluster, "admin")
    policy = {
        "default_for_unspecified": "LIMITED",
        "total_resource_slots": '{"mem": "2g", "cpu": 1}',
        "max_concurrent_sessions": 3,
        "max_containers_per_session": 1,
        "idle_timeout": 60,
        "max_vfolder_count": 2,
        "max_vfolder_size": 3000000000,
    }
    made = await change(
        boss,
        "create_keypair_resource_policy",
        "ok resource_policy { name total_resource_slots max_vfolder_size allowed_vfolder_hosts }",
        name="strict",
        **props(**policy),
    )
    assert made["resource_policy"] == {
        "name": "strict",
        "total_resource_slots": '{"mem": "2147483648", "cpu": "1"}',
        "max_vfolder_size": 3000000000.0,
        "allowed_vfolder_hosts": [],
    }
    odd = props(**policy | {"default_for_unspecified": "SOME"})
    refused = await change(boss, "create_keypair_resource_policy", name="odd", **odd)
    assert refused["msg"].startswith("integrity error:")
    modify, delete = "modify_keypair_resource_policy", "delete_keypair_resource_policy"
    assert await change(boss, modify, name="strict", **props(idle_timeout=0)) == SUCCESS
    assert await change(boss, modify, name="none", **props(idle_timeout=0)) == GONE
    assert await change(boss, modify, name="none", **props()) == GONE
    assert (await change(boss, delete, name="default"))["msg"].startswith("integrity error:")
    assert await change(boss, delete, name="strict") == SUCCESS

    preset = props(resource_slots='{"cpu": 8}', shared_memory="1g")
    made = await change(
        boss,
        "create_resource_preset",
        "resource_preset { resource_slots shared_memory }",
        name="huge",
        **preset,
    )
    assert made["resource_preset"] == {"resource_slots": '{"cpu": "8"}', "shared_memory": 2**30}
    assert (
        await change(boss, "modify_resource_preset", name="huge", **props(shared_memory="2m"))
        == SUCCESS
    )
    assert await change(boss, "delete_resource_preset", name="huge") == SUCCESS
    assert await change(boss, "delete_resource_preset", name="huge") == GONE

    group = props(driver="static", scheduler="fifo", scheduler_opts='{"a": 1}', is_active=True)
    made = await change(
        boss,
        "create_scaling_group",
        "scaling_group { name scheduler_opts driver_opts }",
        name="gpu",
        **group,
    )
    assert made["scaling_group"] == {
        "name": "gpu",
        "scheduler_opts": '{"a": 1}',
        "driver_opts": "{}",
    }
    assert (
        await change(boss, "modify_scaling_group", name="gpu", **props(description="x")) == SUCCESS
    )
    gid = (await boss.gql("{ groups { id } }"))["groups"][0]["id"]
    key = fresh_cluster.credentials["user"].access_key
    targets = {"domain": "default", "user_group": gid, "access_key": key}
    for kind, suffix in (
        ("domain", "domain"),
        ("user_group", "user_group"),
        ("access_key", "keypair"),
    ):
        link = {"scaling_group": "gpu", kind: targets[kind]}
        assert await change(boss, f"associate_scaling_group_with_{suffix}", **link) == SUCCESS
        twice = await change(boss, f"associate_scaling_group_with_{suffix}", **link)
        assert twice["msg"].startswith("integrity error:")
        names = (await connect(fresh_cluster, "user").get("/scaling-groups?group=default")).expect(
            200
        )
        assert {"name": "gpu"} in names["scaling_groups"]
        assert await change(boss, f"disassociate_scaling_group_with_{suffix}", **link) == SUCCESS
        assert await change(boss, f"disassociate_scaling_group_with_{suffix}", **link) == GONE
    await change(boss, "associate_scaling_group_with_domain", scaling_group="gpu", domain="default")
    shown = await boss.gql(
        '{ scaling_groups_for_domain(domain: "default") { name } domain { scaling_groups } }'
    )
    assert shown["domain"]["scaling_groups"] == ["default", "gpu"]
    assert [row["name"] for row in shown["scaling_groups_for_domain"]] == ["default", "gpu"]
    every = "disassociate_all_scaling_groups_with_domain"
    assert await change(boss, every, domain="default") == SUCCESS
    every = "disassociate_all_scaling_groups_with_group"
    assert await change(boss, every, user_group=gid) == GONE
    assert await change(boss, "delete_scaling_group", name="gpu") == SUCCESS
    used = await change(boss, "delete_scaling_group", name="default")
    assert used["msg"].startswith("integrity error:")

    empty = {"ok": True, "msg": ""}
    assert await change(boss, "alias_image", alias="mine", target="python") == empty
    assert (await boss.gql('{ image(reference: "mine") { name } }'))["image"] == {"name": "python"}
    assert await change(boss, "dealias_image", alias="mine") == empty
    assert await change(boss, "dealias_image", alias="mine") == GONE
    assert await change(boss, "alias_image", alias="mine", target="none") == GONE
    assert await change(boss, "forget_image", reference="python") == empty
    assert (await boss.gql("{ images { name } }"))["images"] == []
    assert await change(admin, "rescan_images") == empty
    assert (await boss.gql('{ image(reference: "python") { registry } }'))["image"][
        "registry"
    ] == "local"
    refused = {"ok": False, "msg": "no permission to execute rescan_images"}
    assert await change(connect(fresh_cluster, "user"), "rescan_images") == refused


async def test_class_s_mutations_are_for_superadmins(cluster: Any, connect: Connect) -> None:
    for role in ("admin", "user", "monitor"):
        for name, arguments in (
            ("delete_domain", {"name": "default"}),
            ("purge_domain", {"name": "default"}),
            ("delete_user", {"email": "user@localhost"}),
            ("delete_keypair", {"access_key": "x"}),
            ("forget_image", {"reference": "python"}),
            ("delete_resource_preset", {"name": "small"}),
            ("delete_keypair_resource_policy", {"name": "default"}),
            ("delete_scaling_group", {"name": "default"}),
            ("disassociate_all_scaling_groups_with_domain", {"domain": "default"}),
        ):
            refused = {"ok": False, "msg": f"no permission to execute {name}"}
            assert await change(connect(cluster, role), name, **arguments) == refused
