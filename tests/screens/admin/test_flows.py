"""Every change of the administration by keyboard, against the real cluster."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bai_tui.api import APIConfig, AsyncSession
from bai_tui.widgets.table import LiveTable
from tests.conftest import ThreadedCluster
from tests.counting import counting
from tests.screens.admin.hands import answer, confirm, fill, go, only, pick, unique
from tests.screens.driving import program
from tests.waiting import until


def exported(directory: Path) -> str:
    """The text of the file that was written."""
    return next(directory.glob("bai-usage*.csv")).read_text()


async def test_the_life_of_a_user(
    cluster: ThreadedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Create in the form, edit in the form, edit as text, switch off and on, deactivate, purge."""
    mail = f"{unique('u')}@x.example"
    async with program(cluster.config_for(), tmp_path) as d:
        await d.shows("live")
        await go(d, "us", "E-MAIL", "user2@localhost")
        await d.press("n")
        await d.shows("new user", "needed", "session.User.create")
        await d.press("ctrl+g")
        await d.shows("E-mail: needed")
        await fill(d, email=mail, password="correct horse", full_name="김철수")
        picture = await d.shows(mail, "getpass.getpass()", "full_name='김철수'")
        assert "correct horse" not in picture
        await d.press("ctrl+g")
        await d.shows(f"created: {mail}", "김철수")
        await only(d, mail)
        await d.press("e")
        await d.shows("nothing is changed yet")
        await fill(d, full_name="이영희")
        await d.shows("full_name='이영희'")
        await d.press("ctrl+g")
        await d.shows(f"changed: {mail}", "이영희")
        monkeypatch.setenv("EDITOR", "sed -i -e 's/^role = .*/role = \"admin\"/'")
        await d.press("E")
        await d.shows('-role = "user"', '+role = "admin"', "Send (y)")
        await d.press("y")
        await d.shows(f"changed: {mail}")
        await d.hides("Send (y)")
        await d.press("t")
        await d.shows("Switch off the user?")
        await d.press("tab", "enter")
        await d.shows("switch: ", "○ no")
        await d.press("t")
        await d.shows("● yes")
        await d.press("ctrl+d")
        await d.shows("Deactivate the user?", mail)
        await d.press("enter")  # nothing typed yet
        await confirm(d, f"{mail}")
        await d.shows("deactivate: ", "○ no")
        await d.press("ctrl+x")
        await d.shows("Purge the user?")
        await confirm(d, f"{mail}")
        await d.shows("No match")


async def test_what_an_editor_leaves_is_checked_and_never_lost(
    cluster: ThreadedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wrong values come back with the reason; unchanged text sends nothing."""
    async with program(cluster.config_for(), tmp_path, (80, 24)) as d:
        await go(d, "rp", "default", "LIMITS")
        monkeypatch.setenv("EDITOR", "sed -i -e 's/^idle_timeout = .*/idle_timeout = -5/'")
        await d.press("E")
        picture = await d.shows("cannot be used", "idle_timeout: 0 or more", "Edit again")
        assert "Send (y)" not in picture
        monkeypatch.setenv("EDITOR", "sed -i -e 's/^idle_timeout = .*/idle_timeout = 7200/'")
        await d.press("enter")  # hasty, and nothing is lost: it is edited again
        await d.shows("+idle_timeout = 7200", "Send (y)")
        await d.press("escape")
        await d.shows("given up")
        monkeypatch.setenv("EDITOR", "true")
        await d.press("E")
        await d.shows("nothing is changed")
        monkeypatch.setenv("EDITOR", "")
        monkeypatch.setenv("VISUAL", "")
        monkeypatch.setenv("PATH", "")
        await d.press("E")
        await d.shows("there is no editor")


async def test_a_refused_form_keeps_what_was_typed(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    async with program(cluster.config_for(), tmp_path) as d:
        await go(d, "pr", "small", "RESOURCES")
        await d.press("n")
        await d.shows("new preset")
        await fill(d, name="small", resource_slots="cpu=1 mem=lots")
        await d.press("tab")
        await d.shows("mem: a size")
        await fill(d, resource_slots="cpu=1 mem=1g")
        await d.press("ctrl+g")
        await d.shows("not created", "integrity error", "cpu=1 mem=1g")
        name = unique("preset")
        await fill(d, name=name)
        await d.press("ctrl+g")
        await d.shows(f"created: {name}")
        await only(d, name)
        await d.press("e")
        await d.shows("shared mem".capitalize())
        await fill(d, shared_memory="128m")
        await d.press("ctrl+g")
        await d.shows("128Mi")
        await d.press("ctrl+d")
        await confirm(d, f"{name}")
        await d.shows("No match")


async def test_from_a_user_to_the_agent_in_three_keys(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    """user -> keypairs -> sessions -> agent, and back by escape."""
    name = unique("chain")
    config = cluster.config_for("user")
    async with AsyncSession(config=config) as session:
        await session.Kernel.get_or_create(
            "python", client_token=name, resources={"cpu": 1, "mem": "128m"}
        )
    try:
        async with program(cluster.config_for(), tmp_path) as d:
            await go(d, "us", "user@localhost")
            await only(d, "user@localhost")
            await d.press("enter")
            await d.shows("user@localhost ▸ keypairs", config.access_key)
            await d.press("s")
            await d.shows(f"{config.access_key} ▸ sessions", name)
            await d.press("slash", *name, "enter", "h")
            await d.shows("agents", "i-local", "ALIVE")
            await d.press("s")
            await d.shows("i-local ▸ sessions", name)
            await d.press("escape", "escape", "escape", "escape")
            await d.shows("user@localhost ▸ keypairs", config.access_key)
            await d.press("J")
            await pick(d, "its resource policy", "policy")
            await d.shows("policies", "default")
    finally:
        async with AsyncSession(config=config) as session:
            await session.Kernel(name).destroy()


async def test_keypairs_show_their_secret_once(cluster: ThreadedCluster, tmp_path: Path) -> None:
    async with program(cluster.config_for(), tmp_path) as d:
        await go(d, "us", "user2@localhost")
        await only(d, "user2@localhost")
        await d.press("p")
        await d.shows("user2@localhost ▸ keypairs")
        await d.press("n")
        await d.shows("new keypair", "KeyPair.create", "'user2@localhost'", "default")
        await fill(d, rate_limit="0")
        await d.shows("1 or more")
        await fill(d, rate_limit="777")
        await d.press("ctrl+g")
        await d.shows("secret key", "Keep the secret key now")
        await d.press("escape")
        await d.shows("created", "777")
        table = d.app.screen.query_one("#table", LiveTable)
        new = table.cursor_row
        assert new is not None
        assert str(new.data["rate_limit"]) == "777", "the cursor is on the new one"
        key = table.cursor_key
        await only(d, str(key))
        await d.press("t")
        await d.shows("Switch off")
        await d.press("y")
        await d.shows("○ no")
        await d.press("ctrl+d")
        await d.shows("Delete the keypair?")
        await confirm(d, f"{key}")
        await d.shows("No match")


async def test_groups_and_their_members(cluster: ThreadedCluster, tmp_path: Path) -> None:
    name = unique("group")
    async with program(cluster.config_for(), tmp_path) as d:
        await go(d, "gr", "default")
        await d.press("n")
        await d.shows("new group")
        await fill(d, name="-bad-")
        await d.shows("inside also . _ -")
        await fill(d, name=name, total_resource_slots="cpu=8 mem=16g")
        await d.press("ctrl+g")
        await d.shows(f"created: {name}", "cpu 8  mem 16Gi")
        await only(d, name)
        await d.press("u")
        await d.shows(f"{name} ▸ members", "n adds users")
        await d.press("n")
        await d.shows(f"Add to {name}")
        await d.type("user2@")
        await d.press("tab", "enter")
        await d.shows("1 added", "Second User")
        await d.press("ctrl+d")
        await d.shows("Remove the member?")
        await confirm(d, "user2@localhost")
        await d.shows("remove: user2@localhost")
        await d.press("escape")
        await d.shows(f"▸ {name}")
        await d.press("ctrl+d")
        await confirm(d, f"{name}")
        await d.shows("○ no")
        await d.press("ctrl+x")
        await d.shows("folders and their files")
        await confirm(d, f"{name}")
        await d.shows("No match")


async def test_domains_and_scaling_groups_belong_together(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    domain, scaling = unique("domain"), unique("scaling")
    async with program(cluster.config_for(), tmp_path) as d:
        await go(d, "do", "default")
        await d.press("n")
        await d.shows("new domain")
        await fill(d, name=domain)
        await d.press("ctrl+g")
        await d.shows(f"created: {domain}")
        await go(d, "sg", "default", "SCHEDULER")
        await d.press("n")
        await d.shows("new scaling group", "scheduler='fifo'")
        await fill(d, name=scaling, driver_opts="nonsense")
        await d.shows("a JSON object")
        await fill(d, driver_opts="")
        await d.press("ctrl+g")
        await d.shows(f"created: {scaling}")
        await only(d, scaling)
        await d.press("r")
        await d.shows(f"{scaling} ▸ associations", "n lets a domain")
        for kind, what in (("domain", domain), ("group", "default"), ("keypair", "superadmin@")):
            await d.press("n")
            await d.shows("Who may use")
            await d.type(f"{kind}\n")
            await d.shows(f"Which {kind}")
            await d.type(what if kind != "keypair" else cluster.config_for().access_key)
            await d.press("enter")
            await d.shows(f"{kind} associated")
        await d.shows("domain", "keypair", cluster.config_for().access_key)
        await d.press("asterisk", "ctrl+d")
        await d.shows("Dissociate 3 associations?")
        await confirm(d, "3")
        await d.shows("dissociate: 3")
        await d.press("escape")
        await d.shows(f"▸ {scaling}")
        await d.press("e")
        await d.shows(scaling, "Save")
        await fill(d, description="for tests")
        await d.press("ctrl+g")
        await d.shows("for tests")
        await d.press("ctrl+d")
        await confirm(d, f"{scaling}")
        await d.shows("No match")
        await go(d, "do", domain)
        await only(d, domain)
        await d.press("e")
        await fill(d, name=f"{domain}-new")
        await d.shows("new_name=")
        await d.press("ctrl+g")
        await d.shows(f"{domain}-new")
        await d.press("ctrl+x")
        await d.shows("Purge the domain?")
        await confirm(d, f"{domain}-new")
        await d.shows("No match")


async def test_policies(cluster: ThreadedCluster, tmp_path: Path) -> None:
    name = unique("policy")
    async with program(cluster.config_for(), tmp_path) as d:
        await go(d, "rp", "default")
        await d.press("n")
        await d.shows("new policy", "max_concurrent_sessions=5")
        await fill(d, name=name, total_resource_slots="cpu=2 mem=4g", max_vfolder_size="10g")
        await d.press("ctrl+g")
        await d.shows(f"created: {name}", "cpu 2  mem 4Gi")
        await only(d, name)
        await d.press("e")
        await fill(d, max_concurrent_sessions="7")
        await d.shows("max_concurrent_sessions=7")
        await d.press("ctrl+g")
        await d.shows(f"changed: {name}")
        await d.press("ctrl+d")
        await confirm(d, f"{name}")
        await d.shows("No match")
        await d.press("escape")
        await only(d, "default")
        await d.press("ctrl+d")
        await confirm(d, "default")
        await d.shows("integrity error", "✗")


async def test_images(fresh_cluster: ThreadedCluster, tmp_path: Path) -> None:
    async with program(fresh_cluster.config_for(), tmp_path) as d:
        await go(d, "im", "IMAGE", "python:")
        image = d.app.screen.query_one("#table").cursor_key  # type: ignore[attr-defined]
        await d.press("n")
        await answer(d, "alias:", "my alias")
        await d.shows("no blanks")
        await d.press("n")
        await answer(d, "alias:", "별명")
        await d.shows("별명 means", "별명")
        await d.press("K")
        await pick(d, "Remove the alias", "별명")
        await d.shows("means nothing now")
        await d.press("ctrl+d")
        await d.shows("Forget the image?")
        await confirm(d, f"{image}")
        await until(lambda: image not in {i.key for i in d.app.screen.query_one("#table").rows})  # type: ignore[attr-defined]
        await d.press("R")
        await d.shows("rescanned", "1 new")


async def test_agents_and_their_watcher(cluster: ThreadedCluster, tmp_path: Path) -> None:
    async with program(cluster.config_for(), tmp_path) as d:
        await go(d, "ag", "i-local", "ALIVE", "every 5 s")
        await d.press("v")
        await d.shows("not loaded with systemctl")
        await d.press("R")
        await d.shows("Restart the agent?")
        await d.press("y")
        await d.shows("restart i-local")
        await d.press("K")
        await d.shows("Type i-local")
        await d.press("escape", "S")
        await d.shows("start i-local")
        await d.press("d")
        await d.shows("available slots")


async def test_the_configuration_store(
    cluster: ThreadedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = unique("test")
    async with program(cluster.config_for(), tmp_path) as d:
        await go(d, "et", "config", "volumes")
        await d.press("n")
        await answer(d, "key:", f"{root}/하나")
        await answer(d, f"value of {root}/하나", "one")
        await d.shows("+ one", "EtcdConfig.set", "Send (y)")
        await d.press("y")
        await d.shows(f"set: {root}/하나", "▸", "하나")
        await d.press("e")
        await d.shows(f"value of {root}/하나")
        await d.type(" more\n")
        await d.shows("- one", "+ one more")
        await d.press("y")
        await d.shows("one more")
        await d.press("up")
        monkeypatch.setenv("EDITOR", f"sed -i -e '$a \"{root}/two/deep\" = \"2\"' -e '/하나/d'")
        await d.press("E")
        await d.shows("two/deep", "EtcdConfig.delete")
        await d.press("y")
        await d.shows(f"changed: {root}")
        await d.press("slash", *"deep", "enter")
        await d.shows("deep", "2")
        await d.press("escape")
        for line in (f'"{root}/api_token" = "hunter2"', "token = hunter2", '{"a": "hunter2"}'):
            monkeypatch.setenv("EDITOR", f"sed -i -e '$a {line}'")
            await d.press("E")
            await d.shows("Cancel", "Edit again")
            assert "hunter2" not in d.picture
            await d.press("escape")
            await d.shows("given up, nothing was sent")
        assert "hunter2" not in str([(e.text, e.details) for e in d.app.journal])
        await d.press("ctrl+d")
        await d.shows("Delete 1 value?", "deep = 2")
        await confirm(d, f"{root}")
        await d.shows("deleted:")
        await d.hides(f"▾ {root}")


async def test_the_manager(fresh_cluster: ThreadedCluster, tmp_path: Path) -> None:
    async with program(fresh_cluster.config_for(), tmp_path) as d:
        await go(d, "mg", "running", "none")
        await d.press("f")
        await d.shows("Freeze the manager?")
        await confirm(d, "freeze")
        await d.shows("‖ frozen", "the manager is frozen")
        await d.press("f")
        await d.shows("it is frozen already")
        await go(d, "pr", "small")
        await only(d, "small")
        await d.press("ctrl+d")
        await confirm(d, "small")
        await d.shows("The manager is frozen")
        await go(d, "mg", "‖ frozen")
        await d.press("u")
        await d.shows("● running")
        await d.press("e")
        await answer(d, "announce:", "점검 at [noon]")
        await d.shows("점검 at [noon]", "announced")
        await d.press("K")
        await d.shows("none", "no announcement any more")
        await d.press("R")
        await d.shows("usage is counted anew")
        await d.press("ctrl+x")
        await d.shows("Type kill")
        await confirm(d, "kill")
        await d.shows("‖ frozen")


async def test_usage_and_server_logs(
    cluster: ThreadedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = unique("used")
    config = cluster.config_for("user")
    async with AsyncSession(config=config) as session:
        kernel = await session.Kernel.get_or_create(
            "python", client_token=name, resources={"cpu": 1, "mem": "128m"}
        )
        await kernel.destroy()
    async with program(cluster.config_for(), tmp_path) as d:
        await go(d, "ug", "sessions, last 30 days", "default")
        await d.press("enter")
        await d.shows("▸ default", "DOMAIN/OWNER")
        # The cluster is shared: other tests' sessions may stand above this one.
        await d.press("slash")
        await d.type(name)
        await d.press("enter")
        await d.shows(name, "user@l")
        await d.press("x")
        await d.shows("written to")
        assert name in exported(tmp_path)
        await d.press("escape", "escape", "v")
        await d.shows("CPU cores allocated")
        await d.press("left_square_bracket")
        await d.shows("Nothing was used in this time")
        await d.press("p")
        await answer(d, "month, or first-last day:", "2024-13")
        await d.shows("a month like 202011")
        await go(d, "lg", "19.09", "not on this server", "since 20.03")


async def test_the_cursor_goes_to_a_new_key_on_a_long_way(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    """The list that was asked for before the key was set is answered after it was sent."""
    key = f"{unique('k')}/one"
    config = cluster.config_for()
    async with counting(cluster.endpoint, late=1.0) as count:
        far = APIConfig(
            endpoint=count.endpoint, access_key=config.access_key, secret_key=config.secret_key
        )
        async with program(far, tmp_path, (120, 40)) as d:
            await d.shows("live")
            await go(d, "et", "config", "volumes")
            await d.press("n")
            await answer(d, "key:", key)
            await answer(d, f"value of {key}", "1")
            await d.shows("+ 1", "Send (y)")
            view: Any = d.app.screen_stack[-2]
            told = len(count.exchanges)
            older = asyncio.create_task(view.load())
            await until(lambda: any(e.status == 200 for e in count.exchanges[told:]))
            await d.press("y")
            await d.shows(f"set: {key}")
            await until(lambda: view.table.cursor_key == key)
            await older
