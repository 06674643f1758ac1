"""Agents: load, slots, watcher, the sessions on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from bai_tui.api.models import parse_decimal, parse_json
from bai_tui.screens.admin import columns
from bai_tui.screens.admin.resource import (
    SUPERADMIN,
    Call,
    Fetch,
    Item,
    Relation,
    Resource,
    Scope,
    Wire,
)
from bai_tui.screens.admin.view import ResourceView
from bai_tui.widgets.dialog import Confirm
from bai_tui.widgets.table.columns import Cell, Column

if TYPE_CHECKING:
    from bai_tui.api import AsyncSession
    from bai_tui.identity import Identity

FIELDS: Final = (
    "id", "status", "status_changed", "region", "scaling_group", "available_slots",
    "occupied_slots", "addr", "first_contact", "lost_at", "live_stat", "version",
    "compute_plugins", "cpu_cur_pct", "mem_cur_bytes", "schedulable", "architecture",
)  # fmt: skip
PAGE: Final = 100
_STATUS: Final = {
    "ALIVE": ("success", "●"),
    "LOST": ("error", "✗"),
    "RESTARTING": ("accent", "↻"),
    "TERMINATED": ("muted", "○"),
}


def status_cell(item: Item) -> Cell:
    """How it is, or what we are doing with it."""
    if item.doing:
        return Cell(f"{item.doing}…", "accent", "…")
    if item.note:
        return Cell(item.note, "error", "✗")
    tone, glyph = _STATUS.get(item.text("status"), ("", "·"))
    return Cell(item.text("status"), tone, glyph)


def node_metric(item: Item, name: str) -> Any:
    """A share in percent measured on the node; None when it is not measured."""
    stat = parse_json(item.data.get("live_stat"))
    node = stat.get("node") if isinstance(stat, dict) else None
    metric = node.get(name) if isinstance(node, dict) else None
    return parse_decimal(metric.get("pct")) if isinstance(metric, dict) else None


def accelerators(item: Item) -> str:
    """Other slots as `2/4 cuda.device`."""
    from bai_tui.api.models import parse_slots
    from bai_tui.widgets.text import format_number

    used = parse_slots(item.data.get("occupied_slots"))
    return "  ".join(
        f"{format_number(used.get(name) or 0)}/{format_number(amount)} {name}"
        for name, amount in parse_slots(item.data.get("available_slots")).items()
        if name not in ("cpu", "mem") and amount
    )


COLUMNS: Final[tuple[Column[Item], ...]] = (
    columns.text("id", "AGENT", least=14, most=40, priority=100, cut="middle", pinned=True,
                 flex=2),
    Column(key="status", label="STATUS", width=12, priority=98, render=status_cell, watch=True),
    columns.used_of("cpu", "CPU", 9, 90),
    columns.used_of("mem", "MEM", 12, 88),
    Column(key="accel", label="ACCEL", min_width=10, max_width=30, priority=70,
           render=lambda item: accelerators(item) or Cell("-", "muted")),
    columns.percent(lambda item: node_metric(item, "cpu_util"), "load", "LOAD", 85),
    columns.percent(lambda item: node_metric(item, "mem"), "mem_use", "MEM%", 80),
    columns.text("scaling_group", "SCALING GROUP", least=13, most=24, priority=75, flex=0.5),
    columns.flag("schedulable", "SCHED", priority=45),
    columns.text("region", "REGION", least=7, most=16, priority=40, flex=0.3),
    columns.text("version", "VERSION", least=8, most=14, priority=50, flex=0.2),
    columns.text("architecture", "ARCH", least=7, most=10, priority=20, flex=0.1),
    columns.text("addr", "ADDRESS", least=20, most=30, priority=30, flex=0.5),
    columns.age("first_contact", "AGE", priority=60),
)  # fmt: skip


async def load(
    session: AsyncSession, identity: Identity, scope: Scope, fetch: Fetch
) -> Sequence[Wire]:
    """All agents that are not gone for good; of one scaling group."""
    wanted = scope.value if scope.kind == "scaling" else None

    async def page(offset: int) -> Any:
        return await fetch(
            lambda fields: session.Agent.select(
                "agent_list",
                (f"items {{ {' '.join(fields)} }} total_count",),
                {
                    "limit": ("Int!", PAGE),
                    "offset": ("Int!", offset),
                    "scaling_group": ("String", wanted),
                },
            ),
            FIELDS,
        )

    found: list[Wire] = []
    while True:
        part = await page(len(found))
        found += part["items"]
        if not part["items"] or len(found) >= part["total_count"]:
            return found


RESOURCE: Final = Resource(
    name="agents",
    one="agent",
    about="Worker nodes: load, slots, watcher, sessions on them.",
    viewers=SUPERADMIN,
    columns=COLUMNS,
    load=load,
    key=lambda data: str(data.get("id")),
    relations=(
        Relation(action="sessions", target="related-sessions", label="sessions on the agent",
                 scope="agent", value=lambda item: item.key),
        Relation(action="scaling", target="scaling-groups", label="its scaling group",
                 value=lambda item: item.text("scaling_group")),
    ),
    interval=5,
    scopes=("agent",),
    sort="id",
    hint="Agents appear here when they connect to the manager.",
)  # fmt: skip


class AgentsView(ResourceView):
    """The agents."""

    RESOURCE = RESOURCE

    async def do_agent_watcher(self, argument: str) -> None:
        """What the watcher says of the agent."""
        item = self.current()
        if item is None:
            return
        answer = await self.connection.session.AgentWatcher.get_status(item.key)
        self.flash(f"watcher of {item.key}: {watcher_text(answer)}")

    async def do_agent_start(self, argument: str) -> None:
        """Start it."""
        await self._watch("start")

    def do_agent_stop(self, argument: str) -> None:
        """Stop it, after its name was typed."""
        self._ask("stop", "Its sessions are lost. Only a start on it brings it back.", typed=True)

    def do_agent_restart(self, argument: str) -> None:
        """Restart it, after asking."""
        self._ask("restart", "Sessions on it may be lost, if the agent does not find them again.")

    def _ask(self, verb: str, text: str, *, typed: bool = False) -> None:
        item = self.current()
        if item is None:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.attempt(self._watch(verb), verb)
            else:
                self.flash(f"{verb}: cancelled, nothing was done")

        dialog = Confirm(
            f"{verb.capitalize()} the agent?",
            text,
            names=[item.key],
            verb=verb.capitalize(),
            typed=item.key if typed else "",
        )
        self.app.push_screen(dialog, answered)

    async def _watch(self, verb: str) -> None:
        item = self.current()
        if item is None:
            return
        call = Call(f"AgentWatcher.agent_{verb}", (item.key,))
        answer = await self.connection.write(call.run)
        # The watcher answers 200 with a sentence when it can do nothing.
        refused = isinstance(answer, str) and answer.lower() != "ok"
        self.flash(
            f"{verb} {item.key}: {watcher_text(answer)}", "warning" if refused else "success"
        )
        self.reload()


def watcher_text(answer: Any) -> str:
    """A watcher's answer in a line."""
    if isinstance(answer, dict):
        return ", ".join(f"{key} {value}" for key, value in answer.items())
    return str(answer)
