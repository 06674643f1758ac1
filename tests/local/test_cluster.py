"""Starting, stopping, locking and announcing: the cluster and its own process."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import aiohttp
import pytest

from bai_tui.local.cluster import ClusterError, LocalCluster, StateLockedError
from tests.local.conftest import Connect

COMMAND = [sys.executable, "-m", "bai_tui.local"]


@contextmanager
def process(*arguments: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A cluster in its own process; killed at the end if it still runs."""
    running = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    try:
        yield running
    finally:
        if running.poll() is None:
            running.kill()
        for pipe in (running.stdin, running.stdout, running.stderr):
            if pipe is not None:
                pipe.close()
        running.wait(10)


def announcement(running: subprocess.Popen[str]) -> dict[str, Any]:
    assert running.stdout is not None
    line = running.stdout.readline()
    assert line, pipe_text(running.stderr)
    found: dict[str, Any] = json.loads(line)
    return found


def pipe_text(pipe: IO[str] | None) -> str:
    assert pipe is not None
    return pipe.read()


def test_importing_the_package_is_light() -> None:
    code = "import sys, bai_tui.local; print(*{'aiohttp', 'graphql', 'psutil'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


async def test_rows_and_keys_survive_a_restart(tmp_path: Path, connect: Connect) -> None:
    async with LocalCluster(tmp_path / "state") as cluster:
        before = cluster.credentials
        first = connect(cluster)
        await first.gql('mutation { create_domain(name: "kept", props: {}) { ok } }')
    async with LocalCluster(tmp_path / "state") as again:
        assert again.credentials == before
        found = await connect(again).gql("{ domains { name } }")
        assert [row["name"] for row in found["domains"]] == ["default", "kept"]


async def test_two_clusters_side_by_side(tmp_path: Path, connect: Connect) -> None:
    async with LocalCluster(tmp_path / "a") as one, LocalCluster(tmp_path / "b") as two:
        assert one.endpoint != two.endpoint
        (await connect(one).get("/auth/test?echo=a")).expect(200)
        stranger = connect(one)
        stranger.endpoint = two.endpoint
        (await stranger.get("/auth/test?echo=a")).expect(401, "auth-failed")


async def test_files_are_private(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        async with LocalCluster(tmp_path / "state") as cluster:
            root = cluster.state.path
            assert stat.S_IMODE(root.stat().st_mode) == 0o700
            files = [path for path in root.iterdir() if path.is_file()]
            assert {"cluster.sqlite3", "endpoint.json", "accounts.json", "lock"} <= {
                path.name for path in files
            }
            assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    finally:
        os.umask(old)
    assert not (root / "endpoint.json").exists()


async def test_no_secret_in_the_database_in_clear_or_in_repr(tmp_path: Path) -> None:
    async with LocalCluster(tmp_path / "state") as cluster:
        for keys in cluster.credentials.values():
            assert keys.password not in repr(keys)
            assert keys.secret_key not in repr(keys)
            stored = cluster.context.store.value(
                "SELECT password FROM users WHERE email = ?", keys.email
            )
            assert keys.password not in stored


async def test_a_locked_directory_is_refused(tmp_path: Path) -> None:
    async with LocalCluster(tmp_path / "state"):
        with pytest.raises(StateLockedError, match="in use by another local cluster") as caught:
            await LocalCluster(tmp_path / "state").start()
        assert caught.value.pid == os.getpid()
    async with LocalCluster(tmp_path / "state"):
        pass


async def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ClusterError, match=f"port {port}"):
            await LocalCluster(tmp_path / "state", port=port).start()
    async with LocalCluster(tmp_path / "state", port=port) as cluster:
        assert cluster.endpoint == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
async def test_only_loopback(tmp_path: Path, host: str) -> None:
    with pytest.raises(ClusterError, match="not a loopback address"):
        await LocalCluster(tmp_path / "state", host=host).start()


async def test_an_unwritable_directory_is_named(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(ClusterError, match=r"can't write to the state directory .*file/state"):
        await LocalCluster(blocker / "state").start()


async def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "cluster.sqlite3").write_bytes(b"no database" * 100)
    with pytest.raises(ClusterError, match="not a usable database"):
        await LocalCluster(state).start()


async def test_process_announces_answers_and_stops_on_sigterm(tmp_path: Path) -> None:
    with process("--state-dir", str(tmp_path / "s"), "--json") as running:
        found = announcement(running)
        assert found["pid"] == running.pid
        assert found["shared"] is False
        assert set(found["credentials"]) == {"superadmin", "admin", "user", "user2", "monitor"}
        async with aiohttp.ClientSession() as http, http.get(found["endpoint"]) as answer:
            assert (await answer.json())["version"] == "v4.20190615"
        running.send_signal(signal.SIGTERM)
        assert running.wait(15) == 0
        assert pipe_text(running.stderr) == ""


async def test_process_ends_with_its_parent(tmp_path: Path) -> None:
    with process("--state-dir", str(tmp_path / "s"), "--json", "--exit-with-parent") as running:
        announcement(running)
        assert running.stdin is not None
        running.stdin.close()
        assert running.wait(15) == 0


async def test_second_process_shares_the_running_cluster(tmp_path: Path) -> None:
    arguments = ("--state-dir", str(tmp_path / "s"), "--json", "--exit-with-parent")
    with process(*arguments) as first, process(*arguments) as second:
        found = [announcement(first), announcement(second)]
        found.sort(key=lambda entry: bool(entry["shared"]))
        assert [entry["shared"] for entry in found] == [False, True]
        assert found[0]["endpoint"] == found[1]["endpoint"]
        assert found[0]["credentials"] == found[1]["credentials"]


async def test_process_tells_people_what_is_wrong(tmp_path: Path) -> None:
    async with LocalCluster(tmp_path / "s"):
        with process("--state-dir", str(tmp_path / "s")) as running:
            assert running.wait(15) == 1
            message = pipe_text(running.stderr)
    assert message.startswith("bai-tui: the state directory")
    assert "Traceback" not in message


async def test_process_prints_the_environment_and_announces_on_a_descriptor(
    tmp_path: Path,
) -> None:
    with process("--state-dir", str(tmp_path / "s")) as running:
        assert running.stdout is not None
        lines = [running.stdout.readline() for _ in range(5)]
        assert [line.split("=")[0] for line in lines[2:]] == [
            "export BACKEND_ENDPOINT",
            "export BACKEND_ACCESS_KEY",
            "export BACKEND_SECRET_KEY",
        ]
        running.send_signal(signal.SIGINT)
        assert running.wait(15) == 0
    reading, writing = os.pipe()
    with process(
        "--state-dir", str(tmp_path / "s"), "--announce-fd", str(writing), pass_fds=[writing]
    ) as running:
        os.close(writing)
        with os.fdopen(reading) as pipe:
            assert json.loads(pipe.readline())["pid"] == running.pid


def test_fixture_serves_a_role(cluster: Any, config_for: Callable[..., Any]) -> None:
    config = config_for("user")
    assert str(config.endpoint).rstrip("/") == cluster.endpoint
    assert config.access_key == cluster.credentials["user"].access_key
