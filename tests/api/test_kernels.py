"""Sessions: arguments, automatic mounts, reuse, and the files of their working directory."""

from __future__ import annotations

import io
import os
import secrets
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bai_tui.api import (
    AsyncSession,
    BackendAPIError,
    BackendClientError,
    Kernel,
    LocalFileError,
    Progress,
    UnsafeArchiveError,
)
from bai_tui.api.functions.archives import extract_tar
from tests.api.peer import session_to
from tests.conftest import ThreadedCluster

SMALL: dict[str, str | float] = {"cpu": 1, "mem": "256m"}


@pytest.fixture
async def session(cluster: ThreadedCluster) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(config=cluster.config_for("user")) as session:
        yield session


@pytest.fixture
async def kernel(session: AsyncSession) -> AsyncIterator[Kernel]:
    name = f"files-{secrets.token_hex(4)}"
    kernel = await session.Kernel.get_or_create("python", client_token=name, resources=SMALL)
    yield kernel
    await kernel.destroy()


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_token": "abc"},
        {"client_token": "x" * 65},
        {"type_": "batched"},
        {"cluster_size": 0},
        {"max_wait": -1},
        {"mounts": "data"},
        {"resources": {"cpu": float("nan")}},
        {"resources": {"cpu": object()}},
    ],
)
async def test_wrong_arguments_are_refused_here(wrong: dict[str, Any]) -> None:
    session = session_to("http://127.0.0.1:9")
    with pytest.raises(ValueError):
        await session.Kernel.get_or_create("python", **wrong)
    assert not session.connected


async def test_wrong_modes_are_refused_here() -> None:
    kernel = session_to("http://127.0.0.1:9").Kernel("name")
    with pytest.raises(BackendClientError, match="Invalid execution mode: nonsense"):
        await kernel.execute(code="1", mode="nonsense")
    with pytest.raises(BackendClientError, match="needs code"):
        await kernel.execute(mode="query")
    with pytest.raises(BackendClientError, match="Invalid stream-execution mode"):
        kernel.stream_execute("1", mode="continue")
    for name in ("", "a/b"):
        with pytest.raises(ValueError, match="session name"):
            session_to("http://127.0.0.1:9").Kernel(name)


async def test_folders_of_the_configuration_are_mounted(
    cluster: ThreadedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"mount-{secrets.token_hex(4)}" for _ in range(3)]
    monkeypatch.setenv("BACKEND_VFOLDER_MOUNTS", f"{names[0]},{names[1]}")
    config = cluster.config_for("user", vfolder_mounts=[names[1]])
    async with AsyncSession(config=config) as session:
        for name in names:
            await session.VFolder.create(name)
        asked = [names[2], names[0]]
        kernel = await session.Kernel.get_or_create(
            "python", client_token=names[0], resources=SMALL, mounts=tuple(asked)
        )
        info = await session.Kernel.get(kernel.kernel_id)
        assert info is not None
        assert sorted(mount.name for mount in info.mounts) == sorted(names)
        assert asked == [names[2], names[0]]
        again = await session.Kernel.get_or_create("python", client_token=names[0])
        assert not again.created
        assert [port["name"] for port in again.service_ports]
        with pytest.raises(BackendAPIError) as caught:
            await session.Kernel.get_or_create("python", client_token=names[0], no_reuse=True)
        assert caught.value.status in (400, 409)
        await kernel.destroy()
        for name in names:
            await session.VFolder(name).delete()


async def test_a_tree_of_a_session_there_and_back(kernel: Kernel, tmp_path: Path) -> None:
    here = tmp_path / "here"
    files = {f"many/{i:02}": str(i).encode() for i in range(23)}
    files |= {"deep/er/ünï 名前": b"text", "top": os.urandom(1000)}
    for name, content in files.items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_bytes(content)
    steps: list[Progress] = []
    response = await kernel.upload(["."], basedir=here, progress=steps.append)
    assert response.status == 204
    total = sum(map(len, files.values()))
    assert steps[-1][1:] == (total, total, len(files), len(files))
    wanted = ["many", "deep", "top", *(f"many/{i:02}" for i in range(5))]
    steps.clear()
    answer = await kernel.download(wanted, dest=tmp_path / "back", progress=steps.append)
    assert {"top", "many/00"} <= set(answer["file_names"])
    for name, content in files.items():
        assert (tmp_path / "back" / name).read_bytes() == content
    assert steps[-1].files_done == len(wanted)
    assert {e.name for e in await kernel.entries("deep")} == {"er"}


async def test_errors_of_session_files(kernel: Kernel, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(1 << 20))
    with pytest.raises(LocalFileError, match="below 1 MiB") as caught:
        await kernel.upload(["large"], basedir=tmp_path)
    assert "virtual folder" in caught.value.hint
    with pytest.raises(ValueError, match="no file"):
        await kernel.upload([], basedir=tmp_path)
    with pytest.raises(ValueError, match="several files"):
        await kernel.upload("large", basedir=tmp_path)
    with pytest.raises(ValueError, match="outside of the base directory"):
        await kernel.upload(["/etc/passwd"], basedir=tmp_path)
    with pytest.raises(BackendAPIError):
        await kernel.download(["missing"], dest=tmp_path)
    with pytest.raises(ValueError, match="at least one"):
        await kernel.download([], dest=tmp_path)
    (tmp_path / "file").write_bytes(b"x")
    await kernel.upload(["file"], basedir=tmp_path)
    with pytest.raises(LocalFileError, match="cannot be written"):
        await kernel.download(["file"], dest=tmp_path / "file")


class Bytes:
    """An archive that comes in small pieces."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    async def read_chunk(self, size: int = 1000) -> bytes:
        return self._file.read(1000)


def archive(*members: tuple[str, bytes, str]) -> Bytes:
    """A tar with (type, content, name or name->target)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for kind, content, name in members:
            info = tarfile.TarInfo(name.partition("->")[0])
            info.type = kind.encode()
            info.linkname = name.partition("->")[2]
            info.size = len(content)
            info.mode = 0o6777
            tar.addfile(info, io.BytesIO(content))
    return Bytes(buffer.getvalue())


FILE, LINK, HARD, DIRECTORY, DEVICE = "0", "2", "1", "5", "3"


@pytest.mark.parametrize(
    "members",
    [
        [(FILE, b"x", "../out")],
        [(FILE, b"x", "a/../../out")],
        [(LINK, b"", "link->/tmp"), (FILE, b"x", "link/out")],
        [(LINK, b"", "link->.."), (FILE, b"x", "link/out")],
        [(HARD, b"", "hard->../../etc/passwd")],
        [(DEVICE, b"", "null")],
    ],
)
async def test_no_archive_writes_elsewhere(
    tmp_path: Path, members: list[tuple[str, bytes, str]]
) -> None:
    target = tmp_path / "in" / "target"
    with pytest.raises(UnsafeArchiveError):
        await extract_tar(archive((FILE, b"good", "good"), *members), target)
    assert [names for _, *names in os.walk(tmp_path)] == [[["in"], []], [["target"], []], [[], []]]


async def test_no_archive_writes_through_links_that_are_here(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "link").symlink_to(tmp_path)
    with pytest.raises(UnsafeArchiveError):
        await extract_tar(archive((FILE, b"x", "link/out")), target)
    assert not (tmp_path / "out").exists()


async def test_members_take_their_name_when_whole(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"before")
    moved: list[int] = []
    names = await extract_tar(
        archive((DIRECTORY, b"", "d"), (FILE, b"x" * 5000, "file"), (LINK, b"", "d/l->../file")),
        tmp_path,
        moved.append,
    )
    assert names == ["d", "file", "d/l"]
    assert (tmp_path / "d/l").read_bytes() == b"x" * 5000
    assert (tmp_path / "file").stat().st_mode & 0o7022 == 0
    assert sum(moved) > 5000
    assert not (tmp_path / "file.part").exists()
