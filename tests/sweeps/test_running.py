"""Sweeps on the local cluster: real batch sessions, killed programs, killed servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bai_tui.api import AsyncSession
from bai_tui.sweeps import runner
from bai_tui.sweeps.case import OVER, State
from bai_tui.sweeps.manager import Sweeps
from bai_tui.sweeps.output import gather
from bai_tui.sweeps.spec import SweepError, SweepSpec
from bai_tui.sweeps.sweep import Sweep
from tests.conftest import ThreadedCluster
from tests.sweeps.link import PlainLink
from tests.waiting import until


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """No events reach these runners, so they look more often."""
    monkeypatch.setattr(runner, "INTERVAL", 0.2)
    monkeypatch.setattr(runner, "SOON", 0.0)


def spec(name: str, command: str, *ranges: str, **options: object) -> SweepSpec:
    return SweepSpec(
        name,
        "python",
        command,
        ranges,
        resources={"cpu": "1", "mem": "128m"},
        **options,  # type: ignore[arg-type]
    )


@asynccontextmanager
async def managed(
    cluster: ThreadedCluster, directory: Path
) -> AsyncIterator[tuple[Sweeps, PlainLink]]:
    async with AsyncSession(config=cluster.config_for("user")) as session:
        link = PlainLink(session)
        sweeps = Sweeps(directory, lambda: link)
        await sweeps.load()
        try:
            yield sweeps, link
        finally:
            await sweeps.close()


def whose(cluster: ThreadedCluster) -> str:
    return cluster.credentials["user"].access_key


async def over(sweep: Sweep, timeout: float = 60) -> None:
    await until(lambda: sweep.count(OVER) == len(sweep.cases), f"{sweep.counts}", timeout)


async def test_every_case_has_its_values_its_output_and_its_exit_status(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    wanted = spec("exits", "echo n=$n of $$BAI_CASE; exit $n",
                  "n=case:0,3", environ={"X": "x$n"})  # fmt: skip
    async with managed(cluster, tmp_path) as (sweeps, _):
        sweep = await sweeps.begin(wanted, "test", whose(cluster))
        await over(sweep)
        await until(lambda: not sweeps.runs(sweep), "the runner to end")
        good, bad = sweep.cases
        assert (good.state, good.exit_code, good.last_line) == (State.DONE, 0, "n=0 of 0001")
        assert (bad.state, bad.exit_code, bad.last_line) == (State.FAILED, 3, "n=3 of 0002")
        assert gather(sweep, tmp_path / "out") == 2
        assert "n=3 of 0002" in (tmp_path / "out" / "0002.log").read_text()
        assert "exit_code" in (tmp_path / "out" / "cases.csv").read_text()


async def test_files_named_are_collected_before_the_session_ends(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    wanted = spec("files", "mkdir out; echo $n > out/n.txt", "n=range:1,3", outputs=("out",))
    async with managed(cluster, tmp_path) as (sweeps, _):
        sweep = await sweeps.begin(wanted, "test", whose(cluster))
        await over(sweep)
        gather(sweep, tmp_path / "all")
        assert (tmp_path / "all" / "0002" / "out" / "n.txt").read_text() == "2\n"


async def test_a_refused_case_says_why_and_the_rest_is_held_back(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    wanted = SweepSpec("toobig", "python", "true", ("n=range:0,20",), resources={"mem": "1m"})
    async with managed(cluster, tmp_path) as (sweeps, _):
        sweep = await sweeps.begin(wanted, "test", whose(cluster))
        await until(lambda: not sweeps.runs(sweep), "the runner to give up")
        assert sweep.counts[State.WAITING] > 10
        assert sweep.counts[State.FAILED] >= 3
        assert "refus" in sweep.hold
        assert "minimum" in sweep.cases[0].note


async def test_stopping_ends_what_runs_and_retrying_runs_it_again(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    flag = tmp_path / "go"
    wanted = spec("stop", f"while [ ! -e {flag} ]; do sleep 0.1; done", "n=range:0,3",
                  concurrency=2)  # fmt: skip
    async with managed(cluster, tmp_path) as (sweeps, _):
        sweep = await sweeps.begin(wanted, "test", whose(cluster))
        await until(lambda: sweep.counts[State.RUNNING] == 2, "two cases to run")
        sweeps.stop(sweep)
        await over(sweep)
        assert sweep.counts[State.STOPPED] == 3
        assert len(await sessions(cluster, sweep, alive=True)) == 0
        flag.touch()
        await until(lambda: not sweeps.runs(sweep), "the runner to end")
        assert sweeps.retry(sweep, sweep.cases, whose(cluster)) == 3
        await over(sweep)
        assert sweep.counts[State.DONE] == 3
        assert [case.session[-3:] for case in sweep.cases] == ["-r2"] * 3


async def sessions(cluster: ThreadedCluster, sweep: Sweep, *, alive: bool = False) -> list[str]:
    """Names of the sweep's sessions, as the server knows them."""
    async with AsyncSession(config=cluster.config_for("user")) as session:
        found = await session.Kernel.list()
        if not alive:
            found += await session.Kernel.list(status="TERMINATED,CANCELLED")
        return [info.name for info in found if info.name.startswith(sweep.id)]


async def test_a_program_that_was_killed_goes_on_and_runs_nothing_twice(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    count = 16
    wanted = spec("again", f"echo run >> {tmp_path}/ran-$n", f"n=range:0,{count}", concurrency=6)
    async with managed(cluster, tmp_path) as (sweeps, _):
        sweep = await sweeps.begin(wanted, "test", whose(cluster))
        await until(lambda: sweep.counts[State.DONE] >= 4, "some cases to end", 40)
        finished = {case.number for case in sweep.cases if case.state is State.DONE}
    # The runner is gone in the middle; a line that was being written when it died is cut off.
    with sweep.journal.path.open("a") as file:
        file.write('{"case": 9, "sta')
    async with managed(cluster, tmp_path) as (sweeps, _):
        (sweep,) = sweeps.sweeps.values()
        assert sweep.unfinished
        assert finished <= {case.number for case in sweep.cases if case.state is State.DONE}
        sweeps.resume(sweep, whose(cluster))
        await over(sweep)
        assert sweep.counts[State.DONE] == count
    assert all((tmp_path / f"ran-{n}").read_text() == "run\n" for n in range(count))
    assert len(await sessions(cluster, sweep)) == count


async def test_a_lost_connection_costs_nothing_but_time(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    wanted = spec("network", "true", "n=range:0,6", concurrency=2)
    async with managed(cluster, tmp_path) as (sweeps, link):
        # The first creations are carried out, and the answers are lost.
        cluster.faults.change(drop_after=True, paths="create", times=2)
        sweep = await sweeps.begin(wanted, "test", whose(cluster))
        await until(lambda: len(link.suspected) == 2, "two answers to be lost")
        cluster.faults.change(drop=True, drop_after=False, paths="", times=None)
        await until(lambda: len(link.suspected) > 3, "the connection to be suspected")
        assert not sweep.over
        cluster.faults.clear()
        await over(sweep)
        assert sweep.counts[State.DONE] == 6
        assert len(await sessions(cluster, sweep)) == 6


async def test_a_server_that_ended_fails_what_ran_on_it_and_that_alone(tmp_path: Path) -> None:
    first = ThreadedCluster(tmp_path / "state")
    first.start()
    port = int(first.endpoint.rpartition(":")[2])
    flag = tmp_path / "go"
    wanted = spec("server", f"[ $n = 0 ] || while [ ! -e {flag} ]; do sleep 0.1; done",
                  "n=range:0,4", concurrency=2)  # fmt: skip
    async with managed(first, tmp_path / "sweeps") as (sweeps, _):
        sweep = await sweeps.begin(wanted, "test", whose(first))
        await until(lambda: sweep.counts[State.DONE] and sweep.counts[State.RUNNING] == 2, "", 40)
        await asyncio.to_thread(first.stop)
        flag.touch()
        second = ThreadedCluster(tmp_path / "state", port=port)
        second.start()
        try:
            await over(sweep)
            lost = [case for case in sweep.cases if case.state is State.FAILED]
            assert len(lost) == 2
            assert all(case.note for case in lost)
            await until(lambda: not sweeps.runs(sweep), "the runner to end")
            sweeps.retry(sweep, lost, whose(second))
            await over(sweep)
            assert sweep.counts[State.DONE] == 4
            assert [case.attempt for case in sweep.cases].count(1) == 2
        finally:
            await asyncio.to_thread(second.stop)


async def test_a_sweep_of_another_cluster_is_not_touched(
    cluster: ThreadedCluster, tmp_path: Path
) -> None:
    async with managed(cluster, tmp_path) as (sweeps, _):
        sweep = Sweep.new(spec("other", "true"), tmp_path, "elsewhere", "KEY")
        with pytest.raises(SweepError, match="elsewhere"):
            sweeps.resume(sweep, whose(cluster))
        sweep.journal.close()
