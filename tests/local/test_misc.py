"""Usage, statistics, watcher, dotfiles, host mounts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.local.conftest import Connect
from tests.local.test_resource import insert_session

STAT = {
    "cpu_used": {"current": "1500"},
    "mem": {"current": "4096"},
    "io_read": {"current": "10"},
    "io_write": {"current": "20"},
    "io_scratch_size": {"current": "1", "stats.max": "30"},
}


async def test_usage(fresh_cluster: Any, connect: Connect) -> None:
    boss, user = connect(fresh_cluster), connect(fresh_cluster, "user")
    now = fresh_cluster.cluster.clock.now()
    ended = insert_session(
        fresh_cluster,
        "user",
        {"cpu": "2", "mem": "1024"},
        status="TERMINATED",
        created_at=now - timedelta(hours=2),
        terminated_at=now - timedelta(hours=1),
        last_stat=STAT,
        mounts=[["data", "local", "0" * 32, "rw"]],
    )
    insert_session(fresh_cluster, "user2", {"cpu": "1", "mem": "1"})
    insert_session(fresh_cluster, "user2", {"cpu": "9", "mem": "1"}, status="PENDING")
    group_id = (await boss.gql("{ groups { id } }"))["groups"][0]["id"]
    local = now.astimezone()
    days = [(local - timedelta(days=1)).strftime("%Y%m%d"), local.strftime("%Y%m%d")]
    period = {"group_id": None, "start_date": days[0], "end_date": days[1]}
    (group,) = (await boss.get("/resource/usage/period", period)).expect(200)
    assert (group["g_name"], group["g_cpu_allocated"], group["g_cpu_used"]) == (
        "default",
        3.0,
        1500,
    )
    first = group["c_infos"][0]
    assert first["id"] == ended
    assert (first["used_time"], first["nfs"], first["disk_used"]) == ("1:00:00", ["local"], 30)
    running = group["c_infos"][1]
    assert (running["used_time"], running["used_days"], running["nfs"]) == (None, None, None)
    assert running["terminated_at"] == "None"
    assert (await boss.get("/resource/usage/period", period | {"group_id": "no"})).expect(200) == []

    month = {"group_ids": [group_id], "month": local.strftime("%Y%m")}
    assert (await boss.get("/resource/usage/month", month)).expect(200)[0]["g_id"] == group_id
    query = f"?group_ids={group_id}&group_ids=x&month={month['month']}"
    assert (await boss.get(f"/resource/usage/month{query}")).expect(200)
    for bad in (
        {"start_date": "20269999"},
        {"start_date": "20200101", "end_date": "20201231"},
        {"start_date": "20200102", "end_date": "20200101"},
        {"start_date": "x"},
    ):
        answer = await boss.get("/resource/usage/period", period | bad)
        answer.expect(400, "invalid-api-params")
    (await boss.get("/resource/usage/month", {"month": "202601"})).expect(400)
    (await user.get("/resource/usage/period", period)).expect(401, "auth-failed")

    series = (await user.get("/resource/stats/user/month")).expect(200)
    assert len(series) == 2880
    assert series[1]["date"] - series[0]["date"] == 900
    busy = [point for point in series if point["num_sessions"]["value"]]
    assert 4 <= len(busy) <= 6
    assert busy[0]["cpu_allocated"] == {"value": 2.0, "unit_hint": "count"}
    assert busy[0]["disk_used"] == {"value ": 30, "unit_hint": "bytes"}
    (await user.get("/resource/stats/admin/month")).expect(401, "auth-failed")
    assert len((await boss.get("/resource/stats/admin/month")).expect(200)) == 2880
    other = (await connect(fresh_cluster, "user2").get("/resource/stats/user/month")).expect(200)
    assert not any(point["num_sessions"]["value"] for point in other)


async def test_watcher(cluster: Any, connect: Connect) -> None:
    boss = connect(cluster)
    expected = {"message": "Agent is not loaded with systemctl."}
    body = {"agent_id": "i-local"}
    assert (await boss.get("/resource/watcher", body)).expect(200) == expected
    for action in ("start", "stop", "restart"):
        answer = await boss.post(f"/resource/watcher/agent/{action}", {"agent": "i-local"})
        assert answer.expect(200) == expected
    (await boss.get("/resource/watcher?agent=none")).expect(400, "invalid-api-params")
    (await connect(cluster, "admin").get("/resource/watcher", body)).expect(401, "auth-failed")
    assert (await boss.post("/resource/recalculate-usage")).expect(200) == {}


async def test_dotfiles(fresh_cluster: Any, connect: Connect) -> None:
    user, path = connect(fresh_cluster, "user"), "/user-config/dotfiles"
    file = {"path": ".bashrc", "data": "alias l=ls\n", "permission": "644"}
    assert (await user.post(path, file)).expect(200) == {}
    (await user.post(path, file)).expect(400, "generic-bad-request")
    assert (await user.get(path)).expect(200) == [file]
    one = (await user.get(f"{path}?path=.bashrc")).expect(200)
    assert one == {"path": ".bashrc", "perm": "644", "data": file["data"]}
    assert (await user.call("PATCH", path, file | {"permission": "600"})).expect(200) == {}
    assert (await user.get("/v5" + path)).expect(200)[0]["permission"] == "600"
    for bad in ({"path": ".ssh"}, {"permission": "999"}, {"permission": "0644"}, {"data": 1}):
        (await user.post(path, file | bad)).expect(400, "invalid-api-params")
    (await user.post(path, file | {"path": "x", "data": "y" * 65536})).expect(
        400, "generic-bad-request"
    )
    (await user.post(path, file | {"path": "x", "data": "y" * 65537})).expect(
        400, "invalid-api-params"
    )
    (await user.get(f"{path}?path=none")).expect(404, "generic-not-found")
    (await user.call("PATCH", path, file | {"path": "none"})).expect(404, "generic-not-found")
    (await user.delete(path, {"path": "none"})).expect(404, "generic-not-found")

    # For somebody else: by query only, and for admins only.
    boss = connect(fresh_cluster)
    key = fresh_cluster.credentials["user"].access_key
    theirs = file | {"path": ".theirs"}
    (await boss.post(f"{path}?owner_access_key={key}", theirs)).expect(200)
    (await boss.post(path, theirs | {"path": ".mine", "owner_access_key": key})).expect(200)
    assert {entry["path"] for entry in (await user.get(path)).expect(200)} == {".bashrc", ".theirs"}
    assert {entry["path"] for entry in (await boss.get(path)).expect(200)} == {".mine"}
    other = fresh_cluster.credentials["user2"].access_key
    (await user.post(f"{path}?owner_access_key={other}", theirs)).expect(403, "generic-forbidden")
    (await boss.post(f"{path}?owner_access_key=AKIANONE", theirs)).expect(500)
    assert (await user.delete(f"{path}?path=.bashrc")).expect(200) == {"success": True}

    for number in range(98):
        (await user.post(path, file | {"path": f"f{number}", "data": ""})).expect(200)
    (await user.post(path, file | {"path": "last"})).expect(200)
    (await user.post(path, file | {"path": "one more"})).expect(400, "generic-bad-request")


async def test_host_mounts(fresh_cluster: Any, connect: Connect, tmp_path: Path) -> None:
    boss, path = connect(fresh_cluster), "/folders/_/mounts"
    outside = tmp_path / "storage"
    outside.mkdir()
    mount = {"name": "extra", "fs_location": str(outside), "options": None, "edit_fstab": True}
    made = (await boss.post(path, mount)).expect(200)
    assert made["manager"] == made["agents"]["i-local"] == {"success": True, "message": ""}
    again = (await boss.post(path, mount)).expect(200)
    assert again["manager"] == {"success": False, "message": "extra is mounted already"}
    nfs = await boss.post(path, mount | {"name": "nfs", "fs_location": "nas:/share"})
    assert "can't mount network file systems" in nfs.expect(200)["manager"]["message"]

    mounts = (await boss.get(path)).expect(200)["manager"]["mounts"]
    assert [Path(entry).name for entry in mounts] == ["extra", "local"]
    assert (await boss.get("/folders/_/all_hosts")).expect(200)["allowed"] == ["extra", "local"]
    fstab = (await boss.get("/folders/_/fstab")).expect(200)
    assert fstab["node"] == "manager"
    assert str(outside) in fstab["content"]
    agent = (await boss.get("/folders/_/fstab?agent_id=i-local")).expect(200)
    assert (agent["node"], agent["node_id"]) == ("agent", "i-local")
    (await boss.get("/folders/_/fstab?fstab_path=/etc/shadow")).expect(400, "invalid-api-params")

    await boss.gql(
        'mutation { modify_domain(name: "default", props: {allowed_vfolder_hosts: ["extra"]}) '
        "{ ok } }"
    )
    user = connect(fresh_cluster, "user")
    folder = (await user.post("/folders", {"name": "far", "host": "extra"})).expect(201)
    assert (outside / folder["id"]).is_dir()

    session = insert_session(
        fresh_cluster, "user", {"cpu": "1"}, mounts=[["far", "extra", folder["id"], "rw"]]
    )
    body = {"name": "extra", "edit_fstab": True}
    assert set((await boss.delete(path, body)).expect(409)) == {"title", "message"}
    store = fresh_cluster.cluster.context.store
    fresh_cluster.run(lambda: store.update("kernels", {"id": session}, status="TERMINATED"))
    assert (await boss.delete(path, body)).expect(200)["manager"]["success"] is True
    assert (await boss.delete(path, body)).expect(200)["manager"]["success"] is False
    assert str(outside) not in (await boss.get("/folders/_/fstab")).expect(200)["content"]
    assert (outside / folder["id"]).is_dir()
    (await user.get(path)).expect(401, "auth-failed")
