"""What the details of a session say, tab by tab. Pure: a session in, names and values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from bai_tui.api.models import Metric, parse_decimal
from bai_tui.screens.sessions.columns import STATUS, seconds_since
from bai_tui.screens.sessions.model import Row
from bai_tui.screens.sessions.more import More
from bai_tui.screens.sessions.waiting import why_waiting
from bai_tui.widgets.facts import Fact
from bai_tui.widgets.text import format_age, format_number, format_percent, format_size

TABS: Final = ("describe", "usage", "events", "mounts", "resources", "environment")

TONE_STYLES: Final = {
    "success": "$text-success",
    "warning": "$text-warning",
    "error": "$text-error",
    "accent": "$text-accent",
    "muted": "$text-muted",
}

BLOCKS: Final = "▁▂▃▄▅▆▇█"
PARTS: Final = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")


def show_time(moment: datetime | None) -> str:
    """Local time, and how long ago."""
    if moment is None:
        return "-"
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}  ({format_age(seconds_since(moment))} ago)"


def show_slot(name: str, amount: Decimal) -> str:
    """`cpu 2`, `mem 512Mi`."""
    return f"{name} {format_size(amount) if name == 'mem' else format_number(amount)}"


def describe(row: Row) -> list[Fact]:
    """Who, what, where, since when."""
    info = row.info
    tone, glyph = STATUS.get(info.status, ("", "·"))
    facts: list[Fact] = [
        ("name", info.name, "bold"),
        ("status", f"{glyph} {info.status}", TONE_STYLES.get(tone, "")),
    ]
    if row.doing:
        facts.append(("", f"{row.doing}…", "$text-accent"))
    if row.note:
        facts.append(("failed", row.note, "$text-error"))
    if info.status_info:
        facts.append(("reason", info.status_info))
    if waits := why_waiting(info):
        facts.append(("waits", waits, "$text-warning"))
    if info.result not in ("", "UNDEFINED"):
        good = info.result == "SUCCESS"
        facts.append(("result", info.result.lower(), f"$text-{'success' if good else 'error'}"))
    facts += [
        ("type", info.type.lower()),
        ("image", info.image),
        ("resources", "  ".join(show_slot(n, a) for n, a in info.occupied_slots.items()) or "-"),
    ]
    if info.resource_opts.get("shmem"):
        shared = info.resource_opts["shmem"]
        text = str(shared)
        facts.append(("shared mem", format_size(Decimal(text)) if text.isdigit() else text))
    if info.startup_command:
        facts.append(("command", info.startup_command))
    if info.tag:
        facts.append(("tag", info.tag))
    facts += [
        ("owner", " ".join(filter(None, (info.user_email, info.access_key)))),
        ("group", " / ".join(filter(None, (info.domain_name, info.group_name)))),
        ("scaling group", info.scaling_group or "-"),
        ("agent", info.agent or "-"),
        ("created", show_time(info.created_at)),
        ("changed", show_time(info.status_changed)),
    ]
    if info.terminated_at is not None:
        facts.append(("ended", show_time(info.terminated_at)))
    facts += [("queries", format_number(info.num_queries)), ("id", info.id)]
    if info.container_id:
        facts.append(("container", info.container_id))
    return facts


def mounts(row: Row) -> list[Fact]:
    """Folders and service ports."""
    info = row.info
    facts: list[Fact] = [("Folders", "")]
    facts += [
        (m.name, "  ".join(filter(None, (f"/home/work/{m.name}", m.permission, m.host))))
        for m in info.mounts
    ] or [("-", "none mounted", "$text-muted")]
    facts += [("", ""), ("Service ports", "")]
    facts += [
        (port.name, f"{port.protocol}  {', '.join(map(str, port.ports))}")
        for port in info.service_ports
    ] or [("-", "none before it runs", "$text-muted")]
    return facts


def resources(row: Row) -> list[Fact]:
    """What it was given, and the options of it."""
    info = row.info
    facts: list[Fact] = [("Slots", "")]
    facts += [
        (name, show_slot("mem" if name == "mem" else "", amount).strip().removeprefix("mem "))
        for name, amount in info.occupied_slots.items()
    ] or [("-", "nothing is allocated", "$text-muted")]
    facts += [("", ""), ("Options", "")]
    facts += _options(info.resource_opts) or [("-", "none", "$text-muted")]
    facts += [
        ("", ""),
        ("Place", ""),
        ("scaling group", info.scaling_group or "-"),
        ("agent", info.agent or "-"),
        ("container", info.container_id or "-"),
    ]
    return facts


def _options(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Options by name; of a session with named containers those of each."""
    facts: list[tuple[str, str]] = []
    for name, value in options.items():
        if isinstance(value, Mapping):
            facts += [(f"{name} {inner}", text) for inner, text in _options(value)]
        else:
            amount = parse_decimal(value) if name == "shmem" else None
            facts.append((name, str(value) if amount is None else format_size(amount)))
    return facts


def environment(row: Row, more: More | None) -> list[Fact]:
    """Image and command, and the sessions it depends on. Servers tell no variables."""
    info = row.info
    registry, _, name = info.image.rpartition("/")
    facts: list[Fact] = [
        ("Environment", ""),
        ("image", name or "-"),
        ("registry", registry or "-"),
        ("type", info.type.lower()),
        ("command", info.startup_command or "-"),
        ("variables", "servers do not tell them; env in its shell (s) does", "$text-muted"),
        ("", ""),
        ("Dependencies", ""),
    ]
    if more is None:
        return [*facts, ("-", "asking…", "$text-muted")]
    if not more.told:
        return [*facts, ("-", "this server's release has none", "$text-muted")]
    facts += [
        (STATUS.get(status, ("", "·"))[1] + " " + status.lower(), name)
        for name, status in more.dependencies
    ] or [("-", "it waits for no other session", "$text-muted")]
    return facts


def show_metric(metric: Metric, amount: Decimal | None) -> str:
    """A number in the metric's unit."""
    match metric.unit:
        case "bytes":
            return format_size(amount)
        case "percent":
            return format_percent(amount)
        case "msec":
            return "-" if amount is None else format_age(float(amount) / 1000)
        case "bps":
            return f"{format_size(amount)}/s"
        case _:
            return format_number(amount)


def spark(values: Sequence[float], width: int, top: float = 0.0) -> str:
    """The last values as blocks; the tallest is `top`, or the greatest of them."""
    shown = list(values)[-width:]
    top = max([top, *shown], default=0.0)
    if top <= 0:
        return BLOCKS[0] * len(shown)
    return "".join(BLOCKS[min(7, int(value / top * 7.999))] for value in shown)


def chart(values: Sequence[float], width: int, height: int, top: float = 0.0) -> list[str]:
    """The last values as columns of blocks, `height` rows high; never empty where it measured."""
    shown = list(values)[-width:]
    top = max([top, *shown], default=0.0) or 1.0
    levels = [min(height * 8, max(1, round(value / top * height * 8))) for value in shown]
    rows = []
    for row in range(height - 1, -1, -1):
        cells = [min(8, max(0, level - row * 8)) for level in levels]
        rows.append("".join(" " if cell == 0 else BLOCKS[cell - 1] for cell in cells))
    return rows


def bar(share: float, width: int) -> str:
    """A share from 0 to 1 as a bar, to an eighth of a cell; whatever is there is to be seen."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    full, part = divmod(max(eighths, 1 if share > 0 else 0), 8)
    return ("█" * full + PARTS[part]).ljust(width, "░")


def course(name: str, metric: Metric, values: Sequence[float], width: int, height: int) -> str:
    """How a metric went: a chart with its scale at the left, or blocks where it was nothing."""
    top = max(values)
    if name == "cpu_util":
        top, most = 100.0, "100%"
    elif "rate" in metric.stats:
        most = f"{show_metric(metric, Decimal(top))}/s"
    else:
        if metric.unit == "bytes" and metric.capacity:
            top = float(metric.capacity)
        most = show_metric(metric, Decimal(top))
    if height == 1 or top <= 0:
        return spark(values, width, top)
    cells = len(most)
    scale = [most, *[""] * (height - 2), "0"]
    rows = chart(values, width - cells - 2, height, top)
    return "\n".join(f"{text:>{cells}} ┤{row}" for text, row in zip(scale, rows, strict=True))


def usage(
    row: Row,
    history: Mapping[str, Sequence[float]],
    interval: float,
    width: int = 30,
    height: int = 1,
) -> list[Fact]:
    """What it uses now, with the course since the details are open."""
    info = row.info
    live = info.live_stat or info.last_stat
    if not live:
        text = {
            True: "no statistics yet; the agent measures every few seconds",
            False: "no statistics were kept",
        }[info.is_alive]
        return [("-", text, "$text-muted")]
    facts: list[Fact] = []
    order = ["cpu_util", "mem", *(name for name in live if name not in ("cpu_util", "mem"))]
    for name in order:
        metric = live.get(name)
        if metric is None:
            continue
        value = show_metric(metric, metric.current)
        if metric.capacity:
            value += f" of {show_metric(metric, metric.capacity)}"
        if metric.pct is not None and metric.unit != "percent":
            value += f"  {format_percent(metric.pct)}"
        extra = [
            f"{label} {show_metric(metric, metric.stats[label])}{'/s' if label == 'rate' else ''}"
            for label in ("max", "avg", "rate")
            if label in metric.stats
        ]
        facts.append((name.replace("_", " "), "  ".join((value, *extra))))
        values = history.get(name, ())
        # Time only adds up: how fast is what the utilization says.
        if len(values) > 1 and metric.unit != "msec":
            facts.append(("", course(name, metric, values, width, height), "$text-primary"))
    if info.is_alive:
        facts += [("", ""), ("", f"asked every {interval:.0f} s while shown", "$text-muted")]
    return facts
