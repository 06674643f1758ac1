"""What only later releases let one change, by keyboard in the dashboard on a real server."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bai_tui.api import AsyncSession
from bai_tui.screens.create import templates
from bai_tui.widgets.fields import ChoiceField
from tests.contract.conftest import Peer, deleted, real_peer, report
from tests.screens.admin.hands import answer, go, only
from tests.screens.driving import program

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

DEFINITION = """\
models:
  - name: m
    model_path: /models
    service:
      start_command: [/usr/bin/python3, -m, http.server, "8000"]
      port: 8000
"""


@pytest.fixture
def lab() -> Peer:
    """The real server alone: the local cluster is of a release that has none of this."""
    return real_peer()


@pytest.fixture
async def boss(lab: Peer) -> AsyncIterator[AsyncSession]:
    async with lab.session("superadmin") as session:
        yield session


def unique(what: str) -> str:
    return f"{what}-{secrets.token_hex(3)}"


def needs(session: AsyncSession, function: str) -> None:
    if not session.offers(function):
        pytest.skip(f"this server has no {function}")


async def test_a_session_is_renamed(lab: Peer, tmp_path: Path) -> None:
    async with lab.session() as session, lab.kernel(session) as kernel:
        needs(session, "Kernel.rename")
        name = str(kernel.kernel_id)
        async with program(lab.config(), tmp_path) as d:
            await d.shows("live", name, "RUNNING", timeout=lab.patience)
            await only(d, name)
            await d.press("colon")
            await d.paste("rename-session", "enter")
            await answer(d, f"Rename {name}", f"{name}-new")
            await d.shows(f"{name} is {name}-new now", timeout=lab.patience)
        await session.Kernel(f"{name}-new").rename(name)


async def test_a_template_is_kept_on_the_server(
    lab: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "state_dir", lambda: tmp_path)
    async with (
        lab.session("superadmin") as session,
        program(lab.config("superadmin"), tmp_path, (120, 40)) as d,
    ):
        needs(session, "SessionTemplateAPI")
        await d.shows("live", timeout=lab.patience)
        await d.press("n")
        await d.shows("new session", "Image", timeout=lab.patience)
        view = d.app.screen
        await lab.until(lambda: view.query_one("#image", ChoiceField).value, "an image")
        await d.press("ctrl+p")
        await d.shows("Search for commands")
        await d.type("share template")
        await d.shows("Form: share template")
        await d.press("enter")
        await d.shows("the server keeps the template", timeout=lab.patience)
        rows = await session.SessionTemplate.list()
        draft = view.draft()  # type: ignore[attr-defined]
        mine = [row for row in rows if row.get("name") == draft.name]
        assert mine, rows
        for row in mine:
            await session.SessionTemplate.delete(str(row["id"]))


async def test_errors_are_marked_as_dealt_with(
    lab: Peer, boss: AsyncSession, tmp_path: Path
) -> None:
    needs(boss, "ErrorLogAPI")
    name = unique("trouble")
    await report(boss, name)
    async with program(lab.config("superadmin"), tmp_path) as d:
        await d.shows("live", timeout=lab.patience)
        await go(d, "lg", "SEVERITY", name, timeout=lab.patience)
        await d.press("slash")
        await d.paste(name, "enter")
        await d.shows(f"/{name} 1/")
        await d.press("ctrl+d")
        await d.shows("Clear the entry?", name)
        await d.press("y")
        await d.shows("clear: ", timeout=lab.patience)


async def test_a_service_is_told_of_anew(lab: Peer, boss: AsyncSession, tmp_path: Path) -> None:
    needs(boss, "ServiceAPI")
    groups = await boss.ScalingGroup.list(fields=("name", "wsproxy_addr"))
    if not any(row["wsproxy_addr"] for row in groups):
        pytest.skip("the server has no app proxy")
    name, model = unique("svc"), unique("model")
    await boss.VFolder.create(model, usage_mode="model")
    try:
        (tmp_path / "model-definition.yml").write_text(DEFINITION)
        await boss.VFolder(model).upload(["model-definition.yml"], tmp_path)
        images = await boss.Image.list(fields=("name", "tag", "registry"))
        image = next("{registry}/{name}:{tag}".format(**i) for i in images
                     if str(i["name"]).endswith("python"))  # fmt: skip
        made = await boss.Service.create(name, model, image, resources={"cpu": 1, "mem": "512m"})
        async with program(lab.config("superadmin"), tmp_path, (160, 40)) as d:
            await d.shows("live", timeout=lab.patience)
            await go(d, "sv", name, timeout=lab.patience)
            await only(d, name)
            await d.press("y")
            await d.shows(f"sync: {name}", timeout=lab.patience)
            await d.press("K")
            await d.shows(f"clear: {name}", timeout=lab.patience)
        await boss.Service.delete(str(made["endpoint_id"]))
    finally:
        await lab.until(lambda: deleted(boss.VFolder(model)), "the end of its sessions")
