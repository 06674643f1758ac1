"""Both carriers of a terminal on the local cluster, and the choice between them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bai_tui.api import AsyncSession, Kernel
from bai_tui.widgets.terminal.carriers import TtydCarrier, open_terminal
from bai_tui.widgets.terminal.link import Link, LinkState, ShellEnded
from tests.conftest import ThreadedCluster
from tests.waiting import until


@pytest.fixture
async def kernel(cluster: ThreadedCluster) -> AsyncIterator[Kernel]:
    async with AsyncSession(config=cluster.config_for("user")) as session:
        kernel = await session.Kernel.get_or_create(
            "python",
            client_token=f"carrier-{secrets.token_hex(4)}",
            resources={"cpu": 1, "mem": "256m"},
        )
        yield kernel
        if (await session.Kernel.get(kernel.kernel_id)) is not None:
            await kernel.destroy()


class Typist:
    """A link, everything that came over it, and what it said of itself."""

    def __init__(self, kernel: Kernel, only: str = "") -> None:
        self.link = Link(open_terminal(kernel.session, kernel.kernel_id, None, only))
        self.output = b""
        self.states: list[LinkState] = []
        self.link.on_data = self._read
        self.link.on_state = lambda: self.states.append(self.link.state)

    def _read(self) -> None:
        self.output += self.link.take(1 << 20)

    async def __aenter__(self) -> Typist:
        self.link.resize(90, 20)
        self.link.start()
        await self.becomes(LinkState.LIVE)
        return self

    async def __aexit__(self, *rest: object) -> None:
        await self.link.close()

    async def becomes(self, state: LinkState) -> None:
        await until(lambda: self.link.state is state, f"{state} ({self.link.reason})")

    async def says(self, text: bytes) -> None:
        await until(lambda: text in self.output, f"{text!r}: {self.output[-300:]!r}")


@pytest.mark.parametrize("carrier", ["pty", "ttyd"])
async def test_typing_and_sizes(kernel: Kernel, carrier: str) -> None:
    async with Typist(kernel, carrier) as typist:
        assert typist.link.carrier == carrier
        assert typist.link.send(b"stty size; echo a-$((40+2))\r")
        await typist.says(b"a-42")
        typist.link.resize(101, 31)
        await asyncio.sleep(0.15)  # the quiet that resizing waits for
        await until(lambda: typist.link._resizing is None)
        typist.link.send(b"echo s-`stty size`\r")
        await typist.says(b"s-31 101")
        typist.link.send("echo 안녕-$((1+1))\r".encode())
        await typist.says("안녕-2".encode())


async def test_both_show_one_shell(kernel: Kernel) -> None:
    async with Typist(kernel, "pty") as one, Typist(kernel, "ttyd") as other:
        one.link.send(b"marker=m-$$; echo $marker.\r")
        await one.says(b"m-")
        other.link.send(b"echo again-$marker.\r")
        await one.says(b"again-m-")
        await other.says(b"again-m-")


async def test_the_stream_is_taken_where_it_speaks(kernel: Kernel) -> None:
    async with Typist(kernel) as typist:
        assert typist.link.carrier == "pty"


@pytest.mark.parametrize("fault", ["silent", "absent"])
async def test_the_service_is_taken_where_the_stream_does_not(
    kernel: Kernel, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Typist(kernel, "pty") as shell:
        # A shell that does nothing when its size changes: as a stream that never speaks.
        shell.link.send(b"sleep 1000\r" if fault == "silent" else b"\r")
        await shell.says(b"sleep" if fault == "silent" else b"\r\n")
    if fault == "absent":
        monkeypatch.setattr(Kernel, "stream_pty", _absent)
    async with Typist(kernel) as typist:
        assert typist.link.carrier == "ttyd"
        if fault == "silent":
            typist.link.send(b"\x03")
            await typist.says(b"^C")
        typist.link.send(b"echo s-$((1+1))\r")
        await typist.says(b"s-2")


def _absent(self: Kernel) -> Any:
    """The stream under a path that no server has."""
    from bai_tui.api.functions.kernel import StreamPty

    return self._stream("/no-pty").connect_websocket(response_cls=StreamPty)


@pytest.mark.parametrize("prints", [True, False], ids=["prints", "silent"])
async def test_keys_wait_for_the_program_that_ttyd_starts(prints: bool) -> None:
    """On 23.09.10 what was typed before tmux had taken over the terminal was thrown away."""
    typed: list[bytes] = []

    async def answer(request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(protocols=("tty",))
        await websocket.prepare(request)
        await websocket.send_bytes(b"1the title")
        with suppress(TimeoutError):
            typed.append(await websocket.receive_bytes(timeout=0.3))
            raise AssertionError(f"typed too early: {typed}")
        if prints:
            await websocket.send_bytes(b"0\x1b[?1049h")
        typed.append(await websocket.receive_bytes())
        await websocket.close()
        return websocket

    app = web.Application()
    app.router.add_get("/ws", answer)
    async with (
        TestServer(app) as server,
        aiohttp.ClientSession() as http,
        http.ws_connect(server.make_url("/ws"), protocols=("tty",)) as websocket,
    ):
        carrier = TtydCarrier(websocket)
        sending = asyncio.create_task(carrier.send(b"ls\r"))
        with suppress(ShellEnded):
            assert [data async for data in carrier.output()] == [b"\x1b[?1049h"] * prints
        await sending
    assert typed == [b"0ls\r"]


async def test_the_end_of_the_shell(kernel: Kernel) -> None:
    async with Typist(kernel, "ttyd") as service, Typist(kernel, "pty") as stream:
        service.link.send(b"exit\r")
        await service.becomes(LinkState.ENDED)
        assert service.link.shell_ended
        await until(lambda: stream.link.restarts == 1, "the new shell to be noticed")
        assert stream.link.state is LinkState.LIVE
        assert b"\x1b[?1049l" in stream.output
        service.link.start()
        await service.becomes(LinkState.LIVE)
        service.link.send(b"echo n-$((1+1))\r")
        await service.says(b"n-2")


@pytest.mark.parametrize("carrier", ["pty", "ttyd"])
async def test_the_end_of_the_session(kernel: Kernel, carrier: str) -> None:
    async with Typist(kernel, carrier) as typist:
        await kernel.destroy()
        await until(lambda: typist.link.state is not LinkState.LIVE)
        typist.link.retry_now()
        await typist.becomes(LinkState.ENDED)
        assert not typist.link.shell_ended
        assert not typist.link.send(b"x")


async def test_no_such_session(cluster: ThreadedCluster) -> None:
    async with AsyncSession(config=cluster.config_for("user")) as session:
        link = Link(open_terminal(session, "there-is-none"))
        link.start()
        await until(lambda: link.state is LinkState.ENDED)
        assert "No such" in link.reason
        await link.close()


async def _until(terminal: aiohttp.ClientWebSocketResponse, text: bytes) -> None:
    seen = b""
    while text not in seen:
        frame = await terminal.receive_bytes()
        assert frame[:1] == b"0"
        seen += frame[1:]


async def test_ttyd_like_the_real_one(kernel: Kernel) -> None:
    """Its protocol, spoken without our client."""
    async with (
        kernel.tunnel("ttyd") as tunnel,
        aiohttp.ClientSession() as http,
    ):
        base = f"http://127.0.0.1:{tunnel.port}"
        async with http.get(f"{base}/token") as answer:
            assert await answer.json() == {"token": ""}
        async with http.ws_connect(f"{base}/ws", protocols=("tty",)) as terminal:
            assert terminal.protocol == "tty"
            await terminal.send_str('{"AuthToken":"","columns":77,"rows":9}')
            assert (await terminal.receive_bytes()).startswith(b"1")
            assert (await terminal.receive_bytes()).startswith(b"2{")
            await terminal.send_bytes(b"0stty size\r")
            await _until(terminal, b"9 77")
            await terminal.send_bytes(b"2")
            await terminal.send_bytes(b"0echo a-$((1+1))\r")
            # What was on its way may still come; the answer waits.
            late = asyncio.create_task(_until(terminal, b"a-2"))
            done, _ = await asyncio.wait({late}, timeout=0.3)
            assert not done
            await terminal.send_bytes(b"3")
            await late
        for first in ("nonsense", "{}", '{"columns":0,"rows":1}'):
            async with http.ws_connect(f"{base}/ws", protocols=("tty",)) as terminal:
                await terminal.send_str(first)
                assert (await terminal.receive()).data == aiohttp.WSCloseCode.POLICY_VIOLATION
