"""What concerns a cluster's machines: the watchers of its agents, the hosts mounted on them."""

from __future__ import annotations

import pytest

from bai_tui.api import BackendAPIError
from tests.contract.conftest import Peer, done, faulty


@pytest.mark.covers(
    "AgentWatcher.get_status", "AgentWatcher.agent_start", "AgentWatcher.agent_restart",
    "AgentWatcher.agent_stop",
)  # fmt: skip
async def test_watchers_of_agents(peer: Peer) -> None:
    async with peer.session("superadmin") as boss, peer.session() as user:
        agents = await boss.Agent.list_with_limit(1, 0, fields=("id",))
        agent = agents["items"][0]["id"]
        watcher = boss.AgentWatcher
        watched = await done("AgentWatcher.get_status", watcher.get_status(agent))
        if watched and peer.real:
            pytest.skip("a real watcher would end the agent under the other tests")
        for act in (watcher.agent_start, watcher.agent_restart, watcher.agent_stop):
            assert await done(f"AgentWatcher.{act.__name__}", act(agent)) is watched
        for act in (user.AgentWatcher.get_status, user.AgentWatcher.agent_stop):
            with pytest.raises(BackendAPIError) as caught:
                await act(agent)
            assert caught.value.status in (401, 403)


@pytest.mark.covers("VFolder.mount_host", "VFolder.umount_host")
async def test_hosts_are_mounted_by_superadmins(peer: Peer) -> None:
    """What lies nowhere is mounted nowhere; servers tell so of each machine, or refuse."""
    place = ("nowhere", "nfs.invalid:/exports")
    async with peer.session("superadmin") as boss, peer.session() as user:
        mounted = await boss.VFolder.mount_host(*place)
        assert not any(answer["success"] for answer in mounted["agents"].values())
        umount = boss.VFolder.umount_host
        if not await faulty(boss, "VFolder.umount_host", lambda: umount(place[0])):
            assert mounted["manager"].keys() == (await umount(place[0]))["manager"].keys()
        for call in (user.VFolder.mount_host(*place), user.VFolder.umount_host(place[0])):
            with pytest.raises(BackendAPIError) as caught:
                await call
            assert caught.value.status in (401, 403)
