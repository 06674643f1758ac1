"""Presets, limits and what is left of them."""

from __future__ import annotations

import json
import uuid
from typing import Any

from tests.local.conftest import Connect

GIB = 2**30


def insert_session(cluster: Any, role: str, slots: dict[str, str], **columns: Any) -> str:
    """A session row as the scheduler leaves it; the processes are not what is tested here."""
    store = cluster.cluster.context.store
    keys = cluster.credentials[role]
    kernel_id = str(uuid.uuid4())

    def insert() -> None:
        values = {
            "id": kernel_id,
            "sess_id": f"s-{kernel_id[:8]}",
            "sess_type": "INTERACTIVE",
            "image": "local/python:x",
            "registry": "local",
            "domain_name": "default",
            "group_id": store.value("SELECT id FROM groups WHERE name = 'default'"),
            "user_uuid": store.value("SELECT uuid FROM users WHERE email = ?", keys.email),
            "access_key": keys.access_key,
            "scaling_group": "default",
            "agent": "i-local",
            "status": "RUNNING",
            "created_at": cluster.cluster.clock.now(),
            "occupied_slots": slots,
        }
        store.insert("kernels", **values | columns)

    cluster.run(insert)
    return kernel_id


async def test_presets(cluster: Any, connect: Connect) -> None:
    found = (await connect(cluster, "user").get("/resource/presets")).expect(200)["presets"]
    assert [preset["name"] for preset in found] == ["small", "medium", "large"]
    assert found[0]["resource_slots"] == {"cpu": "1", "mem": str(GIB // 2)}


async def test_check_presets(fresh_cluster: Any, connect: Connect) -> None:
    client = connect(fresh_cluster, "user")
    found = (await client.post("/resource/check-presets")).expect(200)
    assert found["keypair_limits"] == {"cpu": "Infinity", "mem": "Infinity"}
    assert found["keypair_using"] == {"cpu": "0", "mem": "0"}
    assert found["scaling_group_remaining"] == {"cpu": "64", "mem": str(64 * GIB)}
    assert [preset["allocatable"] for preset in found["presets"]] == [True, True, True]

    insert_session(fresh_cluster, "user", {"cpu": "3", "mem": str(GIB)})
    insert_session(fresh_cluster, "user2", {"cpu": "8", "mem": str(2 * GIB)})
    insert_session(fresh_cluster, "user", {"cpu": "40", "mem": "1"}, status="PENDING")
    policy = {"cpu": "5.5", "mem": "10g"}
    await connect(fresh_cluster).gql(
        """mutation($s: JSONString) { modify_keypair_resource_policy(
        name: "default", props: {total_resource_slots: $s}) { ok } }""",
        s=json.dumps(policy),
    )
    found = (await client.post("/resource/check-presets", {"group": "default"})).expect(200)
    assert found["keypair_limits"] == {"cpu": "5.5", "mem": str(10 * GIB)}
    assert found["keypair_using"] == {"cpu": "3", "mem": str(GIB)}
    assert found["keypair_remaining"] == {"cpu": "2.5", "mem": str(9 * GIB)}
    assert found["group_using"] == {"cpu": "11", "mem": str(3 * GIB)}
    assert found["scaling_group_remaining"] == {"cpu": "53", "mem": str(61 * GIB)}
    using = found["scaling_groups"]["default"]["using"]
    assert using == {"cpu": "3", "mem": str(GIB)}
    allocatable = {preset["name"]: preset["allocatable"] for preset in found["presets"]}
    assert allocatable == {"small": True, "medium": True, "large": False}

    unknown = await client.post("/resource/check-presets", {"scaling_group": "nope"})
    unknown.expect(400, "invalid-api-params")
    (await client.post("/resource/check-presets", {"group": "nope"})).expect(500)
    (await client.post("/resource/check-presets", {"typo": 1})).expect(400, "invalid-api-params")


async def test_scaling_groups(cluster: Any, connect: Connect) -> None:
    client = connect(cluster, "user")
    group_id = (await client.gql("{ groups { id } }"))["groups"][0]["id"]
    for query in (f"group={group_id}", "group_name=default", f"group_id={group_id}"):
        found = (await client.get(f"/scaling-groups?{query}")).expect(200)
        assert found == {"scaling_groups": [{"name": "default"}]}
    (await client.get("/scaling-groups")).expect(400, "invalid-api-params")
    (await client.get("/scaling-groups/")).expect(404, "generic-not-found")
