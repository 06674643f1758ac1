"""Hands for the administration: to a view, to a row, into a form, through a dialog."""

from __future__ import annotations

import secrets

from bai_tui.widgets.fields import ChoiceField, TextField
from bai_tui.widgets.picker import Picker
from tests.screens.driving import Driver
from tests.waiting import until


def unique(what: str) -> str:
    return f"{what}-{secrets.token_hex(3)}"


async def go(d: Driver, name: str, *texts: str, timeout: float = 15.0) -> None:
    """To a view by its alias."""
    await d.press("colon")
    await d.paste(name, "enter")
    await d.shows(*texts, timeout=timeout)


async def only(d: Driver, name: str) -> None:
    """Filter so that one row is left, and the cursor on it."""
    await d.press("slash")
    await d.paste(name, "enter")
    await d.shows(f"▸ {name}"[:22])


async def confirm(d: Driver, typed: str) -> None:
    """Type what the dialog asks for."""
    await d.shows("to go on:")
    await d.paste(typed, "enter")


async def answer(d: Driver, question: str, text: str) -> None:
    """Type into the prompt once it is there."""
    await d.shows(question)
    await d.paste(text, "enter")


async def pick(d: Driver, title: str, text: str) -> None:
    """Choose from a list."""
    await d.shows(title)
    await d.paste(text, "enter")


async def fill(d: Driver, **values: str) -> None:
    """Type into text fields of the form."""
    for key, value in values.items():
        field = d.app.screen.query_one(f"#{key}", TextField)
        field.focus()
        await until(lambda field=field: field.has_focus)  # type: ignore[misc]
        await d.paste(value)


async def choose(d: Driver, **values: str) -> None:
    """Choose from the lists of the form."""
    for key, value in values.items():
        field = d.app.screen.query_one(f"#{key}", ChoiceField)
        # The server tells them while the form is open.
        await until(lambda: any(value in (c.value, c.label) for c in field.choices))  # noqa: B023
        field.focus()
        await until(lambda field=field: field.has_focus)  # type: ignore[misc]
        await d.press("enter")
        await until(lambda: isinstance(d.app.screen, Picker))
        await d.paste(value, "enter")
        await until(lambda field=field, value=value: field.value == value)  # type: ignore[misc]
