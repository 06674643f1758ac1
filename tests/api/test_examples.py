"""The examples in the docstrings of the package do what they say, against the local cluster."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import doctest
import importlib
import inspect
import io
import pkgutil
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

import bai_tui.api
from bai_tui.api import AsyncSession
from tests.conftest import ThreadedCluster


def documented() -> list[tuple[str, str]]:
    """Name and docstring of everything in the package that shows an example."""
    found: dict[str, str] = {}
    for info in pkgutil.walk_packages(bai_tui.api.__path__, "bai_tui.api."):
        if info.name.endswith(".sync"):
            continue  # derived from the others
        module = importlib.import_module(info.name)
        for name, thing in vars(module).items():
            if getattr(thing, "__module__", None) != info.name:
                continue
            parts = {name: thing}
            if inspect.isclass(thing):
                parts |= {
                    f"{name}.{key}": value
                    for key, value in vars(thing).items()
                    if isinstance(value, FunctionType)
                }
            for key, part in parts.items():
                text = inspect.getdoc(part) or ""
                if ">>> " in text:
                    found[f"{info.name}.{key}"] = text
    return sorted(found.items())


EXAMPLES = documented()
MODULES = sorted(
    (info.name for info in pkgutil.walk_packages(bai_tui.api.__path__, "bai_tui.api.")),
    key=len,
    reverse=True,
)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
async def test_example(
    name: str,
    text: str,
    cluster: ThreadedCluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    config = cluster.config_for("user")
    checker = doctest.OutputChecker()
    async with AsyncSession(config=config) as session:
        module = next(m for m in MODULES if name.startswith(f"{m}."))
        names: dict[str, Any] = {
            **vars(importlib.import_module(module)),
            "session": session,
            "config": config,
            "asyncio": asyncio,
            "Path": Path,
            **{key: getattr(bai_tui.api, key) for key in bai_tui.api.__all__},
        }
        for example in doctest.DocTestParser().get_examples(text, name):
            code = compile(example.source, name, "single", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                result = eval(code, names)
                if inspect.isawaitable(result):
                    await result
            assert checker.check_output(example.want, printed.getvalue(), 0), (
                f"{example.source}expected {example.want}got {printed.getvalue()}"
            )
