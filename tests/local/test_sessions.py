"""Compute sessions of the local cluster: real processes, through the API package."""

from __future__ import annotations

import asyncio
import io
import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from bai_tui.api import (
    APIConfig,
    AsyncSession,
    AttachedFile,
    BackendAPIError,
    InvalidRequestError,
    Kernel,
    NotFoundError,
    PermissionDeniedError,
    Request,
    SessionInfo,
)
from tests.conftest import ThreadedCluster
from tests.waiting import until

SMALL: dict[str, str | float] = {"cpu": 1, "mem": "256m"}


def unique() -> str:
    return f"t-{secrets.token_hex(6)}"


@pytest.fixture
async def session(config_for: Callable[..., APIConfig]) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(config=config_for("superadmin")) as opened:
        yield opened


@pytest.fixture
async def kernel(session: AsyncSession) -> AsyncIterator[Kernel]:
    created = await session.Kernel.get_or_create("python", client_token=unique(), resources=SMALL)
    assert created.status == "RUNNING"
    yield created
    with suppress(NotFoundError):
        await created.destroy()


async def run(kernel: Kernel, code: str, mode: str = "query", **opts: Any) -> dict[str, Any]:
    """Run to the end; returns the last result with the whole console and all statuses."""
    result = await kernel.execute(code=code, mode=mode, opts=opts or None)
    console, statuses = list(result["console"]), [result["status"]]
    while result["status"] not in ("finished", "waiting-input"):
        result = await kernel.execute(result["runId"], "", mode="continue")
        console += result["console"]
        statuses.append(result["status"])
    return {**result, "console": console, "statuses": statuses}


def text(result: dict[str, Any], kind: str = "stdout") -> str:
    return "".join(data for what, data in result["console"] if what == kind)


async def test_life_in_events_and_rows(session: AsyncSession) -> None:
    name = unique()
    async with session.Kernel.events() as events:
        kernel = await session.Kernel.get_or_create("python", client_token=name, resources=SMALL)
        (row,) = [r for r in await session.Kernel.list() if r.name == name]
        assert (row.status, row.type, row.result) == ("RUNNING", "INTERACTIVE", "UNDEFINED")
        assert row.occupied_slots == {"cpu": 1, "mem": 256 * 2**20}
        assert row.created_at is not None
        assert row.status_changed is not None
        assert row.status_changed >= row.created_at
        stats = await kernel.destroy()
        assert stats is not None
        assert stats["stats"]["status"] == "terminated"
        seen: list[tuple[str, Any]] = []
        async for event in events:
            data = json.loads(event.data)
            if data["sessionId"] == name:
                seen.append((event.event, data["reason"]))
                if event.event == "kernel_terminated":
                    break
    assert seen == [
        ("kernel_enqueued", None),
        ("kernel_preparing", None),
        ("kernel_creating", None),
        ("kernel_started", None),
        ("kernel_terminating", "user-requested"),
        ("kernel_terminated", "user-requested"),
    ]
    (row,) = [r for r in await session.Kernel.list(status="TERMINATED") if r.name == name]
    assert row.terminated_at is not None
    assert not row.is_alive


async def test_reuse_and_its_refusals(session: AsyncSession, kernel: Kernel) -> None:
    again = await session.Kernel.get_or_create("python", client_token=kernel.kernel_id)
    assert (again.created, again.status) == (False, "RUNNING")
    with pytest.raises(InvalidRequestError) as caught:
        await session.Kernel.get_or_create("python", client_token=kernel.kernel_id, no_reuse=True)
    assert caught.value.type == "kernel-already-exists"


@pytest.mark.parametrize(
    ("options", "status", "problem", "says"),
    [
        ({"image": "no/such:image"}, 404, "image-not-found", ""),
        ({"client_token": "a b c d"}, 400, "invalid-api-params", "pattern"),
        ({"client_token": "-abcd"}, 400, "invalid-api-params", "pattern"),
        ({"group_name": "nobody"}, 400, "invalid-api-params", "Invalid group"),
        ({"resources": {"cpu": 1, "tpu": 1}}, 400, "invalid-api-params", "tpu"),
        ({"resources": {"cpu": 1, "mem": "1m"}}, 400, "invalid-api-params", "smaller"),
        ({"resources": {"cpu": 1, "mem": "lots"}}, 400, "invalid-api-params", "lots"),
        ({"scaling_group": "moon"}, 404, "scaling-group-not-found", ""),
        ({"mounts": ["no-such-folder"]}, 404, "vfolder-not-found", ""),
        ({"type_": "batch"}, 400, "invalid-api-params", "startup command"),
        ({"envs": {"1A": "x"}}, 400, "invalid-api-params", "1A"),
    ],
)
async def test_bad_requests_are_refused(
    session: AsyncSession, options: dict[str, Any], status: int, problem: str, says: str
) -> None:
    wanted = {"image": "python", "client_token": unique(), "resources": SMALL, **options}
    with pytest.raises(BackendAPIError) as caught:
        await session.Kernel.get_or_create(wanted.pop("image"), **wanted)
    assert (caught.value.status, caught.value.type) == (status, problem)
    assert says in str(caught.value)
    assert not [r for r in await session.Kernel.list() if r.name == wanted["client_token"]]


async def test_query_mode_keeps_its_variables_and_shows_values(kernel: Kernel) -> None:
    assert (await run(kernel, "x = 20\n"))["console"] == []
    result = await run(kernel, "print('a')\nx * 2 + 2")
    assert (text(result), result["exitCode"]) == ("a\n42\n", 0)
    failed = await run(kernel, "def f():\n    1 / 0\nf()")
    assert failed["exitCode"] == 1
    assert "ZeroDivisionError" in text(failed, "stderr")
    assert "interpreter.py" not in text(failed, "stderr")
    assert text(await run(kernel, "x")) == "20\n"


async def test_bytes_that_are_no_text_and_odd_code(kernel: Kernel) -> None:
    assert "SyntaxError" in text(await run(kernel, "def ("), "stderr")
    assert text(await run(kernel, "print('안녕 🙂 \\x1b[31m')")) == "안녕 🙂 \x1b[31m\n"
    shell = await run(kernel, "import os\n_ = os.system('printf \"a\\\\377b\"; echo err >&2');")
    assert text(shell) == "a\ufffdb"
    assert text(shell, "stderr") == "err\n"
    assert (await run(kernel, "raise SystemExit(7)"))["exitCode"] == 7
    assert (await run(kernel, "import sys; sys.exit('why')"))["exitCode"] == 1


async def test_rich_values_become_media(kernel: Kernel) -> None:
    result = await run(
        kernel,
        "class Picture:\n    def _repr_svg_(self): return '<svg/>'\n"
        "class Page:\n    def _repr_html_(self): return '<b>x</b>'\n"
        "display(Page())\nPicture()",
    )
    assert result["console"] == [["html", "<b>x</b>"], ["media", ["image/svg+xml", "<svg/>"]]]


async def test_input_and_passwords(kernel: Kernel) -> None:
    asked = await run(
        kernel, "import getpass\na = input('name? ')\nb = getpass.getpass()\nprint(a, b)"
    )
    assert (asked["status"], text(asked)) == ("waiting-input", "name? ")
    assert asked["options"] == {"is_password": False}
    asked = await kernel.execute(asked["runId"], "Kim", mode="user-input")
    assert asked["options"] == {"is_password": True}
    done = await kernel.execute(asked["runId"], "s3cret", mode="input")
    assert (done["status"], text(done)) == ("finished", "Kim s3cret\n")


async def test_interrupt_leaves_the_interpreter_alive(kernel: Kernel) -> None:
    await run(kernel, "x = 'still here'")
    running = asyncio.create_task(run(kernel, "print('go')\nwhile True: pass"))
    await until(lambda: running.done() or True)

    async def stopped() -> bool:
        await kernel.interrupt()
        return running.done()

    await until(stopped, "the loop to end")
    result = running.result()
    assert result["exitCode"] == 130
    assert "KeyboardInterrupt" in text(result, "stderr")
    assert text(await run(kernel, "print(x)")) == "still here\n"


async def test_a_lost_interpreter_is_told_and_replaced(kernel: Kernel) -> None:
    lost = await run(kernel, "import os\nos._exit(9)")
    assert lost["exitCode"] == 9
    assert "variables are lost" in text(lost, "stderr")
    killed = await run(kernel, "import os\nos.kill(os.getpid(), 9)")
    assert killed["exitCode"] == 137
    assert text(await run(kernel, "print(1)")) == "1\n"


async def test_completion(kernel: Kernel) -> None:
    await run(kernel, "remarkable_name = 1")
    answer = await kernel.complete("print(remark", {"line": "print(remark", "col": 12})
    assert answer["result"]["completions"] == ["remarkable_name"]
    assert (await kernel.complete("nothing_like_this"))["result"]["completions"] == []


async def test_long_runs_answer_in_between(kernel: Kernel) -> None:
    first = await kernel.execute(code="import time\nprint('a')\ntime.sleep(2.5)\nprint('b')")
    assert (first["status"], text(first)) == ("continued", "a\n")
    last = await kernel.execute(first["runId"], "", mode="continued")
    assert (last["status"], text(last)) == ("finished", "b\n")


async def test_batch_mode_reports_each_step(kernel: Kernel) -> None:
    done = await run(
        kernel, "", mode="batch", clean="echo c", build="echo b; exit 2", exec="pwd; echo e >&2"
    )
    assert done["statuses"][-3:] == ["clean-finished", "build-finished", "finished"]
    assert text(done).startswith("c\nb\n/")
    assert text(done, "stderr") == "e\n"
    assert done["exitCode"] == 0
    default = await run(kernel, "", mode="batch", clean="*", build="*", exec="*")
    assert default["exitCode"] == 127
    assert "main.py" in text(default, "stderr")


async def test_wrong_executions(kernel: Kernel) -> None:
    for arguments, says in (
        ({"run_id": None, "code": "", "mode": "continue"}, "run ID"),
        ({"run_id": "unknown", "code": "", "mode": "continue"}, "unknown"),
    ):
        with pytest.raises(InvalidRequestError, match=says):
            await kernel.execute(**arguments)


async def test_batch_sessions_end_with_their_command(session: AsyncSession) -> None:
    for command, result, event in (
        ("echo works", "SUCCESS", "kernel_success"),
        ("exit 3", "FAILURE", "kernel_failure"),
    ):
        name = unique()
        async with session.Kernel.events(name) as events:
            await session.Kernel.get_or_create(
                "python",
                client_token=name,
                type_="batch",
                startup_command=command,
                resources=SMALL,
                enqueue_only=True,
            )
            names = []
            async for told in events:
                names.append(told.event)
                if told.event == "kernel_terminated":
                    break
        assert names[-3:] == [event, "kernel_terminating", "kernel_terminated"]
        (row,) = [r for r in await session.Kernel.list(status="TERMINATED") if r.name == name]
        assert (row.result, row.status_info) == (result, "task-finished")


async def test_upload_list_download(session: AsyncSession, kernel: Kernel, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / "a.txt").write_text("안녕")
    (source / "sub" / "b.bin").write_bytes(bytes(range(256)) * 10)
    await kernel.upload(["a.txt", "sub/b.bin"], basedir=source)
    listing = await kernel.list_files(".")
    files = {entry["filename"]: entry for entry in json.loads(listing["files"])}
    assert files["a.txt"]["size"] == len("안녕".encode())
    assert files["sub"]["mode"].startswith("d")
    assert listing["abspath"] == "/home/work"
    assert text(await run(kernel, "print(open('a.txt').read())")) == "안녕\n"
    target = tmp_path / "target"
    answer = await kernel.download(["sub", "a.txt"], dest=target)
    assert "sub/b.bin" in answer["file_names"]
    assert (target / "sub" / "b.bin").read_bytes() == bytes(range(256)) * 10
    with pytest.raises(InvalidRequestError, match="does not exist"):
        await kernel.download(["missing"], dest=target)
    assert "No such file" in (await kernel.list_files("missing"))["errors"]


@pytest.mark.parametrize(
    "name", ["../../cluster.sqlite3", "/etc/passwd", "link/passwd", "a/../../.."]
)
async def test_nothing_outside_of_the_session_is_read(kernel: Kernel, name: str) -> None:
    await run(kernel, "import os\nos.path.lexists('link') or os.symlink('/etc', 'link')")
    # The client would refuse most of these itself.
    request = Request(kernel.session, "GET", f"kernel/{kernel.kernel_id}/download")
    request.set_json({"files": [name]})
    with pytest.raises(InvalidRequestError, match="outside"):
        async with request.fetch():
            pass
    with pytest.raises(InvalidRequestError, match="outside"):
        await kernel.list_files(name)


async def test_large_and_many_files_are_refused(kernel: Kernel, tmp_path: Path) -> None:
    # The client splits and refuses what the server would; here the server is asked itself.
    async def send(*files: AttachedFile) -> None:
        request = Request(kernel.session, "POST", f"kernel/{kernel.kernel_id}/upload")
        request.attach_files(files)
        async with request.fetch():
            pass

    large = AttachedFile("big", io.BytesIO(b"x" * 1024 * 1024), "application/octet-stream")
    with pytest.raises(InvalidRequestError, match="Too large file"):
        await send(large)
    with pytest.raises(InvalidRequestError, match="Too many files"):
        await send(*(AttachedFile(f"f{n}", io.BytesIO(b"x"), "text/plain") for n in range(21)))
    with pytest.raises(ValueError, match="outside of the base directory"):
        await kernel.upload(["/etc/passwd"], basedir=tmp_path)


async def test_logs_tell_what_happened(kernel: Kernel) -> None:
    await run(kernel, "print('a line for the log')")
    logs = (await kernel.get_logs())["result"]["logs"]
    assert "session starts" in logs
    assert "a line for the log" in logs


async def test_environment_is_clean(session: AsyncSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKEND_SECRET_KEY", "must-not-leak")
    monkeypatch.setenv("SOME_TOKEN", "must-not-leak-either")
    kernel = await session.Kernel.get_or_create(
        "python", client_token=unique(), resources=SMALL, envs={"MINE": "a=b c"}
    )
    try:
        result = await run(kernel, "import os\nprint(dict(os.environ))")
        assert "must-not-leak" not in text(result)
        assert "'MINE': 'a=b c'" in text(result)
        assert f"'BACKENDAI_SESSION_NAME': '{kernel.kernel_id}'" in text(result)
    finally:
        await kernel.destroy()


async def test_restart_keeps_files_and_loses_variables(kernel: Kernel) -> None:
    await run(kernel, "x = 1\nopen('kept', 'w').write('yes')")
    await kernel.restart()
    result = await run(kernel, "print(open('kept').read())\nx")
    assert text(result) == "yes\n"
    assert "NameError" in text(result, "stderr")


async def test_statistics_are_measured(session: AsyncSession, kernel: Kernel) -> None:
    await run(kernel, "block = bytearray(60 * 2**20)\nsum(range(10**7))")

    async def measured() -> SessionInfo | None:
        info = await session.Kernel.get(kernel.kernel_id)
        assert info is not None
        return info if info.live_stat.get("mem") else None

    async def large() -> bool:
        info = await measured()
        return bool(info and (info.live_stat["mem"].current or 0) > 60 * 2**20)

    await until(large, "the memory to be measured")
    info = await measured()
    assert info is not None
    metric = info.live_stat["mem"]
    assert metric.capacity == 256 * 2**20
    assert metric.unit == "bytes"


async def test_owners_and_admins(
    config_for: Callable[..., APIConfig], session: AsyncSession
) -> None:
    async with (
        AsyncSession(config=config_for("user")) as user,
        AsyncSession(config=config_for("user2")) as other,
    ):
        name = unique()
        mine = await user.Kernel.get_or_create("python", client_token=name, resources=SMALL)
        assert [r.name for r in await user.Kernel.list() if r.name == name] == [name]
        assert [r.name for r in await session.Kernel.list() if r.name == name] == [name]
        assert [r for r in await other.Kernel.list() if r.name == name] == []
        with pytest.raises(NotFoundError):
            await other.Kernel(name).get_info()
        with pytest.raises(PermissionDeniedError):
            await other.Kernel(name, user.config.access_key).get_info()
        with pytest.raises(PermissionDeniedError):
            await mine.destroy(forced=True)
        foreign = session.Kernel(name, user.config.access_key)
        assert (await foreign.get_info())["status"] == "RUNNING"
        await foreign.destroy(forced=True)
        with pytest.raises(NotFoundError):
            await mine.get_info()


async def test_what_does_not_fit_waits_and_says_why(
    fresh_cluster: ThreadedCluster,
) -> None:
    async with AsyncSession(config=fresh_cluster.config_for("superadmin")) as session:

        async def start(name: str, cpu: int) -> Kernel:
            return await session.Kernel.get_or_create(
                "python",
                client_token=name,
                resources={"cpu": cpu, "mem": "256m"},
                enqueue_only=True,
            )

        async def status(name: str) -> tuple[str, str]:
            info = await session.Kernel.get(name, statistics=False)
            assert info is not None
            return info.status, info.status_info

        await start("first", 60)

        async def runs(name: str) -> bool:
            return (await status(name))[0] == "RUNNING"

        await until(lambda: runs("first"), "the first session to run")
        second = await start("second", 60)

        async def waits() -> bool:
            return "no available resource" in (await status("second"))[1]

        await until(waits, "the reason to appear")
        third = await session.Kernel.get_or_create(
            "python", client_token="third", resources={"cpu": 60, "mem": "256m"}, max_wait=1
        )
        assert third.status == "TIMEOUT"
        cancelled = await third.destroy()
        assert cancelled == {"stats": {"status": "cancelled"}}
        await session.Kernel("first").destroy()
        await until(lambda: runs("second"), "the second session to run")
        await second.destroy()


async def test_everything_below_a_session_ends_with_it(
    session: AsyncSession, kernel: Kernel, tmp_path: Path
) -> None:
    """Also what forked twice and left the process group."""
    marker = tmp_path / "pid"
    await run(
        kernel,
        "import subprocess\n"
        f"subprocess.Popen(['sh', '-c', 'setsid setsid sleep 1000 & echo $! > {marker}'])",
    )

    def sleepers() -> list[int]:
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("BACKENDAI_SESSION_NAME") == kernel.kernel_id:
                    found.append(process.pid)
            except psutil.Error:
                continue
        return found

    await until(lambda: marker.exists() and marker.read_text().strip(), "the daemon to start")
    assert sleepers()
    await kernel.destroy()
    await until(lambda: not sleepers(), "all processes to end")
