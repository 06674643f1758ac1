"""What the other tests of the contract leave over, so that every function was seen on a server."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from pathlib import Path

import pytest

from bai_tui.api import APIConfig, AsyncSession, AuthenticationError, BackendError
from tests.contract.conftest import FAULTS, SMALL, Peer, faulty, offered, report


def unique(kind: str) -> str:
    return f"{kind}-{secrets.token_hex(4)}"


@pytest.mark.covers("User.authorize", "Auth.update_password")
async def test_passwords(peer: Peer) -> None:
    email, old, new = f"{unique('u')}@example.com", "First-of-2-words!", "Second-of-2-words!"
    async with peer.session("superadmin") as boss:
        assert (await boss.User.create("default", email, old))["ok"]
        try:
            await boss.KeyPair.create(email)
            keys = (await boss.User.authorize(email, old)).content
            config = APIConfig(
                endpoint=peer.endpoint,
                access_key=keys["access_key"],
                secret_key=keys["secret_key"],
            )
            async with AsyncSession(config=config) as session:
                await session.Auth.update_password(old, new, new)
            with pytest.raises(AuthenticationError):
                await boss.User.authorize(email, old)
            assert (await boss.User.authorize(email, new)).content["access_key"]
        finally:
            await boss.User.delete(email)
            await boss.User.purge(email)


@pytest.mark.covers(
    "ScalingGroup.associate_domain", "ScalingGroup.dissociate_domain",
    "ScalingGroup.dissociate_all_domain", "ScalingGroup.associate_group",
    "ScalingGroup.dissociate_group", "ScalingGroup.dissociate_all_group",
    "ScalingGroup.associate_keypair", "ScalingGroup.dissociate_keypair",
)  # fmt: skip
async def test_who_may_use_a_scaling_group(peer: Peer) -> None:
    async with peer.session("superadmin") as boss:
        name, api = unique("sg"), boss.ScalingGroup
        assert (await api.create(name))["ok"]
        assert (await boss.Group.create("default", name))["ok"]
        (group,) = [g for g in await boss.Group.list("default") if g["name"] == name]
        key = (await boss.KeyPair.create(peer.keys["user"][2]))["keypair"]["access_key"]
        try:
            for lend, end, whom in (
                (api.associate_domain, api.dissociate_domain, "default"),
                (api.associate_group, api.dissociate_group, group["id"]),
                (api.associate_keypair, api.dissociate_keypair, key),
            ):
                assert (await lend(name, whom))["ok"]
                assert (await end(name, whom))["ok"]
            assert (await api.associate_group(name, group["id"]))["ok"]
            available = (await api.list_available(name))["scaling_groups"]
            assert {"name": name} in available
            assert (await api.dissociate_all_group(group["id"]))["ok"]
            available = (await api.list_available(name))["scaling_groups"]
            assert {"name": name} not in available
            domain = unique("d")
            assert (await boss.Domain.create(domain))["ok"]
            try:
                assert (await api.associate_domain(name, domain))["ok"]
                assert (await api.dissociate_all_domain(domain))["ok"]
            finally:
                await boss.Domain.delete(domain)
        finally:
            await boss.KeyPair.delete(key)
            await boss.Group.delete(group["id"])
            await boss.Group.purge(group["id"])
            assert (await api.delete(name))["ok"]


@pytest.mark.covers("VFolder.share", "VFolder.unshare", "VFolder.delete_by_id")
async def test_folders_of_groups(peer: Peer) -> None:
    email = peer.keys["user"][2]
    async with (
        peer.session("superadmin") as boss,
        peer.session("admin") as owner,
        peer.session() as guest,
    ):
        (group,) = [g for g in await boss.Group.list("default") if g["name"] == "default"]
        name = unique("c")
        made = await owner.VFolder.create(name, group=group["id"])
        folder = owner.VFolder(name)

        async def sharers() -> list[str]:
            """Who was named, as the manager keeps it."""
            rows = (await owner.VFolder.list_shared())["shared"]
            return [row["shared_to"]["email"] for row in rows if row["vfolder_name"] == name]

        try:
            if owner.offers("VFolder.share"):
                assert (await folder.share("rw", [email]))["shared_emails"] == [email]
                assert email in await sharers()
                assert (await folder.unshare([email]))["unshared_emails"] == [email]
                assert email not in await sharers()
            assert name in [row["name"] for row in await guest.VFolder.list(group_id=group["id"])]
        finally:
            await boss.VFolder.delete_by_id(made["id"])
            if boss.generation.trash:
                await folder.purge(made["id"])


@pytest.mark.covers("VFolder.read_file")
async def test_a_piece_of_a_file(peer: Peer, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("0123456789")
    async with peer.session() as session:
        name = unique("c")
        made = await session.VFolder.create(name)
        folder = session.VFolder(name)
        try:
            await folder.upload(["a.txt"], basedir=tmp_path)
            assert await folder.read_file("a.txt", 4, 3) == b"3456"
            assert await folder.read_file("a.txt", 100, 8) == b"89"
            assert await folder.read_file("a.txt", 100, 10) == b""
        finally:
            await folder.delete()
            if session.generation.trash:
                await folder.purge(made["id"])


@pytest.mark.covers("Kernel.hello", "Kernel.stream_events", "Kernel.restart")
async def test_the_events_of_one_session(peer: Peer) -> None:
    seen: list[str] = []
    async with peer.session() as session:
        assert (await session.Kernel.hello())["version"] == session.server.version  # type: ignore[union-attr]
        kernel = await session.Kernel.get_or_create(
            peer.image, client_token=unique("c"), resources=SMALL, max_wait=0
        )
        async with kernel.stream_events() as stream:

            async def listen() -> None:
                async for event in stream:
                    seen.append(event.event)

            async def impatient() -> None:
                async with asyncio.timeout(20):
                    await kernel.restart()

            listening = asyncio.create_task(listen())
            try:
                if await offered(session, "Kernel.restart", kernel.restart) and not await faulty(
                    session, "Kernel.restart", impatient, TimeoutError
                ):
                    await kernel.restart()
                    info = await session.Kernel.get(kernel.kernel_id)
                    assert info is not None
                    assert info.status == "RUNNING"
            finally:
                await kernel.destroy()
                if "Kernel.restart" in FAULTS.get(session.generation.release, ()):
                    # What restarts for ever also terminates for ever.
                    await kernel.destroy(forced=True)
            await peer.until(lambda: any("terminat" in name for name in seen), "its end")
            listening.cancel()
            with suppress(asyncio.CancelledError, BackendError):
                await listening


@pytest.mark.covers("ErrorLog.list", "ErrorLog.clear")
async def test_the_log_of_errors(peer: Peer) -> None:
    async with peer.session("superadmin") as session:
        if not await offered(session, "ErrorLogAPI", session.ErrorLog.list):
            return
        message = unique("trouble")
        await report(session, message)
        answer = await session.ErrorLog.list(size=5)
        assert answer["count"] >= len(answer["logs"])
        (entry,) = [row for row in answer["logs"] if row["message"] == message]
        assert not entry["is_cleared"]
        await session.ErrorLog.clear(entry["log_id"])
        rows = (await session.ErrorLog.list(size=20))["logs"]
        # What is dealt with is marked, or left out.
        assert all(row["is_cleared"] for row in rows if row["message"] == message)
