"""What one does with a session on later servers: write its container to a file, rename it."""

from __future__ import annotations

import re
from typing import Any

from bai_tui.screens.view import View
from bai_tui.widgets.ask import Ask


def commit(view: View, name: str, owner: str | None) -> None:
    """Ask for the name of the file, then begin it; the server goes on in the background."""

    async def begin(file: str) -> None:
        answer: dict[str, Any] = await view.connection.write(
            lambda session: session.Kernel(name, owner).commit(file or None)
        )
        task, path = answer.get("bgtask_id"), answer.get("path")
        where = f" to {path}" if path else ""
        if task:
            view.host.tasks.follow("commit", f"commit {name}{where}", str(task))
        view.flash(f"committing {name}{where}; :tasks shows how far it is")

    def answered(file: str | None) -> None:
        if file is not None:
            view.attempt(begin(file), "commit")

    dialog = Ask(
        f"Commit {name}",
        "Its container is written to a file on the server; programs in it go on.",
        verb="Commit",
        placeholder="name of the file; empty: the server's choice",
        check=lambda file: "" if re.fullmatch(r"[\w.-]*", file) else "letters, digits, . _ -",
    )
    view.app.push_screen(dialog, answered)


def rename(view: View, old: str, owner: str | None, new: str = "") -> None:
    """Ask for the new name unless it is given already."""

    async def send(name: str) -> None:
        await view.connection.write(lambda session: session.Kernel(old, owner).rename(name))
        view.flash(f"{old} is {name} now", "success")
        view.reload()

    def answered(name: str | None) -> None:
        if name:
            view.attempt(send(name), "rename")

    if new:
        answered(new)
        return

    def check(name: str) -> str:
        return "this is its name" if name == old else name_problem(name)

    text = "Events, terminals and ports that are open keep the old name."
    view.app.push_screen(Ask(f"Rename {old}", text, old, verb="Rename", check=check), answered)


def name_problem(name: str) -> str:
    """What is wrong with the name of a session; empty when nothing is."""
    if re.fullmatch(r"[A-Za-z0-9][\w-]{2,62}[A-Za-z0-9]", name, re.ASCII):
        return ""
    return "4 to 64 letters, digits, _ - ; a letter or digit first and last"
