"""The launcher: everything a session can be given, templates, clones, queues, its log."""

from __future__ import annotations

import asyncio
import secrets
from decimal import Decimal
from pathlib import Path

import pytest
from textual.events import Key

from bai_tui.api import AsyncSession
from bai_tui.api.models import SessionInfo
from bai_tui.screens.create import templates
from bai_tui.screens.create.draft import Draft, Image, Offer, draft_like, parse_paths
from bai_tui.screens.create.form import NewSessionView
from bai_tui.screens.sessions.waiting import why_waiting
from bai_tui.widgets.fields import ChoiceField, TextField
from tests.conftest import ThreadedCluster
from tests.screens.driving import Driver, program
from tests.waiting import until


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates of the test, not of whoever runs it."""
    monkeypatch.setattr(templates, "state_dir", lambda: tmp_path / "state-of-user")


def unique() -> str:
    return f"l-{secrets.token_hex(4)}"


async def form(d: Driver, key: str = "n") -> NewSessionView:
    """Open the form and wait until it is filled."""
    await d.press(key)
    await d.shows("new session", "Image", "python:3", "scheduler's choice")
    assert isinstance(d.app.screen, NewSessionView)
    return d.app.screen


def put(view: NewSessionView, **values: str) -> None:
    """Type into fields."""
    for name, value in values.items():
        field = name.replace("slot_", "slot-")
        view.query_one(f"#{field}", TextField).value = value


async def test_everything_is_given_to_the_session(
    fresh_cluster: ThreadedCluster, tmp_path: Path
) -> None:
    """Image by search, slots, folder, environment, tag, wait; the call is what is sent."""
    config = fresh_cluster.config_for("superadmin")
    async with AsyncSession(config=config) as session:
        await session.VFolder.create("launch-data")
        await session.VFolder.create(".always")
        name = unique()
        async with program(config, tmp_path, (200, 60)) as d:
            await d.shows("live")
            view = await form(d)
            await d.shows("always .always", "free: cpu 64", "from 64Mi")
            await d.press("enter")
            await d.type("nosuch")
            await d.shows("nothing fits")
            await d.press("escape", "enter")
            await d.type("instal py")
            await d.shows("Image", "installed")
            await d.press("enter")
            put(view, name=name, slot_cpu="2", slot_mem="300m", tag="[red]태그", environ="A='x y'")
            view.query_one("#mounts", ChoiceField).choose("launch-data")
            view.query_one("#wait", ChoiceField).choose("yes")
            await d.shows("at most", "mounts=['launch-data']", "custom")
            put(view, max_wait="x")
            await d.shows("✗ a whole number")
            put(view, max_wait="20", paths="launch-data=/x")
            await d.shows("✗ only /home/work/NAME here")
            await d.press("ctrl+g")
            assert d.app.screen is view
            put(view, paths="")
            await d.press("ctrl+g")
            await d.shows(name, "RUNNING", f"started {name}: RUNNING")
        info = await session.Kernel.get(name)
        assert info is not None
        assert info.occupied_slots["mem"] == Decimal(300 * 2**20)
        assert info.tag == "[red]태그"
        assert {mount.name for mount in info.mounts} == {"launch-data", ".always"}
        result = await session.Kernel(name).execute(code="import os; print(os.environ['A'])")
        assert ["stdout", "x y\n"] in result["console"]


async def test_templates_are_kept_and_used_again(cluster: ThreadedCluster, tmp_path: Path) -> None:
    config = cluster.config_for("user")
    async with program(config, tmp_path, (120, 40)) as d:
        await d.shows("live")
        view = await form(d)
        put(view, slot_cpu="3", environ="TOKEN=hidden", command="echo hi")
        await d.press("ctrl+t")
        await d.type("훈련 1")
        await d.press("enter")
        await d.shows("kept the template")
        path = tmp_path / "state-of-user" / "templates.json"
        assert path.stat().st_mode & 0o077 == 0
        await d.press("escape")
        view = await form(d)
        assert view.draft().environ == ""
        await until(lambda: view.query_one("#template", ChoiceField).choices, "the templates")
        view.query_one("#template", ChoiceField).choose("훈련 1")
        await until(lambda: view.draft().environ == "TOKEN=hidden", "the template's fields")
        assert (view.draft().slots["cpu"], view.draft().command) == ("3", "echo hi")
        assert view.draft().name.startswith("s-")
        view.do_form_forget("")
        await d.shows("forgotten")
    assert templates.TemplateStore(path).all() == {}


async def test_a_queue_at_the_limit_says_why_and_moves(
    fresh_cluster: ThreadedCluster, tmp_path: Path
) -> None:
    """Impossible now: it waits, the details say for what, and it starts when there is room."""
    config = fresh_cluster.config_for("superadmin")
    async with AsyncSession(config=config) as session:
        await session.Kernel.get_or_create(
            "python", client_token="big-one", resources={"cpu": 60, "mem": "256m"}
        )
        async with program(config, tmp_path, (200, 60)) as d:
            await d.shows("big-one", "RUNNING")
            await d.press("N")
            await d.shows("new session", "waits: 4 free now", "client_token='big-one-")
            assert isinstance(d.app.screen, NewSessionView)
            d.app.screen.query_one("#wait", ChoiceField).choose("yes")
            put(d.app.screen, name="big-two", max_wait="1")
            await d.shows("max_wait=1")
            await d.press("ctrl+g")
            await d.shows("big-two", "PENDING", "stays in the queue")
            await d.press("ctrl+r")
            await d.shows("no agent has so much free")
            await session.Kernel("big-one").destroy()
            await d.shows("big-two", "RUNNING")
            view = await form(d)
            put(view, name="big-two")
            await d.shows("a session of yours has this name")
            view.query_one("#reuse", ChoiceField).choose("yes")
            await d.press("ctrl+g")
            await d.shows("big-two is there already: RUNNING")


async def test_the_task_log_and_times(fresh_cluster: ThreadedCluster, tmp_path: Path) -> None:
    config = fresh_cluster.config_for("user")
    async with AsyncSession(config=config) as session:
        await session.VFolder.create(".logs")
        command = "echo task-line; while [ ! -e go ]; do sleep 0.1; done; echo second; sleep 60"
        await start_batch(session, "with-log", command)
        async with program(config, tmp_path, (110, 30)) as d:
            await d.shows("with-log", "RUNNING")
            await d.press("l")
            await d.shows("task-line", "session starts")
            await d.press("K")
            await d.shows("task log", "task-line")
            assert "session starts" not in d.picture
            await d.press("t")
            await d.shows("--:--:-- task-line")
            (tmp_path / "go").write_text("")
            await session.Kernel("with-log").upload([tmp_path / "go"], tmp_path)
            picture = await d.shows("second")
            assert "--:--:-- second" not in picture


async def start_batch(session: AsyncSession, name: str, command: str) -> None:
    await session.Kernel.get_or_create(
        "python", client_token=name, type_="batch", startup_command=command,
        resources={"cpu": 1, "mem": "128m"},
    )  # fmt: skip


def test_rules_of_paths_and_owners() -> None:
    assert parse_paths("a=/data 'b c'=models") == {"a": "/data", "b c": "models"}
    for bad in ("a", "a=", "=x", "a=../x", "a=/x b=/x", "a='"):
        with pytest.raises(ValueError, match=r"."):
            parse_paths(bad)
    draft = Draft(image="i", name="good-name", mounts=("a",), paths="b=/x")
    assert set(draft.check(Offer(Image("i"), maps_paths=True))) == {"paths"}
    arguments = Draft(name="n", cluster_size="3", owner="K", wait=True, max_wait="9").arguments()
    assert arguments == {"client_token": "n", "resources": {}, "cluster_size": 3,
                         "owner_access_key": "K", "max_wait": 9, "no_reuse": True}  # fmt: skip


def test_server_templates_come_back_as_they_were() -> None:
    draft = Draft(
        image="r/p:3", kind="batch", command="run it", slots={"cpu": "2", "mem": "1g"},
        scaling_group="gpu", mounts=("d",), paths="d=/data", environ="A='x y'", tag="t",
    )  # fmt: skip
    assert templates.from_server(templates.to_server(draft, "n")) == draft
    assert templates.from_server({}) == Draft()
    assert templates.draft_of({"image": 3}) is None
    assert templates.draft_of({"unknown": 1, "image": "x"}) == Draft(image="x")


@pytest.mark.parametrize(
    ("wire", "says"),
    [
        ({"status": "RUNNING"}, ""),
        ({"status": "PENDING"}, "not looked"),
        ({"status": "PENDING", "status_info": "out-of-resource (group resource quota exceeded)"},
         "group's limit"),
        ({"status": "PENDING", "status_info": "no-available-instances"}, "no agent"),
        ({"status": "PENDING", "status_data": '{"scheduler": {"failed_predicates": '
          '[{"name": "x", "msg": "Waiting dependencies"}]}}'}, "depends on"),
        ({"status": "PENDING", "status_info": "odd"}, "odd"),
    ],
)  # fmt: skip
def test_why_a_session_waits(wire: dict[str, str], says: str) -> None:
    why = why_waiting(SessionInfo.from_wire(wire))
    assert says in why
    assert bool(why) == bool(says)


def test_a_clone_has_a_name_of_its_own() -> None:
    info = SessionInfo.from_wire(
        {"name": "train-7", "image": "r/p:3", "occupied_slots": {"cpu": "2", "mem": "1073741824"},
         "resource_opts": {"shmem": "67108864"}, "mounts": ["d", ".ssh"], "type": "batch",
         "startup_command": "go"}
    )  # fmt: skip
    draft = draft_like(info)
    assert draft.name != info.name
    assert draft.slots == {"cpu": "2", "mem": "1g"}
    assert (draft.shmem, draft.mounts, draft.kind) == ("64m", ("d",), "batch")


async def test_a_form_may_be_left_at_any_moment_of_its_making(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    """Its parts come and go one by one: what still works on them says nothing."""
    async with program(cluster.config_for("user"), tmp_path) as d:
        await d.shows("live")
        for turns in range(0, 400, 10):
            d.app.post_message(Key("n", "n"))
            while not isinstance(d.app.screen, NewSessionView):
                await asyncio.sleep(0)
            for _ in range(turns):
                await asyncio.sleep(0)
            d.app.screen.dismiss()
            await until(lambda: not isinstance(d.app.screen, NewSessionView), "the list")
        await d.shows("live")
        assert [entry.text for entry in d.app.journal if entry.level != "info"] == []
