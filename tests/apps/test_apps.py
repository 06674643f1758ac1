"""Local ports to services of real sessions: kept, lost, moved, remembered."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import secrets
import shlex
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, TypeAlias

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bai_tui.api import AsyncSession, Kernel
from bai_tui.apps.manager import Apps
from bai_tui.apps.proxy import Link, Wanted
from bai_tui.apps.ssh import SSHKeyError, command, fetch_key, knock, user_of
from bai_tui.feed import ClusterEvent
from bai_tui.local.runner import sshd
from tests.screens.driving import program
from tests.sweeps.link import PlainLink
from tests.waiting import until

if TYPE_CHECKING:
    from bai_tui.api import APIConfig

Config: TypeAlias = "Callable[..., APIConfig]"


@pytest.fixture
async def link(config_for: Config) -> AsyncIterator[PlainLink]:
    async with AsyncSession(config=config_for("user")) as session:
        yield PlainLink(session)


@pytest.fixture
async def kernel(link: PlainLink) -> AsyncIterator[Kernel]:
    kernel = await link.session.Kernel.get_or_create(
        "python",
        client_token=f"apps-{secrets.token_hex(4)}",
        resources={"cpu": 1, "mem": "256m"},
    )
    yield kernel
    if (await link.session.Kernel.get(kernel.kernel_id)) is not None:
        await kernel.destroy()


async def get(address: str) -> int:
    async with aiohttp.ClientSession() as http, http.get(address) as answer:
        await answer.read()
        return answer.status


async def test_a_port_is_open_as_long_as_it_is_wanted(
    link: PlainLink, kernel: Kernel, tmp_path: Path
) -> None:
    apps = Apps(tmp_path / "apps.json", lambda: link)
    proxy = await apps.open(Wanted(kernel.kernel_id, "files", "http"))
    assert proxy.link is Link.OPEN
    assert proxy.why == ""
    assert await asyncio.gather(*(get(proxy.address) for _ in range(50))) == [200] * 50
    assert await apps.open(Wanted(kernel.kernel_id, "files", "http")) is proxy
    # The session ends: the port says so, and comes back with the next session of that name.
    await kernel.destroy()
    ended = ClusterEvent.parse("kernel_terminated", json.dumps({"sessionId": kernel.kernel_id}))
    apps.events([ended])
    await asyncio.gather(*apps._tasks)
    assert (proxy.link, proxy.why) == (Link.WAITING, "the session is over")
    await link.session.Kernel.get_or_create(
        "python", client_token=kernel.kernel_id, resources={"cpu": 1, "mem": "256m"}
    )
    apps.events([ClusterEvent.parse("kernel_started", json.dumps({"sessionId": kernel.kernel_id}))])
    await asyncio.gather(*apps._tasks)
    assert proxy.link is Link.OPEN
    assert await get(proxy.address) == 200
    assert proxy.figures()[1] == 51
    await apps.close(proxy)
    with pytest.raises(aiohttp.ClientConnectorError):
        await get(proxy.address)
    await apps.shut()


async def test_a_taken_port_says_so_and_another_one_works(
    link: PlainLink, kernel: Kernel, tmp_path: Path
) -> None:
    apps = Apps(tmp_path / "apps.json", lambda: link)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        proxy = await apps.open(Wanted(kernel.kernel_id, "files", "http", port))
        assert proxy.link is Link.FAILED
        assert f":{port} cannot be opened" in proxy.why
        await apps.reopen(proxy, 0)
        assert apps.proxies[proxy.number].link is Link.OPEN
        assert await get(proxy.address) == 200
    await apps.shut()


async def test_what_cannot_be_served_says_why(
    link: PlainLink, kernel: Kernel, tmp_path: Path
) -> None:
    apps = Apps(tmp_path / "apps.json", lambda: link)
    assert "no such session" in (await apps.open(Wanted("no-such-session", "files"))).why
    assert (
        "has no nothing (it has files" in (await apps.open(Wanted(kernel.kernel_id, "nothing"))).why
    )
    foreign = await apps.open(Wanted(kernel.kernel_id, "files", access_key="AKIAOTHER"))
    assert "belongs to AKIAOTHER" in foreign.why
    link.ready = False
    assert "no connection" in (await apps.open(Wanted(kernel.kernel_id, "files"))).why
    await apps.shut()


async def test_the_next_run_opens_what_is_to_be_restored(
    link: PlainLink, kernel: Kernel, tmp_path: Path
) -> None:
    first = Apps(tmp_path / "apps.json", lambda: link)
    proxy = await first.open(Wanted(kernel.kernel_id, "files", "http"))
    await first.set_restore(proxy, True)
    await first.shut()
    second = Apps(tmp_path / "apps.json", lambda: link)
    second.changed()
    await asyncio.gather(*second._tasks)
    (again,) = second.proxies.values()
    assert (again.link, again.address, again.restore) == (Link.OPEN, proxy.address, True)
    await second.shut()


@given(st.dictionaries(st.text(max_size=10), st.text() | st.integers() | st.none()) | st.text())
def test_any_record_is_read_or_left_out(data: object) -> None:
    wanted = Wanted.from_json(data)
    assert wanted is None or Wanted.from_json(wanted.to_json()) == wanted


async def test_the_key_of_a_session_is_fetched_for_the_user_alone(
    link: PlainLink, kernel: Kernel, tmp_path: Path
) -> None:
    (tmp_path / "id_container").write_text("not a key\n")
    await kernel.upload([tmp_path / "id_container"], tmp_path)
    with pytest.raises(SSHKeyError):
        await fetch_key(link.session, kernel.kernel_id, "", tmp_path / "keys")
    text = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----"
    (tmp_path / "id_container").write_text(text)
    await kernel.upload([tmp_path / "id_container"], tmp_path)
    key = await fetch_key(link.session, kernel.kernel_id, "", tmp_path / "keys")
    assert key.stat().st_mode & 0o777 == 0o600
    assert f"-i {key} -p 2222" in command(key, 2222)


@pytest.mark.skipif(sshd.program() is None or which("ssh") is None, reason="no OpenSSH here")
async def test_ssh_enters_a_session_through_the_tunnel(
    link: PlainLink, kernel: Kernel, tmp_path: Path
) -> None:
    apps = Apps(tmp_path / "apps.json", lambda: link)
    proxy = await apps.open(Wanted(kernel.kernel_id, "sshd"))
    assert proxy.link is Link.OPEN
    await knock(proxy.wanted.port)
    key = await fetch_key(link.session, kernel.kernel_id, "", tmp_path / "keys")
    line = command(key, proxy.wanted.port, user_of(key))

    async def ssh(remote: str, data: bytes = b"") -> bytes:
        process = await asyncio.create_subprocess_exec(
            *shlex.split(line), remote,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await asyncio.wait_for(process.communicate(data), 20)
        return out

    assert (await ssh("echo $((6*7)) $BACKENDAI_KERNEL_ID")).startswith(b"42 ")
    blob = os.urandom(300_000)
    assert await ssh("tee blob | sha256sum", blob) == (
        hashlib.sha256(blob).hexdigest().encode() + b"  -\n"
    )
    assert any(entry.name == "blob" for entry in await kernel.entries())
    await apps.shut()


async def test_a_port_is_opened_and_closed_from_the_dashboard(
    config_for: Config, kernel: Kernel, tmp_path: Path
) -> None:
    async with program(config_for("user"), tmp_path) as d:
        await d.shows(kernel.kernel_id[:12], "RUNNING")
        await d.press("slash")
        await d.type(kernel.kernel_id)
        await d.press("enter", "p")
        await d.shows("Services of", "files")
        await d.type("files")
        await d.press("enter")
        await d.shows("http://127.0.0.1:")
        await d.press("F")
        await d.shows("open", "files", "http://127.0.0.1:")
        (proxy,) = d.app.apps.proxies.values()
        assert await get(proxy.address) == 200
        await d.press("t")
        await d.shows("opens it again", "yes")
        before = proxy.address
        await d.press("P")
        await d.shows("Local port for files")
        await d.press("ctrl+a", "ctrl+k")
        await d.type("99999")
        await d.press("enter")
        await d.shows("✗ 1 to 65535")
        await d.press("ctrl+a", "ctrl+k")
        await d.type("0")
        await d.press("enter")
        await until(lambda: proxy.address not in ("", before), "another port")
        await d.shows(proxy.address)
        assert await get(proxy.address) == 200
        await d.press("ctrl+d")
        await d.shows("No port is open")
    assert json.loads(read(tmp_path / "apps.json")) == []


def read(path: Path) -> str:
    return path.read_text()
