"""Runs of code over both carriers: the same records, input, interruption, and lost connections."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from bai_tui.api import APIConfig, AsyncSession, BackendError, Kernel, runs
from bai_tui.api.exceptions import InvalidResponseError
from bai_tui.api.functions.base import Item
from bai_tui.api.runs import Carrier, CodeRun, completions
from tests.conftest import ThreadedCluster

BOTH = pytest.mark.parametrize("carrier", [Carrier.STREAM, Carrier.REST], ids=str)


@pytest.fixture
async def kernel(config_for: Callable[..., APIConfig]) -> AsyncIterator[Kernel]:
    async with AsyncSession(config=config_for("user")) as session:
        kernel = await session.Kernel.get_or_create(
            "python", client_token=f"r-{secrets.token_hex(5)}", resources={"cpu": 1, "mem": "256m"}
        )
        yield kernel
        await kernel.destroy()


async def whole(run: CodeRun, *answers: str) -> tuple[list[list[str]], Item]:
    """All console records, texts joined, and the last result."""
    console: list[list[str]] = []
    waiting = list(answers)
    last: Item = {}
    async for last in run.results():
        for kind, data in last["console"]:
            if console and console[-1][0] == kind and isinstance(data, str):
                console[-1][1] += data
            else:
                console.append([kind, data])
        if last["status"] == "waiting-input":
            run.answer(waiting.pop(0))
    return console, last


@BOTH
async def test_output_errors_and_exit_codes(kernel: Kernel, carrier: Carrier) -> None:
    code = "import sys\nprint('out')\nsys.stderr.write('err\\n')\nsys.exit(3)"
    console, last = await whole(CodeRun(kernel, code, carrier=carrier))
    assert console == [["stdout", "out\n"], ["stderr", "err\n"]]
    assert (last["status"], last["exitCode"]) == ("finished", 3)


@BOTH
async def test_input_and_passwords(kernel: Kernel, carrier: Carrier) -> None:
    code = "import getpass\na = input('name? ')\nb = getpass.getpass('secret? ')\nprint(a, len(b))"
    run = CodeRun(kernel, code, carrier=carrier)
    asked = []
    text = ""
    async for result in run.results():
        text += "".join(data for kind, data in result["console"] if kind == "stdout")
        if result["status"] == "waiting-input":
            asked.append(result["options"]["is_password"])
            run.answer("안녕" if len(asked) == 1 else "12345")
    assert asked == [False, True]
    assert text.endswith("안녕 5\n")


@BOTH
async def test_interruption(kernel: Kernel, carrier: Carrier) -> None:
    run = CodeRun(kernel, "print('on', flush=True)\nwhile True: pass", carrier=carrier)
    last: Item = {}
    async for last in run.results():
        if any("on" in data for _, data in last["console"]):
            await run.interrupt()
    assert last["exitCode"] == 130


@BOTH
async def test_batch(kernel: Kernel, carrier: Carrier) -> None:
    steps = {"clean": "echo c", "build": "echo b >&2; exit 4", "exec": "echo e; exit 5"}
    statuses = []
    run = CodeRun(kernel, mode="batch", opts=steps, carrier=carrier)
    async for result in run.results():
        if result["status"] != "continued":
            statuses.append((result["status"], result["exitCode"]))
    assert statuses == [("clean-finished", 0), ("build-finished", 4), ("finished", 5)]


@pytest.fixture
def stepwise(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs go as they do on later servers."""
    session = kernel.session
    assert session.server is not None
    later = replace(session.server.generation, stepwise_batch=True)
    monkeypatch.setattr(session.asynchronous, "_server", replace(session.server, generation=later))
    monkeypatch.setattr(runs, "PAUSES", dict.fromkeys(Carrier, "sleep 0.01"))


@BOTH
@pytest.mark.usefixtures("stepwise")
async def test_batch_step_by_step(kernel: Kernel, carrier: Carrier) -> None:
    steps = {"clean": "echo c; exit 3", "build": "echo b >&2", "exec": "echo e; exit 5"}
    run = CodeRun(kernel, mode="batch", opts=steps, carrier=carrier)
    console, ends = [], []
    async for result in run.results():
        console += result["console"]
        if result["status"] != "continued":
            ends.append((result["status"], result["exitCode"]))
    assert console == [["stdout", "c\n"], ["stderr", "b\n"], ["stdout", "e\n"]]
    assert ends == [("clean-finished", 3), ("build-finished", 0), ("finished", 5)]


@pytest.mark.usefixtures("stepwise")
async def test_nothing_is_run_after_a_failed_or_interrupted_step(kernel: Kernel) -> None:
    steps = {"build": "exit 4", "exec": "echo on"}
    console, last = await whole(CodeRun(kernel, mode="batch", opts=steps))
    assert console == [["stderr", "the build ended with 4: nothing is run\n"]]
    assert (last["status"], last["exitCode"]) == ("finished", 127)
    steps = {"clean": "echo begun; exec sleep 30", "exec": "echo on"}
    run = CodeRun(kernel, mode="batch", opts=steps)
    text = ""
    async for last in run.results():
        text += "".join(data for _, data in last["console"])
        if "begun" in text and last["status"] == "continued":
            await run.interrupt()
    assert text.split() == ["begun"]
    assert last["status"] == "finished"
    assert last["exitCode"] != 0


@pytest.mark.usefixtures("stepwise")
async def test_a_server_that_does_not_end_a_run_is_told(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "PAUSES", dict.fromkeys(Carrier, "sleep 30"))
    monkeypatch.setattr(runs, "END_SECONDS", 0.1)
    with pytest.raises(InvalidResponseError, match=r"exit code 0.*does not end its run"):
        await whole(CodeRun(kernel, mode="batch", opts={"exec": "true"}))


async def test_a_refused_websocket_falls_back_and_says_why(
    cluster: ThreadedCluster, kernel: Kernel
) -> None:
    cluster.faults.change(paths="/stream/kernel/.*/execute$", status=502)
    run = CodeRun(kernel, "print(1)")
    console, _ = await whole(run)
    assert console == [["stdout", "1\n"]]
    assert run.carrier is Carrier.REST
    assert "502" in run.fallback
    with pytest.raises(BackendError):
        await whole(CodeRun(kernel, "print(1)", carrier=Carrier.STREAM))


async def test_sessions_of_others_run_over_rest_on_old_servers(
    kernel: Kernel, config_for: Callable[..., APIConfig]
) -> None:
    owner = kernel.session.config.access_key
    async with AsyncSession(config=config_for("superadmin")) as session:
        run = CodeRun(session.Kernel(kernel.kernel_id, owner), "print(2)")
        console, _ = await whole(run)
    assert console == [["stdout", "2\n"]]
    assert run.carrier is Carrier.REST
    assert run.fallback


@BOTH
async def test_a_session_that_dies_while_code_runs(kernel: Kernel, carrier: Carrier) -> None:
    run = CodeRun(kernel, "print('on', flush=True)\nwhile True: pass", carrier=carrier)
    last: Item = {}

    async def go() -> None:
        nonlocal last
        async for last in run.results():
            if any("on" in data for _, data in last["console"]):
                await kernel.session.Kernel(kernel.kernel_id).destroy()

    ended = ""
    try:
        async with asyncio.timeout(10):
            await go()
    except BackendError as error:
        ended = str(error)
    assert ended or last["exitCode"] == 130
    kernel_again = await kernel.session.Kernel.get_or_create(
        "python", client_token=kernel.kernel_id, resources={"cpu": 1, "mem": "256m"}
    )
    assert kernel_again.created


async def test_the_loop_survives_a_lost_connection(
    cluster: ThreadedCluster, kernel: Kernel
) -> None:
    code = "import time\nprint('a', flush=True)\ntime.sleep(2.2)\nprint('b')"
    run = CodeRun(kernel, code, carrier=Carrier.REST)
    text, lost = "", 0
    async for result in run.results():
        text += "".join(data for kind, data in result["console"])
        lost += result.get("lost", 0)
        if "a" in text and not lost:
            cluster.faults.change(drop=True, paths=f"/kernel/{kernel.kernel_id}$", times=1)
    assert lost == 1
    assert "b" in text


async def test_completions(kernel: Kernel, cluster: ThreadedCluster) -> None:
    await whole(CodeRun(kernel, "import collections\nordinary = 1"))
    assert "ordinary" in await completions(kernel, "ordin")
    assert "collections.deque" in [
        word.rstrip("(") for word in await completions(kernel, "x = 1\ncollections.deq", 1)
    ]
    assert await completions(kernel, "nothing_begins_so") == []
