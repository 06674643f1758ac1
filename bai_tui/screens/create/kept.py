"""What the form does with templates: offer, use, keep, forget; here and on the server."""

from __future__ import annotations

import asyncio
from typing import Any

from bai_tui.actions import Action
from bai_tui.screens.create.draft import Draft
from bai_tui.screens.create.templates import TemplateStore, from_server, to_server
from bai_tui.screens.forms import LoadingForm
from bai_tui.settings import SettingsError
from bai_tui.widgets.fields import ChoiceField
from bai_tui.widgets.picker import Choice

SERVER = "server:"
"""Prefix of the values of templates that the server keeps."""
_KEEP = "name of the template "


class TemplateActs(LoadingForm):
    """A form with a field `template`; a subclass has the draft and fills the fields."""

    def __init__(self) -> None:
        super().__init__()
        self.templates = TemplateStore()
        self._local: dict[str, Draft] = {}
        self._remote: dict[str, str] = {}

    def draft(self) -> Draft:
        """What the fields hold."""
        raise NotImplementedError

    def fill(self, draft: Draft) -> None:
        """Put a draft into the fields."""
        raise NotImplementedError

    @property
    def _server_keeps(self) -> Any:
        """The API of templates, where the server has one."""
        session = self.connection.session
        if not session.offers("SessionTemplateAPI"):
            return None
        return getattr(session, "SessionTemplate", None)

    def why_not(self, action: Action) -> str:
        """Old servers keep no templates."""
        if action.id == "form.share" and self.connection.ready and self._server_keeps is None:
            return "this server keeps no templates; ctrl+t keeps them here"
        return super().why_not(action)

    # Offering.

    def load_templates(self) -> None:
        """Read what there is, here and on the server."""
        self.run_worker(self._load_templates(), group="templates", exit_on_error=False)

    async def _load_templates(self) -> None:
        self._local = await asyncio.to_thread(self.templates.all)
        self._offer_templates()
        keeper = self._server_keeps
        if keeper is None:
            return
        try:
            rows = await keeper.list()
        except Exception as error:
            self.report(error, "templates of the server")
            return
        self._remote = {str(row.get("id")): str(row.get("name") or "?") for row in rows}
        self._offer_templates()

    def _offer_templates(self) -> None:
        if not self.is_mounted:
            return
        choices = [Choice(name, name, draft.image.rpartition("/")[2])
                   for name, draft in self._local.items()]  # fmt: skip
        choices += [Choice(SERVER + key, name, "on the server")
                    for key, name in self._remote.items()]  # fmt: skip
        self.query_one("#template", ChoiceField).offer(choices)

    # Using.

    def use_template(self, value: str) -> None:
        """Fill the form from a template."""
        if value in self._local:
            self.fill(self._local[value])
        elif value.startswith(SERVER):
            self.attempt(self._use_remote(value.removeprefix(SERVER)), "template")

    async def _use_remote(self, key: str) -> None:
        self.fill(from_server(await self._server_keeps.get(key)))

    # Keeping.

    def do_form_template(self, argument: str) -> None:
        """Keep the form's fields under a name."""
        if argument:
            self._keep(argument)
        else:
            current = self.query_one("#template", ChoiceField).value
            self.open_prompt(_KEEP, "" if current.startswith(SERVER) else current)

    def typed(self, kind: str, value: str, *, final: bool) -> None:
        """The name was typed."""
        if kind == _KEEP and final and value.strip():
            self._keep(value.strip())

    def _keep(self, name: str) -> None:
        draft = self.draft()

        async def keep() -> None:
            try:
                await asyncio.to_thread(self.templates.save, name, draft)
            except SettingsError as error:
                self.flash(f"the template was not kept: {error}", "error")
                return
            self._local = await asyncio.to_thread(self.templates.all)
            self._offer_templates()
            self.query_one("#template", ChoiceField).offer(
                self.query_one("#template", ChoiceField).choices, [name]
            )
            self.flash(f"kept the template {name}: {self.templates.path}", "success")

        self.attempt(keep(), "template")

    def do_form_share(self, argument: str) -> None:
        """Keep the fields on the server, for every place the user works at."""
        draft = self.draft()
        name = argument or draft.name.strip()

        async def share() -> None:
            await self.connection.write(
                lambda session: self._server_keeps.create(
                    to_server(draft, name), group=draft.group or None
                )
            )
            self.flash(f"the server keeps the template {name}", "success")
            await self._load_templates()

        self.attempt(share(), "template")

    def do_form_forget(self, argument: str) -> None:
        """Remove the template chosen, or the one named."""
        name = argument or self.query_one("#template", ChoiceField).value

        async def forget() -> None:
            if name.startswith(SERVER):
                await self.connection.write(
                    lambda session: self._server_keeps.delete(name.removeprefix(SERVER))
                )
            elif not await asyncio.to_thread(self.templates.forget, name):
                self.flash(f"there is no template {name!r}" if name else "none is chosen",
                           "warning")  # fmt: skip
                return
            self._remote.pop(name.removeprefix(SERVER), None)
            self._local = await asyncio.to_thread(self.templates.all)
            self._offer_templates()
            self.flash("the template is forgotten", "success")

        self.attempt(forget(), "template")
