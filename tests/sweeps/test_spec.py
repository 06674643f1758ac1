"""What a sweep is made of, and how it is kept: no server needed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bai_tui.sweeps.case import Case, State
from bai_tui.sweeps.spec import (
    SweepError,
    SweepSpec,
    exit_status,
    last_line,
    session_command,
)
from bai_tui.sweeps.sweep import Sweep


def test_cases_are_the_product_the_last_range_fastest() -> None:
    spec = SweepSpec("ab", "python", "run $a $b $$HOME", ("a=case:x,y", "b=range:1,3"),
                     environ={"B": "b$b"})  # fmt: skip
    assert spec.count == 4
    assert [c.command for c in spec.combinations()] == [
        "run x 1 $HOME", "run x 2 $HOME", "run y 1 $HOME", "run y 2 $HOME"
    ]  # fmt: skip
    assert spec.combinations(1)[0].environ == {"B": "b1"}


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": "a b"}, "name", "2 to 40"),
        ({"image": ""}, "image", "choose"),
        ({"command": " "}, "command", "needs"),
        ({"command": "run $c"}, "command", "no range for $c"),
        ({"environ": {"A": "$zz"}}, "environ", "no range for $zz"),
        ({"ranges": ("a=between:1,2",)}, "ranges", "expected"),
        ({"ranges": ("a=range:0,200", "b=range:0,200")}, "ranges", "40,000"),
        ({"ranges": ("a=range:0,2", "a=range:0,2")}, "ranges", "two ranges"),
        ({"concurrency": 0}, "concurrency", "between"),
        ({"outputs": ("../etc",)}, "outputs", "inside"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(
    changes: dict[str, object], field: str, words: str
) -> None:
    fields: dict[str, object] = {
        "name": "good", "image": "python", "command": "run", "ranges": ("a=range:0,2",)
    }  # fmt: skip
    assert SweepSpec(**fields).check() == {}  # type: ignore[arg-type]
    wrong = SweepSpec(**(fields | changes)).check()  # type: ignore[arg-type]
    assert words in wrong[field]


def test_the_exit_status_is_read_from_the_last_line_only() -> None:
    assert exit_status("hello\nbai-tui: exit status 3\n") == 3
    assert exit_status("bai-tui: exit status 3\nhello\n") is None
    assert exit_status("") is None
    assert exit_status("bai-tui: exit status ") is None
    assert last_line("a\n 10%\r 20%\r\n\nbai-tui: exit status 0\n") == "20%"


@given(st.text(max_size=200))
def test_any_log_can_be_read(text: str) -> None:
    code = exit_status(text)
    assert code is None or code >= 0
    assert "\n" not in last_line(text)


@pytest.mark.parametrize(
    ("command", "status"),
    [("true", 0), ("exit 4", 4), ("echo hi # exit 9", 0), ("false; exit", 1)],
)
def test_the_command_of_a_session_tells_its_exit_status(command: str, status: int) -> None:
    done = subprocess.run(
        ["sh", "-c", session_command(command, wait=False)], capture_output=True, text=True
    )
    assert exit_status(done.stdout) == done.returncode == status


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(max_examples=60)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["case", "state", "attempt", "note", "active", "x"]), JSON)
        | JSON,
        max_size=6,
    ),
    st.binary(max_size=30),
)
def test_a_damaged_journal_loses_no_more_than_what_is_damaged(
    tmp_path_factory: pytest.TempPathFactory, records: list[object], rubbish: bytes
) -> None:
    directory = tmp_path_factory.mktemp("journal")
    spec = SweepSpec("good", "python", "run $a", ("a=range:0,3",))
    sweep = Sweep.new(spec, directory, "test", "KEY")
    sweep.change(sweep.cases[1], State.DONE, exit_code=0)
    sweep.journal.close()
    with sweep.journal.path.open("ab") as file:
        for record in records:
            file.write(json.dumps(record).encode() + b"\n")
        file.write(rubbish)
    again = Sweep.load(sweep.journal.path)
    assert again.spec == spec
    assert len(again.cases) == 3
    assert all(isinstance(case, Case) for case in again.cases)
    again.change(again.cases[2], State.FAILED, note="끝")
    again.journal.close()
    third = Sweep.load(sweep.journal.path).cases[2]
    assert (third.state, third.note) == (State.FAILED, "끝")


def test_a_file_that_is_no_sweep_is_refused(tmp_path: Path) -> None:
    for number, text in enumerate(("", "[]\n", "{}\n", '{"id": "a", "spec": {}}\n')):
        path = tmp_path / f"x{number}.sweep"
        path.write_text(text)
        with pytest.raises(SweepError):
            Sweep.load(path)


def test_only_the_user_may_read_a_journal(tmp_path: Path) -> None:
    spec = SweepSpec("good", "python", "run", environ={"TOKEN": "secret"})
    sweep = Sweep.new(spec, tmp_path, "test", "KEY")
    sweep.journal.close()
    assert sweep.journal.path.stat().st_mode & 0o077 == 0
