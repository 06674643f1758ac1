"""The page of compatibility is made of the tables."""

from __future__ import annotations

from pathlib import Path

from tools import gen_compatibility


def test_the_page_is_current() -> None:
    page = Path(gen_compatibility.TARGET).read_text("utf-8")
    assert page == gen_compatibility.page(), "run python -m tools.gen_compatibility"


def test_a_release_is_said_to_lack_what_its_table_lacks() -> None:
    run = gen_compatibility.Run(
        "22.09.23",
        "v6.20221201",
        "2026-11-26",
        {"VFolder.restore": "passed", "Kernel.commit": "passed", "Kernel.match": "failed"},
    )
    assert run.result("VFolder.restore") == "not offered"
    assert run.result("UserResourcePolicy.list") == "not offered"
    assert run.result("Kernel.commit") == "works"
    assert run.result("Kernel.match") == "fails"
    assert run.result("Kernel.execute") == "not tried"
