"""Every function of the administration classes, against the local cluster."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from bai_tui.api import (
    APIConfig,
    AsyncSession,
    AuthenticationError,
    AuthTokenTypes,
    BackendAPIError,
    PermissionDeniedError,
)
from tests.conftest import ThreadedCluster


def unique(stem: str) -> str:
    return f"{stem}-{secrets.token_hex(4)}"


def good(answer: dict[str, Any]) -> dict[str, Any]:
    assert answer["ok"], answer["msg"]
    return answer


@pytest.fixture
async def admin(cluster: ThreadedCluster) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(config=cluster.config_for()) as session:
        yield session


@pytest.fixture
async def user(cluster: ThreadedCluster) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(config=cluster.config_for("user")) as session:
        yield session


async def test_domain_from_creation_to_purge(admin: AsyncSession) -> None:
    name = unique("domain")
    created = good(await admin.Domain.create(name, "for tests"))
    assert created["domain"] == {"name": name}
    found = await admin.Domain.detail(name)
    assert found is not None
    assert (found["description"], found["is_active"]) == ("for tests", True)
    assert json.loads(found["total_resource_slots"]) == {}
    good(
        await admin.Domain.update(
            name, description="changed", total_resource_slots={"cpu": 4, "mem": "8g"}
        )
    )
    changed = await admin.Domain.detail(name, fields=("description", "total_resource_slots"))
    assert changed is not None
    assert changed["description"] == "changed"
    assert json.loads(changed["total_resource_slots"])["cpu"] in (4, "4")
    renamed = unique("domain")
    good(await admin.Domain.update(name, new_name=renamed))
    assert renamed in [domain["name"] for domain in await admin.Domain.list()]
    good(await admin.Domain.delete(renamed))
    inactive = await admin.Domain.detail(renamed, fields=("is_active",))
    assert inactive == {"is_active": False}
    good(await admin.Domain.purge(renamed))
    assert await admin.Domain.detail(renamed) is None


async def test_group_and_its_members(admin: AsyncSession, cluster: ThreadedCluster) -> None:
    name = unique("group")
    created = good(await admin.Group.create("default", name, total_resource_slots="{}"))
    gid = created["group"]["id"]
    assert created["group"]["name"] == name
    someone = await admin.User.detail(cluster.credentials["user"].email, fields=("uuid",))
    assert someone is not None
    good(await admin.Group.add_users(gid, [someone["uuid"]]))
    member = await admin.User.detail_by_uuid(someone["uuid"], fields=("groups { name }",))
    assert member is not None
    assert name in [group["name"] for group in member["groups"]]
    good(await admin.Group.remove_users(gid, [someone["uuid"]]))
    member = await admin.User.detail_by_uuid(someone["uuid"], fields=("groups { name }",))
    assert member is not None
    assert name not in [group["name"] for group in member["groups"]]
    good(await admin.Group.update(gid, description="changed", is_active=True))
    found = await admin.Group.detail(gid)
    assert found is not None
    assert found["description"] == "changed"
    assert name in [group["name"] for group in await admin.Group.list("default")]
    good(await admin.Group.delete(gid))
    found = await admin.Group.detail(gid, fields=("is_active",))
    assert found == {"is_active": False}
    good(await admin.Group.purge(gid))
    assert await admin.Group.detail(gid) is None


async def test_user_and_keypair(admin: AsyncSession, cluster: ThreadedCluster) -> None:
    email = f"{unique('someone')}@example.com"
    created = good(await admin.User.create("default", email, "a-Password-1", full_name="名前 😀"))
    assert created["user"] == {"domain_name": "default", "email": email, "username": email}
    found = await admin.User.detail(email, fields=("uuid", "full_name", "role", "is_active"))
    assert found is not None
    assert (found["full_name"], found["role"], found["is_active"]) == ("名前 😀", "user", True)
    good(await admin.User.update(email, full_name="Other", need_password_change=True))
    assert email in [row["email"] for row in await admin.User.list(is_active=True)]

    pair = good(await admin.KeyPair.create(email))["keypair"]
    info = await admin.KeyPair(pair["access_key"]).info()
    assert info is not None
    assert info["access_key"] == pair["access_key"]
    assert pair["access_key"] in [row["access_key"] for row in await admin.KeyPair.list(email)]
    good(await admin.KeyPair.update(pair["access_key"], rate_limit=77))
    info = await admin.KeyPair(pair["access_key"]).info(("rate_limit", "is_active"))
    assert info == {"rate_limit": 77, "is_active": True}
    good(await admin.KeyPair.deactivate(pair["access_key"]))
    rows = await admin.KeyPair.list(email, is_active=False)
    assert [row["access_key"] for row in rows if row["access_key"] == pair["access_key"]]
    good(await admin.KeyPair.activate(pair["access_key"]))

    async with AsyncSession(config=cluster.config_for()) as anonymous:
        token = await anonymous.User.authorize(email, "a-Password-1")
        assert token.type is AuthTokenTypes.KEYPAIR
        assert token.content["secret_key"]
        with pytest.raises(AuthenticationError):
            await anonymous.User.authorize(email, "wrong")

    good(await admin.KeyPair.delete(pair["access_key"]))
    assert await admin.KeyPair(pair["access_key"]).info() is None
    good(await admin.User.delete(email))
    found = await admin.User.detail(email, fields=("is_active",))
    assert found == {"is_active": False}
    good(await admin.User.purge(email))
    assert await admin.User.detail(email) is None


async def test_the_caller_without_arguments(user: AsyncSession, cluster: ThreadedCluster) -> None:
    mine = await user.User.detail_by_uuid()
    assert mine is not None
    assert mine["email"] == cluster.credentials["user"].email
    policy = await user.KeypairResourcePolicy().info()
    assert policy is not None
    assert policy["name"]


async def test_change_of_password(admin: AsyncSession, cluster: ThreadedCluster) -> None:
    email = f"{unique('someone')}@example.com"
    good(await admin.User.create("default", email, "first-Password-1"))
    pair = good(await admin.KeyPair.create(email))["keypair"]
    config = APIConfig(endpoint=cluster.endpoint, **pair)
    async with AsyncSession(config=config) as theirs:
        with pytest.raises(BackendAPIError):
            await theirs.Auth.update_password("wrong", "second-Password-2", "second-Password-2")
        await theirs.Auth.update_password(
            "first-Password-1", "second-Password-2", "second-Password-2"
        )
        assert (await theirs.User.authorize(email, "second-Password-2")).content["access_key"]


async def test_keypair_resource_policy(admin: AsyncSession) -> None:
    name = unique("policy")
    created = good(
        await admin.KeypairResourcePolicy.create(
            name,
            default_for_unspecified="LIMITED",
            total_resource_slots={"cpu": "4", "mem": "4g"},
            max_concurrent_sessions=3,
            max_containers_per_session=1,
            max_vfolder_count=5,
            max_vfolder_size=1 << 40,
            idle_timeout=600,
            allowed_vfolder_hosts=["local"],
        )
    )
    assert created["resource_policy"] == {"name": name}
    good(await admin.KeypairResourcePolicy.update(name, idle_timeout=1200))
    found = await admin.KeypairResourcePolicy.info(
        name, ("idle_timeout", "max_concurrent_sessions", "allowed_vfolder_hosts")
    )
    assert found == {
        "idle_timeout": 1200,
        "max_concurrent_sessions": 3,
        "allowed_vfolder_hosts": ["local"],
    }
    assert name in [policy["name"] for policy in await admin.KeypairResourcePolicy.list()]
    good(await admin.KeypairResourcePolicy.delete(name))
    assert await admin.KeypairResourcePolicy.info(name) is None


async def test_scaling_group_and_who_may_use_it(
    admin: AsyncSession, cluster: ThreadedCluster
) -> None:
    name = unique("scaling")
    groups = admin.ScalingGroup
    created = good(await groups.create(name, "for tests", scheduler_opts={"patience": 3}))
    assert created["scaling_group"] == {"name": name}
    found = await groups.detail(name)
    assert found is not None
    assert json.loads(found["scheduler_opts"]) == {"patience": 3}
    good(await groups.update(name, scheduler="drf"))
    found = await groups.detail(name)
    assert found is not None
    assert (found["scheduler"], found["description"], found["is_active"]) == (
        "drf",
        "for tests",
        True,
    )
    assert name in [row["name"] for row in await groups.list()]

    gid = good(await admin.Group.create("default", unique("group")))["group"]["id"]
    key = cluster.credentials["superadmin"].access_key

    async def available() -> list[str]:
        answer = await groups.list_available("default")
        return [row["name"] for row in answer["scaling_groups"]]

    assert name not in await available()
    good(await groups.associate_domain(name, "default"))
    assert name in await available()
    good(await groups.dissociate_domain(name, "default"))
    assert name not in await available()
    good(await groups.associate_keypair(name, key))
    assert name in await available()
    good(await groups.dissociate_keypair(name, key))
    good(await groups.associate_group(name, gid))
    good(await groups.dissociate_group(name, gid))
    good(await groups.associate_group(name, gid))
    good(await groups.dissociate_all_group(gid))
    other = unique("domain")
    good(await admin.Domain.create(other))
    good(await groups.associate_domain(name, other))
    good(await groups.dissociate_all_domain(other))
    good(await groups.delete(name))
    assert await groups.detail(name) is None


async def test_images_and_their_aliases(admin: AsyncSession) -> None:
    image = (await admin.Image.list(fields=("name", "tag", "registry", "digest")))[0]
    reference = f"{image['registry']}/{image['name']}:{image['tag']}"
    alias = unique("alias")
    good(await admin.Image.alias_image(alias, reference))
    found = await admin.Image.detail(alias, ("name", "tag"))
    assert found == {"name": image["name"], "tag": image["tag"]}
    good(await admin.Image.dealias_image(alias))
    good(await admin.Image.rescan_images())
    form = await admin.Image.get_image_import_form()
    assert form["fieldGroups"]
    with pytest.raises(BackendAPIError):
        await admin.Image.build(src="a", target="b")
    with pytest.raises(BackendAPIError, match="No such environment image"):
        await admin.Image.detail(unique("nothing"))


async def test_configuration_store(admin: AsyncSession) -> None:
    key = unique("config/test")
    assert await admin.EtcdConfig.get(key) is None
    assert await admin.EtcdConfig.set(key, "value") == {"result": "ok"}
    assert await admin.EtcdConfig.get(key) == "value"
    await admin.EtcdConfig.set(key, {"a": "1", "b": {"c": "2"}})
    assert (await admin.EtcdConfig.get(key, prefix=True))["b"] == {"c": "2"}
    await admin.EtcdConfig.delete(key, prefix=True)
    assert await admin.EtcdConfig.get(key + "/a") is None


async def test_resources(admin: AsyncSession) -> None:
    name = unique("preset")
    good(await admin.Resource.create_preset(name, {"cpu": 1, "mem": "512m"}, "64m"))
    assert name in [preset["name"] for preset in (await admin.Resource.list())["presets"]]
    good(await admin.Resource.modify_preset(name, {"cpu": 2, "mem": "1g"}))
    rows = {row["name"]: row for row in await admin.Resource.list_presets()}
    assert json.loads(rows[name]["resource_slots"])["cpu"] in ("2", 2)
    checked = await admin.Resource.check_presets()
    assert {"keypair_limits", "presets", "scaling_groups"} <= checked.keys()
    good(await admin.Resource.delete_preset(name))
    assert "cpu" in await admin.Resource.get_resource_slots()
    assert "user" in await admin.Resource.get_vfolder_types()
    assert isinstance(await admin.Resource.get_docker_registries(), dict)
    await admin.Resource.recalculate_usage()
    group = (await admin.Group.list("default"))[0]["id"]
    assert isinstance(await admin.Resource.usage_per_month("202001", [group]), list)
    assert isinstance(await admin.Resource.usage_per_period(None, "20200101", "20200131"), list)
    points = await admin.Resource.user_monthly_stats()
    assert points
    assert points[0]["disk_used"]["value"] >= 0
    assert await admin.Resource.admin_monthly_stats()


@pytest.mark.parametrize("month", ["2020", "202013", "2020-1", "2020 1", ""])
async def test_a_wrong_month_is_refused_here(admin: AsyncSession, month: str) -> None:
    with pytest.raises(ValueError, match="month"):
        await admin.Resource.usage_per_month(month, [])


async def test_agents_and_watchers(admin: AsyncSession) -> None:
    page = await admin.Agent.list_with_limit(10, 0)
    assert page["total_count"] == len(page["items"]) == 1
    agent = page["items"][0]["id"]
    detail = await admin.Agent.detail(agent)
    assert detail is not None
    assert detail["status"] == "ALIVE"
    assert await admin.AgentWatcher.get_status(agent)
    for action in ("agent_start", "agent_stop", "agent_restart"):
        assert await getattr(admin.AgentWatcher, action)(agent)


async def test_announcement_and_freeze(fresh_cluster: ThreadedCluster) -> None:
    heard: list[str] = []
    config = fresh_cluster.config_for(announcement_handler=heard.append)
    async with AsyncSession(config=config) as session:
        assert heard == []
        assert (await session.Manager.get_announcement())["enabled"] is False
        await session.Manager.update_announcement(message="Maintenance at noon")
        await session.Manager.freeze()
        assert (await session.Manager.status())["status"] == "frozen"
        await session.Manager.unfreeze()
        assert (await session.Manager.status())["status"] == "running"
    async with AsyncSession(config=config) as session:
        assert heard == ["Maintenance at noon"]
        await session.Manager.update_announcement(enabled=False)
    async with AsyncSession(config=config):
        assert heard == ["Maintenance at noon"]


async def test_roles_hold(user: AsyncSession) -> None:
    with pytest.raises(BackendAPIError):
        await user.Domain.list()
    with pytest.raises(BackendAPIError):
        await user.User.list()
    for call in (
        partial(user.EtcdConfig.get, "config"),
        user.Manager.freeze,
        user.Resource.recalculate_usage,
        user.Resource.admin_monthly_stats,
    ):
        # 19.09 says 401 to a caller without the role, later servers 403.
        with pytest.raises((AuthenticationError, PermissionDeniedError)):
            await call()
    answer = await user.Domain.create(unique("domain"))
    assert not answer["ok"]
    assert answer["msg"]


async def test_arguments_are_checked_before_anything_is_sent(admin: AsyncSession) -> None:
    with pytest.raises(ValueError, match="JSON object"):
        await admin.Domain.create("x", total_resource_slots="not json")
    with pytest.raises(ValueError, match="JSON object"):
        await admin.Group.create("default", "x", total_resource_slots="[1]")
    with pytest.raises(ValueError, match="several names"):
        await admin.Group.add_users("gid", "a-single-text")
    with pytest.raises(ValueError):
        await admin.User.authorize("a", "b", token_type="cookie")  # type: ignore[arg-type]
