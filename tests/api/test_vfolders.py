"""Virtual folders: every function, and transfers that survive what networks do."""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bai_tui.api import (
    AsyncSession,
    BackendAPIError,
    LocalFileError,
    NotFoundError,
    Progress,
    UnsafePathError,
    VFolder,
)
from bai_tui.api.paths import inside, remote_path
from tests.conftest import ThreadedCluster
from tests.waiting import until


@pytest.fixture
async def session(cluster: ThreadedCluster) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(config=cluster.config_for("user")) as session:
        yield session


@pytest.fixture
async def admin(cluster: ThreadedCluster) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(config=cluster.config_for()) as session:
        yield session


@pytest.fixture
async def folder(session: AsyncSession) -> AsyncIterator[VFolder]:
    name = f"folder-{secrets.token_hex(4)}"
    await session.VFolder.create(name)
    folder = session.VFolder(name)
    yield folder
    await folder.delete()


async def test_life_of_a_folder(session: AsyncSession) -> None:
    name = f"folder-{secrets.token_hex(4)}"
    created = await session.VFolder.create(name)
    assert created["name"] == name
    assert name in [row["name"] for row in await session.VFolder.list()]
    folder = session.VFolder(name)
    assert (await folder.info())["is_owner"] is True
    await folder.rename(f"{name}-2")
    assert folder.name == f"{name}-2"
    assert (await folder.info())["name"] == f"{name}-2"
    assert await folder.delete() == {}
    with pytest.raises(NotFoundError):
        await folder.info()
    hosts = await session.VFolder.list_hosts()
    assert hosts["default"] in hosts["allowed"]
    assert "user" in await session.VFolder.list_allowed_types()


async def test_what_superadmins_may(admin: AsyncSession, session: AsyncSession) -> None:
    name = f"folder-{secrets.token_hex(4)}"
    created = await session.VFolder.create(name)
    assert name in [row["name"] for row in await admin.VFolder.list(list_all=True)]
    assert (await admin.VFolder.list_all_hosts())["allowed"]
    assert await admin.VFolder.delete_by_id(created["id"]) == {}
    assert name not in [row["name"] for row in await session.VFolder.list()]
    assert "node" in await admin.VFolder.get_fstab_contents()
    assert (await admin.VFolder.list_mounts())["manager"]["success"] is True
    mounted = await admin.VFolder.mount_host("nowhere", "nfs.invalid:/exports")
    assert mounted["manager"]["success"] is False
    assert "manager" in await admin.VFolder.umount_host("nowhere")
    with pytest.raises(BackendAPIError):
        await session.VFolder.list_all_hosts()


async def test_files(folder: VFolder) -> None:
    await folder.mkdir("a/b")
    await folder.mkdir("a/b")
    assert [e.name for e in await folder.entries() if e.is_dir] == ["a"]
    assert [e.name for e in await folder.entries("a")] == ["b"]
    await folder.rename_file("a/b", "c")
    assert [e.name for e in await folder.entries("a")] == ["c"]
    with pytest.raises(BackendAPIError):
        await folder.delete_files(["a"])
    await folder.delete_files(["a", "missing"], recursive=True)
    assert await folder.entries() == []
    with pytest.raises(NotFoundError):
        await folder.entries("missing")


async def test_sharing(
    session: AsyncSession, admin: AsyncSession, cluster: ThreadedCluster, folder: VFolder
) -> None:
    email = cluster.credentials["superadmin"].email
    assert (await folder.invite("rw", [email]))["invited_ids"] == [email]
    sent = (await session.VFolder.sent_invitations())["invitations"]
    (mine,) = [row for row in sent if row["vfolder_name"] == folder.name]
    await session.VFolder.update_invitation(mine["id"], "ro")
    waiting = (await admin.VFolder.invitations())["invitations"]
    (invitation,) = [row for row in waiting if row["vfolder_name"] == folder.name]
    assert invitation["perm"] == "ro"
    await admin.VFolder.accept_invitation(invitation["id"])
    (row,) = [row for row in await admin.VFolder.list() if row["name"] == folder.name]
    assert (row["permission"], row["is_owner"]) == ("ro", False)
    shared = (await session.VFolder.list_shared())["shared"]
    (entry,) = [row for row in shared if row["vfolder_name"] == folder.name]
    await session.VFolder.update_shared(entry["vfolder_id"], entry["shared_to"]["uuid"], "rw")
    with pytest.raises(BackendAPIError):
        await folder.leave()
    await admin.VFolder(folder.name).leave()
    assert folder.name not in [row["name"] for row in await admin.VFolder.list()]


async def test_sharing_a_groups_folder(cluster: ThreadedCluster, session: AsyncSession) -> None:
    email = cluster.credentials["user"].email
    async with AsyncSession(config=cluster.config_for("admin")) as admin:
        name = f"folder-{secrets.token_hex(4)}"
        await admin.VFolder.create(name, group="default")
        folder = admin.VFolder(name)
        assert await folder.share("ro", [email]) == {"shared_emails": [email]}
        assert await folder.unshare([email]) == {"unshared_emails": [email]}
        with pytest.raises(BackendAPIError):
            await session.VFolder(name).share("rw", [email])
        await folder.delete()


async def test_a_rejected_invitation(
    admin: AsyncSession, cluster: ThreadedCluster, folder: VFolder
) -> None:
    await folder.invite("ro", [cluster.credentials["superadmin"].email])
    waiting = (await admin.VFolder.invitations())["invitations"]
    (invitation,) = [row for row in waiting if row["vfolder_name"] == folder.name]
    await admin.VFolder.delete_invitation(invitation["id"])
    waiting = (await admin.VFolder.invitations())["invitations"]
    assert folder.name not in [row["vfolder_name"] for row in waiting]


def make_tree(base: Path) -> dict[str, bytes]:
    files = {
        "top.txt": b"top",
        "data/empty.bin": b"",
        "data/deep/er/ünï cödé 名前 😀.txt": "text ü".encode(),
        'data/quo"te%41.txt': b"quoted",
        "data/large.bin": os.urandom(9 * 1024 * 1024 + 17),
        **{f"many/{i:03}.txt": str(i).encode() for i in range(25)},
    }
    for name, content in files.items():
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (base / "data/hollow/inner").mkdir(parents=True)
    return files


async def test_a_tree_there_and_back(folder: VFolder, tmp_path: Path) -> None:
    files = make_tree(tmp_path / "here")
    steps: list[Progress] = []
    await folder.upload(["."], basedir=tmp_path / "here", progress=steps.append)
    total = sum(map(len, files.values()))
    assert steps[-1][1:] == (total, total, len(files), len(files))
    steps.clear()
    answer = await folder.download(["."], dest=tmp_path / "back", progress=steps.append)
    assert set(answer["file_names"]) == set(files)
    for name, content in files.items():
        assert (tmp_path / "back" / name).read_bytes() == content
    assert (tmp_path / "back/data/hollow/inner").is_dir()
    assert not list((tmp_path / "back").rglob("*.part"))
    assert steps[-1].done == total


async def test_single_files_keep_their_paths(folder: VFolder, tmp_path: Path) -> None:
    make_tree(tmp_path)
    await folder.upload(["data/empty.bin", Path("top.txt")], basedir=tmp_path, dst_dir="in")
    assert {e.name for e in await folder.entries("in")} == {"data", "top.txt"}
    answer = await folder.download(["in/top.txt"], dest=tmp_path / "out")
    assert answer == {"file_names": ["in/top.txt"]}
    assert (tmp_path / "out/in/top.txt").read_bytes() == b"top"


async def test_errors_of_transfers(folder: VFolder, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="outside of the base directory"):
        await folder.upload(["../x"], basedir=tmp_path)
    with pytest.raises(LocalFileError, match="cannot be read"):
        await folder.upload(["missing"], basedir=tmp_path)
    with pytest.raises(BackendAPIError):
        await folder.download(["missing"], dest=tmp_path)
    with pytest.raises(UnsafePathError):
        await folder.download(["../../etc/passwd"], dest=tmp_path)
    with pytest.raises(ValueError, match="several files"):
        await folder.download("a", dest=tmp_path)
    (tmp_path / "file").write_bytes(b"x")
    await folder.upload(["file"], basedir=tmp_path)
    (tmp_path / "there/file").mkdir(parents=True)
    with pytest.raises(LocalFileError, match="is a directory"):
        await folder.download(["file"], dest=tmp_path / "there")
    (tmp_path / "link").symlink_to("/tmp")
    await folder.upload(["file"], basedir=tmp_path, dst_dir="link")
    with pytest.raises(UnsafePathError, match="through a link"):
        await folder.download(["link/file"], dest=tmp_path)


async def test_a_cancelled_download_goes_on(folder: VFolder, tmp_path: Path) -> None:
    content = os.urandom(24 * 1024 * 1024)
    (tmp_path / "big").write_bytes(content)
    await folder.upload(["big"], basedir=tmp_path)
    moved: list[int] = []
    download = folder.downloader("big", tmp_path / "copy", moved.append)
    task = asyncio.create_task(download.run())
    await until(lambda: sum(moved) > 1024 * 1024)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    kept = download.part.stat().st_size
    assert 0 < kept < len(content)
    again: list[int] = []
    second = folder.downloader("big", tmp_path / "copy", again.append)
    await second.run()
    assert (tmp_path / "copy").read_bytes() == content
    assert again[0] >= kept


async def test_a_cancelled_upload_goes_on(folder: VFolder, tmp_path: Path) -> None:
    content = os.urandom(40 * 1024 * 1024)
    (tmp_path / "big").write_bytes(content)
    moved: list[int] = []
    upload = folder.uploader(tmp_path / "big", "big", moved.append)
    task = asyncio.create_task(upload.run())
    await until(lambda: sum(moved) > 20 * 1024 * 1024)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    before = len(moved)
    await upload.run()
    assert sum(moved) == len(content)
    assert sum(count for count in moved[before:] if count > 0) < len(content)
    await folder.download(["big"], dest=tmp_path / "back")
    assert (tmp_path / "back/big").read_bytes() == content


async def test_a_changed_file_is_fetched_anew(folder: VFolder, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"new content")
    await folder.upload(["file"], basedir=tmp_path)
    target = tmp_path / "copy"
    part = tmp_path / "copy.part"
    part.write_bytes(b"old con")
    os.utime(part, (1, 1))
    await folder.downloader("file", target).run()
    assert target.read_bytes() == b"new content"


async def test_a_file_may_have_the_name_of_an_unfinished_one(
    folder: VFolder, tmp_path: Path
) -> None:
    names = ["a", "a.part", "a.part.part"]
    for name in names:
        (tmp_path / name).write_bytes(os.urandom(300_000))
    await folder.upload(names, basedir=tmp_path)
    await folder.download(names, dest=tmp_path / "back")
    for name in names:
        assert (tmp_path / "back" / name).read_bytes() == (tmp_path / name).read_bytes()
    assert sorted(os.listdir(tmp_path / "back")) == names


async def test_two_downloads_do_not_write_one_file(folder: VFolder, tmp_path: Path) -> None:
    content = os.urandom(20 << 20)
    (tmp_path / "big").write_bytes(content)
    await folder.upload(["big"], basedir=tmp_path)
    moved: list[int] = []
    first = asyncio.create_task(folder.downloader("big", tmp_path / "copy", moved.append).run())
    await until(lambda: moved)
    with pytest.raises(LocalFileError, match="being downloaded already"):
        await folder.downloader("big", tmp_path / "copy").run()
    await first
    assert (tmp_path / "copy").read_bytes() == content


def test_transfers_take_little_memory(cluster: ThreadedCluster, tmp_path: Path) -> None:
    """A file of 160 MiB there and back, in a process of its own."""
    keys = cluster.credentials["user"]
    code = f"""
import asyncio, resource
from pathlib import Path
from bai_tui.api import APIConfig, AsyncSession
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
async def main():
    config = APIConfig(endpoint={cluster.endpoint!r}, access_key={keys.access_key!r},
        secret_key={keys.secret_key!r})
    async with AsyncSession(config=config) as session:
        name = {f"memory-{secrets.token_hex(4)}"!r}
        await session.VFolder.create(name)
        folder = session.VFolder(name)
        for file, size in (("warm", 20), ("large", 160)):
            with open(file, "wb") as out:
                out.truncate(size << 20)
            before = peak()
            await folder.upload([file])
            await folder.download([file], dest="back")
        print(peak() - before)
        await folder.delete()
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=100
    )
    assert float(done.stdout or "nan") < 8, done.stderr


NAMES = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(
    ["..", "a/../b", "/etc", "a/./b", "a//b", ".", "", "..\\x", "C:/x", "a/..", "~", "a\0b"]
)


@given(NAMES)
def test_no_name_leaves_its_directory(name: str) -> None:
    base = Path("/nonexistent/base")
    try:
        path = inside(base, name)
    except UnsafePathError:
        return
    normal = os.path.normpath(path)
    assert normal.startswith(f"{base}/")
    assert remote_path(name) == os.path.relpath(normal, base)
