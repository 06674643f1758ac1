"""Templates of sessions (20.03 and later)."""

from __future__ import annotations

import json
from typing import Any

from bai_tui.api.functions.base import BaseFunction, Item, checked, objects, properties, text_of
from bai_tui.api.models import parse_json


class SessionTemplateAPI(BaseFunction):
    """`session.SessionTemplate` (rest-sessions.md 10.4).

    Raises UnsupportedByServerError on servers that are too old; nothing is sent.
    """

    async def list(self, list_all: bool = False) -> list[Item]:
        """`[{"id", "name", "created_at", "is_owner", "user", "group", "type"}]`."""
        self.session.need("SessionTemplateAPI")
        answer = await self.call("GET", "template/session", params={"all": list_all})
        return objects(answer, "GET /template/session")

    async def get(self, template_id: str) -> Item:
        """One template; its text is parsed."""
        self.session.need("SessionTemplateAPI")
        path = f"template/session/{template_id}"
        answer = await self.item("GET", path, params={"format": "json"})
        template = answer.get("template", answer)
        if isinstance(template, str):
            template = parse_json(template)
        return checked(template, dict, f"GET /{path}")

    async def create(self, template: Item, *, group: str | None = None) -> str:
        """Keep a template; returns its id.

        Args:
            template: `{"api_version", "kind": "taskTemplate", "metadata", "spec"}`.
            group: name of the group; None: the configuration's.
        """
        self.session.need("SessionTemplateAPI")
        body = self._body(template, group)
        answer = await self.call("POST", "template/session", body)
        rows = answer if isinstance(answer, list) else [answer]
        made = objects(rows, "POST /template/session")
        return text_of(made[-1] if made else {}, "id", "POST /template/session")

    async def put(self, template_id: str, template: Item, *, group: str | None = None) -> None:
        """Replace a template."""
        self.session.need("SessionTemplateAPI")
        await self.call("PUT", f"template/session/{template_id}", self._body(template, group))

    async def delete(self, template_id: str) -> None:
        """Remove a template."""
        self.session.need("SessionTemplateAPI")
        await self.call("DELETE", f"template/session/{template_id}")

    def _body(self, template: Item, group: str | None) -> Item:
        generation = self.session.generation
        several = [{"template": template}]
        forms: dict[str, Any] = {
            "bare": template,
            "named": {"session_templates": several},
            "list": several,
        }
        return {
            "payload": json.dumps(forms[generation.template_form]),
            "group": group or self.session.config.group,
            "domain": self.session.config.domain,
            **properties(type="task" if generation.template_type else None),
        }
