"""The one agent of the cluster: starts, measures and ends the sessions on this machine."""

from __future__ import annotations

import asyncio
import getpass
import logging
import os
import pwd
import shutil
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from bai_tui.local import lifecycle
from bai_tui.local.accounting import agent_occupied
from bai_tui.local.container import Container, ContainerError
from bai_tui.local.dotfiles import dotfiles_of, write_dotfiles
from bai_tui.local.runner import sshd
from bai_tui.local.runner.processes import MARK
from bai_tui.local.slots import parse_size, slot_texts
from bai_tui.local.statistics import Meter, Metrics

if TYPE_CHECKING:
    from bai_tui.local.context import Context

log = logging.getLogger(__name__)

Row = dict[str, Any]
MEASURE_EVERY = 2.0
"""Seconds between two measurements while sessions run."""


def service_ports() -> list[Row]:
    """What sessions offer through the app tunnel: what this machine has installed.

    The ports are names: services listen on sockets that nobody but the session's user can open.
    """
    offered = [("files", "http", 8090), ("ttyd", "http", 7681)]
    if sshd.program() and shutil.which("ssh-keygen"):
        offered.append(("sshd", "tcp", 2200))
    if shutil.which("jupyter-lab") or shutil.which("jupyter-notebook"):
        offered.append(("jupyter", "http", 8080))
    return [
        {"name": name, "protocol": protocol, "container_ports": [port], "host_ports": []}
        for name, protocol, port in offered
    ]


class Agent:
    """Keeps a `Container` per running session."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self._containers: dict[str, Container] = {}
        self._reasons: dict[str, str] = {}
        self._meter = Meter()
        self._live: dict[str, Metrics] = {}
        self._node: dict[str, Any] | None = None
        self._measuring: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def id(self) -> str:
        """Id of the agent row."""
        return str(self.ctx.store.value("SELECT id FROM agents LIMIT 1"))

    async def start(self) -> None:
        """Report sessions of an earlier life as ended, then begin to measure."""
        rows = self.ctx.store.all(
            "SELECT * FROM kernels WHERE status NOT IN ('PENDING', 'TERMINATED', 'CANCELLED')"
        )
        if rows:
            await asyncio.to_thread(kill_leftovers, {row["id"] for row in rows})
        for row in rows:
            lifecycle.change(self.ctx, row, "TERMINATED", "self-terminated")
        self.account()
        self._measuring = asyncio.create_task(self._measure())

    async def stop(self) -> None:
        """End every session."""
        if self._measuring is not None:
            self._measuring.cancel()
            with suppress(asyncio.CancelledError):
                await self._measuring
        for kernel_id in self._containers:
            self._reasons.setdefault(kernel_id, "agent-termination")
        await asyncio.gather(*(c.stop() for c in tuple(self._containers.values())))
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def account(self) -> None:
        """Write the occupied slots into the agent's row."""
        occupied = slot_texts(agent_occupied(self.ctx.store, self.id))
        self.ctx.store.update("agents", {"id": self.id}, occupied_slots=occupied)

    def container(self, row: Row) -> Container | None:
        """The running container of a session."""
        container = self._containers.get(row["id"])
        return container if container is not None and container.alive else None

    async def create(self, row: Row) -> Row:
        """Start the processes of a session that was scheduled here; returns the new row.

        A session that cannot be started becomes CANCELLED.
        """
        ctx = self.ctx
        ctx.events.publish("kernel_creating", row)
        kernel_id = row["id"]
        container = Container(ctx.scratch_root / kernel_id, self._ended, self._startup_done)
        dotfiles = dotfiles_of(ctx.store, row["access_key"])
        try:
            env = await asyncio.to_thread(self._prepare, row, container)
            await asyncio.to_thread(write_dotfiles, container.work, dotfiles)
            await container.start(env, user_shell())
        except (ContainerError, OSError) as error:
            log.warning("session %s could not be started: %s", row["sess_id"], error)
            ctx.store.update("kernels", {"id": kernel_id}, occupied_slots={})
            new = lifecycle.change(ctx, row, "CANCELLED", "failed-to-start")
            self.account()
            return new
        self._containers[kernel_id] = container
        container.touch()
        self._wake.set()
        new = lifecycle.change(
            ctx,
            row,
            "RUNNING",
            container_id=f"{container.pid:012d}",
            service_ports=service_ports(),
            extra={"pid": container.pid},
        )
        if row["startup_command"]:
            container.startup(row["startup_command"])
        return new

    def _prepare(self, row: Row, container: Container) -> dict[str, str]:
        """Make the directories and the environment of a session."""
        container.work.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, host, folder_id, _ in row["mounts"]:
            link = container.work / name
            if not link.is_symlink():
                link.symlink_to(self.ctx.folder_path(host, folder_id), target_is_directory=True)
        asked = dict(item.split("=", 1) for item in row["environ"])
        return (
            session_environment(container.work)
            | asked
            | {
                MARK: row["id"],
                "BACKENDAI_SESSION_NAME": row["sess_id"],
            }
        )

    async def destroy(self, row: Row, reason: str) -> Row:
        """End one session, whatever its state; returns the new row."""
        container = self._containers.get(row["id"])
        if row["status"] in ("TERMINATED", "CANCELLED"):
            return row
        if container is None:
            status = "CANCELLED" if row["status"] == "PENDING" else "TERMINATED"
            new = lifecycle.change(self.ctx, row, status, reason)
            self.account()
            return new
        self._reasons[row["id"]] = reason
        lifecycle.change(self.ctx, row, "TERMINATING", reason)
        await container.stop()
        return lifecycle.find(self.ctx, row["id"]) or row

    async def restart(self, row: Row) -> Row:
        """Replace the processes of a session and keep its directory."""
        container = self._containers.pop(row["id"], None)
        row = lifecycle.change(self.ctx, row, "RESTARTING")
        if container is not None:
            await container.stop()
        return await self.create(row)

    def _ended(self, container: Container) -> None:
        """The supervisor of a session is gone."""
        kernel_id = container.scratch.name
        if self._containers.get(kernel_id) is not container:
            return
        del self._containers[kernel_id]
        reason = self._reasons.pop(kernel_id, "self-terminated")
        row = lifecycle.find(self.ctx, kernel_id)
        last = self._live.pop(kernel_id, None)
        self._meter.forget(kernel_id)
        if row is not None and row["status"] not in ("TERMINATED", "CANCELLED"):
            lifecycle.change(self.ctx, row, "TERMINATED", reason, last_stat=last)
        self.account()
        if reason == "self-terminated":
            self._later(asyncio.to_thread(kill_leftovers, {kernel_id}))

    def _startup_done(self, container: Container, code: int) -> None:
        """The startup command ended; a batch session ends with it."""
        row = lifecycle.find(self.ctx, container.scratch.name)
        if row is None or row["sess_type"] != "BATCH":
            return
        good = code == 0
        self.ctx.store.update("kernels", {"id": row["id"]}, result="SUCCESS" if good else "FAILURE")
        name, reason = ("success", "task-success") if good else ("failure", "task-failure")
        self.ctx.events.publish(f"kernel_{name}", row, reason)
        self._later(self._finish(row["id"]))

    async def _finish(self, kernel_id: str) -> None:
        row = lifecycle.find(self.ctx, kernel_id)
        if row is not None:
            await self.destroy(row, "task-finished")

    def _later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _measure(self) -> None:
        while True:
            cores = os.cpu_count() or 1
            sessions = {
                kernel_id: (container.pid, container.scratch, self._memory(kernel_id))
                for kernel_id, container in self._containers.items()
                if container.alive
            }
            if sessions:
                measured = await asyncio.to_thread(self._meter.measure, sessions, cores)
                self._live = {k: v for k, v in measured.items() if k in self._containers}
                with suppress(TimeoutError):
                    async with asyncio.timeout(MEASURE_EVERY):
                        await self._wake.wait()
            else:
                await self._wake.wait()
            if self._wake.is_set():
                self._wake.clear()
                await asyncio.sleep(0.1)

    def _memory(self, kernel_id: str) -> float:
        row = lifecycle.find(self.ctx, kernel_id)
        amount = row["occupied_slots"].get("mem", 0) if row else 0
        return float(parse_size(str(amount)) or Decimal(0))

    def live_stat(self, kernel_id: str) -> Metrics | None:
        """Metrics of a running session."""
        return self._live.get(kernel_id)

    def node_stat(self) -> dict[str, Any] | None:
        """Metrics of this machine."""
        return self._meter.node()


def user_shell() -> list[str]:
    """The login shell of the user, or the plainest one."""
    candidates = [os.environ.get("SHELL", "")]
    with suppress(KeyError):
        candidates.append(pwd.getpwuid(os.getuid()).pw_shell)
    candidates += ["/bin/bash", "/bin/sh"]
    shell = next(c for c in candidates if c and shutil.which(c) and "nologin" not in c)
    return [shell, "-i"]


def session_environment(home: Path) -> dict[str, str]:
    """A clean environment: nothing of ours, no keys, a UTF-8 locale."""
    keep = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH")
    env = {name: os.environ[name] for name in keep if name in os.environ}
    if not any("utf" in env.get(name, "").lower() for name in ("LC_ALL", "LC_CTYPE", "LANG")):
        env.pop("LC_ALL", None)
        env["LANG"] = "C.UTF-8"
    return env | {
        "HOME": str(home),
        "USER": getpass.getuser(),
        "LOGNAME": getpass.getuser(),
        "SHELL": user_shell()[0],
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "PYTHONUNBUFFERED": "1",
    }


def kill_leftovers(kernel_ids: set[str]) -> None:
    """Kill processes of sessions whose supervisor is gone; they are known by their environment."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(MARK) in kernel_ids:
                process.kill()
