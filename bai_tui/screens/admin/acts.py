"""What can be done with the rows of any resource; every row has its own result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from bai_tui.diagnosis import explain
from bai_tui.screens.admin.resource import Call, Calls, Item, Resource, Scope, is_active
from bai_tui.screens.host import Entry
from bai_tui.screens.listing import ListView
from bai_tui.widgets.dialog import Confirm


class ResourceActs(ListView):
    """The changing half of the view; the subclass shows the rows."""

    RESOURCE: ClassVar[Resource]
    scope: Scope
    _line_done: Callable[[str], None] | None = None

    def note(self, keys: Sequence[str], *, doing: str = "", note: str = "") -> None:
        """Show in the rows what is being done, or how it failed."""
        raise NotImplementedError

    async def load(self) -> None:
        """Ask for the list and show it."""
        raise NotImplementedError

    def current(self) -> Item | None:
        """The row under the cursor."""
        return self.table.cursor_row

    def chosen(self) -> list[Item]:
        """The marked rows, or the one under the cursor."""
        return self.table.chosen_rows

    def named(self, items: Sequence[Item]) -> str:
        """One by its title, several by their number."""
        if len(items) == 1:
            return self.RESOURCE.title(items[0])
        return f"{len(items)} {self.CRUMB.replace('-', ' ')}"

    # Sending.

    async def send(self, call: Call | Calls, done: str) -> Any:
        """Send one change, say that it is done, and ask for the list.

        Raises:
            NotWritableError, BackendError: it was not sent, or refused.
        """
        answer = await self.connection.write(call.run)
        # On this view, also while a form that is about to close lies upon it.
        entry = Entry("success", done, call.code())
        self.host.journal.add(entry)
        self.show_entry(entry)
        await self.load()
        return answer

    def ask_line(
        self, what: str, value: str, done: Callable[[str], None], *, secret: bool = False
    ) -> None:
        """Let the user type one line; a secret one is not shown and not remembered."""
        self._line_done = done
        self.open_prompt(f"{what}: ", value, secret=secret)

    def typed(self, kind: str, value: str, *, final: bool) -> None:
        """A filter as one types, or the line that was asked for."""
        if kind == "/":
            super().typed(kind, value, final=final)
        elif final and self._line_done is not None:
            done, self._line_done = self._line_done, None
            if value.strip():
                done(value.strip())

    def start(
        self, verb: str, doing: str, items: Sequence[Item], call: Callable[[Item], Call]
    ) -> None:
        """Do it with every row, in the background."""
        self.attempt(self._each(verb, doing, items, call), verb.lower())

    async def _each(
        self, verb: str, doing: str, items: Sequence[Item], call: Callable[[Item], Call]
    ) -> None:
        self.note([item.key for item in items], doing=doing)
        failures: dict[str, str] = {}
        for item in items:
            try:
                await self.connection.write(call(item).run)
            except Exception as error:
                self.connection.suspect(error)
                failures[item.key] = explain(error).line
                self.note([item.key], note=failures[item.key])
            else:
                self.note([item.key], doing="" if doing == "switching" else doing)
        self.table.clear_marks()
        await self.load()
        self._tell(verb, items, failures)

    def _tell(self, verb: str, items: Sequence[Item], failures: dict[str, str]) -> None:
        title = self.RESOURCE.title
        results = "\n".join(f"{title(i)}: {failures.get(i.key, 'done')}" for i in items)
        if not failures:
            self.flash(f"{verb.lower()}: {self.named(items)}: done", "success", results)
            return
        first = next(item for item in items if item.key in failures)
        text = f"{title(first)}: {failures[first.key]}"
        if len(items) > 1:
            text = f"{len(items) - len(failures)} of {len(items)} done; {text}"
        self.flash(f"{verb.lower()}: {text}", "error", results)

    # Switching and deleting.

    def do_admin_toggle(self, argument: str) -> None:
        """Activate or deactivate; switching off asks first."""
        call = self.RESOURCE.toggle
        items = self.chosen()
        if call is None or not items:
            return
        off = [item for item in items if is_active(item)]
        if not off:
            self.start("Switch", "switching", items, call)
            return
        self._confirm(
            "Switch off" if len(off) == len(items) else "Switch",
            items,
            "What is active becomes inactive"
            + (", and the other way round." if len(off) < len(items) else "."),
            "",
            lambda: self.start("Switch", "switching", items, call),
        )

    def do_admin_remove(self, argument: str) -> None:
        """Delete (or deactivate) after the name was typed."""
        resource = self.RESOURCE
        self._destroy("admin.remove", resource.verb, resource.removing, resource.remove)

    def do_admin_purge(self, argument: str) -> None:
        """Remove for ever after the name was typed."""
        self._destroy("admin.purge", "Purge", self.RESOURCE.purging, self.RESOURCE.purge)

    def _destroy(
        self, action: str, verb: str, text: str, call: Callable[[Item], Call] | None
    ) -> None:
        items = [item for item in self.chosen() if not self.RESOURCE.refuses(action, item)]
        if call is None or not items:
            return
        left_out = len(self.chosen()) - len(items)
        if left_out:
            text += f" {left_out} of those marked cannot be: left out."
        typed = self.RESOURCE.title(items[0]) if len(items) == 1 else str(len(items))
        doing = verb.lower().rstrip("e") + "ing"
        self._confirm(verb, items, text, typed, lambda: self.start(verb, doing, items, call))

    def _confirm(
        self, verb: str, items: Sequence[Item], text: str, typed: str, work: Callable[[], None]
    ) -> None:
        one = self.RESOURCE.one
        what = f"the {one}" if len(items) == 1 else f"{len(items)} {self.CRUMB.replace('-', ' ')}"

        def answered(yes: bool | None) -> None:
            if yes:
                work()
            else:
                self.flash(f"{verb.lower()}: cancelled, nothing was done")

        names = [self.RESOURCE.title(item) for item in items]
        self.app.push_screen(
            Confirm(f"{verb} {what}?", text, names=names, verb=verb, typed=typed), answered
        )

    # Forms and text.

    def do_admin_create(self, argument: str) -> None:
        """The form of a new one."""
        self._open_form(None)

    def do_admin_edit(self, argument: str) -> None:
        """The form with its values."""
        self._open_form(self.current())

    def _here(self) -> Resource:
        """The resource with those of its fields that this server has."""
        if not self.connection.ready:
            return self.RESOURCE
        session = self.connection.session
        lacking = self.RESOURCE.lacks(session.generation)
        fields = tuple(
            field
            for field in self.RESOURCE.fields
            if field.key not in lacking and (not field.needs or session.offers(field.needs))
        )
        return replace(self.RESOURCE, fields=fields)

    def _open_form(self, item: Item | None) -> None:
        from bai_tui.screens.admin.form import ResourceForm

        form = ResourceForm(self._here(), item, self.submit, self.preset(item))

        def closed(_: None) -> None:
            if item is None and form.answer is not None:
                self.created(form.answer)

        self.app.push_screen(form, closed)

    def preset(self, item: Item | None) -> dict[str, Any]:
        """Values of a new one that follow from what the rows belong to."""
        keys = {"user": "user_id", "domain": "domain_name", "policy": "resource_policy"}
        key = keys.get(self.scope.kind, "")
        known = {field.key for field in self.RESOURCE.fields}
        return {key: self.scope.value} if item is None and key in known else {}

    async def submit(self, call: Call, item: Item | None) -> Any:
        """Send what a form or a text says; errors are the caller's to show."""
        verb = "created" if item is None else "changed"
        name = call.made if item is None else self.RESOURCE.title(item)
        answer = await self.send(call, f"{verb}: {name}")
        if item is None and name:
            self.table.move_to_key(self._key_of_title(name))
        return answer

    def _key_of_title(self, name: str) -> str:
        found = (row for row in self.table.rows if self.RESOURCE.title(row) == name)
        item: Item | None = next(found, None)
        return item.key if item is not None else name

    def created(self, answer: Any) -> None:
        """The server's answer to a new one; something in it may have to be shown."""

    async def do_admin_text(self, argument: str) -> None:
        """Edit as text, see the difference, send it."""
        from bai_tui.screens.admin.textedit import edit_as_text

        item = self.current()
        if item is not None and self.RESOURCE.update is not None:
            await edit_as_text(self, self._here(), item, self.submit)
