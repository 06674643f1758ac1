"""Every changing action is done by some test; a new one needs one, too."""

from __future__ import annotations

import ast
from pathlib import Path

from bai_tui import actions
from tests.flows import FLOWS

ROOT = Path(__file__).parents[2]


def test_every_changing_action_has_a_flow() -> None:
    done = {a for tests in FLOWS.values() for names in tests.values() for a in names.split()}
    assert done == {action.id for action in actions.ACTIONS if action.mutating}


def test_the_flows_are_there() -> None:
    for path, tests in FLOWS.items():
        module = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        there = {node.name for node in module.body if isinstance(node, ast.AsyncFunctionDef)}
        assert set(tests) <= there, path
