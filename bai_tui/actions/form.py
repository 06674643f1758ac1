"""Actions of forms."""

from __future__ import annotations

from typing import Final

from bai_tui.actions.model import Action

ACTIONS: Final[tuple[Action, ...]] = (
    Action("form.submit", ("ctrl+g",), "go", "Check the form and send it.", "Form", "form",
           mutating=True, hint=10, priority=True),
    Action("form.copy", ("ctrl+y",), "copy code", "Copy the equal Python call.", "Form", "form",
           hint=20, priority=True),
    Action("form.template", ("ctrl+t",), "keep template",
           "Keep the fields as a template on this machine.", "Form", "template", ("template",),
           argument="NAME", hint=25, priority=True),
    Action("form.share", (), "share template", "Keep the fields as a template on the server.",
           "Form", "template", ("template-share",), argument="NAME", mutating=True),
    Action("form.forget", (), "forget template", "Remove the template that is chosen, or named.",
           "Form", "template", ("template-forget",), argument="NAME"),
    Action("form.cancel", ("escape",), "cancel", "Close the form; nothing is sent.", "Form",
           "form", hint=30),
)  # fmt: skip
