"""What travels to servers of each generation, over real HTTP (rest-version-matrix.md)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bai_tui.api import AsyncSession, BackendAPIError, SessionInfo, UnsupportedByServerError
from bai_tui.api.versioning import (
    GENERATIONS,
    OFFERS,
    generation_of,
    negotiate,
    release_of,
    release_text,
)
from bai_tui.identity import identify
from tests.api.peer import Peer, session_to

SERVERS = {
    4: ("v4.20190615", "19.09.27"),
    5: ("v5.20191215", "20.03.3"),
    6: ("v6.20220615", "22.03.8"),
    7: ("v7.20230615", "23.09.10"),
    8: ("v8.20240315", "24.03.2"),
    9: ("v9.20250722", "26.9.6"),
}

Answers = Mapping[str, Any]


class Recorder(Peer):
    """A server of a release: it keeps requests, and answers by the beginning of their paths."""

    def __init__(self, number: int, answers: Answers) -> None:
        super().__init__(self._answer)
        self.version, self.manager = SERVERS[number]
        self.number = number
        self.answers = answers

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/":
            return web.json_response({"version": self.version, "manager": self.manager})
        return await super()._handle(request)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        for path, answer in self.answers.items():
            if request.path.startswith(path):
                return web.json_response(answer)
        return web.json_response({})

    def body(self, index: int = -1) -> Any:
        return json.loads(self.bodies[index] or b"null")


class Running:
    """`async with Running(7, answers) as (session, server)`."""

    def __init__(self, number: int, answers: Answers | None = None) -> None:
        self.server = Recorder(number, answers or {})

    async def __aenter__(self) -> tuple[AsyncSession, Recorder]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.server._handle)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.server.endpoint = f"http://127.0.0.1:{self.runner.addresses[0][1]}"
        self.session = session_to(self.server.endpoint)
        await self.session.open()
        return self.session, self.server

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()
        await self.runner.cleanup()


def every(first: int = 4, last: int = 9) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("number", range(first, last + 1))


def wrapped(number: int, data: Any) -> Any:
    return data if number < 6 else {"data": data, "errors": None} if number == 9 else {"data": data}


@every()
async def test_version_and_path_of_a_session(number: int) -> None:
    async with Running(number) as (session, server):
        assert session.generation.number == number
        assert session.api_version == SERVERS[number][0]
        await session.Kernel("name").get_info()
        await session.Kernel("name").destroy(forced=True)
        prefix = "/kernel" if number == 4 else "/session"
        assert server.calls == [f"GET {prefix}/name", f"DELETE {prefix}/name"]
        assert server.requests[0].headers["X-BackendAI-Version"] == SERVERS[number][0]


@every()
async def test_creation(number: int) -> None:
    async with Running(number) as (session, server):
        await session.Kernel.get_or_create(
            "python", client_token="name", cluster_size=2, resources={"cpu": 1}
        )
        body = server.body()
        assert server.calls == ["POST /kernel/create" if number == 4 else "POST /session"]
        assert body["clientSessionToken" if number == 4 else "name"] == "name"
        if number < 6:
            assert body["config"]["clusterSize"] == 2
            assert "cluster_size" not in body
        else:
            assert body["cluster_size"] == 2
            assert "clusterSize" not in body["config"]
        assert None not in body.values()


@every()
async def test_options_of_a_creation(number: int) -> None:
    async with Running(number) as (session, server):

        async def create(**options: Any) -> None:
            await session.Kernel.get_or_create("python", client_token="name", **options)

        for first, place, name, value in (
            (5, "config", "mount_map", {"data": "/home/work/d"}),
            (5, "config", "preopen_ports", [8080]),
            (6, "", "dependencies", ["other"]),
            (6, "", "architecture", "aarch64"),
            (6, "", "cluster_mode", "multi-node"),
            (9, "", "priority", 20),
        ):
            if number < first:
                sent = len(server.requests)
                with pytest.raises(UnsupportedByServerError, match=SERVERS[number][1]):
                    await create(**{name: value})
                assert len(server.requests) == sent
                continue
            await create(**{name: value})
            body = server.body()
            assert (body[place] if place else body)[name] == value


@every()
async def test_running_code_names_the_run_as_the_server_reads_it(number: int) -> None:
    async with Running(number, {"/": {"result": {"status": "finished"}}}) as (session, server):
        await session.Kernel("name").execute("run", "", mode="continue")
        body = server.body()
        assert body["runId"] == "run"
        assert ("run_id" in body) == (number == 9)


@every()
async def test_where_reading_requests_carry_their_parameters(number: int) -> None:
    answers = {"/folders": {"files": "[]", "items": []}, "/": {"files": "[]"}}
    async with Running(number, answers) as (session, server):
        for call in (
            session.VFolder("folder").list_files("sub"),
            session.Kernel("name").list_files("sub"),
        ):
            await call
            request = server.requests[-1]
            assert request.query.get("path") == ("sub" if number > 7 else None)
            assert (json.loads(server.bodies[-1])["path"] if number < 9 else "sub") == "sub"
            assert bool(server.bodies[-1]) == (number < 9)


@every()
async def test_download_from_a_session(number: int, tmp_path: Path) -> None:
    async with Running(number) as (session, server):
        with pytest.raises(Exception, match="multipart"):
            await session.Kernel("name").download(["a", "b"], dest=tmp_path)
        request = server.requests[-1]
        assert request.method == ("GET" if number < 8 else "POST")
        if number == 9:
            assert request.query.getall("files") == ["a", "b"]
        else:
            assert server.body()["files"] == ["a", "b"]


@every()
async def test_events(number: int) -> None:
    async with Running(number) as (session, server):
        with pytest.raises(Exception, match="event stream"):
            async with session.Kernel.events("name", reconnect=False):
                pass
        request = server.requests[-1]
        path = "/stream/kernel/_/events" if number == 4 else "/events/session"
        name = {4: "sessionId", 5: "name"}.get(number, "sessionName")
        assert request.path == path
        assert request.query[name] == "name"
        assert request.query["groupName" if number == 9 else "group"] == "*"


@every()
async def test_lists_of_sessions(number: int) -> None:
    row: dict[str, Any] = {"id": "1", "status": "RUNNING"}
    if number == 4:
        row |= {"sess_id": "name", "sess_type": "BATCH", "agent": "i-1", "user_uuid": "u"}
    else:
        role = "role" if number == 5 else "cluster_role"
        container = {role: "main", "agent": "i-1", "live_stat": '{"mem": {"current": "5"}}'}
        row |= {"name": "name", "type": "BATCH", "user_id": "u"}
        row["containers"] = [{role: "sub", "agent": "i-2"}, container]
    data = {"compute_session_list": {"items": [row], "total_count": 1}}
    async with Running(number, {"/admin": wrapped(number, data)}) as (session, server):
        (info,) = await session.Kernel.list(statistics=True)
        assert isinstance(info, SessionInfo)
        assert (info.name, info.type, info.agent, info.user_uuid) == ("name", "BATCH", "i-1", "u")
        body = server.body()
        words = set(body["query"].replace("{", " ").replace("}", " ").split())
        assert ("sess_id" in words) == (number == 4)
        assert ("cluster_size" in words) == (number > 5)
        assert ("architecture" in words) == (number > 5)
        statuses = body["variables"]["status"].split(",")
        assert "RUNNING" in statuses
        assert ("RESIZING" in statuses) == (number < 7)
        assert ("SCHEDULED" in statuses) == (number > 5)
        assert ("CREATING" in statuses) == (number == 9)
        assert server.calls[-1] == f"POST /admin/{'graphql' if number < 6 else 'gql'}"


@every()
async def test_types_and_arguments_of_graphql(number: int) -> None:
    data: dict[str, Any] = {"group": None, "user_from_uuid": None, "images": []}
    async with Running(number, {"/admin": wrapped(number, data)}) as (session, server):
        await session.Group.detail("1")
        assert f"$id: {'String!' if number == 4 else 'UUID!'}" in server.body()["query"]
        await session.User.detail_by_uuid("1")
        assert f"$user_id: {'String' if number == 4 else 'ID'}" in server.body()["query"]
        await session.Image.list()
        assert ("is_operation" in server.body()["query"]) == (number < 8)


@every(6)
async def test_errors_in_a_wrapped_answer(number: int) -> None:
    answer = {"data": None, "errors": [{"message": "Forbidden operation."}]}
    async with Running(number, {"/admin": answer}) as (session, server):
        with pytest.raises(BackendAPIError, match="Forbidden operation"):
            await session.Domain.list()
        # What is refused is not sent again.
        assert len(server.requests) == 1


@every()
async def test_files_of_folders(number: int, tmp_path: Path) -> None:
    async with Running(number) as (session, server):
        folder = session.VFolder("folder")
        await folder.delete_files(["a"])
        method, path = ("DELETE", "delete_files") if number < 8 else ("POST", "delete-files")
        assert server.calls[-1] == f"{method} /folders/folder/{path}"
        await session.VFolder.delete_invitation("1")
        assert server.requests[-1].method == ("DELETE" if number < 8 else "POST")
        (tmp_path / "a").write_bytes(b"x")
        sent = len(server.requests)
        with pytest.raises(Exception, match=r".") if number > 5 else _nothing():
            await folder.upload(["a"], basedir=tmp_path)
        path = "upload" if number < 6 else "request-upload"
        assert server.calls[sent] == f"POST /folders/folder/{path}"


@every()
async def test_what_a_folder_is_created_with(number: int) -> None:
    async with Running(number) as (session, server):
        named = {"usage_mode": "data", "permission": "ro"} if number >= 6 else {}
        await session.VFolder.create("folder", "here", **named)
        assert server.body() == {"name": "folder", "host": "here", **named}


class _nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


@every()
async def test_what_is_not_offered_is_not_asked_for(number: int) -> None:
    async with Running(number) as (session, server):
        release = session.generation.release
        for name, offer in OFFERS.items():
            offered = offer.since <= release and (offer.gone is None or release < offer.gone)
            assert session.offers(name) == offered, name
            if offered:
                session.need(name)
                continue
            named = offer.since if release < offer.since else offer.gone
            assert named is not None
            with pytest.raises(UnsupportedByServerError) as caught:
                session.need(name)
            assert SERVERS[number][1] in str(caught.value)
            assert release_text(named) in str(caught.value)
        assert server.requests == []


@every()
async def test_opening_takes_three_round_trips(number: int) -> None:
    rounds: list[int] = []
    waiting = 0
    release = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        """Answers come in rounds: all that is asked meanwhile is one."""
        nonlocal waiting, release
        waiting += 1
        mine = release
        if waiting == 1:
            await asyncio.sleep(0.05)
            rounds.append(waiting)
            waiting, release = 0, asyncio.Event()
            mine.set()
        else:
            await mine.wait()
        if request.path.endswith("list") or "compute_session_list" in await request.text():
            data = {"compute_session_list": {"items": [], "total_count": 0}}
            return web.json_response(wrapped(number, data))
        return web.json_response(wrapped(number, {"user": {}, "keypair": {}}))

    async with Running(number) as (session, server):
        server.handler = answer
        await identify(session)
        await session.Kernel.list()
        # `GET /` was the first.
        assert 1 + len(rounds) <= 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 429, 500, 501])
async def test_a_refused_request_is_sent_once(status: int) -> None:
    async with Running(9) as (session, server):

        async def refuse(request: web.Request) -> web.StreamResponse:
            return web.json_response({"type": "about:blank", "title": "No."}, status=status)

        server.handler = refuse
        for call in (
            session.Kernel("name").get_info(),
            session.Kernel("name").destroy(),
            session.VFolder.create("name"),
            session.Domain.list(),
        ):
            before = len(server.requests)
            with pytest.raises(BackendAPIError):
                await call
            assert len(server.requests) == before + 1


def test_numbers_of_releases() -> None:
    assert [g.number for g in GENERATIONS] == [4, 5, 6, 7, 8, 9]
    assert release_of("v6.20200815", "20.09.29") == (20, 9)
    assert release_of("v8.20240915", "unknown") == (24, 9)
    assert release_of("v9.20250722", "26.9.6rc1") == (26, 9)
    assert release_of("v3.20170615", "18.12.0") == (19, 9)
    assert generation_of("v10.20280101", "28.3.1").number == 9
    assert generation_of("v6.20230315", "23.03.1").session_download == ("GET", "/download")
    assert not generation_of("v6.20220315", "22.03.3").host_permissions
    assert "upload-file" in generation_of("v6.20220615", "22.09.23").host_permissions
    roots = {g.session_upload_root for g in GENERATIONS if g.release != (24, 3)}
    assert roots == {""}
    assert generation_of("v8.20240315", "24.03.11").session_upload_root == "/home/work/"
    with pytest.raises(ValueError):
        release_of("nonsense")


def test_a_version_later_servers_refuse_is_not_agreed_on() -> None:
    assert negotiate("v9.20250722", "v6.20210815") == "v6.20200815"
    assert negotiate("v6.20210815", "v9.20250722") == "v6.20210815"
    assert negotiate("v4.20190615", "v9.20250722") == "v4.20190615"


@every(7)
async def test_a_policy_of_users_tells_what_the_server_cannot_do_without(number: int) -> None:
    # 24.03.11 put what was left out into its database as it was, and failed.
    made = wrapped(number, {"create_user_resource_policy": {"ok": True, "msg": "success"}})
    async with Running(number, {"/admin": made}) as (session, server):
        if number == 7:
            with pytest.raises(UnsupportedByServerError, match=r"24\.03"):
                await session.UserResourcePolicy.create("name", 3)
        count = 0 if number == 7 else 3
        await session.UserResourcePolicy.create("name", count, max_customized_image_count=7)
        props = server.body()["variables"]["props"]
        assert props["max_session_count_per_model_session"] == 10
        assert props["max_customized_image_count"] == 7
        await session.UserResourcePolicy.create("name", count)
        props = server.body()["variables"]["props"]
        assert props.get("max_customized_image_count") == (3 if number > 7 else None)


@every()
async def test_a_policy_of_keypairs_tells_how_long_sessions_live(number: int) -> None:
    # 22.09.23 refused the document although the field has a default.
    made = wrapped(number, {"create_keypair_resource_policy": {"ok": True, "msg": "success"}})
    async with Running(number, {"/admin": made}) as (session, server):
        await session.KeypairResourcePolicy.create("name", "LIMITED", {}, 1, 1, 1, 1, 1, [])
        props = server.body()["variables"]["props"]
        needed = {"max_session_lifetime": 0} if number == 6 else {}
        assert {k: v for k, v in props.items() if k in ("max_session_lifetime",)} == needed


def test_a_new_domain_of_22_09_tells_its_registries() -> None:
    assert generation_of("v6.20220615", "22.09.23").registries_needed
    assert not any(g.registries_needed for g in GENERATIONS if g.release != (23, 3))


def test_what_25_15_needs_that_its_neighbours_do_not() -> None:
    before, then, after = (
        generation_of(*of)
        for of in (("v8.20240315", "24.03.11"), ("v9.20250722", "25.15.12"),
                   ("v9.20250722", "26.9.6"))
    )  # fmt: skip
    assert dict(then.project_policy_needs) == {"max_network_count": 0}
    assert not before.project_policy_needs
    assert not after.project_policy_needs
    assert [g.folder_options_whole for g in (before, then, after)] == [False, True, False]
    assert [g.session_files_in for g in (before, then, after)] == [
        ("body", "query"), ("body", "query"), ("query",)
    ]  # fmt: skip


def test_which_terminals_take_keys() -> None:
    releases = ("19.09.27", "20.09.29", "22.09.23", "24.03.11", "25.8.1", "25.15.12", "26.9.6")
    takes = [generation_of("v9.20250722", release).pty_takes_keys for release in releases]
    assert takes == [True, False, False, False, False, True, True]


@pytest.mark.parametrize(
    ("version", "manager", "name"),
    [("v8.20240315", "24.03.11", False), ("v8.20240915", "24.09.6", True),
     ("v9.20250722", "25.15.12", False)],
)  # fmt: skip
async def test_the_group_of_a_new_folder(version: str, manager: str, name: bool) -> None:
    """24.09 takes the id of a group for its name."""
    row = {"data": {"group": {"name": "default"}}}
    running = Running(9, {"/admin/gql": row, "/folders": {"id": "1"}})
    running.server.version, running.server.manager = version, manager
    async with running as (session, server):
        await session.VFolder.create("a", group="2de2b969-1d04-48a6-af16-0bc8adb3c831")
        told = server.body()["group"]
        assert told == ("default" if name else "2de2b969-1d04-48a6-af16-0bc8adb3c831")
        await session.VFolder.create("a", group="other")
        assert server.body()["group"] == "other"
        assert len(server.requests) == (3 if name else 2)


@pytest.mark.parametrize(
    ("manager", "told"),
    [
        ("23.3.12", False), ("23.9.10", True), ("24.3.11", False),
        ("25.8.1", False), ("25.15.12", True), ("26.9.6", False),
    ],
)  # fmt: skip
async def test_a_changed_user_stays_what_the_user_was(manager: str, told: bool) -> None:
    """23.09 and 25.15 take a change that does not tell the status for one to inactive."""
    answer = {"data": {"user": {"status": "active"}, "modify_user": {"ok": True, "msg": ""}}}
    running = Running(9, {"/admin/gql": answer})
    running.server.manager = manager
    async with running as (session, server):
        await session.User.update("a@example.com", full_name="A")
        props = server.body()["variables"]["props"]
        assert props == {"full_name": "A"} | ({"status": "active"} if told else {})
        await session.User.update("a@example.com", is_active=False)
        assert server.body()["variables"]["props"] == {"status": "inactive"}
        assert len(server.requests) == (3 if told else 2)


@every(5)
async def test_a_session_from_a_template_repeats_what_the_template_says(number: int) -> None:
    spec = {"session_type": "batch", "scaling_group": "gpu"}
    answers = {"/template/session": {"template": {"kind": "taskTemplate", "spec": spec}}}
    async with Running(number, answers) as (session, server):
        await session.Kernel.create_from_template("t", name="s", config={"environ": {"A": "1"}})
        body = server.body()
        assert (body["template_id"], body["name"]) == ("t", "s")
        if number == 9:
            assert server.calls == ["POST /session/_/create-from-template"]
            assert body["config"] == {"environ": {"A": "1"}}
        else:
            assert body["type"] == "batch"
            assert body["config"] == {"environ": {"A": "1"}, "scaling_group": "gpu"}


@every(6)
async def test_keypairs_of_a_user_in_no_group(number: int) -> None:
    # From 23.09 on servers join the groups to the keypairs of one user: without there are none.
    async with Running(number) as (session, server):

        async def answer(request: web.Request) -> web.StreamResponse:
            asked = await request.json()
            rows = (
                []
                if "email" in asked["variables"]
                else [{"access_key": name, "user_id": f"{name}@x"} for name in ("a", "b")]
            )
            return web.json_response(wrapped(number, {"keypairs": rows}))

        server.handler = answer
        found = await session.KeyPair.list("b@x", fields=("access_key",))
        assert [row["access_key"] for row in found] == (["b"] if number >= 7 else [])
        assert len(server.requests) == (2 if number >= 7 else 1)


NESTED = {
    "project_id": "p1", "project_name": "default", "domain_name": "default",
    "total_usage": {"cpu_allocated": 2.0, "cpu_used": 30.0, "mem_used": 7, "nfs": ["h"]},
    "sessions": {"s1": {
        "session_name": "train", "total_usage": {"cpu_allocated": 2.0},
        "kernels": {
            f"k{n}": {
                "kernel_id": f"k{n}", "session_id": "s1", "session_name": "train",
                "user_email": "a@x", "project_name": "default", "agent": "i-1",
                "container_ids": [f"c{n}"], "images": ["python:3"], "used_time": "0:01:02.5",
                "terminated_at": end, "status": "RUNNING",
                "total_usage": {"cpu_allocated": 1.0, "io_read": n, "nfs": ["h"]},
            }
            for n, end in ((1, None), (2, "2026-01-02 03:04:05+00:00"))
        },
    }},
}  # fmt: skip
"""What 24.03 and later answer to the usage of a period (read off 26.9.6)."""


@every()
async def test_usage_of_a_period_has_one_form(number: int) -> None:
    group = {"g_id": "p1", "g_name": "default", "c_infos": [{"name": "train"}]}
    answer = [NESTED] if number >= 8 else [group]
    async with Running(number, {"/resource/usage/period": answer}) as (session, _):
        (row,) = await session.Resource.usage_per_period(None, "20260101", "20260131")
    assert (row["g_id"], row["g_name"]) == ("p1", "default")
    assert {info["name"] for info in row["c_infos"]} == {"train"}
    if number >= 8:
        assert (row["g_cpu_allocated"], row["g_mem_used"], "g_nfs" in row) == (2.0, 7, False)
        first, second = row["c_infos"]
        assert (first["id"], first["container_id"], first["io_read"]) == ("k1", "c1", 1)
        assert (first["email"], first["image_name"], first["nfs"]) == ("a@x", "python:3", ["h"])
        assert (first["terminated_at"], second["terminated_at"][:10]) == ("None", "2026-01-02")


@every(8)
async def test_an_odd_report_of_usage_breaks_nothing(number: int) -> None:
    odd = [{}, {"sessions": {"a": 5, "b": {"kernels": []}}, "total_usage": 3}, {"g_id": "old"}]
    async with Running(number, {"/resource/usage/period": odd}) as (session, _):
        rows = await session.Resource.usage_per_period(None, "20260101", "20260131")
    assert [row.get("c_infos") for row in rows] == [[], [], None]


@every(9)
async def test_entries_of_the_audit_log_without_a_kind(number: int) -> None:
    """26.9.6 has nothing to say of the kind of some, where its schema wants something."""
    entries = [{"row_id": str(n), "operation": "create", "entity_type": "user"} for n in range(3)]

    async with Running(number) as (session, server):

        async def answer(request: web.Request) -> web.StreamResponse:
            typed = "entity_type" in (await request.json())["query"]
            names = ("row_id", "operation", *(("entity_type",) if typed else ()))
            shown: list[Any] = [{"node": {name: e[name] for name in names}} for e in entries]
            if not typed:
                return web.json_response({"data": {"audit_log_nodes": {"edges": shown}}})
            shown[1] = {"node": None}
            text = "Cannot return null for non-nullable field AuditLogNode.entity_type."
            errors = [{"message": text, "path": ["audit_log_nodes", "edges", 1]}] * 2
            data = {"audit_log_nodes": {"edges": shown}}
            return web.json_response({"data": data, "errors": errors})

        server.handler = answer
        fields = ("row_id", "operation", "entity_type")
        rows = await session.AuditLog.list(fields=fields)
        assert [row["row_id"] for row in rows] == ["0", "1", "2"]
        assert [row.get("entity_type") for row in rows] == ["user", None, "user"]
        assert len(server.requests) == 2
        with pytest.raises(BackendAPIError) as caught:  # nothing is left to ask for
            await session.AuditLog.list(fields=("entity_type",))
        assert str(caught.value).count("Cannot return null") == 1
