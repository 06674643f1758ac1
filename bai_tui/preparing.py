"""What is loaded while the first view is looked at, so that the keys to others need not wait."""

from __future__ import annotations

import asyncio
import pkgutil
from contextlib import suppress
from importlib import import_module
from inspect import getfile
from pathlib import Path
from types import ModuleType
from typing import Final

from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

from bai_tui.widgets.code import spans

AFTER: Final = 1.0
"""Seconds for the first view to settle."""
PAUSE: Final = 0.03
"""Seconds between two modules."""
LAST: Final = ("textual.command", "graphql")
"""What is imported by views only when it is used, and takes long."""
LANGUAGES: Final = ("python", "graphql")
"""Those that views show in colours at once."""


async def prepare(styles: Stylesheet) -> None:
    """Import the modules of all views, and parse the styles they bring."""
    await asyncio.sleep(AFTER)
    screens = import_module("bai_tui.screens")
    for found in pkgutil.walk_packages(screens.__path__, f"{screens.__name__}."):
        await _load(found.name, styles)
    for name in LAST:
        await _load(name, styles)
    for language in LANGUAGES:
        await asyncio.sleep(PAUSE)
        await asyncio.to_thread(spans, "{}", language)


async def _load(name: str, styles: Stylesheet) -> None:
    await asyncio.sleep(PAUSE)
    # What cannot be loaded says so when it is asked for.
    with suppress(Exception):
        module = await asyncio.to_thread(import_module, name)
        learn(module, styles)


def learn(module: ModuleType, styles: Stylesheet) -> None:
    """Parse the styles of a module's widgets and screens, as Textual does when it first sees one.

    They come to nothing until there is such a widget.
    """
    for kind in vars(module).values():
        if isinstance(kind, type) and issubclass(kind, DOMNode) and "." in kind.__module__:
            _learn_defaults(kind, styles)
            _learn_files(kind, styles)
    assert styles.rules is not None  # parsed here and now


def _learn_defaults(kind: type[DOMNode], styles: Stylesheet) -> None:
    for depth, base in enumerate(kind._css_bases(kind)):
        css = vars(base).get("DEFAULT_CSS", "")
        if css:
            styles.add_source(
                css,
                read_from=(getfile(base), f"{base.__name__}.DEFAULT_CSS"),
                is_default_css=True,
                tie_breaker=-depth,
                scope=base._css_type_name if vars(base).get("SCOPED_CSS", True) else "",
            )


def _learn_files(kind: type[DOMNode], styles: Stylesheet) -> None:
    paths = vars(kind).get("CSS_PATH") or ()
    for path in (paths,) if isinstance(paths, str | Path) else paths:
        file = (Path(getfile(kind)).parent / path).resolve()
        if not styles.has_source(str(file)):
            styles.read(file)
