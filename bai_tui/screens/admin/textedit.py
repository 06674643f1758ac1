"""Editing a row as text: write it, let the editor run, show the difference, send what changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from bai_tui.diagnosis import explain
from bai_tui.screens.admin.resource import Call, Calls, Item, Resource, Submit
from bai_tui.screens.admin.text import TextError, difference, read_text, with_problems, write_text
from bai_tui.screens.editor import edit_text, editor_command
from bai_tui.screens.view import View
from bai_tui.widgets.review import AGAIN, SEND, Review

C = TypeVar("C", Call, Calls)


async def edit_as_text(view: View, resource: Resource, item: Item, submit: Submit) -> None:
    """Edit the fields of a row as TOML; only what changed is sent."""
    fields = [field for field in resource.fields if field.within(True) and not field.secret]
    old = {field.key: field.current(item) for field in fields}
    name = resource.title(item)
    text = write_text(f"{resource.one} {name}", fields, old)

    def read(edited: str) -> Mapping[str, Any]:
        values = read_text(edited, fields)
        stay = {f.key: f.stays(old[f.key], values[f.key]) for f in fields if f.key in values}
        if problems := [f"{key}: {reason}" for key, reason in stay.items() if reason]:
            raise TextError(problems)
        return {key: value for key, value in values.items() if value != old[key]}

    def call(changes: Mapping[str, Any]) -> Call:
        assert resource.update is not None
        return resource.update(item, changes)

    await edit_and_send(
        view,
        text,
        f"{resource.one} {name}",
        f"{resource.one}.toml",
        read,
        call,
        lambda call: submit(call, item),
    )


async def edit_and_send(
    view: View,
    text: str,
    title: str,
    file_name: str,
    read: Callable[[str], Mapping[str, Any]],
    call: Callable[[Mapping[str, Any]], C],
    submit: Callable[[C], Awaitable[None]],
    kept: Callable[[str], str] = lambda text: text,
) -> None:
    """Until it is sent or given up: edit, read, show the difference, send.

    Nothing typed is lost: a text that cannot be used, or is refused, can be edited again.

    Args:
        read: the changes in an edited text; raises TextError. call: what they are sent as.
        kept: a text as it may be shown and stay in the messages: without secrets.
    """
    if not editor_command():
        view.flash("there is no editor: set EDITOR, for example to nano or vim", "warning")
        return
    first, edited = text, text
    while True:
        answer = await edit_text(view, edited, title, file_name.replace(" ", "-"))
        if answer is None:
            view.flash(f"{title}: given up, nothing was sent")
            return
        edited = answer
        try:
            changes = read(edited)
        except TextError as error:
            lines = [f"- {problem}" for problem in error.problems]
            chosen = await ask(view, Review(f"{title}: cannot be used", lines, usable=False))
            if chosen != AGAIN:
                view.flash(f"{title}: given up, nothing was sent", "warning", kept(edited))
                return
            edited = with_problems(edited, error.problems)
            continue
        if not changes:
            view.flash(f"{title}: nothing is changed")
            return
        lines = kept("\n".join(difference(first, edited))).split("\n")
        if await _send(view, title, lines, call(changes), submit, kept(edited)):
            return


async def _send(
    view: View,
    title: str,
    lines: list[str],
    call: C,
    submit: Callable[[C], Awaitable[None]],
    edited: str,
) -> bool:
    """Show and send; False when it is to be edited again."""
    trouble = ""
    while True:
        chosen = await ask(view, Review(title, lines, trouble=trouble, code=call.code()))
        if chosen == AGAIN:
            return False
        if chosen != SEND:
            view.flash(f"{title}: given up, nothing was sent", "info", edited)
            return True
        try:
            await submit(call)
        except Exception as error:
            view.connection.suspect(error)
            trouble = f"✗ {explain(error).line}"
        else:
            return True


async def ask(view: View, review: Review) -> str:
    """The answer to a review."""
    import asyncio

    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def answered(chosen: str | None) -> None:
        if not answer.done():
            answer.set_result(chosen or "")

    await view.app.push_screen(review, answered)
    return await answer
