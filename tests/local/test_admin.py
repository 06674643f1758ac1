"""Login and roles, manager status and announcement, the configuration store."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bai_tui.local.cluster import Credentials
from tests.local.conftest import Connect


async def test_echo(cluster: Any, connect: Connect) -> None:
    for method in ("GET", "POST"):
        for path in ("/auth", "/auth/test", "/v4/auth/test", "/v1/auth"):
            answer = await connect(cluster).call(method, path, {"echo": "hi ✓"})
            assert answer.expect(200) == {"authorized": "yes", "echo": "hi ✓"}
    problem = (await connect(cluster).get("/auth")).expect(400, "invalid-api-params")
    assert problem["data"] == {"echo": "is required"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("superadmin", {"global_role": "superadmin", "domain_role": "admin"}),
        ("admin", {"global_role": "user", "domain_role": "admin"}),
        ("user", {"global_role": "user", "domain_role": "user"}),
    ],
)
async def test_roles(cluster: Any, connect: Connect, name: str, expected: dict[str, str]) -> None:
    client = connect(cluster, name)
    assert (await client.get("/auth/role")).expect(200) == expected | {"group_role": None}
    groups = (await client.gql("{ groups { id } }"))["groups"]
    found = (await client.get(f"/auth/role?group={groups[0]['id']}")).expect(200)
    assert found["group_role"] == "user"
    nobody = "/auth/role?group=00000000-0000-0000-0000-000000000000"
    (await client.get(nobody)).expect(404, "generic-not-found")


async def test_account_life(fresh_cluster: Any, connect: Connect) -> None:
    anonymous = connect(fresh_cluster, None)
    account = {"domain": "default", "email": "new@example.com", "password": "first"}
    made = (await anonymous.post("/auth/signup", account | {"anything": 1})).expect(201)
    again = await anonymous.post("/auth/signup", account)
    assert again.expect(400, "generic-bad-request")["msg"] == "Email already exists"
    elsewhere = account | {"domain": "nowhere", "email": "x@example.com"}
    (await anonymous.post("/auth/signup", elsewhere)).expect(400, "generic-bad-request")

    login = {"type": "keypair", "domain": "default", "username": account["email"]}
    found = (await anonymous.post("/auth/authorize", login | {"password": "first"})).expect(200)
    assert found == {"data": made | {"role": "user"}}
    (await anonymous.post("/auth/authorize", login | {"password": "no"})).expect(401, "auth-failed")
    jwt = login | {"type": "jwt", "password": "first"}
    (await anonymous.post("/auth/authorize", jwt)).expect(400, "invalid-api-params")

    client = connect(fresh_cluster, "user")
    client.keys = Credentials(account["email"], made["access_key"], made["secret_key"], "")
    change = {"old_password": "first", "new_password": "second", "new_password2": "other"}
    differing = await client.post("/auth/update-password", change)
    assert differing.expect(400) == {"error_msg": "new password mismatch"}
    assert differing.headers["Content-Type"].startswith("application/json")
    change["new_password2"] = "second"
    (await client.post("/auth/update-password", change)).expect(200)
    (await client.post("/auth/update-password", change)).expect(401, "auth-failed")
    (await anonymous.post("/auth/authorize", login | {"password": "second"})).expect(200)

    assert (await client.get("/auth/ssh-keypair")).expect(200) == {"ssh_public_key": None}
    pair = (await client.call("PATCH", "/auth/ssh-keypair")).expect(200)
    assert pair["ssh_public_key"].startswith("ssh-rsa ")
    assert "PRIVATE KEY" in pair["ssh_private_key"]
    kept = (await client.get("/auth/ssh-keypair")).expect(200)
    assert kept["ssh_public_key"] == pair["ssh_public_key"]

    leave = {"email": "other@example.com", "password": "second"}
    (await client.post("/auth/signout", leave)).expect(403, "generic-forbidden")
    leave = {"username": account["email"], "password": "wrong"}
    (await client.post("/auth/signout", leave)).expect(400, "generic-bad-request")
    (await client.post("/auth/signout", leave | {"password": "second"})).expect(200)
    (await client.get("/auth/test?echo=a")).expect(401, "auth-failed")
    (await anonymous.post("/auth/authorize", login | {"password": "second"})).expect(401)


async def test_superadmin_logs_in_with_the_generated_password(
    cluster: Any, connect: Connect
) -> None:
    keys = cluster.credentials["superadmin"]
    login = {"type": "keypair", "domain": "default"}
    answer = await connect(cluster, None).post(
        "/auth/authorize", login | {"username": keys.email, "password": keys.password}
    )
    assert answer.expect(200)["data"] == {
        "access_key": keys.access_key,
        "secret_key": keys.secret_key,
        "role": "superadmin",
    }


async def test_freezing(fresh_cluster: Any, connect: Connect) -> None:
    boss, user = connect(fresh_cluster), connect(fresh_cluster, "user")
    assert (await user.get("/manager/status", {"status": "x"})).expect(200)["status"] == "running"
    (await user.call("PUT", "/manager/status", {"status": "frozen"})).expect(401, "auth-failed")
    (await boss.call("PUT", "/manager/status", {"status": "odd"})).expect(400, "invalid-api-params")
    (await boss.call("PUT", "/manager/status", {"status": "FROZEN"})).expect(204)
    status = (await connect(fresh_cluster, None).get("/manager/status")).expect(200)
    assert status["status"] == status["nodes"][0]["status"] == "frozen"
    assert await boss.gql_errors('mutation { delete_domain(name: "x") { ok } }') == [
        "The server is frozen due to maintenance. Please try again later."
    ]
    assert (await boss.gql("{ domains { name } }"))["domains"]
    (await boss.call("PUT", "/manager/status", {"status": "running", "force_kill": "no"})).expect(
        204
    )
    done = await boss.gql('mutation { x: delete_domain(name: "x") { ok msg } }')
    assert done["x"] == {"ok": False, "msg": "no matching record"}


async def test_announcement(fresh_cluster: Any, connect: Connect) -> None:
    boss, path = connect(fresh_cluster), "/manager/announcement"
    nobody = connect(fresh_cluster, None)
    assert (await nobody.get(path)).expect(200) == {"enabled": False, "message": ""}
    (await nobody.post(path, {"enabled": True, "message": "x"})).expect(401, "auth-failed")
    (await boss.post(path, {"enabled": True})).expect(400, "invalid-api-params")
    (await boss.post(path, {"enabled": "yes", "message": "Backup at ten"})).expect(204)
    assert (await nobody.get(path)).expect(200) == {"enabled": True, "message": "Backup at ten"}
    (await boss.post(path, {"enabled": False})).expect(204)
    assert (await nobody.get(path)).expect(200) == {"enabled": False, "message": ""}


async def test_configuration_store(cluster: Any, connect: Connect) -> None:
    boss, user = connect(cluster), connect(cluster, "user")
    nobody = connect(cluster, None)
    slots = (await nobody.get("/config/resource-slots")).expect(200)
    assert slots == {"cpu": "count", "mem": "bytes"}
    assert (await nobody.get("/config/vfolder-types")).expect(200) == ["user", "group"]
    (await user.get("/config/docker-registries")).expect(401, "auth-failed")
    assert (await boss.get("/config/docker-registries")).expect(200) == {"local": "local:"}

    async def get(key: str, prefix: bool = False) -> Any:
        answer = await boss.post("/config/get", {"key": key, "prefix": prefix})
        return answer.expect(200)["result"]

    assert await get("t/none") is None
    tree = {"": "root", "a": "1", "b": {"": "2", "c": "3"}}
    (await boss.post("/config/set", {"key": "t", "value": tree})).expect(200)
    assert await get("t") == "root"
    assert await get("t/b") == "2"
    assert await get("t", True) == tree
    many = {str(i): "x" for i in range(17)}
    (await boss.post("/config/set", {"key": "u", "value": many})).expect(400, "invalid-api-params")
    (await boss.post("/config/get", {"key": "t", "prefix": "yes"})).expect(400)
    (await boss.post("/config/delete", {"key": "t/b"})).expect(200)
    assert await get("t", True) == {"": "root", "a": "1", "b": {"c": "3"}}
    (await boss.post("/config/delete", {"key": "t", "prefix": True})).expect(200)
    assert await get("t", True) == {}


async def test_simultaneous_requests_for_one_ssh_key_agree(
    fresh_cluster: Any, connect: Connect
) -> None:
    client = connect(fresh_cluster)
    query = "{ keypair { ssh_public_key } }"
    found = await asyncio.gather(*(client.gql(query) for _ in range(4)))
    assert len({entry["keypair"]["ssh_public_key"] for entry in found}) == 1
