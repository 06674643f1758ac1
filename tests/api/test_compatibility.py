"""The page of compatibility is made of the tables."""

from __future__ import annotations

from pathlib import Path

from tools import gen_compatibility


def test_the_page_is_current() -> None:
    page = Path(gen_compatibility.TARGET).read_text("utf-8")
    assert page == gen_compatibility.page(), "run python -m tools.gen_compatibility"
