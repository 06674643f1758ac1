"""The local cluster as a program of its own: start, stop, sudden death, restart."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from bai_tui.api import APIConfig, AsyncSession
from tests.local.test_sessions import SMALL
from tests.waiting import until_blocking


@contextmanager
def cluster_process(state: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "bai_tui.local",
            "--state-dir",
            str(state),
            "--json",
            "--exit-with-parent",
            *options,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        yield process, json.loads(line) if line else None
    finally:
        process.communicate(timeout=20)


def config(told: Any) -> APIConfig:
    return APIConfig(
        endpoint=told["endpoint"], access_key=told["access_key"], secret_key=told["secret_key"]
    )


def processes_of(name: str) -> list[int]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("BACKENDAI_SESSION_NAME") == name:
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


async def start_session(told: Any, name: str) -> None:
    """A session with a shell, an interpreter and a daemon that tries to get away."""
    async with AsyncSession(config=config(told)) as session:
        kernel = await session.Kernel.get_or_create("python", client_token=name, resources=SMALL)
        await kernel.execute(
            code="import subprocess\n"
            "subprocess.Popen(['sh', '-c', 'setsid setsid sleep 1000 &']).wait()"
        )
        async with kernel.stream_pty() as pty:
            await pty.send_stdin(b"sleep 1000\r")
            async for chunk in pty.output():
                if b"sleep" in chunk:
                    break


@pytest.mark.parametrize("how", ["stdin", "SIGTERM", "SIGINT", "SIGKILL"])
async def test_nothing_survives_the_cluster(tmp_path: Path, how: str) -> None:
    name = f"doomed-{how}"
    with cluster_process(tmp_path / "state") as (process, told):
        await start_session(told, name)
        # The shell is there once it was executed; its terminal echoes before that.
        until_blocking(lambda: len(processes_of(name)) >= 3, "the session's processes")
        if how == "stdin":
            assert process.stdin is not None
            process.stdin.close()
            process.stdin = None
        else:
            process.send_signal(getattr(signal, how))
        process.wait(20)
        until_blocking(lambda: not processes_of(name), "all processes of the session to end")
    assert process.returncode == (-signal.SIGKILL if how == "SIGKILL" else 0)


async def test_rows_survive_and_lost_sessions_are_reported(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with cluster_process(state) as (process, first):
        await start_session(first, "lost-one")
        process.kill()
        process.wait()
    until_blocking(lambda: not processes_of("lost-one"), "the session to end")
    with cluster_process(state) as (process, second):
        assert second["access_key"] == first["access_key"]
        async with AsyncSession(config=config(second)) as session:
            assert [r.name for r in await session.Kernel.list()] == []
            (row,) = await session.Kernel.list(status="TERMINATED")
            assert (row.name, row.status_info) == ("lost-one", "self-terminated")
            again = await session.Kernel.get_or_create(
                "python", client_token="lost-one", resources=SMALL
            )
            assert again.created
            await again.destroy()
        process.terminate()


async def test_two_clusters_side_by_side(tmp_path: Path) -> None:
    with (
        cluster_process(tmp_path / "one") as (first, one),
        cluster_process(tmp_path / "two") as (second, two),
    ):
        assert one["endpoint"] != two["endpoint"]
        assert one["secret_key"] != two["secret_key"]
        for told in (one, two):
            async with AsyncSession(config=config(told)) as session:
                kernel = await session.Kernel.get_or_create(
                    "python", client_token="same-name", resources=SMALL
                )
                assert kernel.created
        first.terminate()
        second.terminate()


def test_secrets_are_private(tmp_path: Path) -> None:
    state = tmp_path / "state"
    old = os.umask(0)
    try:
        with cluster_process(state) as (process, told):
            assert told is not None
            for path in [state, *state.iterdir()]:
                mode = path.stat().st_mode & 0o777
                assert mode in (0o600, 0o700), f"{path.name} is {mode:o}"
            process.terminate()
    finally:
        os.umask(old)


def test_it_tells_how_to_reach_it(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bai_tui", "--state-dir", str(tmp_path / "s"), "local"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    shown = ""
    for line in process.stdout:
        shown += line
        if "Ctrl+C" in line:
            break
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors == ""
    for name in ("BACKEND_ENDPOINT", "BACKEND_ACCESS_KEY", "BACKEND_SECRET_KEY"):
        assert f"export {name}=" in shown


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--host", "0.0.0.0"], "loopback"),
        (["--port", "1"], "choose another port"),
    ],
)
def test_what_cannot_be_is_said(tmp_path: Path, options: list[str], says: str) -> None:
    if "--port" in options:
        import socket

        taken = socket.socket()
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        options = ["--port", str(taken.getsockname()[1])]
    done = subprocess.run(
        [sys.executable, "-m", "bai_tui.local", "--state-dir", str(tmp_path), *options],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    if "--port" in options:
        taken.close()
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
