"""The form of any resource: checked as one types, the equal API call beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from bai_tui.diagnosis import explain
from bai_tui.screens.admin.kinds import Integer, Names
from bai_tui.screens.admin.resource import Call, Field, Item, Resource, Submit
from bai_tui.screens.forms import FormView
from bai_tui.widgets.fields import ChoiceField, FormRow, TextField
from bai_tui.widgets.picker import Choice
from bai_tui.widgets.text import printable_lines


class ResourceForm(FormView):
    """Stays open until the server has taken what it says, so that nothing typed is lost.

    Args:
        resource: what is created or edited.
        item: the row to edit; None creates one.
        submit: sends the call.
        preset: values of a new one that are known already.
    """

    CSS_PATH = "../../assets/admin.tcss"
    CRUMB = "form"

    def __init__(
        self,
        resource: Resource,
        item: Item | None,
        submit: Submit,
        preset: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self._resource = resource
        self._item = item
        self._submit = submit
        self.fields = [field for field in resource.fields if field.within(item is not None)]
        self._old = {
            field.key: field.current(item)
            if item is not None
            else (preset or {}).get(field.key, field.default)
            for field in self.fields
        }
        self._sending = False
        self._code = ""
        self.answer: Any = None
        """What the server answered, once it has taken the form."""

    @property
    def editing(self) -> bool:
        """Whether a row is edited, and not a new one made."""
        return self._item is not None

    def crumbs(self) -> list[str]:
        """What is edited."""
        name = self._resource.title(self._item) if self._item else f"new {self._resource.one}"
        return [*super().crumbs()[:-1], name]

    def compose_body(self) -> ComposeResult:
        """Fields on the left, the call on the right (or below)."""
        with Horizontal(id="form"):
            with VerticalScroll(id="fields", can_focus=False):
                for field in self.fields:
                    yield FormRow(field.label, self._widget(field), id=f"row-{field.key}")
                yield from self.buttons("Save" if self.editing else "Create")
                yield Static(id="trouble", markup=False)
            with Vertical(id="preview"):
                yield Static("the same in Python  (ctrl+y copies it)", id="preview-title")
                yield Static(id="code", markup=False)

    def _widget(self, field: Field) -> Widget:
        if field.chosen:
            return ChoiceField(field.label.strip(), several=field.several, id=field.key)
        shown = "" if field.secret else field.kind.show(self._old[field.key])
        line = TextField(shown, id=field.key)
        line.password = field.secret
        if field.secret and self.editing:
            line.placeholder = "unchanged"
        return line

    def setup(self) -> None:
        """What is chosen now can be seen at once; the other choices are asked for."""
        for field in self.fields:
            if field.chosen:
                now = self._texts(field, self._old[field.key])
                known = list(field.choices) or [Choice(text, text) for text in now]
                self.choice(field.key).offer(known, now)
        self.check()
        self.focus_body()
        self.reload()

    def focus_body(self) -> None:
        """What has to be typed first, else the first field."""
        wanted = (f for f in self.fields if f.required and not f.chosen and not self._old[f.key])
        first = self.fields[0] if self.editing else next(wanted, self.fields[0])
        self.query_one(f"#{first.key}").focus()

    def reload(self) -> None:
        """Ask for what can be chosen."""
        self.in_background(self._offer, "offer")

    async def _offer(self) -> None:
        identity = self.connection.identity
        asked = [field for field in self.fields if field.offer is not None]
        if identity is None or not self.connection.ready:
            return
        session = self.connection.session
        answers = await asyncio.gather(
            *(field.offer(session, identity) for field in asked if field.offer is not None),
            return_exceptions=True,
        )
        for field, answer in zip(asked, answers, strict=True):
            widget = self.choice(field.key)
            now = list(widget.values) or self._texts(field, self._old[field.key])
            if isinstance(answer, BaseException):
                self.connection.suspect(answer)
                self.flash(f"{field.label.strip()}: {explain(answer).line}", "warning")
                continue
            known = {choice.value for choice in answer}
            gone = [Choice(v, v, "not on the server") for v in now if v and v not in known]
            keep = gone if self.editing else []
            optional = [] if field.required or field.several else [Choice("", "none")]
            widget.offer([*optional, *answer, *keep], now)
            if field.required and not widget.values and answer and not self.editing:
                widget.offer(list(answer), [answer[0].value])
        self.check()

    def _texts(self, field: Field, value: Any) -> list[str]:
        if isinstance(field.kind, Names):
            return list(value or ())
        shown = field.kind.show(value)
        return [shown] if shown else []

    # Checking.

    def read(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Values by field, and what is wrong by field; a wrong value is the text typed."""
        values: dict[str, Any] = {}
        wrong: dict[str, str] = {}
        for field in self.fields:
            try:
                values[field.key] = self._value(field)
            except ValueError as error:
                values[field.key] = self.line(field.key).value
                wrong[field.key] = str(error)
                continue
            secret_kept = field.secret and self.editing and not values[field.key]
            reason = "" if secret_kept else field.problem(values[field.key])
            if self.editing and not reason:
                reason = field.stays(self._old[field.key], values[field.key])
            if reason:
                wrong[field.key] = reason
        return values, wrong

    def _value(self, field: Field) -> Any:
        if field.chosen:
            widget = self.choice(field.key)
            if isinstance(field.kind, Names):
                return list(widget.values)
            return field.kind.parse(widget.value) if widget.value else ""
        text = self.line(field.key).value
        if not text.strip():
            return None if isinstance(field.kind, Integer) else field.kind.of_wire(None)
        return text if field.secret else field.kind.parse(text)

    def changes(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values that differ from those of the row."""
        return {
            field.key: values[field.key]
            for field in self.fields
            if not _same(values[field.key], self._old[field.key])
            and not (field.secret and not values[field.key])
        }

    def call(self, values: Mapping[str, Any]) -> Call | None:
        """What is sent; None when there is nothing to send."""
        resource = self._resource
        if self._item is None:
            return resource.create(values) if resource.create else None
        changes = self.changes(values)
        return resource.update(self._item, changes) if resource.update and changes else None

    def check(self) -> None:
        """Show limits or what is wrong beside the fields, and the call."""
        values, wrong = self.read()
        for field in self.fields:
            reason = wrong.get(field.key, "")
            note = reason if reason == "needed" else field.remark()
            self.row(field.key).note(note, self.complaint(field.key, reason))
        try:
            call = self.call(values)
            self._code = call.code() if call else "# nothing is changed yet"
        except (ValueError, AttributeError, TypeError):
            pass  # while a value is wrong, the last good call stays
        self.query_one("#code", Static).update(Content(printable_lines(self._code)))
        self.allow(not self._sending)

    # Sending.

    def problems(self) -> Mapping[str, str]:
        """What is wrong, by field."""
        return self.read()[1]

    def field_label(self, name: str) -> str:
        """The label of the field."""
        return next(field.label for field in self.fields if field.key == name).strip()

    def go(self) -> None:
        """Send it, once."""
        call = self.call(self.read()[0])
        if call is None:
            self.flash("nothing is changed", "warning")
        elif not self._sending:
            self.run_worker(self._send(call), group="send", exclusive=True, exit_on_error=False)

    async def _send(self, call: Call) -> None:
        self._sending = True
        self._tell("sending…")
        self.check()
        try:
            self.answer = await self._submit(call, self._item)
        except Exception as error:
            self.connection.suspect(error)
            problem = explain(error)
            steps = "".join(f"\n▸ {step}" for step in problem.steps)
            self._tell(f"✗ not {'saved' if self.editing else 'created'}: {problem.line}{steps}")
            self.report(error, "save" if self.editing else "create")
        else:
            self.dismiss()
            return
        finally:
            self._sending = False
        self.check()

    def _tell(self, text: str) -> None:
        trouble = self.query_one("#trouble", Static)
        trouble.display = True
        trouble.update(Content(printable_lines(text)))
        trouble.scroll_visible(animate=False)

    def program(self) -> str:
        """The call as a program that runs."""
        inner = self._code.replace("\n", "\n    ")
        head = "import getpass\n" if "getpass" in inner else ""
        return (
            f"{head}from bai_tui.api import AsyncSession\n\n"
            f"async with AsyncSession() as session:\n    {inner}\n"
        )


def _same(new: Any, old: Any) -> bool:
    """Whether a value is as it was; the order of names does not matter."""
    if isinstance(new, list) and isinstance(old, (list, tuple)):
        return sorted(map(str, new)) == sorted(map(str, old))
    return bool(new == old) or (new in ("", None) and old in ("", None))
