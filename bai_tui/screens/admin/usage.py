"""Usage: a plot of the last 30 days, and a report of groups and their sessions for any period."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.api.models import parse_decimal
from bai_tui.diagnosis import explain
from bai_tui.identity import needs
from bai_tui.screens.listing import ListView
from bai_tui.widgets.plot import Plot, Point
from bai_tui.widgets.table import LiveTable
from bai_tui.widgets.table.columns import Cell, Column
from bai_tui.widgets.text import format_number, format_size

MAX_DAYS: Final = 100
METRICS: Final[Mapping[str, str]] = {
    "num_sessions": "sessions",
    "cpu_allocated": "CPU cores allocated",
    "mem_allocated": "memory allocated",
    "gpu_allocated": "GPUs allocated",
    "io_read_bytes": "bytes read",
    "io_write_bytes": "bytes written",
    "disk_used": "scratch space used",
}


@dataclass(frozen=True, slots=True)
class Period:
    """Days, the last one included."""

    first: date
    last: date

    @property
    def month(self) -> str:
        """`yyyymm` when it is exactly a calendar month, else empty."""
        whole = self.first.day == 1 and self.last == _end_of_month(self.first)
        return f"{self.first:%Y%m}" if whole else ""

    @property
    def label(self) -> str:
        """In words."""
        return f"{self.first:%Y-%m}" if self.month else f"{self.first} to {self.last}"

    def moved(self, step: int) -> Period:
        """The time of the same length before (-1) or after (1)."""
        if self.month:
            edge = self.first - timedelta(days=1) if step < 0 else self.last + timedelta(days=1)
            return of_month(edge)
        length = timedelta(days=(self.last - self.first).days + 1)
        return Period(self.first + step * length, self.last + step * length)


def _end_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def of_month(day: date) -> Period:
    """The calendar month of a day."""
    return Period(day.replace(day=1), _end_of_month(day))


def parse_period(text: str) -> Period:
    """`202011` or `20201101-20201115`, with or without dashes inside the dates.

    Raises:
        ValueError: says what is expected.
    """
    found = re.findall(r"(\d{4})-?(\d{2})(?:-?(\d{2}))?", text.strip())
    try:
        if len(found) == 1 and not found[0][2]:
            return of_month(date(int(found[0][0]), int(found[0][1]), 1))
        days = [date(int(y), int(m), int(d)) for y, m, d in found]
    except ValueError:
        days = []
    if len(days) == 1:
        days *= 2
    if len(days) != 2:
        raise ValueError("a month like 202011, or days like 20201101-20201115")
    if days[1] < days[0]:
        raise ValueError("the last day is before the first")
    if (days[1] - days[0]).days > MAX_DAYS:
        raise ValueError(f"at most {MAX_DAYS} days at once")
    return Period(days[0], days[1])


@dataclass(frozen=True, slots=True)
class Used:
    """A row: a group, or one of its sessions."""

    key: str
    name: str
    of: str
    data: Mapping[str, Any]
    sessions: int


def rows_of(report: Sequence[Mapping[str, Any]]) -> list[Used]:
    """The groups of a report."""
    return [
        Used(
            str(group.get("g_id")),
            str(group.get("g_name") or "(without a name)"),
            str(group.get("domain_name") or ""),
            {str(key).removeprefix("g_"): value for key, value in group.items()},
            len(group.get("c_infos") or ()),
        )
        for group in report
    ]


def sessions_of(group: Used) -> list[Used]:
    """The sessions of a group."""
    return [
        Used(
            str(info.get("id")), str(info.get("name")), str(info.get("email") or ""), info, 1
        )
        for info in group.data.get("c_infos") or ()
    ]  # fmt: skip


def _number(key: str, label: str, priority: int, *, size: bool = False, width: int = 8,
            scale: float = 1.0) -> Column[Used]:  # fmt: skip
    def value(row: Used) -> Any:
        number = parse_decimal(row.data.get(key))
        return None if number is None else float(number) * scale

    def render(row: Used) -> str:
        return format_size(value(row)) if size else format_number(value(row))

    return Column(key=key, label=label, width=width, align="right", priority=priority,
                  render=render, sort_key=value, value=value, descending=True)  # fmt: skip


def _time(row: Used) -> Cell:
    """How long it ran; a group has none."""
    text = str(row.data.get("used_time") or "")
    if not text and row.data.get("terminated_at") == "None":
        return Cell("runs", "success", "●")
    return Cell(text.partition(".")[0])


COLUMNS: Final[tuple[Column[Used], ...]] = (
    Column(key="name", label="NAME", min_width=16, max_width=40, flex=2, priority=100,
           render=lambda row: row.name, cut="middle", pinned=True),
    Column(key="of", label="DOMAIN/OWNER", min_width=12, max_width=30, priority=85,
           render=lambda row: row.of, cut="middle"),
    Column(key="sessions", label="SESSIONS", width=8, align="right", priority=90,
           render=lambda row: str(row.sessions), sort_key=lambda row: row.sessions,
           descending=True),
    _number("cpu_allocated", "CPU", 88),
    _number("cpu_used", "CPU s", 80, scale=0.001),
    _number("mem_allocated", "MEM", 86, size=True),
    _number("mem_used", "MEM USED", 70, size=True),
    _number("gpu_allocated", "GPU", 75, width=6),
    _number("io_read", "READ", 60, size=True),
    _number("io_write", "WRITTEN", 58, size=True),
    _number("disk_used", "DISK", 50, size=True),
    Column(key="time", label="TIME", width=12, align="right", priority=65, render=_time),
)  # fmt: skip


def points_of(series: Sequence[Mapping[str, Any]], metric: str) -> list[Point]:
    """One measure of the time series."""
    points = []
    for entry in series:
        value = entry.get(metric)
        number = parse_decimal(value.get("value")) if isinstance(value, Mapping) else None
        at = parse_decimal(entry.get("date"))
        if number is not None and at is not None:
            points.append(Point(float(at), float(number)))
    return points


class UsageView(ListView):
    """Plot above, report below; enter shows the sessions of a group."""

    CRUMB = "usage"
    ROOT = True
    SCOPES: ClassVar[tuple[str, ...]] = ("usage", "table")
    REMEMBER = "usage"
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("table", "usage")]
    DEFAULT_CSS = """
    UsageView.-tall #plot { height: 12; }
    UsageView.-full #plot { height: 18; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.period = of_month(date.today())
        self._metric = "num_sessions"
        self._series: Sequence[Mapping[str, Any]] = ()
        self._groups: list[Used] = []
        self._group: Used | None = None
        self._loaded_at: float | None = None
        self._generation = 0
        self._why = ""

    def compose_body(self) -> ComposeResult:
        """Plot and table."""
        yield Plot(id="plot")
        yield LiveTable(COLUMNS, key=lambda row: row.key, what="groups",
                        empty="Nothing was used in this time.", id="table")  # fmt: skip

    def setup(self) -> None:
        """Ask at once."""
        super().setup()
        self.table.loading_rows = True
        self._show_plot("asking…")
        self._follow_connection()

    @property
    def all_users(self) -> bool:
        """Whether everybody's usage is shown; reports of groups are for superadmins."""
        identity = self.connection.identity
        return identity is not None and identity.role == "superadmin"

    def crumbs(self) -> list[str]:
        """With the time and the group."""
        crumbs = [*super().crumbs(), self.period.label]
        return [*crumbs, self._group.name] if self._group is not None else crumbs

    def stale_since(self) -> float | None:
        """When it was asked."""
        return self._loaded_at

    def connection_changed(self) -> None:
        """Ask when there is somebody to ask."""
        super().connection_changed()
        if self.is_mounted:
            self._follow_connection()

    def _follow_connection(self) -> None:
        connection = self.connection
        self.table.stale = not connection.ready and self._loaded_at is not None
        if connection.problem is not None and self._loaded_at is None:
            self.table.error_text = f"{connection.problem.line}\n\nctrl+r retries"
            self.table.loading_rows = False
        fresh = connection.ready and connection.generation != self._generation
        if fresh and self.painted and self.is_current:
            self.reload()

    def resumed(self) -> None:
        """Shown again, perhaps after another connection."""
        super().resumed()
        self._follow_connection()

    def reload(self) -> None:
        """Ask for the series and the report."""
        if self.connection.ready:
            self._generation = self.connection.generation
            self.in_background(self._load, "load")

    async def _load(self) -> None:
        resource = self.connection.session.Resource
        whole = self.all_users
        series = resource.admin_monthly_stats() if whole else resource.user_monthly_stats()
        works = [series, self._report()] if whole else [series]
        answers = [*await asyncio.gather(*works, return_exceptions=True), None]
        self._take_series(answers[0])
        self._take_report(answers[1])
        self._loaded_at = asyncio.get_running_loop().time()
        self.table.loading_rows = False
        self.table.stale = not self.connection.ready
        self.refresh_bars()

    async def _report(self) -> Any:
        resource = self.connection.session.Resource
        period = self.period
        return await resource.usage_per_period(
            None, f"{period.first:%Y%m%d}", f"{period.last:%Y%m%d}"
        )

    def _take_series(self, answer: Any) -> None:
        if isinstance(answer, BaseException):
            self.connection.suspect(answer)
            self._show_plot(explain(answer).line)
            return
        self._series = answer if isinstance(answer, list) else ()
        self._show_plot()

    def _take_report(self, answer: Any) -> None:
        if answer is None:
            self.table.empty_text = (
                "The plot shows your own last 30 days.\nReports of groups need the role superadmin."
            )
            self.table.set_rows(())
            return
        if isinstance(answer, BaseException):
            self.connection.suspect(answer)
            self.table.error_text = f"{explain(answer).line}\n\nctrl+r retries"
            self.report(answer, "usage")
            return
        self.table.error_text = ""
        self._groups = rows_of(answer if isinstance(answer, list) else ())
        self._show_rows()

    def _show_rows(self) -> None:
        group = self._group
        if group is not None:
            group = next((g for g in self._groups if g.key == group.key), None)
            self._group = group
        self.table.set_rows(self._groups if group is None else sessions_of(group))
        self.refresh_bars()

    def _show_plot(self, note: str = "") -> None:
        points = points_of(self._series, self._metric)
        show = format_size if "byte" in METRICS[self._metric] or self._metric in (
            "mem_allocated", "disk_used") else format_number  # fmt: skip
        whose = "all users" if self.all_users else "mine"
        title = f"{METRICS[self._metric]}, last 30 days, {whose}"
        self.query_one(Plot).show(
            title,
            points,
            show,
            note or ("" if points else "no figures yet"),
            whole=self._metric == "num_sessions",
        )

    # Actions.

    def absent(self, action: Action) -> str:
        """Reports are for superadmins."""
        reason = super().absent(action)
        reports = action.id in ("usage.earlier", "usage.later", "usage.period")
        if not reason and reports and self.connection.identity and not self.all_users:
            return needs({"superadmin"})
        return reason

    def open_with(self, argument: str) -> None:
        """`:usage 202011`."""
        if argument:
            self.do_usage_period(argument)

    def _go(self, period: Period) -> None:
        self.period = period
        self._group = None
        self.table.clear()
        self.table.loading_rows = True
        self.refresh_bars()
        self.reload()

    def do_usage_earlier(self, argument: str) -> None:
        """The time before."""
        self._go(self.period.moved(-1))

    def do_usage_later(self, argument: str) -> None:
        """The time after, until today."""
        later = self.period.moved(1)
        if later.first > date.today():
            self.flash("that is in the future", "warning")
        else:
            self._go(later)

    def do_usage_period(self, argument: str) -> None:
        """The days named, or typed now."""
        if not argument:
            self.open_prompt("month, or first-last day: ", self.period.month or self.period.label)
            return
        try:
            self._go(parse_period(argument))
        except ValueError as error:
            self.flash(f"{argument}: {error}", "warning")

    def typed(self, kind: str, value: str, *, final: bool) -> None:
        """A filter, or a period."""
        if kind == "/":
            super().typed(kind, value, final=final)
        elif final and value.strip():
            self.do_usage_period(value)

    def do_usage_metric(self, argument: str) -> None:
        """The next measure, or the one named."""
        names = list(METRICS)
        place = (names.index(self._metric) + 1) % len(names)
        self._metric = argument if argument in METRICS else names[place]
        self._show_plot()

    def on_row_opened(self, event: LiveTable.RowOpened) -> None:
        """The sessions of the group."""
        if self._group is None:
            self._group = event.row
            self._show_rows()

    def do_table_describe(self, argument: str) -> None:
        """The same as opening it."""
        self.do_table_open("")

    def undo_one(self) -> bool:
        """Escape: filter, marks, the group, then the list of resources."""
        if super().undo_one():
            return True
        if self._group is not None:
            self._group = None
            self._show_rows()
            return True
        self.host.show_view("admin")
        return True

    def do_app_quit(self, argument: str) -> None:
        """Back to the list of resources."""
        self.host.show_view("admin")
