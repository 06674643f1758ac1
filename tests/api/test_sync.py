"""The blocking session: threads, interrupts, notebooks, forgotten sessions."""

from __future__ import annotations

import asyncio
import secrets
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path

import pytest

from bai_tui.api import (
    AsyncSession,
    BackendClientError,
    BackendConnectionError,
    NotFoundError,
    Request,
    Session,
    is_admin,
    is_legacy_server,
)
from bai_tui.api.blocking import run
from bai_tui.api.config import APIConfig
from tests.conftest import ThreadedCluster


def test_the_module_is_current() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.gen_sync", "--check"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_accessor_of_the_manual_is_there() -> None:
    names = {name for name in dir(AsyncSession) if name[:1].isupper()}
    assert names == {name for name in dir(Session) if name[:1].isupper()}
    assert {"Admin", "Kernel", "VFolder", "ScalingGroup"} <= names


def test_folders_and_code(cluster: ThreadedCluster, tmp_path: Path) -> None:
    with Session(config=cluster.config_for("user")) as session:
        name = f"sync-{secrets.token_hex(4)}"
        session.VFolder.create(name)
        folder = session.VFolder(name)
        assert folder.name == name
        (tmp_path / "file").write_bytes(b"content")
        folder.upload(["file"], basedir=tmp_path)
        assert folder.download(["file"], dest=tmp_path / "back") == {"file_names": ["file"]}
        folder.delete()
        with pytest.raises(NotFoundError):
            folder.info()
        kernel = session.Kernel.get_or_create("python", client_token=name)
        assert (kernel.created, kernel.status) == (True, "RUNNING")
        result = kernel.execute(code="print(6 * 7)")
        while result["status"] == "continued":
            result = kernel.execute(run_id=result["runId"], code="", mode="continued")
        assert "".join(text for kind, text in result["console"] if kind == "stdout") == "42\n"
        with pytest.raises(BackendClientError, match="AsyncSession"):
            kernel.stream_pty()
        kernel.destroy()
    assert session.closed
    session.close()
    with pytest.raises(BackendClientError, match="closed"):
        session.Kernel.hello()


def test_plain_requests(cluster: ThreadedCluster) -> None:
    with (
        Session(config=cluster.config_for()) as session,
        Request(session, "GET", "/").fetch(anonymous=True) as response,
    ):
        assert response.status == 200
        assert response.json()["version"].startswith("v4")


def test_helpers(cluster: ThreadedCluster) -> None:
    for role, expected in (("superadmin", True), ("user", False)):
        with Session(config=cluster.config_for(role)) as session:
            assert is_admin(session) is expected
    assert is_legacy_server(cluster.config_for()) is False


def test_one_session_in_eight_threads(cluster: ThreadedCluster) -> None:
    with Session(config=cluster.config_for()) as session, ThreadPoolExecutor(8) as pool:

        def ask(number: int) -> tuple[int, str]:
            return number, session.Auth.test(f"echo-{number}")["echo"]

        answers = list(pool.map(ask, range(80)))
    assert answers == [(number, f"echo-{number}") for number in range(80)]


async def test_inside_a_running_loop(cluster: ThreadedCluster) -> None:
    with Session(config=cluster.config_for()) as session:
        assert session.Kernel.hello()["version"]
    await asyncio.sleep(0)


def test_an_interrupt_leaves_the_next_answer_right(cluster: ThreadedCluster) -> None:
    code = f"""
import _thread, threading, sys
from bai_tui.api import APIConfig, Session
config = APIConfig(endpoint={cluster.endpoint!r},
    access_key={cluster.credentials["user"].access_key!r},
    secret_key={cluster.credentials["user"].secret_key!r})
with Session(config=config) as session:
    kernel = session.Kernel.get_or_create("python", client_token={"int" + secrets.token_hex(4)!r})
    for _ in range(2):
        threading.Timer(0.3, _thread.interrupt_main).start()
        try:
            kernel.execute(run_id=None, code="import time; time.sleep(30)", mode="query")
            for _ in range(1000):
                session.Kernel.hello()
        except KeyboardInterrupt:
            pass
        assert session.Auth.test("right")["echo"] == "right"
    kernel.destroy()
print("good")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "good\n", done.stderr


def test_a_forgotten_session_lets_the_process_end(cluster: ThreadedCluster) -> None:
    code = f"""
from bai_tui.api import APIConfig, Session
session = Session(config=APIConfig(endpoint={cluster.endpoint!r}))
session.open()
del session
"""
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", code], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0
    assert "ResourceWarning" in done.stderr
    assert "Traceback" not in done.stderr
    assert time.monotonic() - begun < 20


def test_nothing_is_printed(
    cluster: ThreadedCluster, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"content")
    with Session(config=cluster.config_for("user")) as session:
        session.Kernel.hello()
        with pytest.raises(NotFoundError):
            session.VFolder("missing").info()
        name = f"quiet-{secrets.token_hex(4)}"
        session.VFolder.create(name)
        folder = session.VFolder(name)
        folder.upload(["file"], basedir=tmp_path, show_progress=True)
        folder.download(["file"], show_progress=True, dest=tmp_path / "back")
        folder.delete()
    assert capfd.readouterr() == ("", "")


def test_a_cancelled_call_leaves_the_others_alone(cluster: ThreadedCluster) -> None:
    async def give_up() -> None:
        raise asyncio.CancelledError

    with Session(config=cluster.config_for()) as session:
        thread = session.worker_thread
        for _ in range(3):
            with pytest.raises(CancelledError):
                run(give_up())
            assert session.Auth.test("after")["echo"] == "after"
        assert session.worker_thread is thread
        assert thread.is_alive()


def test_refused_connections_and_calls_from_callbacks(cluster: ThreadedCluster) -> None:
    session = Session(config=APIConfig(endpoint="http://127.0.0.1:9"))
    with pytest.raises(BackendConnectionError):
        session.open()
    assert session.closed
    inner: list[BaseException] = []

    def announce(message: str) -> None:
        try:
            other.Kernel.hello()
        except BackendClientError as error:
            inner.append(error)

    with Session(config=cluster.config_for()) as other:
        other.Manager.update_announcement(message="hello")
        try:
            with Session(config=cluster.config_for(announcement_handler=announce)):
                pass
        finally:
            other.Manager.update_announcement(enabled=False)
    assert len(inner) == 1
    assert threading.current_thread() is not other.worker_thread
