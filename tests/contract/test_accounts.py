"""Who may see and change what: the tables of administrators, in three roles."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bai_tui.api import (
    AsyncSession,
    AuthenticationError,
    BackendAPIError,
    NotFoundError,
    PermissionDeniedError,
    UnsupportedByServerError,
)
from tests.contract.conftest import SMALL, Peer, deleted, offered


def unique(kind: str) -> str:
    return f"{kind}-{secrets.token_hex(4)}"


@pytest.mark.covers("Auth.role", "Auth.test", "Manager.status", "Manager.get_announcement")
async def test_who_am_i(peer: Peer) -> None:
    for role, expected in (("superadmin", "superadmin"), ("admin", "admin"), ("user", "user")):
        async with peer.session(role) as session:
            assert (await session.Auth.test("hello"))["authorized"] == "yes"
            me = await session.User.detail(fields=("email", "role", "domain_name"))
            assert me is not None
            assert me["role"] == expected
            if role == "superadmin":
                assert (await session.Auth.role())["global_role"] == "superadmin"
                assert "nodes" in await session.Manager.status()
                assert "enabled" in await session.Manager.get_announcement()


@pytest.mark.covers(
    "Agent.list_with_limit", "Agent.detail", "Domain.list", "Domain.detail", "Group.list",
    "Group.detail", "User.list", "User.detail", "User.detail_by_uuid", "KeyPair.list",
    "KeypairResourcePolicy.list", "ScalingGroup.list", "ScalingGroup.detail",
    "ScalingGroup.list_available", "Image.list", "Image.detail", "Resource.list",
    "Resource.check_presets", "Resource.get_docker_registries", "Resource.get_resource_slots",
    "Resource.get_vfolder_types", "Resource.recalculate_usage", "Resource.user_monthly_stats",
    "Resource.admin_monthly_stats", "Resource.usage_per_month", "Resource.usage_per_period",
    "EtcdConfig.get", "VFolder.list_all_hosts", "VFolder.get_fstab_contents",
    "VFolder.list_mounts",
)  # fmt: skip
async def test_tables_of_a_superadmin(peer: Peer) -> None:
    async with peer.session("superadmin") as boss:
        agents = await boss.Agent.list_with_limit(10, 0)
        assert agents["total_count"] >= 1
        agent = await boss.Agent.detail(agents["items"][0]["id"])
        assert agent is not None
        assert agent["status"] == "ALIVE"
        assert "default" in [row["name"] for row in await boss.Domain.list()]
        assert await boss.Domain.detail("default") is not None
        groups = await boss.Group.list("default")
        group = await boss.Group.detail(groups[0]["id"])
        assert group is not None
        assert group["id"] == groups[0]["id"]
        users = await boss.User.list(fields=("uuid", "email"))
        assert len(users) >= 3
        user = await boss.User.detail_by_uuid(users[0]["uuid"], fields=("email",))
        assert user == {"email": users[0]["email"]}
        assert len(await boss.KeyPair.list()) >= 3
        assert "default" in [row["name"] for row in await boss.KeypairResourcePolicy.list()]
        assert "default" in [row["name"] for row in await boss.ScalingGroup.list()]
        assert await boss.ScalingGroup.detail("default") is not None
        available = await boss.ScalingGroup.list_available("default")
        assert {"name": "default"} in available["scaling_groups"]
        images = await boss.Image.list(fields=("name", "tag", "registry"))
        (first, *_) = [row for row in images if "python" in row["name"]]
        reference = f"{first['registry']}/{first['name']}:{first['tag']}"
        assert (await boss.Image.detail(reference))["name"] == first["name"]
        assert isinstance((await boss.Resource.list())["presets"], list)
        assert "keypair_remaining" in await boss.Resource.check_presets()
        assert isinstance(await boss.Resource.get_docker_registries(), dict)
        assert (await boss.Resource.get_resource_slots())["cpu"] == "count"
        assert "user" in await boss.Resource.get_vfolder_types()
        assert await boss.Resource.recalculate_usage() == {}
        assert "num_sessions" in (await boss.Resource.user_monthly_stats())[0]
        assert "num_sessions" in (await boss.Resource.admin_monthly_stats())[0]
        ids = [row["id"] for row in groups]
        assert isinstance(await boss.Resource.usage_per_month("202601", ids), list)
        period = await boss.Resource.usage_per_period(ids[0], "20260101", "20260131")
        assert isinstance(period, list)
        assert (await boss.VFolder.list_all_hosts())["allowed"]
        assert "content" in await boss.VFolder.get_fstab_contents()
        assert "manager" in await boss.VFolder.list_mounts()


async def test_usage_of_a_period_tells_of_groups_and_their_sessions(peer: Peer) -> None:
    days = [date.today() + timedelta(days=step) for step in (-1, 1)]
    first, last = (f"{day:%Y%m%d}" for day in days)
    async with peer.session("superadmin") as boss, peer.kernel(boss) as kernel:
        row: dict[str, Any] = {}

        async def told() -> bool:
            """Servers count a session in some time after its start."""
            report = await boss.Resource.usage_per_period(None, first, last)
            (found,) = [
                {**info, "group": group["g_name"], "cpu": group["g_cpu_allocated"]}
                for group in report
                for info in group["c_infos"]
                if info["name"] == kernel.kernel_id
            ]
            row.update(found)
            return bool(row["cpu_allocated"] == SMALL["cpu"])

        await peer.until(told, "the session to be counted")
        assert (row["group"], row["group_name"]) == ("default", "default")
        assert row["email"] == peer.keys["superadmin"][2]
        assert row["cpu"] >= row["cpu_allocated"]
        assert row["terminated_at"] == "None"


async def test_others_are_refused(peer: Peer) -> None:
    for role in ("admin", "user"):
        async with peer.session(role) as session:
            for refused in (
                session.Agent.list_with_limit(10, 0),
                session.Domain.list(),
                session.Resource.recalculate_usage(),
                session.EtcdConfig.get("volumes/default_host"),
            ):
                with pytest.raises(BackendAPIError) as caught:
                    await refused
                # GraphQL refuses within a document that is in order.
                assert caught.value.status in (400, 401, 403)


async def test_errors_by_meaning(peer: Peer) -> None:
    async with peer.session("user") as session:
        with pytest.raises(NotFoundError):
            await session.Kernel(unique("none")).get_info()
        with pytest.raises(NotFoundError):
            await session.VFolder(unique("none")).info()
        with pytest.raises(BackendAPIError):
            await session.Kernel.get_or_create("no-such-image:1", client_token=unique("s"))
    config = peer.config("user")
    wrong = peer.config("user")
    wrong._secret_key = config.secret_key[::-1]
    async with AsyncSession(config=wrong) as session:
        with pytest.raises((AuthenticationError, PermissionDeniedError)):
            await session.VFolder.list()


@pytest.mark.covers(
    "Domain.create", "Domain.update", "Domain.delete", "Group.create",
    "Group.update", "Group.add_users", "Group.remove_users", "Group.delete", "Group.purge",
    "User.create", "User.update", "User.delete", "User.purge", "KeyPair.create",
    "KeyPair.update", "KeyPair.deactivate", "KeyPair.activate", "KeyPair.delete",
)  # fmt: skip
async def test_people(peer: Peer) -> None:
    async with peer.session("superadmin") as boss:
        domain, group = unique("domain"), unique("group")
        email = f"{unique('u')}@example.com"

        async def ok(answer: dict[str, object]) -> None:
            assert answer["ok"] is True, answer

        await ok(await boss.Domain.create(domain, "for a test"))
        await ok(await boss.Domain.update(domain, description="changed"))
        changed = await boss.Domain.detail(domain)
        assert changed is not None
        assert changed["description"] == "changed"
        await ok(await boss.Group.create(domain, group))
        (row,) = [row for row in await boss.Group.list(domain) if row["name"] == group]
        await ok(await boss.Group.update(row["id"], description="changed"))
        await ok(await boss.User.create(domain, email, "Pa$$w0rd-of-a-test", group_ids=[row["id"]]))
        user = await boss.User.detail(email, fields=("uuid", "email", "is_active"))
        assert user is not None
        await ok(await boss.Group.remove_users(row["id"], [user["uuid"]]))
        await ok(await boss.Group.add_users(row["id"], [user["uuid"]]))
        await ok(await boss.User.update(email, full_name="Some Body"))
        active = "status" if boss.generation.user_status else "is_active"
        named = await boss.User.detail(email, fields=("full_name", active))
        assert named == {
            "full_name": "Some Body",
            active: "active" if boss.generation.user_status else True,
        }
        made = await boss.KeyPair.create(email, resource_policy="default")
        await ok(made)
        key = made["keypair"]["access_key"]
        await ok(await boss.KeyPair.update(key, rate_limit=500))
        await ok(await boss.KeyPair.deactivate(key))
        await ok(await boss.KeyPair.activate(key))
        await ok(await boss.KeyPair.delete(key))
        await ok(await boss.User.delete(email))
        await ok(await boss.User.purge(email))
        await ok(await boss.Group.delete(row["id"]))
        await ok(await boss.Group.purge(row["id"]))
        await ok(await boss.Domain.delete(domain))
        if peer.real:
            # From 24.x on every domain has a project for models, which is in the way.
            with suppress(BackendAPIError):
                await boss.Domain.purge(domain)
        else:
            await ok(await boss.Domain.purge(domain))


@pytest.mark.covers("KeyPair.create", "KeyPair.update", "KeyPair.deactivate", "KeyPair.delete")
async def test_one_keypair_of_several_is_changed_alone(peer: Peer) -> None:
    fields = ("access_key", "user_id", "is_active", "rate_limit", "resource_policy")
    email = peer.keys["user"][2]
    async with peer.session("superadmin") as boss:

        async def pairs() -> dict[str, dict[str, object]]:
            return {row["access_key"]: row for row in await boss.KeyPair.list(email, fields=fields)}

        before = await pairs()
        made = [await boss.KeyPair.create(email, rate_limit=100 + n) for n in range(3)]
        first, second, third = (answer["keypair"]["access_key"] for answer in made)
        try:
            every = await pairs()
            assert every.keys() == {*before, first, second, third}
            assert (await boss.KeyPair.update(second, rate_limit=777))["ok"]
            assert (await boss.KeyPair.deactivate(second))["ok"]
            expected = every | {second: every[second] | {"rate_limit": 777, "is_active": False}}
            assert await pairs() == expected
            assert await boss.KeyPair(second).info(fields) == expected[second]
            assert (await boss.KeyPair.delete(second))["ok"]
            del expected[second]
            assert await pairs() == expected
        finally:
            for key in (first, second, third):
                with suppress(BackendAPIError):
                    await boss.KeyPair.delete(key)
        assert await pairs() == before


@pytest.mark.covers(
    "KeypairResourcePolicy.create", "KeypairResourcePolicy.update",
    "KeypairResourcePolicy.delete", "Resource.create_preset", "Resource.modify_preset",
    "Resource.delete_preset", "ScalingGroup.create", "ScalingGroup.update",
    "ScalingGroup.delete", "Image.alias_image", "Image.dealias_image", "EtcdConfig.set",
    "EtcdConfig.delete",
)  # fmt: skip
async def test_things(peer: Peer) -> None:
    async with peer.session("superadmin") as boss:
        name = unique("thing")
        policy = boss.KeypairResourcePolicy
        assert (await policy.create(name, "UNLIMITED", {"cpu": 4}, 3, 1, 0, 0, 0, []))["ok"]
        assert (await policy.update(name, max_concurrent_sessions=4))["ok"]
        row = await boss.KeypairResourcePolicy(None).info(name)
        assert row is not None
        assert row["max_concurrent_sessions"] == 4
        assert (await policy.delete(name))["ok"]
        assert (await boss.Resource.create_preset(name, {"cpu": 1, "mem": "268435456"}))["ok"]
        assert (await boss.Resource.modify_preset(name, {"cpu": 2, "mem": "268435456"}))["ok"]
        presets = await boss.Resource.list_presets()
        assert name in [row["name"] for row in presets]
        assert (await boss.Resource.delete_preset(name))["ok"]
        assert (await boss.ScalingGroup.create(name, "for a test"))["ok"]
        assert (await boss.ScalingGroup.update(name, description="changed"))["ok"]
        assert (await boss.ScalingGroup.delete(name))["ok"]
        images = await boss.Image.list(fields=("name", "tag", "registry"))
        reference = "{registry}/{name}:{tag}".format(**images[0])
        assert (await boss.Image.alias_image(name, reference))["ok"]
        assert (await boss.Image.dealias_image(name))["ok"]
        await boss.EtcdConfig.set(f"bai-tui-test/{name}", "value")
        assert await boss.EtcdConfig.get(f"bai-tui-test/{name}") == "value"
        await boss.EtcdConfig.delete(f"bai-tui-test/{name}")


@pytest.mark.covers(
    "UserResourcePolicy.list", "UserResourcePolicy.create", "UserResourcePolicy.update",
    "UserResourcePolicy.delete", "ProjectResourcePolicy.list", "ProjectResourcePolicy.create",
    "ProjectResourcePolicy.update", "ProjectResourcePolicy.delete", "ContainerRegistry.list",
    "Storage.list", "Storage.detail", "QuotaScope.get", "QuotaScope.get_many", "QuotaScope.set",
    "QuotaScope.unset", "AuditLog.list", "Service.list", "Service.paginated_list",
    "ContainerRegistry.create", "ContainerRegistry.update", "ContainerRegistry.delete",
)  # fmt: skip
async def test_what_later_servers_keep(peer: Peer) -> None:
    async with peer.session("superadmin") as boss:
        name = unique("policy")
        for function, policies in (
            ("UserResourcePolicyAPI", boss.UserResourcePolicy),
            ("ProjectResourcePolicyAPI", boss.ProjectResourcePolicy),
        ):
            if not boss.offers(function):
                with pytest.raises(UnsupportedByServerError, match=r"23\.09"):
                    await policies.list()
                continue
            counts = await offered(
                boss, "policy max_vfolder_count", partial(policies.create, name, 3)
            )
            field, most = ("max_vfolder_count", 4) if counts else ("max_quota_scope_size", 2**40)
            assert (await policies.create(name, 3 if counts else 0))["ok"]
            assert (await policies.update(name, **{field: most}))["ok"]
            row = await policies.info(name)
            assert row is not None
            assert row[field] == most
            assert (await policies.delete(name))["ok"]
        if boss.offers("ContainerRegistryAPI"):
            assert (await boss.ContainerRegistry.list())[0]["hostname"]
        if boss.offers("ContainerRegistryAPI.create"):
            where = f"{name}.example"
            await boss.ContainerRegistry.create(where, f"http://{where}", "docker", "some")
            (made,) = [r for r in await boss.ContainerRegistry.list() if r["hostname"] == where]
            await boss.ContainerRegistry.update(made["id"], username="bob")
            (made,) = [r for r in await boss.ContainerRegistry.list() if r["hostname"] == where]
            assert made["config"]["username"] == "bob"
            await boss.ContainerRegistry.delete(made["id"])
            assert where not in [r["hostname"] for r in await boss.ContainerRegistry.list()]
        if boss.offers("StorageAPI"):
            hosts = await boss.Storage.list()
            host = await boss.Storage.detail(hosts[0]["id"])
            assert host is not None
            if boss.offers("QuotaScopeAPI"):
                me = await boss.User.detail(fields=("uuid",))
                assert me is not None
                scope = await boss.QuotaScope.get(host["id"], f"user:{me['uuid']}")
                assert "usage_bytes" in scope
                place = (host["id"], f"user:{me['uuid']}")
                assert (await boss.QuotaScope.set(*place, 2**40))["quota_scope"]
                assert (
                    await boss.QuotaScope.get_many([place, place])
                    == [await boss.QuotaScope.get(*place)] * 2
                )
                assert (await boss.QuotaScope.unset(*place))["quota_scope"]
        if boss.offers("AuditLogAPI"):
            # Also where there are entries that the server has no kind for.
            assert (await boss.ScalingGroup.create(name))["ok"]
            assert (await boss.ScalingGroup.associate_domain(name, "default"))["ok"]
            assert (await boss.ScalingGroup.dissociate_domain(name, "default"))["ok"]
            assert (await boss.ScalingGroup.delete(name))["ok"]
            entries = await boss.AuditLog.list(50)
            assert len(entries) >= 4
            assert {"create", "delete"} <= {entry["operation"] for entry in entries}
        if boss.offers("ServiceAPI"):
            assert isinstance(await boss.Service.list(), list)
            assert isinstance((await boss.Service.paginated_list(5))["items"], list)
        else:
            with pytest.raises(UnsupportedByServerError, match=r"23\.03"):
                await boss.Service.list()


DEFINITION = """\
models:
  - name: m
    model_path: /models
    service:
      pre_start_actions: []
      start_command: [/usr/bin/python3, -m, http.server, "8000"]
      port: 8000
      health_check: {path: /, max_retries: 5}
"""


@pytest.mark.covers(
    "Service.create", "Service.info", "Service.scale", "Service.sync", "Service.clear_errors",
    "Service.delete",
)  # fmt: skip
async def test_the_life_of_a_model_service(peer: Peer, tmp_path: Path) -> None:
    async with peer.session("superadmin") as boss:
        if not boss.offers("ServiceAPI"):
            with pytest.raises(UnsupportedByServerError, match=r"23\.03"):
                await boss.Service.scale("any", 1)
            return
        groups = await boss.ScalingGroup.list(fields=("name", "wsproxy_addr"))
        if not any(row["wsproxy_addr"] for row in groups):
            pytest.skip("the server has no app proxy")
        name = unique("model")
        await boss.VFolder.create(name, usage_mode="model")
        try:
            (tmp_path / "model-definition.yml").write_text(DEFINITION)
            await boss.VFolder(name).upload(["model-definition.yml"], tmp_path)
            images = await boss.Image.list(fields=("name", "tag", "registry"))
            image = next("{registry}/{name}:{tag}".format(**i) for i in images
                         if str(i["name"]).endswith("python"))  # fmt: skip
            made = await boss.Service.create(name, name, image, resources={"cpu": 1, "mem": "512m"})
            service = str(made["endpoint_id"])
            assert (await boss.Service.info(service))["replicas"] == 1
            assert (await boss.Service.scale(service, 2))["target_count"] == 2
            assert (await boss.Service.sync(service))["success"]
            await boss.Service.clear_errors(service)
            assert (await boss.Service.delete(service))["success"]
        finally:
            await peer.until(lambda: deleted(boss.VFolder(name)), "the end of its sessions")
