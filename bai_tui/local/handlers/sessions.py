"""Compute sessions: `/kernel` (rest-sessions.md)."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any

from aiohttp import BodyPartReader, MultipartWriter, web
from aiohttp.payload import BytesPayload

from bai_tui.local import files, lifecycle
from bai_tui.local.container import Container, ContainerError
from bai_tui.local.creation import CREATE, new_row
from bai_tui.local.imagerefs import find_image
from bai_tui.local.multipart import uploaded_name
from bai_tui.local.params import NO_PARAMS, Field, boolish, list_of, params, text, uuid_text
from bai_tui.local.problems import (
    AgentProblem,
    GenericForbidden,
    GenericNotFound,
    InsufficientPrivilege,
    InvalidAPIParams,
    KernelAlreadyExists,
    KernelNotFound,
)
from bai_tui.local.routing import Call, Needs, Route, add, nothing, reply

Row = dict[str, Any]
FLUSH = 2.0
"""Seconds output is held before a `continued` answer."""

MAX_FILES = 20
MAX_FILE = 1024 * 1024
MODES = ("query", "batch", "continue", "input", "complete")


def session_of(call: Call) -> Row:
    """The session the path names, of the owner that is meant; counts as a query.

    Raises:
        KernelNotFound: none that is not over.
    """
    owner = call.owner
    row = lifecycle.find_alive(call.ctx, owner.access_key, call.path["session"])
    if row is None:
        raise KernelNotFound
    call.ctx.store.execute(
        "UPDATE kernels SET num_queries = num_queries + 1 WHERE id = ?", row["id"]
    )
    return row


def container_of(call: Call, row: Row, operation: str = "execution") -> Container:
    """The running processes of a session; marks it as used.

    Raises:
        AgentProblem: it does not run.
    """
    container = call.ctx.agent.container(row)
    if container is None:
        raise AgentProblem(operation, "agent-invalid-input", f"the session is {row['status']}")
    container.touch()
    return container


async def create(call: Call) -> web.StreamResponse:
    """Get or create."""
    ctx, owner, wanted = call.ctx, call.owner, call.params
    name = wanted["clientSessionToken"]
    existing = lifecycle.find_alive(ctx, owner.access_key, name)
    if existing is not None:
        image = find_image(ctx.store, wanted["image"])
        if not wanted["reuseIfExists"] or image is None or image["canonical"] != existing["image"]:
            raise KernelAlreadyExists
        ports = existing["service_ports"] or []
        answer = {"kernelId": name, "status": existing["status"], "created": False}
        return reply({**answer, "service_ports": ports, "servicePorts": _created_ports(ports)})
    row = new_row(ctx, owner, wanted)
    ctx.store.insert("kernels", **row)
    ctx.events.publish("kernel_enqueued", row)
    ctx.scheduler.wake()
    status, ports = "PENDING", []
    if not wanted["enqueueOnly"]:
        row = await ctx.scheduler.wait_started(row["id"], wanted["maxWaitSeconds"])
        status = row["status"]
        if status in ("PENDING", "PREPARING", "PULLING"):
            status = "TIMEOUT"
        if status == "RUNNING":
            ports = _created_ports(row["service_ports"] or [])
    answer = {"kernelId": name, "status": status, "created": True, "servicePorts": ports}
    return reply(answer, 201)


def _created_ports(ports: list[Row]) -> list[Row]:
    return [
        {"name": p["name"], "protocol": p["protocol"], "ports": p["container_ports"]} for p in ports
    ]


async def info(call: Call) -> web.StreamResponse:
    """What is known of a session; several values are the text form of server objects."""
    row = session_of(call)
    age = call.ctx.clock.now() - row["created_at"]
    stat = call.ctx.agent.live_stat(row["id"]) or row["last_stat"]
    return reply(
        {
            "domainName": row["domain_name"],
            "groupId": row["group_id"],
            "userId": row["user_uuid"],
            "lang": row["image"],
            "image": row["image"],
            "registry": row["registry"],
            "tag": row["tag"],
            "containerId": str(row["container_id"]),
            "occupiedSlots": str(row["occupied_slots"]),
            "occupiedShares": str(row["occupied_shares"]),
            "environ": str(row["environ"]),
            "status": row["status"],
            "statusInfo": str(row["status_info"]),
            "age": int(age.total_seconds() * 1000),
            "creationTime": str(row["created_at"]),
            "terminationTime": None,
            "numQueriesExecuted": row["num_queries"],
            "lastStat": stat,
        }
    )


async def restart(call: Call) -> web.StreamResponse:
    """Replace the processes, keep the files."""
    row = session_of(call)
    container_of(call, row, "restart")
    row = await call.ctx.agent.restart(row)
    if row["status"] != "RUNNING":
        raise AgentProblem("restart")
    return nothing()


async def destroy(call: Call) -> web.StreamResponse:
    """Terminate."""
    forced = call.params["forced"]
    if forced and call.caller.role not in ("admin", "superadmin"):
        raise InsufficientPrivilege
    row = session_of(call)
    agent = call.ctx.agent
    if row["status"] == "PENDING":
        await agent.destroy(row, "force-cancelled" if forced else "user-requested")
        return reply({"stats": {"status": "cancelled"}})
    if row["status"] in ("PREPARING", "PULLING"):
        raise GenericForbidden("Cannot destroy a session that is being prepared")
    row = await agent.destroy(row, "force-terminated" if forced else "user-requested")
    if forced:
        return reply({"stats": {"status": "terminated"}})
    return reply({"stats": {**(row["last_stat"] or {}), "version": 2, "status": "terminated"}})


async def interrupt(call: Call) -> web.StreamResponse:
    """Interrupt the code that runs."""
    container_of(call, session_of(call)).interrupt()
    return nothing()


async def complete(call: Call) -> web.StreamResponse:
    """Completions; 19.09 fails here, this is what it means to answer."""
    body = await _body(call)
    container = container_of(call, session_of(call))
    try:
        items = await container.complete(str(body.get("code") or ""), body.get("options") or {})
    except (TimeoutError, asyncio.CancelledError) as error:
        raise AgentProblem("execution", "agent-timeout") from error
    return reply({"result": {"status": "finished", "completions": items}})


async def logs(call: Call) -> web.StreamResponse:
    """The container's log."""
    container = container_of(call, session_of(call))
    content = await asyncio.to_thread(container.log.read_bytes)
    return reply({"result": {"logs": content.decode("utf-8", "replace")}})


async def _body(call: Call) -> dict[str, Any]:
    try:
        body = await call.request.json()
    except ValueError:
        raise InvalidAPIParams("Malformed body") from None
    if not isinstance(body, dict):
        raise InvalidAPIParams("Malformed body")
    return body


async def execute(call: Call) -> web.StreamResponse:
    """Begin a run, or go on with one."""
    row = session_of(call)
    body = await _body(call)
    mode, run_id = body.get("mode"), body.get("runId")
    if mode not in MODES:
        raise InvalidAPIParams("mode has an invalid value.")
    if "runId" not in body:
        raise InvalidAPIParams("runId is missing!")
    if mode in ("continue", "input") and run_id is None:
        raise InvalidAPIParams("continuation requires explicit run ID")
    container = container_of(call, row)
    code = str(body.get("code") or "")
    options = body.get("options") or {}
    if mode == "complete":
        items = await container.complete(code, options)
        done = {"status": "finished", "exitCode": 0, "options": None, "files": None}
        console = [["completion", items]]
        return reply({"result": {**done, "runId": run_id, "console": console}})
    run_id = str(run_id) if run_id is not None else secrets.token_hex(8)
    try:
        if mode == "query":
            run = container.execute(run_id, code)
        elif mode == "batch":
            run = container.batch(run_id, {k: options.get(k) for k in ("clean", "build", "exec")})
        else:
            found = container.find_run(run_id)
            if found is None:
                raise InvalidAPIParams(f"there is no run {run_id}")
            run = found
            if mode == "input":
                container.input(code)
    except ContainerError as error:
        raise AgentProblem("execution", "agent-failure", str(error)) from None
    result = await run.result(FLUSH)
    if run.over:
        container.forget_run(run)
    return reply({"result": {"runId": run_id, **result}})


async def upload(call: Call) -> web.StreamResponse:
    """Store small files."""
    container = container_of(call, session_of(call))
    if call.request.content_type != "multipart/form-data":
        raise InvalidAPIParams("The body must be multipart/form-data")
    received: list[tuple[str, bytes]] = []
    try:
        async for part in await call.request.multipart():
            if len(received) == MAX_FILES:
                raise InvalidAPIParams("Too many files")
            if not isinstance(part, BodyPartReader) or not (name := uploaded_name(part)):
                raise InvalidAPIParams("Every part must be a file")
            content = b""
            while chunk := await part.read_chunk(65536):
                content += chunk
                if len(content) >= MAX_FILE:
                    raise InvalidAPIParams("Too large file")
            received.append((name, content))
    except ValueError as error:
        raise InvalidAPIParams(f"Malformed multipart body: {error}") from None
    for name, content in received:
        await asyncio.to_thread(files.store, container.work, name, content)
    return nothing()


async def download(call: Call) -> web.StreamResponse:
    """Several files, each as a tar in one part."""
    container = container_of(call, session_of(call))
    names = call.params["files"]
    if not 1 <= len(names) <= 5:
        raise AgentProblem("execution", "agent-invalid-input", "1 to 5 files at a time")
    writer = MultipartWriter("mixed")
    for name in names:
        tar = await asyncio.to_thread(files.archive, container.work, name)
        payload = BytesPayload(tar.getvalue(), content_type="application/octet-stream")
        payload.headers["Content-Encoding"] = "identity"
        writer.append_payload(payload)
    return web.Response(body=writer, content_type=None)


async def download_single(call: Call) -> web.StreamResponse:
    """One file as a tar."""
    container = container_of(call, session_of(call))
    tar = await asyncio.to_thread(files.archive, container.work, call.params["file"])
    return web.Response(body=tar.getvalue(), content_type="application/octet-stream")


async def list_files(call: Call) -> web.StreamResponse:
    """A directory."""
    container = container_of(call, session_of(call))
    body = await _body(call)
    path = str(body.get("path") or ".")
    listing = await asyncio.to_thread(files.list_directory, container.work, path)
    return reply({**listing, "files": json.dumps(listing["files"])})


async def task_logs(call: Call) -> web.StreamResponse:
    """The log of a batch task, kept in the caller's folder `.logs`."""
    kernel_id = call.params["taskId"].replace("-", "")
    folder = call.ctx.store.one(
        """SELECT host, id FROM vfolders WHERE name = '.logs' AND "user" = ?""", call.caller.uuid
    )
    if folder is None:
        raise GenericNotFound("You do not have the folder .logs")
    path = call.ctx.folder_path(folder["host"], folder["id"])
    path = path / "task" / kernel_id[:2] / kernel_id[2:4] / f"{kernel_id[4:]}.log"
    if not await asyncio.to_thread(path.is_file):
        raise GenericNotFound("There is no such log")
    return web.FileResponse(path, headers={"Content-Type": "text/plain"})


_TASK_LOGS = params(Field("taskId", "task_id", "kernelId", "kernel_id", check=uuid_text))

ROUTES = (
    Route("POST", "/kernel", create, needs=Needs.RUNNING, params=CREATE),
    Route("POST", "/kernel/create", create, needs=Needs.RUNNING, params=CREATE),
    Route("GET", "/kernel/_/logs", task_logs, params=_TASK_LOGS),
    Route("GET", "/kernel/{session}", info, params=NO_PARAMS),
    Route("PATCH", "/kernel/{session}", restart, params=NO_PARAMS),
    Route(
        "DELETE",
        "/kernel/{session}",
        destroy,
        params=params(Field("forced", check=boolish, default=False)),
    ),
    Route("POST", "/kernel/{session}", execute),
    Route("POST", "/kernel/{session}/interrupt", interrupt),
    Route("POST", "/kernel/{session}/complete", complete),
    Route("GET", "/kernel/{session}/logs", logs),
    Route("POST", "/kernel/{session}/upload", upload),
    Route(
        "GET",
        "/kernel/{session}/download",
        download,
        params=params(Field("files", check=list_of(text))),
    ),
    Route(
        "GET", "/kernel/{session}/download_single", download_single, params=params(Field("file"))
    ),
    Route("GET", "/kernel/{session}/files", list_files),
)


def add_routes(app: web.Application) -> None:
    """Register the routes of sessions."""
    add(app, ROUTES, versions=range(1, 5))
