"""Screens of folders that depend on the release: trash, leaving, declining, groups' folders."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

import pytest

from bai_tui.api import AsyncSession, BackendError
from bai_tui.identity import identify
from tests.contract.conftest import Peer
from tests.screens.driving import Driver, program


async def at_folder(d: Driver, name: str) -> None:
    """The list, with the cursor on one folder."""
    await d.press("3")
    await d.shows("live", name, timeout=30)
    await d.press("slash", *name, "enter")
    await d.shows(f"/{name}")


async def gone(session: AsyncSession, name: str, oid: str) -> None:
    folder = session.VFolder(name)
    with suppress(BackendError):
        await folder.delete()
    if session.generation.trash:
        with suppress(BackendError):
            await folder.purge(oid)


async def test_trash_and_back_and_for_ever(peer: Peer, tmp_path: Path) -> None:
    async with peer.session() as session:
        if not session.offers("VFolder.restore"):
            pytest.skip("this server has no trash")
        name = f"c-{secrets.token_hex(4)}"
        await session.VFolder.create(name)
        async with program(peer.config(), tmp_path, (120, 40)) as d:
            await at_folder(d, name)
            await d.press("u")
            await d.shows("it is not in the trash")
            await d.press("ctrl+d")
            await d.shows("Delete the folder?", "moved to the trash")
            await d.press(*name, "enter")
            await d.shows(f"delete: {name}")
            await d.shows("delete-pending", f"⌫ {name}", timeout=peer.patience)
            await d.press("enter")
            await d.shows("is in the trash; u restores it")
            await d.press("u")
            await d.shows(f"restore: {name}")
            await d.shows("ready", timeout=peer.patience)
            await d.press("ctrl+d", *name, "enter")
            await d.shows("delete-pending")
            await d.press("ctrl+d")
            await d.shows("Delete the folder?", "gone for ever")
            await d.press(*name, "enter")
            await d.shows(f"delete: {name}")
            await d.press("ctrl+r")
            # Rows that are being removed stay visible for a while on some releases.
            await peer.until(
                lambda: all(
                    f.status not in ("ready", "delete-pending")
                    for f in d.app.screen.table.rows  # type: ignore[attr-defined]
                    if f.name == name
                ),
                "the end of the folder",
            )


async def test_decline_and_leave(peer: Peer, tmp_path: Path) -> None:
    """The one who was invited says no; invited again he says yes, and leaves where he can."""
    name = f"c-{secrets.token_hex(4)}"
    email = peer.keys["user"][2]
    async with peer.session("superadmin") as owner, peer.session() as session:
        made = await owner.VFolder.create(name)
        await owner.VFolder(name).invite("ro", [email])
        try:
            async with program(peer.config(), tmp_path, (80, 24)) as d:
                await d.press("3")
                await d.shows("live", "✉ ", timeout=30)
                await d.press("i")
                await d.shows(name)
                await d.press("slash", *name, "enter", "ctrl+d")
                await d.shows("Decline 1 invitation?", name)
                await d.press("tab", "enter")
                await d.shows(f"declined: {name}", "No")
                assert (await owner.VFolder.sent_invitations())["invitations"] == []
                await owner.VFolder(name).invite("rw", [email])
                await d.press("escape", "ctrl+r", "i")
                await d.shows(name)
                await d.press("Y")
                await d.shows(f"accepted: {name}")
                await d.press("escape")
                await at_folder(d, name)
                await d.press("ctrl+x")
                await d.shows("Leave the folder?", "its owner can invite you again")
                await d.press("tab", "enter")
                picture = await d.shows("leave:")
                await d.press("ctrl+r")
                left = f"✓ leave: {name}" in picture
                assert left or "✗ leave:" in picture  # the reason stands there
                rows = [row["name"] for row in await session.VFolder.list()]
                assert (name in rows) is not left
        finally:
            await gone(owner, name, made["id"])


async def test_a_groups_folder_is_made_and_shared(peer: Peer, tmp_path: Path) -> None:
    name = f"c-{secrets.token_hex(4)}"
    email = peer.keys["user"][2]
    async with peer.session("admin") as session:
        try:
            async with program(peer.config("admin"), tmp_path, (120, 40)) as d:
                await d.press("3")
                await d.shows("live", timeout=30)
                await d.press("n")
                await d.shows("Owner", "Host")
                await d.press(*name, "tab", "right")
                await d.shows("group=")
                await d.press("ctrl+g")
                await d.shows(f"created {name}", "group", timeout=30)
                await at_folder(d, name)
                await d.shows(" default ")
                if not session.offers("VFolder.share"):
                    await d.press("S")
                    await d.shows("shares no folders of groups")
                    return
                await d.press("S")
                await d.shows("sharing", "n share")
                await d.press("n")
                await d.shows("E-mails", ".share('rw', [])")
                await d.press(*"nobody@example.com", "ctrl+g")
                await d.shows("share:")
                await d.press("ctrl+a", "ctrl+k", *email, "ctrl+g")
                await d.shows(f"shared with {email}", "● shared", "◐ rw")
                await d.press("P")
                await d.shows("What", "may do")
                await d.press("up", "enter")
                await d.shows("○ ro")
                await d.press("ctrl+d")
                await d.shows("Take")
                await d.press("tab", "enter")
                await d.shows("may not use it any more")
        finally:
            groups = (await identify(session)).groups
            lists = [await session.VFolder.list(group_id=group.id) for group in groups]
            found = [row for rows in lists for row in rows if row["name"] == name]
            if found:
                await gone(session, name, found[0]["id"])
