"""Virtual folders: their life, their files, who shares them, large transfers that go on."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from bai_tui.api import (
    AsyncSession,
    BackendError,
    NotFoundError,
    PermissionDeniedError,
    VFolder,
)
from tests.contract.conftest import Peer, done, faulty, offered


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@asynccontextmanager
async def folder_of(session: AsyncSession) -> AsyncIterator[VFolder]:
    """A folder that is gone afterwards, also from a trash."""
    name = f"c-{secrets.token_hex(4)}"
    made = await session.VFolder.create(name)
    folder = session.VFolder(name)
    try:
        yield folder
    finally:
        await folder.delete()
        if session.generation.trash:
            await folder.purge(made["id"])


@pytest.mark.covers(
    "VFolder.create", "VFolder.info", "VFolder.list", "VFolder.list_hosts",
    "VFolder.list_allowed_types", "VFolder.rename", "VFolder.delete",
)  # fmt: skip
async def test_life(peer: Peer) -> None:
    async with peer.session() as session:
        assert (await session.VFolder.list_hosts())["allowed"]
        assert "user" in await session.VFolder.list_allowed_types()
        async with folder_of(session) as folder:
            info = await folder.info()
            assert info["name"] == folder.name
            assert info["is_owner"] is True
            new = f"{folder.name}-new"
            await folder.rename(new)
            assert new in [row["name"] for row in await session.VFolder.list()]


@pytest.mark.covers(
    "VFolder.mkdir", "VFolder.upload", "VFolder.download", "VFolder.list_files",
    "VFolder.rename_file", "VFolder.delete_files",
)  # fmt: skip
async def test_files(peer: Peer, tmp_path: Path) -> None:
    (tmp_path / "tree" / "sub").mkdir(parents=True)
    (tmp_path / "tree" / "a.txt").write_text("first")
    (tmp_path / "tree" / "sub" / "b ü%20.txt").write_text("second")
    async with peer.session() as session, folder_of(session) as folder:
        await folder.mkdir("empty/inner")
        await folder.upload(["tree"], basedir=tmp_path)
        names = {entry.name: entry for entry in await folder.entries("tree")}
        assert names["sub"].is_dir
        assert names["sub"].mode.startswith("d")
        assert (names["a.txt"].size, names["a.txt"].mode[0]) == (5, "-")
        await folder.rename_file("tree/a.txt", "c.txt")
        await folder.download(["tree"], dest=tmp_path / "back")
        assert (tmp_path / "back/tree/c.txt").read_text() == "first"
        assert (tmp_path / "back/tree/sub/b ü%20.txt").read_text() == "second"
        await folder.delete_files(["tree/c.txt"])
        await folder.delete_files(["tree"], recursive=True)
        assert [entry.name for entry in await folder.entries()] == ["empty"]
        with pytest.raises(NotFoundError):
            await folder.download(["none.txt"], dest=tmp_path)


@pytest.mark.covers("uploads that go on", "downloads that go on")
async def test_a_large_file_goes_on_where_it_broke_off(peer: Peer, tmp_path: Path) -> None:
    big = tmp_path / "big.bin"
    block = os.urandom(1 << 20)
    with big.open("wb") as file:
        for number in range(peer.large >> 20):
            file.write(block[number % 64 :] + block[: number % 64])
    digest = sha256(big)
    async with peer.session() as session, folder_of(session) as folder:
        moved = 0

        def report(count: int) -> None:
            nonlocal moved
            moved += count
            if moved > peer.large // 3 and not task.cancelled() and not interrupted.is_set():
                interrupted.set()
                task.cancel()

        interrupted = asyncio.Event()
        upload = folder.uploader(big, "big.bin", report)
        task = asyncio.ensure_future(upload.run())
        with suppress(asyncio.CancelledError):
            await task
        assert interrupted.is_set()
        kept = upload.done
        assert 0 < kept < peer.large
        before = moved
        await upload.run()
        # What had arrived is not sent again.
        assert moved - before < peer.large
        assert [e.size for e in await folder.entries()] == [peer.large]

        back = tmp_path / "back.bin"
        moved, interrupted = 0, asyncio.Event()
        download = folder.downloader("big.bin", back, report)
        task = asyncio.ensure_future(download.run())
        with suppress(asyncio.CancelledError):
            await task
        assert interrupted.is_set()
        before = moved
        await download.run()
        assert moved - before < peer.large
        assert sha256(back) == digest


@pytest.mark.covers(
    "VFolder.invite", "VFolder.invitations", "VFolder.sent_invitations",
    "VFolder.accept_invitation", "VFolder.delete_invitation", "VFolder.list_shared",
    "VFolder.update_shared", "VFolder.update_invitation",
)  # fmt: skip
async def test_sharing(peer: Peer) -> None:
    other = "user2" if "user2" in peer.keys else "superadmin"
    async with (
        peer.session() as session,
        peer.session(other) as guest,
        folder_of(session) as folder,
    ):
        email = peer.keys[other][2]

        async def waiting() -> str:
            rows = (await guest.VFolder.invitations())["invitations"]
            (row,) = [row for row in rows if row["vfolder_name"] == folder.name]
            return str(row["id"])

        assert (await folder.invite("ro", [email]))["invited_ids"] == [email]
        await guest.VFolder.delete_invitation(await waiting())
        assert (await folder.invite("rw", [email]))["invited_ids"] == [email]
        sent = (await session.VFolder.sent_invitations())["invitations"]
        (mine,) = [row for row in sent if row["vfolder_name"] == folder.name]
        await session.VFolder.update_invitation(mine["id"], "ro")
        await guest.VFolder.accept_invitation(await waiting())
        assert folder.name in [row["name"] for row in await guest.VFolder.list()]
        shared = (await session.VFolder.list_shared())["shared"]
        (entry,) = [row for row in shared if row["vfolder_name"] == folder.name]
        await session.VFolder.update_shared(entry["vfolder_id"], entry["shared_to"]["uuid"], "rw")
        await session.VFolder.update_shared(entry["vfolder_id"], entry["shared_to"]["uuid"], None)
        assert folder.name not in [row["name"] for row in await guest.VFolder.list()]


@pytest.mark.covers(
    "VFolder.clone", "VFolder.update_options", "VFolder.move_file", "VFolder.restore",
    "VFolder.purge", "VFolder.usage", "BackgroundTask.wait",
)  # fmt: skip
async def test_what_later_servers_can(peer: Peer, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("content")
    async with peer.session("superadmin") as session, folder_of(session) as folder:
        await folder.upload(["a.txt"], basedir=tmp_path)
        last = "a.txt"
        if await offered(session, "VFolder.move_file", lambda: folder.move_file("a", "b")):
            await folder.move_file("a.txt", last := "b.txt")
        assert [entry.name for entry in await folder.entries()] == [last]
        if await offered(session, "VFolder.usage", folder.usage):
            assert await folder.usage()
        if not await offered(session, "VFolder.clone", lambda: folder.clone("copy-of-it")):
            return
        await folder.update_options(cloneable=True)
        copy = session.VFolder(f"{folder.name}-copy")
        made = await folder.clone(copy.name)
        if "bgtask_id" in made:
            steps: list[str] = []
            task = session.BackgroundTask(made["bgtask_id"])
            end = await task.wait(lambda s: steps.append(s.state))
            assert (end.state, steps[-1]) == ("done", "done")
        try:
            assert [entry.name for entry in await copy.entries()] == [last]
        finally:
            await copy.delete()
            if await offered(session, "VFolder.restore", copy.restore):
                with suppress(BackendError):
                    await copy.restore()
                    await copy.delete()
                await copy.purge()
        assert copy.name not in [
            row["name"]
            for row in await session.VFolder.list()
            if not str(row.get("status", "")).startswith("delete")
        ]


@pytest.mark.covers("VFolder.leave")
async def test_leaving(peer: Peer) -> None:
    async with (
        peer.session("superadmin") as owner,
        peer.session() as guest,
        folder_of(owner) as folder,
    ):
        await folder.invite("ro", [peer.keys["user"][2]])
        rows = (await guest.VFolder.invitations())["invitations"]
        (mine,) = [row for row in rows if row["vfolder_name"] == folder.name]
        await guest.VFolder.accept_invitation(mine["id"])

        async def left() -> bool:
            return folder.name not in [row["name"] for row in await guest.VFolder.list()]

        leave = guest.VFolder(folder.name).leave
        if await faulty(guest, "VFolder.leave", leave, PermissionDeniedError):
            assert not await left()
        else:
            await leave()
            assert await left()


@pytest.mark.covers("VFolder.quota", "VFolder.set_quota")
async def test_quota_of_a_folder(peer: Peer) -> None:
    """Most storage has none, and says so."""
    async with peer.session() as session, folder_of(session) as folder:
        if not await offered(session, "VFolder.quota", folder.quota):
            return
        if await done("VFolder.set_quota", folder.set_quota(1 << 30)):
            assert await folder.quota()
        else:
            assert not await done("VFolder.quota", folder.quota())
