"""Session mode: everything through the web server, with a login kept between programs."""

from __future__ import annotations

import asyncio
import os
import secrets
import stat
import time
from pathlib import Path

import pytest

from bai_tui.api import (
    APIConfig,
    AsyncSession,
    AuthenticationError,
    BackendClientError,
    Session,
    UnsafePathError,
)
from bai_tui.api.config import local_state_path
from tests.conftest import ThreadedCluster
from tests.waiting import until

SMALL: dict[str, str | float] = {"cpu": 1, "mem": "256m"}


@pytest.fixture
def config(cluster: ThreadedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> APIConfig:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return APIConfig(endpoint=cluster.endpoint, endpoint_type="session")


async def test_login_work_logout(
    cluster: ThreadedCluster, config: APIConfig, tmp_path: Path
) -> None:
    user = cluster.credentials["user"]
    name = f"web-{secrets.token_hex(4)}"
    async with AsyncSession(config=config) as session:
        assert session.server is not None
        with pytest.raises(AuthenticationError):
            await session.VFolder.list()
        wrong = await session.Auth.login(user.email, "wrong")
        assert wrong["authenticated"] is False
        answer = await session.Auth.login(user.email, user.password)
        assert answer["authenticated"] is True
        assert answer["data"]["access_key"] == user.access_key
        assert answer["config"] == {"username": user.email}
    kept = local_state_path() / "logins.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert user.secret_key not in kept.read_text()
    assert user.password not in kept.read_text()

    async with AsyncSession(config=config) as session:
        assert (await session.Auth.login_check())["authenticated"] is True
        await session.VFolder.create(name)
        folder = session.VFolder(name)
        (tmp_path / "big").write_bytes(os.urandom(9 * 1024 * 1024))
        (tmp_path / "small").write_bytes(b"content")
        await folder.upload(["big", "small"], basedir=tmp_path)
        await folder.download(["big", "small"], dest=tmp_path / "back")
        for file in ("big", "small"):
            assert (tmp_path / "back" / file).read_bytes() == (tmp_path / file).read_bytes()
        with pytest.raises(UnsafePathError):
            await folder.download(["../x"], dest=tmp_path)
        await folder.delete()

        kernel = await session.Kernel.get_or_create("python", client_token=name, resources=SMALL)
        async with kernel.stream_execute("print(6 * 7)") as run:
            output = [text async for r in run.results() for _, text in r["console"] or ()]
        assert "".join(output) == "42\n"
        async with kernel.stream_pty() as pty:
            await pty.send_stdin(b"echo $((6*7))marker\n")
            seen = b""
            async for piece in pty.output():
                seen += piece
                if b"42marker" in seen:
                    break
        async with kernel.stream_events() as events:
            await kernel.destroy()
            async for event in events:
                if event.event == "kernel_terminated":
                    break

    async with AsyncSession(config=config) as session:
        await session.Auth.logout()
        with pytest.raises(AuthenticationError, match="Unauthorized"):
            await session.VFolder.list()
        assert (await session.Auth.login_check())["authenticated"] is False
    assert user.email not in kept.read_text()


def test_blocking_login(cluster: ThreadedCluster, config: APIConfig) -> None:
    user = cluster.credentials["user"]
    with Session(config=config) as session:
        assert session.Auth.login(user.email, user.password)["authenticated"]
        assert session.User.detail(fields=("email",)) == {"email": user.email}
        session.Auth.logout()


async def test_a_damaged_file_is_no_login(config: APIConfig) -> None:
    path = local_state_path() / "logins.json"
    path.parent.mkdir(parents=True)
    for content in (b"{", b"[]", b'{"http://x": 1}', b"\xff"):
        path.write_bytes(content)
        async with AsyncSession(config=config) as session:
            assert (await session.Auth.login_check())["authenticated"] is False


async def test_logins_need_session_mode(cluster: ThreadedCluster) -> None:
    async with AsyncSession(config=cluster.config_for()) as session:
        with pytest.raises(BackendClientError, match="web servers"):
            await session.Auth.login("a", "b")
    await until(lambda: session.closed)


async def test_a_login_holds_at_all_endpoints(cluster: ThreadedCluster, config: APIConfig) -> None:
    """Two addresses of one web server: the cookie of one is good for the other."""
    user = cluster.credentials["user"]
    other = cluster.endpoint.replace("127.0.0.1", "localhost")
    both = APIConfig(endpoint=f"{cluster.endpoint},{other}", endpoint_type="session")
    async with AsyncSession(config=both) as session:
        await session.Auth.login(user.email, user.password)
        for _ in range(2):
            session.config.rotate_endpoints()
            assert await session.User.detail(fields=("email",)) == {"email": user.email}
    for endpoint in (cluster.endpoint, other):
        alone = APIConfig(endpoint=endpoint, endpoint_type="session")
        async with AsyncSession(config=alone) as session:
            assert (await session.Auth.login_check())["authenticated"] is True
    async with AsyncSession(config=both) as session:
        await session.Auth.logout()
    async with AsyncSession(config=config) as session:
        assert (await session.Auth.login_check())["authenticated"] is False


async def test_an_abandoned_stream_does_not_hold_up_the_end_of_the_server(
    fresh_cluster: ThreadedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    user = fresh_cluster.credentials["user"]
    config = APIConfig(endpoint=fresh_cluster.endpoint, endpoint_type="session")
    async with AsyncSession(config=config) as session:
        await session.Auth.login(user.email, user.password)
        async with session.Kernel.events():
            pass

    async def left_over() -> list[str]:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        return [str(task.get_coro()) for task in tasks]

    begun = time.monotonic()
    await asyncio.to_thread(fresh_cluster.call, fresh_cluster.cluster.stop())
    assert time.monotonic() - begun < 2.5
    assert await asyncio.to_thread(fresh_cluster.call, left_over()) == []
