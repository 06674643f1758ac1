"""Compute sessions: their life and its events, code, files, terminal, tunnels, what came later."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path

import pytest

from bai_tui.api import AsyncSession, NotFoundError
from bai_tui.api.functions.kernel import Kernel
from bai_tui.api.runs import Carrier, CodeRun
from bai_tui.feed import ClusterEvent
from bai_tui.widgets.terminal import carriers, link
from tests.contract.conftest import FAULTS, SMALL, Peer, faulty, offered, over


@pytest.mark.covers(
    "Kernel.get_or_create", "Kernel.list", "Kernel.get", "Kernel.get_info", "Kernel.get_logs",
    "Kernel.destroy", "Kernel.events",
)  # fmt: skip
async def test_life_and_its_events(peer: Peer) -> None:
    name = f"c-{secrets.token_hex(4)}"
    seen: list[ClusterEvent] = []

    async def listen(session: AsyncSession) -> None:
        async for event in stream:
            seen.append(ClusterEvent.parse(event.event, event.data))

    async with peer.session() as session, session.Kernel.events() as stream:
        release = session.generation.release
        listening = asyncio.create_task(listen(session))
        kernel = await session.Kernel.get_or_create(
            peer.image, client_token=name, resources=SMALL, enqueue_only=True, tag="a tag"
        )
        assert kernel.created
        again = await session.Kernel.get_or_create(peer.image, client_token=name, resources=SMALL)
        assert not again.created

        async def running() -> bool:
            info = await session.Kernel.get(name)
            return info is not None and info.status == "RUNNING"

        await peer.until(running, "the session to run")
        info = await session.Kernel.get(name)
        assert info is not None
        assert (info.name, info.type, info.tag) == (name, "INTERACTIVE", "a tag")
        assert info.agent
        assert info.occupied_slots["cpu"] == 1
        assert {port.name for port in info.service_ports}
        assert name in [row.name for row in await session.Kernel.list()]
        assert name in [row.name for row in await session.Kernel.list(statistics=True, limit=20)]
        if not await faulty(session, "Kernel.get_info", kernel.get_info):
            assert (await kernel.get_info())["status"] == "RUNNING"
        assert isinstance((await kernel.get_logs())["result"]["logs"], str)

        def statuses() -> list[str]:
            return [event.status for event in seen if event.session == name]

        if "event of starting" not in FAULTS.get(release, ()):
            # 22.09 tells it a second after the session runs.
            await peer.until(lambda: "RUNNING" in statuses(), "the start to be told")
        await kernel.destroy()
        await peer.until(lambda: "TERMINATED" in statuses(), "the end to be told")
        listening.cancel()
    order = [s for s in dict.fromkeys(statuses()) if s]
    wanted = ["RUNNING", "TERMINATING", "TERMINATED"]
    for status, event in (
        ("RUNNING", "event of starting"),
        ("TERMINATING", "event of terminating"),
    ):
        if event in FAULTS.get(release, ()):
            wanted.remove(status)
    assert [status for status in order if status in wanted] == wanted
    assert order[0] in ("PENDING", "SCHEDULED", "PREPARING")
    assert {e.owner for e in seen if e.session == name} <= {peer.keys["user"][0], ""}
    async with peer.session() as session:
        assert name not in [row.name for row in await session.Kernel.list()]
        over = await session.Kernel.list(status="TERMINATED", limit=20)
        assert name in [row.name for row in over]


async def rest(kernel: Kernel, code: str) -> str:
    """What a piece of code prints, by the REST loop."""
    text, result = "", await kernel.execute(code=code)
    for _ in range(200):
        text += "".join(data for kind, data in result["console"] if kind == "stdout")
        if result["status"] == "finished":
            return text
        mode, line = "continue", ""
        if result["status"] == "waiting-input":
            mode, line = "input", "typed"
        result = await kernel.execute(result["runId"], line, mode=mode)
    raise AssertionError("the run has no end")


@pytest.mark.covers(
    "Kernel.execute", "Kernel.stream_execute", "Kernel.interrupt",
    "Kernel.upload", "Kernel.download", "Kernel.list_files",
)  # fmt: skip
async def test_code_and_files(peer: Peer, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("import sys; print('batch', 6 * 7)")
    async with peer.session() as session, peer.kernel(session) as kernel:
        slow = "import time\nfor i in range(3):\n    print(i, flush=True)\n    time.sleep(0.3)"
        assert (await rest(kernel, slow)).split() == ["0", "1", "2"]
        assert "got typed" in await rest(kernel, "print('got', input('? '))")
        async with kernel.stream_execute("print('got', input('? '))") as run:
            text = ""
            async for result in run.results():
                text += "".join(data for _, data in result["console"])
                if result["status"] == "waiting-input":
                    await run.send_text("streamed")
                if result["status"] == "finished":
                    break
            assert "got streamed" in text
        await kernel.upload(["main.py"], basedir=tmp_path)
        assert "main.py" in [entry.name for entry in await kernel.entries()]
        await kernel.download(["main.py"], dest=tmp_path / "back")
        assert (tmp_path / "back/main.py").read_bytes() == (tmp_path / "main.py").read_bytes()
        text = ""
        options = {"build": "sleep 0.5", "exec": "sleep 0.5; python3 main.py"}
        async with kernel.stream_execute(mode="batch", opts=options) as run:
            async for result in run.results():
                text += "".join(data for _, data in result["console"] or ())
                if result["status"] == "finished":
                    break
        assert "batch 42" in text
        await kernel.interrupt()


@pytest.mark.covers("Kernel.complete")
async def test_completion(peer: Peer) -> None:
    async with peer.session() as session, peer.kernel(session) as kernel:
        assert "1" in await rest(kernel, "print(1)")
        if await faulty(session, "Kernel.complete", lambda: kernel.complete("pri")):
            return
        answer = await kernel.complete("pri")
        if session.generation.number > 4:
            assert answer["result"]["status"] == "finished"


async def batch(
    kernel: Kernel, carrier: Carrier, **steps: str
) -> tuple[str, list[tuple[str, int | None]]]:
    """What a batch run prints; the ends of its steps."""
    text, ends = "", []
    async with asyncio.timeout(60):
        async for result in CodeRun(kernel, mode="batch", opts=steps, carrier=carrier).results():
            text += "".join(data for _, data in result["console"] or ())
            if result["status"] != "continued":
                ends.append((result["status"], result["exitCode"]))
    return text, ends


@pytest.mark.parametrize("carrier", [Carrier.STREAM, Carrier.REST], ids=str)
async def test_quick_batch_steps_lose_nothing(peer: Peer, carrier: Carrier) -> None:
    async with peer.session() as session, peer.kernel(session) as kernel:
        stepwise = session.generation.stepwise_batch
        text, ends = await batch(kernel, carrier, clean="echo c", build="echo b >&2", exec="echo e")
        assert text.split() == ["c", "b", "e"]
        assert ends == [("clean-finished", 0), ("build-finished", 0), ("finished", 0)]
        # Nothing of one run is left for the next, and a lone step has its end, too.
        text, ends = await batch(kernel, carrier, exec="echo alone; exit 5")
        assert text.split() == ["alone"]
        assert ends[-1] == ("finished", 5)
        text, ends = await batch(kernel, carrier, build="exit 4", exec="echo on")
        assert ends[-2] == ("build-finished", 4)
        assert ends[-1] == ("finished", 127 if stepwise else 0)
        assert ("on" in text.split()) is not stepwise
        text, ends = await batch(kernel, carrier, exec="*")
        assert "main.py" in text
        assert ends[-1] == ("finished", 127)
        assert (await rest(kernel, "print('after')")).split() == ["after"]


@pytest.mark.covers("terminal", "Kernel.tunnel")
async def test_terminal_and_tunnel(peer: Peer) -> None:
    async with peer.session() as session, peer.kernel(session) as kernel:
        terminal = link.Link(carriers.open_terminal(session, kernel.kernel_id))
        screen = bytearray()
        terminal.on_data = lambda: screen.extend(terminal.take(1 << 20))
        terminal.resize(91, 31)
        terminal.start()
        try:
            await peer.until(lambda: terminal.state is link.LinkState.LIVE, "a live terminal")
            terminal.send(b"echo typed-$((6*7)) $(stty size)\r")
            await peer.until(lambda: b"typed-42 3" in screen, "the shell to answer")
        finally:
            await terminal.close()
        info = await session.Kernel.get(kernel.kernel_id)
        assert info is not None
        names = {port.name for port in info.service_ports}
        app = next(name for name in ("http8000", "files", "sshd") if name in names)
        async with kernel.tunnel(app) as tunnel:

            async def greeted() -> bool:
                reader, writer = await asyncio.open_connection("127.0.0.1", tunnel.port)
                writer.write(b"GET / HTTP/1.0\r\n\r\n")
                line = await reader.readline()
                writer.close()
                return line.startswith((b"HTTP/1.0 200", b"SSH-2.0"))

            await peer.until(greeted, f"{app} to answer")


@pytest.mark.covers(
    "Kernel.rename", "Kernel.status_history", "Kernel.apps", "Kernel.match", "Kernel.commit",
    "Kernel.commit_status",
)  # fmt: skip
async def test_what_later_servers_can(peer: Peer) -> None:
    # Users may not keep templates of their own on 26.9.
    async with peer.session("superadmin") as session, peer.kernel(session) as kernel:
        if await offered(session, "Kernel.rename", lambda: kernel.rename("another")):
            await kernel.rename(f"{kernel.kernel_id}-new")
        if await offered(session, "Kernel.status_history", kernel.status_history):
            assert [*await kernel.status_history()][-1] == "RUNNING"
        if await offered(session, "Kernel.apps", kernel.apps):
            assert "ttyd" in [app["name"] for app in await kernel.apps()]
        if await offered(session, "KernelAPI.match", lambda: session.Kernel.match("x")):
            (match,) = await session.Kernel.match(kernel.kernel_id)
            assert match["status"] == "RUNNING"
        if await offered(session, "Kernel.commit", kernel.commit):
            assert (await kernel.commit_status())["status"]
            assert await kernel.commit("image.tar")


@pytest.mark.covers("Kernel.start_service", "Kernel.shutdown_service")
async def test_services(peer: Peer) -> None:
    async with peer.session("superadmin") as session, peer.kernel(session) as kernel:
        if not await offered(session, "Kernel.start_service", lambda: kernel.start_service("ttyd")):
            return
        groups = await session.ScalingGroup.list(fields=("name", "wsproxy_addr"))
        if not any(row["wsproxy_addr"] for row in groups):
            pytest.skip("the server has no app proxy")
        assert (await kernel.start_service("ttyd"))["token"]
        await kernel.shutdown_service("ttyd")


@pytest.mark.covers("create dependencies", "Kernel.dependency_graph")
async def test_dependencies(peer: Peer) -> None:
    def waiting(session: AsyncSession, on: str) -> Awaitable[Kernel]:
        return session.Kernel.get_or_create(
            peer.image,
            client_token=f"c-{secrets.token_hex(4)}",
            type_="batch",
            startup_command="true",
            resources=SMALL,
            enqueue_only=True,
            dependencies=[on],
        )

    async with peer.session("superadmin") as session:
        if not await offered(session, "create dependencies", lambda: waiting(session, "x")):
            return
        async with peer.kernel(session) as kernel:
            info = await session.Kernel.get(kernel.kernel_id)
            assert info is not None
            later = await waiting(session, info.id)
            graph = "Kernel.dependency_graph"
            if await offered(session, graph, later.dependency_graph) and not await faulty(
                session, graph, later.dependency_graph
            ):
                assert kernel.kernel_id in json.dumps(await later.dependency_graph())
            assert later.status == "PENDING"
            await later.destroy(forced=False)


@pytest.mark.covers(
    "SessionTemplate.create", "SessionTemplate.list", "SessionTemplate.get",
    "SessionTemplate.put", "SessionTemplate.delete",
)  # fmt: skip
async def test_templates(peer: Peer) -> None:
    async with peer.session("superadmin") as session:
        if not await offered(session, "SessionTemplateAPI", session.SessionTemplate.list):
            return
        template = template_of(peer)
        key = await session.SessionTemplate.create(template)
        rows = await session.SessionTemplate.list()
        assert key in [str(row["id"]).replace("-", "") for row in rows]
        kept = await session.SessionTemplate.get(key)
        assert kept["kind"] == "taskTemplate"
        await session.SessionTemplate.put(key, template)
        await session.SessionTemplate.delete(key)


def template_of(peer: Peer) -> dict[str, object]:
    """A small session."""
    spec = {"type": "interactive", "kernel": {"image": peer.image, "environ": {}}}
    return {
        "api_version": "v1",
        "kind": "taskTemplate",
        "metadata": {"name": f"t-{secrets.token_hex(4)}", "tag": "x"},
        "spec": {**spec, "resources": {"cpu": "1", "mem": "256m"}, "mounts": {}},
    }


@pytest.mark.covers("Kernel.create_from_template")
async def test_a_session_made_from_a_template(peer: Peer) -> None:
    name = f"c-{secrets.token_hex(4)}"
    async with peer.session("superadmin") as session:

        async def make(key: str = "none") -> object:
            return await session.Kernel.create_from_template(key, name=name)

        function = "KernelAPI.create_from_template"
        if not await offered(session, function, make):
            return
        key = await session.SessionTemplate.create(template_of(peer))
        try:
            if not await faulty(session, function, lambda: make(key)):
                await make(key)
            # 26.9 makes it and then fails to say so.
            info = await session.Kernel.get(name)
            assert info is not None
            assert info.status == "RUNNING"
        finally:
            await session.SessionTemplate.delete(key)
            await session.Kernel(name).destroy(forced=True)


@pytest.mark.covers("Kernel.get_task_logs")
async def test_the_log_of_a_batch_session(peer: Peer) -> None:
    """It is kept in a folder of the user's, of a name that is always the same."""
    name = f"c-{secrets.token_hex(4)}"
    async with peer.session() as session:
        folders = [row["name"] for row in await session.VFolder.list()]
        if ".logs" not in folders:
            await session.VFolder.create(".logs")
        await session.Kernel.get_or_create(
            peer.image,
            client_token=name,
            type_="batch",
            startup_command="echo told-$((6*7))",
            resources=SMALL,
            enqueue_only=True,
        )
        info = await session.Kernel.get(name)
        assert info is not None

        async def log() -> bytes:
            with suppress(NotFoundError):
                return b"".join([part async for part in session.Kernel.get_task_logs(info.task_id)])
            return b""

        async def told() -> bool:
            return b"told-42" in await log()

        await peer.until(told, "the log of the task")
        await peer.until(lambda: over(session, name), "the end of the task")
        if ".logs" not in folders:
            await session.VFolder(".logs").delete()
            if session.generation.trash:
                await session.VFolder(".logs").purge()
