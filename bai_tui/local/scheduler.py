"""Starts queued sessions in the order they came, within limits and capacity (data-model.md 3)."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bai_tui.local import accounting, lifecycle
from bai_tui.local.slots import Slots, add, fits, parse_slots

if TYPE_CHECKING:
    from bai_tui.local.context import Context

log = logging.getLogger(__name__)

Row = dict[str, Any]
RETRY_EVERY = 5.0
"""Seconds after which waiting sessions and idle ones are looked at, even if nothing happened."""


class Scheduler:
    """One task that looks at the queue whenever something changed."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._starting: set[asyncio.Task[None]] = set()
        self._waiters: dict[str, asyncio.Event] = {}

    async def start(self) -> None:
        """Begin to schedule."""
        self._task = asyncio.create_task(self._run())
        self.wake()

    async def stop(self) -> None:
        """Start no more sessions."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._starting:
            await asyncio.gather(*self._starting, return_exceptions=True)

    def wake(self) -> None:
        """Limits or rows have changed."""
        self._wake.set()

    async def wait_started(self, kernel_id: str, seconds: float) -> Row:
        """The row once the session is neither queued nor being prepared, or after `seconds`.

        Zero waits without limit.
        """
        event = self._waiters.setdefault(kernel_id, asyncio.Event())
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds or None):
                    while True:
                        row = lifecycle.find(self.ctx, kernel_id)
                        if row is None or row["status"] not in ("PENDING", "PREPARING", "PULLING"):
                            break
                        event.clear()
                        await event.wait()
        finally:
            self._waiters.pop(kernel_id, None)
        return lifecycle.find(self.ctx, kernel_id) or {}

    def settled(self, kernel_id: str) -> None:
        """Tell whoever waits for a session that its state changed."""
        if event := self._waiters.get(kernel_id):
            event.set()

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(RETRY_EVERY):
                    await self._wake.wait()
            self._wake.clear()
            try:
                for row in self.ctx.store.all(
                    "SELECT * FROM kernels WHERE status = 'PENDING' ORDER BY created_at, id"
                ):
                    self._consider(row)
                await self._end_idle()
            except Exception:  # one bad row must not stop all sessions of the cluster
                log.exception("scheduling failed")

    def _consider(self, row: Row) -> None:
        obstacle = self._obstacle(row)
        if obstacle is not None:
            if row["status_info"] != obstacle:
                self.ctx.store.update("kernels", {"id": row["id"]}, status_info=obstacle)
            return
        agent = self.ctx.agent
        columns = {"agent": agent.id, "scaling_group": self._scaling_group(row)}
        row = lifecycle.change(self.ctx, row, "PREPARING", "scheduled", **columns)
        agent.account()
        task = asyncio.create_task(self._start(row))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _start(self, row: Row) -> None:
        try:
            await self.ctx.agent.create(row)
        finally:
            self.settled(row["id"])

    def _scaling_group(self, row: Row) -> str | None:
        store = self.ctx.store
        allowed = accounting.allowed_scaling_groups(
            store, row["domain_name"], row["group_id"], row["access_key"]
        )
        wanted = [row["scaling_group"]] if row["scaling_group"] else allowed
        request = parse_slots(row["occupied_slots"])
        for name in wanted:
            if name in allowed and any(
                fits(request, room) for room in accounting.agent_remaining(store, name)
            ):
                return str(name)
        return None

    def _obstacle(self, row: Row) -> str | None:
        """Why a session has to wait (data-model.md 4.4), or None."""
        store = self.ctx.store
        request = parse_slots(row["occupied_slots"])
        policy = accounting.keypair_policy(store, row["access_key"])
        if (
            accounting.concurrency_used(store, row["access_key"])
            >= policy["max_concurrent_sessions"]
        ):
            return "out-of-resource (keypair resource quota exceeded)"

        def beyond(used: Slots, limits: Slots) -> bool:
            return not fits(add((request, used)), limits)

        key, group, domain = row["access_key"], row["group_id"], row["domain_name"]
        used = accounting.keypair_occupied(store, key)
        if beyond(used, accounting.policy_limits(policy)):
            return "out-of-resource (keypair resource quota exceeded)"
        if beyond(accounting.group_occupied(store, group), accounting.group_limits(store, group)):
            return "out-of-resource (group resource quota exceeded)"
        if beyond(
            accounting.domain_occupied(store, domain), accounting.domain_limits(store, domain)
        ):
            return "out-of-resource (domain resource quota exceeded)"
        if self._scaling_group(row) is None:
            return "out-of-resource (no available resource in scaling groups)"
        return None

    async def _end_idle(self) -> None:
        """End interactive sessions that nobody used for the policy's idle timeout."""
        now = asyncio.get_running_loop().time()
        rows = self.ctx.store.all(
            "SELECT * FROM kernels WHERE status = 'RUNNING' AND sess_type = 'INTERACTIVE'"
        )
        for row in rows:
            container = self.ctx.agent.container(row)
            limit = accounting.keypair_policy(self.ctx.store, row["access_key"])["idle_timeout"]
            if container is None or not limit or container.busy:
                continue
            if now - container.active_at > limit:
                await self.ctx.agent.destroy(row, "idle-timeout")
