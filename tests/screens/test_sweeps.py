"""Parameter studies through the program: planned, started, looked into, stopped, collected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from bai_tui.screens.sweeps.columns import widths_of
from tests.screens.driving import program

if TYPE_CHECKING:
    from bai_tui.api import APIConfig

Config: TypeAlias = "Callable[..., APIConfig]"


def test_values_have_the_room_they_need() -> None:
    ranges = ("lr=linspace:0.1,1,8", "o=case:a,한국어", "much_longer=case:1")
    assert widths_of(ranges) == {"lr": 14, "o": 6, "much_longer": 13}


def found(folder: Path, pattern: str) -> list[Path]:
    return list(folder.glob(pattern))


async def test_a_sweep_is_planned_run_and_collected(
    config_for: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with program(config_for("user"), tmp_path) as d:
        await d.shows("sessions", "live")
        await d.press("0")
        await d.shows("No sweeps")
        await d.press("n")
        await d.shows("Command", "Ranges")
        await d.type("echo value-$v; exit $x")
        await d.shows("no range for $v")
        await d.press("tab")
        await d.type("v=case:é한,b x=case:0,2")
        await d.shows("4 cases", "echo value-é한; exit 2")
        await d.press("enter")
        await d.shows("2 failed", "2 done", "value-é한", "value-b", timeout=40)
        await d.press("G", "l")
        await d.shows("value-b", "bai-tui: exit status 2")
        await d.press("escape", "f")
        await d.shows("4 outputs and the table of 4 cases")
        assert "value-b" in found(tmp_path, "sweep-*-*/0004.log")[0].read_text()
        await d.press("escape")
        await d.shows("failed", "4/4")
        await d.press("ctrl+x")
        await d.shows("Delete the sweep?")
        await d.press("y")
        await d.shows("No sweeps")


async def test_a_sweep_is_stopped_and_found_again_by_the_next_program(
    config_for: Config, tmp_path: Path
) -> None:
    config = config_for("user")
    async with program(config, tmp_path) as d:
        await d.shows("sessions", "live")
        await d.press("0", "n")
        await d.shows("Command", "Ranges")
        await d.type("sleep 60")
        await d.press("tab")
        await d.type("n=range:0,9")
        await d.shows("9 cases")
        await d.press("enter")
        await d.shows("4 running", "5 waiting", timeout=40)
    async with program(config, tmp_path, (80, 24)) as d:
        await d.shows("sessions", "live")
        await d.press("0")
        await d.shows("interrupted", "0/9")
        await d.press("s")
        await d.shows("running")
        await d.press("ctrl+d")
        await d.shows("5 waiting cases are not sent, 4 that are queued or run are")
        await d.press("y")
        await d.shows("finished", "9/9", timeout=40)
        await d.press("enter")
        await d.shows("9 stopped")


async def test_what_failed_is_run_again(config_for: Config, tmp_path: Path) -> None:
    """All that failed, one of them alone, and the whole plan."""
    async with program(config_for("user"), tmp_path) as d:
        await d.shows("sessions", "live")
        await d.press("0")
        await d.shows("No sweeps")
        await d.press("n")
        await d.shows("Command", "Ranges")
        await d.type("exit $x")
        await d.press("tab")
        await d.type("x=case:0,3")
        await d.shows("2 cases")
        await d.press("enter")
        await d.shows("1 failed", "1 done", timeout=40)
        await d.press("escape", "R")
        await d.shows("1 case runs again")
        await d.press("enter")
        await d.shows("1 failed", "1 done", timeout=40)
        await d.press("slash", *"failed", "enter", "r")
        await d.shows("1 case runs again")
        await d.press("escape")
        await d.shows("1 failed", "1 done", timeout=40)
        await d.press("N")
        await d.shows("new sweep", "exit $x", "x=case:0,3")
        await d.press("ctrl+g")
        await d.shows("1 failed", "1 done", timeout=40)
    assert len(found(tmp_path, "sweeps/*.sweep")) == 2


async def test_read_only_mode_plans_nothing(config_for: Config, tmp_path: Path) -> None:
    async with program(config_for("user"), tmp_path, read_only=True) as d:
        await d.shows("sessions", "live")
        await d.press("0")
        await d.shows("No sweeps")
        await d.press("n")
        await d.shows("read-only mode")
        assert not found(tmp_path, "sweeps/*")
