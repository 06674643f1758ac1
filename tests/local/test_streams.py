"""Websockets and events of the local cluster."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import pytest

from bai_tui.api import (
    APIConfig,
    AsyncSession,
    BackendClientError,
    Kernel,
    NotFoundError,
    PermissionDeniedError,
    Request,
    StreamPty,
)
from tests.local.test_sessions import SMALL, kernel, session, unique

__all__ = ["kernel", "session"]


class Screen:
    """Collects the output of a terminal."""

    def __init__(self, pty: StreamPty) -> None:
        self.pty = pty
        self.data = b""
        self._reading = asyncio.create_task(self._read())
        self._more = asyncio.Event()

    async def _read(self) -> None:
        async for chunk in self.pty.output():
            self.data += chunk
            self._more.set()

    async def wait_for(self, text: bytes, timeout: float = 15.0) -> None:
        try:
            async with asyncio.timeout(timeout):
                while text not in self.data:
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            raise AssertionError(f"{text!r} did not come; got {self.data[-500:]!r}") from None

    async def close(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)


@pytest.fixture
async def screen(kernel: Kernel) -> AsyncIterator[Screen]:
    async with kernel.stream_pty() as pty:
        opened = Screen(pty)
        # What is typed before the shell reads for the first time may be lost to it.
        await pty.send_stdin(b"echo ready-$((1 + 1))\r")
        await opened.wait_for(b"ready-2")
        yield opened
        await opened.close()


async def test_a_real_shell_answers(screen: Screen) -> None:
    await screen.pty.resize(33, 111)
    await screen.pty.send_stdin(b"stty size; echo $((40 + 2)) $TERM\r")
    await screen.wait_for(b"33 111\r\n42 xterm-256color")


async def test_interrupt_key_and_unicode(screen: Screen) -> None:
    await screen.pty.send_stdin(b"sh -c 'echo on-$((1 + 1)); exec sleep 1000'\r")
    await screen.wait_for(b"on-2")
    await screen.pty.send_stdin(b"\x03")
    await screen.wait_for(b"^C\r\n")
    await screen.pty.send_stdin("printf '%s-' 안녕 🙂\r".encode())
    await screen.wait_for("\r안녕-🙂-".encode())


async def test_the_shell_comes_back_when_it_ends(screen: Screen) -> None:
    await screen.pty.send_stdin(b"exit\r")
    await screen.wait_for(b"Restarting...")
    await screen.pty.send_stdin(b"echo again-$((1 + 1))\r")
    await screen.wait_for(b"again-2")


async def test_restart_ends_what_runs(screen: Screen) -> None:
    await screen.pty.send_stdin(b"sleep 1000\r")
    await screen.wait_for(b"sleep 1000\r\n")
    await screen.pty.restart()
    await screen.wait_for(b"Restarting...")
    await screen.pty.send_stdin(b"echo again-$((1 + 1))\r")
    await screen.wait_for(b"again-2")


async def test_all_clients_share_one_terminal(kernel: Kernel, screen: Screen) -> None:
    async with kernel.stream_pty() as second:
        other = Screen(second)
        await second.send_stdin(b"echo shared-$((1 + 1))\r")
        await screen.wait_for(b"shared-2")
        await other.wait_for(b"shared-2")
        await other.close()
    await screen.pty.send_stdin(b"echo alone-$((1 + 1))\r")
    await screen.wait_for(b"alone-2")


async def test_ten_megabytes_arrive_whole(screen: Screen) -> None:
    await screen.pty.send_stdin(b"stty -echo; seq 1 1500000; echo end-$((1 + 1))\r")
    await screen.wait_for(b"end-2", timeout=60)
    numbers = screen.data.split(b"\r\n")
    start = next(
        i for i, line in enumerate(numbers) if line.endswith(b"\x1b[?2004l\r1") or line == b"1"
    )
    assert numbers[start + 1 : start + 1_500_000] == [
        str(number).encode() for number in range(2, 1_500_001)
    ]


@pytest.mark.parametrize(
    "message",
    [
        "nonsense",
        "[]",
        "{}",
        '{"type": "stdin"}',
        '{"type": "stdin", "chars": "***"}',
        '{"type": "resize", "rows": 0, "cols": 1}',
        '{"type": "resize", "rows": "x", "cols": 1}',
    ],
)
async def test_nonsense_ends_the_stream(kernel: Kernel, message: str) -> None:
    async with kernel.stream_pty() as pty:
        await pty.send_text(message)
        async with asyncio.timeout(10):
            async for _ in pty.output():
                pass
        assert pty.close_code == 1008


async def test_unknown_types_are_ignored(screen: Screen) -> None:
    await screen.pty.send_json({"type": "dance"})
    await screen.pty.ping()
    await screen.pty.send_bytes(b"binary")
    await screen.pty.send_stdin(b"echo ok-$((1 + 1))\r")
    await screen.wait_for(b"ok-2")


async def test_the_terminal_ends_with_the_session(kernel: Kernel, screen: Screen) -> None:
    await kernel.destroy()
    async with asyncio.timeout(10):
        await screen._reading
    assert screen.pty.close_code == 1000


async def test_handshakes_are_refused_with_the_problem(session: AsyncSession) -> None:
    with pytest.raises(NotFoundError) as caught:
        async with session.Kernel("no-such-session").stream_pty():
            pass
    assert caught.value.type == "kernel-not-found"


async def test_execution_over_the_websocket(kernel: Kernel) -> None:
    code = "print('a')\nx = input('? ')\nprint(x * 2)"
    async with kernel.stream_execute(code) as run:
        console = ""
        async for result in run.results():
            console += "".join(data for _, data in result["console"])
            if result["status"] == "waiting-input":
                await run.send_text("no")
            if result["status"] == "finished":
                assert result["exitCode"] == 0
        assert run.close_code == 1000
    assert console == "a\n? nono\n"


async def test_batch_over_the_websocket(kernel: Kernel) -> None:
    async with kernel.stream_execute("", mode="batch", opts={"exec": "echo hi"}) as run:
        statuses = [result["status"] async for result in run.results()]
    assert statuses == ["clean-finished", "build-finished", "finished"]


async def test_leaving_interrupts_the_run(kernel: Kernel) -> None:
    async with kernel.stream_execute("print('on')\nwhile True: pass") as run:
        async for result in run.results():
            if result["console"]:
                break
    async with asyncio.timeout(10), kernel.stream_execute("print('next')") as run:
        texts = [data async for r in run.results() for _, data in r["console"]]
    assert "next\n" in "".join(texts)


async def test_wrong_first_messages(kernel: Kernel) -> None:
    for first in ("nonsense", "[]", json.dumps({"mode": "complete"})):
        path = f"stream/kernel/{kernel.kernel_id}/execute"
        request = Request(kernel.session, "GET", path)
        async with request.connect_websocket() as websocket:
            await websocket.send_text(first)
            answer = await websocket.receive_json()
            assert answer["status"] == "error"
            assert "Invalid API parameters" in answer["msg"]
    with pytest.raises(BackendClientError, match="mode"):
        kernel.stream_execute(mode="complete")


async def test_events_are_for_those_who_may_see(
    config_for: Callable[..., APIConfig], session: AsyncSession
) -> None:
    async with (
        AsyncSession(config=config_for("user")) as user,
        AsyncSession(config=config_for("user2")) as other,
        user.Kernel.events() as mine,
        other.Kernel.events() as theirs,
        session.Kernel.events() as all_of_them,
    ):
        first, second = unique(), unique()
        for who, name in ((user, first), (other, second)):
            created = await who.Kernel.get_or_create("python", client_token=name, resources=SMALL)
            await created.destroy()

        async def names(stream: object, last: str) -> set[str]:
            found = set()
            async for event in stream:  # type: ignore[attr-defined]
                found.add(json.loads(event.data)["sessionId"])
                if event.event == "kernel_terminated" and last in found:
                    return found
            raise AssertionError("the stream ended")

        async with asyncio.timeout(20):
            assert await names(mine, first) == {first}
            assert await names(theirs, second) == {second}
            assert {first, second} <= await names(all_of_them, second)


async def test_events_of_others_are_refused(config_for: Callable[..., APIConfig]) -> None:
    async with AsyncSession(config=config_for("user")) as user:
        stream = user.Kernel.events("demo", owner_access_key="AKIAOTHER")
        with pytest.raises(PermissionDeniedError):
            await stream.__aenter__()
        with pytest.raises(NotFoundError) as caught:
            await user.Kernel.events(group="nowhere").__aenter__()
        assert caught.value.type == "group-not-found"
