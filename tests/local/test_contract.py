"""The control plane through the API package, and where it meets real sessions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bai_tui.api import AsyncSession, BackendAPIError
from tests.conftest import ThreadedCluster
from tests.local.conftest import Connect

SMALL: dict[str, str | float] = {"cpu": 1, "mem": "256m"}


@pytest.fixture
async def boss(fresh_cluster: ThreadedCluster) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(config=fresh_cluster.config_for("superadmin")) as session:
        yield session


async def output_of(session: AsyncSession, name: str, code: str) -> str:
    """What a piece of code prints in a session."""
    kernel = session.Kernel(name)
    result = await kernel.execute(code=code, mode="query")
    text = ""
    while True:
        text += "".join(data for kind, data in result["console"] if kind == "stdout")
        if result["status"] == "finished":
            return text
        result = await kernel.execute(result["runId"], "", mode="continue")


async def test_every_read_of_the_client(boss: AsyncSession) -> None:
    assert boss.server is not None
    assert boss.server.version == "v4.20190615"
    assert (await boss.Auth.test("hello"))["echo"] == "hello"
    assert (await boss.Auth.role())["global_role"] == "superadmin"
    assert (await boss.Manager.status())["status"] == "running"
    assert (await boss.Manager.get_announcement())["enabled"] is False
    agents = await boss.Agent.list_with_limit(10, 0)
    assert agents["total_count"] == 1
    agent_id = agents["items"][0]["id"]
    detail = await boss.Agent.detail(agent_id)
    assert detail is not None
    assert detail["status"] == "ALIVE"
    assert "systemctl" in await boss.AgentWatcher.get_status(agent_id)
    assert [row["name"] for row in await boss.Domain.list()] == ["default"]
    domain = await boss.Domain.detail("default")
    assert domain is not None
    groups = await boss.Group.list("default")
    group = await boss.Group.detail(groups[0]["id"])
    assert group is not None
    assert group["name"] == "default"
    assert len(await boss.User.list()) == 5
    me = await boss.User.detail()
    assert me is not None
    assert me["role"] == "superadmin"
    assert len(await boss.KeyPair.list()) == 5
    assert await boss.KeyPair(boss.config.access_key).info()
    policies = await boss.KeypairResourcePolicy.list()
    assert [row["name"] for row in policies] == ["default"]
    assert await boss.KeypairResourcePolicy.info("default")
    assert [row["name"] for row in await boss.ScalingGroup.list()] == ["default"]
    assert await boss.ScalingGroup.list_available("default")
    assert [row["name"] for row in await boss.Image.list()] == ["python"]
    assert (await boss.Resource.list())["presets"]
    assert (await boss.Resource.check_presets())["keypair_using"] == {"cpu": "0", "mem": "0"}
    assert await boss.Resource.get_resource_slots() == {"cpu": "count", "mem": "bytes"}
    assert await boss.Resource.get_docker_registries() == {"local": "local:"}
    assert await boss.Resource.get_vfolder_types() == ["user", "group"]
    assert await boss.VFolder.list() == []
    await boss.EtcdConfig.set("k", {"a": "1"})
    assert await boss.EtcdConfig.get("k", prefix=True) == {"a": "1"}


async def test_freezing_keeps_new_sessions_out(boss: AsyncSession) -> None:
    running = await boss.Kernel.get_or_create("python", client_token="early", resources=SMALL)
    assert running.status == "RUNNING"
    await boss.Manager.freeze()
    with pytest.raises(BackendAPIError) as caught:
        await boss.Kernel.get_or_create("python", client_token="late", resources=SMALL)
    assert caught.value.status == 503
    assert await output_of(boss, "early", "print(6 * 7)") == "42\n"
    await boss.Manager.freeze(force_kill=True)
    assert await boss.Kernel.list() == []
    await boss.Manager.unfreeze()
    again = await boss.Kernel.get_or_create("python", client_token="late", resources=SMALL)
    assert again.status == "RUNNING"


async def test_raising_a_limit_starts_what_waits(boss: AsyncSession) -> None:
    def limit(sessions: int) -> str:
        return (
            'mutation { modify_keypair_resource_policy(name: "default", '
            f"props: {{max_concurrent_sessions: {sessions}}}) {{ ok }} }}"
        )

    await boss.Admin.query(limit(1))
    await boss.Kernel.get_or_create("python", client_token="first", resources=SMALL)
    queued = await boss.Kernel.get_or_create(
        "python", client_token="second", resources=SMALL, max_wait=1
    )
    assert queued.status == "TIMEOUT"
    await boss.Admin.query(limit(2))
    started = await boss.Kernel.get_or_create(
        "python", client_token="third", resources=SMALL, max_wait=1
    )
    assert started.status == "TIMEOUT"
    listed = {info.name: info.status for info in await boss.Kernel.list()}
    assert listed == {"first": "RUNNING", "second": "RUNNING", "third": "PENDING"}


async def test_used_resources_are_seen_everywhere(
    boss: AsyncSession, fresh_cluster: ThreadedCluster, connect: Connect
) -> None:
    kernel = await boss.Kernel.get_or_create("python", client_token="user", resources=SMALL)
    used = {"cpu": "1", "mem": str(256 * 2**20)}
    presets = await boss.Resource.check_presets()
    assert presets["keypair_using"] == presets["group_using"] == used
    assert presets["scaling_group_remaining"]["cpu"] == "63"
    found = await connect(fresh_cluster).gql(
        "{ agents { used_cpu_slots live_stat computations { sess_id } } "
        "keypair { concurrency_used } }"
    )
    assert found["agents"][0]["used_cpu_slots"] == 1.0
    assert found["agents"][0]["computations"] == [{"sess_id": "user"}]
    assert found["keypair"]["concurrency_used"] == 1
    await kernel.destroy()
    assert (await boss.Resource.check_presets())["keypair_using"] == {"cpu": "0", "mem": "0"}


async def test_folders_and_dotfiles_reach_the_session(
    boss: AsyncSession, fresh_cluster: ThreadedCluster, connect: Connect
) -> None:
    client = connect(fresh_cluster)
    (await client.post("/folders", {"name": "data"})).expect(201)
    dotfile = {"path": ".config.d/x", "data": "dotted", "permission": "600"}
    (await client.post("/user-config/dotfiles", dotfile)).expect(200)
    hostile = {"path": "../../escaped", "data": "x", "permission": "600"}
    (await client.post("/user-config/dotfiles", hostile)).expect(200)
    await boss.Kernel.get_or_create("python", client_token="home", resources=SMALL, mounts=["data"])
    await output_of(boss, "home", "open('data/made', 'w').write('here')")
    answer = await client.get("/folders/data/download_single?file=made")
    assert answer.body == b"here"
    code = "import os; p = '.config.d/x'; print(open(p).read(), oct(os.stat(p).st_mode)[-3:])"
    assert await output_of(boss, "home", code) == "dotted 600\n"
    escaped = [path for path in fresh_cluster.cluster.state.path.rglob("escaped")]
    assert escaped == []

    async def purge() -> dict[str, Any]:
        mutation = 'mutation { purge_user(email: "superadmin@localhost", props: {}) { ok msg } }'
        found: dict[str, Any] = (await client.gql(mutation))["purge_user"]
        return found

    assert "mounted" in (await purge())["msg"]
    await boss.Kernel("home").destroy()


async def test_purged_groups_take_their_folders_along(
    fresh_cluster: ThreadedCluster, connect: Connect
) -> None:
    admin, boss = connect(fresh_cluster, "admin"), connect(fresh_cluster)
    made = await admin.gql(
        'mutation { create_group(name: "g", props: {domain_name: "default"}) { group { id } } }'
    )
    gid = made["create_group"]["group"]["id"]
    folder = (await admin.post("/folders", {"name": "team", "group": gid})).expect(201)
    path = fresh_cluster.cluster.context.folder_path("local", folder["id"])
    assert path.is_dir()
    done = await boss.gql(f'mutation {{ purge_group(gid: "{gid}") {{ ok msg }} }}')
    assert done["purge_group"] == {"ok": True, "msg": "success"}
    assert not path.exists()


async def test_purged_users_leave_shared_folders_to_the_caller(
    fresh_cluster: ThreadedCluster, connect: Connect
) -> None:
    boss, user = connect(fresh_cluster), connect(fresh_cluster, "user")
    guest = connect(fresh_cluster, "user2")
    private = (await user.post("/folders", {"name": "private"})).expect(201)
    for name in ("shared", "clash"):
        (await user.post("/folders", {"name": name})).expect(201)
        body = {"user_ids": ["user2@localhost"]}
        (await user.post(f"/folders/{name}/invite", body)).expect(201)
        (found,) = (await guest.get("/folders/invitations/list")).expect(200)["invitations"]
        (await guest.post("/folders/invitations/accept", {"inv_id": found["id"]})).expect(200)
    (await boss.post("/folders", {"name": "clash"})).expect(201)
    done = await boss.gql('mutation { purge_user(email: "user@localhost", props: {}) { ok msg } }')
    assert done["purge_user"] == {"ok": True, "msg": "success"}
    mine = sorted(row["name"] for row in (await boss.get("/folders")).expect(200))
    assert mine[:1] == ["clash"]
    assert mine[1].startswith("clash-")
    assert mine[2:] == ["shared"]
    assert not fresh_cluster.cluster.context.folder_path("local", private["id"]).exists()
    assert len((await guest.get("/folders")).expect(200)) == 2
