"""Background tasks: followed over real HTTP through lost streams, shown; absent on old servers."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bai_tui import tasks
from bai_tui.api import APIConfig, AsyncSession
from bai_tui.screens.status import task_badge
from bai_tui.screens.tasks import bar_cell, describe, outcome
from bai_tui.tasks import State, Task, Tasks
from tests.api.peer import serve, session_to
from tests.screens.admin.hands import go
from tests.screens.driving import program
from tests.waiting import until

Step = tuple[str, dict[str, Any]]


class Link:
    """A connection that is there, or not."""

    label = "lab"

    def __init__(self, session: AsyncSession) -> None:
        self.session, self.ready = session, True


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "PAUSES", (0.01, 0.01, 0.01))


@asynccontextmanager
async def following_of(answers: list[list[Step]]) -> AsyncIterator[tuple[Task, list[Task], Tasks]]:
    """A task whose stream gives these events, and is cut after each list of them."""
    left = iter(answers)

    async def handle(request: web.Request) -> web.StreamResponse:
        assert request.query["task_id"] == "t-1"
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for name, data in next(left, []):
            await response.write(f"event: {name}\r\ndata: {json.dumps(data)}\r\n\r\n".encode())
        return response

    async with (
        serve(handle, version="v9.20250722", manager="26.9.6") as peer,
        session_to(peer.endpoint) as session,
    ):
        heard: list[Task] = []
        link = Link(session)
        following = Tasks(lambda: link, heard.append)
        task = following.follow("clone", "clone a as b", "t-1")
        yield task, heard, following
        await following.close()


async def nothing(request: web.Request) -> web.StreamResponse:
    raise AssertionError(f"nobody should ask for {request.path}")


def updated(current: int, total: int, message: str) -> Step:
    data = {"current_progress": current, "total_progress": total, "message": message}
    return "bgtask_updated", data


async def test_a_task_is_followed_through_a_lost_stream() -> None:
    answers = [
        [updated(1, 4, "one")],
        [updated(3, 4, "three")],
        [("bgtask_done", {"message": "None"})],
    ]
    async with following_of(answers) as (task, heard, following):
        await until(lambda: task.state is State.DONE, "its end")
        assert (task.current, task.total, task.message) == (3, 4, "three")
        assert task.share == 1.0
        assert len(heard) >= 4
        assert following.running == []
        entry = outcome(task)
        assert entry is not None
        assert entry.level == "success"
        assert entry.text.startswith("clone a as b: done in")


@pytest.mark.parametrize(
    ("end", "state", "words"),
    [
        (("bgtask_failed", {"message": "no room"}), State.FAILED, "failed: no room"),
        (("bgtask_cancelled", {"message": ""}), State.CANCELLED, "cancelled"),
        (
            ("bgtask_partial_success", {"message": "some", "errors": ["a: gone"]}),
            State.PARTLY,
            "done in part: some",
        ),
    ],
)
async def test_how_it_ended_is_told(end: Step, state: State, words: str) -> None:
    async with following_of([[updated(1, 0, "begins"), end]]) as (task, _, _):
        await until(lambda: task.ended, "its end")
        assert task.state is state
        entry = outcome(task)
        assert entry is not None
        assert words in entry.text
        assert state is not State.PARTLY or "a: gone" in entry.details
        assert dict(describe(task))["state"].endswith(state.value)


async def test_a_silent_server_is_given_up() -> None:
    async with following_of([]) as (task, _, _):
        await until(lambda: task.ended, "giving up")
        assert task.state is State.UNKNOWN
        assert "nothing more" in task.message


async def test_what_a_server_refuses_is_not_asked_again() -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        return web.json_response({"title": "no such task"}, status=404)

    async with (
        serve(handle, version="v9.20250722", manager="26.9.6") as peer,
        session_to(peer.endpoint) as session,
    ):
        link = Link(session)
        following = Tasks(lambda: link)
        task = following.follow("commit", "commit a", "t-1")
        await until(lambda: task.ended, "the refusal")
        assert task.state is State.UNKNOWN
        assert len(peer.requests) == 1
        following.forget()
        assert list(following) == []
        await following.close()


async def test_offline_it_waits_and_another_cluster_has_no_part_in_it() -> None:
    async with serve(nothing) as peer, session_to(peer.endpoint) as session:
        first, second = Link(session), Link(session)
        first.ready = False
        links = [first]
        following = Tasks(lambda: links[-1])
        task = following.follow("commit", "commit a", "t-1")
        await asyncio.sleep(0)
        assert task.state is State.RUNNING
        assert [text for text, _ in task_badge(following.running)] == ["⟳1"]
        links.append(second)
        following.connection_changed()
        first.ready = True
        await until(lambda: task.ended, "its end")
        assert "lab, which is not in use" in task.message
        await following.close()


async def test_the_oldest_that_are_over_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "KEPT", 3)
    async with serve(nothing) as peer, session_to(peer.endpoint) as session:
        link = Link(session)
        link.ready = False
        following = Tasks(lambda: link)
        for number in range(6):
            task = following.follow("clone", f"clone {number}", str(number))
            if number != 1:
                task.end(State.DONE)
        assert [task.what for task in following] == ["clone 1", "clone 4", "clone 5"]
        await following.close()


def test_progress_is_never_told_before_it_is_there() -> None:
    task = Task(1, "t", "clone", "clone a")
    assert bar_cell(task).text == "not told"
    task.current, task.total = 999, 1000
    assert bar_cell(task).text.endswith(" 99%")


async def test_old_servers_say_which_release_has_it(
    config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    """What 19.09 lacks is explained in the views, and its actions are away."""
    name = f"t-{secrets.token_hex(3)}"
    async with AsyncSession(config=config_for()) as session:
        kernel = await session.Kernel.get_or_create("python", client_token=name)
        await session.VFolder.create(name)
        async with program(config_for(), tmp_path) as d:
            await d.shows("live", name, "RUNNING")
            await go(d, f"ss /{name}", f"▸ {name}")
            await d.press("M")
            await d.shows("19.09", "cannot commit sessions; servers can since 22.09")
            await go(d, f"vf @{name}", f"▸ {name}")
            await d.press("N")
            await d.shows("cannot clone folders; servers can since 20.09")
            await go(d, "tasks", "cannot report background tasks", "since 20.03")
            await go(d, "admin", "⊘ since 23.09", "⊘ since 20.09", "⊘ since 25.01")
            for name_of_view, release in (
                ("user-policies", "23.09"), ("quotas", "23.09"), ("registries", "23.09"),
                ("storage-hosts", "20.09"), ("services", "23.03"), ("audit", "25.01"),
            ):  # fmt: skip
                d.app.show_view(name_of_view)
                await d.shows("not on this server", f"{release}.")
            await d.press("n")
            await d.shows("audit")
        await kernel.destroy()
        await session.VFolder(name).delete()
