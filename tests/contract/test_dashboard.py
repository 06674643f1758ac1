"""The dashboard's main screens, and session mode through a web server."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

import pytest

from bai_tui.api import APIConfig, AsyncSession, AuthenticationError, BackendError
from bai_tui.identity import identify
from tests.contract.conftest import SMALL, Peer
from tests.screens.admin.hands import confirm, fill, go
from tests.screens.driving import program


@pytest.mark.covers("dashboard")
async def test_main_screens(peer: Peer, tmp_path: Path) -> None:
    async with (
        peer.session("superadmin") as session,
        peer.kernel(session) as kernel,
        program(peer.config("superadmin"), tmp_path) as d,
    ):
        await d.shows("live", timeout=peer.patience)
        await d.press("colon")
        await d.type("sessions\n")
        await d.shows("sessions", kernel.kernel_id, "RUNNING", timeout=peer.patience)
        await d.press("colon")
        await d.type("events\n")
        other = f"c-{secrets.token_hex(4)}"
        second = await session.Kernel.get_or_create(
            peer.image, client_token=other, resources=SMALL, enqueue_only=True
        )
        await d.shows(other, timeout=peer.patience)
        await d.shows("started", timeout=peer.patience)

        async def running() -> bool:
            """Its container starts before it; in between 24.09 forgets to end it."""
            info = await session.Kernel.get(other)
            return info is not None and info.status == "RUNNING"

        await peer.until(running, "the session to run")
        await second.destroy(forced=True)
        await d.shows("terminated", timeout=peer.patience)


@pytest.mark.covers("session mode", "Auth.login", "Auth.login_check", "Auth.logout")
async def test_session_mode(peer: Peer, tmp_path: Path) -> None:
    if not peer.web or not peer.keys["user"][3]:
        pytest.skip("no web server and password were named")
    _, _, email, password = peer.keys["user"]
    config = APIConfig(endpoint=peer.web, endpoint_type="session")
    name = f"c-{secrets.token_hex(4)}"
    (tmp_path / "a.txt").write_text("through the web server")
    async with AsyncSession(config=config) as session:
        with suppress(AuthenticationError):  # later servers say it by the status
            assert not (await session.Auth.login(email, "wrong"))["authenticated"]
        assert (await session.Auth.login(email, password))["authenticated"] is True
    async with AsyncSession(config=config) as session:
        assert (await session.Auth.login_check())["authenticated"] is True
        me = await session.User.detail(fields=("email",))
        assert me == {"email": email}
        assert (await identify(session)).access_key == peer.keys["user"][0]
        made = await session.VFolder.create(name)
        folder = session.VFolder(name)
        await folder.upload(["a.txt"], basedir=tmp_path)
        await folder.download(["a.txt"], dest=tmp_path / "back")
        assert (tmp_path / "back/a.txt").read_text() == "through the web server"
        await folder.delete()
        if session.generation.trash:
            await folder.purge(made["id"])
        async with session.Kernel.events() as stream:
            assert stream.state == "live"
        async with peer.kernel(session) as kernel:
            async with kernel.stream_execute("print(6 * 7)") as run:
                text = ""
                async for result in run.results():
                    text += "".join(data for _, data in result["console"])
                    if result["status"] == "finished":
                        break
            assert "42" in text
        await session.Auth.logout()
        with pytest.raises(AuthenticationError):
            await session.VFolder.list()


async def test_a_keypair_is_known_by_its_access_key(peer: Peer, tmp_path: Path) -> None:
    """Of a user with several: edited, switched off and deleted is the one under the cursor."""
    email = peer.keys["user"][2]
    fields = ("access_key", "is_active", "rate_limit")
    async with peer.session("superadmin") as boss:
        keys = [(await boss.KeyPair.create(email))["keypair"]["access_key"] for _ in range(3)]

        async def pairs() -> dict[str, dict[str, object]]:
            return {row["access_key"]: row for row in await boss.KeyPair.list(email, fields=fields)}

        before, mine = await pairs(), keys[1]
        try:
            async with program(peer.config("superadmin"), tmp_path, (120, 40)) as d:
                await d.shows("live", timeout=peer.patience)
                await go(d, f"kp {mine}", f"▸ {mine}", timeout=peer.patience)
                await d.press("e")
                await d.shows("nothing is changed yet", mine)
                await fill(d, rate_limit="777")
                await d.press("ctrl+g")
                await d.shows(f"changed: {mine}", f"▸ {mine}", timeout=peer.patience)
                await d.press("t")
                await d.shows("Switch off", mine)
                await d.press("y")
                await d.shows("switch: ", "○ no", timeout=peer.patience)
                expected = before | {
                    mine: {"access_key": mine, "is_active": False, "rate_limit": 777}
                }
                assert await pairs() == expected
                await d.press("ctrl+d")
                await confirm(d, mine)
                await d.shows(f"delete: {mine}: done", timeout=peer.patience)
                del expected[mine]
                assert await pairs() == expected
        finally:
            for key in keys:
                with suppress(BackendError):
                    await boss.KeyPair.delete(key)
