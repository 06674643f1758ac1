"""A session's life as a timeline, its charts, whose sessions a list shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bai_tui.api.models import SessionInfo
from bai_tui.feed import ClusterEvent
from bai_tui.identity import Group, Identity
from bai_tui.screens.sessions import scope
from bai_tui.screens.sessions.facts import chart, resources, usage
from bai_tui.screens.sessions.model import Change, Row, SessionModel
from bai_tui.screens.sessions.more import read
from bai_tui.screens.sessions.timeline import steps_of, timeline
from tests.screens.driving import program

if TYPE_CHECKING:
    from bai_tui.api import APIConfig

BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def session(status: str, **more: object) -> Row:
    wire = {"id": "i", "sess_id": "s", "status": status, "created_at": BEGAN.isoformat(), **more}
    return Row(SessionInfo.from_wire(wire))


def test_a_timeline_merges_what_the_sources_tell_and_counts_durations() -> None:
    row = session("RUNNING", status_changed=at(40).isoformat())
    events = [
        ClusterEvent(at(0.4), "kernel_enqueued", "s"),
        ClusterEvent(at(10), "kernel_preparing", "s"),
        ClusterEvent(at(40.3), "kernel_started", "s", reason="new"),
    ]
    steps = steps_of(row, events)
    assert [step.status for step in steps] == ["PENDING", "PREPARING", "RUNNING"]
    assert steps[-1].reason == "new"
    lines = [fact[1] for fact in timeline(row, events, now=at(100))]
    assert "10s" in lines[0]
    assert "30s" in lines[1]
    assert "1m0s so far" in lines[2]
    assert lines[-1] == "1m40s"


def test_a_session_that_is_over_has_an_end() -> None:
    row = session("TERMINATED", terminated_at=at(7200).isoformat())
    facts = timeline(row, [], [("PENDING", at(0)), ("RUNNING", at(60))], now=at(90000))
    assert facts[-1][1].startswith("2h")
    assert not any("so far" in fact[1] for fact in facts)


@pytest.mark.parametrize(
    "history",
    [
        '{"RUNNING": "2026-01-02T03:05:00+00:00", "PENDING": "2026-01-02T03:04:00+00:00"}',
        [{"status": "PENDING", "timestamp": "2026-01-02T03:04:00"},
         {"status": "RUNNING", "timestamp": "2026-01-02T03:05:00"}],
    ],
)  # fmt: skip
def test_the_servers_course_is_read_in_both_forms(history: object) -> None:
    more = read({"status_history": history, "dependencies": [{"name": "a", "status": "RUNNING"}]})
    assert [status for status, _ in more.steps] == ["PENDING", "RUNNING"]
    assert more.dependencies == (("a", "RUNNING"),)
    assert read({"status_history": "nonsense", "dependencies": None}).steps == ()


def test_a_chart_is_as_high_as_its_values() -> None:
    assert chart([0, 50, 100], 10, 2, 100) == ["  █", "▁██"]
    assert chart([], 10, 2) == ["", ""]


def test_whose_sessions() -> None:
    me = Identity("K", role="admin", groups=(Group("g1", "vision"),))
    assert scope.Scope("mine").question(me) == {"access_key": "K"}
    assert scope.Scope("group vision").question(me) == {"group_id": "g1"}
    assert scope.Scope("group gone").question(me) == scope.Scope().question(me) == {}
    assert not scope.Scope("mine").may_hold("other", me)
    assert scope.Scope("group vision").crumb(me) == "vision's"
    assert scope.find("vision", me) == "group vision"
    assert scope.find("all", me) == "everybody"
    assert scope.find("nobody", me) is None


def test_several_changes_are_one() -> None:
    model = SessionModel()
    rows = [session("RUNNING"), session("TERMINATED")]
    joined = Change.all_of([Change((rows[0],)), Change((rows[1],)), Change((), ("x",))])
    assert joined.changed == (rows[1],)
    assert joined.removed == ("x",)
    model.reconcile([rows[0].info], 0)
    assert model.find("s") is not None
    model.clear()
    assert model.find("s") is None


async def test_groups_can_be_looked_at(
    config_for: Callable[..., APIConfig], tmp_path: Path
) -> None:
    async with program(config_for(), tmp_path, (120, 40)) as driver:
        await driver.shows("everybody's", "live")
        await driver.press("A")
        await driver.shows("Whose sessions", "mine", "group default")
        await driver.type("group def")
        await driver.press("enter")
        await driver.shows("default's")
        await driver.press("colon", *"whose", "space", *"mine", "enter")
        await driver.shows("▸ mine")


FILLED = {f"stats.{key}": "0" for key in ("min", "max", "sum", "avg", "diff", "rate")}
"""What a server with Prometheus names of every metric, whether it has it or not (26.9.6)."""


def test_a_course_has_a_scale_and_is_short_where_nothing_happened() -> None:
    row = session(
        "RUNNING",
        live_stat={
            "cpu_util": {"current": "10", "pct": "10", "unit_hint": "percent"},
            "mem": {"current": "1024", "capacity": "4096", "unit_hint": "bytes"},
            "cpu_used": {"current": "9870", "unit_hint": "msec"},
            "io_read": {"current": "5", "unit_hint": "bytes", "stats.rate": "2048"},
            "io_write": {"current": "5", "unit_hint": "bytes", "stats.rate": "0"},
        },
    )
    history = {
        "cpu_util": [0.0, 100.0],
        "mem": [0.0, 4096.0],
        "cpu_used": [9870.0, 9870.0],
        "io_read": [0.0, 2048.0],
        "io_write": [0.0, 0.0],
    }
    charts = [fact[1] for fact in usage(row, history, 2.0, width=20, height=2) if not fact[0]]
    assert charts[:4] == [
        "100% ┤ █\n   0 ┤▁█",
        "4Ki ┤ █\n  0 ┤▁█",
        "2Ki/s ┤ █\n    0 ┤▁█",
        "▁▁",
    ]


def test_figures_that_only_fill_are_not_shown() -> None:
    common = {**FILLED, "stats.version": None}
    row = session(
        "RUNNING",
        live_stat={
            "mem": {**common, "current": "1024", "capacity": "4096", "pct": "25.00",
                    "unit_hint": "bytes", "stats.max": "2048"},
            "cpu_used": {**common, "current": "9870", "capacity": str(2**63 - 1), "pct": "0.00",
                         "unit_hint": "msec"},
            "net_rx": {**common, "current": "5", "capacity": "0", "pct": "0",
                       "unit_hint": "bytes", "stats.rate": "5"},
        },
    )  # fmt: skip
    told = {fact[0]: fact[1] for fact in usage(row, {}, 2.0)}
    assert told["mem"].split() == ["1Ki", "of", "4Ki", "25%", "max", "2Ki"]
    assert told["cpu used"].split() == ["9s"]
    assert told["net rx"].split() == ["5", "rate", "5/s"]


def test_the_first_value_measured_is_no_capacity() -> None:
    """As 23.09.10 told them of a session that ran for two minutes."""
    row = session(
        "RUNNING",
        live_stat={
            "cpu_util": {"current": "1.998", "capacity": "1000", "pct": "0.2",
                         "unit_hint": "percent", "stats.max": "1560", "stats.avg": "1374.156"},
            "cpu_used": {"current": "1560", "capacity": "480", "pct": "325", "unit_hint": "msec"},
            "mem": {"current": "124481536", "capacity": "41529344", "pct": "299.74",
                    "unit_hint": "bytes", "stats.max": "124481536"},
        },
    )  # fmt: skip
    told = {fact[0]: fact[1] for fact in usage(row, {}, 2.0)}
    assert told["cpu util"].split()[:3] == ["2%", "of", "1000%"]
    assert told["cpu used"].split() == ["1s"]
    assert told["mem"].split() == ["119Mi", "max", "119Mi"]


def test_options_of_each_container_are_facts() -> None:
    row = session("RUNNING", resource_opts='{"main1": {"shmem": 67108864}, "shmem": "64m"}')
    told = {fact[0]: fact[1] for fact in resources(row)}
    assert told["main1 shmem"] == "64Mi"
    assert told["shmem"] in ("64m", "64Mi")
