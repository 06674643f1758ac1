"""The dashboard's screens on a real server, by keyboard: what the local cluster cannot show."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from bai_tui.api import AsyncSession, AuthenticationError, BackendError, PermissionDeniedError
from bai_tui.identity import identify
from bai_tui.screens.logs import LogsView
from bai_tui.transfers import State
from bai_tui.widgets.terminal.pane import TerminalPane
from tests.contract.conftest import SMALL, Peer, over, real_peer
from tests.screens.admin.hands import choose, confirm, fill, go, only
from tests.screens.driving import Driver, program

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]


@pytest.fixture
def lab() -> Peer:
    """The real server alone: the local cluster has tests of its own for each screen."""
    return real_peer()


def unique(what: str = "c") -> str:
    return f"{what}-{secrets.token_hex(3)}"


async def wait(d: Driver, lab: Peer, *texts: str) -> str:
    """As long as a real server may take."""
    return await d.shows(*texts, timeout=lab.patience)


async def forget(session: AsyncSession, *names: str) -> None:
    """Folders, and what is left of them."""
    for name in names:
        with suppress(BackendError):
            await session.VFolder(name).delete()
        with suppress(BackendError):
            await session.VFolder(name).purge()


@pytest.fixture
async def folder(lab: Peer) -> AsyncIterator[str]:
    """A folder of the user."""
    name = unique("f")
    async with lab.session() as session:
        await session.VFolder.create(name)
        yield name
        await forget(session, name, f"{name}-copy")


@pytest.mark.covers("dashboard: folders, files, transfers")
async def test_files_go_up_and_down(
    lab: Peer, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "up.bin").write_bytes(secrets.token_bytes(3_000_000))
    monkeypatch.chdir(here)
    async with program(lab.config(), tmp_path) as d:
        await wait(d, lab, "live")
        await go(d, f"vf @{folder}", f"▸ {folder}")
        await d.press("enter")
        await wait(d, lab, f"{folder}:/", "The directory is empty.", "up.bin")
        d.app.screen.local.table.focus()  # type: ignore[attr-defined]
        await wait(d, lab, "f5 uploads up.bin")
        await d.press("f5")
        await wait(d, lab, "upload up.bin: 1 file")
        await d.press("T")
        await wait(d, lab, "✓ done", "up.bin")
        assert [t.state for t in d.app.transfers] == [State.DONE]
        (here / "up.bin").rename(here / "kept.bin")
        await d.press("minus")
        await wait(d, lab, f"{folder}:/", "f5 uploads")
        await d.press("ctrl+r")
        await wait(d, lab, "kept.bin")
        await lab.until(lambda: d.app.screen.remote.table.row_count == 1)  # type: ignore[attr-defined]
        d.app.screen.remote.table.focus()  # type: ignore[attr-defined]
        await wait(d, lab, "f5 downloads up.bin")
        await d.press("f5")
        await wait(d, lab, "download up.bin: 1 file")
        assert (here / "up.bin").read_bytes() == (here / "kept.bin").read_bytes()


@pytest.mark.covers("dashboard: folder clone")
async def test_a_folder_is_cloned(lab: Peer, folder: str, tmp_path: Path) -> None:
    copy = f"{folder}-copy"
    async with program(lab.config(), tmp_path) as d:
        await wait(d, lab, "live")
        await go(d, f"vf @{folder}", f"▸ {folder}")
        await d.press("N")
        await wait(d, lab, "it may not be cloned; L allows it")
        await d.press("L")
        await wait(d, lab, f"allow clones: {folder}")
        await lab.until(lambda: d.app.screen.table.cursor_row.cloneable)  # type: ignore[attr-defined]
        await d.press("N")
        await wait(d, lab, "the same in Python", copy)
        await d.press("enter")
        await wait(d, lab, f"clone {folder} as {copy}: done", f"  {copy}")
        await go(d, "tasks", copy, "✓ done", "100%")


@pytest.mark.covers("dashboard: trash")
async def test_a_folder_is_taken_out_of_the_trash(lab: Peer, folder: str, tmp_path: Path) -> None:
    async with lab.session() as session:
        if not session.generation.trash:
            pytest.skip("this server has no trash")
    async with program(lab.config(), tmp_path) as d:
        await wait(d, lab, "live")
        await go(d, f"vf @{folder}", f"▸ {folder}")
        await d.press("ctrl+d")
        await wait(d, lab, "It is moved to the trash")
        await confirm(d, folder)
        await lab.until(lambda: d.app.screen.table.cursor_row.in_trash)  # type: ignore[attr-defined]
        await d.press("u")
        await wait(d, lab, f"restore: {folder}")
        await lab.until(lambda: not d.app.screen.table.cursor_row.in_trash)  # type: ignore[attr-defined]


@pytest.mark.covers("dashboard: terminal, code", "dashboard: commit")
async def test_a_session_is_used_and_committed(lab: Peer, tmp_path: Path) -> None:
    async with (
        lab.session() as session,
        lab.kernel(session) as kernel,
        program(lab.config(), tmp_path) as d,
    ):
        name = str(kernel.kernel_id)
        await wait(d, lab, "live", name, "RUNNING")
        await only(d, name)
        await d.press("M")
        await wait(d, lab, f"Commit {name}")
        await d.press("enter")
        await wait(d, lab, f"commit {name} to", ": done in")
        await d.press("r")
        await wait(d, lab, f"{name} ▸ code")
        await d.type("6 * 7\n")
        await wait(d, lab, "[1] 6 * 7", "✓ exit 0", "42")
        await d.press("escape")
        await go(d, f"ss @{name}", f"▸ {name}")
        await d.press("s")
        await lab.until(lambda: d.app.screen.query(TerminalPane), "the terminal")
        pane = d.app.screen.query_one(TerminalPane)
        await lab.until(lambda: pane.link.state.value == "live", "the terminal to be live")
        await d.type("echo typed-$((40+2))\n")
        await wait(d, lab, "typed-42")


@pytest.mark.covers("dashboard: log of a name used again")
async def test_the_log_of_a_session_whose_name_was_used_before(lab: Peer, tmp_path: Path) -> None:
    async with lab.session() as session:
        async with lab.kernel(session) as first:
            name = str(first.kernel_id)
        # While it is ending, servers take it for the session that was asked for.
        await lab.until(lambda: over(session, name), "the end of the first")
        again = await session.Kernel.get_or_create(
            lab.image, client_token=name, resources=SMALL, max_wait=0
        )
        assert again.created
        try:
            async with program(lab.config(), tmp_path) as d:
                await wait(d, lab, "live", name, "RUNNING")
                await only(d, name)
                await d.press("l")
                await wait(d, lab, f"{name} ▸ logs")
                view = d.app.screen
                assert isinstance(view, LogsView)
                await lab.until(lambda: view.log_view.display, "the log")
        finally:
            await again.destroy()


@pytest.mark.covers("dashboard: home, graphql")
async def test_home_and_the_console(lab: Peer, tmp_path: Path) -> None:
    async with program(lab.config("superadmin"), tmp_path) as d:
        await wait(d, lab, "live")
        await d.press("1")
        async with lab.session("superadmin") as session:
            spoken = f"API v{session.generation.number}"
        await wait(d, lab, "My resources", spoken, lab.keys["superadmin"][2])
        await go(d, "gql", "checked by the server's schema")
        await d.press("ctrl+g")
        await wait(d, lab, "answered", lab.keys["superadmin"][2])


TABLES = {
    "agents": "ALIVE", "users": "@", "keypairs": "ACCESS KEY", "groups": "default",
    "domains": "default", "scaling-groups": "default", "policies": "default",
    "presets": "RESOURCES", "images": "python", "user-policies": "default",
    "project-policies": "default", "quotas": "project", "storage-hosts": "local:",
    "registries": "PROJECT", "services": "every 5 s", "etcd": "config", "manager": "running",
    "audit": "OPERATION", "server-logs": "SEVERITY", "usage": "",
}  # fmt: skip


OFFERS = {
    "user-policies": "UserResourcePolicyAPI", "project-policies": "ProjectResourcePolicyAPI",
    "quotas": "QuotaScopeAPI", "storage-hosts": "StorageAPI", "services": "ServiceAPI",
    "registries": "ContainerRegistryAPI", "audit": "AuditLogAPI", "server-logs": "ErrorLogAPI",
}  # fmt: skip
"""What a server must offer for a table to be shown."""


@pytest.mark.covers("dashboard: tables of the administration")
async def test_every_table_of_the_administration(lab: Peer, tmp_path: Path) -> None:
    async with program(lab.config("superadmin"), tmp_path) as d:
        await wait(d, lab, "live")
        async with lab.session("superadmin") as session:
            generation = session.generation
        for view, text in TABLES.items():
            if view in OFFERS and not generation.offers(OFFERS[view]):
                text = "not on this server"
            d.app.show_view(view)
            await lab.until(lambda view=view: d.app.current_mode == view, view)
            picture = await wait(d, lab, f"▸ {view}", text)
            assert "refused" not in picture, view
            assert "The server failed" not in picture, view


@pytest.mark.parametrize("role", ["admin", "user"])
async def test_what_is_not_for_a_role_is_said_in_words(
    lab: Peer, role: str, tmp_path: Path
) -> None:
    async with lab.session(role) as session:
        told = "sessions"
        try:
            await session.Manager.status()
        except (AuthenticationError, PermissionDeniedError):  # other servers tell everybody
            told = "superadmins only"
    async with program(lab.config(role), tmp_path) as d:
        await wait(d, lab, "live")
        await go(d, "mg", told, "Announcement")
        await go(d, "ag", "not for your role")
        assert "watcher" not in d.picture


async def test_groups_of_every_type_are_listed(lab: Peer, tmp_path: Path) -> None:
    async with lab.session("superadmin") as session:
        mine = {group.id for group in (await identify(session)).groups}
    async with program(lab.config("superadmin"), tmp_path) as d:
        await wait(d, lab, "live")
        await go(d, "gr", "default")
        await lab.until(lambda: mine <= {i.key for i in d.app.screen.table.rows})  # type: ignore[attr-defined]


@pytest.mark.covers("dashboard: policies, quotas, registries")
async def test_what_current_servers_added_is_administered(lab: Peer, tmp_path: Path) -> None:
    name, host = unique("p"), f"{unique('r')}.example"
    async with lab.session("superadmin") as session:
        offers = session.generation.offers
    if not offers("UserResourcePolicyAPI"):
        pytest.skip("the server has neither such policies nor quotas")
    count = {"max_vfolder_count": "7"} if offers("policy max_vfolder_count") else {}
    async with program(lab.config("superadmin"), tmp_path, (160, 40)) as d:
        await wait(d, lab, "live")
        for view, one in (("ur", "user policy"), ("pj", "project policy")):
            await go(d, view, "default")
            await d.press("n")
            await wait(d, lab, f"new {one}")
            await fill(d, name=name, max_quota_scope_size="2g", **count)
            await d.press("ctrl+g")
            await wait(d, lab, f"created: {name}", "2Gi")
            await only(d, name)
            await d.press("e")
            await wait(d, lab, "nothing is changed yet")
            await fill(d, max_quota_scope_size="")
            await d.press("ctrl+g")
            await wait(d, lab, f"changed: {name}")
            await d.hides("2Gi")
            await d.press("ctrl+d")
            await confirm(d, name)
            await wait(d, lab, f"delete: {name}: done")
        await go(d, "qs", lab.keys["user"][2])
        await only(d, lab.keys["user"][2])
        await d.press("e")
        await fill(d, hard_limit_bytes="3g")
        await wait(d, lab, "session.QuotaScope.set")
        await d.press("ctrl+g")
        await d.hides("session.QuotaScope.set")
        title = d.app.screen.RESOURCE.title(d.app.screen.current())  # type: ignore[attr-defined]
        await d.press("ctrl+d")
        await confirm(d, title)
        await wait(d, lab, "unlimit: ", "done")
        if not offers("ContainerRegistryAPI.create"):
            return
        await go(d, "rg", "REGISTRY")
        await d.press("n")
        await wait(d, lab, "new registry")
        await fill(d, hostname=host, url=f"http://{host}", project="some", password="hidden-one")
        assert "hidden-one" not in d.picture
        await d.press("ctrl+g")
        await wait(d, lab, f"created: {host}")
        await only(d, host)
        await d.press("e")
        await fill(d, username="bob")
        await d.press("ctrl+g")
        await wait(d, lab, "changed: ", "bob")
        await d.press("ctrl+d")
        await confirm(d, f"{host}/some")
        await wait(d, lab, "delete: ", "done")


DEFINITION = """\
models:
  - name: m
    model_path: /models
    service:
      pre_start_actions: []
      start_command: [/usr/bin/python3, -m, http.server, "8000"]
      port: 8000
      health_check: {path: /, max_retries: 5}
"""


@pytest.mark.covers("dashboard: model services")
async def test_a_model_service_is_started_scaled_and_deleted(lab: Peer, tmp_path: Path) -> None:
    name, model = unique("svc"), unique("model")
    async with lab.session("superadmin") as session:
        groups = await session.ScalingGroup.list(fields=("name", "wsproxy_addr"))
        if not any(row["wsproxy_addr"] for row in groups):
            pytest.skip("the server has no app proxy")
        await session.VFolder.create(model, usage_mode="model")
        (tmp_path / "model-definition.yml").write_text(DEFINITION)
        await session.VFolder(model).upload(["model-definition.yml"], tmp_path)
        try:
            async with program(lab.config("superadmin"), tmp_path, (160, 40)) as d:
                await wait(d, lab, "live")
                await go(d, "sv", "▸ services", "every 5 s")
                await d.press("n")
                await wait(d, lab, "new model service", "a folder of the kind model")
                await choose(d, model=model)
                await fill(d, name=name)
                await wait(d, lab, "session.Service.create", name)
                await d.press("ctrl+g")
                await wait(d, lab, f"created: {name}", "0/1")
                await only(d, name)
                await d.press("e")
                await fill(d, replicas="2")
                await d.press("ctrl+g")
                await wait(d, lab, f"changed: {name}", "/2")
                await d.press("t")
                await wait(d, lab, "Switch off the model service?")
                await d.press("tab", "enter")
                await wait(d, lab, "stopped")
                await d.press("ctrl+d")
                await confirm(d, name)
                await wait(d, lab, f"delete: {name}: done")
        finally:
            await forget(session, model)
